"""apigw-authorization."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from cdk_guardrails.rules.apigateway.methods import (
    METHOD,
    REST_API,
    Operation,
    Path,
    api_of,
    defined,
    is_limited,
    operation_of,
    truth,
)
from cdk_guardrails.rules.apigateway.sam_events import FUNCTION, operations_of_events
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template

V2_API: Final = "AWS::ApiGatewayV2::Api"
ROUTE: Final = "AWS::ApiGatewayV2::Route"
URL: Final = "AWS::Lambda::Url"


class ApiAuthorization(Rule):
    """Nobody can call a method of an API without a credential.

    Checks that a method or route has an authorizer (IAM, a user pool, a JWT, a function) or, where it can, needs an API
    key: methods of REST APIs, routes of HTTP APIs, the $connect route of WebSocket APIs, the operations of an OpenAPI
    definition that stands in the template, events of SAM functions, and function URLs.

    Not judged: OPTIONS, which browsers send without credentials; methods with a mock integration, which have nothing
    behind them; and APIs that limit their callers otherwise, by being private or by a resource policy with a condition
    or a denial. Not fixed: who may call is for a person to decide. A method that is public on purpose is suppressed.
    """

    id = "apigw-authorization"
    why = "A method without authorizer and API key can be called by everyone who finds it, as often as they like."
    resource_types = (METHOD, REST_API, ROUTE, V2_API, URL, FUNCTION)
    concern = Concern.PUBLIC_ACCESS
    answers = ("A3.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        ),
        cdk_nag=("AwsSolutions-APIG4",),
        checkov=("CKV_AWS_59", "CKV_AWS_258", "CKV_AWS_309"),
        security_hub=("APIGateway.8",),
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
      Integration: {Type: HTTP_PROXY, IntegrationHttpMethod: GET, Uri: https://example.com}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref HttpApi
      RouteKey: GET /pets
  HttpApi:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: pets
      ProtocolType: HTTP
""")
    good = Example("""\
Resources:
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: AWS_IAM
      Integration: {Type: HTTP_PROXY, IntegrationHttpMethod: GET, Uri: https://example.com}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref HttpApi
      RouteKey: GET /pets
      AuthorizationType: AWS_IAM
  HttpApi:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: pets
      ProtocolType: HTTP
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for hole in _JUDGES[resource.type](resource, template):
            says = f"{hole.name} can be called by everyone: {hole.reason}"
            yield self.finding(resource, says, hole.path, remedy=hole.remedy, detail=hole.detail)


class _Hole(NamedTuple):
    """What is open, where it says so, and what to do about it."""

    name: str
    reason: str
    path: Path
    remedy: str
    detail: str = ""


NEITHER: Final = "it has neither an authorizer nor an API key"
NO_AUTHORIZER: Final = "it has no authorizer"
IN_REST: Final = "apigateway.MethodOptions(..., authorization_type=apigateway.AuthorizationType.IAM)"
IN_HTTP: Final = "apigwv2.AddRoutesOptions(..., authorizer=...)"
IN_WEBSOCKET: Final = "apigwv2.WebSocketRouteOptions(..., authorizer=...)"
IN_URL: Final = "lambda_.FunctionUrlOptions(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)"
IN_OPENAPI: Final = "Give the operation a security requirement, and the definition its security scheme."
IN_SAM: Final = "Set Auth on the event, or DefaultAuthorizer in the API's Auth."


def _open(operation: Operation | None) -> bool:
    return bool(operation and operation.is_open and operation.verb != "OPTIONS" and not operation.is_mock)


def _method(method: Resource, template: Template) -> Iterator[_Hole]:
    operation, api = operation_of(method, template), api_of(method, template)
    if operation and _open(operation) and api is not None and is_limited(api) is False:
        yield _Hole(operation.name, NEITHER, ("AuthorizationType",), IN_REST)


def _rest_api(api: Resource, template: Template) -> Iterator[_Hole]:
    for operation in defined(api, ("Body",)):
        if _open(operation) and is_limited(api) is False:
            yield _Hole(operation.name, NEITHER, (*operation.path, "security"), IN_OPENAPI, operation.name)


def _http_api(api: Resource, template: Template) -> Iterator[_Hole]:
    """Quick create makes a route for everything, without authorizer."""
    for operation in defined(api, ("Body",)):
        if operation.authorizer is False and operation.verb != "OPTIONS":
            yield _Hole(operation.name, NO_AUTHORIZER, (*operation.path, "security"), IN_OPENAPI, operation.name)
    if api.get("ProtocolType") == "HTTP" and api.raw("Target") is not None:
        yield _Hole("its default route", f"{NO_AUTHORIZER}, as quick create makes it", ("Target",), IN_HTTP)


def _route(route: Resource, template: Template) -> Iterator[_Hole]:
    key, type_ = route.get("RouteKey"), route.get("AuthorizationType")
    if not isinstance(key, str) or type_ is UNKNOWN or str(type_ or "NONE").upper() != "NONE":
        return
    if _is_http(route, key, template):
        if not key.upper().startswith("OPTIONS "):
            yield _Hole(key, NO_AUTHORIZER, ("AuthorizationType",), IN_HTTP)
    elif key == "$connect" and truth(route.get("ApiKeyRequired")) is False:
        yield _Hole(key, NEITHER, ("AuthorizationType",), IN_WEBSOCKET)


def _is_http(route: Resource, key: str, template: Template) -> bool:
    """Whether a route is surely one of an HTTP API: by its API, or by a key of a method and a path."""
    api = template.resource_of(route.raw("ApiId"))
    if api is not None and api.type == V2_API and api.get("ProtocolType") is not UNKNOWN:
        return bool(api.get("ProtocolType") == "HTTP")
    method, _, path = key.partition(" ")
    return method.isalpha() and path.startswith("/")


def _url(url: Resource, template: Template) -> Iterator[_Hole]:
    if url.get("AuthType") == "NONE":
        yield _Hole("the function's URL", "AuthType is NONE", ("AuthType",), IN_URL)


def _sam_function(function: Resource, template: Template) -> Iterator[_Hole]:
    if function.get("FunctionUrlConfig.AuthType") == "NONE":
        path: Path = ("FunctionUrlConfig", "AuthType")
        yield _Hole("the function's URL", "AuthType is NONE", path, "Set AuthType to AWS_IAM.", "url")
    for operation in operations_of_events(function, template, "Api", "HttpApi"):
        if _open(operation):
            yield _Hole(operation.name, NEITHER, (*operation.path, "Auth"), IN_SAM, operation.name)


_JUDGES: Final[dict[str, Callable[[Resource, Template], Iterator[_Hole]]]] = {
    METHOD: _method,
    REST_API: _rest_api,
    ROUTE: _route,
    V2_API: _http_api,
    URL: _url,
    FUNCTION: _sam_function,
}
