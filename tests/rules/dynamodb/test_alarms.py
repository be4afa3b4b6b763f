"""dynamodb-alarms."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.dynamodb.alarms import OPERATIONS
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "dynamodb-alarms"
FAILURES = ["ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors"]
CAPACITY = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"]
THROUGHPUT = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
ORDERS = {"Name": "TableName", "Value": {"Ref": "Orders"}}


def table(kind: str = "AWS::DynamoDB::Table", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


ON_DEMAND = table(BillingMode="PAY_PER_REQUEST")


def alarm(metric: str, *dimensions: dict[str, Any], namespace: str = "AWS/DynamoDB") -> dict[str, Any]:
    properties = {"Namespace": namespace, "MetricName": metric, "Dimensions": list(dimensions) or [ORDERS]}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def template(orders: dict[str, Any], *metrics: str, **resources: Any) -> dict[str, Any]:
    return {"Resources": {"Orders": orders, **{metric: alarm(metric) for metric in metrics}, **resources}}


def details(data: dict[str, Any], **settings: Any) -> list[str]:
    return [finding.detail for finding in assert_flags(data, RULE, **settings)]


def throttled(kind: str, says: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": f"{says} are throttled for five minutes.",
            "Namespace": "AWS/DynamoDB",
            "MetricName": f"{kind}ThrottleEvents",
            "Dimensions": [ORDERS],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 5,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


def measured(id_: str, metric: str, stat: str, *more: dict[str, Any]) -> dict[str, Any]:
    watched = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": [ORDERS, *more]}
    return {"Id": id_, "MetricStat": {"Metric": watched, "Period": 300, "Stat": stat}, "ReturnData": False}


def failing(*operations: str) -> dict[str, Any]:
    result = {"Id": "result", "Label": "SystemErrors", "Expression": "SUM(FILL(METRICS(), 0))", "ReturnData": True}
    named = [measured(name.lower(), "SystemErrors", "Sum", {"Name": "Operation", "Value": name}) for name in operations]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": "DynamoDB fails to answer requests.",
            "Metrics": [result, *named],
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


def consuming(kind: str, percent: int = 80) -> dict[str, Any]:
    expression = "100 * (consumed / PERIOD(consumed)) / provisioned"
    consumed, provisioned = f"Consumed{kind}CapacityUnits", f"Provisioned{kind}CapacityUnits"
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": f"{kind}s consume {percent} % of the provisioned capacity, or more.",
            "Metrics": [
                {"Id": "result", "Label": consumed, "Expression": expression, "ReturnData": True},
                measured("consumed", consumed, "Sum"),
                measured("provisioned", provisioned, "Average"),
            ],
            "EvaluationPeriods": 2,
            "Threshold": percent,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


@pytest.mark.parametrize(
    "orders", [ON_DEMAND, table("AWS::DynamoDB::GlobalTable", BillingMode="PAY_PER_REQUEST", Replicas=[{}])]
)
def test_the_fix_adds_alarms(orders: dict[str, Any]) -> None:
    added = {
        "GuardrailsOrdersReadThrottleEventsAlarm": throttled("Read", "Reads"),
        "GuardrailsOrdersWriteThrottleEventsAlarm": throttled("Write", "Writes"),
        "GuardrailsOrdersSystemErrorsAlarm": failing(*OPERATIONS),
    }
    assert_fixed(template(orders), template(orders, **added), RULE)


def test_the_fix_compares_with_what_is_provisioned() -> None:
    orders = table(ProvisionedThroughput=THROUGHPUT)
    added = {
        "GuardrailsOrdersConsumedReadCapacityUnitsAlarm": consuming("Read"),
        "GuardrailsOrdersConsumedWriteCapacityUnitsAlarm": consuming("Write"),
    }
    assert_fixed(template(orders, *FAILURES), template(orders, *FAILURES, **added), RULE)


def test_options() -> None:
    orders, there = table(ProvisionedThroughput=THROUGHPUT), ["ReadThrottleEvents", CAPACITY[1]]
    write = throttled("Write", "Writes")
    write["Properties"]["Threshold"] = 50
    added = {
        "GuardrailsOrdersWriteThrottleEventsAlarm": write,
        "GuardrailsOrdersSystemErrorsAlarm": failing("Query", "ExecuteStatement"),
        "GuardrailsOrdersConsumedReadCapacityUnitsAlarm": consuming("Read", 90),
    }
    options = {"throttle_events": 50, "operations": ["Query", "ExecuteStatement"], "capacity_percent": 90}
    assert_fixed(template(orders, *there), template(orders, *there, **added), RULE, options=options)


def test_an_operation_that_is_named_twice_is_one_metric() -> None:
    there = ["ReadThrottleEvents", "WriteThrottleEvents"]
    added = {"GuardrailsOrdersSystemErrorsAlarm": failing("Query")}
    options = {"operations": ["Query", "Query"]}
    assert_fixed(template(ON_DEMAND, *there), template(ON_DEMAND, *there, **added), RULE, options=options)


def test_no_operations_no_alarm_on_their_errors() -> None:
    assert details(template(ON_DEMAND), options={"operations": []}) == FAILURES[:2]


def test_an_expression_takes_ten_metrics() -> None:
    there = ["ReadThrottleEvents", "WriteThrottleEvents"]
    added = {"GuardrailsOrdersSystemErrorsAlarm": failing(*OPERATIONS)}
    options = {"operations": [*OPERATIONS, "ExecuteStatement"]}
    assert_fixed(template(ON_DEMAND, *there), template(ON_DEMAND, *there, **added), RULE, options=options)


@pytest.mark.parametrize(
    ("orders", "wanted"),
    [
        (ON_DEMAND, FAILURES),
        (table(BillingMode={"Ref": "Mode"}), FAILURES),
        (table(BillingMode={"Fn::If": ["IsProd", "PROVISIONED", "PAY_PER_REQUEST"]}), FAILURES),
        (table("AWS::Serverless::SimpleTable"), FAILURES),
        (table(BillingMode="PROVISIONED"), [*FAILURES, *CAPACITY]),
        (table(ProvisionedThroughput={"ReadCapacityUnits": {"Ref": "Units"}}), [*FAILURES, *CAPACITY]),
        (table("AWS::DynamoDB::GlobalTable"), [*FAILURES, *CAPACITY]),
        (table("AWS::Serverless::SimpleTable", ProvisionedThroughput=THROUGHPUT), [*FAILURES, *CAPACITY]),
    ],
)
def test_what_is_wanted(orders: dict[str, Any], wanted: list[str]) -> None:
    assert details(template(orders)) == wanted
    assert_clean(template(orders, *wanted), RULE)


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (
            "ReadThrottleEvents",
            "no alarm on ReadThrottleEvents: nobody is told when reads are throttled for five minutes",
        ),
        ("SystemErrors", "no alarm on SystemErrors: nobody is told when DynamoDB fails to answer requests"),
        (
            "ConsumedWriteCapacityUnits",
            f"no alarm on {CAPACITY[1]}: nobody is told when writes consume 80 % of the provisioned capacity, or more",
        ),
    ],
)
def test_messages(metric: str, message: str) -> None:
    assert_flags(template(table()), f"{RULE}[{metric}]", path="Properties", message=message)


def test_an_alarm_on_one_operation_counts() -> None:
    one = alarm("SystemErrors", {"Name": "Operation", "Value": "GetItem"}, ORDERS)
    assert_clean(template(ON_DEMAND, *FAILURES[:2], Failing=one), RULE)


def test_an_alarm_on_an_index_or_in_another_namespace_does_not() -> None:
    index = {"Name": "GlobalSecondaryIndexName", "Value": "by-date"}
    data = template(
        ON_DEMAND,
        OnIndex=alarm("ReadThrottleEvents", ORDERS, index),
        Elsewhere=alarm("WriteThrottleEvents", namespace="Shop"),
        NoTable=alarm("SystemErrors", {"Name": "Operation", "Value": "GetItem"}),
    )
    assert details(data) == FAILURES


@pytest.mark.parametrize("name", ["orders", {"Fn::Sub": "orders-${Stage}"}])
def test_alarms_by_name(name: Any) -> None:
    by_name = {metric: alarm(metric, {"Name": "TableName", "Value": name}) for metric in FAILURES}
    named = table(BillingMode="PAY_PER_REQUEST", TableName=name)
    assert_clean(template(named, **by_name), RULE)
    assert details(template(ON_DEMAND, **by_name)) == FAILURES


def test_dev_does_without() -> None:
    assert_clean(template(table()), RULE, environment="dev")
