"""kms-key-rotation."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "kms-key-rotation"


def key(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"EnableKeyRotation": False},
        {"EnableKeyRotation": "false"},
        {"EnableKeyRotation": {"Ref": "AWS::NoValue"}},
        {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "Enabled": True},
        {"MultiRegion": True},
        {"RotationPeriodInDays": 180},
        {"Enabled": "true"},
    ],
)
def test_a_symmetric_key_rotates(properties: dict[str, Any]) -> None:
    assert_flags(key(**properties), RULE, path="EnableKeyRotation", message="the key does not rotate")
    assert_fixed(key(**properties), key(**properties | {"EnableKeyRotation": True}), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"EnableKeyRotation": True},
        {"EnableKeyRotation": "true"},
        {"EnableKeyRotation": {"Ref": "Rotate"}},
        {"EnableKeyRotation": {"Fn::If": ["IsProd", True, False]}},
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "ECC_NIST_P256", "EnableKeyRotation": False},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"KeySpec": {"Ref": "Spec"}},
        {"KeyUsage": {"Ref": "Usage"}},
        {"Origin": "EXTERNAL"},
        {"Origin": "AWS_CLOUDHSM"},
        {"Origin": {"Ref": "Origin"}},
        {"Enabled": False},
        {"Enabled": "false"},
        {"Enabled": {"Ref": "Enabled"}},
    ],
)
def test_a_key_that_rotates_or_cannot(properties: dict[str, Any]) -> None:
    assert_clean(key(**properties), RULE)


def test_other_types() -> None:
    replica = {"Type": "AWS::KMS::ReplicaKey", "Properties": {"KeyPolicy": {}, "PrimaryKeyArn": "arn"}}
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": "b"}}
    assert_clean({"Resources": {"Replica": replica, "Alias": alias}}, RULE)
