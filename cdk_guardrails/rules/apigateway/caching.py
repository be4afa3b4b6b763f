"""apigw-caching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.apigateway.cache_keys import has_nothing, mixed_up
from cdk_guardrails.rules.apigateway.stages import (
    DEPLOYMENT,
    SAM_API,
    STAGE,
    USE_STAGE,
    Scope,
    in_globals,
    is_true,
    makes_stage,
    scopes,
)
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

CLUSTER: Final = "CacheClusterEnabled"
SIZE: Final = "CacheClusterSize"
CACHING: Final = "CachingEnabled"
TTL: Final = "CacheTtlInSeconds"
ENCRYPTED: Final = "CacheDataEncrypted"

SIZES: Final = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
"""In GB. https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html"""

MAX_TTL: Final = 3600
"""The default is 300, 0 switches caching off:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html"""


class ApiCaching(Rule):
    """REST API stages cache responses, encrypted, for 30 seconds or more.

    Checks that the stage has a cache cluster, that responses of all its methods or of some are cached, and that what is
    cached is encrypted and kept for at least *min_ttl_seconds*. API Gateway caches GET methods only, unless settings
    for another method say otherwise; an API that has none is not judged. The fix makes the cluster and switches caching
    on for all methods, with the shortest time allowed; the author's settings for single methods, a longer time and the
    size of the cluster are kept.

    Whether an API is to be cached is a decision: without a cache it is a warning, a cache without encryption an error.
    The fix leaves caching off where responses would go to the wrong caller: for an API with a GET method that has an
    authorizer but no header among the keys of its cache, or parameters that are not among them, and for one whose
    methods do not all stand in the template. A stage that a Deployment makes is flagged only.
    """

    id = "apigw-caching"
    why = "Without a cache, what stands behind an API answers the same question again for every caller."
    resource_types = (STAGE, SAM_API, DEPLOYMENT)
    concern = Concern.CAPACITY
    severity = Severity.WARNING
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Updates in place; the cache takes about four minutes to come up. Billed by the hour, used or not; by size, in "
        "USD a month: 0.5 GB 15, 1.6 GB 28, 6.1 GB 146, 13.5 GB 183, 28.4 GB 365, 58.2 GB 730, 118 GB 1,387, 237 GB "
        "2,774. Responses may be as old as their time to live. All callers share them: requests that differ in a query "
        "string, a header or a path parameter get the same response, unless that is one of the method's "
        "CacheKeyParameters. Query strings that a method does not declare are not seen by this rule."
    )
    profiles = ("staging", "prod")
    options = (
        Option(
            "min_ttl_seconds",
            30,
            "The least time for which responses are cached, in seconds, at most 3600. "
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html.",
            minimum=1,
            maximum=MAX_TTL,
        ),
        Option(
            "cluster_size",
            "0.5",
            "The size, in GB, of a cache that the fix makes. "
            "https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html.",
            choices=SIZES,
        ),
    )
    answers = ("D2.1",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",),
        cdk_nag=(
            "HIPAA.Security-APIGWCacheEnabledAndEncrypted",
            "NIST.800.53.R4-APIGWCacheEnabledAndEncrypted",
            "NIST.800.53.R5-APIGWCacheEnabledAndEncrypted",
            "PCI.DSS.321-APIGWCacheEnabledAndEncrypted",
        ),
        checkov=("CKV_AWS_120", "CKV_AWS_225", "CKV_AWS_308"),
        security_hub=("APIGateway.5",),
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
          CachingEnabled: true
          CacheTtlInSeconds: 5
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      ApiKeyRequired: true
      Integration: {Type: MOCK}
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
      CacheClusterEnabled: true
      CacheClusterSize: "1.6"
      MethodSettings:
        - HttpMethod: "*"
          ResourcePath: /*
          CachingEnabled: true
          CacheTtlInSeconds: 60
          CacheDataEncrypted: true
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if (resource.type == DEPLOYMENT and not makes_stage(resource, template)) or has_nothing(resource, template):
            return
        why_not = mixed_up(resource, template)
        but = f"; not fixed, since {why_not}" if why_not and resource.type != DEPLOYMENT else ""
        remedy = _remedy(resource, settings)
        if _is_off(resource):
            value = resource.get(_cluster(resource))
            says = f"no response is cached: {CLUSTER} is {'not set' if value is None else value}{but}"
            yield self.finding(resource, says, _cluster(resource), remedy=remedy)
            return
        for scope, wanted in _wanted(resource, template, settings):
            says = f"{_faults(scope, wanted)}{but if CACHING in wanted else ''}"
            exposed = ENCRYPTED in wanted and CACHING not in wanted
            severity = Severity.ERROR if exposed else None
            yield self.finding(resource, says, scope.path, remedy=remedy, detail=scope.target, severity=severity)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type == DEPLOYMENT:
            return
        off, refused = _is_off(resource), mixed_up(resource, template)
        if off and refused:
            return
        if off:
            yield resource.set(CLUSTER, True)
            if resource.get(SIZE) is None and not in_globals(resource, SIZE):
                yield resource.set(SIZE, settings["cluster_size"])
        for scope, wanted in _wanted(resource, template, settings):
            if (off or finding.path == resource.path(scope.path)) and not (refused and CACHING in wanted):
                yield from scope.edits(resource, wanted)


def _cluster(resource: Resource) -> str:
    return f"StageDescription.{CLUSTER}" if resource.type == DEPLOYMENT else CLUSTER


def _is_off(resource: Resource) -> bool:
    """Whether the stage surely has no cache cluster."""
    value = resource.get(_cluster(resource))
    return value is not UNKNOWN and not is_true(value) and not in_globals(resource, CLUSTER)


def _wanted(resource: Resource, template: Template, settings: RuleSettings) -> Iterator[tuple[Scope, dict[str, Any]]]:
    """The settings that are to change, by scope: where responses are cached, or for all methods when none are."""
    found = list(scopes(resource, template))
    decided = any(is_true(scope.get(CACHING)) or scope.get(CACHING) is UNKNOWN for scope in found)
    for scope in found:
        off = not scope.target and not decided
        if wanted := _settings(scope, settings, off) if off or is_true(scope.get(CACHING)) else {}:
            yield scope, wanted


def _settings(scope: Scope, settings: RuleSettings, off: bool) -> dict[str, Any]:
    """What a scope lacks. With ``off``, when caching is to be switched on, a time is set also where none is."""
    wanted: dict[str, Any] = {CACHING: True} if off else {}
    time, encrypted, least = scope.get(TTL), scope.get(ENCRYPTED), settings["min_ttl_seconds"]
    seconds = _number(time)
    if (off and time is None) or (seconds is not None and seconds < least):
        wanted[TTL] = least
    if encrypted is not UNKNOWN and not is_true(encrypted):
        wanted[ENCRYPTED] = True
    return wanted


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _faults(scope: Scope, wanted: dict[str, Any]) -> str:
    who = scope.target or "all methods"
    if CACHING in wanted:
        value = scope.get(CACHING)
        return f"responses of {who} are not cached: {CACHING} is {'not set' if value is None else value}"
    faults = [f"are cached for only {scope.get(TTL)} s"] if TTL in wanted else []
    if ENCRYPTED in wanted:
        faults.append("are not encrypted in the cache" if faults else "are cached without encryption")
    return f"responses of {who} {' and '.join(faults)}"


def _remedy(resource: Resource, settings: RuleSettings) -> str:
    if resource.type == DEPLOYMENT:
        return USE_STAGE
    size, seconds = settings["cluster_size"], settings["min_ttl_seconds"]
    return (
        f'apigateway.StageOptions(cache_cluster_enabled=True, cache_cluster_size="{size}", caching_enabled=True, '
        f"cache_ttl=cdk.Duration.seconds({seconds}), cache_data_encrypted=True)"
    )
