"""apigw-throttling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.apigateway.stages import DEPLOYMENT, STAGE_TYPES, USE_STAGE, V2_TYPES, Scope, scopes
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

RATE: Final = "ThrottlingRateLimit"
BURST: Final = "ThrottlingBurstLimit"


class ApiThrottling(Rule):
    """API stages limit the rate of requests.

    Checks that a stage has ThrottlingRateLimit and ThrottlingBurstLimit for all its methods or routes, and that
    settings for a single method or route, which take the place of those, have both too. A negative limit, which
    switches throttling off, counts as none. The fix sets what is missing; limits that the author has set are kept,
    however high, and where only one of the two is set the other is made to suit it. A stage that a Deployment makes is
    flagged only.
    """

    id = "apigw-throttling"
    why = (
        "A stage without limits may use up the account's quota of requests per second, which all APIs of the region "
        "share, and passes every burst on to what stands behind it."
    )
    resource_types = STAGE_TYPES
    concern = Concern.THROTTLING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Requests above the limits are answered with 429 Too Many Requests: set rate_limit and "
        "burst_limit to what the API must bear."
    )
    options = (
        Option(
            "rate_limit",
            100.0,
            "Requests per second and method, on average. Limits: "
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html.",
            minimum=0.1,
        ),
        Option("burst_limit", 50, "Requests at once, per method: the size of the token bucket.", minimum=1),
    )
    answers = ("A4.2",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",
        ),
        cdk_nag=("Serverless-APIGWDefaultThrottling",),
    )
    bad = Example("""\
Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      MethodSettings:
        - HttpMethod: GET
          ResourcePath: /~1pets
          MetricsEnabled: true
  HttpStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref HttpApi
      StageName: $default
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  HttpApi:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: pets
      ProtocolType: HTTP
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
          ThrottlingRateLimit: 1000
          ThrottlingBurstLimit: 500
  HttpStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref HttpApi
      StageName: $default
      DefaultRouteSettings:
        ThrottlingRateLimit: 1000
        ThrottlingBurstLimit: 500
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  HttpApi:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: pets
      ProtocolType: HTTP
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for scope in scopes(resource, template):
            if faults := _faults(scope):
                yield self.finding(
                    resource,
                    f"requests to {_target(resource, scope)} are not limited: {' and '.join(faults.values())}",
                    scope.path,
                    remedy=_remedy(resource, settings),
                    detail=scope.target,
                )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type == DEPLOYMENT:
            return
        for scope in scopes(resource, template):
            if resource.path(scope.path) == finding.path:
                limits = _limits(scope, settings)
                yield from scope.edits(resource, {name: limits[name] for name in _faults(scope)})


def _faults(scope: Scope) -> dict[str, str]:
    """What is wrong with the limits, by name."""
    faults = {}
    for name in (RATE, BURST):
        value = scope.get(name)
        number = _number(value)
        if value is None or value == "":
            faults[name] = f"{name} is not set"
        elif number is not None and number < 0:
            faults[name] = f"{name} {value} switches throttling off"
    return faults


def _number(value: Any) -> float | None:
    if value is UNKNOWN or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _limits(scope: Scope, settings: RuleSettings) -> dict[str, float]:
    """The options, or more where the author's other limit needs more: a rate is of no use without a burst to match."""
    rate, burst = settings["rate_limit"], settings["burst_limit"]
    factor = max(1.0, (_number(scope.get(RATE)) or 0) / (rate or 1), (_number(scope.get(BURST)) or 0) / (burst or 1))
    rate *= factor
    return {RATE: int(rate) if rate == int(rate) else rate, BURST: int(burst * factor)}


def _target(resource: Resource, scope: Scope) -> str:
    return scope.target or ("all routes" if resource.type in V2_TYPES else "all methods")


def _remedy(resource: Resource, settings: RuleSettings) -> str:
    if resource.type == DEPLOYMENT:
        return USE_STAGE
    rate, burst = f"{settings['rate_limit']:g}", settings["burst_limit"]
    if resource.type in V2_TYPES:
        return f"apigwv2.HttpStage(..., throttle=apigwv2.ThrottleSettings(rate_limit={rate}, burst_limit={burst}))"
    return f"apigateway.StageOptions(throttling_rate_limit={rate}, throttling_burst_limit={burst})"
