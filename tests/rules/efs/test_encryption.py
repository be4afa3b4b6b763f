"""efs-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "efs-encryption"


def file_system(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Files": {"Type": "AWS::EFS::FileSystem", "Properties": properties}}}


def test_no_properties() -> None:
    template = "Resources: {Files: {Type: AWS::EFS::FileSystem}}"
    message = "the file system is not encrypted: Encrypted is not set"
    found = assert_flags(template, RULE, path="Encrypted", message=message)
    assert [finding.remedy for finding in found] == ["efs.FileSystem(..., encrypted=True)"]


@pytest.mark.parametrize(
    ("value", "said"), [(False, "false"), ("false", "false"), (None, "not set"), ({"Ref": "AWS::NoValue"}, "not set")]
)
def test_not_encrypted(value: Any, said: str) -> None:
    assert_flags(file_system(Encrypted=value), RULE, message=f"the file system is not encrypted: Encrypted is {said}")


def test_a_key_alone_does_not_encrypt() -> None:
    assert_flags(file_system(KmsKeyId="alias/files"), RULE)


@pytest.mark.parametrize(
    "value", [True, "true", {"Ref": "Encrypted"}, {"Fn::If": ["IsProd", True, False]}, "{{resolve:ssm:/encrypted}}"]
)
def test_encrypted_or_unknown(value: Any) -> None:
    assert_clean(file_system(Encrypted=value), RULE)


def test_other_types() -> None:
    assert_clean({"Resources": {"Target": {"Type": "AWS::EFS::MountTarget"}}}, RULE)
