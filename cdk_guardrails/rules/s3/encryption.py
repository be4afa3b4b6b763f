"""s3-encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.policies import as_list, has_effect, possible_statements, rendered
from cdk_guardrails.rules.s3.buckets import BUCKET, policies_of
from cdk_guardrails.rules.s3.log_delivery import receives_access_logs
from cdk_guardrails.rules.s3.tls_only import WRITE_THEIR_OWN_POLICY
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_unknown

SSE_S3: Final = "AES256"
SSE_KMS: Final = "aws:kms"

RULES: Final = "BucketEncryption.ServerSideEncryptionConfiguration"
ALGORITHM: Final = f"{RULES}.0.ServerSideEncryptionByDefault.SSEAlgorithm"


class BucketEncryption(Rule):
    """Buckets say how their objects are encrypted.

    Checks that BucketEncryption names an algorithm, with *algorithm* aws:kms a KMS one. The fix sets *algorithm*; an
    algorithm and key of the author are kept when they are as good.

    The fix for aws:kms takes the account's AWS managed key, aws/s3, with a bucket key. Nobody but the principals of the
    account can use that key, so AES256 is right for a bucket that S3 delivers server access logs to, that a service,
    another account or a CloudFront distribution reads or writes, or that is replicated.
    """

    id = "s3-encryption"
    why = (
        "S3 encrypts new objects with SSE-S3 in any case. Written down, it is seen by whoever audits the template, and "
        "a change made by hand shows as drift."
    )
    resource_types = (BUCKET,)
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place; objects that are stored already stay as they are. AES256 is what S3 does anyway, and free. "
        "With aws:kms, requests to KMS cost 0.03 USD per 10,000, most of which the bucket key saves, and copies of "
        "objects or backups that leave the account need a key of their own."
    )
    options = (
        Option(
            "algorithm",
            SSE_S3,
            "AES256 (SSE-S3), or aws:kms for SSE-KMS with the account's AWS managed key: "
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html.",
            choices=(SSE_S3, SSE_KMS),
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html",
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html",
        ),
        checkov=("CKV_AWS_19",),
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
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault:
              SSEAlgorithm: AES256
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        said: Any = resource.get(ALGORITHM)
        if said is UNKNOWN or str(said).startswith(SSE_KMS) or (said and settings["algorithm"] == SSE_S3):
            return
        wanted = _wanted(resource, template, settings)
        if said != wanted:
            kms = "KMS_MANAGED, bucket_key_enabled=True"
            yield self.finding(
                resource,
                f"new objects are encrypted with {said}, not with {wanted}"
                if said
                else "BucketEncryption is not set, so nothing says how objects are encrypted",
                ALGORITHM if said else "BucketEncryption",
                remedy=f"s3.Bucket(..., encryption=s3.BucketEncryption.{kms if wanted == SSE_KMS else 'S3_MANAGED'})",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        wanted = _wanted(resource, template, settings)
        bucket_key = {"BucketKeyEnabled": True} if wanted == SSE_KMS else {}
        if not isinstance(resource.get(f"{RULES}.0"), dict):
            yield resource.set(RULES, [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": wanted}, **bucket_key}])
            return
        yield resource.set(ALGORITHM, wanted)
        if bucket_key and resource.get(f"{RULES}.0.BucketKeyEnabled") is None:
            yield resource.set(f"{RULES}.0.BucketKeyEnabled", True)


def _wanted(bucket: Resource, template: Template, settings: RuleSettings) -> str:
    algorithm: str = settings["algorithm"]
    return SSE_S3 if algorithm == SSE_S3 or _serves_others(bucket, template) else algorithm


def _serves_others(bucket: Resource, template: Template) -> bool:
    """Whether somebody uses the bucket, or may do so, who cannot use the account's AWS managed key.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html (log delivery),
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html (replication) and
    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key (everybody else)
    """
    if bucket.get("ReplicationConfiguration") is not None or receives_access_logs(bucket, template):
        return True
    if next(template.referring(bucket, "AWS::CloudFront::Distribution", *WRITE_THEIR_OWN_POLICY), None):
        return True
    policies = policies_of(bucket, template)
    return any(_admits_others(policy, template) for policy in (*policies.own, *policies.perhaps))


def _admits_others(policy: Resource, template: Template) -> bool:
    document = policy.raw("PolicyDocument")
    if is_unknown(document):
        return True
    found = (item for item in possible_statements(document) if has_effect(item, "Allow") is not False)
    return not all(_is_of_account(item.get("Principal"), template) for item in found)


def _is_of_account(principal: Any, template: Template) -> bool:
    """Whether a Principal is of the stack's account for sure: its roles and users, or ARNs with its number."""
    if not isinstance(principal, dict) or set(principal) != {"AWS"}:
        return False
    accounts = ["${AWS::AccountId}", *([template.account] if template.account else [])]
    for item in as_list(principal["AWS"]):
        identity, text = template.resource_of(item), rendered(item) or ""
        in_template = identity is not None and identity.type in ("AWS::IAM::Role", "AWS::IAM::User")
        if not in_template and not any(text == account or f":iam::{account}:" in text for account in accounts):
            return False
    return True
