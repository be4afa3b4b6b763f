"""s3-versioning."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "s3-versioning"


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}


ENABLED = bucket(VersioningConfiguration={"Status": "Enabled"})


def test_a_bucket_without_properties() -> None:
    before = "Resources: {Bucket: {Type: AWS::S3::Bucket}}"
    message = "versioning is not enabled, so overwritten and deleted objects are lost"
    found = assert_flags(before, RULE, path="VersioningConfiguration.Status", message=message)
    assert [finding.remedy for finding in found] == ["s3.Bucket(..., versioned=True)"]
    assert_fixed(before, ENABLED, RULE)


def test_suspended_versioning() -> None:
    before = bucket(VersioningConfiguration={"Status": "Suspended"})
    assert_flags(before, RULE, message="versioning is Suspended, so overwritten and deleted objects are lost")
    assert_fixed(before, ENABLED, RULE)


@pytest.mark.parametrize("configuration", [{}, {"Ref": "AWS::NoValue"}, {"Status": {"Ref": "AWS::NoValue"}}, None])
def test_an_absent_status(configuration: Any) -> None:
    assert_fixed(bucket(VersioningConfiguration=configuration), ENABLED, RULE)


def test_other_properties_stay() -> None:
    rules = {"Rules": [{"Status": "Enabled", "ExpirationInDays": 30}]}
    before = bucket(LifecycleConfiguration=rules, BucketName={"Fn::Sub": "logs-${AWS::AccountId}"})
    after = bucket(
        LifecycleConfiguration=rules,
        BucketName={"Fn::Sub": "logs-${AWS::AccountId}"},
        VersioningConfiguration={"Status": "Enabled"},
    )
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_enabled(environment: str) -> None:
    assert_clean(ENABLED, RULE, environment=environment)


@pytest.mark.parametrize(
    "configuration",
    [
        {"Ref": "Configuration"},
        {"Status": {"Ref": "Status"}},
        {"Status": {"Fn::If": ["IsProd", "Enabled", "Suspended"]}},
        {"Fn::If": ["IsProd", {"Status": "Enabled"}, {"Ref": "AWS::NoValue"}]},
        {"Status": {"Fn::FindInMap": ["Versioning", {"Ref": "Environment"}, "Status"]}},
        {"Status": "{{resolve:ssm:/versioning}}"},
        {"Status": {"Fn::Sub": "Enabled"}},
    ],
)
def test_enabled_or_unknown(configuration: Any) -> None:
    assert_clean(bucket(VersioningConfiguration=configuration), RULE)


def test_off_in_dev_unless_configured() -> None:
    assert_clean(bucket(), RULE, environment="dev")
    assert_flags(bucket(), RULE, environment="dev", rules={RULE: "warning"})


def test_other_types() -> None:
    assert_clean({"Resources": {"Bucket": {"Type": "AWS::S3Express::DirectoryBucket"}}}, RULE)
