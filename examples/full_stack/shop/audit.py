"""The audit trail: CloudTrail, with a key of its own and a log group."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct


class AuditStack(cdk.Stack):
    """A trail that writes to a bucket; the key's policy is the one that a key has anyway."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        key = kms.Key(self, "TrailKey")
        bucket = s3.Bucket(self, "TrailBucket", removal_policy=cdk.RemovalPolicy.DESTROY)
        cloudtrail.Trail(
            self,
            "Trail",
            bucket=bucket,
            encryption_key=key,
            send_to_cloud_watch_logs=True,
            enable_file_validation=False,
        )
