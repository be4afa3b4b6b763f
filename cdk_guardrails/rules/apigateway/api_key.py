"""apigw-api-key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.apigateway.methods import (
    METHOD,
    REDEPLOY_NOTE,
    REST_API,
    Operation,
    api_of,
    defined,
    is_limited,
    operation_of,
    operations_of,
)
from cdk_guardrails.rules.apigateway.sam_events import FUNCTION, operations_of_events
from cdk_guardrails.rules.apigateway.stages import STAGE
from cdk_guardrails.rules.apigateway.usage_plans import add_key, add_plan, lacks, serving
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

PLAN_PAGE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html"


class ApiKey(Rule):
    """Methods of REST APIs that have no authorizer need an API key, with a quota.

    Checks that ApiKeyRequired is true for every method without authorizer, OPTIONS aside, and that a stage of an API
    whose methods need keys is served by a usage plan with a key and a quota. The fix sets ApiKeyRequired, and adds what
    is missing of plan, key and quota. Operations of an OpenAPI definition in the template and events of SAM functions
    are flagged only; a definition that stands elsewhere, and an API that is private or whose resource policy leaves
    callers out, are not judged.

    An API key counts and limits a caller's requests. It is no authentication: apigw-authorization is content with it,
    a method that changes or shows somebody's data should not be.
    """

    id = "apigw-api-key"
    why = "Nobody can tell the callers of an open API apart, hold one to a quota or shut one out."
    resource_types = (METHOD, STAGE, REST_API, FUNCTION)
    concern = Concern.THROTTLING
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Updates in place. Callers without the key get 403 Forbidden from then on, and those over the quota 429 Too "
        "Many Requests: hand out keys first (`aws apigateway get-api-key --include-value`). Keys and usage plans are "
        f"free. An ANY method answers OPTIONS as well: without an OPTIONS method beside it, the preflight requests of "
        f"browsers, which carry no key, are refused, too. {REDEPLOY_NOTE}"
    )
    options = (
        Option(
            "quota_limit",
            10000,
            f"Requests that each key of an added quota may make in a period. {PLAN_PAGE}.",
            minimum=1,
        ),
        Option("quota_period", "MONTH", f"The period. {PLAN_PAGE}.", choices=("DAY", "WEEK", "MONTH")),
        Option(
            "rate_limit",
            100.0,
            f"Requests per second and key that an added usage plan allows. {PLAN_PAGE}.",
            minimum=0.1,
        ),
        Option(
            "burst_limit", 50, f"Requests at once, per key, that an added usage plan allows. {PLAN_PAGE}.", minimum=1
        ),
    )
    answers = ("A3.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-key-with-console.html",
            PLAN_PAGE,
        ),
    )
    bad = Example("""\
Resources:
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration: {Type: MOCK}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: prod
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")
    good = Example("""\
Resources:
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      ApiKeyRequired: true
      Integration: {Type: MOCK}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: prod
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage}]
      Quota: {Limit: 5000, Period: DAY}
  Key:
    Type: AWS::ApiGateway::ApiKey
    Properties:
      Enabled: true
  PlanKey:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties:
      KeyId: !Ref Key
      KeyType: API_KEY
      UsagePlanId: !Ref Plan
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.type == STAGE:
            if missing := _missing(resource, template):
                yield self.finding(resource, missing, remedy=_plan_remedy(settings), detail="usage-plan")
            return
        for operation, path, remedy in _keyless(resource, template):
            says = f"{operation.name} needs neither an authorizer nor an API key, so its callers have no quota"
            detail = operation.name if operation.path else ""
            yield self.finding(resource, says, path, remedy=remedy, detail=detail)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type == METHOD:
            yield resource.set("ApiKeyRequired", True)
        if resource.type != STAGE:
            return
        quota = {"Limit": settings["quota_limit"], "Period": settings["quota_period"]}
        plans = serving(resource, template)
        if not plans:
            throttle = {"RateLimit": settings["rate_limit"], "BurstLimit": settings["burst_limit"]}
            yield from add_plan(resource, template, {"Quota": quota, "Throttle": throttle})
            return
        missing = lacks(plans[0], template)
        if "quota" in missing:
            yield plans[0].set("Quota", quota)
        if "key" in missing:
            yield from add_key(plans[0].logical_id, plans[0], template)


def _keyless(resource: Resource, template: Template) -> Iterator[tuple[Operation, tuple[str | int, ...], str]]:
    """The methods that ``resource`` is or makes and that need no credential, each with path and remedy."""
    if resource.type == METHOD:
        operation, api = operation_of(resource, template), api_of(resource, template)
        if operation and _is_keyless(operation) and api is not None and is_limited(api) is False:
            yield operation, ("ApiKeyRequired",), "apigateway.MethodOptions(..., api_key_required=True)"
    elif resource.type == REST_API:
        for operation in defined(resource, ("Body",)):
            if _is_keyless(operation) and is_limited(resource) is False:
                remedy = "Give the operation a security requirement for a scheme of type apiKey, named x-api-key."
                yield operation, (*operation.path, "security"), remedy
    else:
        for operation in operations_of_events(resource, template, "Api"):
            if _is_keyless(operation):
                remedy = "Set ApiKeyRequired in the event's Auth, or in that of the API."
                yield operation, (*operation.path, "Auth", "ApiKeyRequired"), remedy


def _is_keyless(operation: Operation) -> bool:
    return operation.is_open is True and operation.verb != "OPTIONS"


def _missing(stage: Resource, template: Template) -> str:
    """What a stage whose API needs keys has no usage plan for, as a message ("" when it has)."""
    api = api_of(stage, template)
    if api is None or not any(operation and operation.key for operation in operations_of(api, template)):
        return ""
    plans = serving(stage, template)
    if plans is None:
        return ""
    gaps = [lacks(plan, template) for plan in plans]
    if not plans:
        return "methods need an API key, and no usage plan gives callers one for this stage"
    return "" if [] in gaps else f"methods need an API key, and usage plan {plans[0].logical_id} {_says(gaps[0])}"


def _says(gaps: list[str]) -> str:
    return f"has no {' and no '.join(gaps)}"


def _plan_remedy(settings: RuleSettings) -> str:
    limit: Any = settings["quota_limit"]
    period = settings["quota_period"]
    return (
        f"rest_api.add_usage_plan(..., quota=apigateway.QuotaSettings(limit={limit}, "
        f"period=apigateway.Period.{period}))"
    )
