"""logs-encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, not_fixed
from cdk_guardrails.rules.shared import KEY_COST, arn_of_settings, out_of_region, stack_key
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

LOGS_USE_KEY: Final = {
    "Sid": "CloudWatchLogsUsesKey",
    "Effect": "Allow",
    # URLSuffix: in the China regions the principal ends in amazonaws.com.cn
    "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}},
    "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    "Resource": "*",
    "Condition": {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": {
                "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"
            }
        }
    },
}
"""The policy that https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html asks for, for all
log groups of the account in the region: naming single groups would make the key depend on what it encrypts."""


class LogEncryption(Rule):
    """Log groups are encrypted with a KMS key of the account.

    Checks that KmsKeyId is set. The fix adds one key per stack, which rotates, which the account administers and which
    CloudWatch Logs may use for this account's log groups only; or takes the key in *kms_key_arn*, unless the stack is
    known to be in another region, where it would be refused. A log group that its author has encrypted keeps its key.
    """

    id = "logs-encryption"
    why = (
        "Logs repeat what requests carry. With a key that CloudWatch Logs owns, the account can neither see who "
        "decrypts them nor take that right away."
    )
    resource_types = ("AWS::Logs::LogGroup",)
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place; events that are stored already stay encrypted as they were. "
        f"{KEY_COST} A key given in kms_key_arn must be in the log group's region, and its policy must admit "
        "logs.REGION.amazonaws.com."
    )
    profiles = ("staging", "prod")
    options = (
        Option(
            "kms_key_arn",
            None,
            "ARN of a symmetric KMS key to use instead of one key per stack, in the stack's region; it may have "
            "variables such as ${AWS::Region}. Its policy must admit CloudWatch Logs: "
            "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html.",
        ),
    )
    answers = ("A3.2",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",),
        cdk_nag=(
            "HIPAA.Security-CloudWatchLogGroupEncrypted",
            "NIST.800.53.R4-CloudWatchLogGroupEncrypted",
            "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
            "PCI.DSS.321-CloudWatchLogGroupEncrypted",
        ),
        checkov=("CKV_AWS_158",),
    )
    bad = Example("""\
Resources:
  LogGroup:
    Type: AWS::Logs::LogGroup
""")
    good = Example("""\
Resources:
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      KmsKeyId: !GetAtt Key.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.get("KmsKeyId") in (None, ""):
            elsewhere = out_of_region(settings["kms_key_arn"], template)
            but = not_fixed(elsewhere)
            yield self.finding(
                resource,
                f"log events are not encrypted with a KMS key of the account{but}",
                "KmsKeyId",
                remedy="logs.LogGroup(..., encryption_key=key)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if given := settings["kms_key_arn"]:
            if not out_of_region(given, template):
                yield resource.set("KmsKeyId", arn_of_settings(given))
            return
        key, edits = stack_key(template, resource, [LOGS_USE_KEY])
        yield from edits
        yield resource.set("KmsKeyId", {"Fn::GetAtt": [key, "Arn"]})
