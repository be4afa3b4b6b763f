"""logs-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

MESSAGE = "log events are not encrypted with a KMS key of the account"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e"
KEY = {
    "Type": "AWS::KMS::Key",
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "Description": "Encrypts what has no other key in this stack: log groups, variables of functions, topics",
        "EnableKeyRotation": True,
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AccountAdministersKey",
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "CloudWatchLogsUsesKey",
                    "Effect": "Allow",
                    "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}},
                    "Action": [
                        "kms:Encrypt*",
                        "kms:Decrypt*",
                        "kms:ReEncrypt*",
                        "kms:GenerateDataKey*",
                        "kms:Describe*",
                    ],
                    "Resource": "*",
                    "Condition": {
                        "ArnLike": {
                            "kms:EncryptionContext:aws:logs:arn": {
                                "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"
                            }
                        }
                    },
                },
            ],
        },
    },
}


def group(condition: str | None = None, **properties: Any) -> dict[str, Any]:
    attributes = {"Condition": condition} if condition else {}
    return {"Type": "AWS::Logs::LogGroup", **attributes, "Properties": properties}


def encrypted(condition: str | None = None, key: str = "GuardrailsKey", **properties: Any) -> dict[str, Any]:
    return group(condition, KmsKeyId={"Fn::GetAtt": [key, "Arn"]}, **properties)


def conditional(resource: dict[str, Any], condition: str) -> dict[str, Any]:
    return {**resource, "Condition": condition}


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::Logs::LogGroup"},
        group(LogGroupName="/shop"),
        group(KmsKeyId=""),
        group(KmsKeyId={"Ref": "AWS::NoValue"}),
        group(LogGroupClass="DELIVERY"),
        group(LogGroupClass="INFREQUENT_ACCESS"),
    ],
)
def test_no_key_of_the_account(resource: dict[str, Any]) -> None:
    findings = assert_flags({"Resources": {"Group": resource}}, "logs-encryption", path="KmsKeyId", message=MESSAGE)
    assert [finding.id for finding in findings] == ["logs-encryption"]


@pytest.mark.parametrize(
    "resource",
    [
        group(KmsKeyId=KEY_ARN),
        group(KmsKeyId={"Fn::GetAtt": ["Key", "Arn"]}),
        group(KmsKeyId={"Ref": "KeyArn"}),
        group(KmsKeyId={"Fn::ImportValue": "shared-key"}),
        group(KmsKeyId={"Fn::If": ["IsProd", {"Ref": "KeyArn"}, {"Ref": "AWS::NoValue"}]}),
        group(KmsKeyId={"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/logs"}),
        group(KmsKeyId="{{resolve:ssm:/keys/logs}}"),
        {"Type": "AWS::Logs::LogGroup", "Properties": {"Fn::Transform": {"Name": "M"}}},
        {"Type": "Custom::LogRetention", "Properties": {"LogGroupName": "/aws/lambda/f"}},
    ],
)
def test_a_key_that_is_there_or_may_be(resource: dict[str, Any]) -> None:
    assert_clean({"Resources": {"Group": resource}}, "logs-encryption")


def test_dev_does_without() -> None:
    assert_clean({"Resources": {"Group": group()}}, "logs-encryption", environment="dev")


def test_the_fix_adds_one_key_for_all() -> None:
    before = {"Resources": {"A": group(LogGroupName="/a"), "B": group(), "C": group(KmsKeyId=KEY_ARN)}}
    after = {
        "Resources": {
            "A": encrypted(LogGroupName="/a"),
            "B": encrypted(),
            "C": group(KmsKeyId=KEY_ARN),
            "GuardrailsKey": KEY,
        }
    }
    assert_fixed(before, after, "logs-encryption")


def test_the_fix_takes_the_key_of_an_earlier_run() -> None:
    before = {"Resources": {"GuardrailsKey": KEY, "A": encrypted(), "B": group()}}
    after = {"Resources": {"GuardrailsKey": KEY, "A": encrypted(), "B": encrypted()}}
    assert_fixed(before, after, "logs-encryption")


def test_the_fix_takes_the_key_that_it_was_given() -> None:
    before, after = {"Resources": {"A": group()}}, {"Resources": {"A": group(KmsKeyId=KEY_ARN)}}
    assert_fixed(before, after, "logs-encryption", options={"kms_key_arn": KEY_ARN})


def test_the_logical_id_may_be_taken() -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    before = {"Resources": {"GuardrailsKey": topic, "A": group(), "B": group()}}
    after = {
        "Resources": {
            "GuardrailsKey": topic,
            "A": encrypted(key="GuardrailsKey2"),
            "B": encrypted(key="GuardrailsKey2"),
            "GuardrailsKey2": KEY,
        }
    }
    assert_fixed(before, after, "logs-encryption")


def test_a_key_of_the_author_is_not_used() -> None:
    """Its policy may not admit CloudWatch Logs."""
    before = {"Resources": {"LogsKey": {"Type": "AWS::KMS::Key"}, "A": group()}}
    after = {"Resources": {"LogsKey": {"Type": "AWS::KMS::Key"}, "A": encrypted(), "GuardrailsKey": KEY}}
    assert_fixed(before, after, "logs-encryption")


def test_the_key_has_the_condition_of_its_log_groups() -> None:
    conditions = {"IsProd": {"Fn::Equals": ["a", "b"]}}
    before = {"Conditions": conditions, "Resources": {"A": group("IsProd"), "B": group("IsProd")}}
    after = {
        "Conditions": conditions,
        "Resources": {
            "A": encrypted("IsProd"),
            "B": encrypted("IsProd"),
            "GuardrailsKey": conditional(KEY, "IsProd"),
        },
    }
    assert_fixed(before, after, "logs-encryption")


@pytest.mark.parametrize("other", [None, "IsTest"])
@pytest.mark.parametrize("first", [True, False])
def test_the_key_has_no_condition_when_they_differ(other: str | None, first: bool) -> None:
    names = ("A", "B") if first else ("B", "A")
    before = {"Resources": dict(zip(names, (group("IsProd"), group(other)), strict=True))}
    after = {"Resources": dict(zip(names, (encrypted("IsProd"), encrypted(other)), strict=True))}
    after["Resources"]["GuardrailsKey"] = KEY
    assert_fixed(before, after, "logs-encryption")


def test_the_given_key_may_have_variables() -> None:
    arn = "arn:aws:kms:${AWS::Region}:111122223333:key/mrk-1"
    after = {"Resources": {"A": group(KmsKeyId={"Fn::Sub": arn})}}
    assert_fixed({"Resources": {"A": group()}}, after, "logs-encryption", options={"kms_key_arn": arn})


@pytest.mark.parametrize(
    ("region", "arn", "left"),
    [
        ("us-east-1", KEY_ARN, [f"{MESSAGE}; not fixed, since {KEY_ARN} is in eu-west-1 and this stack in us-east-1"]),
        ("eu-west-1", KEY_ARN, []),
        ("", KEY_ARN, []),
        ("us-east-1", KEY_ARN.replace("eu-west-1", "${AWS::Region}"), []),
        ("us-east-1", "not an ARN", []),
    ],
)
def test_a_given_key_of_another_region_would_be_refused(region: str, arn: str, left: list[str]) -> None:
    app = App()
    Template({"Resources": {"A": group()}}, app=app, region=region)
    settings = Settings(rules={"logs-encryption": RuleOverride(options={"kms_key_arn": arn})})
    outcome = engine.run(app, [rule_of("logs-encryption")], settings, Suppressions(settings.today), fix=True)
    assert [finding.message for finding in outcome.findings] == left
    assert len(outcome.fixes) == (0 if left else 1)
