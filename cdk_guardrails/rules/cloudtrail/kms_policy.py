"""cloudtrail-kms-policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.cloudtrail.trails import TRAIL, lets_cloudtrail, trail_arn
from cdk_guardrails.rules.kms.keys import allowing, key_of, on_key, statements_of
from cdk_guardrails.rules.policies import Answer, allows, as_list, every, is_everyone, some
from cdk_guardrails.rules.shared import ADMINISTRATION
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_intrinsic, is_unknown, known

CONTEXT: Final = "kms:EncryptionContext:aws:cloudtrail:arn"

OF_ACCOUNT: Final = {"Fn::Sub": "arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*"}


class _Need(NamedTuple):
    """A permission: the action as it is granted and as it is asked for, and the keys that its request lacks."""

    granted: str
    asked: str
    lacking: str = ""


ENCRYPT: Final = _Need("kms:GenerateDataKey*", "kms:GenerateDataKey")
DESCRIBE: Final = _Need("kms:DescribeKey", "kms:DescribeKey", CONTEXT.lower())
DECRYPT: Final = _Need("kms:Decrypt", "kms:Decrypt")
READERS: Final = "readers"


class KmsPolicy(Rule):
    """Trails may use their KMS key, and whoever may read their logs can decrypt them.

    Checks the policy of a key of the template that a trail names, directly or through an alias: CloudTrail needs
    ``kms:GenerateDataKey*`` and ``kms:DescribeKey``, and ``kms:Decrypt`` when the trail's bucket uses an S3 Bucket Key;
    the principals who read the logs need ``kms:Decrypt``. A permission that hangs on a condition which CloudTrail's
    request cannot meet does not count.

    The fix appends what is missing. CloudTrail may use the key for this trail only (``aws:SourceArn``; for all trails
    of the account and region where the trail's name is generated), and for logs of this account. Readers are those
    whom the account's IAM policies let decrypt, and for CloudTrail's logs only. The ARN is built from the trail's
    name, since a key that refers to the trail which needs it would be a cycle. S3 needs no permission of its own.
    """

    id = "cloudtrail-kms-policy"
    why = "CloudTrail refuses a trail, or stops delivering its logs, when it may not use the key."
    resource_types = (TRAIL,)
    concern = Concern.LOGGING
    fix_safety = FixSafety.SAFE
    fix_note = "Updates the key's policy in place, at no cost. Nothing that may use the key now loses that right."
    answers = ("B2.2",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html",
        ),
    )
    bad = Example("""\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: audit
      IsLogging: true
      S3BucketName: audit-logs
      KMSKeyId: !GetAtt Key.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
""")
    good = Example("""\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: audit
      IsLogging: true
      S3BucketName: audit-logs
      KMSKeyId: !GetAtt Key.Arn
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
          - Effect: Allow
            Principal: {Service: cloudtrail.amazonaws.com}
            Action: [kms:GenerateDataKey*, kms:DescribeKey]
            Resource: "*"
            Condition:
              StringEquals:
                aws:SourceArn: !Sub "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if (key := key_of(resource.raw("KMSKeyId"), template)) is None:
            return
        found = statements_of(key)
        for need in _needs(resource, template):
            if lets_cloudtrail(found, resource, need.asked, on_key, need.lacking) is False:
                says = f"the policy of {key.logical_id} does not let CloudTrail do {need.granted}"
                remedy = _REMEDY.format(principal=f'iam.ServicePrincipal("{_SERVICE}")', action=need.granted)
                yield self.finding(resource, says, "KMSKeyId", remedy=remedy, detail=need.granted)
        if some(map(_admits_readers, found)) is False:
            says = f"the policy of {key.logical_id} lets nobody decrypt the logs"
            remedy = _REMEDY.format(principal="iam.AccountRootPrincipal()", action=DECRYPT.granted)
            yield self.finding(resource, says, "KMSKeyId", remedy=remedy, detail=READERS)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if (key := key_of(resource.raw("KMSKeyId"), template)) is None:
            return
        yield allowing(key, _statement(finding.detail, resource))


_SERVICE: Final = "cloudtrail.amazonaws.com"

_REMEDY: Final = (
    "key.add_to_resource_policy("
    'iam.PolicyStatement(principals=[{principal}], actions=["{action}"], resources=["*"], conditions=...))'
)


def _needs(trail: Resource, template: Template) -> list[_Need]:
    bucket = template.resource_of(trail.raw("S3BucketName"))
    rules = bucket.items("BucketEncryption.ServerSideEncryptionConfiguration") if bucket is not None else []
    uses_bucket_key = any(isinstance(rule, dict) and _is_true(rule.get("BucketKeyEnabled")) for rule in rules)
    return [ENCRYPT, DESCRIBE, DECRYPT] if uses_bucket_key else [ENCRYPT, DESCRIBE]


def _is_true(value: Any) -> bool:
    return known(value) is not UNKNOWN and str(value).lower() == "true"


def _admits_readers(statement: Any) -> Answer:
    """Whether a statement lets a principal of an account decrypt, under whatever condition."""
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return None if is_unknown(statement) else False
    principal = statement.get("Principal")
    unconditional = {key: value for key, value in statement.items() if key != "Condition"}
    if "NotPrincipal" in statement or is_intrinsic(principal):
        return None
    named = bool(as_list(principal.get("AWS"))) if isinstance(principal, dict) else is_everyone(principal)
    return every([named, allows(unconditional, DECRYPT.asked, on_key)])


def _statement(detail: str, trail: Resource) -> dict[str, Any]:
    """What grants the permission that ``detail`` names, as AWS's user guide has it."""
    readers = detail == READERS
    condition: dict[str, Any] = {"ArnLike": {"aws:SourceArn": trail_arn(trail)}}
    if detail == ENCRYPT.granted:
        condition["StringLike"] = {CONTEXT: OF_ACCOUNT}
    elif readers:
        condition = {"Null": {CONTEXT: "false"}}
    return {
        "Effect": "Allow",
        "Principal": ADMINISTRATION["Principal"] if readers else {"Service": _SERVICE},
        "Action": DECRYPT.granted if readers else detail,
        "Resource": "*",
        # kms:Decrypt has none in AWS's example: S3 asks for it on CloudTrail's behalf, with the bucket as context.
        **({} if detail == DECRYPT.granted else {"Condition": condition}),
    }
