"""apigw-caching."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-caching"
ALL = {"HttpMethod": "*", "ResourcePath": "/*"}
PETS = {"HttpMethod": "GET", "ResourcePath": "/~1pets"}
ON = {"CachingEnabled": True, "CacheDataEncrypted": True}
CLUSTER: dict[str, Any] = {"CacheClusterEnabled": True, "CacheClusterSize": "1.6"}
ELSEWHERE = (
    "; not fixed, since not all methods of its API stand in this template, with what tells their responses apart"
)
OFF = "no response is cached: CacheClusterEnabled is not set"
API = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "pets"}}


def method(verb: str = "GET", *, auth: Any = "NONE", at: Any = None, keys: Any = None, **more: Any) -> dict[str, Any]:
    integration = {"Type": "AWS_PROXY", **({"CacheKeyParameters": keys} if keys else {})}
    properties = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": at or {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": verb,
        "AuthorizationType": auth,
        "Integration": integration,
    }
    return {"Type": "AWS::ApiGateway::Method", "Properties": {**properties, **more}}


def part(name: Any) -> dict[str, Any]:
    parent = {"Fn::GetAtt": ["Api", "RootResourceId"]}
    properties = {"RestApiId": {"Ref": "Api"}, "ParentId": parent, "PathPart": name}
    return {"Type": "AWS::ApiGateway::Resource", "Properties": properties}


def template(resources: dict[str, Any] | None = None, api: Any = API, **properties: Any) -> dict[str, Any]:
    stage = {"Type": "AWS::ApiGateway::Stage", "Properties": {"RestApiId": {"Ref": "Api"}, **properties}}
    found = {"Method": method()} if resources is None else resources
    return copy.deepcopy({"Resources": {"Stage": stage, "Api": api, **found}})


def settings(*entries: Any, **properties: Any) -> dict[str, Any]:
    return template(**CLUSTER, MethodSettings=list(entries), **properties)


def defined(**operation: Any) -> dict[str, Any]:
    paths = {"/pets": {"get": operation}}
    return {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"openapi": "3.0.1", "paths": paths}}}


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (template(), "CacheClusterEnabled", OFF),
        (
            template(CacheClusterEnabled=False, MethodSettings=[{**ALL, **ON}]),
            "CacheClusterEnabled",
            "no response is cached: CacheClusterEnabled is False",
        ),
        (
            settings(),
            "MethodSettings",
            "responses of all methods are not cached: CachingEnabled is not set",
        ),
        (
            settings({**ALL, "CachingEnabled": False}),
            "MethodSettings[0]",
            "responses of all methods are not cached: CachingEnabled is False",
        ),
        (
            settings({**ALL, "CachingEnabled": True}),
            "MethodSettings[0]",
            "responses of all methods are cached without encryption",
        ),
        (
            settings({**ALL, **ON, "CacheTtlInSeconds": 5}),
            "MethodSettings[0]",
            "responses of all methods are cached for only 5 s",
        ),
        (
            settings({**ALL, **ON}, {**PETS, "CachingEnabled": True, "CacheTtlInSeconds": 0}),
            "MethodSettings[1]",
            "responses of GET /pets are cached for only 0 s and are not encrypted in the cache",
        ),
        ({"Resources": {"Stage": {"Type": "AWS::Serverless::Api"}}}, "CacheClusterEnabled", OFF + ELSEWHERE),
        (
            {"Resources": {"D": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"StageName": "prod"}}}},
            "StageDescription.CacheClusterEnabled",
            OFF,
        ),
    ],
)
def test_no_cache_or_a_wrong_one(data: dict[str, Any], path: str, message: str) -> None:
    assert len(assert_flags(data, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "data",
    [
        settings({**ALL, **ON}),
        settings({**ALL, **ON, "CacheTtlInSeconds": 30}),
        settings({**ALL, **ON, "CacheTtlInSeconds": "3600"}),
        settings({**ALL, **ON, "CacheTtlInSeconds": {"Ref": "Seconds"}}),
        settings({**ALL, **ON}, {**PETS, "CachingEnabled": False, "CacheTtlInSeconds": 0}),
        settings({**ALL, "CachingEnabled": False}, {**PETS, **ON}),
        settings({**PETS, **ON}),
        settings({**ALL, "CachingEnabled": {"Ref": "Caching"}}),
        settings({**ALL, "CachingEnabled": True, "CacheDataEncrypted": {"Ref": "Encrypted"}}),
        settings({"Fn::If": ["IsProd", {**ALL, **ON}, {"Ref": "AWS::NoValue"}]}),
        template(CacheClusterEnabled={"Ref": "Cache"}, MethodSettings=[{**ALL, **ON}]),
        template({"Method": method("POST"), "Options": method("OPTIONS")}),
        template({}, defined(), **CLUSTER, MethodSettings=[{**ALL, **ON}]),
        {
            "Resources": {"Stage": {"Type": "AWS::Serverless::Api"}},
            "Globals": {"Api": {"CacheClusterEnabled": True, "MethodSettings": [{**ALL, **ON}]}},
        },
        {"Resources": {"D": {"Type": "AWS::ApiGateway::Deployment", "Properties": {}}}},
        {"Resources": {"S": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {}}}},
    ],
)
def test_a_cache_that_is_or_may_be(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


def test_dev_needs_none() -> None:
    assert_clean(template(), RULE, environment="dev")
    assert_flags(template(), RULE, environment="staging")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            template(),
            template(
                CacheClusterEnabled=True,
                CacheClusterSize="0.5",
                MethodSettings=[{**ALL, **ON, "CacheTtlInSeconds": 30}],
            ),
        ),
        (
            template(
                CacheClusterSize="6.1", MethodSettings=[{**ALL, "CacheTtlInSeconds": 600, "ThrottlingRateLimit": 5}]
            ),
            template(
                CacheClusterEnabled=True,
                CacheClusterSize="6.1",
                MethodSettings=[{**ALL, **ON, "CacheTtlInSeconds": 600, "ThrottlingRateLimit": 5}],
            ),
        ),
        (
            settings({**ALL, **ON, "CacheTtlInSeconds": 5}, {**PETS, "CachingEnabled": True}),
            settings({**ALL, **ON, "CacheTtlInSeconds": 30}, {**PETS, **ON}),
        ),
        (
            template(MethodSettings=[{**PETS, **ON}]),
            template(CacheClusterEnabled=True, CacheClusterSize="0.5", MethodSettings=[{**PETS, **ON}]),
        ),
    ],
)
def test_the_fix(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(before, after, RULE, unsafe_fixes=True)


def test_options() -> None:
    entry = {**ALL, **ON, "CacheTtlInSeconds": 120}
    after = template(CacheClusterEnabled=True, CacheClusterSize="1.6", MethodSettings=[entry])
    options = {"min_ttl_seconds": 120, "cluster_size": "1.6"}
    assert_fixed(template(), after, RULE, options=options, unsafe_fixes=True)


def test_it_is_only_fixed_when_asked_for() -> None:
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template(), template(), RULE)


@pytest.mark.parametrize(
    ("resources", "api", "reason"),
    [
        (
            {"Method": method(auth="AWS_IAM")},
            API,
            "GET / has an authorizer, and no header among the keys of its cache",
        ),
        (
            {"Method": method("ANY", auth={"Ref": "Auth"})},
            API,
            "ANY / has an authorizer, and no header among the keys of its cache",
        ),
        (
            {"Method": method(at={"Ref": "Pet"}), "Pet": part("{id}")},
            API,
            "GET /{id} has method.request.path.id, which is not among the keys of its cache",
        ),
        (
            {"Method": method("ANY", at={"Ref": "Proxy"}), "Proxy": part("{proxy+}")},
            API,
            "ANY /{proxy+} has method.request.path.proxy, which is not among the keys of its cache",
        ),
        (
            {"Method": method(RequestParameters={"method.request.querystring.name": False})},
            API,
            "GET / has method.request.querystring.name, which is not among the keys of its cache",
        ),
        (
            {"Method": method(at={"Ref": "Pet"}), "Pet": part({"Ref": "Name"})},
            API,
            "this GET method has a path that is not known",
        ),
        (
            {},
            defined(parameters=[{"in": "query", "name": "name"}]),
            "GET /pets has method.request.querystring.name, which is not among the keys of its cache",
        ),
        (
            {},
            defined(security=[{"users": []}]),
            "GET /pets has an authorizer, and no header among the keys of its cache",
        ),
        ({}, API, ELSEWHERE.partition("since ")[2]),
        ({"Method": method({"Ref": "Verb"})}, API, ELSEWHERE.partition("since ")[2]),  # type: ignore[arg-type]
        (
            {},
            {"Type": "AWS::ApiGateway::RestApi", "Properties": {"BodyS3Location": {"Bucket": "b", "Key": "k"}}},
            ELSEWHERE.partition("since ")[2],
        ),
    ],
)
def test_nothing_is_cached_that_might_go_to_the_wrong_caller(
    resources: dict[str, Any], api: dict[str, Any], reason: str
) -> None:
    data = template(resources, api)
    assert_flags(data, RULE, message=f"{OFF}; not fixed, since {reason}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    "resources",
    [
        {"Method": method(auth="CUSTOM", keys=["method.request.header.Authorization"])},
        {"Method": method(at={"Ref": "Pet"}, keys=["method.request.path.id"]), "Pet": part("{id}")},
        {"Get": method(), "Post": method("POST", auth="AWS_IAM")},
        {"Method": method(RequestParameters={"method.request.header.Accept": False})},
    ],
)
def test_keys_tell_responses_apart(resources: dict[str, Any]) -> None:
    after = template(
        resources,
        CacheClusterEnabled=True,
        CacheClusterSize="0.5",
        MethodSettings=[{**ALL, **ON, "CacheTtlInSeconds": 30}],
    )
    assert_fixed(template(resources), after, RULE, unsafe_fixes=True)


def test_what_is_cached_already_is_encrypted_whoever_calls() -> None:
    before = template({"Method": method(auth="AWS_IAM")}, **CLUSTER, MethodSettings=[{**ALL, "CachingEnabled": True}])
    after = template({"Method": method(auth="AWS_IAM")}, **CLUSTER, MethodSettings=[{**ALL, **ON}])
    assert_fixed(before, after, RULE, unsafe_fixes=True)


def test_no_cache_is_a_warning_and_one_in_the_clear_an_error() -> None:
    none, clear = template(), template(**CLUSTER, MethodSettings=[{**ALL, "CachingEnabled": True}])
    assert [finding.severity.value for finding in assert_flags(none, RULE)] == ["warning"]
    assert [finding.severity.value for finding in assert_flags(clear, RULE)] == ["error"]


FOREIGN = {"Path": "Shop/Api/Resource", "LogicalId": "Api", "Attribute": "Ref"}


def left_beside(rest_api_id: Any, kind: str = "AWS::ApiGateway::Method") -> list[str]:
    """What is left of an API whose one method may be cached, beside a template with this method."""
    app = App()
    data = template()
    data["Outputs"] = {"Id": {"Value": {"Ref": "Api"}, "Export": {"Name": "Shop:Api"}}}
    Template(data, name="Shop", app=app, origins={"Api": Origin("Shop/Api/Resource")})
    other = method(auth="COGNITO_USER_POOLS", RestApiId=rest_api_id)
    Template({"Resources": {"Me": {**other, "Type": kind}, "Other": API}}, name="Users", app=app)
    chosen = Settings(unsafe_fixes=True)
    outcome = engine.run(app, [rule_of(RULE)], chosen, Suppressions(chosen.today), fix=True)
    assert not outcome.crashes
    return [finding.message for finding in outcome.findings]


@pytest.mark.parametrize(
    "rest_api_id",
    [{"Fn::ForeignRef": FOREIGN}, {"Fn::ImportValue": "Shop:Api"}, {"Ref": "ApiId"}, {"Fn::ImportValue": {"Ref": "X"}}],
)
def test_a_method_in_another_stack_is_not_seen_through(rest_api_id: Any) -> None:
    assert left_beside(rest_api_id) == [f"{OFF}{ELSEWHERE}"]


@pytest.mark.parametrize(
    "rest_api_id",
    [
        {"Ref": "Other"},
        {"Fn::ForeignRef": FOREIGN | {"LogicalId": "Other"}},
        {"Fn::ForeignRef": FOREIGN | {"Path": "Twin/Api/Resource"}},
        {"Fn::ImportValue": "Shop:Other"},
        "a1b2c3",
        None,
    ],
)
def test_a_method_in_another_stack_of_another_api(rest_api_id: Any) -> None:
    assert left_beside(rest_api_id) == []


def test_other_resources_in_another_stack_do_not_matter() -> None:
    assert left_beside({"Fn::ForeignRef": FOREIGN}, "AWS::ApiGateway::Resource") == []
