"""apigw-tracing."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-tracing"
STAGE = "AWS::ApiGateway::Stage"
SAM = "AWS::Serverless::Api"
DEPLOYMENT = "AWS::ApiGateway::Deployment"


def stage(type_: str = STAGE, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Stage": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    ("template", "path", "value"),
    [
        (stage(), "TracingEnabled", "not set"),
        ({"Resources": {"Stage": {"Type": STAGE}}}, "TracingEnabled", "not set"),
        (stage(TracingEnabled=False), "TracingEnabled", "False"),
        (stage(TracingEnabled="false"), "TracingEnabled", "false"),
        (stage(TracingEnabled={"Ref": "AWS::NoValue"}), "TracingEnabled", "not set"),
        (stage(SAM), "TracingEnabled", "not set"),
        (stage(DEPLOYMENT, StageName="prod"), "StageDescription.TracingEnabled", "not set"),
        (
            stage(DEPLOYMENT, StageName="prod", StageDescription={"TracingEnabled": False}),
            "StageDescription.TracingEnabled",
            "False",
        ),
    ],
)
def test_no_traces(template: dict[str, Any], path: str, value: str) -> None:
    message = f"requests are not traced: TracingEnabled is {value}"
    assert len(assert_flags(template, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "template",
    [
        stage(TracingEnabled=True),
        stage(TracingEnabled="true"),
        stage(TracingEnabled={"Ref": "Trace"}),
        stage(TracingEnabled={"Fn::If": ["IsProd", True, False]}),
        stage(SAM, TracingEnabled=True),
        {**stage(SAM), "Globals": {"Api": {"TracingEnabled": True}}},
        stage(DEPLOYMENT),
        stage(DEPLOYMENT, StageName="prod", StageDescription={"TracingEnabled": True}),
        stage(DEPLOYMENT, StageName="prod", StageDescription={"Ref": "Description"}),
        stage("AWS::ApiGatewayV2::Stage"),
        stage("AWS::Serverless::HttpApi"),
    ],
)
def test_traces_that_are_or_may_be(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


@pytest.mark.parametrize("type_", [STAGE, SAM])
@pytest.mark.parametrize("before", [{}, {"TracingEnabled": False}])
def test_the_fix(type_: str, before: dict[str, Any]) -> None:
    assert_fixed(stage(type_, StageName="prod", **before), stage(type_, StageName="prod", TracingEnabled=True), RULE)


def test_the_fix_leaves_what_a_deployment_makes() -> None:
    template = stage(DEPLOYMENT, StageName="prod")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)
