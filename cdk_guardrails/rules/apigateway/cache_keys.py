"""Whether a stage may cache: API Gateway tells requests apart by path template and cache keys, not by their callers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from cdk_guardrails.rules.apigateway.methods import METHOD, REST_API, Operation, api_of, operations_of
from cdk_guardrails.rules.policies import as_list
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import Resource, Template, is_intrinsic, known
from cdk_guardrails.template.intrinsics import FOREIGN_REF

CACHED: Final = ("GET", "ANY")


def has_nothing(stage: Resource, template: Template) -> bool:
    """Whether a stage's API surely has no method whose responses could be cached."""
    found = _operations(stage, template)
    return found is not None and not any(operation.verb in CACHED for operation in found)


def mixed_up(stage: Resource, template: Template) -> str:
    """Why responses of a stage's GET methods, if they were cached, might go to the wrong caller ("" if they cannot)."""
    found = _operations(stage, template)
    if found is None:
        return "not all methods of its API stand in this template, with what tells their responses apart"
    for operation in found:
        if operation.verb in CACHED and (reason := _reason(operation)):
            return f"{operation.name} {reason}"
    return ""


def _operations(stage: Resource, template: Template) -> list[Operation] | None:
    """The methods of a stage's API; None when some may stand elsewhere, or cannot be read."""
    api = api_of(stage, template)
    if api is None or api.type != REST_API or api.raw("BodyS3Location") or _has_methods_elsewhere(api, template):
        return None
    found, body = operations_of(api, template), known(api.raw("Body"))
    known_ones = [operation for operation in found if operation is not None]
    readable = body is None or (isinstance(body, dict) and isinstance(body.get("paths"), dict))
    return known_ones if found and readable and len(known_ones) == len(found) else None


def _has_methods_elsewhere(api: Resource, template: Template) -> bool:
    """Whether another template of the app has methods that are this API's, or may be."""
    return any(
        _may_be(value, api)
        for other in template.app.templates
        if other is not template
        for value in other.cached("ids of other stacks' APIs", _apis_elsewhere)
    )


def _apis_elsewhere(template: Template) -> list[Any]:
    found = (method.raw("RestApiId") for method in template.of_type(METHOD))
    return list({str(value): value for value in found if template.resource_of(value) is None}.values())


def _may_be(value: Any, api: Resource) -> bool:
    """Whether an id of another template may be the API's: by a reference, or by a parameter that could hold it."""
    surely_named = is_intrinsic(value) and (FOREIGN_REF in value or isinstance(value.get("Fn::ImportValue"), str))
    return refers_across(value, api) or (is_intrinsic(value) and not surely_named)


def _reason(operation: Operation) -> str:
    keys = _cache_keys(operation)
    if operation.authorizer is not False and not any(key.startswith("method.request.header.") for key in keys):
        return "has an authorizer, and no header among the keys of its cache"
    if missing := [name for name in _parameters(operation) if name not in keys]:
        return f"has {missing[0]}, which is not among the keys of its cache"
    return "" if operation.route else "has a path that is not known"


def _cache_keys(operation: Operation) -> list[str]:
    integration = operation.data.get("Integration", operation.data.get("x-amazon-apigateway-integration"))
    found: Any = None
    if isinstance(integration, dict):
        found = integration.get("CacheKeyParameters", integration.get("cacheKeyParameters"))
    return [item for item in as_list(found) if isinstance(item, str)]


def _parameters(operation: Operation) -> list[str]:
    """The parameters of a method by the names that cache keys have: those of its path, and those that it declares."""
    in_path = [f"method.request.path.{name}" for name in re.findall(r"\{([^}+]+)\+?\}", operation.route)]
    declared = operation.data.get("RequestParameters")
    names = list(declared) if isinstance(declared, dict) else []
    places = {"query": "querystring", "path": "path"}
    for item in as_list(operation.data.get("parameters")):
        if isinstance(item, dict) and item.get("in") in places:
            names.append(f"method.request.{places[item['in']]}.{item.get('name')}")
    wanted = [name for name in names if str(name).startswith(("method.request.querystring.", "method.request.path."))]
    return [*in_path, *wanted]
