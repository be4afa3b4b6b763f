"""Physical names that are written out in Python where the CDK makes a resource."""

from __future__ import annotations

import ast
import functools
from typing import Final, NamedTuple

from cdk_guardrails.resource_types import TypeInfo, named_types
from cdk_guardrails.rules.names import ANY, PhysicalName
from cdk_guardrails.source.imported import imported
from cdk_guardrails.source.literals import UNKNOWN, Literal
from cdk_guardrails.source.python_names import snake_case

_ALPHA: Final = "_alpha"


class FixedName(NamedTuple):
    """A name that only a new resource could change. ``keyword``: the argument that gives it."""

    keyword: str
    name: PhysicalName


def fixed_name(literal: Literal) -> FixedName | None:
    """The physical name that a literal is, when it is one that blocks the replacement of its resource."""
    above = literal.above[:2]
    if len(above) < 2 or not isinstance(above[0], ast.keyword) or not isinstance(above[1], ast.Call):
        return None
    keyword = above[0].arg or ""
    class_ = imported(literal.module).construct(above[1])
    if not class_ or not _blocks(class_, keyword):
        return None
    name = PhysicalName(keyword, literal.text.replace(UNKNOWN, ANY), blocks=True)
    return FixedName(keyword, name) if name.is_literal and name.is_free else None


def _blocks(class_: str, keyword: str) -> bool:
    """Whether an argument of a class of the CDK is the name of a resource, and cannot be changed in place."""
    module, _, own = class_.rpartition(".")
    service = module.rpartition(".")[2].removeprefix("aws_").partition("_")[0]
    names = _names().get(service, {})
    if (exact := names.get(own.removeprefix("Cfn"))) is not None:
        return keyword in exact
    return keyword != "name" and any(keyword in keywords for keywords in names.values())


@functools.cache
def _names() -> dict[str, dict[str, tuple[str, ...]]]:
    """By service, as the CDK's modules name it, and resource: the keywords for the name; none for one that can change.

    Where CloudFormation has but Name, the CDK's classes say what it is the name of: ``rule_name``.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for type_, info in named_types().items():
        _, service, resource = type_.split("::", 2)
        found.setdefault(service.lower(), {})[resource] = _keywords(resource, info)
    return found


def _keywords(resource: str, info: TypeInfo) -> tuple[str, ...]:
    if info.name_property not in info.create_only:
        return ()
    own = snake_case(info.name_property)
    return (own, f"{snake_case(resource)}_name") if own == "name" else (own,)
