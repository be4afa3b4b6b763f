"""The API Gateway APIs that wait for a function's answer, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.lambda_.functions import events, number, permissions, used_at
from cdk_guardrails.template import Resource, Template, is_intrinsic, is_no_value, known, references

REST: Final = "REST"
HTTP: Final = "HTTP"
WEBSOCKET: Final = "WEBSOCKET"

LIMITS: Final = {REST: 29_000, HTTP: 30_000, WEBSOCKET: 29_000}
"""Milliseconds that an integration waits when it does not say so itself; the most, too, except that a quota for
Regional and private REST APIs can be raised.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html"""

INTEGRATIONS: Final = {"AWS::ApiGateway::Method": "Integration.Uri", "AWS::ApiGatewayV2::Integration": "IntegrationUri"}

PRINCIPAL: Final = "apigateway.amazonaws.com"

_API_TYPES: Final = {
    "AWS::ApiGateway::RestApi": REST,
    "AWS::Serverless::Api": REST,
    "AWS::ApiGatewayV2::Api": HTTP,
    "AWS::Serverless::HttpApi": HTTP,
}
_EVENT_TYPES: Final = {"Api": REST, "HttpApi": HTTP}


class Wait(NamedTuple):
    """An API of the given kind waits for ``milliseconds``; ``by`` is the resource or event that says so."""

    kind: str
    milliseconds: int
    by: str


def waits(function: Resource, template: Template) -> list[Wait]:
    """For each kind of API that calls ``function`` and waits, the shortest wait. What is unknown is left out.

    Where no integration of the template leads to the function, a permission for an API of the template tells that one
    does, in the API's definition.
    """
    users = used_at(function, template, INTEGRATIONS)
    found = [wait for user in users for wait in _of_integration(user, template)]
    found += _of_events(function)
    if not users:
        found += _of_permissions(function, template)
    return sorted({wait.kind: wait for wait in sorted(found, key=lambda wait: -wait.milliseconds)}.values())


def _of_integration(user: Resource, template: Template) -> Iterator[Wait]:
    is_rest = user.type == "AWS::ApiGateway::Method"
    at = "Integration." if is_rest else ""
    api = None if is_rest else template.resource_of(user.raw("ApiId"))
    kind = REST if is_rest else _kind(api) if api is not None else HTTP
    milliseconds = number(user.get(f"{at}TimeoutInMillis"), LIMITS.get(kind, 0))
    if kind and milliseconds and _waits(user.raw(f"{at}RequestParameters")):
        if user.get(f"{at}ResponseTransferMode") in (None, "BUFFERED"):
            yield Wait(kind, milliseconds, user.logical_id)


def _of_events(function: Resource) -> Iterator[Wait]:
    for event in events(function):
        kind = _EVENT_TYPES.get(event.type)
        milliseconds = kind and number(known(event.properties.get("TimeoutInMillis")), LIMITS[kind])
        if kind and milliseconds:
            yield Wait(kind, milliseconds, f"the event {event.name}")


def _of_permissions(function: Resource, template: Template) -> Iterator[Wait]:
    for principal, permission in permissions(function, template):
        arn = permission.raw("SourceArn")
        if principal != PRINCIPAL or "/authorizers/" in str(arn):
            continue
        kinds = template.cached("APIs that wait as long as they can", _patient)
        for id_ in {reference.logical_id for reference in references(arn)} & kinds.keys():
            yield Wait(kinds[id_], LIMITS[kinds[id_]], id_)


def _patient(template: Template) -> dict[str, str]:
    """The kinds of the template's APIs, those aside whose definition (Body) says how long an integration waits."""
    apis = template.of_type(*_API_TYPES)
    return {api.logical_id: _kind(api) for api in apis if _kind(api) and "timeoutInMillis" not in str(api.raw())}


def _kind(api: Resource) -> str:
    """The kind of an API; "" when it is unknown."""
    kind = _API_TYPES.get(api.type, "")
    if api.type != "AWS::ApiGatewayV2::Api":
        return kind
    protocol = api.get("ProtocolType")
    return HTTP if protocol is None else protocol if protocol in (HTTP, WEBSOCKET) else ""


def _waits(parameters: Any) -> bool:
    """Whether an integration with these RequestParameters surely waits, and does not ask for an Event invocation.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integration-async.html
    """
    if not isinstance(parameters, dict) or is_no_value(parameters):
        return True
    if is_intrinsic(parameters):
        return False
    return all(
        value == "'RequestResponse'"
        for name, value in parameters.items()
        if str(name).lower().endswith("x-amz-invocation-type")
    )
