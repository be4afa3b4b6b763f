"""s3-access-logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.s3.buckets import BUCKET, POLICY
from cdk_guardrails.rules.s3.log_delivery import DELIVERS, receives_access_logs
from cdk_guardrails.rules.s3.public_access import FLAGS
from cdk_guardrails.rules.shared import find_added, share
from cdk_guardrails.rules.tls import denial
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, unique_id

LOG_BUCKET_ID: Final = "GuardrailsAccessLogsBucket"

DESTINATION: Final = "LoggingConfiguration.DestinationBucketName"
PREFIX: Final = "LoggingConfiguration.LogFilePrefix"


class AccessLogs(Rule):
    """Buckets write server access logs.

    Checks that LoggingConfiguration names a destination or a prefix; with a prefix alone, a bucket keeps its own logs.
    A bucket that receives server access logs needs none: logs about the delivery of logs have no end. The fix adds one
    log bucket per stack, which is private, encrypted and versioned, takes nothing but TLS, and lets S3 deliver logs of
    this account's buckets only, each below its logical id. Logs expire after *retention_days*.
    """

    id = "s3-access-logs"
    why = "Without access logs nobody can tell who read, changed or deleted which object, and when."
    resource_types = (BUCKET,)
    concern = Concern.LOGGING
    ripples = False
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Updates in place. Delivery is free; the logs are stored at about 0.023 USD per GB a month until they expire, "
        "and a busy bucket writes a record of some 500 bytes for each request. The log bucket outlives the stack, and "
        "its Condition is lifted when buckets with other Conditions use it."
    )
    profiles = ("staging", "prod")
    options = (
        Option(
            "retention_days",
            90,
            "Days after which the log bucket expires a log, at least 1: "
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html.",
            minimum=1,
        ),
    )
    answers = ("B5.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",
        ),
        cdk_nag=(
            "AwsSolutions-S1",
            "HIPAA.Security-S3BucketLoggingEnabled",
            "NIST.800.53.R4-S3BucketLoggingEnabled",
            "NIST.800.53.R5-S3BucketLoggingEnabled",
            "PCI.DSS.321-S3BucketLoggingEnabled",
        ),
        checkov=("CKV_AWS_18",),
        security_hub=("S3.9",),
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
      LoggingConfiguration:
        DestinationBucketName: !Ref Logs
        LogFilePrefix: bucket/
  Logs:
    Type: AWS::S3::Bucket
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields one finding for a bucket that writes no logs and receives none."""
        writes = resource.get(DESTINATION) not in (None, "") or resource.get(PREFIX) is not None
        if writes or receives_access_logs(resource, template):
            return
        yield self.finding(
            resource,
            "requests leave no server access log",
            "LoggingConfiguration",
            remedy="s3.Bucket(..., server_access_logs_bucket=log_bucket, server_access_logs_prefix=...)",
        )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Sends the logs to the stack's log bucket, which the first of its buckets adds."""
        if log_bucket := find_added(template, LOG_BUCKET_ID, BUCKET):
            id_ = log_bucket.logical_id
            for shared in (log_bucket, *template.referring(log_bucket, POLICY)):
                yield from share(shared, resource)
        else:
            id_ = unique_id(template, LOG_BUCKET_ID)
            kept = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
            properties = _properties(settings["retention_days"])
            yield template.add(id_, BUCKET, properties, Condition=resource.condition, **kept)
            policy_id = unique_id(template, f"{id_}Policy")
            yield template.add(policy_id, POLICY, _policy(id_), Condition=resource.condition)
        logging = {"DestinationBucketName": {"Ref": id_}, "LogFilePrefix": f"{resource.logical_id}/"}
        if resource.get("LoggingConfiguration") is None:
            yield resource.set("LoggingConfiguration", logging)
        else:
            yield from (resource.set(f"LoggingConfiguration.{name}", value) for name, value in logging.items())


def _properties(retention_days: int) -> dict[str, Any]:
    """The log bucket's. S3 delivers to a bucket without Object Lock, of which the default encryption is SSE-S3."""
    expiry = {
        "Id": "ExpireAccessLogs",
        "Status": "Enabled",
        "ExpirationInDays": retention_days,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }
    sse_s3 = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [sse_s3]},
        "LifecycleConfiguration": {"Rules": [expiry]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(FLAGS, True),
        "VersioningConfiguration": {"Status": "Enabled"},
    }


def _policy(bucket_id: str) -> dict[str, Any]:
    """Lets S3 deliver logs of this account's buckets; the Deny concerns plain HTTP, which the delivery does not use.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-general
    """
    bucket = {"Fn::GetAtt": [bucket_id, "Arn"]}
    objects = {"Fn::Join": ["", [bucket, "/*"]]}
    delivery = {
        "Sid": "S3DeliversAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": DELIVERS},
        "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    statements = [denial("s3:*", [bucket, objects], {"AWS": "*"}), delivery]
    return {"Bucket": {"Ref": bucket_id}, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
