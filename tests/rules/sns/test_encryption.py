"""sns-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "sns-encryption"


def topic(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}}


@pytest.mark.parametrize(
    "properties", [{}, {"KmsMasterKeyId": ""}, {"KmsMasterKeyId": {"Ref": "AWS::NoValue"}}, {"FifoTopic": True}]
)
def test_a_topic_without_a_key(properties: dict[str, Any]) -> None:
    found = assert_flags(topic(**properties), RULE, path="KmsMasterKeyId", message="messages are stored unencrypted")
    assert [finding.remedy for finding in found] == ["sns.Topic(..., master_key=key)"]


@pytest.mark.parametrize(
    "key",
    [
        "alias/aws/sns",
        "arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e",
        {"Fn::GetAtt": ["Key", "Arn"]},
        {"Ref": "KeyArn"},
        {"Fn::ImportValue": "shared-key"},
        {"Fn::If": ["IsProd", {"Ref": "KeyArn"}, {"Ref": "AWS::NoValue"}]},
        "{{resolve:ssm:/keys/sns}}",
    ],
)
def test_a_key_that_is_there_or_may_be(key: Any) -> None:
    assert_clean(topic(KmsMasterKeyId=key), RULE)
