"""apigw-execution-logs."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-execution-logs"
ALL = {"HttpMethod": "*", "ResourcePath": "/*"}
PETS = {"HttpMethod": "GET", "ResourcePath": "/~1pets"}
INFO = {"LoggingLevel": "INFO"}
ERROR = {"LoggingLevel": "ERROR"}
ACCOUNT = {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": {"Ref": "RoleArn"}}}
NOT_SET = "requests to {} leave no execution log: LoggingLevel is not set"
TRACED = "whole requests to {} and their responses are logged: DataTraceEnabled is true"


def stage(type_: str = "AWS::ApiGateway::Stage", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Stage": {"Type": type_, "Properties": properties}}}


def methods(*entries: Any) -> dict[str, Any]:
    return stage(MethodSettings=list(entries))


def v2(protocol: Any, **properties: Any) -> dict[str, Any]:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "chat", "ProtocolType": protocol}}
    stage_ = {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, **properties}}
    return {"Resources": {"Stage": stage_, "Api": api}}


def with_account(template: dict[str, Any], *, waits: bool) -> dict[str, Any]:
    resources = template["Resources"]
    first = {**resources["Stage"], "DependsOn": ["Account"]} if waits else resources["Stage"]
    return {"Resources": {**resources, "Stage": first, "Account": ACCOUNT}}


@pytest.mark.parametrize(
    ("template", "path", "message"),
    [
        (stage(), "MethodSettings", NOT_SET.format("all methods")),
        (methods({**ALL, "MetricsEnabled": True}), "MethodSettings[0]", NOT_SET.format("all methods")),
        (
            methods({**ALL, "LoggingLevel": "OFF"}),
            "MethodSettings[0]",
            "requests to all methods leave no execution log: LoggingLevel is OFF",
        ),
        (methods({**ALL, "LoggingLevel": False}), "MethodSettings[0]", NOT_SET.format("all methods")),
        (methods({**ALL, **INFO}, PETS), "MethodSettings[1]", NOT_SET.format("GET /pets")),
        (
            methods({**ALL, **INFO, "DataTraceEnabled": True}),
            "MethodSettings[0].DataTraceEnabled",
            TRACED.format("all methods"),
        ),
        (
            methods({**ALL, **INFO}, {**PETS, **ERROR, "DataTraceEnabled": "true"}),
            "MethodSettings[1].DataTraceEnabled",
            TRACED.format("GET /pets"),
        ),
        (v2("WEBSOCKET"), "DefaultRouteSettings", NOT_SET.format("all routes")),
        (
            v2("WEBSOCKET", DefaultRouteSettings=INFO, RouteSettings={"$connect": {}}),
            "RouteSettings.$connect",
            NOT_SET.format("$connect"),
        ),
        (stage("AWS::Serverless::Api"), "MethodSettings", NOT_SET.format("all methods")),
        (
            stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"LoggingLevel": "OFF"}),
            "StageDescription",
            "requests to all methods leave no execution log: LoggingLevel is OFF",
        ),
    ],
)
def test_what_is_found(template: dict[str, Any], path: str, message: str) -> None:
    assert len(assert_flags(template, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "template",
    [
        methods({**ALL, **INFO}),
        methods({**ALL, **ERROR}),
        methods({**ALL, **INFO, "DataTraceEnabled": False}),
        methods({**ALL, **INFO, "DataTraceEnabled": {"Ref": "Trace"}}),
        methods({**ALL, "LoggingLevel": {"Ref": "Level"}}),
        methods({**ALL, "LoggingLevel": {"Fn::If": ["IsProd", "ERROR", "OFF"]}}),
        methods({**ALL, **INFO}, {**PETS, **ERROR}),
        methods({"Fn::If": ["IsProd", {**ALL, **INFO}, {"Ref": "AWS::NoValue"}]}),
        stage(MethodSettings={"Ref": "Settings"}),
        v2("HTTP"),
        v2("HTTP", DefaultRouteSettings={"DataTraceEnabled": True}),
        v2({"Ref": "Protocol"}),
        v2("WEBSOCKET", StageName="$default"),
        v2("WEBSOCKET", DefaultRouteSettings=ERROR),
        stage("AWS::ApiGatewayV2::Stage", ApiId={"Fn::ImportValue": "api"}),
        stage("AWS::Serverless::HttpApi"),
        stage("AWS::Serverless::Api", MethodSettings=[{**ALL, **INFO}]),
        {**stage("AWS::Serverless::Api"), "Globals": {"Api": {"MethodSettings": [{**ALL, **INFO}]}}},
        stage("AWS::ApiGateway::Deployment"),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription=INFO),
    ],
)
def test_what_is_logged_or_may_be(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


def test_data_traces_are_for_dev() -> None:
    traced = methods({**ALL, **INFO, "DataTraceEnabled": True})
    assert_clean(traced, RULE, environment="dev")
    assert_flags(traced, f"{RULE}[data-trace]", environment="staging")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (stage(StageName="prod"), stage(StageName="prod", MethodSettings=[{**ALL, **INFO}])),
        (
            methods({**PETS, "LoggingLevel": "OFF", "ThrottlingRateLimit": 5}),
            methods({**PETS, **INFO, "ThrottlingRateLimit": 5}, {**ALL, **INFO}),
        ),
        (methods({**ALL, **ERROR}, PETS), methods({**ALL, **ERROR}, {**PETS, **INFO})),
        (
            v2("WEBSOCKET", RouteSettings={"$connect": ERROR}),
            v2("WEBSOCKET", RouteSettings={"$connect": ERROR}, DefaultRouteSettings=INFO),
        ),
        (stage("AWS::Serverless::Api"), stage("AWS::Serverless::Api", MethodSettings=[{**ALL, **INFO}])),
    ],
)
def test_the_fix_sets_the_level_and_waits_for_the_account(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(with_account(before, waits=False), with_account(after, waits=True), RULE)


def test_the_fix_switches_data_traces_off_and_needs_no_account_for_it() -> None:
    before = methods({**ALL, **ERROR, "DataTraceEnabled": True}, {**PETS, **INFO, "DataTraceEnabled": "true"})
    after = methods({**ALL, **ERROR, "DataTraceEnabled": False}, {**PETS, **INFO, "DataTraceEnabled": False})
    assert_fixed(before, after, RULE)


def test_options() -> None:
    unmanaged = {"manage_account": False}
    after = stage(MethodSettings=[{**ALL, **ERROR}])
    assert_fixed(stage(), after, RULE, options={"level": "ERROR", **unmanaged})
    assert_clean(stage(MethodSettings=[{**ALL, **ERROR}]), RULE, options={"level": "INFO"})


def test_the_fix_adds_the_account_and_its_role_with_the_stages_condition() -> None:
    attributes = {"Condition": "IsProd", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    managed = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [{"Fn::Sub": managed}],
    }
    account = {"CloudWatchRoleArn": {"Fn::GetAtt": ["GuardrailsApiGatewayLogsRole", "Arn"]}}
    before, after = stage(), stage(MethodSettings=[{**ALL, **INFO}])
    before["Resources"]["Stage"]["Condition"] = "IsProd"
    after["Resources"]["Stage"] |= {"Condition": "IsProd", "DependsOn": ["GuardrailsApiGatewayAccount"]}
    after["Resources"] |= {
        "GuardrailsApiGatewayLogsRole": {"Type": "AWS::IAM::Role", **attributes, "Properties": role},
        "GuardrailsApiGatewayAccount": {"Type": "AWS::ApiGateway::Account", **attributes, "Properties": account},
    }
    assert_fixed(before, after, RULE)


def test_the_fix_leaves_what_a_deployment_makes() -> None:
    template = stage("AWS::ApiGateway::Deployment", StageName="prod")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)
