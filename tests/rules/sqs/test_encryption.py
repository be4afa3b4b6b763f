"""sqs-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "sqs-encryption"
DEFAULT = "encryption is left to SQS's default, which older queues lack"
OFF = "messages are stored unencrypted"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e"


def queue(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}}


def with_policy(statement: dict[str, Any], **properties: Any) -> dict[str, Any]:
    template = queue(**properties)
    document = {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **statement}]}
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": document}
    template["Resources"]["Policy"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}
    return template


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, DEFAULT),
        ({"KmsMasterKeyId": ""}, DEFAULT),
        ({"KmsMasterKeyId": {"Ref": "AWS::NoValue"}, "SqsManagedSseEnabled": {"Ref": "AWS::NoValue"}}, DEFAULT),
        ({"FifoQueue": True, "QueueName": "a.fifo"}, DEFAULT),
        ({"SqsManagedSseEnabled": False}, OFF),
        ({"SqsManagedSseEnabled": "false"}, OFF),
    ],
)
def test_a_queue_that_is_not_surely_encrypted(properties: dict[str, Any], message: str) -> None:
    assert_flags(queue(**properties), RULE, path="SqsManagedSseEnabled", message=message)
    assert_fixed(queue(**properties), queue(**properties | {"SqsManagedSseEnabled": True}), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"SqsManagedSseEnabled": True},
        {"SqsManagedSseEnabled": "true"},
        {"SqsManagedSseEnabled": {"Ref": "Encrypt"}},
        {"KmsMasterKeyId": "alias/aws/sqs"},
        {"KmsMasterKeyId": KEY_ARN, "SqsManagedSseEnabled": False},
        {"KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}},
        {"KmsMasterKeyId": {"Fn::If": ["IsProd", KEY_ARN, {"Ref": "AWS::NoValue"}]}},
        {"KmsMasterKeyId": {"Ref": "KeyArn"}, "SqsManagedSseEnabled": False},
    ],
)
def test_a_queue_that_is_encrypted_or_may_be(properties: dict[str, Any]) -> None:
    assert_clean(queue(**properties), RULE)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*", "111122223333"]}, {"Ref": "Senders"}])
def test_a_queue_that_its_author_has_opened_to_the_world_is_left_alone(principal: Any) -> None:
    template = with_policy({"Principal": principal}, SqsManagedSseEnabled=False)
    why = "not fixed, since Policy admits everyone, and SQS would refuse anonymous requests"
    assert_flags(template, RULE, message=f"{OFF}; {why}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Principal": "*", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"}}},
        {"Principal": "*", "Effect": "Deny"},
    ],
)
def test_a_queue_that_is_not_open_to_the_world(statement: dict[str, Any]) -> None:
    before = with_policy(statement, SqsManagedSseEnabled=False)
    assert_fixed(before, with_policy(statement, SqsManagedSseEnabled=True), RULE)


def test_by_default_a_new_queue_takes_no_anonymous_requests_anyway() -> None:
    assert_fixed(with_policy({"Principal": "*"}), with_policy({"Principal": "*"}, SqsManagedSseEnabled=True), RULE)
