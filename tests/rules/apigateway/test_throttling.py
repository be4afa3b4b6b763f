"""apigw-throttling."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-throttling"
LIMITS = {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 50}
OWN = {"ThrottlingRateLimit": 20000, "ThrottlingBurstLimit": 9000}
ALL = {"HttpMethod": "*", "ResourcePath": "/*"}
NOTHING_SET = "requests to {} are not limited: ThrottlingRateLimit is not set and ThrottlingBurstLimit is not set"
OFF = (
    "requests to all methods are not limited: ThrottlingRateLimit -1 switches throttling off and "
    "ThrottlingBurstLimit -1 switches throttling off"
)
IF = {"Fn::If": ["IsProd", {**ALL, **OWN}, {"Ref": "AWS::NoValue"}]}


def stage(type_: str = "AWS::ApiGateway::Stage", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Stage": {"Type": type_, "Properties": properties}}}


def methods(*entries: Any) -> dict[str, Any]:
    return stage(StageName="prod", MethodSettings=list(entries))


def method(path: str, name: str = "GET", **values: Any) -> dict[str, Any]:
    return {"HttpMethod": name, "ResourcePath": path, **values}


def v2(**properties: Any) -> dict[str, Any]:
    return stage("AWS::ApiGatewayV2::Stage", **properties)


@pytest.mark.parametrize(
    ("template", "path", "message"),
    [
        (stage(), "MethodSettings", NOTHING_SET.format("all methods")),
        (stage(MethodSettings={"Ref": "AWS::NoValue"}), "MethodSettings", NOTHING_SET.format("all methods")),
        (methods(), "MethodSettings", NOTHING_SET.format("all methods")),
        (methods({**ALL, "MetricsEnabled": True}), "MethodSettings[0]", NOTHING_SET.format("all methods")),
        (methods(method("/*", "POST", **OWN)), "MethodSettings", NOTHING_SET.format("all methods")),
        (
            methods({**ALL, "ThrottlingRateLimit": 10}),
            "MethodSettings[0]",
            "requests to all methods are not limited: ThrottlingBurstLimit is not set",
        ),
        (
            methods({**ALL, "ThrottlingRateLimit": -1, "ThrottlingBurstLimit": "-1"}),
            "MethodSettings[0]",
            OFF,
        ),
        (
            methods({**ALL, **OWN}, method("/~1pets~1{id}")),
            "MethodSettings[1]",
            NOTHING_SET.format("GET /pets/{id}"),
        ),
        (methods({**ALL, **OWN}, method("/", "*")), "MethodSettings[1]", NOTHING_SET.format("* /")),
        (
            methods({**ALL, **OWN}, method({"Fn::Sub": "/~1${Path}"})),
            "MethodSettings[1]",
            NOTHING_SET.format("MethodSettings.1"),
        ),
        (methods(IF, method("/~1pets")), "MethodSettings[1]", NOTHING_SET.format("GET /pets")),
        (v2(), "DefaultRouteSettings", NOTHING_SET.format("all routes")),
        (v2(DefaultRouteSettings={"DataTraceEnabled": True}), "DefaultRouteSettings", NOTHING_SET.format("all routes")),
        (
            v2(DefaultRouteSettings=OWN, RouteSettings={"GET /pets.json": {}}),
            "RouteSettings.GET /pets.json",
            NOTHING_SET.format("GET /pets.json"),
        ),
        (stage("AWS::Serverless::Api"), "MethodSettings", NOTHING_SET.format("all methods")),
        (stage("AWS::Serverless::HttpApi"), "DefaultRouteSettings", NOTHING_SET.format("all routes")),
        (
            stage("AWS::ApiGateway::Deployment", RestApiId="a", StageName="prod"),
            "StageDescription",
            NOTHING_SET.format("all methods"),
        ),
        (
            stage(
                "AWS::ApiGateway::Deployment",
                StageName={"Ref": "StageName"},
                StageDescription={**OWN, "MethodSettings": [method("/~1pets")]},
            ),
            "StageDescription.MethodSettings[0]",
            NOTHING_SET.format("GET /pets"),
        ),
    ],
)
def test_no_limits(template: dict[str, Any], path: str, message: str) -> None:
    assert len(assert_flags(template, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "template",
    [
        methods({**ALL, **LIMITS}),
        methods({**ALL, **OWN}),
        methods({**ALL, "ThrottlingRateLimit": "0.5", "ThrottlingBurstLimit": 0}),
        methods({"HttpMethod": "*", "ResourcePath": "*", **LIMITS}),
        methods({**ALL, **LIMITS}, method("/~1pets", **OWN)),
        methods({**ALL, **LIMITS}, {"Ref": "AWS::NoValue"}),
        methods({**ALL, "ThrottlingRateLimit": {"Ref": "Rate"}, "ThrottlingBurstLimit": {"Ref": "Burst"}}),
        methods({**ALL, "ThrottlingRateLimit": "{{resolve:ssm:rate}}", "ThrottlingBurstLimit": 5}),
        methods(IF),
        methods(method({"Ref": "Path"}, "*", **OWN)),
        methods(method("/~1pets", {"Ref": "Method"}, **OWN)),
        stage(MethodSettings={"Fn::If": ["IsProd", [{**ALL, **OWN}], []]}),
        {"Resources": {"Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {"Fn::Transform": {"Name": "M"}}}}},
        v2(DefaultRouteSettings=OWN),
        v2(DefaultRouteSettings={"Fn::If": ["IsProd", OWN, {"Ref": "AWS::NoValue"}]}),
        v2(DefaultRouteSettings='{"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 5}'),
        v2(DefaultRouteSettings=OWN, RouteSettings={"GET /pets": OWN}),
        v2(DefaultRouteSettings=OWN, RouteSettings={"GET /pets": IF}),
        v2(DefaultRouteSettings=OWN, RouteSettings='{"GET /pets": {}}'),
        v2(DefaultRouteSettings=OWN, RouteSettings={"Ref": "AWS::NoValue"}),
        stage("AWS::Serverless::Api", MethodSettings=[{**ALL, **OWN}]),
        stage("AWS::Serverless::HttpApi", DefaultRouteSettings=OWN),
        stage("AWS::ApiGateway::Deployment", RestApiId="a"),
        stage("AWS::ApiGateway::Deployment", RestApiId="a", StageName={"Ref": "AWS::NoValue"}),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription=OWN),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"MethodSettings": [{**ALL, **OWN}]}),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"MethodSettings": [IF]}),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"Fn::If": ["C", OWN, {}]}),
        stage("AWS::ApiGateway::UsagePlan"),
    ],
)
def test_limits_that_are_there_or_may_be(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


@pytest.mark.parametrize(
    ("type_", "section", "name"),
    [
        ("AWS::Serverless::Api", "Api", "MethodSettings"),
        ("AWS::Serverless::HttpApi", "HttpApi", "DefaultRouteSettings"),
    ],
)
def test_globals_of_a_sam_template_may_set_limits(type_: str, section: str, name: str) -> None:
    assert_clean({**stage(type_), "Globals": {section: {name: [{**ALL, **OWN}]}}}, RULE)
    assert_clean({**stage(type_, **{name: None}), "Globals": {section: {name: OWN}}}, RULE)
    assert_flags({**stage(type_), "Globals": {section: {"Tags": {}}, "Function": {name: OWN}}}, RULE)


@pytest.mark.parametrize(
    ("names", "makes_a_stage"),
    [
        (("prod", "prod"), False),
        (("dummy", "prod"), True),
        (("dummy", {"Ref": "Name"}), False),
        (({"Ref": "Name"}, {"Ref": "Name"}), False),
        (({"Ref": "Name"}, "prod"), False),
    ],
)
def test_a_stage_that_a_deployment_makes_beside_another(names: tuple[Any, Any], makes_a_stage: bool) -> None:
    template = methods({**ALL, **OWN})
    template["Resources"]["Stage"]["Properties"] |= {"RestApiId": {"Ref": "Api"}, "StageName": names[1]}
    deployment = {"RestApiId": {"Ref": "Api"}, "StageName": names[0]}
    template["Resources"]["Deployment"] = {"Type": "AWS::ApiGateway::Deployment", "Properties": deployment}
    if makes_a_stage:
        assert assert_flags(template, RULE)[0].logical_id == "Deployment"
    else:
        assert_clean(template, RULE)


def test_the_stage_of_another_api_does_not_count() -> None:
    template = methods({**ALL, **OWN})
    template["Resources"]["Stage"]["Properties"]["RestApiId"] = {"Ref": "OtherApi"}
    deployment = {"RestApiId": {"Ref": "Api"}, "StageName": "prod"}
    template["Resources"]["Deployment"] = {"Type": "AWS::ApiGateway::Deployment", "Properties": deployment}
    assert_flags(template, RULE, path="StageDescription")


def test_a_single_method_is_suppressed_by_name() -> None:
    template = methods(method("/~1pets~1{id}", "DELETE"))
    ids = {finding.id for finding in assert_flags(template, RULE)}
    assert ids == {"apigw-throttling", "apigw-throttling[DELETE /pets/{id}]"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (stage(StageName="prod"), methods({**ALL, **LIMITS})),
        (stage("AWS::Serverless::Api"), stage("AWS::Serverless::Api", MethodSettings=[{**ALL, **LIMITS}])),
        (
            methods(method("/~1pets", MetricsEnabled=True), method("/~1owners", **OWN)),
            methods(method("/~1pets", MetricsEnabled=True, **LIMITS), method("/~1owners", **OWN), {**ALL, **LIMITS}),
        ),
        (methods({"DataTraceEnabled": False, **ALL}), methods({"DataTraceEnabled": False, **ALL, **LIMITS})),
        (
            methods({**ALL, "ThrottlingRateLimit": -1, "ThrottlingBurstLimit": 10}),
            methods({**ALL, "ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 10}),
        ),
        (
            methods({**ALL, "ThrottlingRateLimit": {"Ref": "Rate"}}),
            methods({**ALL, "ThrottlingRateLimit": {"Ref": "Rate"}, "ThrottlingBurstLimit": 50}),
        ),
        (methods(IF, method("/~1pets")), methods(IF, method("/~1pets", **LIMITS))),
        (v2(StageName="$default"), v2(StageName="$default", DefaultRouteSettings=LIMITS)),
        (
            v2(DefaultRouteSettings={"DetailedMetricsEnabled": True}, RouteSettings={"$connect": {}, "GET /": OWN}),
            v2(
                DefaultRouteSettings={"DetailedMetricsEnabled": True, **LIMITS},
                RouteSettings={"$connect": LIMITS, "GET /": OWN},
            ),
        ),
    ],
)
def test_the_fix_sets_what_is_missing(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"ThrottlingRateLimit": 5}, {"ThrottlingBurstLimit": 50}),
        ({"ThrottlingRateLimit": 5000}, {"ThrottlingBurstLimit": 2500}),
        ({"ThrottlingBurstLimit": 75}, {"ThrottlingRateLimit": 150}),
        ({"ThrottlingRateLimit": "Infinity"}, {"ThrottlingBurstLimit": 50}),
    ],
)
def test_the_other_limit_is_made_to_suit_the_authors(given: dict[str, Any], made: dict[str, Any]) -> None:
    assert_fixed(methods({**ALL, **given}), methods({**ALL, **given, **made}), RULE)


def test_the_fix_sets_the_limits_that_were_asked_for() -> None:
    asked_for = {"rate_limit": 0.5, "burst_limit": 2}
    after = methods({**ALL, "ThrottlingRateLimit": 0.5, "ThrottlingBurstLimit": 2})
    assert_fixed(methods(), after, RULE, options=asked_for)
    assert (
        "throttling_rate_limit=0.5, throttling_burst_limit=2"
        in assert_flags(methods(), RULE, options=asked_for)[0].remedy
    )


def test_the_fix_leaves_what_a_deployment_makes() -> None:
    """StageDescription is rejected for a stage that exists."""
    template = stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"Description": "x"})
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)
    assert "a resource of its own" in assert_flags(template, RULE)[0].remedy
