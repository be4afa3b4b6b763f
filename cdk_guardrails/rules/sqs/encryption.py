"""sqs-encryption."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.messaging import SQS, policies_of
from cdk_guardrails.rules.policies import has_effect, is_everyone, possible_statements
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template


class Encryption(Rule):
    """Queues encrypt their messages.

    Checks that a queue has a KMS key, or that SqsManagedSseEnabled is true. SQS encrypts queues that are made without
    either, but not those that were made before that was its default (October 2022), so that it must be said. The fix
    sets SqsManagedSseEnabled. It leaves alone a queue that its author has left unencrypted and whose policy admits
    everyone: SQS refuses anonymous requests to encrypted queues.
    """

    id = "sqs-encryption"
    why = "Messages that wait in a queue, or lie in a dead-letter queue for days, are stored as they were sent."
    resource_types = ("AWS::SQS::Queue",)
    concern = Concern.ENCRYPTION
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place, at no cost; messages that are in the queue already stay as they are. Encrypted queues take "
        "HTTPS requests with Signature Version 4 only, which is what all AWS SDKs send."
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
        ),
        cdk_nag=("AwsSolutions-SQS2",),
        checkov=("CKV_AWS_27",),
        security_hub=("SQS.1",),
    )
    bad = Example("""\
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: false
""")
    good = Example("""\
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        managed = resource.get("SqsManagedSseEnabled")
        if managed is UNKNOWN or str(managed).lower() == "true" or resource.get("KmsMasterKeyId") not in (None, ""):
            return
        says = "encryption is left to SQS's default, which older queues lack"
        if managed is not None:
            open_by = _anonymous(resource, template)
            obstacle = f"; not fixed, since {open_by} admits everyone, and SQS would refuse anonymous requests"
            says = f"messages are stored unencrypted{obstacle if open_by else ''}"
        yield self.finding(
            resource,
            says,
            "SqsManagedSseEnabled",
            remedy="sqs.Queue(..., encryption=sqs.QueueEncryption.SQS_MANAGED)",
        )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.get("SqsManagedSseEnabled") is None or not _anonymous(resource, template):
            yield resource.set("SqsManagedSseEnabled", True)


def _anonymous(queue: Resource, template: Template) -> str:
    """The policy, if any, that may admit requests which nobody has signed."""
    policies = policies_of(queue, template, SQS)
    for policy in (*policies.own, *policies.perhaps):
        for statement in possible_statements(policy.raw("PolicyDocument")):
            allows = has_effect(statement, "Allow") is not False
            if allows and not statement.get("Condition") and is_everyone(statement.get("Principal")) is not False:
                return policy.logical_id
    return ""
