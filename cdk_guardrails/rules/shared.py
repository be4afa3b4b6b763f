"""What rules share when they add resources: logical ids, reuse, Conditions, order, one key per stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cdk_guardrails.template import Edit, Resource, Template, target, unique_id
from cdk_guardrails.template.edits import value_at
from cdk_guardrails.template.intrinsics import FOREIGN_REF

KEY: Final = "AWS::KMS::Key"
KEY_ID: Final = "GuardrailsKey"


def added_id(template: Template, subject: str, purpose: str) -> str:
    """A free logical id for a resource that a rule adds for ``subject``: ``GuardrailsStageAccessLogs``.

    Logical ids are alphanumeric and at most 255 characters long; a long subject is cut.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
    """
    return unique_id(template, f"Guardrails{re.sub('[^A-Za-z0-9]', '', subject)[:180]}{purpose}")


def find_added(template: Template, wanted: str, type_: str) -> Resource | None:
    """The resource that a rule added before under the logical id ``wanted``, or under it with `unique_id`'s number."""
    pattern = re.compile(rf"{re.escape(wanted)}\d*")
    return next((item for item in template.of_type(type_) if pattern.fullmatch(item.logical_id)), None)


def share(added: Resource, user: Resource) -> Iterator[Edit]:
    """Lifts the Condition of an added resource when ``user``, which may exist without that Condition, needs it too."""
    if added.condition is not None and added.condition != user.condition:
        yield Edit("remove", ("Resources", added.logical_id, "Condition"))


def comes_after(template: Template, later: str, earlier: str) -> bool:
    """Whether CloudFormation makes ``later`` after ``earlier`` already, by references or DependsOn, at any distance."""
    seen: set[str] = set()
    open_ids = [later]
    while open_ids:
        id_ = open_ids.pop()
        if id_ == earlier:
            return True
        if id_ not in seen and (resource := template.resources.get(id_)):
            seen.add(id_)
            open_ids += [reference.logical_id for reference in template.references_from(id_)]
            open_ids += map(str, resource.depends_on)
    return False


def refers_across(value: Any, resource: Resource) -> bool:
    """Whether ``value``, of another template, is ``resource``: a reference by the CDK, or an import of an export."""
    if not isinstance(value, dict):
        return False
    if isinstance(foreign := value.get(FOREIGN_REF), dict):
        same_path = foreign.get("Path") == resource.origin.construct_path
        return same_path and foreign.get("LogicalId") == resource.logical_id
    if (export := value.get("Fn::ImportValue")) is None:
        return False
    outputs = resource.template.outputs.values()
    named = [output for output in outputs if value_at(output, ("Export", "Name")) == export]
    return any(target(value_at(output, ("Value",))) == resource.logical_id for output in named)


def references_across(value: Any) -> Iterator[dict[str, Any]]:
    """Every reference to another stack in ``value``, at any depth: by the CDK, or an import."""
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, dict) and (FOREIGN_REF in node or "Fn::ImportValue" in node):
            yield node
        elif isinstance(node, dict | list):
            pending += node.values() if isinstance(node, dict) else node


def is_referred_to_elsewhere(resource: Resource, *types: str) -> bool:
    """Whether a resource of one of the types, in another stack of the app, refers to ``resource``."""

    def find(template: Template) -> list[dict[str, Any]]:
        return [item for other in template.of_type(*types) for item in references_across(other.properties)]

    return any(
        refers_across(value, resource)
        for other in resource.template.app.templates
        if other is not resource.template
        for value in other.cached(f"references to other stacks: {types}", find)
    )


def arn_of_settings(text: str) -> Any:
    """An ARN that was given in the settings; ``${AWS::Region}`` and the like are filled in at deployment."""
    return {"Fn::Sub": text} if "${" in text else text


def out_of_region(arn: str | None, template: Template) -> str:
    """Why a stack cannot use the regional resource with this literal ARN ("" when it can, or nobody knows)."""
    parts = (arn or "").split(":")
    region = parts[3] if len(parts) > 5 and "$" not in parts[3] else ""
    if not region or not template.region or region == template.region:
        return ""
    return f"{arn} is in {region} and this stack in {template.region}"


ADMINISTRATION: Final[Mapping[str, Any]] = {
    "Sid": "AccountAdministersKey",
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
    "Action": "kms:*",
    "Resource": "*",
}
"""The statement of AWS's default key policy: the account's IAM policies decide who administers and uses the key.
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"""


def stack_key(template: Template, user: Resource, statements: Sequence[Mapping[str, Any]]) -> tuple[str, list[Edit]]:
    """The logical id of the one KMS key that rules share per stack, and the edits that make it there for ``user``.

    ``statements`` are those of the key policy that admit the services which use the key for ``user``, each with a Sid
    of its own; none where the account's IAM policies are enough. They must not refer to resources that are encrypted
    with the key: that would be a cycle. The key rotates and outlives the stack, since what it has encrypted would be
    lost with it; only a stack whose creation fails takes it along.
    """
    if key := find_added(template, KEY_ID, KEY):
        there = [item.get("Sid") for item in key.items("KeyPolicy.Statement")]
        missing = [item for item in statements if item["Sid"] not in there]
        return key.logical_id, [*share(key, user), *(key.append("KeyPolicy.Statement", item) for item in missing)]
    id_ = unique_id(template, KEY_ID)
    properties = {
        "Description": "Encrypts what has no other key in this stack: log groups, variables of functions, topics",
        "EnableKeyRotation": True,
        "KeyPolicy": {"Version": "2012-10-17", "Statement": [ADMINISTRATION, *statements]},
    }
    kept = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    return id_, [template.add(id_, KEY, properties, Condition=user.condition, **kept)]


KEY_COST: Final = (
    "The key costs 1 USD a month, and another for each of its first two rotations, and 0.03 USD per 10,000 requests. "
    "One key per stack is added, whatever the number of resources and rules that use it. It stays when the stack is "
    "deleted, since what it encrypted cannot be read without it."
)
"""What a rule whose fix takes `stack_key` says of it in its fix_note. Prices: https://aws.amazon.com/kms/pricing/"""
