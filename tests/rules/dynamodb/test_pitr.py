"""dynamodb-pitr."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "dynamodb-pitr"
ENABLED = {"PointInTimeRecoveryEnabled": True}
SINGLE = ("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")


def table(type_: str = "AWS::DynamoDB::Table", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Table": {"Type": type_, "Properties": properties}}}


def global_table(*replicas: Any) -> dict[str, Any]:
    return table("AWS::DynamoDB::GlobalTable", Replicas=list(replicas))


@pytest.mark.parametrize("type_", SINGLE)
def test_a_table_without_it(type_: str) -> None:
    found = assert_flags(
        table(type_),
        RULE,
        path="PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        message="point-in-time recovery is not enabled",
    )
    assert [finding.id for finding in found] == [RULE]
    assert_fixed(table(type_), table(type_, PointInTimeRecoverySpecification=ENABLED), RULE)


def test_no_properties() -> None:
    before = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}
    assert_fixed(before, table(PointInTimeRecoverySpecification=ENABLED), RULE)


@pytest.mark.parametrize("specification", [{"Ref": "AWS::NoValue"}, {}, {"PointInTimeRecoveryEnabled": "false"}])
def test_absent_or_false(specification: Any) -> None:
    before = table(PointInTimeRecoverySpecification=specification, BillingMode="PAY_PER_REQUEST")
    after = table(PointInTimeRecoverySpecification=ENABLED, BillingMode="PAY_PER_REQUEST")
    assert_fixed(before, after, RULE)


def test_the_recovery_period_stays() -> None:
    before = table(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False, "RecoveryPeriodInDays": 7})
    assert_fixed(before, table(PointInTimeRecoverySpecification=ENABLED | {"RecoveryPeriodInDays": 7}), RULE)


@pytest.mark.parametrize("type_", SINGLE)
@pytest.mark.parametrize(
    "specification",
    [
        ENABLED,
        {"PointInTimeRecoveryEnabled": "true"},
        {"PointInTimeRecoveryEnabled": {"Ref": "Recovery"}},
        {"PointInTimeRecoveryEnabled": {"Fn::If": ["IsProd", True, False]}},
        {"Fn::If": ["IsProd", ENABLED, {"Ref": "AWS::NoValue"}]},
        {"Ref": "Specification"},
        {"PointInTimeRecoveryEnabled": "{{resolve:ssm:/recovery}}"},
    ],
)
def test_enabled_or_unknown(type_: str, specification: Any) -> None:
    assert_clean(table(type_, PointInTimeRecoverySpecification=specification), RULE)
    replica = {"Region": "eu-west-1", "PointInTimeRecoverySpecification": specification}
    assert_clean(global_table(replica), RULE)


def test_each_replica_has_its_own() -> None:
    done = {"Region": "eu-west-1", "PointInTimeRecoverySpecification": ENABLED}
    off = {"Region": "us-east-1", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}}
    before = global_table(done, off, {"Region": {"Ref": "AWS::Region"}, "TableClass": "STANDARD"})
    found = assert_flags(before, RULE, message="point-in-time recovery is not enabled in us-east-1")
    assert [(finding.id, finding.location) for finding in found] == [
        (
            "dynamodb-pitr[us-east-1]",
            "Properties.Replicas[1].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        ),
        (
            "dynamodb-pitr[replica 3]",
            "Properties.Replicas[2].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        ),
    ]
    assert_flags(before, f"{RULE}[us-east-1]")
    after = global_table(
        done,
        off | {"PointInTimeRecoverySpecification": ENABLED},
        {"Region": {"Ref": "AWS::Region"}, "TableClass": "STANDARD", "PointInTimeRecoverySpecification": ENABLED},
    )
    assert_fixed(before, after, RULE)


def test_a_specification_outside_of_the_replicas_is_not_theirs() -> None:
    before = table(
        "AWS::DynamoDB::GlobalTable",
        Replicas=[{"Region": "eu-west-1"}],
        PointInTimeRecoverySpecification=ENABLED,
    )
    assert_flags(before, f"{RULE}[eu-west-1]")


@pytest.mark.parametrize(
    "replicas",
    [
        {"Ref": "Replicas"},
        {"Fn::If": ["IsProd", [{"Region": "eu-west-1"}], {"Ref": "AWS::NoValue"}]},
        [{"Fn::If": ["IsProd", {"Region": "eu-west-1"}, {"Ref": "AWS::NoValue"}]}],
        [{"Ref": "AWS::NoValue"}],
        [{"Fn::Transform": {"Name": "AWS::Include"}}],
        [],
        ["text"],
    ],
)
def test_unknown_replicas(replicas: Any) -> None:
    assert_clean(table("AWS::DynamoDB::GlobalTable", Replicas=replicas), RULE)


def test_in_every_environment() -> None:
    for environment in ("dev", "staging", "prod"):
        assert_flags(table(), RULE, environment=environment)
