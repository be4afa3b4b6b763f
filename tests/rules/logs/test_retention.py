"""logs-retention."""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cdk_guardrails.errors import SettingsError
from cdk_guardrails.rules.logs.retention import RETENTION_DAYS
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

MESSAGE = "log events never expire: RetentionInDays is not set"


def group(type_: str = "AWS::Logs::LogGroup", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Group": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}},
        group(LogGroupName="/shop/orders"),
        group(RetentionInDays={"Ref": "AWS::NoValue"}),
        group(RetentionInDays=0),
        group(LogGroupClass="INFREQUENT_ACCESS"),
        group("Custom::LogRetention", ServiceToken="arn", LogGroupName="/aws/lambda/f"),
    ],
)
def test_events_that_never_expire(template: dict[str, Any]) -> None:
    findings = assert_flags(template, "logs-retention", path="RetentionInDays", message=MESSAGE)
    assert [finding.id for finding in findings] == ["logs-retention"]


@pytest.mark.parametrize(
    "template",
    [
        group(RetentionInDays=1),
        group(RetentionInDays=3653),
        group(RetentionInDays="30"),
        group(RetentionInDays={"Ref": "Days"}),
        group(RetentionInDays={"Fn::If": ["IsProd", 90, {"Ref": "AWS::NoValue"}]}),
        group(RetentionInDays={"Fn::FindInMap": ["Days", {"Ref": "Stage"}, "Logs"]}),
        group(RetentionInDays="{{resolve:ssm:days}}"),
        group(LogGroupClass="DELIVERY"),
        group(LogGroupClass={"Ref": "Class"}),
        group("Custom::LogRetention", ServiceToken="arn", LogGroupName="/aws/lambda/f", RetentionInDays=7),
        {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"Fn::Transform": {"Name": "M"}}}}},
        {"Resources": {"Stream": {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": "g"}}}},
    ],
)
def test_events_that_expire_or_may(template: dict[str, Any]) -> None:
    assert_clean(template, "logs-retention")


@pytest.mark.parametrize(("environment", "days"), [("dev", 14), ("staging", 14), ("prod", 90)])
def test_the_fix_sets_the_days_of_the_environment(environment: str, days: int) -> None:
    before, after = group(LogGroupName="/shop"), group(LogGroupName="/shop", RetentionInDays=days)
    assert_fixed(before, after, "logs-retention", environment=environment)


def test_the_fix_sets_the_days_that_were_asked_for() -> None:
    assert_fixed(group(), group(RetentionInDays=400), "logs-retention", options={"days": 400})
    assert_flags(group(), "logs-retention", options={"days": 400})[0].remedy.endswith("RetentionDays.THIRTEEN_MONTHS")


def test_the_fix_of_a_group_that_a_service_makes() -> None:
    before = group("Custom::LogRetention", ServiceToken="arn", LogGroupName="/aws/lambda/f")
    after = group("Custom::LogRetention", ServiceToken="arn", LogGroupName="/aws/lambda/f", RetentionInDays=90)
    assert_fixed(before, after, "logs-retention")
    assert assert_flags(before, "logs-retention")[0].remedy == "log_retention=logs.RetentionDays.THREE_MONTHS"


def test_other_days_are_an_error() -> None:
    with pytest.raises(SettingsError, match="10 is not one of 1, 3, 5, 7, 14"):
        assert_clean(group(), "logs-retention", options={"days": 10})


def test_the_values_are_those_of_the_resource_schema() -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Logs::LogGroup").schema
    assert list(RETENTION_DAYS) == schema["properties"]["RetentionInDays"]["enum"]
