"""lambda-unused-event-source."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-unused-event-source"
SAM = "AWS::Serverless::Function"
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:orders"


def template(function: Any = None, name: Any = None, **properties: Any) -> dict[str, Any]:
    mapping = {
        "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]},
        "FunctionName": {"Ref": "Handler"} if function is None else function,
        **properties,
    }
    handler = {} if name is None else {"FunctionName": name}
    return {
        "Resources": {
            "Handler": {"Type": "AWS::Lambda::Function", "Properties": handler},
            "Jobs": {"Type": "AWS::SQS::Queue"},
            "Feed": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
        }
    }


def sam(event: Any) -> dict[str, Any]:
    return {"Resources": {"Handler": {"Type": SAM, "Properties": {"Events": {"Feed": event}}}}}


@pytest.mark.parametrize("enabled", [False, "false"])
def test_switched_off(enabled: Any) -> None:
    message = "Enabled is false, so that it never invokes the function"
    [finding] = assert_flags(template(Enabled=enabled), RULE, path="Enabled", message=message)
    assert (finding.id, finding.severity) == (f"{RULE}[disabled]", Severity.WARNING)
    assert finding.remedy == "Remove the event source, or enable it and let it feed a function of this app."


@pytest.mark.parametrize(
    "enabled", [True, "true", None, {"Ref": "AWS::NoValue"}, {"Ref": "Enabled"}, {"Fn::If": ["IsProd", True, False]}, 0]
)
def test_switched_on_or_unknown(enabled: Any) -> None:
    assert_clean(template(Enabled=enabled), RULE)


@pytest.mark.parametrize("function", ["orders", "orders:live", ARN, f"{ARN}:live", {"Fn::Sub": "orders"}])
def test_a_function_of_no_stack(function: Any) -> None:
    message = "it feeds the function 'orders', and no function of the app is named so"
    [finding] = assert_flags(template(function), RULE, path="FunctionName", message=message)
    assert finding.id == f"{RULE}[function]"


def test_an_arn_with_pseudo_parameters() -> None:
    arn = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders"}
    assert_flags(template(arn), f"{RULE}[function]")
    assert_clean(template(arn, name="orders"), RULE)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (ARN, "orders"),
        (f"{ARN}:live", "orders"),
        ("orders", "orders"),
        ("orders", {"Ref": "Name"}),
        ({"Fn::Sub": "${Env}-orders"}, {"Fn::Sub": "${Env}-orders"}),
        ({"Fn::Sub": "${Env}-orders"}, None),
        ({"Fn::GetAtt": ["Handler", "Arn"]}, None),
        ({"Ref": "FunctionName"}, None),
        ({"Ref": "Jobs"}, None),
        ({"Fn::ImportValue": "orders"}, None),
        ({"Fn::ForeignRef": ["Other", "Handler"]}, None),
        ({"Fn::GetAtt": ["Nested", "Outputs.Function"]}, None),
        ("{{resolve:ssm:/orders}}", None),
        ("", None),
        (7, None),
    ],
)
def test_a_function_of_the_app_or_an_unknown_one(function: Any, name: Any) -> None:
    assert_clean(template(function, name), RULE)


@pytest.mark.parametrize("source", ["arn:aws:kinesis:eu-west-1:111122223333:stream/shared", {"Ref": "Stream"}])
def test_a_source_from_elsewhere_is_no_finding(source: Any) -> None:
    assert_clean(template(EventSourceArn=source), RULE)


def test_a_function_of_another_stack() -> None:
    app = App()
    Template(template("orders"), name="Feeds", app=app)
    Template({"Resources": {"Orders": {"Type": SAM, "Properties": {"FunctionName": "orders"}}}}, name="Api", app=app)
    settings = Settings()
    outcome = engine.run(app, [all_rules()[RULE]], settings, Suppressions(settings.today), fix=False)
    assert not outcome.findings
    assert not outcome.crashes


@pytest.mark.parametrize("type_", ["SQS", "Kinesis", "DynamoDB", "MSK"])
def test_an_event_of_a_sam_function(type_: str) -> None:
    message = "the event source Feed is switched off: Enabled is false, so that it never invokes the function"
    event = {"Type": type_, "Properties": {"Enabled": False}}
    [finding] = assert_flags(sam(event), RULE, path="Events.Feed.Properties.Enabled", message=message)
    assert finding.id == f"{RULE}[Feed]"


@pytest.mark.parametrize(
    "event",
    [
        {"Type": "SQS", "Properties": {"Enabled": True}},
        {"Type": "SQS", "Properties": {"Enabled": {"Ref": "Enabled"}}},
        {"Type": "SQS"},
        {"Type": "Schedule", "Properties": {"Enabled": False}},
        {"Type": "SQS", "Properties": "Enabled"},
        None,
    ],
)
def test_events_that_are_on(event: Any) -> None:
    assert_clean(sam(event), RULE)
