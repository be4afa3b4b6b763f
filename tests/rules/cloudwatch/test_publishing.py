"""alarm-actions: topics that alarms name and cannot publish to."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "alarm-actions"
ARN = {"Ref": "Topic"}
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
SOURCE = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
ALLOW = {"Effect": "Allow", "Principal": CLOUDWATCH, "Action": "sns:Publish", "Resource": ARN, "Condition": SOURCE}
PUBLISH = {"Sid": "AllowAlarmsToPublish", **ALLOW}
TLS = {
    "Sid": "AllowPublishThroughSSLOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": ARN,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
EVENTS = {**ALLOW, "Principal": {"Service": "events.amazonaws.com"}}
ADMIN = {
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
    "Action": "kms:*",
    "Resource": "*",
}
USE_KEY = {
    "Sid": "CloudWatchAlarmsUseKey",
    "Effect": "Allow",
    "Principal": CLOUDWATCH,
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": SOURCE,
}
BY_POLICY = "alarms cannot publish to this topic: its policy Policy does not admit CloudWatch"
BY_KEY = "alarms cannot publish to this topic: the policy of its key Key does not admit CloudWatch"
BY_AWS_KEY = "alarms cannot publish to this topic: the key alias/aws/sns does not admit CloudWatch"
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}


def policy(*statements: Any, topics: Any = None) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": topics or [ARN], "PolicyDocument": document}}


def key(*statements: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document}}


def template(topic_key: Any = None, *, watched: bool = True, **resources: Any) -> dict[str, Any]:
    properties = {"KmsMasterKeyId": topic_key} if topic_key is not None else {}
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [ARN if watched else "arn"]}}
    topic = {"Type": "AWS::SNS::Topic", "Properties": properties}
    return copy.deepcopy({"Resources": {"Alarm": alarm, "Topic": topic, **resources}})


@pytest.mark.parametrize(
    ("statements", "after"),
    [
        ([TLS], [TLS, PUBLISH]),  # what enforce_ssl=True of the CDK makes of the default policy
        ([EVENTS], [EVENTS, PUBLISH]),  # what a target of an EventBridge rule makes of it
        ([{**ALLOW, "Action": "sns:Subscribe"}], [{**ALLOW, "Action": "sns:Subscribe"}, PUBLISH]),
        ([{**PUBLISH, "Effect": "Deny"}], [{**PUBLISH, "Effect": "Deny"}, {**PUBLISH, "Sid": "AllowAlarmsToPublish2"}]),
    ],
)
def test_a_policy_that_shuts_alarms_out(statements: list[Any], after: list[Any]) -> None:
    before = template(Policy=policy(*statements))
    findings = assert_flags(before, RULE, message=BY_POLICY)
    assert [finding.id for finding in findings] == [f"{RULE}[policy Policy]"]
    assert_fixed(before, template(Policy=policy(*after)), RULE)


@pytest.mark.parametrize(
    "statement",
    [
        ALLOW,
        {**ALLOW, "Condition": None},
        {**ALLOW, "Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}},
        {**ALLOW, "Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}}},
        {**ALLOW, "Principal": {"Ref": "Principal"}},
        {**ALLOW, "Principal": {"Service": {"Ref": "Service"}}},
        {**ALLOW, "Action": "SNS:*"},
        {**ALLOW, "Resource": "*"},
        {**ALLOW, "Condition": {"ArnLike": {"aws:SourceArn": {"Ref": "Alarms"}}}},
        {"Fn::If": ["IsProd", ALLOW, TLS]},
    ],
)
def test_a_policy_that_admits_alarms_or_may(statement: Any) -> None:
    assert_clean(template(Policy=policy(TLS, statement)), RULE)


@pytest.mark.parametrize(
    "data",
    [
        template(),  # the default policy admits alarms
        template(watched=False, Policy=policy(TLS)),
        template("alias/aws/sns", watched=False),
        template(Policy=policy(TLS, topics=[{"Ref": "Other"}]), Other={"Type": "AWS::SNS::Topic"}),
        template({"Ref": "KeyParameter"}),
        template("arn:aws:kms:eu-west-1:111122223333:key/1"),
        template("alias/alarms"),
        template({"Fn::ImportValue": "key"}),
    ],
)
def test_nothing_surely_in_the_way(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


@pytest.mark.parametrize("named", [KEY_ARN, {"Ref": "Key"}, {"Ref": "Alias"}])
def test_a_key_that_shuts_alarms_out(named: Any) -> None:
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"TargetKeyId": {"Ref": "Key"}}}
    before = template(named, Key=key(ADMIN), Alias=alias)
    findings = assert_flags(before, RULE, path="KmsMasterKeyId", message=BY_KEY)
    assert [finding.id for finding in findings] == [f"{RULE}[key]"]
    assert_fixed(before, template(named, Key=key(ADMIN, USE_KEY), Alias=alias), RULE)


def test_a_key_without_a_policy_keeps_the_default_one() -> None:
    after = template(KEY_ARN, Key=key({"Sid": "AccountAdministersKey", **ADMIN}, USE_KEY))
    assert_fixed(template(KEY_ARN, Key={"Type": "AWS::KMS::Key"}), after, RULE)


@pytest.mark.parametrize(
    "statement",
    [
        USE_KEY,
        {**USE_KEY, "Action": "kms:*"},
        {**USE_KEY, "Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"kms:CallerAccount": "1"}}},
        {**USE_KEY, "Resource": {"Ref": "Anything"}},
        {"Ref": "Statement"},
    ],
)
def test_a_key_that_admits_alarms_or_may(statement: Any) -> None:
    assert_clean(template(KEY_ARN, Key=key(ADMIN, statement)), RULE)


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey*"])
def test_half_of_the_permissions_is_not_enough(action: str) -> None:
    half = {**USE_KEY, "Condition": None, "Action": action}
    assert_flags(template(KEY_ARN, Key=key(half)), RULE, path="KmsMasterKeyId", message=BY_KEY)


@pytest.mark.parametrize(
    "named", ["alias/aws/sns", {"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/aws/sns"}]
)
def test_the_key_of_aws_is_flagged_only(named: Any) -> None:
    data = template(named)
    assert_flags(data, RULE, path="KmsMasterKeyId", message=BY_AWS_KEY)
    with pytest.raises(AssertionError, match="not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


def test_one_finding_for_all_alarms_of_a_topic() -> None:
    data = template("alias/aws/sns")
    data["Resources"]["Another"] = data["Resources"]["Alarm"]
    assert len(assert_flags(data, RULE)) == 1


def test_a_full_policy_takes_no_other_statement() -> None:
    full = "it has 100 statements or more, and the policy of a topic may have no more"
    data = template(Policy=policy(*[EVENTS] * 100))
    assert_flags(data, RULE, message=f"{BY_POLICY}; not fixed, since {full}")
    with pytest.raises(AssertionError, match="not satisfied with its own fix"):
        assert_fixed(data, data, RULE)
