"""Account ids and Regions that are written out: one walk over a template, shared by the rules about them."""

from __future__ import annotations

import functools
import re
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


_SHORTEST: Final = len("us-east-1")

_ASIDE: Final = _PROSE | {"Fn::GetAtt", "Fn::ForeignRef"}
"""The same, and functions whose argument is no text that the deployment gets."""


class Literal(NamedTuple):
    """A text with digits like those of an account or Region, and its path below the resource's properties."""

    path: Path
    text: str


def literals(resource: Resource, template: Template) -> list[Literal]:
    """Those of a resource's properties, or, for the template itself, those of its outputs' values."""
    return template.cached("literals: by logical id", _by_resource).get(resource.logical_id, [])


def _by_resource(template: Template) -> dict[str, list[Literal]]:
    found = {id_: there for id_, resource in template.resources.items() if (there := _in_resource(resource))}
    in_outputs: list[Literal] = []
    for id_, output in template.outputs.items():
        if isinstance(output, dict):
            _walk({"Value": output.get("Value")}, ["Outputs", id_], in_outputs)
    return found | {"": in_outputs}


def _in_resource(resource: Resource) -> list[Literal]:
    """A resource's tags say what they like, and its name is the business of other rules."""
    type_info = info(resource.type)
    aside = {type_info.tag_property, type_info.name_property} if type_info else {"Tags"}
    found: list[Literal] = []
    _walk({name: value for name, value in resource.properties.items() if name not in aside}, [], found)
    return found


def _walk(value: dict[str, Any] | list[Any], path: list[str | int], found: list[Literal]) -> None:
    """Runs over every value of every resource: one path for the whole walk, copied only where a literal stands."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, str):
            if len(item) >= _SHORTEST and _is_candidate(item) and key not in _PROSE:
                found.append(Literal((*path, key), item))
        elif isinstance(item, dict | list) and item and key not in _ASIDE:
            path.append(key)
            _walk(item, path, found)
            path.pop()


@functools.lru_cache(maxsize=8192)
def _is_candidate(text: str) -> bool:
    """Asked once for each text: those of policies come again and again."""
    return _CANDIDATE.search(text) is not None
