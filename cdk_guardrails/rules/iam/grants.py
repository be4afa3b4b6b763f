"""What the CDK's grant methods render with wildcards, and what is enough instead. Taken from aws-cdk-lib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Grant:
    """The CDK methods that render an action pattern, and the actions that do for what they are mostly used for."""

    methods: str
    enough: tuple[str, ...]


_KEY_WRITE: Final = "key.grant_encrypt() and grants to write to what the key encrypts"

_KEY_ADMIN: Final = "key.grant_admin()"

PATTERNS: Final[dict[str, Grant]] = {
    "s3:GetObject*": Grant("bucket.grant_read() and grant_read_write()", ("s3:GetObject",)),
    "s3:GetBucket*": Grant("bucket.grant_read() and grant_read_write()", ("s3:GetBucketLocation",)),
    "s3:List*": Grant("bucket.grant_read() and grant_read_write()", ("s3:ListBucket",)),
    "s3:PutObject*": Grant("bucket.grant_write() without @aws-cdk/aws-s3:grantWriteWithoutAcl", ("s3:PutObject",)),
    "s3:Abort*": Grant("bucket.grant_put(), grant_write() and grant_read_write()", ("s3:AbortMultipartUpload",)),
    "s3:DeleteObject*": Grant("bucket.grant_delete(), grant_write() and grant_read_write()", ("s3:DeleteObject",)),
    "kms:ReEncrypt*": Grant(_KEY_WRITE, ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
    "kms:GenerateDataKey*": Grant(_KEY_WRITE, ("kms:GenerateDataKey",)),
    "kms:Create*": Grant(_KEY_ADMIN, ("kms:CreateGrant",)),
    "kms:Describe*": Grant(_KEY_ADMIN, ("kms:DescribeKey",)),
    "kms:Enable*": Grant(_KEY_ADMIN, ("kms:EnableKey", "kms:EnableKeyRotation")),
    "kms:List*": Grant(_KEY_ADMIN, ("kms:ListGrants", "kms:ListKeyPolicies")),
    "kms:Put*": Grant(_KEY_ADMIN, ("kms:PutKeyPolicy",)),
    "kms:Update*": Grant(_KEY_ADMIN, ("kms:UpdateKeyDescription",)),
    "kms:Revoke*": Grant(_KEY_ADMIN, ("kms:RevokeGrant",)),
    "kms:Disable*": Grant(_KEY_ADMIN, ("kms:DisableKey",)),
    "kms:Get*": Grant(_KEY_ADMIN, ("kms:GetKeyPolicy", "kms:GetKeyRotationStatus")),
    "kms:Delete*": Grant(_KEY_ADMIN, ("kms:DeleteAlias",)),
    "ssmmessages:*": Grant(
        "ec2.BastionHostLinux",
        (
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ),
    ),
    "ec2messages:*": Grant(
        "ec2.BastionHostLinux",
        (
            "ec2messages:AcknowledgeMessage",
            "ec2messages:DeleteMessage",
            "ec2messages:FailMessage",
            "ec2messages:GetEndpoint",
            "ec2messages:GetMessages",
            "ec2messages:SendReply",
        ),
    ),
    "ecs:Submit*": Grant(
        "ecs.Cluster.add_capacity()",
        ("ecs:SubmitAttachmentStateChanges", "ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"),
    ),
    "codecommit:Get*": Grant("repository.grant_read()", ("codecommit:GetBranch", "codecommit:GetCommit")),
    "codecommit:Describe*": Grant("repository.grant_read()", ("codecommit:DescribePullRequestEvents",)),
}
"""By action pattern."""

GRANTS: Final[dict[str, str]] = {
    "dynamodb": "table.grant_read_write_data(...)",
    "events": "bus.grant_put_events_to(...)",
    "kinesis": "stream.grant_read(...)",
    "kms": "key.grant_decrypt(...)",
    "lambda": "function.grant_invoke(...)",
    "logs": "log_group.grant_write(...)",
    "s3": "bucket.grant_read(...)",
    "secretsmanager": "secret.grant_read(...)",
    "sns": "topic.grant_publish(...)",
    "sqs": "queue.grant_consume_messages(...)",
    "ssm": "parameter.grant_read(...)",
    "states": "state_machine.grant_start_execution(...)",
}
"""A CDK method that grants what is mostly needed, by service."""
