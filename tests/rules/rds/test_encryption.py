"""rds-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "rds-encryption"
INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
OTHERS = ("AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster")
ALL = (INSTANCE, CLUSTER, "AWS::RDS::GlobalCluster", *OTHERS)


def database(type_: str = INSTANCE, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Database": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize("type_", ALL)
@pytest.mark.parametrize(
    ("value", "said"), [(None, "not set"), ({"Ref": "AWS::NoValue"}, "not set"), (False, "false"), ("false", "false")]
)
def test_not_encrypted(type_: str, value: Any, said: str) -> None:
    template = database(type_, StorageEncrypted=value)
    message = f"the storage is not encrypted: StorageEncrypted is {said}"
    found = assert_flags(template, RULE, path="StorageEncrypted", message=message)
    assert [finding.severity for finding in found] == [Severity.ERROR]


def test_no_properties() -> None:
    assert_flags("Resources: {Database: {Type: AWS::RDS::DBInstance}}", RULE)


@pytest.mark.parametrize(
    ("type_", "remedy"),
    [
        (INSTANCE, "rds.DatabaseInstance(..., storage_encrypted=True)"),
        (CLUSTER, "rds.DatabaseCluster(..., storage_encrypted=True)"),
        ("AWS::RDS::GlobalCluster", "rds.CfnGlobalCluster(..., storage_encrypted=True)"),
        (OTHERS[0], "Set storage_encrypted=True on the cluster before it is made."),
    ],
)
def test_the_remedy(type_: str, remedy: str) -> None:
    assert [finding.remedy for finding in assert_flags(database(type_), RULE)] == [remedy]


@pytest.mark.parametrize("type_", ALL)
@pytest.mark.parametrize(
    "value", [True, "true", {"Ref": "Encrypted"}, {"Fn::If": ["IsProd", True, False]}, "{{resolve:ssm:/encrypted}}"]
)
def test_encrypted_or_unknown(type_: str, value: Any) -> None:
    assert_clean(database(type_, StorageEncrypted=value), RULE)


@pytest.mark.parametrize(
    ("type_", "property_"),
    [
        (INSTANCE, "DBClusterIdentifier"),
        (INSTANCE, "DBSnapshotIdentifier"),
        (INSTANCE, "DBClusterSnapshotIdentifier"),
        (INSTANCE, "SourceDBInstanceIdentifier"),
        (INSTANCE, "SourceDBClusterIdentifier"),
        (INSTANCE, "SourceDbiResourceId"),
        (INSTANCE, "SourceDBInstanceAutomatedBackupsArn"),
        (CLUSTER, "SnapshotIdentifier"),
        (CLUSTER, "SourceDBClusterIdentifier"),
        (CLUSTER, "SourceDbClusterResourceId"),
        (CLUSTER, "GlobalClusterIdentifier"),
        ("AWS::RDS::GlobalCluster", "SourceDBClusterIdentifier"),
        (OTHERS[0], "SnapshotIdentifier"),
        (OTHERS[1], "SourceDBClusterIdentifier"),
    ],
)
def test_what_inherits_its_encryption(type_: str, property_: str) -> None:
    for origin in ("origin", {"Ref": "Origin"}, {"Fn::If": ["IsProd", "origin", {"Ref": "AWS::NoValue"}]}):
        assert_clean(database(type_, **{property_: origin}), RULE)
    assert_flags(database(type_, **{property_: {"Ref": "AWS::NoValue"}}), RULE)


@pytest.mark.parametrize("type_", [CLUSTER, "AWS::RDS::GlobalCluster"])
@pytest.mark.parametrize("engine", ["aurora-postgresql", "aurora-mysql", "Aurora"])
def test_new_aurora_clusters_are_encrypted_anyway(type_: str, engine: str) -> None:
    message = "StorageEncrypted is not set: an Aurora cluster made before February 18, 2026 is then not encrypted"
    found = assert_flags(database(type_, Engine=engine), RULE, message=message)
    assert [finding.severity for finding in found] == [Severity.WARNING]


@pytest.mark.parametrize("engine", ["postgres", "mysql", {"Ref": "Engine"}])
def test_clusters_of_other_engines(engine: Any) -> None:
    assert [finding.severity for finding in assert_flags(database(CLUSTER, Engine=engine), RULE)] == [Severity.ERROR]


def test_aurora_serverless_v1_is_always_encrypted() -> None:
    assert_clean(database(CLUSTER, Engine="aurora-mysql", EngineMode="serverless"), RULE)
    assert_clean(database(CLUSTER, Engine="aurora-mysql", EngineMode={"Ref": "Mode"}), RULE)
    assert_flags(database(CLUSTER, Engine="aurora-mysql", EngineMode="provisioned"), RULE)


def test_instances_of_aurora_have_a_cluster() -> None:
    assert_clean(database(INSTANCE, Engine="aurora-postgresql"), RULE)


def test_other_types() -> None:
    assert_clean(database("AWS::DocDB::DBInstance"), RULE)
    assert_clean(database("AWS::RDS::DBSubnetGroup"), RULE)
