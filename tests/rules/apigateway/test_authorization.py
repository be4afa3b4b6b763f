"""apigw-authorization."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "apigw-authorization"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
NEITHER = "{} can be called by everyone: it has neither an authorizer nor an API key"
NO_AUTHORIZER = "{} can be called by everyone: it has no authorizer"
GUARDED: dict[str, Any] = {"x-amazon-apigateway-policy": {"Statement": [{**ALLOW, "Condition": FROM_OFFICE}]}}
URL = "the function's URL can be called by everyone: AuthType is NONE"


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def method(api: dict[str, Any] | None = None, at: Any = None, **properties: Any) -> dict[str, Any]:
    given = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Ref": "Pets"},
        "HttpMethod": "GET",
        "AuthorizationType": "NONE",
        "Integration": {"Type": "AWS_PROXY"},
    }
    pets = resource("AWS::ApiGateway::Resource", ParentId={"Fn::GetAtt": ["Api", "RootResourceId"]}, PathPart="pets")
    return {
        "Resources": {
            "Method": resource("AWS::ApiGateway::Method", **{**given, **properties}),
            "Pets": pets,
            "Api": resource("AWS::ApiGateway::RestApi", Name="pets", **(api or {})),
        }
    }


def policy(*statements: Any) -> dict[str, Any]:
    return {"Policy": {"Version": "2012-10-17", "Statement": list(statements)}}


def route(key: Any, protocol: Any = "HTTP", **properties: Any) -> dict[str, Any]:
    api = resource("AWS::ApiGatewayV2::Api", ProtocolType=protocol)
    return {
        "Resources": {
            "Route": resource("AWS::ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey=key, **properties),
            "Api": api,
        }
    }


def foreign_route(key: str) -> dict[str, Any]:
    return {"Resources": {"R": resource("AWS::ApiGatewayV2::Route", ApiId={"Fn::ImportValue": "a"}, RouteKey=key)}}


def defined(operation: Any, type_: str = "AWS::ApiGateway::RestApi", verb: str = "get", **more: Any) -> dict[str, Any]:
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "users": {"type": "apiKey", "in": "header", "name": "Authorization", "x-amazon-apigateway-authtype": "custom"},
        "tokens": {"type": "oauth2"},
    }
    body = {"openapi": "3.0.1", "paths": {"/pets": {verb: operation}}, "components": {"securitySchemes": schemes}}
    return {"Resources": {"Api": resource(type_, Body={**body, **more})}}


def sam(event: dict[str, Any], kind: str = "Api", globals_: Any = None, **api: Any) -> dict[str, Any]:
    events = {"Pets": {"Type": kind, "Properties": {"Method": "get", "Path": "/pets", **event}}}
    type_ = {"Api": "AWS::Serverless::Api", "HttpApi": "AWS::Serverless::HttpApi"}[kind]
    template: dict[str, Any] = {
        "Resources": {"Function": resource("AWS::Serverless::Function", Events=events), "Api": resource(type_, **api)}
    }
    return {**template, "Globals": globals_} if globals_ else template


OWN = {"RestApiId": {"Ref": "Api"}}


@pytest.mark.parametrize(
    ("template", "path", "message"),
    [
        (method(), "AuthorizationType", NEITHER.format("GET /pets")),
        (method(AuthorizationType={"Ref": "AWS::NoValue"}), "AuthorizationType", NEITHER.format("GET /pets")),
        (method(HttpMethod="ANY", ApiKeyRequired=False), "AuthorizationType", NEITHER.format("ANY /pets")),
        (method(ResourceId="abc123"), "AuthorizationType", NEITHER.format("this GET method")),
        (method(policy(ALLOW)), "AuthorizationType", NEITHER.format("GET /pets")),
        (
            method({"EndpointConfiguration": {"Types": ["REGIONAL"]}}),
            "AuthorizationType",
            NEITHER.format("GET /pets"),
        ),
        (route("GET /pets"), "AuthorizationType", NO_AUTHORIZER.format("GET /pets")),
        (route("$default", AuthorizationType="NONE"), "AuthorizationType", NO_AUTHORIZER.format("$default")),
        (foreign_route("POST /pets"), "AuthorizationType", NO_AUTHORIZER.format("POST /pets")),
        (route("$connect", "WEBSOCKET"), "AuthorizationType", NEITHER.format("$connect")),
        (defined({}), "Body.paths./pets.get.security", NEITHER.format("GET /pets")),
        (
            defined({"security": []}, verb="x-amazon-apigateway-any-method"),
            "Body.paths./pets.x-amazon-apigateway-any-method.security",
            NEITHER.format("ANY /pets"),
        ),
        (
            defined({}, "AWS::ApiGatewayV2::Api"),
            "Body.paths./pets.get.security",
            NO_AUTHORIZER.format("GET /pets"),
        ),
        (
            {"Resources": {"Api": resource("AWS::ApiGatewayV2::Api", ProtocolType="HTTP", Target={"Ref": "Arn"})}},
            "Target",
            "its default route can be called by everyone: it has no authorizer, as quick create makes it",
        ),
        ({"Resources": {"Url": resource("AWS::Lambda::Url", AuthType="NONE")}}, "AuthType", URL),
        (
            {"Resources": {"F": resource("AWS::Serverless::Function", FunctionUrlConfig={"AuthType": "NONE"})}},
            "FunctionUrlConfig.AuthType",
            URL,
        ),
        (sam({}), "Events.Pets.Properties.Auth", NEITHER.format("GET /pets")),
        (sam(OWN), "Events.Pets.Properties.Auth", NEITHER.format("GET /pets")),
        (
            sam({**OWN, "Auth": {"Authorizer": "NONE"}}, Auth={"DefaultAuthorizer": "Users"}),
            "Events.Pets.Properties.Auth",
            NEITHER.format("GET /pets"),
        ),
        (sam({}, "HttpApi"), "Events.Pets.Properties.Auth", NEITHER.format("GET /pets")),
        (
            sam({"Method": None, "Path": None}, "HttpApi"),
            "Events.Pets.Properties.Auth",
            NEITHER.format("ANY $default"),
        ),
    ],
)
def test_open_to_everyone(template: dict[str, Any], path: str, message: str) -> None:
    assert len(assert_flags(template, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "template",
    [
        method(AuthorizationType="AWS_IAM"),
        method(AuthorizationType="COGNITO_USER_POOLS", AuthorizerId={"Ref": "Users"}),
        method(AuthorizationType={"Ref": "Type"}),
        method(ApiKeyRequired=True),
        method(ApiKeyRequired={"Ref": "Key"}),
        method(HttpMethod="OPTIONS"),
        method(HttpMethod={"Ref": "Verb"}),
        method(Integration={"Type": "MOCK"}),
        method(RestApiId={"Fn::ImportValue": "api"}),
        method({"EndpointConfiguration": {"Types": ["PRIVATE"]}}),
        method({"EndpointConfiguration": {"Types": {"Ref": "Types"}}}),
        method({"EndpointConfiguration": {"Types": [{"Ref": "Type"}]}}),
        method(policy({**ALLOW, "Condition": FROM_OFFICE})),
        method(policy({**ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}})),
        method(policy(ALLOW, {**ALLOW, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": "::/0"}}})),
        method({"Policy": {"Ref": "Policy"}}),
        method(policy({"Fn::If": ["IsProd", ALLOW, ALLOW]})),
        route("GET /pets", AuthorizationType="JWT"),
        route("GET /pets", AuthorizationType={"Ref": "Type"}),
        route("OPTIONS /{proxy+}"),
        route({"Ref": "Key"}),
        route("$disconnect", "WEBSOCKET"),
        route("sendmessage", "WEBSOCKET"),
        route("$connect", "WEBSOCKET", ApiKeyRequired=True),
        route("$connect", "WEBSOCKET", AuthorizationType="CUSTOM"),
        route("$default", {"Ref": "Protocol"}),
        foreign_route("$default"),
        foreign_route("sendmessage"),
        defined({"security": [{"key": []}]}),
        defined({"security": [{"users": []}]}),
        defined({"security": [{"tokens": ["read"]}]}),
        defined({"security": [{"elsewhere": []}]}),
        defined({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}),
        defined({}, security=[{"key": []}]),
        defined({}, verb="options"),
        defined({}, verb="parameters"),
        defined({"x-amazon-apigateway-integration": {"type": "mock"}}),
        defined({"Fn::Transform": {"Name": "AWS::Include"}}),
        defined({}, **GUARDED),
        {"Resources": {"Api": resource("AWS::ApiGateway::RestApi", BodyS3Location={"Bucket": "b", "Key": "k"})}},
        {"Resources": {"Api": resource("AWS::ApiGateway::RestApi", Body={"Fn::Transform": {"Name": "AWS::Include"}})}},
        {"Resources": {"Url": resource("AWS::Lambda::Url", AuthType="AWS_IAM")}},
        {"Resources": {"Url": resource("AWS::Lambda::Url", AuthType={"Ref": "Type"})}},
        sam({**OWN}, Auth={"DefaultAuthorizer": "Users"}),
        sam({**OWN}, Auth={"ApiKeyRequired": True}),
        sam({**OWN}, Auth={"ResourcePolicy": {"IpRangeWhitelist": ["192.0.2.0/24"]}}),
        sam({**OWN}, Auth={"Fn::If": ["IsProd", {}, {}]}),
        sam({**OWN}, EndpointConfiguration="PRIVATE"),
        sam({**OWN}, EndpointConfiguration={"Type": "PRIVATE"}),
        sam({**OWN}, DefinitionUri="api.yaml"),
        sam({"RestApiId": {"Fn::ImportValue": "api"}}),
        sam({"Auth": {"Authorizer": "Users"}}),
        sam({"Auth": {"ApiKeyRequired": True}}),
        sam({"Auth": {"ResourcePolicy": {"CustomStatements": []}}}),
        sam({"Method": "options"}),
        sam({}, globals_={"Api": {"Auth": {"DefaultAuthorizer": "Users"}}}),
        sam({"ApiId": {"Ref": "Api"}}, "HttpApi", Auth={"DefaultAuthorizer": "Users"}),
    ],
)
def test_what_is_guarded_or_may_be(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


def test_each_operation_has_a_detail_of_its_own() -> None:
    template = defined({})
    template["Resources"]["Api"]["Properties"]["Body"]["paths"]["/cats"] = {"post": {}, "options": {}}
    assert [finding.detail for finding in assert_flags(template, RULE)] == ["GET /pets", "POST /cats"]
