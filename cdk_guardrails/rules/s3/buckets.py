"""What the rules about S3 buckets share: which policies a bucket has, its ARNs, and who reads it from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules import resource_policies
from cdk_guardrails.rules.policies import has_effect, is_everyone, possible_statements, rendered
from cdk_guardrails.rules.resource_policies import Policies
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, known, references, target

BUCKET: Final = "AWS::S3::Bucket"
POLICY: Final = "AWS::S3::BucketPolicy"

PUBLIC_ACLS: Final = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
"""Canned ACLs that S3 counts as public: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html"""

NARROWING_KEYS: Final = frozenset(
    {
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Condition keys with which a grant to everyone is not public, in lower case.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

PARTITIONS: Final = ("${AWS::Partition}", "aws", "aws-cn", "aws-us-gov")


def policies_of(bucket: Resource, template: Template) -> Policies:
    """The policies of ``bucket``. S3 keeps one a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html

    A policy is a bucket's own when it refers to it or has the same name, as a literal or as the same intrinsic. It may
    be its own when an intrinsic of either may yield that name. A generated name is known to no parameter.
    """
    return resource_policies.policies_of(bucket, template, {POLICY: "Bucket"}, "BucketName", is_for, is_named)


def is_for(value: Any, bucket: Resource, template: Template) -> bool | None:
    """Whether a value of the bucket's own template is its name; None when only the deployment knows."""
    if (named := target(value)) == bucket.logical_id:
        return True
    if named in template.resources or (text := rendered(value)) == "":
        return False
    if any(reference.logical_id == bucket.logical_id for reference in references(value)):
        return None
    name = bucket.get("BucketName")
    if name is None or not (isinstance(value, str) or is_intrinsic(value)):
        return False
    if text is not None and text == rendered(bucket.raw("BucketName")):
        return True
    return None if name is UNKNOWN or known(value) is UNKNOWN else False


def is_named(text: str, bucket: Resource) -> bool:
    """Whether a text of another template is the bucket's name."""
    return text != "" and text == bucket.get("BucketName")


def arns(bucket: Resource) -> set[str]:
    """The bucket's ARN in every way that a policy may write it, as rendered text."""
    names = {f"${{{bucket.logical_id}}}", rendered(bucket.raw("BucketName"))} - {None}
    found = {f"arn:{partition}:s3:::{name}" for partition in PARTITIONS for name in names}
    return found | {f"${{{bucket.logical_id}.Arn}}"}


def is_website(bucket: Resource, *, redirects: bool = False) -> bool:
    """Whether the bucket has a website endpoint, which speaks HTTP only; ``redirects``: also one that only redirects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
    """
    website = bucket.get("WebsiteConfiguration")
    if website is UNKNOWN:
        return True
    return isinstance(website, dict) and bool(website) and (redirects or "RedirectAllRequestsTo" not in website)


def is_read_by_cloudfront(bucket: Resource, template: Template, policies: Policies) -> bool:
    """Whether a distribution of the template reads the bucket past its website endpoint, or a policy lets one read."""
    for distribution in template.referring(bucket, "AWS::CloudFront::Distribution"):
        for reference in template.references_from(distribution.logical_id):
            if reference.logical_id == bucket.logical_id and reference.attribute.endswith("DomainName"):
                return True
    text = json.dumps([policy.raw("PolicyDocument") for policy in policies.own], default=str)
    return "cloudfront" in text or "S3CanonicalUserId" in text


def public_uses(bucket: Resource, template: Template) -> Iterator[str]:
    """Signs that people outside of AWS read the bucket on purpose, each half a sentence."""
    acl = bucket.get("AccessControl")
    if acl is UNKNOWN or acl in PUBLIC_ACLS:
        yield f"its AccessControl {'may be public' if acl is UNKNOWN else f'is {acl}'}"
    policies = policies_of(bucket, template)
    for policy in (*policies.own, *policies.perhaps):
        if any(_is_public(statement) for statement in possible_statements(policy.raw("PolicyDocument"))):
            yield f"the policy {policy.logical_id} admits everyone"
    if is_website(bucket) and not is_read_by_cloudfront(bucket, template, policies):
        yield "it serves a website"


def _is_public(statement: dict[str, Any]) -> bool:
    """Whether a statement admits everyone, or may do so."""
    if has_effect(statement, "Allow") is False or is_everyone(statement.get("Principal")) is False:
        return "NotPrincipal" in statement and has_effect(statement, "Allow") is not False
    condition = statement.get("Condition")
    operators = condition.items() if isinstance(condition, dict) and not is_intrinsic(condition) else ()
    narrowing = [keys for name, keys in operators if isinstance(keys, dict) and "not" not in str(name).lower()]
    return not any(str(key).lower() in NARROWING_KEYS for keys in narrowing for key in keys)
