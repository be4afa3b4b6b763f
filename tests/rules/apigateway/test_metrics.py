"""apigw-metrics."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-metrics"
ALL = {"HttpMethod": "*", "ResourcePath": "/*"}
PETS = {"HttpMethod": "GET", "ResourcePath": "/~1pets"}
ON = {"MetricsEnabled": True}
DETAILED = {"DetailedMetricsEnabled": True}


def stage(type_: str = "AWS::ApiGateway::Stage", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Stage": {"Type": type_, "Properties": properties}}}


def methods(*entries: Any) -> dict[str, Any]:
    return stage(MethodSettings=list(entries))


def v2(**properties: Any) -> dict[str, Any]:
    return stage("AWS::ApiGatewayV2::Stage", **properties)


@pytest.mark.parametrize(
    ("template", "path", "message"),
    [
        (stage(), "MethodSettings", "methods send no metrics of their own: MetricsEnabled is not set"),
        (methods(ALL), "MethodSettings[0]", "methods send no metrics of their own: MetricsEnabled is not set"),
        (
            methods({**ALL, "MetricsEnabled": False}),
            "MethodSettings[0]",
            "methods send no metrics of their own: MetricsEnabled is False",
        ),
        (methods({**ALL, **ON}, PETS), "MethodSettings[1]", "GET /pets sends no metrics: MetricsEnabled is not set"),
        (
            v2(),
            "DefaultRouteSettings",
            "methods send no metrics of their own: DetailedMetricsEnabled is not set",
        ),
        (
            v2(DefaultRouteSettings=DETAILED, RouteSettings={"GET /pets": {"DetailedMetricsEnabled": "false"}}),
            "RouteSettings.GET /pets",
            "GET /pets sends no metrics: DetailedMetricsEnabled is false",
        ),
        (
            stage("AWS::Serverless::Api"),
            "MethodSettings",
            "methods send no metrics of their own: MetricsEnabled is not set",
        ),
        (
            stage("AWS::Serverless::HttpApi"),
            "DefaultRouteSettings",
            "methods send no metrics of their own: DetailedMetricsEnabled is not set",
        ),
        (
            stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"MetricsEnabled": False}),
            "StageDescription",
            "methods send no metrics of their own: MetricsEnabled is False",
        ),
    ],
)
def test_no_metrics(template: dict[str, Any], path: str, message: str) -> None:
    assert len(assert_flags(template, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "template",
    [
        methods({**ALL, **ON}),
        methods({**ALL, "MetricsEnabled": "true"}),
        methods({**ALL, "MetricsEnabled": {"Ref": "Metrics"}}),
        methods({**ALL, **ON}, {**PETS, **ON}),
        methods({"Fn::If": ["IsProd", {**ALL, **ON}, {"Ref": "AWS::NoValue"}]}),
        stage(MethodSettings={"Ref": "Settings"}),
        v2(DefaultRouteSettings=DETAILED),
        v2(DefaultRouteSettings={"DetailedMetricsEnabled": {"Ref": "Metrics"}}),
        v2(DefaultRouteSettings={"Ref": "Settings"}),
        v2(DefaultRouteSettings=DETAILED, RouteSettings={"GET /pets": DETAILED}),
        stage("AWS::Serverless::Api", MethodSettings=[{**ALL, **ON}]),
        {**stage("AWS::Serverless::Api"), "Globals": {"Api": {"MethodSettings": [{**ALL, **ON}]}}},
        stage("AWS::ApiGateway::Deployment"),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription=ON),
    ],
)
def test_metrics_that_are_sent_or_may_be(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (stage(StageName="prod"), stage(StageName="prod", MethodSettings=[{**ALL, **ON}])),
        (
            methods({**PETS, "MetricsEnabled": False, "ThrottlingRateLimit": 5}),
            methods({**PETS, **ON, "ThrottlingRateLimit": 5}, {**ALL, **ON}),
        ),
        (
            methods({**ALL, "MetricsEnabled": {"Ref": "Metrics"}}, PETS),
            methods({**ALL, "MetricsEnabled": {"Ref": "Metrics"}}, {**PETS, **ON}),
        ),
        (
            v2(DefaultRouteSettings={"ThrottlingRateLimit": 5}, RouteSettings={"$connect": {}}),
            v2(DefaultRouteSettings={"ThrottlingRateLimit": 5, **DETAILED}, RouteSettings={"$connect": DETAILED}),
        ),
        (stage("AWS::Serverless::HttpApi"), stage("AWS::Serverless::HttpApi", DefaultRouteSettings=DETAILED)),
    ],
)
def test_the_fix_switches_them_on(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(before, after, RULE)


def test_the_fix_leaves_what_a_deployment_makes() -> None:
    template = stage("AWS::ApiGateway::Deployment", StageName="prod")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)
