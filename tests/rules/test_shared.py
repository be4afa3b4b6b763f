"""What rules share when they add resources."""

from __future__ import annotations

from typing import Any

from cdk_guardrails.rules.shared import added_id, comes_after, find_added, share, stack_key
from cdk_guardrails.template import Edit, Template

QUEUES = {"Sid": "QueuesUseKey"}
TOPICS = {"Sid": "TopicsUseKey"}


def template(**resources: Any) -> Template:
    return Template({"Resources": resources})


def test_an_added_id_is_alphanumeric_and_free() -> None:
    empty = template()
    assert added_id(empty, "Stage", "AccessLogs") == "GuardrailsStageAccessLogs"
    assert added_id(empty, "My-Stage_1", "AccessLogs") == "GuardrailsMyStage1AccessLogs"
    assert len(added_id(empty, "S" * 255, "AccessLogs")) == 200
    taken = template(GuardrailsStageAccessLogs={"Type": "AWS::Logs::LogGroup"})
    assert added_id(taken, "Stage", "AccessLogs") == "GuardrailsStageAccessLogs2"


def test_an_added_resource_is_found_by_id_and_type() -> None:
    stack = template(
        GuardrailsQueueKey={"Type": "AWS::SNS::Topic"},
        GuardrailsQueueKey2={"Type": "AWS::KMS::Key"},
        GuardrailsQueueKeyring={"Type": "AWS::SQS::Queue"},
    )
    found = find_added(stack, "GuardrailsQueueKey", "AWS::KMS::Key")
    assert found is stack.resources["GuardrailsQueueKey2"]
    assert find_added(stack, "GuardrailsQueueKey", "AWS::SQS::Queue") is None
    assert find_added(stack, "GuardrailsTableKey", "AWS::KMS::Key") is None


def test_the_condition_stays_while_it_suits_all() -> None:
    stack = template(
        Key={"Type": "AWS::KMS::Key", "Condition": "IsProd"},
        Free={"Type": "AWS::KMS::Key"},
        Same={"Type": "AWS::SQS::Queue", "Condition": "IsProd"},
        Other={"Type": "AWS::SQS::Queue", "Condition": "IsTest"},
        Always={"Type": "AWS::SQS::Queue"},
    )
    key, free, same, other, always = (stack.resources[id_] for id_ in ("Key", "Free", "Same", "Other", "Always"))
    lifted = [Edit("remove", ("Resources", "Key", "Condition"))]
    assert list(share(key, same)) == []
    assert list(share(key, other)) == lifted
    assert list(share(key, always)) == lifted
    assert list(share(free, same)) == []


def test_what_comes_after_what() -> None:
    stack = template(
        A={"Type": "T", "Properties": {"P": {"Ref": "B"}}},
        B={"Type": "T", "DependsOn": "C"},
        C={"Type": "T", "DependsOn": ["D", "Nowhere"]},
        D={"Type": "T"},
        Loop={"Type": "T", "DependsOn": "Loop", "Properties": {"P": {"Fn::Sub": "${A.Arn}"}}},
    )
    assert comes_after(stack, "A", "D")
    assert comes_after(stack, "Loop", "D")
    assert not comes_after(stack, "D", "A")
    assert not comes_after(stack, "Loop", "Elsewhere")


def test_one_key_per_stack() -> None:
    stack = template(Queue={"Type": "AWS::SQS::Queue"}, Topic={"Type": "AWS::SNS::Topic"})
    queue, topic = stack.resources["Queue"], stack.resources["Topic"]
    id_, edits = stack_key(stack, queue, [QUEUES])
    stack.apply_all(edits)
    assert id_ == "GuardrailsKey"
    assert stack_key(stack, queue, [QUEUES]) == (id_, [])
    assert stack_key(stack, topic, []) == (id_, [])
    _, more = stack_key(stack, topic, [TOPICS, QUEUES])
    stack.apply_all(more)
    key = stack.resources[id_]
    assert [item["Sid"] for item in key.raw("KeyPolicy.Statement")] == [
        "AccountAdministersKey",
        "QueuesUseKey",
        "TopicsUseKey",
    ]
