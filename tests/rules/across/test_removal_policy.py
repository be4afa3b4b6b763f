"""removal-policy."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
DELETED = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
SNAPSHOT = {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"}


def one(type_: str, properties: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, **attributes, "Properties": properties or {}}}}


@pytest.mark.parametrize("environment", ["staging", "prod"])
@pytest.mark.parametrize(
    "type_",
    [
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::Cognito::UserPool",
        "AWS::ECR::Repository",
        "AWS::RDS::DBCluster",
        "AWS::Serverless::SimpleTable",
        "Custom::S3AutoDeleteObjects",
        "Custom::ECRAutoDeleteImages",
    ],
)
def test_prod_keeps_what_the_author_would_delete(type_: str, environment: str) -> None:
    assert_fixed(one(type_, **DELETED), one(type_, **KEPT), "removal-policy", environment=environment)


def test_the_finding() -> None:
    message = "deleting the stack or replacing the resource deletes its data: DeletionPolicy is Delete, "
    message += "UpdateReplacePolicy is not set"
    template = one("AWS::DynamoDB::Table", DeletionPolicy="Delete")
    (finding,) = assert_flags(template, "removal-policy", path="DeletionPolicy", message=message)
    assert finding.severity is Severity.ERROR
    assert finding.remedy == "resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)"


def test_cloudformation_deletes_by_default() -> None:
    assert_fixed(one("AWS::DynamoDB::Table"), one("AWS::DynamoDB::Table", **KEPT), "removal-policy")


def test_only_what_is_lost_is_changed() -> None:
    message = "replacing the resource deletes its data: UpdateReplacePolicy is Delete"
    before = one("AWS::S3::Bucket", DeletionPolicy="Retain", UpdateReplacePolicy="Delete")
    assert_flags(before, "removal-policy", path="UpdateReplacePolicy", message=message)
    assert_fixed(before, one("AWS::S3::Bucket", **RETAINED), "removal-policy")


@pytest.mark.parametrize("type_", ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"])
def test_databases_leave_a_snapshot_by_default(type_: str) -> None:
    assert_fixed(one(type_), one(type_, UpdateReplacePolicy="Retain"), "removal-policy")


@pytest.mark.parametrize(
    "template",
    [
        one("AWS::S3::Bucket", **KEPT),
        one("AWS::S3::Bucket", **RETAINED),
        one("AWS::RDS::DBInstance", **SNAPSHOT),
        one("AWS::RDS::DBCluster", DeletionPolicy="Snapshot", UpdateReplacePolicy="Retain"),
        one("AWS::S3::Bucket", DeletionPolicy={"Ref": "Policy"}, UpdateReplacePolicy={"Ref": "Policy"}),
        one("AWS::S3::Bucket", DeletionPolicy={"Fn::If": ["Prod", "Retain", "Delete"]}, UpdateReplacePolicy="Retain"),
        one("AWS::Lambda::Function", **DELETED),
        one("AWS::Lambda::Function"),
        one("AWS::CloudFormation::Stack", **DELETED),  # its own template has the policies
        one("AWS::RDS::DBInstance", {"DBClusterIdentifier": {"Ref": "Cluster"}}, **DELETED),
        one("AWS::DocDB::DBInstance", {"DBClusterIdentifier": "orders"}),
        one("AWS::RDS::DBInstance", {"SourceDBInstanceIdentifier": {"Ref": "Primary"}}, **DELETED),
        one("AWS::ElastiCache::CacheCluster", {"Engine": "memcached"}, **DELETED),
        one("Custom::AWS", **DELETED),
        one("AWS::CloudFormation::CustomResource", **DELETED),
    ],
)
def test_prod_leaves_the_rest_alone(template: dict[str, Any]) -> None:
    assert_clean(template, "removal-policy")


def test_redis_holds_data() -> None:
    type_, properties = "AWS::ElastiCache::CacheCluster", {"Engine": "redis"}
    assert_fixed(one(type_, properties), one(type_, properties, **KEPT), "removal-policy")


@pytest.mark.parametrize(
    ("policy", "type_", "after"),
    [
        ("Retain", "AWS::S3::Bucket", RETAINED),
        ("Snapshot", "AWS::S3::Bucket", KEPT),  # no snapshots of buckets
        ("Snapshot", "AWS::RDS::DBCluster", SNAPSHOT),
        ("Snapshot", "Custom::S3AutoDeleteObjects", KEPT),
    ],
)
def test_prod_policy(policy: str, type_: str, after: dict[str, str]) -> None:
    assert_fixed(one(type_, **DELETED), one(type_, **after), "removal-policy", options={"prod_policy": policy})


def test_what_empties_a_bucket_is_named() -> None:
    message = "deleting the stack or replacing the resource deletes every object of the bucket: "
    message += "DeletionPolicy is Delete, UpdateReplacePolicy is Delete"
    assert_flags(one("Custom::S3AutoDeleteObjects", **DELETED), "removal-policy", message=message)


def test_dev_rolls_back_clean() -> None:
    message = (
        "a failed creation leaves the resource behind, in the way of the next deployment: DeletionPolicy is Retain"
    )
    before = one("AWS::S3::Bucket", **RETAINED)
    (finding,) = assert_flags(before, "removal-policy", path="DeletionPolicy", message=message, environment="dev")
    assert finding.severity is Severity.WARNING
    assert_fixed(before, one("AWS::S3::Bucket", **KEPT), "removal-policy", environment="dev")


@pytest.mark.parametrize(
    "template",
    [
        one("AWS::S3::Bucket", **DELETED),
        one("AWS::S3::Bucket"),
        one("AWS::S3::Bucket", **KEPT),
        one("AWS::RDS::DBInstance", **SNAPSHOT),
        one("Custom::S3AutoDeleteObjects", **DELETED),
        one("AWS::Lambda::Version", **RETAINED),  # holds no data
        one("AWS::S3::Bucket", DeletionPolicy={"Ref": "Policy"}),
    ],
)
def test_dev_leaves_the_rest_alone(template: dict[str, Any]) -> None:
    assert_clean(template, "removal-policy", environment="dev")


@pytest.mark.parametrize("attributes", [KEPT, RETAINED])
def test_dev_policy(attributes: dict[str, str]) -> None:
    given: dict[str, Any] = {"environment": "dev", "options": {"dev_policy": "Delete"}}
    before = one("AWS::S3::Bucket", **attributes)
    message = (
        f"dev_policy is Delete, but the resource outlives its stack: DeletionPolicy is {attributes['DeletionPolicy']}"
    )
    message += ", UpdateReplacePolicy is Retain"
    (finding,) = assert_flags(before, "removal-policy", message=message, **given)
    assert finding.remedy == "resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)"
    assert_fixed(before, one("AWS::S3::Bucket", **DELETED), "removal-policy", **given)
    assert_clean(one("AWS::S3::Bucket"), "removal-policy", **given)
    assert_fixed(
        one("AWS::RDS::DBCluster"), one("AWS::RDS::DBCluster", DeletionPolicy="Delete"), "removal-policy", **given
    )


def test_dev_policy_is_for_dev_only() -> None:
    assert_clean(one("AWS::S3::Bucket", **KEPT), "removal-policy", options={"dev_policy": "Delete"})


@pytest.mark.parametrize("type_", ["AWS::S3::Bucket", "AWS::Lambda::Function"])
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_retain_except_on_create_is_no_update_replace_policy(type_: str, environment: str) -> None:
    before = one(type_, DeletionPolicy="RetainExceptOnCreate", UpdateReplacePolicy="RetainExceptOnCreate")
    message = "UpdateReplacePolicy is RetainExceptOnCreate, which only DeletionPolicy takes: the deployment fails"
    where = "removal-policy[UpdateReplacePolicy]"
    assert_flags(before, where, path="UpdateReplacePolicy", message=message, environment=environment)
    assert_fixed(before, one(type_, **KEPT), "removal-policy", environment=environment)
