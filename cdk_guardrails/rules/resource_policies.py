"""Which policies a bucket, queue or topic has, in its own template and in the others of the app."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from cdk_guardrails.rules.policies import Answer, as_list, is_everyone, rendered, some
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import Resource, Template


class Policies(NamedTuple):
    """A resource's policies: those that are surely its own, and those that may be, or stand in another template."""

    own: list[Resource]
    perhaps: list[Resource]


def policies_of(
    holder: Resource,
    template: Template,
    types: Mapping[str, str],
    name: str,
    is_for: Callable[[Any, Resource, Template], Answer],
    is_named: Callable[[str, Resource], bool],
) -> Policies:
    """The policies of ``holder``, a resource whose physical name is in the property ``name``.

    ``types`` are policy types and the property in which each says whose it is; ``is_for`` says whether an item of that
    property is the holder, ``is_named`` the same of a text in another template.
    """
    found = Policies([], [])
    candidates = list(template.referring(holder, *types))
    if holder.raw(name) is not None:  # a generated name is known to nobody
        candidates += _loose_policies(template, types)
    for policy in {policy.logical_id: policy for policy in candidates}.values():
        of_it = some(is_for(item, holder, template) for item in _holders(policy, types))
        if of_it is not False:
            (found.own if of_it else found.perhaps).append(policy)
    for other in template.app.templates:
        if other is not template:
            for policy in _loose_policies(other, types):
                if any(_is_across(item, holder, is_named) for item in _holders(policy, types)):
                    found.perhaps.append(policy)
    return found


def _holders(policy: Resource, types: Mapping[str, str]) -> list[Any]:
    return as_list(policy.raw(types[policy.type]))


def _loose_policies(template: Template, types: Mapping[str, str]) -> list[Resource]:
    """The policies that are not, or not only, for resources of their own template by reference."""

    def find(template: Template) -> list[Resource]:
        policies = template.of_type(*types)
        return [policy for policy in policies if not all(map(template.resource_of, _holders(policy, types)))]

    return template.cached(f"loose policies: {', '.join(types)}", find, *types)


def _is_across(value: Any, holder: Resource, is_named: Callable[[str, Resource], bool]) -> bool:
    """Whether a policy of another template is for ``holder``: by its literal name, a CDK reference or an import."""
    return is_named(value, holder) if isinstance(value, str) else refers_across(value, holder)


def is_service(statement: Mapping[str, Any], names: Collection[str]) -> Answer:
    """Whether the principal of a statement is, or includes, the AWS service with one of these names."""
    principal = statement.get("Principal")
    if "NotPrincipal" in statement:
        return None
    if (everyone := is_everyone(principal)) is not False:
        return everyone
    services = as_list(principal.get("Service")) if isinstance(principal, dict) else []
    return some(_is_named(rendered(service), names) for service in services)


def _is_named(text: str | None, names: Collection[str]) -> Answer:
    """Whether a text is one of the names; one that is a variable may be."""
    return None if text is None or re.fullmatch(r"\$\{(?!AWS::).*\}", text) else text in names
