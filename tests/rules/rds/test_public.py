"""rds-public."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "rds-public"
TYPES = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::Neptune::DBInstance")


def database(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Database": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("value", [True, "true"])
def test_public(type_: str, value: Any) -> None:
    message = "the database has a public address: PubliclyAccessible is true"
    assert_flags(database(type_, PubliclyAccessible=value), RULE, path="PubliclyAccessible", message=message)


def test_instances_of_a_cluster_have_addresses_of_their_own() -> None:
    template = database(TYPES[0], PubliclyAccessible=True, DBClusterIdentifier={"Ref": "Cluster"})
    found = assert_flags(template, RULE)
    assert found[0].remedy == "rds.DatabaseInstance(..., publicly_accessible=False)"


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize(
    "value",
    [
        False,
        "false",
        None,
        {"Ref": "AWS::NoValue"},
        {"Ref": "Public"},
        {"Fn::If": ["IsProd", False, True]},
        "{{resolve:ssm:/public}}",
        [],
    ],
)
def test_private_or_unknown(type_: str, value: Any) -> None:
    """What is not set depends on the subnet group and the VPC."""
    assert_clean(database(type_, PubliclyAccessible=value), RULE)
    assert_clean(database(type_), RULE)


def test_other_types() -> None:
    assert_clean(database("AWS::DMS::ReplicationInstance", PubliclyAccessible=True), RULE)
