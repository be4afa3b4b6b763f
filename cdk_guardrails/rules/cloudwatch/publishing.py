"""Whether alarms may publish to a topic of the template: its policy and its key must admit CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.base import not_fixed
from cdk_guardrails.rules.kms.keys import allowing, key_of, on_key, statements_of
from cdk_guardrails.rules.messaging import SNS, covers, free_sid, fullness, policies_of
from cdk_guardrails.rules.policies import Answer, Reach, allows, appended, every, rendered, some, statements
from cdk_guardrails.rules.resource_policies import is_service
from cdk_guardrails.rules.shared import is_referred_to_elsewhere
from cdk_guardrails.rules.watching import ALARM
from cdk_guardrails.template import Edit, Resource, Template, is_intrinsic, is_unknown

COMPOSITE: Final = "AWS::CloudWatch::CompositeAlarm"

OF_THIS_ACCOUNT: Final = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}

_CLOUDWATCH: Final = ("cloudwatch.amazonaws.com", "cloudwatch.${AWS::URLSuffix}")

ALARMS_USE_KEY: Final = {
    "Sid": "CloudWatchAlarmsUseKey",
    "Effect": "Allow",
    "Principal": {"Service": _CLOUDWATCH[0]},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": OF_THIS_ACCOUNT,
}
"""Without it, alarms cannot publish to an encrypted topic:
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"""

MANAGED_KEY: Final = "alias/aws/sns"
"""The key of AWS with which a topic can be encrypted. Its policy cannot be changed, and admits no service."""


class Obstacle(NamedTuple):
    """What keeps alarms from publishing: a name, a message, where, what to do, and the edit that helps, if one does."""

    detail: str
    says: str
    path: str
    remedy: str
    edit: Edit | None = None


def publishing(arn: Any) -> dict[str, Any]:
    """The statement that lets alarms of the account publish to the topic with this ARN."""
    return {
        "Sid": "AllowAlarmsToPublish",
        "Effect": "Allow",
        "Principal": {"Service": _CLOUDWATCH[0]},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": OF_THIS_ACCOUNT,
    }


def obstacles(topic: Resource, template: Template) -> Iterator[Obstacle]:
    """What surely keeps the alarms of the app that name ``topic`` from publishing to it."""
    if not _is_for_alarms(topic, template):
        return
    yield from _of_key(topic, template)
    found = policies_of(topic, template, SNS)
    admitting = [_admits(statements(policy.raw("PolicyDocument")), "sns:Publish", _on(topic)) for policy in found.own]
    for policy, admits in zip(found.own, admitting, strict=True):
        if admits is False:
            statement, full = publishing(topic.ref()), fullness(policy, SNS)
            statement["Sid"] = free_sid(policy, statement["Sid"])
            says = f"alarms cannot publish to this topic: its policy {policy.logical_id} does not admit CloudWatch"
            yield Obstacle(
                f"policy {policy.logical_id}",
                f"{says}{not_fixed(full)}",
                "",
                f'topic.grant_publish(iam.ServicePrincipal("{_CLOUDWATCH[0]}"))',
                None if full else appended(policy, "PolicyDocument", statement),
            )


def _is_for_alarms(topic: Resource, template: Template) -> bool:
    here = next(template.referring(topic, ALARM, COMPOSITE), None) is not None
    return here or is_referred_to_elsewhere(topic, ALARM, COMPOSITE)


def _on(topic: Resource) -> Reach:
    return lambda item: covers(item, topic, SNS)


def _of_key(topic: Resource, template: Template) -> Iterator[Obstacle]:
    value, path = topic.raw("KmsMasterKeyId"), "KmsMasterKeyId"
    if (rendered(value) or "").endswith(MANAGED_KEY):
        says = f"alarms cannot publish to this topic: the key {MANAGED_KEY} does not admit CloudWatch"
        yield Obstacle("key", says, path, "sns.Topic(..., master_key=key)")
    elif key := key_of(value, template):
        admits = (_admits(statements_of(key), action, on_key) for action in ("kms:Decrypt", "kms:GenerateDataKey"))
        if every(admits) is False:
            says = (
                f"alarms cannot publish to this topic: the policy of its key {key.logical_id} does not admit CloudWatch"
            )
            remedy = f'key.grant_encrypt_decrypt(iam.ServicePrincipal("{_CLOUDWATCH[0]}"))'
            yield Obstacle("key", says, path, remedy, allowing(key, ALARMS_USE_KEY))


def _admits(found: list[Any], action: str, on: Reach) -> Answer:
    """Whether one of the statements lets CloudWatch do ``action``; a condition may let it, or not."""
    return some(_lets(statement, action, on) for statement in found)


def _lets(statement: Any, action: str, on: Reach) -> Answer:
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return None if is_unknown(statement) else False
    return every([allows(statement, action, on), is_service(statement, _CLOUDWATCH)])
