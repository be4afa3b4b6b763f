"""sns-encryption."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template


class Encryption(Rule):
    """Topics encrypt their messages with a KMS key.

    Checks that KmsMasterKeyId is set. Nothing is fixed: every publisher needs the right to use the key, and an AWS
    service that publishes (CloudWatch alarms, EventBridge, S3) a statement in the policy of a key of the account. The
    AWS managed key ``alias/aws/sns`` admits none of them: with it, their messages are lost without a word.
    """

    id = "sns-encryption"
    why = "SNS stores messages until they are delivered, unencrypted unless a key is named."
    resource_types = ("AWS::SNS::Topic",)
    concern = Concern.ENCRYPTION
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
            "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
        ),
        cdk_nag=(
            "HIPAA.Security-SNSEncryptedKMS",
            "NIST.800.53.R4-SNSEncryptedKMS",
            "NIST.800.53.R5-SNSEncryptedKMS",
            "PCI.DSS.321-SNSEncryptedKMS",
        ),
        checkov=("CKV_AWS_26",),
        security_hub=("SNS.1",),
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
    Properties:
      KmsMasterKeyId: !GetAtt Key.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.get("KmsMasterKeyId") in (None, ""):
            yield self.finding(
                resource,
                "messages are stored unencrypted",
                "KmsMasterKeyId",
                remedy="sns.Topic(..., master_key=key)",
            )
