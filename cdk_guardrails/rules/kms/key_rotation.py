"""kms-key-rotation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

ROTATABLE: Final = {
    "KeySpec": (None, "SYMMETRIC_DEFAULT"),
    "KeyUsage": (None, "ENCRYPT_DECRYPT"),
    "Origin": (None, "AWS_KMS"),
    "Enabled": (None, True, "true", "True"),
}
"""What a key must be for KMS to rotate it; CloudFormation refuses to change the rotation of a disabled key.

https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""


class KeyRotation(Rule):
    """Symmetric KMS keys rotate.

    Checks that EnableKeyRotation is true for keys that KMS can rotate by itself: symmetric encryption keys whose
    material KMS has made and that are enabled. The fix sets it; the period stays the author's, or 365 days.
    """

    id = "kms-key-rotation"
    why = "Without rotation, all data is under one piece of key material for as long as the key lives."
    resource_types = ("AWS::KMS::Key",)
    concern = Concern.ENCRYPTION
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Id, ARN and policy stay, and what was encrypted before can be decrypted without a change. "
        "The first two rotations add 1 USD a month each."
    )
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",),
        cdk_nag=(
            "AwsSolutions-KMS5",
            "NIST.800.53.R4-KMSBackingKeyRotationEnabled",
            "NIST.800.53.R5-KMSBackingKeyRotationEnabled",
            "PCI.DSS.321-KMSBackingKeyRotationEnabled",
        ),
        checkov=("CKV_AWS_7",),
        security_hub=("KMS.4",),
    )
    bad = Example("""\
Resources:
  Key:
    Type: AWS::KMS::Key
""")
    good = Example("""\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        rotates = resource.get("EnableKeyRotation")
        if rotates is UNKNOWN or str(rotates).lower() == "true":
            return
        if all(resource.get(name) in values for name, values in ROTATABLE.items()):
            yield self.finding(
                resource,
                "the key does not rotate",
                "EnableKeyRotation",
                remedy="kms.Key(..., enable_key_rotation=True)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("EnableKeyRotation", True)
