"""s3-public-access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, not_fixed
from cdk_guardrails.rules.s3.buckets import public_uses
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

FLAGS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


class PublicAccess(Rule):
    """Buckets block all public access.

    Checks that all four flags of PublicAccessBlockConfiguration are true. The fix sets those that are missing or false,
    except on a bucket that is public on purpose: one with a public canned ACL, with a policy that admits everyone, or
    with a website that no CloudFront distribution of the template reads for it. Such a bucket would stop to answer, or
    its policy would be refused, so it is flagged for a person to decide.
    """

    id = "s3-public-access"
    why = "One careless ACL or policy is enough to publish a bucket that does not block public access."
    resource_types = ("AWS::S3::Bucket",)
    concern = Concern.PUBLIC_ACCESS
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. Grants to the public that stand outside of the template stop to work."
    answers = ("B3.3", "C3.4")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",),
        cdk_nag=("AwsSolutions-S2", "NIST.800.53.R5-S3BucketLevelPublicAccessProhibited"),
        checkov=("CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"),
        security_hub=("S3.8",),
    )
    bad = Example("""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        IgnorePublicAcls: false
""")
    good = Example("""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields one finding that lists the flags, and why it is not fixed if it is not."""
        if flags := _not_true(resource):
            use = next(public_uses(resource, template), "")
            verb = "is" if len(flags) == 1 else "are"
            yield self.finding(
                resource,
                f"{', '.join(flags)} {verb} not true{not_fixed(use)}",
                "PublicAccessBlockConfiguration",
                remedy="Serve it through CloudFront with origin access control, or suppress the rule with the reason."
                if use
                else "s3.Bucket(..., block_public_access=s3.BlockPublicAccess.BLOCK_ALL)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Sets the flags, unless the bucket is public on purpose."""
        if not any(public_uses(resource, template)):
            missing = dict.fromkeys(_not_true(resource), True)
            if resource.get("PublicAccessBlockConfiguration") is None:
                yield resource.set("PublicAccessBlockConfiguration", missing)
            else:
                yield from (resource.set(f"PublicAccessBlockConfiguration.{flag}", True) for flag in missing)


def _not_true(bucket: Resource) -> list[str]:
    values = {flag: bucket.get(f"PublicAccessBlockConfiguration.{flag}") for flag in FLAGS}
    return [flag for flag, value in values.items() if value is not UNKNOWN and str(value).lower() != "true"]
