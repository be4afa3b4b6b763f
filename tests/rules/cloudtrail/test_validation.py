"""cloudtrail-validation."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "cloudtrail-validation"


def trail(**properties: Any) -> dict[str, Any]:
    given = {"IsLogging": True, "S3BucketName": "audit-logs", **properties}
    return {"Resources": {"Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": given}}}


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"EnableLogFileValidation": False},
        {"EnableLogFileValidation": "false"},
        {"EnableLogFileValidation": {"Ref": "AWS::NoValue"}},
    ],
)
def test_log_files_that_cannot_be_validated(properties: dict[str, Any]) -> None:
    message = "log files cannot be validated: CloudTrail writes no digests"
    assert_flags(trail(**properties), RULE, path="EnableLogFileValidation", message=message)
    assert_fixed(trail(**properties), trail(EnableLogFileValidation=True), RULE)


@pytest.mark.parametrize("value", [True, "true", {"Ref": "Validate"}, {"Fn::If": ["IsProd", True, False]}])
def test_log_files_that_can_or_may(value: Any) -> None:
    assert_clean(trail(EnableLogFileValidation=value), RULE)


def test_other_types() -> None:
    assert_clean({"Resources": {"Store": {"Type": "AWS::CloudTrail::EventDataStore", "Properties": {}}}}, RULE)
