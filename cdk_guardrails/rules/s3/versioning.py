"""s3-versioning."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template


class Versioning(Rule):
    """Buckets keep the versions of their objects.

    Checks that VersioningConfiguration is Enabled. The fix enables it; a bucket whose author suspended versioning is
    flagged and enabled too, since nothing is lost by it.
    """

    id = "s3-versioning"
    why = "Without versions, an object that is overwritten or deleted by mistake is gone."
    resource_types = ("AWS::S3::Bucket",)
    concern = Concern.DATA_PROTECTION
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. Old versions are stored and billed until a lifecycle rule expires them."
    profiles = ("staging", "prod")
    answers = ("C2.1",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",),
        cdk_nag=("NIST.800.53.R5-S3BucketVersioningEnabled",),
        checkov=("CKV_AWS_21",),
        security_hub=("S3.14",),
    )
    bad = Example("""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
""")
    good = Example("""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: Enabled
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        status = resource.get("VersioningConfiguration.Status")
        if status is not UNKNOWN and status != "Enabled":
            said = f"is {status}" if status else "is not enabled"
            yield self.finding(
                resource,
                f"versioning {said}, so overwritten and deleted objects are lost",
                "VersioningConfiguration.Status",
                remedy="s3.Bucket(..., versioned=True)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("VersioningConfiguration.Status", "Enabled")
