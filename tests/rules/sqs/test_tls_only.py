"""sqs-tls-only."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "sqs-tls-only"
ARN = {"Fn::GetAtt": ["Queue", "Arn"]}
LITERAL_ARN = "arn:aws:sqs:eu-west-1:111122223333:orders"
URL = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
ADDED = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "sqs:*",
    "Resource": ARN,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
SEND = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": ARN}
NO_POLICY = "no policy denies plain HTTP"
LACKS = "the policy Policy does not deny plain HTTP"


def queue(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}}


def policy(statement: Any, queues: Any = None) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": statement}
    queues = [{"Ref": "Queue"}] if queues is None else queues
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": queues, "PolicyDocument": document}}


def with_policy(statement: Any, queues: Any = None, **properties: Any) -> dict[str, Any]:
    template = queue(**properties)
    template["Resources"]["Policy"] = policy(statement, queues)
    return template


def deny(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (ADDED | changes).items() if value is not None}


def flagged_only(template: dict[str, Any], message: str) -> None:
    """A finding with this message, and a fix that leaves the template alone."""
    assert_flags(template, RULE, message=message)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)


def test_a_queue_without_a_policy_gets_one() -> None:
    before = "Resources: {Queue: {Type: AWS::SQS::Queue}}"
    found = assert_flags(before, RULE, path="Properties", message=NO_POLICY)
    assert [finding.remedy for finding in found] == ["sqs.Queue(..., enforce_ssl=True)"]
    after = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "GuardrailsQueuePolicy": policy([ADDED])}}
    assert_fixed(before, after, RULE)


def test_the_added_policy_has_the_queues_condition_and_a_free_id() -> None:
    before = queue()
    before["Resources"]["Queue"]["Condition"] = "IsProd"
    before["Resources"]["GuardrailsQueuePolicy"] = {"Type": "AWS::S3::Bucket"}
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsQueuePolicy2"] = policy([ADDED]) | {"Condition": "IsProd"}
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize("queues", [[{"Ref": "Queue"}], {"Ref": "Queue"}, [{"Fn::GetAtt": ["Queue", "QueueUrl"]}]])
def test_the_statement_is_appended_to_the_queues_policy(queues: Any) -> None:
    before = with_policy([SEND], queues)
    assert_flags(before, RULE, message=LACKS)
    assert_fixed(before, with_policy([SEND, ADDED], queues), RULE)


def test_one_statement_that_is_no_list() -> None:
    assert_fixed(with_policy(SEND), with_policy([SEND, ADDED]), RULE)


def test_an_inline_policy() -> None:
    before, after = queue(), queue()
    for template, statements in ((before, [SEND]), (after, [SEND, ADDED])):
        properties = {"Queue": {"Ref": "Queue"}, "PolicyDocument": {"Statement": statements}}
        template["Resources"]["Inline"] = {"Type": "AWS::SQS::QueueInlinePolicy", "Properties": properties}
    assert_flags(before, RULE, message="the policy Inline does not deny plain HTTP")
    assert_fixed(before, after, RULE)


def test_a_policy_for_several_queues_gets_a_statement_for_each() -> None:
    """SQS takes one resource a statement."""
    queues = [{"Ref": "Queue"}, {"Ref": "Dead"}]
    before, other = with_policy([SEND], queues), deny(Resource={"Fn::GetAtt": ["Dead", "Arn"]})
    before["Resources"]["Dead"] = {"Type": "AWS::SQS::Queue"}
    after = copy.deepcopy(before)
    after["Resources"]["Policy"] = policy([SEND, ADDED, other], queues)
    assert_fixed(before, after, RULE)
    after["Resources"]["Policy"] = policy([deny(Resource="*")], queues)
    assert_clean(after, RULE)


def test_several_policies_of_a_queue_are_all_completed() -> None:
    """The one that is made last replaces the others."""
    before = with_policy([ADDED])
    before["Resources"]["Second"] = policy([SEND])
    after = with_policy([ADDED])
    after["Resources"]["Second"] = policy([SEND, ADDED])
    assert_flags(before, RULE, message="the policy Second does not deny plain HTTP")
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Sid": "Tls", "Principal": "*"},
        {"Action": "*"},
        {"Action": ["SQS:*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": False}}},
        {"Condition": {"BoolIfExists": {"aws:SecureTransport": ["false"]}}},
        {"Resource": "*"},
        {"Resource": [ARN]},
        {"Resource": None},
        {"Resource": {"Fn::Sub": "${Queue.Arn}"}},
        {"Resource": {"Fn::GetAtt": "Queue.Arn"}},
        {"Resource": {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Queue.QueueName}"}},
    ],
)
def test_equivalent_statements(changes: dict[str, Any]) -> None:
    assert_clean(with_policy([SEND, deny(**changes)]), RULE)
    assert_clean(with_policy(deny(**changes)), RULE)


@pytest.mark.parametrize("name", ["orders", {"Ref": "Name"}, {"Fn::Sub": "${Env}-orders"}])
def test_an_arn_by_the_queues_name(name: Any) -> None:
    arn = {"Fn::Join": [":", ["arn:aws:sqs", {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}, name]]}
    assert_clean(with_policy([deny(Resource=arn)], QueueName=name), RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Principal": {"Service": "*"}},
        {"Action": "sqs:SendMessage"},
        {"Action": None, "NotAction": "sqs:SendMessage"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringLike": {"aws:PrincipalArn": "*"}}},
        {"Resource": None, "NotResource": ARN},
        {"Resource": LITERAL_ARN},
        {"Resource": {"Fn::GetAtt": ["Other", "Arn"]}},
        {"Resource": {"Ref": "SomeArn"}},
        {"Resource": {"Fn::ImportValue": "Arn"}},
    ],
)
def test_statements_that_do_not_do(changes: dict[str, Any]) -> None:
    before = with_policy([deny(**changes)])
    before["Resources"]["Other"] = {"Type": "AWS::S3::Bucket"}
    after = copy.deepcopy(before)
    after["Resources"]["Policy"] = policy([deny(**changes), ADDED])
    assert_flags(before, RULE, message=LACKS)
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "statement",
    [
        {"Ref": "Statements"},
        [SEND, {"Fn::If": ["IsProd", ADDED, {"Ref": "AWS::NoValue"}]}],
        deny(Effect={"Ref": "Effect"}),
        deny(Principal={"Ref": "Principal"}),
        deny(Action={"Ref": "Action"}),
        deny(Condition={"Ref": "Condition"}),
        deny(Resource={"Fn::If": ["IsProd", ARN, LITERAL_ARN]}),
        deny(Resource="arn:aws:sqs:*:*:orders*"),
    ],
)
def test_unknown_statements(statement: Any) -> None:
    assert_clean(with_policy(statement), RULE)


def test_an_unknown_resource_of_a_queue_with_a_name() -> None:
    for name, arn in ((LITERAL_ARN[-6:], {"Ref": "Arn"}), ({"Ref": "Name"}, LITERAL_ARN), ("orders", {"Ref": "Arn"})):
        assert_clean(with_policy([deny(Resource=arn)], QueueName=name), RULE)


def test_an_unknown_document() -> None:
    template = with_policy([])
    for document in ({"Ref": "Document"}, {"Fn::If": ["IsProd", {}, {}]}, "no JSON"):
        template["Resources"]["Policy"]["Properties"]["PolicyDocument"] = document
        assert_clean(template, RULE)


@pytest.mark.parametrize(
    "queues", [[URL], [{"Ref": "Other"}], [{"Ref": "QueueUrl"}], [{"Fn::ImportValue": "Url"}], [""], [7], "text", {}]
)
def test_a_policy_of_another_queue_is_not_the_queues(queues: Any) -> None:
    """A generated name is known to no literal and no parameter."""
    before = with_policy([SEND | {"Resource": "*"}], queues)
    before["Resources"]["Other"] = {"Type": "AWS::S3::Bucket"}
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsQueuePolicy"] = policy([ADDED])
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("queues", "properties"),
    [
        ([URL], {"QueueName": "orders"}),
        ([{"Fn::Sub": "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/orders"}], {"QueueName": "orders"}),
        ([{"Ref": "QueueUrl"}], {"QueueName": "orders"}),
        ([URL], {"QueueName": {"Ref": "Name"}}),
        ([{"Fn::If": ["IsProd", {"Ref": "Queue"}, URL]}], {}),
        ({"Fn::If": ["IsProd", [{"Ref": "Queue"}], []]}, {}),
    ],
)
def test_a_policy_that_may_be_the_queues(queues: Any, properties: dict[str, Any]) -> None:
    message = f"{NO_POLICY}; not fixed, since Policy may be the policy of this queue"
    flagged_only(with_policy([SEND], queues, **properties), message)
    assert_clean(with_policy([ADDED], queues, **properties), RULE)
    assert_clean(with_policy({"Ref": "Statements"}, queues, **properties), RULE)


def test_a_queue_with_another_name() -> None:
    before = with_policy([SEND], [URL], QueueName="parcels")
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsQueuePolicy"] = policy([ADDED])
    assert_fixed(before, after, RULE)


def findings_in(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """What is left of two templates of an app after the fix, and no policy has been added to the first."""
    app = App()
    origins = {"Queue": Origin("App/Data/Queue/Resource")}
    Template(first, name="first", app=app, origins=origins)
    Template(second, name="second", app=app)
    before, settings = copy.deepcopy(first), Settings()
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=True)
    assert not outcome.crashes
    assert first == before
    return [finding.message for finding in outcome.findings]


FOREIGN = {"Path": "App/Data/Queue/Resource", "LogicalId": "Queue", "Attribute": "Ref"}


@pytest.mark.parametrize("url", [URL, {"Fn::ForeignRef": FOREIGN}, {"Fn::ImportValue": "Data:Queue"}])
def test_a_policy_in_another_template(url: Any) -> None:
    data = queue(QueueName="orders")
    data["Outputs"] = {"Export": {"Value": {"Ref": "Queue"}, "Export": {"Name": "Data:Queue"}}}
    other = {"Resources": {"Policy": policy([SEND], [url])}}
    message = f"{NO_POLICY}; not fixed, since Policy may be the policy of this queue"
    assert findings_in(data, other) == [message]
    other["Resources"]["Policy"] = policy([ADDED], [url])
    assert findings_in(data, other) == []


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("orders", "parcels"),
        {"Ref": "Queue"},
        {"Ref": "Url"},
        {"Fn::ForeignRef": FOREIGN | {"LogicalId": "Other"}},
        {"Fn::ImportValue": "Data:Other"},
    ],
)
def test_policies_in_another_template_of_other_queues(url: Any) -> None:
    other = {"Resources": {"Policy": policy([SEND], [url])}}
    with pytest.raises(AssertionError):
        findings_in(queue(QueueName="orders"), other)  # it was fixed


def test_a_queue_whose_policy_sam_writes() -> None:
    topic = {"Source": {"Id": "Topic"}, "Destination": {"Id": "Queue"}, "Permissions": ["Write"]}
    inside = {"Type": "AWS::SNS::Topic", "Connectors": {"ToQueue": {"Properties": topic}}}
    subscription = {"QueueUrl": {"Ref": "Queue"}, "QueueArn": ARN}
    event = {"Type": "SNS", "Properties": {"Topic": "arn", "SqsSubscription": subscription}}
    makers = {
        "Connector": {"Type": "AWS::Serverless::Connector", "Properties": topic},
        "Topic": inside,
        "Function": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Sns": event}}},
    }
    for id_, maker in makers.items():
        template = queue()
        template["Resources"][id_] = maker
        flagged_only(template, f"{NO_POLICY}; not fixed, since SAM makes a policy of this queue for {id_}")


def test_sam_that_writes_no_policy_of_the_queue() -> None:
    polled = {"Type": "SQS", "Properties": {"Queue": ARN}}
    before = queue()
    before["Resources"]["Function"] = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Q": polled}}}
    source = {"Source": {"Id": "Queue"}, "Destination": {"Id": "Function"}, "Permissions": ["Read"]}
    before["Resources"]["Connector"] = {"Type": "AWS::Serverless::Connector", "Properties": source}
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsQueuePolicy"] = policy([ADDED])
    assert_fixed(before, after, RULE)


def test_a_full_policy_takes_no_other_statement() -> None:
    full = "it has 20 statements or more, and the policy of a queue may have no more"
    flagged_only(with_policy([SEND] * 20), f"{LACKS}; not fixed, since {full}")
    assert_fixed(with_policy([SEND] * 19), with_policy([*[SEND] * 19, ADDED]), RULE)
    assert_clean(with_policy([*[SEND] * 20, ADDED]), RULE)
