"""sns-tls-only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.messaging import SNS, fixes, gaps
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template


def default_statement(topic: Resource) -> dict[str, Any]:
    """The policy that SNS gives a topic which has none, for principals and services of the owner's account.

    Alarms publish by it. A policy of the template replaces it:
    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    return {
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
        "Resource": topic.ref(),
        "Condition": {"StringEquals": {"AWS:SourceOwner": {"Ref": "AWS::AccountId"}}},
    }


class TlsOnly(Rule):
    """Topics deny messages that are published without TLS.

    Checks that the topic's policy denies everyone ``sns:Publish`` when ``aws:SecureTransport`` is false. The fix
    appends that statement to each policy of the template that is for the topic, or adds a policy. An added policy also
    says what the default policy says, which it replaces: what publishes by that, as alarms of the account do, goes on
    to. Left alone is a topic whose policy may stand elsewhere or is written by SAM: a topic has one policy, and a
    second one would replace it.
    """

    id = "sns-tls-only"
    why = "SNS answers plain HTTP, too: messages can be read and changed on the way."
    resource_types = ("AWS::SNS::Topic",)
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Clients that publish by plain HTTP are refused. An added policy replaces one that was set "
        "outside of CloudFormation."
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
            "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
        ),
        cdk_nag=("AwsSolutions-SNS3",),
    )
    bad = Example("""\
Resources:
  Topic:
    Type: AWS::SNS::Topic
""")
    good = Example("""\
Resources:
  Topic:
    Type: AWS::SNS::Topic
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: AllowPublishThroughSSLOnly
            Effect: Deny
            Principal: "*"
            Action: sns:Publish
            Resource: !Ref Topic
            Condition:
              Bool:
                aws:SecureTransport: "false"
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for gap in list(gaps(resource, template, SNS))[:1]:
            yield self.finding(resource, gap.says, remedy="sns.Topic(..., enforce_ssl=True)")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield from fixes(gaps(resource, template, SNS), resource, SNS, default=[default_statement(resource)])
