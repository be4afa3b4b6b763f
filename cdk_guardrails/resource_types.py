"""What the CloudFormation resource schemas say of a type: tags, its name, what is create-only, whether it holds data.

The data is cfn-lint's; build_support/resource_types.py writes it to resource_types.json when the package is built.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk_guardrails import built_data

_DATA: Final = Path(__file__).with_name("resource_types.json")


@dataclass(frozen=True)
class TypeInfo:
    """One resource type.

    ``tag_property`` is the property that holds the tags ("" when the type cannot be tagged) and ``tag_shape`` how it is
    written: ``list`` (of Key and Value), ``map`` (key to value) or ``autoscaling`` (of Key, Value, PropagateAtLaunch).
    ``tags_replace``: a change of the tags replaces the resource. ``create_only``: the property paths whose change
    replaces it. ``name_property``: the property that gives the resource its physical name, "" for none or one that
    counts within a parent only, as an API's stages. ``stateful``: it holds data that is lost with it. ``snapshot``:
    DeletionPolicy may be Snapshot.
    """

    tag_property: str = ""
    tag_shape: str = ""
    tags_replace: bool = False
    create_only: tuple[str, ...] = ()
    name_property: str = ""
    stateful: bool = False
    snapshot: bool = False


@functools.cache
def info(type_name: str) -> TypeInfo | None:
    """What is known of a resource type; None for a custom resource or a type that the schemas do not have.

    Raises GuardrailsError when the data was never built.
    """
    entry = _entries().get(type_name)
    if entry is None:
        return None
    return TypeInfo(**{**entry, "create_only": tuple(entry.get("create_only", ()))})


def named_types() -> dict[str, TypeInfo]:
    """The types whose resources can be given a physical name. Raises as `info`."""
    found = ((type_name, info(type_name)) for type_name, entry in _entries().items() if entry.get("name_property"))
    return {type_name: type_info for type_name, type_info in found if type_info}


@functools.cache
def _entries() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = built_data.read(_DATA)
    return entries
