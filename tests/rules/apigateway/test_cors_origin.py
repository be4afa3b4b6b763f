"""apigw-cors-origin."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-cors-origin"
ALLOW = "Access-Control-Allow-Origin"
SHOP, ADMIN = "https://shop.example.com", "https://admin.example.com"
ONE, TWO = {"allowed_origins": [SHOP]}, {"allowed_origins": [SHOP, ADMIN]}
LETS = "{} lets the pages of every origin call the API"
CANNOT = "; not fixed, since it can name one origin only, not several allowed_origins"
CHOOSING = f"""\
#set($origin = $input.params().header.get("Origin"))
#if($origin == "")
  #set($origin = $input.params().header.get("origin"))
#end
#if($origin == "{ADMIN}")
  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end"""


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return copy.deepcopy({"Resources": {"It": {"Type": type_, "Properties": properties}}})


def options(
    origin: Any = "'*'", type_: str = "MOCK", template: Any = None, header: str = ALLOW, vary: bool = False
) -> dict[str, Any]:
    name = f"method.response.header.{header}"
    response: dict[str, Any] = {"StatusCode": "204", "ResponseParameters": {name: origin}}
    declared: dict[str, Any] = {"StatusCode": "204", "ResponseParameters": {name: True}}
    if template is not None:
        response["ResponseTemplates"] = {"application/json": template}
    if vary:
        response["ResponseParameters"]["method.response.header.Vary"] = "'Origin'"
        declared["ResponseParameters"]["method.response.header.Vary"] = True
    integration = {"Type": type_, "IntegrationResponses": [response]}
    return resource(
        "AWS::ApiGateway::Method", HttpMethod="OPTIONS", Integration=integration, MethodResponses=[declared]
    )


def gateway_response(origin: Any = "'*'") -> dict[str, Any]:
    parameters = {f"gatewayresponse.header.{ALLOW}": origin}
    return resource("AWS::ApiGateway::GatewayResponse", ResponseType="DEFAULT_4XX", ResponseParameters=parameters)


def http_api(*origins: Any) -> dict[str, Any]:
    return resource("AWS::ApiGatewayV2::Api", CorsConfiguration={"AllowOrigins": list(origins)})


def url(*origins: Any) -> dict[str, Any]:
    return resource("AWS::Lambda::Url", AuthType="AWS_IAM", Cors={"AllowOrigins": list(origins)})


def sam_url(*origins: Any) -> dict[str, Any]:
    return resource("AWS::Serverless::Function", FunctionUrlConfig={"Cors": {"AllowOrigins": list(origins)}})


def rest_body(origin: Any) -> dict[str, Any]:
    responses = {"default": {"statusCode": "204", "responseParameters": {f"method.response.header.{ALLOW}": origin}}}
    integration = {"x-amazon-apigateway-integration": {"type": "mock", "responses": responses}}
    gateway = {"DEFAULT_5XX": {"responseParameters": {f"gatewayresponse.header.{ALLOW}": origin}}}
    body = {"paths": {"/pets": {"options": integration}}, "x-amazon-apigateway-gateway-responses": gateway}
    return resource("AWS::ApiGateway::RestApi", Body=body)


def http_body(*origins: Any) -> dict[str, Any]:
    return resource("AWS::ApiGatewayV2::Api", Body={"x-amazon-apigateway-cors": {"allowOrigins": list(origins)}})


def sam_gateway_response(origin: Any) -> dict[str, Any]:
    response = {"ResponseParameters": {"Headers": {ALLOW: origin}}}
    return resource("AWS::Serverless::Api", GatewayResponses={"DEFAULT_4XX": response})


HEADER = f"Integration.IntegrationResponses[0].ResponseParameters.method.response.header.{ALLOW}"


@pytest.mark.parametrize(
    ("template", "path", "message"),
    [
        (options(), HEADER, LETS.format("its OPTIONS response")),
        (options("*"), HEADER, LETS.format("its OPTIONS response")),
        (options(type_="AWS"), HEADER, LETS.format("its OPTIONS response")),
        (options(header="access-control-allow-origin"), HEADER.lower(), LETS.format("its OPTIONS response")),
        (
            gateway_response(),
            f"ResponseParameters.gatewayresponse.header.{ALLOW}",
            LETS.format("the gateway response DEFAULT_4XX"),
        ),
        (http_api("*"), "CorsConfiguration.AllowOrigins", LETS.format("CorsConfiguration")),
        (http_api(SHOP, "https://*"), "CorsConfiguration.AllowOrigins", LETS.format("CorsConfiguration")),
        (http_body("*"), "Body.x-amazon-apigateway-cors.allowOrigins", LETS.format("x-amazon-apigateway-cors")),
        (url("*"), "Cors.AllowOrigins", LETS.format("the function's URL")),
        (sam_url("*"), "FunctionUrlConfig.Cors.AllowOrigins", LETS.format("the function's URL")),
        (resource("AWS::Serverless::Api", Cors="'*'"), "Cors", LETS.format("Cors")),
        (resource("AWS::Serverless::Api", Cors={"AllowMethods": "'GET'"}), "Cors.AllowOrigin", LETS.format("Cors")),
        (
            sam_gateway_response("'*'"),
            f"GatewayResponses.DEFAULT_4XX.ResponseParameters.Headers.{ALLOW}",
            LETS.format("the gateway response DEFAULT_4XX"),
        ),
        (
            resource("AWS::Serverless::HttpApi", CorsConfiguration=True),
            "CorsConfiguration",
            LETS.format("CorsConfiguration"),
        ),
    ],
)
def test_every_origin(template: dict[str, Any], path: str, message: str) -> None:
    if path == HEADER.lower():
        path = HEADER.replace(ALLOW, ALLOW.lower())
    for environment in ("dev", "prod"):
        assert len(assert_flags(template, RULE, path=path, message=message, environment=environment)) == 1


def test_a_definition_has_a_finding_for_each_response() -> None:
    found = assert_flags(rest_body("'*'"), RULE, message=LETS.format("the response of OPTIONS /pets"))
    assert [finding.id for finding in found] == [f"{RULE}[OPTIONS /pets]", f"{RULE}[DEFAULT_5XX]"]


@pytest.mark.parametrize(
    "template",
    [
        options(f"'{SHOP}'"),
        options({"Ref": "Origin"}),
        options({"Fn::Sub": "'${Origin}'"}),
        options("integration.response.header.Access-Control-Allow-Origin"),
        options(header="Access-Control-Allow-Headers"),
        options("'https://*.example.com'"),
        gateway_response(f"'{SHOP}'"),
        gateway_response("method.request.header.Origin"),
        http_api(),
        http_api(SHOP),
        http_api({"Ref": "Origin"}),
        resource("AWS::ApiGatewayV2::Api", CorsConfiguration={"Ref": "AWS::NoValue"}),
        resource("AWS::ApiGatewayV2::Api", CorsConfiguration={"AllowOrigins": {"Ref": "Origins"}}),
        resource("AWS::ApiGatewayV2::Api", CorsConfiguration={"AllowHeaders": ["*"], "AllowMethods": ["*"]}),
        url(SHOP),
        resource("AWS::Lambda::Url", AuthType="NONE"),
        rest_body(f"'{SHOP}'"),
        resource("AWS::Serverless::Api", Cors=f"'{SHOP}'"),
        resource("AWS::Serverless::Api", Cors={"Ref": "Origin"}),
        resource("AWS::Serverless::Api", Cors={"AllowOrigin": {"Ref": "Origin"}}),
        {**resource("AWS::Serverless::Api", Cors={}), "Globals": {"Api": {"Cors": {"AllowOrigin": f"'{SHOP}'"}}}},
        resource("AWS::Serverless::HttpApi", CorsConfiguration=False),
        resource("AWS::Serverless::HttpApi", CorsConfiguration={"AllowOrigins": [SHOP]}),
    ],
)
def test_named_origins_or_unknown_ones(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


def test_the_user_may_allow_every_origin() -> None:
    assert_clean(http_api("*"), RULE, options={"allowed_origins": ["*"]})


def test_without_origins_nothing_is_fixed() -> None:
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(options(), options(), RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (options(), options(f"'{SHOP}'")),
        (options(type_="AWS", template="x"), options(f"'{SHOP}'", type_="AWS", template="x")),
        (gateway_response(), gateway_response(f"'{SHOP}'")),
        (http_api("*"), http_api(SHOP)),
        (url("*"), url(SHOP)),
        (rest_body("'*'"), rest_body(f"'{SHOP}'")),
        (resource("AWS::Serverless::Api", Cors="'*'"), resource("AWS::Serverless::Api", Cors=f"'{SHOP}'")),
        (
            resource("AWS::Serverless::Api", Cors={"MaxAge": "'5'"}),
            resource("AWS::Serverless::Api", Cors={"MaxAge": "'5'", "AllowOrigin": f"'{SHOP}'"}),
        ),
        (sam_gateway_response("'*'"), sam_gateway_response(f"'{SHOP}'")),
        (
            resource("AWS::Serverless::HttpApi", CorsConfiguration=True),
            resource("AWS::Serverless::HttpApi", CorsConfiguration={"AllowOrigins": [SHOP]}),
        ),
    ],
)
def test_one_origin(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(before, after, RULE, options=ONE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (options(), options(f"'{SHOP}'", template=CHOOSING, vary=True)),
        (options(template=""), options(f"'{SHOP}'", template=CHOOSING, vary=True)),
        (options(template="{}"), options(f"'{SHOP}'", template=f"{CHOOSING}\n{{}}", vary=True)),
        (options(vary=True), options(f"'{SHOP}'", template=CHOOSING, vary=True)),
        (http_api("*", ADMIN), http_api(ADMIN, SHOP)),
        (http_api("*", {"Ref": "Mine"}), http_api({"Ref": "Mine"}, SHOP, ADMIN)),
        (sam_url("*"), sam_url(SHOP, ADMIN)),
        (http_body("https://*"), http_body(SHOP, ADMIN)),
    ],
)
def test_several_origins(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(before, after, RULE, options=TWO)


@pytest.mark.parametrize(
    "template",
    [
        gateway_response(),
        options(type_="AWS"),
        options(template={"Ref": "Template"}),
        sam_gateway_response("'*'"),
        rest_body("'*'"),
    ],
)
def test_a_header_cannot_hold_several(template: dict[str, Any]) -> None:
    assert assert_flags(template, RULE, options=TWO)[0].message.endswith(CANNOT)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE, options=TWO)
