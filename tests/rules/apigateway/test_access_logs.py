"""apigw-access-logs."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.apigateway.access_logs import FIELDS, json_format
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-access-logs"
API = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "pets"}}
DESTINATION = {"Fn::GetAtt": ["LogGroup", "Arn"]}
LOG_GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {}}
BOTH = {"DestinationArn": DESTINATION, "Format": "$context.requestId"}
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
ROLE = {
    "Type": "AWS::IAM::Role",
    **KEPT,
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        },
        "ManagedPolicyArns": [
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
        ],
    },
}
ACCOUNT = {
    "Type": "AWS::ApiGateway::Account",
    **KEPT,
    "Properties": {"CloudWatchRoleArn": {"Fn::GetAtt": ["GuardrailsApiGatewayLogsRole", "Arn"]}},
}
ADDED = {"GuardrailsApiGatewayLogsRole": ROLE, "GuardrailsApiGatewayAccount": ACCOUNT}
AUTHORS_ACCOUNT = {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": {"Ref": "RoleArn"}}}


def stage(type_: str = "AWS::ApiGateway::Stage", **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def logging(kind: str, group: str = "GuardrailsStageAccessLogs") -> dict[str, Any]:
    return {"DestinationArn": {"Fn::GetAtt": [group, "Arn"]}, "Format": json_format(kind)}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": copy.deepcopy(resources)}


def rest(**attributes: Any) -> dict[str, Any]:
    return {**stage(RestApiId={"Ref": "Api"}), **attributes}


def rest_fixed(
    group: str = "GuardrailsStageAccessLogs", account: str | None = None, **attributes: Any
) -> dict[str, Any]:
    fixed = {**stage(RestApiId={"Ref": "Api"}, AccessLogSetting=logging("REST", group)), **attributes}
    return {**fixed, "DependsOn": [account or "GuardrailsApiGatewayAccount"]}


@pytest.mark.parametrize(
    ("resource", "path", "message"),
    [
        (stage(), "AccessLogSetting", "requests leave no access log: DestinationArn and Format not set"),
        (
            stage(AccessLogSetting={"Ref": "AWS::NoValue"}),
            "AccessLogSetting",
            "requests leave no access log: DestinationArn and Format not set",
        ),
        (
            stage(AccessLogSetting={"DestinationArn": DESTINATION}),
            "AccessLogSetting.Format",
            "requests leave no access log: Format not set",
        ),
        (
            stage(AccessLogSetting={"Format": "$context.requestId", "DestinationArn": ""}),
            "AccessLogSetting.DestinationArn",
            "requests leave no access log: DestinationArn not set",
        ),
        (
            stage("AWS::ApiGatewayV2::Stage"),
            "AccessLogSettings",
            "requests leave no access log: DestinationArn and Format not set",
        ),
        (
            stage("AWS::Serverless::Api"),
            "AccessLogSetting",
            "requests leave no access log: DestinationArn and Format not set",
        ),
        (
            stage("AWS::Serverless::HttpApi"),
            "AccessLogSettings",
            "requests leave no access log: DestinationArn and Format not set",
        ),
        (
            stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"MetricsEnabled": True}),
            "StageDescription.AccessLogSetting",
            "requests leave no access log: DestinationArn and Format not set",
        ),
    ],
)
def test_no_access_log(resource: dict[str, Any], path: str, message: str) -> None:
    findings = assert_flags(template(Stage=resource), RULE, path=path, message=message)
    assert [finding.id for finding in findings] == ["apigw-access-logs"]


@pytest.mark.parametrize(
    "resource",
    [
        stage(AccessLogSetting=BOTH),
        stage(
            AccessLogSetting={
                **BOTH,
                "DestinationArn": "arn:aws:firehose:eu-west-1:1:deliverystream/amazon-apigateway-x",
            }
        ),
        stage(AccessLogSetting={"DestinationArn": {"Ref": "Arn"}, "Format": {"Ref": "Format"}}),
        stage(AccessLogSetting={"Fn::If": ["IsProd", BOTH, {"Ref": "AWS::NoValue"}]}),
        stage(AccessLogSetting={"Ref": "Setting"}),
        {"Type": "AWS::ApiGateway::Stage", "Properties": {"Fn::Transform": {"Name": "M"}}},
        stage("AWS::ApiGatewayV2::Stage", AccessLogSettings=BOTH),
        stage("AWS::Serverless::Api", AccessLogSetting=BOTH),
        stage("AWS::Serverless::HttpApi", AccessLogSettings=BOTH),
        stage("AWS::ApiGateway::Deployment"),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"AccessLogSetting": BOTH}),
        stage("AWS::ApiGateway::Deployment", StageName="prod", StageDescription={"Ref": "Description"}),
        stage("AWS::ApiGatewayV2::Api", Target="https://example.com"),
    ],
)
def test_access_logs_that_are_there_or_may_be(resource: dict[str, Any]) -> None:
    assert_clean(template(Stage=resource), RULE)


def test_globals_of_a_sam_template_may_set_them() -> None:
    api = template(Api=stage("AWS::Serverless::Api"))
    assert_clean({**api, "Globals": {"Api": {"AccessLogSetting": BOTH}}}, RULE)
    assert_flags({**api, "Globals": {"HttpApi": {"AccessLogSettings": BOTH}}}, RULE)


def test_the_fix_of_a_rest_api() -> None:
    before = template(Api=API, Stage=rest())
    after = template(Api=API, Stage=rest_fixed(), GuardrailsStageAccessLogs=LOG_GROUP, **ADDED)
    assert_fixed(before, after, RULE)


def test_the_fix_of_two_stages_adds_one_account() -> None:
    before = template(Api=API, Stage=rest(DependsOn="Api"), Test=rest())
    after = template(
        Api=API,
        Stage={**rest_fixed(), "DependsOn": ["Api", "GuardrailsApiGatewayAccount"]},
        Test=rest_fixed("GuardrailsTestAccessLogs"),
        GuardrailsStageAccessLogs=LOG_GROUP,
        GuardrailsTestAccessLogs=LOG_GROUP,
        **ADDED,
    )
    assert_fixed(before, after, RULE)


def test_what_is_added_has_the_stages_condition() -> None:
    def under(resource: dict[str, Any]) -> dict[str, Any]:
        return {**resource, "Condition": "IsProd"}

    before = template(Api=API, Stage=rest(Condition="IsProd"))
    after = template(
        Api=API,
        Stage=rest_fixed(Condition="IsProd"),
        GuardrailsStageAccessLogs=under(LOG_GROUP),
        GuardrailsApiGatewayLogsRole=under(ROLE),
        GuardrailsApiGatewayAccount=under(ACCOUNT),
    )
    assert_fixed(before, after, RULE)
    before["Resources"]["Test"] = rest()
    after["Resources"] |= {
        "Test": rest_fixed("GuardrailsTestAccessLogs"),
        "GuardrailsTestAccessLogs": LOG_GROUP,
        **ADDED,
    }
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        (stage("AWS::ApiGatewayV2::Api", ProtocolType="HTTP"), "HTTP"),
        (stage("AWS::ApiGatewayV2::Api", Body={"openapi": "3.0.1"}), "HTTP"),
        (stage("AWS::Serverless::HttpApi", AccessLogSettings=BOTH), "HTTP"),
        (stage("AWS::ApiGatewayV2::Api", ProtocolType="WEBSOCKET"), "WEBSOCKET"),
    ],
)
def test_the_fix_of_a_v2_api(api: dict[str, Any], kind: str) -> None:
    type_, id_ = "AWS::ApiGatewayV2::Stage", {"Ref": "Api"}
    websocket = kind == "WEBSOCKET"
    attributes = {"DependsOn": ["GuardrailsApiGatewayAccount"]} if websocket else {}
    before = template(Api=api, Stage=stage(type_, ApiId=id_))
    after = template(
        Api=api,
        Stage={**stage(type_, ApiId=id_, AccessLogSettings=logging(kind)), **attributes},
        GuardrailsStageAccessLogs=LOG_GROUP,
        **(ADDED if websocket else {}),
    )
    assert_fixed(before, after, RULE)


def test_the_default_stage_is_one_of_an_http_api() -> None:
    properties = {"ApiId": {"Fn::ImportValue": "api"}, "StageName": "$default"}
    before = template(Stage=stage("AWS::ApiGatewayV2::Stage", **properties))
    after = template(
        Stage=stage("AWS::ApiGatewayV2::Stage", **properties, AccessLogSettings=logging("HTTP")),
        GuardrailsStageAccessLogs=LOG_GROUP,
    )
    assert_fixed(before, after, RULE)


def test_the_fix_of_sam_apis() -> None:
    before = template(Rest=stage("AWS::Serverless::Api"), Http=stage("AWS::Serverless::HttpApi"))
    fixed_rest = stage("AWS::Serverless::Api", AccessLogSetting=logging("REST", "GuardrailsRestAccessLogs"))
    after = template(
        Rest={**fixed_rest, "DependsOn": ["GuardrailsApiGatewayAccount"]},
        Http=stage("AWS::Serverless::HttpApi", AccessLogSettings=logging("HTTP", "GuardrailsHttpAccessLogs")),
        GuardrailsRestAccessLogs=LOG_GROUP,
        GuardrailsHttpAccessLogs=LOG_GROUP,
        **ADDED,
    )
    assert_fixed(before, after, RULE)


def test_the_fix_keeps_the_authors_half() -> None:
    http = {"ApiId": "a1b2c3", "StageName": "$default"}
    destination = {"DestinationArn": "arn:aws:firehose:eu-west-1:1:deliverystream/amazon-apigateway-x"}
    before = template(
        Rest=stage(AccessLogSetting=destination),
        Http=stage("AWS::ApiGatewayV2::Stage", **http, AccessLogSettings={"Format": "$context.requestId"}),
    )
    made = {"Format": "$context.requestId", "DestinationArn": {"Fn::GetAtt": ["GuardrailsHttpAccessLogs", "Arn"]}}
    after = template(
        Rest=stage(AccessLogSetting={**destination, "Format": json_format("REST")}),
        Http=stage("AWS::ApiGatewayV2::Stage", **http, AccessLogSettings=made),
        GuardrailsHttpAccessLogs=LOG_GROUP,
    )
    assert_fixed(before, after, RULE)


def test_a_format_for_a_log_group_needs_the_account_too() -> None:
    before = template(LogGroup=LOG_GROUP, Stage=stage(AccessLogSetting={"DestinationArn": DESTINATION}))
    fixed = stage(AccessLogSetting={"DestinationArn": DESTINATION, "Format": json_format("REST")})
    after = template(LogGroup=LOG_GROUP, Stage={**fixed, "DependsOn": ["GuardrailsApiGatewayAccount"]}, **ADDED)
    assert_fixed(before, after, RULE)


def test_the_authors_account_is_kept_and_waited_for() -> None:
    before = template(Api=API, Account=AUTHORS_ACCOUNT, Stage=rest())
    after = template(
        Api=API,
        Account=AUTHORS_ACCOUNT,
        Stage=rest_fixed(account="Account"),
        GuardrailsStageAccessLogs=LOG_GROUP,
    )
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("account", "attributes"),
    [
        (AUTHORS_ACCOUNT, {"DependsOn": ["Account"]}),
        (AUTHORS_ACCOUNT, {"DependsOn": "Account"}),
        ({**AUTHORS_ACCOUNT, "DependsOn": ["Stage"]}, {}),
    ],
)
def test_an_order_that_is_there_stays(account: dict[str, Any], attributes: dict[str, Any]) -> None:
    """A DependsOn that is there is not added again, and one that would close a circle not at all."""
    before = template(Api=API, Account=account, Stage=rest(**attributes))
    logs = stage(RestApiId={"Ref": "Api"}, AccessLogSetting=logging("REST"))
    after = template(Api=API, Account=account, Stage={**logs, **attributes}, GuardrailsStageAccessLogs=LOG_GROUP)
    assert_fixed(before, after, RULE)


def test_no_account_when_it_is_set_outside_of_the_app() -> None:
    logs = stage(RestApiId={"Ref": "Api"}, AccessLogSetting=logging("REST"))
    after = template(Api=API, Stage=logs, GuardrailsStageAccessLogs=LOG_GROUP)
    assert_fixed(template(Api=API, Stage=rest()), after, RULE, options={"manage_account": False})


def run(*templates: dict[str, Any]) -> App:
    app = App()
    for index, data in enumerate(templates):
        Template(data, name=str(index), app=app)
    fix(app)
    return app


def fix(app: App) -> None:
    today = datetime.date(2026, 1, 1)
    outcome = engine.run(app, [rule_of(RULE)], Settings(today=today), Suppressions(today), fix=True)
    assert not outcome.findings
    assert not outcome.failed


def test_an_account_in_another_stack_of_the_app_is_relied_on() -> None:
    app = run(template(Api=API, Stage=rest()), template(Account=AUTHORS_ACCOUNT))
    first = app.templates[0]
    assert first.of_type("AWS::ApiGateway::Account") == []
    assert first.resources["Stage"].depends_on == []


@pytest.mark.parametrize(
    ("here", "there", "relied_on"),
    [
        (("1", "eu-west-1"), ("1", "eu-west-1"), True),
        (("1", "eu-west-1"), ("", ""), True),
        (("", "eu-west-1"), ("1", "eu-west-1"), True),
        (("1", "eu-west-1"), ("1", "us-east-1"), False),
        (("1", "eu-west-1"), ("2", "eu-west-1"), False),
    ],
)
def test_an_account_for_another_region_or_aws_account_is_none(
    here: tuple[str, str], there: tuple[str, str], relied_on: bool
) -> None:
    app = App()
    Template(template(Api=API, Stage=rest()), name="here", app=app, account=here[0], region=here[1])
    Template(template(Account=AUTHORS_ACCOUNT), name="there", app=app, account=there[0], region=there[1])
    fix(app)
    assert (app.templates[0].of_type("AWS::ApiGateway::Account") == []) is relied_on


def test_of_several_accounts_that_of_the_own_api_is_waited_for() -> None:
    """Another's may wait for its own API. Without construct paths nobody can tell, and one is enough."""
    first, second = {**AUTHORS_ACCOUNT}, {**AUTHORS_ACCOUNT}
    for paths, waited in (({"Api": "S/Pets/Resource", "Second": "S/Pets/Account"}, "Second"), ({}, "First")):
        data = template(Api=API, First=first, Second=second, Stage=rest())
        app = App()
        Template(copy.deepcopy(data), origins={id_: Origin(path) for id_, path in paths.items()}, app=app)
        fix(app)
        assert app.templates[0].resources["Stage"].depends_on == [waited]


def test_of_several_accounts_one_that_is_waited_for_is_enough() -> None:
    data = template(Api=API, First=AUTHORS_ACCOUNT, Second=AUTHORS_ACCOUNT, Stage=rest(DependsOn=["Second"]))
    assert run(data).templates[0].resources["Stage"].depends_on == ["Second"]


def test_each_stack_has_its_own_when_no_stack_had_one() -> None:
    """Either may be deployed first, and to another account or region."""
    app = run(template(Api=API, Stage=rest()), template(Api=API, Stage=rest()))
    assert all("GuardrailsApiGatewayAccount" in template.resources for template in app.templates)


@pytest.mark.parametrize(
    "resources",
    [
        {"Stage": stage("AWS::ApiGatewayV2::Stage", ApiId={"Fn::ImportValue": "api"}, StageName="prod")},
        {"Stage": stage("AWS::ApiGatewayV2::Stage", ApiId="a1b2c3")},
        {
            "Api": stage("AWS::ApiGatewayV2::Api", ProtocolType={"Ref": "Protocol"}),
            "Stage": stage("AWS::ApiGatewayV2::Stage", ApiId={"Ref": "Api"}),
        },
        {"Stage": stage("AWS::ApiGateway::Deployment", StageName="prod")},
    ],
)
def test_the_fix_leaves_what_it_cannot_know_or_change(resources: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template(**resources), template(**resources), RULE)


@pytest.mark.parametrize("kind", FIELDS)
def test_the_format_is_compact_json_with_what_is_asked_for(kind: str) -> None:
    text = json_format(kind)
    event = json.loads(text)
    assert event["requestId"] == "$context.requestId"
    assert {"status", "ip", "caller", "user", "integrationLatency", "error", "integrationError"} <= set(event)
    assert all(value.startswith("$context.") for value in event.values())
    assert "\n" not in text
    assert len(text) < 3 * 1024


def test_the_format_of_a_rest_api() -> None:
    assert json_format("REST") == (
        '{"requestId":"$context.requestId","requestTime":"$context.requestTime","status":"$context.status",'
        '"ip":"$context.identity.sourceIp","caller":"$context.identity.caller","user":"$context.identity.user",'
        '"integrationLatency":"$context.integrationLatency","integrationStatus":"$context.integration.status",'
        '"error":"$context.error.message","errorType":"$context.error.responseType",'
        '"integrationError":"$context.integration.error","httpMethod":"$context.httpMethod",'
        '"protocol":"$context.protocol","latency":"$context.responseLatency",'
        '"responseLength":"$context.responseLength","resourcePath":"$context.resourcePath",'
        '"extendedRequestId":"$context.extendedRequestId","xrayTraceId":"$context.xrayTraceId"}'
    )
