"""sns-tls-only."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "sns-tls-only"
TOPIC = {"Ref": "Topic"}
DEFAULT = {
    "Sid": "__default_statement_ID",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
    ],
    "Resource": TOPIC,
    "Condition": {"StringEquals": {"AWS:SourceOwner": {"Ref": "AWS::AccountId"}}},
}
ADDED = {
    "Sid": "AllowPublishThroughSSLOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": TOPIC,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
PUBLISH = {
    "Sid": "0",
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": TOPIC,
}
LACKS = "the policy Policy does not deny plain HTTP"


def topic(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}}


def policy(statement: Any, topics: Any = None) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": statement}
    topics = [TOPIC] if topics is None else topics
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": topics, "PolicyDocument": document}}


def with_policy(statement: Any, topics: Any = None, **properties: Any) -> dict[str, Any]:
    template = topic(**properties)
    template["Resources"]["Policy"] = policy(statement, topics)
    return template


def deny(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (ADDED | changes).items() if value is not None}


def test_an_added_policy_keeps_what_the_default_policy_allows() -> None:
    """A topic's policy replaces the default policy, by which the alarms of the account publish."""
    before = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    found = assert_flags(before, RULE, path="Properties", message="no policy denies plain HTTP")
    assert [finding.remedy for finding in found] == ["sns.Topic(..., enforce_ssl=True)"]
    after = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "GuardrailsTopicPolicy": policy([DEFAULT, ADDED])}}
    assert_fixed(before, after, RULE)


def test_an_existing_policy_gets_the_denial_only() -> None:
    """Its author has replaced the default policy already."""
    before = with_policy([PUBLISH])
    assert_flags(before, RULE, message=LACKS)
    assert_fixed(before, with_policy([PUBLISH, ADDED]), RULE)
    assert_fixed(with_policy(PUBLISH), with_policy([PUBLISH, ADDED]), RULE)


def test_the_added_policy_has_the_topics_condition() -> None:
    before = topic()
    before["Resources"]["Topic"]["Condition"] = "IsProd"
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsTopicPolicy"] = policy([DEFAULT, ADDED]) | {"Condition": "IsProd"}
    assert_fixed(before, after, RULE)


def test_each_statement_has_an_id_of_its_own() -> None:
    """SNS refuses a policy in which two have the same."""
    topics = [TOPIC, {"Ref": "Other"}]
    before = with_policy([PUBLISH], topics)
    before["Resources"]["Other"] = {"Type": "AWS::SNS::Topic"}
    after = copy.deepcopy(before)
    second = deny(Sid="AllowPublishThroughSSLOnly2", Resource={"Ref": "Other"})
    after["Resources"]["Policy"] = policy([PUBLISH, ADDED, second], topics)
    assert_fixed(before, after, RULE)


def test_an_inline_policy() -> None:
    before, after = topic(), topic()
    for template, statements in ((before, [PUBLISH]), (after, [PUBLISH, ADDED])):
        properties = {"TopicArn": TOPIC, "PolicyDocument": {"Statement": statements}}
        template["Resources"]["Inline"] = {"Type": "AWS::SNS::TopicInlinePolicy", "Properties": properties}
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Sid": None, "Principal": {"AWS": "*"}},
        {"Action": ["SNS:Publish", "SNS:Subscribe"]},
        {"Action": "*"},
        {"Resource": "*"},
        {"Resource": {"Fn::GetAtt": ["Topic", "TopicArn"]}},
        {"Resource": {"Fn::Sub": "${Topic}"}},
        {"Condition": {"Bool": {"aws:SecureTransport": False}}},
    ],
)
def test_equivalent_statements(changes: dict[str, Any]) -> None:
    assert_clean(with_policy([PUBLISH, deny(**changes)]), RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow", "Sid": "A"},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Sid": "A"},
        {"Action": "sns:Subscribe", "Sid": "A"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Sid": "A"},
        {"Resource": "arn:aws:sns:eu-west-1:111122223333:alerts", "Sid": "A"},
    ],
)
def test_statements_that_do_not_do(changes: dict[str, Any]) -> None:
    assert_flags(with_policy([deny(**changes)]), RULE, message=LACKS)
    assert_fixed(with_policy([deny(**changes)]), with_policy([deny(**changes), ADDED]), RULE)


@pytest.mark.parametrize(
    "statement",
    [
        {"Ref": "Statements"},
        [PUBLISH, {"Fn::If": ["IsProd", ADDED, {"Ref": "AWS::NoValue"}]}],
        deny(Resource={"Fn::If": ["IsProd", TOPIC, "*"]}),
        deny(Principal={"Ref": "Principal"}),
    ],
)
def test_unknown_statements(statement: Any) -> None:
    assert_clean(with_policy(statement), RULE)


@pytest.mark.parametrize("arn", ["arn:aws:sns:eu-west-1:111122223333:alerts", {"Ref": "Arn"}])
def test_a_policy_that_may_be_the_topics(arn: Any) -> None:
    template = with_policy([PUBLISH], [arn], TopicName="alerts")
    message = "no policy denies plain HTTP; not fixed, since Policy may be the policy of this topic"
    assert_flags(template, RULE, message=message)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)
    assert_clean(with_policy([ADDED], [arn], TopicName="alerts"), RULE)


def test_a_topic_whose_policy_sam_writes() -> None:
    template = topic()
    rule = {"Source": {"Id": "Rule"}, "Destination": {"Id": "Topic"}, "Permissions": ["Write"]}
    template["Resources"]["Connector"] = {"Type": "AWS::Serverless::Connector", "Properties": rule}
    message = "no policy denies plain HTTP; not fixed, since SAM makes a policy of this topic for Connector"
    assert_flags(template, RULE, message=message)
