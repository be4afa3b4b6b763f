"""Buckets as they should be, for the near misses of reports B and C: both had them open, and reachable without TLS."""

from __future__ import annotations

from typing import Any, Final

BLOCKED: Final = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def policy(bucket: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of a bucket of the template."""
    document = {"Statement": list(statements), "Version": "2012-10-17"}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": bucket}, "PolicyDocument": document}}


def deny_http(bucket: str, **how: Any) -> dict[str, Any]:
    """The statement that ``enforce_ssl=True`` renders, but for ``how``."""
    return {
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Resource": [{"Fn::GetAtt": [bucket, "Arn"]}, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}],
        **how,
    }
