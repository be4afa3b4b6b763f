"""apigw-metrics."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.apigateway.stages import DEPLOYMENT, STAGE_TYPES, USE_STAGE, V2_TYPES, is_true, scopes
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template


class ApiMetrics(Rule):
    """API stages send metrics for each method.

    Checks that MetricsEnabled (DetailedMetricsEnabled for HTTP and WebSocket APIs) is true for all methods or routes of
    a stage, and in settings for a single method or route, which take the place of those. The fix switches it on, also
    where it was switched off. A stage that a Deployment makes is flagged only.
    """

    id = "apigw-metrics"
    why = "The metrics of a whole stage do not tell which method is slow or fails."
    resource_types = STAGE_TYPES
    concern = Concern.ALARMS
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. CloudWatch bills them as custom metrics, at 0.30 USD a month each and less from 10,000 on: "
        "about five (Count, Latency, IntegrationLatency and two for errors) for each method and stage that is called."
    )
    answers = ("A5.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
        ),
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
          ThrottlingRateLimit: 100
        - HttpMethod: GET
          ResourcePath: /~1pets
          MetricsEnabled: false
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
          MetricsEnabled: true
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        name = _property(resource)
        for scope in scopes(resource, template):
            value = scope.get(name)
            if value is UNKNOWN or is_true(value):
                continue
            who = f"{scope.target} sends no metrics" if scope.target else "methods send no metrics of their own"
            yield self.finding(
                resource,
                f"{who}: {name} is {'not set' if value is None else value}",
                scope.path,
                remedy=_remedy(resource),
                detail=scope.target,
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type == DEPLOYMENT:
            return
        for scope in scopes(resource, template):
            if resource.path(scope.path) == finding.path:
                yield from scope.edits(resource, {_property(resource): True})


def _property(resource: Resource) -> str:
    return "DetailedMetricsEnabled" if resource.type in V2_TYPES else "MetricsEnabled"


def _remedy(resource: Resource) -> str:
    if resource.type == DEPLOYMENT:
        return USE_STAGE
    if resource.type in V2_TYPES:
        return "apigwv2.HttpStage(..., detailed_metrics_enabled=True)"
    return "apigateway.StageOptions(metrics_enabled=True)"
