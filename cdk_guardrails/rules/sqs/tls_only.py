"""sqs-tls-only."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.messaging import SQS, fixes, gaps
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template


class TlsOnly(Rule):
    """Queues deny requests without TLS.

    Checks that the queue's policy denies everyone every action when ``aws:SecureTransport`` is false. The fix appends
    that statement to each policy of the template that is for the queue, or adds a policy; who may use the queue stays
    as it was. It leaves alone a queue whose policy may stand elsewhere or is written by SAM: a queue has one policy,
    and a second one would replace it.
    """

    id = "sqs-tls-only"
    why = "SQS answers plain HTTP, too: messages can be read and changed on the way."
    resource_types = ("AWS::SQS::Queue",)
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Clients that use plain HTTP are refused. An added policy replaces one that was set outside "
        "of CloudFormation."
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
        ),
        cdk_nag=("AwsSolutions-SQS4",),
    )
    bad = Example("""\
Resources:
  Queue:
    Type: AWS::SQS::Queue
""")
    good = Example("""\
Resources:
  Queue:
    Type: AWS::SQS::Queue
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Principal: "*"
            Action: sqs:*
            Resource: !GetAtt Queue.Arn
            Condition:
              Bool:
                aws:SecureTransport: "false"
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for gap in list(gaps(resource, template, SQS))[:1]:
            yield self.finding(resource, gap.says, remedy="sqs.Queue(..., enforce_ssl=True)")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield from fixes(gaps(resource, template, SQS), resource, SQS, default=[])
