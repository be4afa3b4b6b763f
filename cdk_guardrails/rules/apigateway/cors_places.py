"""Where APIs say which origins browsers let call them: headers that hold one origin, and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.rules.apigateway.methods import METHOD, REST_API, Path, defined
from cdk_guardrails.rules.apigateway.stages import SAM_API, SAM_HTTP_API
from cdk_guardrails.template import Resource, is_intrinsic, known
from cdk_guardrails.template.edits import value_at

GATEWAY_RESPONSE: Final = "AWS::ApiGateway::GatewayResponse"
V2_API: Final = "AWS::ApiGatewayV2::Api"
URL: Final = "AWS::Lambda::Url"
SAM_FUNCTION: Final = "AWS::Serverless::Function"

ANY_ORIGIN: Final = ("*", "http://*", "https://*")
HEADER: Final = "access-control-allow-origin"

INTEGRATION: Final = "x-amazon-apigateway-integration"
GATEWAY_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"


@dataclass(frozen=True)
class Place:
    """A place that allows every origin: ``what`` says so at ``path``, ``one`` if it can hold one only.

    ``detail`` tells it from others of its resource.
    """

    what: str
    path: Path
    one: bool = True
    detail: str = ""

    @property
    def response(self) -> Path:
        """The integration response of a header's place."""
        return self.path[:-2]


def wildcards(resource: Resource) -> Iterator[Place]:
    """The places in which ``resource`` surely allows every origin."""
    yield from _FINDERS[resource.type](resource)


def is_wildcard(value: Any) -> bool:
    """Whether a value allows every origin; in headers it stands in single quotes."""
    return isinstance(value, str) and value.strip("'") in ANY_ORIGIN


def _headers(resource: Resource, path: Path, what: str, detail: str = "") -> Iterator[Place]:
    """The header among the parameters at ``path``, whose keys are ``method.response.header.<name>`` and the like."""
    found = resource.get(path)
    for name, value in found.items() if isinstance(found, dict) else ():
        if str(name).rpartition(".")[2].lower() == HEADER and is_wildcard(known(value)):
            yield Place(what, (*path, name), detail=detail)


def _lists(resource: Resource, path: Path, what: str) -> Iterator[Place]:
    found = resource.get(path)
    if isinstance(found, list) and any(is_wildcard(known(item)) for item in found):
        yield Place(what, path, one=False)


def _method(method: Resource) -> Iterator[Place]:
    path = ("Integration", "IntegrationResponses")
    responses = method.get(path)
    for index in range(len(responses)) if isinstance(responses, list) else ():
        yield from _headers(method, (*path, index, "ResponseParameters"), f"its {method.get('HttpMethod')} response")


def _gateway_response(response: Resource) -> Iterator[Place]:
    yield from _headers(response, ("ResponseParameters",), f"the gateway response {response.get('ResponseType')}")


def _rest_definition(api: Resource) -> Iterator[Place]:
    for operation in defined(api, ("Body",)):
        at = (*operation.path, INTEGRATION, "responses")
        for name in _names(api, at):
            yield from _headers(
                api, (*at, name, "responseParameters"), f"the response of {operation.name}", operation.name
            )
    for name in _names(api, ("Body", GATEWAY_RESPONSES)):
        path = ("Body", GATEWAY_RESPONSES, name, "responseParameters")
        yield from _headers(api, path, f"the gateway response {name}", name)


def _http_api(api: Resource) -> Iterator[Place]:
    yield from _lists(api, ("CorsConfiguration", "AllowOrigins"), "CorsConfiguration")
    yield from _lists(api, ("Body", "x-amazon-apigateway-cors", "allowOrigins"), "x-amazon-apigateway-cors")


def _url(url: Resource) -> Iterator[Place]:
    yield from _lists(url, ("Cors", "AllowOrigins"), "the function's URL")


def _sam_function(function: Resource) -> Iterator[Place]:
    yield from _lists(function, ("FunctionUrlConfig", "Cors", "AllowOrigins"), "the function's URL")


def _sam_api(api: Resource) -> Iterator[Place]:
    """Cors is the origin, or a mapping in which AllowOrigin is ``'*'`` unless it is set."""
    cors = api.get("Cors")
    if is_wildcard(cors):
        yield Place("Cors", ("Cors",))
    elif isinstance(cors, dict) and not _in_globals(api, "Cors"):
        if is_wildcard(known(cors.get("AllowOrigin", "'*'"))):
            yield Place("Cors", ("Cors", "AllowOrigin"))
    for name in _names(api, ("GatewayResponses",)):
        path = ("GatewayResponses", name, "ResponseParameters", "Headers")
        yield from _headers(api, path, f"the gateway response {name}", name)


def _sam_http_api(api: Resource) -> Iterator[Place]:
    """CorsConfiguration is true for every origin, or a mapping."""
    if api.get("CorsConfiguration") is True:
        yield Place("CorsConfiguration", ("CorsConfiguration",), one=False)
    yield from _lists(api, ("CorsConfiguration", "AllowOrigins"), "CorsConfiguration")


def _in_globals(api: Resource, name: str) -> bool:
    return value_at(api.template.data, ("Globals", "Api", name)) is not None


def _names(resource: Resource, path: Path) -> list[str]:
    found = resource.get(path)
    return list(found) if isinstance(found, dict) and not is_intrinsic(found) else []


_FINDERS: Final[Mapping[str, Callable[[Resource], Iterator[Place]]]] = {
    METHOD: _method,
    GATEWAY_RESPONSE: _gateway_response,
    REST_API: _rest_definition,
    V2_API: _http_api,
    URL: _url,
    SAM_API: _sam_api,
    SAM_HTTP_API: _sam_http_api,
    SAM_FUNCTION: _sam_function,
}

TYPES: Final = tuple(_FINDERS)
