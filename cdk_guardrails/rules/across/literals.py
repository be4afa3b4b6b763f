"""Account ids and Regions that are written out: one walk over a template, shared by the rules about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.resource_types import info
from cdk_guardrails.template import Resource, Template
from cdk_guardrails.template.edits import Path

_CANDIDATE: Final = re.compile(r"\d{12}|[a-z]-[a-z]+-\d")

_PROSE: Final = frozenset(
    {"AlarmDescription", "Comment", "Description", "InlineCode", "Metadata", "UserData", "ZipFile"}
    | {"aws:RequestedRegion", "aws:requestedRegion"}
)
"""Keys below which nothing is looked at: texts, code, and the condition that is there to name Regions."""


class Literal(NamedTuple):
    """A text with digits like those of an account or Region, and its path below the resource's properties."""

    path: Path
    text: str


def literals(resource: Resource, template: Template) -> list[Literal]:
    """Those of a resource's properties, or, for the template itself, those of its outputs' values."""
    return template.cached("literals: by logical id", _by_resource).get(resource.logical_id, [])


def _by_resource(template: Template) -> dict[str, list[Literal]]:
    found: dict[str, list[Literal]] = {}
    for id_, resource in template.resources.items():
        if there := list(_in_resource(resource)):
            found[id_] = there
    values: Iterator[tuple[str, Any]] = (
        (id_, output.get("Value")) for id_, output in template.outputs.items() if isinstance(output, dict)
    )
    if there := [literal for id_, value in values for literal in _walk(value, ("Outputs", id_, "Value"))]:
        found[""] = there
    return found


def _in_resource(resource: Resource) -> Iterator[Literal]:
    """A resource's tags say what they like, and its name is the business of other rules."""
    type_info = info(resource.type)
    aside = {type_info.tag_property, type_info.name_property} if type_info else {"Tags"}
    for name, value in resource.properties.items():
        if name not in aside and name not in _PROSE:
            yield from _walk(value, (name,))


def _walk(value: Any, path: Path) -> Iterator[Literal]:
    if isinstance(value, str):
        if _CANDIDATE.search(value):
            yield Literal(path, value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _PROSE:
                yield from _walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))
