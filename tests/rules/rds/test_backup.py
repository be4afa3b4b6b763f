"""rds-backup."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "rds-backup"
INSTANCE = "AWS::RDS::DBInstance"
CLUSTERS = ("AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster")
ALL = (INSTANCE, *CLUSTERS)
ONE_DAY = "automated backups are kept for 1 day, not for 7"


def database(type_: str = INSTANCE, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Database": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize("type_", ALL)
def test_the_default_is_a_day(type_: str) -> None:
    assert_flags(database(type_), RULE, path="BackupRetentionPeriod", message=ONE_DAY)
    assert_fixed(database(type_), database(type_, BackupRetentionPeriod=7), RULE)


def test_no_properties() -> None:
    before = "Resources: {Database: {Type: AWS::RDS::DBInstance}}"
    assert_fixed(before, database(BackupRetentionPeriod=7), RULE)


@pytest.mark.parametrize("type_", ALL)
@pytest.mark.parametrize(("value", "message"), [(1, ONE_DAY), ("1", ONE_DAY), (6, ONE_DAY.replace("1 day", "6 days"))])
def test_too_short(type_: str, value: Any, message: str) -> None:
    before = database(type_, BackupRetentionPeriod=value, CopyTagsToSnapshot=True)
    assert_flags(before, RULE, message=message)
    assert_fixed(before, database(type_, BackupRetentionPeriod=7, CopyTagsToSnapshot=True), RULE)


@pytest.mark.parametrize("value", [0, "0"])
def test_to_switch_backups_on_is_an_outage(value: Any) -> None:
    before = database(BackupRetentionPeriod=value)
    message = "automated backups are off; not fixed, since an instance has an outage when they are switched on"
    assert_flags(before, RULE, message=message)
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(before, before, RULE)


@pytest.mark.parametrize("type_", CLUSTERS)
def test_a_cluster_cannot_be_without_backups(type_: str) -> None:
    assert_fixed(database(type_, BackupRetentionPeriod=0), database(type_, BackupRetentionPeriod=7), RULE)


@pytest.mark.parametrize("type_", ALL)
@pytest.mark.parametrize(
    "value",
    [7, "7", 35, {"Ref": "Days"}, {"Fn::If": ["IsProd", 7, 1]}, "{{resolve:ssm:/days}}", "a week", True, -1, []],
)
def test_long_enough_or_unknown(type_: str, value: Any) -> None:
    assert_clean(database(type_, BackupRetentionPeriod=value), RULE)


@pytest.mark.parametrize(
    "property_", ["DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"]
)
def test_what_is_backed_up_elsewhere(property_: str) -> None:
    for origin in ("origin", {"Ref": "Origin"}, {"Fn::If": ["IsProd", "origin", {"Ref": "AWS::NoValue"}]}):
        assert_clean(database(INSTANCE, **{property_: origin}), RULE)
    assert_flags(database(INSTANCE, **{property_: {"Ref": "AWS::NoValue"}}), RULE)


def test_instances_of_aurora_have_a_cluster() -> None:
    assert_clean(database(INSTANCE, Engine="aurora-mysql"), RULE)
    assert_flags(database(CLUSTERS[0], Engine="aurora-mysql"), RULE)


def test_a_restored_instance_has_backups_of_its_own() -> None:
    before = database(DBSnapshotIdentifier="before-migration")
    assert_fixed(before, database(DBSnapshotIdentifier="before-migration", BackupRetentionPeriod=7), RULE)


def test_days() -> None:
    before = database(BackupRetentionPeriod=7)
    options = {"retention_days": 30}
    assert_flags(before, RULE, message="automated backups are kept for 7 days, not for 30", options=options)
    assert_fixed(before, database(BackupRetentionPeriod=30), RULE, options=options)
    assert_clean(database(), RULE, options={"retention_days": 1})


@pytest.mark.parametrize(
    ("type_", "remedy"),
    [
        (INSTANCE, "rds.DatabaseInstance(..., backup_retention=cdk.Duration.days(7))"),
        (CLUSTERS[0], "rds.DatabaseCluster(..., backup=rds.BackupProps(retention=cdk.Duration.days(7)))"),
        (CLUSTERS[1], "Set BackupRetentionPeriod to 7 on the cluster."),
    ],
)
def test_the_remedy(type_: str, remedy: str) -> None:
    assert [finding.remedy for finding in assert_flags(database(type_), RULE)] == [remedy]


def test_in_every_environment() -> None:
    for environment in ("dev", "staging", "prod"):
        assert_flags(database(), RULE, environment=environment)
