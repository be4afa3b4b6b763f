"""apigw-access-logs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from cdk_guardrails.rules.apigateway.account import ACCOUNT_NOTE, MANAGE_ACCOUNT, logging_account
from cdk_guardrails.rules.apigateway.stages import (
    DEPLOYMENT,
    SAM_API,
    SAM_HTTP_API,
    STAGE,
    STAGE_TYPES,
    USE_STAGE,
    V2_STAGE,
    in_globals,
    kind_of,
    makes_stage,
)
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

PROPERTY: Final = {
    STAGE: "AccessLogSetting",
    SAM_API: "AccessLogSetting",
    V2_STAGE: "AccessLogSettings",
    SAM_HTTP_API: "AccessLogSettings",
    DEPLOYMENT: "StageDescription.AccessLogSetting",
}

_ALWAYS: Final = {
    "requestId": "requestId",
    "requestTime": "requestTime",
    "status": "status",
    "ip": "identity.sourceIp",
    "caller": "identity.caller",
    "user": "identity.user",
    "integrationLatency": "integrationLatency",
    "integrationStatus": "integration.status",
    "error": "error.message",
    "errorType": "error.responseType",
    "integrationError": "integration.error",
}
_OVER_HTTP: Final = {
    "httpMethod": "httpMethod",
    "protocol": "protocol",
    "latency": "responseLatency",
    "responseLength": "responseLength",
}
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "REST": {
        **_ALWAYS,
        **_OVER_HTTP,
        "resourcePath": "resourcePath",
        "extendedRequestId": "extendedRequestId",
        "xrayTraceId": "xrayTraceId",
    },
    "HTTP": {**_ALWAYS, **_OVER_HTTP, "routeKey": "routeKey"},
    "WEBSOCKET": {
        **_ALWAYS,
        "routeKey": "routeKey",
        "eventType": "eventType",
        "connectionId": "connectionId",
        "messageId": "messageId",
        "extendedRequestId": "extendedRequestId",
    },
}
"""The fields of a log event and the $context variables that fill them, those that the kind of API has:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html"""

LOG_GROUP: Final = "AWS::Logs::LogGroup"


class AccessLogs(Rule):
    """API stages write access logs.

    Checks that a stage has a destination and a format for access logs. The fix adds a log group for the stage, and a
    JSON format with request id, status, latency, caller and error; what the author has set of the two is kept. The
    rules for log groups then let it expire and encrypt it. A stage of an API whose kind is not known, because the API
    stands in another stack, and a stage that a Deployment makes are flagged only.
    """

    id = "apigw-access-logs"
    why = "Without access logs nobody can tell who called an API, when, and with what result."
    resource_types = STAGE_TYPES
    concern = Concern.LOGGING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. The log group is billed for what it takes in and keeps. "
        f"{ACCOUNT_NOTE} "
        "For HTTP APIs, whoever deploys needs logs:CreateLogDelivery, logs:PutResourcePolicy and the like, and "
        "CloudWatch Logs keeps a resource policy, of limited size, that names the log groups: where there are many, "
        "use log groups of your own whose names start with /aws/vendedlogs/."
    )
    options = (MANAGE_ACCOUNT,)
    answers = ("C5.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html",
        ),
        cdk_nag=("AwsSolutions-APIG1", "Serverless-APIGWAccessLogging", "Serverless-APIGWStructuredLogging"),
        checkov=("CKV_AWS_76", "CKV_AWS_95"),
        security_hub=("APIGateway.9",),
    )
    bad = Example("""\
Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
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
      AccessLogSetting:
        DestinationArn: !GetAtt LogGroup.Arn
        Format: '{"requestId":"$context.requestId","status":"$context.status"}'
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if missing := _missing(resource, template):
            path = PROPERTY[resource.type] if len(missing) == 2 else f"{PROPERTY[resource.type]}.{missing[0]}"
            message = f"requests leave no access log: {' and '.join(missing)} not set"
            yield self.finding(resource, message, path, remedy=_remedy(resource))

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        kind = kind_of(resource, template)
        if kind is None:
            return
        missing, property_ = _missing(resource, template), PROPERTY[resource.type]
        group = template.resource_of(resource.raw(f"{property_}.DestinationArn"))
        if kind != "HTTP" and ("DestinationArn" in missing or (group and group.type == LOG_GROUP)):
            yield from logging_account(resource, template, settings["manage_account"])
        if "DestinationArn" in missing:
            id_ = added_id(template, resource.logical_id, "AccessLogs")
            yield template.add(id_, LOG_GROUP, {}, Condition=resource.condition)
            yield resource.set(f"{property_}.DestinationArn", {"Fn::GetAtt": [id_, "Arn"]})
        if "Format" in missing:
            yield resource.set(f"{property_}.Format", json_format(kind))


def json_format(kind: str) -> str:
    """The access log format for a ``REST``, ``HTTP`` or ``WEBSOCKET`` API: JSON on one line, under the 3 KB allowed."""
    return json.dumps({name: f"$context.{variable}" for name, variable in FIELDS[kind].items()}, separators=(",", ":"))


def _missing(resource: Resource, template: Template) -> list[str]:
    """What of DestinationArn and Format is not set."""
    property_ = PROPERTY[resource.type]
    if in_globals(resource, property_) or (resource.type == DEPLOYMENT and not makes_stage(resource, template)):
        return []
    return [name for name in ("DestinationArn", "Format") if resource.get(f"{property_}.{name}") in (None, "")]


def _remedy(resource: Resource) -> str:
    if resource.type == DEPLOYMENT:
        return USE_STAGE
    if resource.type in (V2_STAGE, SAM_HTTP_API):
        return (
            "stage.node.default_child.access_log_settings = apigwv2.CfnStage.AccessLogSettingsProperty("
            "destination_arn=log_group.log_group_arn, format=...)"
        )
    return (
        "apigateway.StageOptions(access_log_destination=apigateway.LogGroupLogDestination(log_group), "
        "access_log_format=apigateway.AccessLogFormat.json_with_standard_fields())"
    )
