"""dynamodb-deletion-protection."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "dynamodb-deletion-protection"


def table(type_: str = "AWS::DynamoDB::Table", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Table": {"Type": type_, "Properties": properties}}}


def global_table(*replicas: Any) -> dict[str, Any]:
    return table("AWS::DynamoDB::GlobalTable", Replicas=list(replicas))


def test_a_table_without_it() -> None:
    message = "the table is not protected from deletion"
    before = "Resources: {Table: {Type: AWS::DynamoDB::Table}}"
    found = assert_flags(before, RULE, path="DeletionProtectionEnabled", message=message)
    assert [finding.id for finding in found] == [RULE]
    assert found[0].remedy == "dynamodb.Table(..., deletion_protection=True)"
    assert_fixed(before, table(DeletionProtectionEnabled=True), RULE)


@pytest.mark.parametrize("value", [False, "false", None, {"Ref": "AWS::NoValue"}])
def test_off_in_other_words(value: Any) -> None:
    before = table(DeletionProtectionEnabled=value, BillingMode="PAY_PER_REQUEST")
    assert_fixed(before, table(DeletionProtectionEnabled=True, BillingMode="PAY_PER_REQUEST"), RULE)


def test_whatever_the_deletion_policy() -> None:
    """Policies are the business of the rule removal-policy."""
    for policy in ("Delete", "Retain", "RetainExceptOnCreate"):
        before, after = table(), table(DeletionProtectionEnabled=True)
        before["Resources"]["Table"]["DeletionPolicy"] = after["Resources"]["Table"]["DeletionPolicy"] = policy
        assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "value",
    [True, "true", {"Ref": "Protected"}, {"Fn::If": ["IsProd", True, False]}, "{{resolve:ssm:/protected}}"],
)
def test_on_or_unknown(value: Any) -> None:
    assert_clean(table(DeletionProtectionEnabled=value), RULE)
    assert_clean(global_table({"Region": "eu-west-1", "DeletionProtectionEnabled": value}), RULE)


def test_each_replica_has_its_own() -> None:
    done = {"Region": "eu-west-1", "DeletionProtectionEnabled": True}
    before = global_table(
        {"Region": "us-east-1"}, done, {"Region": {"Ref": "Other"}, "DeletionProtectionEnabled": False}
    )
    message = "the table in us-east-1 is not protected from deletion"
    found = assert_flags(before, RULE, path="Replicas[0].DeletionProtectionEnabled", message=message)
    assert [finding.id for finding in found] == [f"{RULE}[us-east-1]", f"{RULE}[replica 3]"]
    assert found[0].remedy == "dynamodb.TableV2(..., deletion_protection=True)"
    after = global_table(
        {"Region": "us-east-1", "DeletionProtectionEnabled": True},
        done,
        {"Region": {"Ref": "Other"}, "DeletionProtectionEnabled": True},
    )
    assert_fixed(before, after, RULE)


def test_a_global_table_has_none_of_its_own() -> None:
    before = global_table({"Region": "eu-west-1"})
    before["Resources"]["Table"]["Properties"]["DeletionProtectionEnabled"] = True
    assert_flags(before, f"{RULE}[eu-west-1]")


@pytest.mark.parametrize("replicas", [{"Ref": "Replicas"}, [{"Fn::If": ["A", {}, {}]}], [{"Ref": "AWS::NoValue"}], "x"])
def test_unknown_replicas(replicas: Any) -> None:
    assert_clean(table("AWS::DynamoDB::GlobalTable", Replicas=replicas), RULE)


def test_sam_has_no_such_property() -> None:
    assert_clean(table("AWS::Serverless::SimpleTable"), RULE)


def test_off_in_dev_unless_configured() -> None:
    assert_clean(table(), RULE, environment="dev")
    assert_flags(table(), RULE, environment="dev", rules={RULE: "warning"})
