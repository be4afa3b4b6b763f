"""iam-unneeded-acl."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.iam.statements import IDENTITY_TYPES, SAM_POLICIES, Path, Statement, statements
from cdk_guardrails.rules.policies import is_action
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, known, references

ACL_ACTIONS: Final = ("s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutBucketAcl")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html"""

PUT: Final = "s3:PutObject*"
PUT_WITHOUT_ACL: Final = (
    "s3:PutObject",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
)
"""What the CDK's grants to write render in place of `PUT` unless the feature flag grantWriteWithoutAcl is off."""

PIPELINE_ACTION: Final = "CodePipelineActionRole"
"""Stands in the logical ids of the roles that the CDK makes for a pipeline's actions. They hand artifacts to other
accounts, with an ACL."""

SAM_TEMPLATES: Final = ("S3CrudPolicy", "S3WritePolicy", "S3FullAccessPolicy")
"""https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html"""


class UnneededAcl(Rule):
    """Nobody may change the ACLs of buckets and objects that have none.

    Checks the Allow statements of roles, users, groups, their policies and SAM functions for s3:PutObjectAcl,
    s3:PutObjectVersionAcl and s3:PutBucketAcl, also within a pattern (`s3:Put*`), and SAM's policy templates that grant
    them. Buckets have had ACLs switched off by default since April 2023.

    The fix takes the action out of a list that keeps others, and turns `s3:PutObject*` into what the CDK's grants
    render unless the feature flag `@aws-cdk/aws-s3:grantWriteWithoutAcl` is off. Other patterns, and statements that
    allow nothing else, are flagged only.

    Left alone: statements about a bucket of the template that takes ACLs (ObjectOwnership ObjectWriter or
    BucketOwnerPreferred, or AccessControl other than Private), or with a Condition on s3:x-amz-acl, which somebody
    wrote for a bucket elsewhere that takes them; the roles of a pipeline's actions and the CDK's own functions; `*` and
    `s3:*`, which are iam-wildcard-action's; Deny.
    """

    id = "iam-unneeded-acl"
    why = (
        "Whoever may change ACLs can make an object public or give it to another account, where the bucket takes ACLs;"
        " where it does not, the permission is good for nothing."
    )
    resource_types = IDENTITY_TYPES
    concern = Concern.IDENTITY
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Updates the policy in place. An application that sends an ACL with its uploads, to a bucket that takes ACLs,"
        " is denied access from then on."
    )
    answers = ("A3.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        ),
    )
    bad = Example("""\
Resources:
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: worker
      Roles: [worker]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [s3:PutObject, s3:PutObjectAcl]
            Resource: arn:aws:s3:::orders/*
""")
    good = Example("""\
Resources:
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: worker
      Roles: [worker]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [s3:PutObject]
            Resource: arn:aws:s3:::orders/*
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        said: set[str] = set()
        for _, path, action in _granted(resource, template):
            if action not in said:
                said.add(action)
                yield self.finding(resource, _message(action), path, remedy=_remedy(action), detail=action)
        for index, name in _sam_templates(resource):
            yield self.finding(
                resource,
                f"the SAM policy template {name} allows s3:PutObjectAcl, good for nothing on a bucket without ACLs",
                ("Policies", *index, name),
                remedy="Replace the template by a policy document with the actions that the function needs.",
                detail=name,
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        for statement, _, action in list(_granted(resource, template)):
            kept = _without(statement.data.get("Action"), action)
            if action == finding.detail and kept:
                yield resource.set((*statement.path, "Action"), kept)


def _granted(resource: Resource, template: Template) -> Iterator[tuple[Statement, Path, str]]:
    """Each allowed action, or pattern, that lets ACLs be changed, where no bucket is known to take them."""
    for statement in statements(resource):
        found = [(path, action) for path, action in statement.actions if _covered(action)]
        if found and statement.allows and not _is_meant(statement, template) and not _hands_over(resource):
            for path, action in found:
                yield statement, path, action


def _hands_over(resource: Resource) -> bool:
    """Whether a policy is of a role that the CDK knows to need ACLs."""
    return is_cdk_own(resource) or PIPELINE_ACTION in resource.logical_id


@functools.lru_cache(maxsize=4096)
def _covered(action: str) -> list[str]:
    """The ACL actions that an action or pattern covers; none for the whole of S3."""
    service, _, name = action.partition(":")
    if service.lower() != "s3" or not name.strip("*?"):
        return []
    return [acl for acl in ACL_ACTIONS if is_action(action, acl)]


def _is_meant(statement: Statement, template: Template) -> bool:
    """Whether ACLs play a part in what the statement is about."""
    if "s3:x-amz-acl" in json.dumps(statement.data.get("Condition")).lower():
        return True
    named = (template.resources.get(found.logical_id) for found in references(statement.data.get("Resource")))
    return any(_takes_acls(resource) for resource in named if resource is not None)


def _takes_acls(bucket: Resource) -> bool:
    """Whether a bucket takes, or may take, ACLs."""
    if bucket.type != "AWS::S3::Bucket":
        return False
    access = bucket.get("AccessControl")
    if access is UNKNOWN or access not in (None, "", "Private"):
        return True
    owner = bucket.get("OwnershipControls.Rules.0.ObjectOwnership")
    return owner is UNKNOWN or owner in ("ObjectWriter", "BucketOwnerPreferred")


def _without(actions: Any, action: str) -> list[Any]:
    """A statement's actions without this one; none when that cannot be said, or nothing else would be left."""
    items = actions if isinstance(actions, list) else [actions]
    if action == PUT:
        missing = [item for item in PUT_WITHOUT_ACL if item not in items]
        place = next(index for index, item in enumerate(items) if known(item) == PUT)
        return [*items[:place], *missing, *(item for item in items[place + 1 :] if known(item) != PUT)]
    kept = [] if "*" in action or "?" in action else [item for item in items if known(item) != action]
    return kept if any(not isinstance(item, str) or item not in ACL_ACTIONS for item in kept) else []


def _sam_templates(resource: Resource) -> Iterator[tuple[Path, str]]:
    if resource.type in SAM_POLICIES:
        raw = resource.raw("Policies")
        for index, policy in [((i,), item) for i, item in enumerate(raw)] if isinstance(raw, list) else [((), raw)]:
            for name in policy if isinstance(policy, dict) else ():
                if name in SAM_TEMPLATES:
                    yield index, name


def _message(action: str) -> str:
    covered = _covered(action)
    useless = "good for nothing on a bucket without ACLs, too much on one that takes them"
    if action.lower() == covered[0].lower():
        return f"allows {action}: {useless}"
    rendered = ", as the CDK's grants to write render it with a feature flag off" if action == PUT else ""
    return f"allows {action}{rendered}, which takes in {covered[0]}: {useless}"


def _remedy(action: str) -> str:
    if action == PUT:
        return 'app.node.set_context("@aws-cdk/aws-s3:grantWriteWithoutAcl", True)'
    if "*" in action or "?" in action:
        return 'iam.PolicyStatement(..., actions=["s3:PutObject"])'
    return f"Take {action} out of the statement, or bucket.grant_put_acl() out of the app."
