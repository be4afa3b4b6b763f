"""efs-encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template


class FileSystemEncryption(Rule):
    """File systems are encrypted.

    Checks that Encrypted is true; CloudFormation's default is false. It is not fixed, since a file system is encrypted
    when it is made, or never: the change would replace it, and its files would stay behind.
    """

    id = "efs-encryption"
    why = "Files on an unencrypted file system, and their backups, can be read by whoever gets hold of the storage."
    resource_types = ("AWS::EFS::FileSystem",)
    concern = Concern.ENCRYPTION
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html",),
        cdk_nag=(
            "AwsSolutions-EFS1",
            "HIPAA.Security-EFSEncrypted",
            "NIST.800.53.R4-EFSEncrypted",
            "NIST.800.53.R5-EFSEncrypted",
            "PCI.DSS.321-EFSEncrypted",
        ),
        checkov=("CKV_AWS_42",),
        security_hub=("EFS.1",),
    )
    bad = Example("""\
Resources:
  Files:
    Type: AWS::EFS::FileSystem
""")
    good = Example("""\
Resources:
  Files:
    Type: AWS::EFS::FileSystem
    Properties:
      Encrypted: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        encrypted: Any = resource.get("Encrypted")
        if encrypted is not UNKNOWN and str(encrypted).lower() != "true":
            said = "not set" if encrypted is None else str(encrypted).lower()
            yield self.finding(
                resource,
                f"the file system is not encrypted: Encrypted is {said}",
                "Encrypted",
                remedy="efs.FileSystem(..., encrypted=True)",
            )
