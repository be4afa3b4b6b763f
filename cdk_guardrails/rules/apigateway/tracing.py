"""apigw-tracing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.apigateway.stages import (
    DEPLOYMENT,
    SAM_API,
    STAGE,
    USE_STAGE,
    in_globals,
    is_true,
    makes_stage,
)
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

PROPERTY: Final = {
    STAGE: "TracingEnabled",
    SAM_API: "TracingEnabled",
    DEPLOYMENT: "StageDescription.TracingEnabled",
}


class ApiTracing(Rule):
    """REST API stages are traced.

    Checks that TracingEnabled is true. The fix switches it on, also where it was switched off; X-Ray needs no
    permission for it, since API Gateway writes with a role of its own. A stage that a Deployment makes is flagged only.
    HTTP and WebSocket APIs cannot be traced.
    """

    id = "apigw-tracing"
    why = "A trace that begins behind the API does not show what the API itself took, or that a request never got past."
    resource_types = tuple(PROPERTY)
    concern = Concern.TRACING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. X-Ray samples 1 request a second and 5 % of the rest; beyond a free tier of 100,000 traces "
        "a month it bills 5 USD for each million."
    )
    answers = ("C5.2",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html",),
        cdk_nag=("HIPAA.Security-APIGWXrayEnabled", "Serverless-APIGWXrayEnabled"),
        checkov=("CKV_AWS_73",),
        security_hub=("APIGateway.3",),
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
      TracingEnabled: true
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if in_globals(resource, "TracingEnabled") or (
            resource.type == DEPLOYMENT and not makes_stage(resource, template)
        ):
            return
        value = resource.get(PROPERTY[resource.type])
        if value is not UNKNOWN and not is_true(value):
            yield self.finding(
                resource,
                f"requests are not traced: TracingEnabled is {'not set' if value is None else value}",
                PROPERTY[resource.type],
                remedy=USE_STAGE if resource.type == DEPLOYMENT else "apigateway.StageOptions(tracing_enabled=True)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type != DEPLOYMENT:
            yield resource.set("TracingEnabled", True)
