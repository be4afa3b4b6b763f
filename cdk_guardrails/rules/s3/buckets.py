"""What the rules about S3 buckets share: which policies a bucket has, its ARNs, and who reads it from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.policies import has_effect, is_everyone, possible_statements, rendered
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, known, references, target
from cdk_guardrails.template.edits import value_at
from cdk_guardrails.template.intrinsics import FOREIGN_REF

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


class Policies(NamedTuple):
    """A bucket's policies: those that are surely its own, and those that may be, or stand in another template."""

    own: list[Resource]
    perhaps: list[Resource]


def policies_of(bucket: Resource, template: Template) -> Policies:
    """The policies of ``bucket``. S3 keeps one a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html

    A policy is a bucket's own when it refers to it or has the same name, as a literal or as the same intrinsic. It may
    be its own when an intrinsic of either may yield that name. A generated name is known to no parameter.
    """
    found = Policies([], [])
    for policy in template.of_type(POLICY):
        of_it = _is_for(policy.raw("Bucket"), bucket, template)
        if of_it is not False:
            (found.own if of_it else found.perhaps).append(policy)
    for other in template.app.templates:
        if other is not template:
            loose = other.cached("policies of buckets elsewhere", _loose_policies)
            found.perhaps.extend(policy for policy in loose if _is_across(policy.raw("Bucket"), bucket, template))
    return found


def _is_for(value: Any, bucket: Resource, template: Template) -> bool | None:
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


def _loose_policies(template: Template) -> list[Resource]:
    """The policies that are not for a bucket of their own template."""
    return [policy for policy in template.of_type(POLICY) if template.resource_of(policy.raw("Bucket")) is None]


def _is_across(value: Any, bucket: Resource, template: Template) -> bool:
    """Whether a policy of another template is for ``bucket``: by its literal name, a CDK reference or an import."""
    if isinstance(value, str):
        return value != "" and value == bucket.get("BucketName")
    if not isinstance(value, dict):
        return False
    if isinstance(foreign := value.get(FOREIGN_REF), dict):
        same_path = foreign.get("Path") == bucket.origin.construct_path
        return same_path and foreign.get("LogicalId") == bucket.logical_id
    if (export := value.get("Fn::ImportValue")) is None:
        return False
    outputs = template.outputs.values()
    named = [output for output in outputs if value_at(output, ("Export", "Name")) == export]
    return any(target(value_at(output, ("Value",))) == bucket.logical_id for output in named)


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
