"""lambda-alarms."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.engine import run
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-alarms"
ROLE = "arn:aws:iam::111122223333:role/handler"


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "index.handler", "Role": ROLE, **properties}}


def alarm(metric: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """An author's alarm on a metric of a function, Handler unless ``value`` says otherwise."""
    dimension = {"Name": "FunctionName", "Value": {"Ref": "Handler"} if value is None else value}
    properties = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": [dimension], **more}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def alarms(value: Any = None, **more: Any) -> dict[str, Any]:
    return {name: alarm(name, value, **more) for name in ("Errors", "Throttles", "Duration")}


def template(handler: dict[str, Any] | None = None, **resources: Any) -> dict[str, Any]:
    return {"Resources": {"Handler": handler or function(), **resources}}


def details(data: dict[str, Any]) -> list[str]:
    return [finding.detail for finding in assert_flags(data, RULE)]


ADDED: dict[str, dict[str, Any]] = {
    "GuardrailsHandlerErrorsAlarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": "Invocations fail.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Handler"}}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    },
    "GuardrailsHandlerThrottlesAlarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": "Invocations are throttled for want of concurrency.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Throttles",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Handler"}}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 5,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    },
    "GuardrailsHandlerDurationAlarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": "Invocations take 80 % of the timeout of 30 s, or more.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Duration",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": "Handler"}}],
            "ExtendedStatistic": "p90",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 24000,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    },
}


@pytest.mark.parametrize("kind", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
def test_the_fix_adds_three_alarms(kind: str) -> None:
    handler = {**function(Timeout=30), "Type": kind}
    assert_fixed(template(handler), template(handler, **ADDED), RULE)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("Errors", "no alarm on Errors: nobody is told when invocations fail"),
        (
            "Throttles",
            "no alarm on Throttles: nobody is told when invocations are throttled for want of concurrency",
        ),
        (
            "Duration",
            "no alarm on Duration: nobody is told when invocations take 80 % of the timeout of 3 s, or more",
        ),
    ],
)
def test_a_finding_for_each_metric(metric: str, message: str) -> None:
    others = {name: item for name, item in alarms().items() if name != metric}
    findings = assert_flags(template(**others), f"{RULE}[{metric}]", path="Properties", message=message)
    assert [finding.id for finding in findings] == [f"{RULE}[{metric}]"]


def test_only_what_is_missing_is_added_with_the_functions_condition() -> None:
    handler = {**function(Timeout=30), "Condition": "IsProd"}
    author = {"Failing": alarm("Errors"), "Throttled": alarm("Throttles")}
    added = {**ADDED["GuardrailsHandlerDurationAlarm"], "Condition": "IsProd"}
    after = template(handler, **author, GuardrailsHandlerDurationAlarm=added)
    assert_fixed(template(handler, **author), after, RULE)


def test_options() -> None:
    handler = function(Timeout=10)
    author = {"Throttled": alarm("Throttles")}
    errors, duration = (dict(ADDED[f"GuardrailsHandler{name}Alarm"]["Properties"]) for name in ("Errors", "Duration"))
    errors["Threshold"] = 7
    duration |= {"AlarmDescription": "Invocations take 50 % of the timeout of 10 s, or more.", "Threshold": 5000}
    after = template(
        handler,
        **author,
        GuardrailsHandlerErrorsAlarm={"Type": "AWS::CloudWatch::Alarm", "Properties": errors},
        GuardrailsHandlerDurationAlarm={"Type": "AWS::CloudWatch::Alarm", "Properties": duration},
    )
    assert_fixed(template(handler, **author), after, RULE, options={"errors": 7, "timeout_percent": 50})


@pytest.mark.parametrize("timeout", [{"Ref": "Timeout"}, {"Fn::If": ["IsProd", 30, 3]}, "soon"])
def test_without_a_known_timeout_none_on_duration(timeout: Any) -> None:
    assert details(template(function(Timeout=timeout))) == ["Errors", "Throttles"]


def test_a_sam_function_inherits_its_timeout() -> None:
    data = template({**function(), "Type": "AWS::Serverless::Function"})
    data["Globals"] = {"Function": {"Timeout": 20}}
    assert any("timeout of 20 s" in finding.message for finding in assert_flags(data, RULE))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (None, {"Ref": "Handler"}),
        (None, {"Fn::Sub": "${Handler}"}),
        (None, {"Fn::Join": ["", [{"Ref": "Handler"}]]}),
        (None, {"Fn::If": ["IsProd", {"Ref": "Handler"}, "other"]}),
        ("orders", "orders"),
        ("orders", {"Ref": "Handler"}),
        ("orders", {"Ref": "NameOfFunction"}),
        ("orders", "{{resolve:ssm:/function}}"),
        ({"Fn::Sub": "orders-${Stage}"}, {"Fn::Join": ["-", ["orders", {"Ref": "Stage"}]]}),
        ({"Fn::FindInMap": ["Names", "Orders", "Function"]}, {"Fn::FindInMap": ["Names", "Orders", "Function"]}),
    ],
)
def test_watched_by_any_way_to_write_its_name(name: Any, value: Any) -> None:
    handler = function() if name is None else function(FunctionName=name)
    assert_clean(template(handler, **alarms(value)), RULE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (None, "orders"),
        (None, {"Ref": "NameOfFunction"}),
        (None, {"Ref": "Other"}),
        ("orders", {"Ref": "Other"}),
        ("orders", "orders-2"),
        ("orders", {"Fn::ForeignRef": {"Path": "Shop/Handler", "LogicalId": "Handler", "Attribute": "Ref"}}),
        (None, ""),
        (None, 7),
    ],
)
def test_alarms_on_another_function(name: Any, value: Any) -> None:
    handler = function() if name is None else function(FunctionName=name)
    data = template(handler, Other={"Type": "AWS::SQS::Queue"}, **alarms(value))
    assert details(data) == ["Errors", "Throttles", "Duration"]


@pytest.mark.parametrize(
    "more",
    [
        {"Namespace": {"Ref": "Namespace"}},
        {"Dimensions": {"Fn::If": ["IsProd", [], []]}},
        {"MetricName": {"Ref": "Metric"}},
        {"Dimensions": []},
        {
            "Dimensions": [
                {"Name": "FunctionName", "Value": {"Ref": "Handler"}},
                {"Name": "Resource", "Value": "h:live"},
            ]
        },
        {"ActionsEnabled": False},
    ],
)
def test_watched_with_others_in_part_or_perhaps(more: dict[str, Any]) -> None:
    assert_clean(template(**alarms(**more)), RULE)


@pytest.mark.parametrize(
    "more",
    [
        {"Namespace": "Shop"},
        {"MetricName": "Invocations"},
        {"Dimensions": [{"Name": "Service", "Value": {"Ref": "Handler"}}]},
        {"Dimensions": [{"Value": {"Ref": "Handler"}}, "FunctionName"]},
    ],
)
def test_alarms_on_other_metrics(more: dict[str, Any]) -> None:
    assert details(template(**alarms(**more))) == ["Errors", "Throttles", "Duration"]


def test_an_expression_watches_each_of_its_metrics() -> None:
    queries = [
        {"Id": item["Properties"]["MetricName"].lower(), "MetricStat": {"Metric": item["Properties"], "Stat": "Sum"}}
        for item in alarms().values()
    ]
    rate = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Expression": "errors"}, *queries]}}
    assert_clean(template(Rate=rate), RULE)


def test_a_query_watches_all_functions() -> None:
    query = {"Id": "q", "Expression": 'SELECT MAX(Errors) FROM SCHEMA("AWS/Lambda", FunctionName)'}
    worst = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [query]}}
    assert details(template(Worst=worst)) == ["Throttles", "Duration"]
    query["Expression"] = 'SELECT MAX(Errors) FROM SCHEMA("AWS/States", StateMachineArn)'
    assert details(template(Worst=worst)) == ["Errors", "Throttles", "Duration"]


def test_left_alone() -> None:
    handler = {"Handler": "framework.onEvent", "Role": ROLE}
    custom = {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Handler", "Arn"]}}}
    assert_clean(template(Custom=custom), RULE)
    assert_clean({"Resources": {"Provider": {"Type": "AWS::Lambda::Function", "Properties": handler}}}, RULE)
    assert_clean({"Resources": {"AWS679f53fac002430cb0da5b7982bd22872D164C4C": function()}}, RULE)
    assert_clean({"Resources": {"CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F": function()}}, RULE)
    trust = {"Statement": [{"Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    assert_clean(template(function(Role={"Fn::GetAtt": ["Role", "Arn"]}), Role=role), RULE)
    assert_clean(template(), RULE, environment="dev")


def test_alarms_on_another_resource_with_a_like_name_do_not_count() -> None:
    data = template(Other=function(), **alarms({"Ref": "Other"}))
    assert {finding.logical_id for finding in assert_flags(data, RULE)} == {"Handler"}


def judge(shop: dict[str, Any], monitoring: dict[str, Any]) -> list[str]:
    """The metrics of Handler, in the stack Shop, that no alarm of either stack watches."""
    app = App()
    shop["Resources"]["Handler"]["Metadata"] = {"aws:cdk:path": "Shop/Handler/Resource"}
    Template(shop, name="Shop", app=app)
    Template(monitoring, name="Monitoring", app=app)
    settings = Settings(environment="prod")
    outcome = run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=False)
    assert not outcome.crashes
    return [finding.detail for finding in outcome.findings]


FOREIGN = {"Fn::ForeignRef": {"Path": "Shop/Handler/Resource", "LogicalId": "Handler", "Attribute": "Ref"}}


@pytest.mark.parametrize(
    ("value", "watched"),
    [
        (FOREIGN, True),
        ({"Fn::ImportValue": "Shop:ExportsOutputRefHandler"}, True),
        ("orders", True),
        ({"Fn::ForeignRef": {"Path": "Shop/Other/Resource", "LogicalId": "Other", "Attribute": "Ref"}}, False),
        ({"Fn::ImportValue": "Shop:ExportsOutputRefOther"}, False),
        ("Handler", False),
        ({"Ref": "Handler"}, False),
        ({"Ref": "NameOfFunction"}, False),
    ],
)
def test_alarms_in_another_stack(value: Any, watched: bool) -> None:
    shop = template(function(FunctionName="orders"))
    export = {"Value": {"Ref": "Handler"}, "Export": {"Name": "Shop:ExportsOutputRefHandler"}}
    shop["Outputs"] = {"ExportsOutputRefHandler": export, "Plain": {"Value": "x"}, "Odd": "y"}
    assert judge(shop, {"Resources": alarms(value)}) == ([] if watched else ["Errors", "Throttles", "Duration"])
