"""apigw-execution-logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.apigateway.account import ACCOUNT_NOTE, MANAGE_ACCOUNT, logging_account
from cdk_guardrails.rules.apigateway.stages import (
    DEPLOYMENT,
    SAM_API,
    STAGE,
    USE_STAGE,
    V2_STAGE,
    is_true,
    kind_of,
    scopes,
)
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

LEVEL: Final = "LoggingLevel"
TRACE: Final = "DataTraceEnabled"

OFF: Final = (None, "", "OFF", False)
"""Levels that log nothing. An unquoted OFF in YAML is false."""


class ExecutionLogs(Rule):
    """API stages log how requests are executed, without their bodies.

    Checks that LoggingLevel is INFO or ERROR for all methods of a REST or routes of a WebSocket stage, and in settings
    for a single method or route, which take the place of those; and, outside of the dev profile, that DataTraceEnabled,
    which logs whole requests and responses, is not on. The fix sets the level where there is none, switches data traces
    off, and lets the stage wait for the account's role for logs. A stage that a Deployment makes is flagged only. HTTP
    APIs have no execution logs.
    """

    id = "apigw-execution-logs"
    why = (
        "Without execution logs nobody can tell why API Gateway refused or failed a request. With data traces, logs "
        "keep all that callers send and get, passwords and personal data included."
    )
    resource_types = (STAGE, SAM_API, V2_STAGE, DEPLOYMENT)
    concern = Concern.LOGGING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. API Gateway writes to log groups of its own, API-Gateway-Execution-Logs_<api>/<stage>. No "
        "property of the stage lets these expire or encrypts them: set their retention outside of the template. "
        "CloudWatch Logs bills 0.50 USD for each GB taken in; at INFO every request leaves several lines. "
        f"{ACCOUNT_NOTE}"
    )
    options = (
        Option(
            "level",
            "INFO",
            "The level that the fix sets: INFO logs every request, ERROR only those that fail. The author's own level "
            "is kept. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html.",
            choices=("INFO", "ERROR"),
        ),
        MANAGE_ACCOUNT,
    )
    answers = ("D4.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html",
        ),
        cdk_nag=(
            "AwsSolutions-APIG6",
            "HIPAA.Security-APIGWExecutionLoggingEnabled",
            "NIST.800.53.R4-APIGWExecutionLoggingEnabled",
            "NIST.800.53.R5-APIGWExecutionLoggingEnabled",
            "PCI.DSS.321-APIGWExecutionLoggingEnabled",
        ),
        checkov=("CKV2_AWS_4", "CKV_AWS_276"),
        security_hub=("APIGateway.1",),
    )
    bad = Example("""\
Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      MethodSettings:
        - HttpMethod: "*"
          ResourcePath: /*
          DataTraceEnabled: true
        - HttpMethod: GET
          ResourcePath: /~1pets
          LoggingLevel: "OFF"
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")
    good = Example("""\
Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      MethodSettings:
        - HttpMethod: "*"
          ResourcePath: /*
          LoggingLevel: ERROR
          DataTraceEnabled: false
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.type == V2_STAGE and kind_of(resource, template) != "WEBSOCKET":
            return
        remedy = _remedy(resource, settings)
        for scope in scopes(resource, template):
            who = scope.target or f"all {'routes' if resource.type == V2_STAGE else 'methods'}"
            level = scope.get(LEVEL)
            if level is not UNKNOWN and level in OFF:
                says = f"requests to {who} leave no execution log: {LEVEL} is {level or 'not set'}"
                yield self.finding(resource, says, scope.path, remedy=remedy, detail=scope.target)
            if settings.profile != "dev" and is_true(scope.get(TRACE)):
                says = f"whole requests to {who} and their responses are logged: {TRACE} is true"
                detail = f"data-trace {scope.target}".strip()
                yield self.finding(resource, says, (*scope.path, TRACE), remedy=remedy, detail=detail)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type == DEPLOYMENT:
            return
        for scope in scopes(resource, template):
            if finding.path == resource.path((*scope.path, TRACE)):
                yield resource.set((*scope.path, TRACE), False)
            elif finding.path == resource.path(scope.path):
                yield from logging_account(resource, template, settings["manage_account"])
                yield from scope.edits(resource, {LEVEL: settings["level"]})


def _remedy(resource: Resource, settings: RuleSettings) -> str:
    level = settings["level"]
    if resource.type == DEPLOYMENT:
        return USE_STAGE
    if resource.type == V2_STAGE:
        return f'apigwv2.CfnStage.RouteSettingsProperty(logging_level="{level}", data_trace_enabled=False)'
    return f"apigateway.StageOptions(logging_level=apigateway.MethodLoggingLevel.{level}, data_trace_enabled=False)"
