"""s3-tls-only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.policies import appended, as_list, denies_plain_http, rendered, statements
from cdk_guardrails.rules.resource_policies import Policies
from cdk_guardrails.rules.s3.buckets import POLICY, arns, is_read_by_cloudfront, is_website, policies_of
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.rules.tls import Gap, denial, gaps
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

WRITE_THEIR_OWN_POLICY: Final = (
    "AWS::EC2::FlowLog",
    "AWS::EC2::VerifiedAccessInstance",
    "AWS::FIS::ExperimentTemplate",
    "AWS::IVSChat::LoggingConfiguration",
    "AWS::Logs::DeliveryDestination",
    "AWS::MSK::Cluster",
    "AWS::NetworkFirewall::LoggingConfiguration",
    "AWS::Pipes::Pipe",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig",
    "AWS::VpcLattice::AccessLogSubscription",
    "AWS::WAFv2::LoggingConfiguration",
)
"""Resources whose service writes a policy to the bucket that it logs to, or adds to the one that it has.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
"""

DELIVERS: Final = "delivery.logs.amazonaws.com"
"""The principal that these services let in, unless a policy does so already."""

NOTIFICATIONS: Final = "Custom::S3BucketNotifications"
"""S3 refuses changes of a bucket's policy and notifications at the same time, so the CDK has these wait for a policy:
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-s3/lib/notifications-resource/notifications-resource.ts
"""


class TlsOnly(Rule):
    """Buckets deny requests without TLS.

    Checks that the bucket policy denies everyone every action, on the bucket and on its objects, when
    ``aws:SecureTransport`` is false. The fix appends that statement to the bucket's policy of the template or adds a
    policy. It leaves alone a bucket with a website endpoint, which speaks HTTP only, a bucket whose policy may stand
    elsewhere, since a bucket has one policy, and a bucket to whose policy an AWS service that logs there has added what
    the template's does not say: it would be lost.
    """

    id = "s3-tls-only"
    why = "S3 answers plain HTTP, too: keys, objects and presigned URLs can be read and changed on the way."
    resource_types = ("AWS::S3::Bucket",)
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Clients that use plain HTTP are refused. Where somebody gave a bucket its policy outside of "
        "the template, a deployment that adds one fails ('The bucket policy already exists'): bring that policy into "
        "the template first."
    )
    answers = ("B3.1", "C3.1")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html",),
        cdk_nag=("AwsSolutions-S10", "NIST.800.53.R5-S3BucketSSLRequestsOnly"),
        checkov=("CKV_AWS_379",),
        security_hub=("S3.5",),
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
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource:
              - !GetAtt Bucket.Arn
              - !Sub ${Bucket.Arn}/*
            Condition:
              Bool:
                aws:SecureTransport: "false"
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields one finding that says what the policy lacks, and why it is not fixed if it is not."""
        for gap in list(_gaps(resource, template))[:1]:
            yield self.finding(
                resource,
                gap.says,
                remedy="Serve it through CloudFront with origin access control."
                if is_website(resource, redirects=True)
                else "s3.Bucket(..., enforce_ssl=True)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Completes each policy of the bucket, or adds one."""
        for gap in _gaps(resource, template):
            if gap.obstacle:
                continue
            if gap.policy is not None:
                yield appended(gap.policy, "PolicyDocument", _statement(resource, gap.policy))
            else:
                document = {"Version": "2012-10-17", "Statement": [_statement(resource, None)]}
                id_ = added_id(template, resource.logical_id, "Policy")
                properties = {"Bucket": resource.ref(), "PolicyDocument": document}
                yield template.add(id_, POLICY, properties, Condition=resource.condition)
                for notifications in template.referring(resource, NOTIFICATIONS):
                    if resource.condition in (None, notifications.condition):
                        yield notifications.depend_on(id_)


def _gaps(bucket: Resource, template: Template) -> Iterator[Gap]:
    policies = policies_of(bucket, template)
    website = is_website(bucket, redirects=True) and not is_read_by_cloudfront(bucket, template, policies)
    written = _written_elsewhere(bucket, template, policies)
    return gaps(
        policies,
        lambda policy: _lack(policy, bucket),
        "bucket",
        obstacle="its website endpoint speaks HTTP only" if website else written,
    )


def _written_elsewhere(bucket: Resource, template: Template, policies: Policies) -> str:
    """Which service has a policy of its own in place for the bucket, or a part of it; "" when none does."""
    if DELIVERS in json.dumps([policy.raw("PolicyDocument") for policy in policies.own], default=str):
        return ""
    services = template.referring(bucket, *WRITE_THEIR_OWN_POLICY)
    written = (f"the service behind {service.logical_id} writes the policy of this bucket" for service in services)
    return next(written, "")


def _lack(policy: Resource, bucket: Resource) -> str:
    covered = _covered(policy, bucket)
    if covered is None or covered == {"bucket", "objects"}:
        return ""
    return f"denies plain HTTP for the {covered.pop()} only" if covered else "does not deny plain HTTP"


def _covered(policy: Resource, bucket: Resource) -> set[str] | None:
    """For which of bucket and objects the policy denies plain HTTP; None when only the deployment knows."""
    covered: set[str] = set()
    unknown = False
    for statement in statements(policy.raw("PolicyDocument")):
        answer = denies_plain_http(statement, "s3:*")
        parts = _parts(statement.get("Resource"), bucket) if answer else set()
        covered |= parts - {"?"}
        unknown = unknown or answer is None or "?" in parts
    return None if unknown and len(covered) < 2 else covered


def _parts(resources: Any, bucket: Resource) -> set[str]:
    """Which of ``bucket`` and ``objects`` a Resource element covers, and ``?`` when it has an unknown item."""
    parts: set[str] = set()
    own = arns(bucket)
    for text in map(rendered, as_list(resources)):
        stem = text.removesuffix("*").removesuffix("/") if text else ""
        if text is None:
            parts.add("?")
        elif text in ("*", "arn:aws:s3:::*") or (text.endswith("*") and not text.endswith("/*") and stem in own):
            parts |= {"bucket", "objects"}
        elif stem in own:
            parts.add("objects" if text.endswith("/*") else "bucket" if text == stem else "?")
    return parts


def _statement(bucket: Resource, policy: Resource | None) -> dict[str, Any]:
    """The statement, as the CDK renders it. A policy that names the bucket without a reference gets no new one."""
    refers = policy is None or any(
        reference.logical_id == bucket.logical_id for reference in policy.template.references_from(policy.logical_id)
    )
    arn: dict[str, Any] = bucket.get_att("Arn")
    if policy is not None and not refers:
        arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", policy.raw("Bucket")]]}
    objects = {"Fn::Join": ["", [*arn["Fn::Join"][1], "/*"] if "Fn::Join" in arn else [arn, "/*"]]}
    return denial("s3:*", [arn, objects], {"AWS": "*"})
