"""What the rules share about the policies of the template's KMS keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_guardrails.rules.policies import Answer, appended, statements
from cdk_guardrails.rules.shared import ADMINISTRATION, KEY
from cdk_guardrails.template import Edit, Resource, Template, is_no_value


def key_of(value: Any, template: Template) -> Resource | None:
    """The key of the template that ``value`` names, itself or by an alias of the template."""
    named = template.resource_of(value)
    if named is not None and named.type == "AWS::KMS::Alias":
        named = template.resource_of(named.raw("TargetKeyId"))
    return named if named is not None and named.type == KEY else None


def statements_of(key: Resource) -> list[Any]:
    """The statements of a key's policy, which is KMS's default policy when there is none."""
    return statements(key.raw("KeyPolicy")) if _has_policy(key) else [dict(ADMINISTRATION)]


def allowing(key: Resource, statement: Mapping[str, Any]) -> Edit:
    """Adds ``statement`` to the policy of ``key``."""
    if _has_policy(key):
        return appended(key, "KeyPolicy", dict(statement))
    return key.set("KeyPolicy", {"Version": "2012-10-17", "Statement": [ADMINISTRATION, dict(statement)]})


def on_key(resource: Any) -> Answer:
    """In the policy of a key, every item of Resource means the key, or nothing."""
    return True if resource == "*" else None


def _has_policy(key: Resource) -> bool:
    policy = key.raw("KeyPolicy")
    return policy not in (None, "", {}) and not is_no_value(policy)
