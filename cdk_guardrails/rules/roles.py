"""What a role of the template may do, and how a rule gives it more."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cdk_guardrails.rules.policies import (
    Answer,
    Reach,
    allows,
    appended,
    as_list,
    denies,
    every,
    is_all,
    rendered,
    some,
    statements,
)
from cdk_guardrails.rules.role_size import has_room
from cdk_guardrails.rules.shared import added_id, comes_after
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_intrinsic, is_no_value
from cdk_guardrails.template.edits import value_at

POLICY: Final = "AWS::IAM::Policy"
MANAGED_POLICY: Final = "AWS::IAM::ManagedPolicy"

ROLE_LISTS: Final = {POLICY: "Roles", MANAGED_POLICY: "Roles", "AWS::IAM::RolePolicy": "RoleName"}
"""Types of policies that name the roles which they are attached to, and the property that does."""

GRANT_EVERYTHING: Final = ("AdministratorAccess", "PowerUserAccess")

BASIC: Final = "service-role/AWSLambda"
"""Managed policies of this prefix let a function log, join a VPC and read its event source, and nothing else."""

EDGE: Final = "edgelambda.amazonaws.com"
"""The service that runs Lambda@Edge functions."""


def role_of(function: Resource, template: Template, path: str = "Role") -> Resource | None:
    """The role of the template that ``function`` runs as; None when it has none or one from elsewhere."""
    role = template.resource_of(function.raw(path))
    return role if role is not None and role.type == "AWS::IAM::Role" else None


def is_edge(role: Resource) -> bool:
    """Whether the role is that of Lambda@Edge functions.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
    """
    return EDGE in str(role.raw("AssumeRolePolicyDocument"))


def may(
    role: Resource,
    template: Template,
    actions: Sequence[str],
    managed: Sequence[str] = (),
    *,
    before: Resource | None = None,
    reach: Reach = is_all,
) -> Answer:
    """Whether ``role`` may do all ``actions`` on every resource, or on what ``reach`` is about; None when unknown.

    ``managed`` are the AWS managed policies that allow them, by name. With ``before``, policies that are only made
    after that resource do not count. A Deny, and a permissions boundary that may lack the actions, make it unknown.
    """
    policies = list(attached(role, template))
    if _is_limited(role, template, actions, policies):
        return None
    found = list(_inline_statements(role))
    for policy in policies:
        if not before or not _after(policy, before):
            found += _statements_of(policy) if policy.condition in (None, role.condition) else [UNKNOWN]
    by_managed = [_by_managed(arn, template, actions, managed, reach) for arn in _listed(role.raw("ManagedPolicyArns"))]
    return some([*by_managed, _allow_all(found, actions, reach)])


def is_limited(role: Resource, template: Template, actions: Sequence[str]) -> bool:
    """Whether more permissions might not help: the role has a Deny about ``actions``, or a boundary without them."""
    return _is_limited(role, template, actions, list(attached(role, template)))


def _is_limited(role: Resource, template: Template, actions: Sequence[str], policies: Sequence[Resource]) -> bool:
    attached_statements = [item for policy in policies for item in _statements_of(policy)]
    found = [*_inline_statements(role), *attached_statements]
    if any(denies(statement, action) for statement in found for action in actions):
        return True
    boundary = role.raw("PermissionsBoundary")
    if boundary is None or is_no_value(boundary):
        return False
    return _by_managed(boundary, template, actions, (), is_all) is not True


def _by_managed(arn: Any, template: Template, actions: Sequence[str], managed: Sequence[str], reach: Reach) -> Answer:
    policy = template.resource_of(arn)
    if policy is not None and policy.type == MANAGED_POLICY:
        return _allow_all(_statements_of(policy), actions, reach)
    name = managed_name(rendered(arn) or "")
    if name is None:
        return None
    return True if name in (*managed, *GRANT_EVERYTHING) else False if name.startswith(BASIC) else None


@functools.lru_cache(maxsize=1024)
def managed_name(arn: str) -> str | None:
    """The name of an AWS managed policy in its ARN, the partition of which may be a variable."""
    match = re.fullmatch(r"arn:[^:]+:iam::aws:policy/(.+)", re.sub(r"\$\{[^}]*\}", "-", arn))
    return match[1] if match else None


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [item for item in value if not is_no_value(item)]
    return [value] if is_intrinsic(value) and not is_no_value(value) else []


def _inline_statements(role: Resource) -> Iterator[Any]:
    for policy in _listed(role.raw("Policies")):
        if is_intrinsic(policy):
            yield UNKNOWN
        elif isinstance(policy, dict):
            yield from statements(policy.get("PolicyDocument"))


def _statements_of(policy: Resource) -> list[Any]:
    return statements(policy.raw("PolicyDocument"))


def _allow_all(found: Sequence[Any], actions: Sequence[str], reach: Reach) -> Answer:
    return every(some(allows(statement, action, reach) for statement in found) for action in actions)


def _after(later: Resource, earlier: Resource) -> bool:
    return comes_after(later.template, later.logical_id, earlier.logical_id)


def attached(role: Resource, template: Template) -> Iterator[Resource]:
    """The policies of the template, resources of their own, that name ``role`` by reference or by its name."""
    name = rendered(role.raw("RoleName")) or None
    # Only a role with a name can be meant without a reference, and few have one.
    candidates = template.of_type(*ROLE_LISTS) if name else template.referring(role, *ROLE_LISTS)
    for policy in candidates:
        roles = policy.raw(ROLE_LISTS[policy.type])
        named = roles if isinstance(roles, list) else [roles]
        if any(template.resource_of(item) is role or (name and rendered(item) == name) for item in named):
            yield policy


def grant(
    user: Resource, role: Resource, template: Template, statement: Mapping[str, Any], purpose: str
) -> Iterator[Edit]:
    """Lets ``role`` do what ``statement`` allows, before ``user``, which runs as that role, is made or updated.

    The statement goes into a policy of the role for which ``user`` waits anyway, as the CDK's functions do, or which
    was added before; else into one of its own, which waits for nothing but the role: a managed one when there is no
    room for another inline one.
    """
    policies = list(attached(role, template))
    for policy in policies:
        waits = _after(user, policy)
        if (waits or _may_wait(user, policy)) and _takes(policy, role) and has_room(policy, statement, role, policies):
            yield appended(policy, "PolicyDocument", dict(statement))
            if not waits:
                yield user.depend_on(policy.logical_id)
            return
    id_ = added_id(template, role.logical_id, purpose)
    properties = {
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [dict(statement)]},
        "Roles": [role.ref()],
    }
    if has_room(None, statement, role, policies):
        yield template.add(id_, POLICY, {"PolicyName": id_[:128], **properties}, Condition=role.condition)
    else:
        yield template.add(id_, MANAGED_POLICY, properties, Condition=role.condition)
    yield user.depend_on(id_)


def _is_added(policy: Resource) -> bool:
    """Whether `grant` has added the policy, for another user of the role perhaps."""
    return policy.logical_id.startswith("Guardrails")


def _may_wait(user: Resource, policy: Resource) -> bool:
    return _is_added(policy) and not _after(policy, user)


def _takes(policy: Resource, role: Resource) -> bool:
    """Whether a policy is this role's alone, always there with it, and readable; a managed one also that of `grant`."""
    return (
        (policy.type == POLICY or (policy.type == MANAGED_POLICY and _is_added(policy)))
        and len(policy.items("Roles")) == 1
        and not policy.raw("Users")
        and not policy.raw("Groups")
        and policy.condition in (None, role.condition)
        and isinstance(policy.get("PolicyDocument.Statement"), list | dict)
    )


def wait(
    user: Resource, role: Resource, template: Template, actions: Sequence[str], reach: Reach = is_all
) -> Iterator[Edit]:
    """Makes ``user`` wait for the policies of ``role`` that allow ``actions``, when it does not do so already."""
    for policy in attached(role, template):
        if _allow_all(_statements_of(policy), actions, reach) and not _after(user, policy) and not _after(policy, user):
            yield user.depend_on(policy.logical_id)


def permit(
    user: Resource,
    template: Template,
    statement: Mapping[str, Any],
    purpose: str,
    managed: Sequence[str] = (),
    *,
    path: str = "Role",
    reach: Reach = is_all,
) -> Iterator[Edit]:
    """Lets the role of ``user`` do what ``statement`` allows unless it may anyway, and ``user`` wait for that.

    Only where `obstacle` knows of none. ``path`` is the property that names the role; ``managed`` and ``reach`` as for
    `may`.
    """
    role, actions = role_of(user, template, path), as_list(statement["Action"])
    if role is None:
        yield _for_sam(user, statement)
    elif may(role, template, actions, managed, before=user, reach=reach) is True:
        yield from wait(user, role, template, actions, reach)
    else:
        yield from grant(user, role, template, statement, purpose)


def obstacle(user: Resource, template: Template, actions: Sequence[str], path: str = "Role") -> str:
    """Why `permit` cannot give the role of ``user`` the right to ``actions``; "" when it can."""
    role = role_of(user, template, path)
    if role is not None:
        limited = is_limited(role, template, actions)
        return f"a permissions boundary or a Deny may limit its role {role.logical_id}" if limited else ""
    if not is_made_by_sam(user, path):
        return "its role is not in this template"
    if is_intrinsic(user.raw("Policies")):
        return "its Policies are known at deployment only"
    inherited = value_at(template.data, ("Globals", user.type.rpartition("::")[2], "PermissionsBoundary"))
    limited = user.get("PermissionsBoundary") is not None or inherited is not None
    return "a permissions boundary may limit the role that SAM makes for it" if limited else ""


def is_made_by_sam(user: Resource, path: str = "Role") -> bool:
    """Whether SAM makes the role of ``user``, a function or a state machine, of its Policies."""
    return user.type.startswith("AWS::Serverless::") and user.get(path) is None


def _for_sam(user: Resource, statement: Mapping[str, Any]) -> Edit:
    """``statement`` as one more policy of the role that SAM makes; Policies may be a list or one policy."""
    document, policies = {"Version": "2012-10-17", "Statement": [dict(statement)]}, user.raw("Policies")
    if isinstance(policies, str) or (isinstance(policies, dict) and policies and not is_no_value(policies)):
        return user.set("Policies", [policies, document])
    return user.append("Policies", document)


def holder(user: Resource, role: Resource | None) -> Resource:
    """Of the two, the one whose Condition a resource takes which ``user`` needs and a policy of its role names."""
    return user if role is None or role.condition == user.condition else role
