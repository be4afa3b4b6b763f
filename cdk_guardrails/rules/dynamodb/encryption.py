"""dynamodb-encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, Severity, not_fixed
from cdk_guardrails.rules.dynamodb.tables import GLOBAL_TABLE, SIMPLE_TABLE, TABLE, Path, places
from cdk_guardrails.rules.shared import KEY_COST, stack_key
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_intrinsic

SSE: Final[Path] = ("SSESpecification",)
KEY: Final[Path] = (*SSE, "KMSMasterKeyId")
AWS_MANAGED: Final = "alias/aws/dynamodb"

REPLICA: Final = "Custom::DynamoDBReplica"
"""What the CDK makes of a Table's replication_regions."""

REMEDIES: Final = {
    (False, "aws"): "dynamodb.Table(..., encryption=dynamodb.TableEncryption.AWS_MANAGED)",
    (False, "customer"): "dynamodb.Table(..., encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED)",
    (True, "aws"): "dynamodb.TableV2(..., encryption=dynamodb.TableEncryptionV2.aws_managed_key())",
    (True, "customer"): "dynamodb.TableV2(..., encryption=dynamodb.TableEncryptionV2.customer_managed_key(...))",
}
"""By whether the table is a global one, and table_encryption."""

USED_THROUGH_DYNAMODB: Final = {
    "Sid": "AccountUsesKeyThroughDynamoDB",
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:CreateGrant",
        "kms:DescribeKey",
    ],
    "Resource": "*",
    "Condition": {
        "StringEquals": {
            "kms:CallerAccount": {"Ref": "AWS::AccountId"},
            "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
        }
    },
}
"""What the policy of the AWS managed key says, too: who may use a table of the account may use the key through it.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""


class TableEncryption(Rule):
    """Tables are encrypted with a key that the account can see.

    Checks that SSESpecification is enabled; with *table_encryption* customer, that the table, or each replica of a
    global one, names a key of the account's own. The fix enables it, or takes one key per stack, which the account's
    principals may use through DynamoDB. Flagged only: a global table in several regions, which needs a key in each, and
    a table with replicas that a custom resource makes.
    """

    id = "dynamodb-encryption"
    why = (
        "Every table is encrypted, but by default with a key that AWS owns: the account cannot see in CloudTrail who "
        "decrypts the data, and with a key that AWS manages it cannot take that right away either."
    )
    resource_types = (TABLE, GLOBAL_TABLE, SIMPLE_TABLE)
    concern = Concern.ENCRYPTION
    severity = Severity.WARNING
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Updates in place; the table can be used meanwhile. The key of a table can be changed four times in 24 hours. "
        "The AWS managed key costs 0.03 USD per 10,000 requests to KMS; DynamoDB makes few, since it keeps the keys of "
        "tables for each caller. With table_encryption customer, the key's policy lets whoever may use the table use "
        "the key through DynamoDB, without permissions of their own for KMS; other accounts' principals need them. "
        f"{KEY_COST}"
    )
    options = (
        Option(
            "table_encryption",
            "aws",
            "aws: the AWS managed key or better; customer: a customer managed key. "
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
            choices=("aws", "customer"),
        ),
    )
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",),
    )
    bad = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
""")
    good = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      SSESpecification: {SSEEnabled: true}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for the table, or one for each replica without a key, with its region as the detail."""
        wanted = settings["table_encryption"]
        obstacle = _obstacle(resource, template, wanted)
        for gap in _gaps(resource, wanted):
            yield self.finding(
                resource,
                f"{gap.says}{not_fixed(obstacle)}",
                gap.path,
                remedy=REMEDIES[resource.type == GLOBAL_TABLE, wanted],
                detail=gap.region,
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Enables encryption with a key of the account, and names the stack's key when that is wanted."""
        wanted = settings["table_encryption"]
        if _obstacle(resource, template, wanted):
            return
        if str(resource.get("SSESpecification.SSEEnabled")).lower() != "true":
            yield resource.set("SSESpecification.SSEEnabled", True)
        if resource.get("SSESpecification.SSEType") is None:
            yield resource.set("SSESpecification.SSEType", "KMS")
        without_key = [path for _, path in places(resource, KEY) if _is_aws_managed(resource.get(path))]
        if wanted == "customer" and without_key:
            key, edits = stack_key(template, resource, [USED_THROUGH_DYNAMODB])
            yield from edits
            yield from (resource.set(path, {"Fn::GetAtt": [key, "Arn"]}) for path in without_key)


class _Gap(NamedTuple):
    says: str
    path: Path
    region: str = ""


def _gaps(table: Resource, wanted: str) -> Iterator[_Gap]:
    enabled: Any = table.get("SSESpecification.SSEEnabled")
    if enabled is UNKNOWN:
        return
    if str(enabled).lower() != "true":
        yield _Gap("the table is encrypted with a key that AWS owns", SSE)
    elif wanted == "customer":
        for region, path in places(table, KEY):
            if _is_aws_managed(table.get(path)):
                where = f" in {region}" if region else ""
                yield _Gap(f"the table{where} is encrypted with a key that AWS manages", path, region)


def _is_aws_managed(key: Any) -> bool:
    """Whether a KMSMasterKeyId, perhaps absent, stands for the key that AWS manages."""
    return key in (None, "") or (key is not UNKNOWN and str(key).endswith(AWS_MANAGED))


def _obstacle(table: Resource, template: Template, wanted: str) -> str:
    """Why a table is not fixed; "" when it is. A global table has a replica in the stack's region, so one is there."""
    if any(template.referring(table, REPLICA)):
        return "its replicas stand outside of it"
    if table.type != GLOBAL_TABLE or wanted != "customer":
        return ""
    replicas: Any = table.get("Replicas")
    alone = isinstance(replicas, list) and len(replicas) == len(list(places(table, KEY))) == 1
    return "" if alone and not is_intrinsic(replicas[0]) else "each replica needs a key in its own region"
