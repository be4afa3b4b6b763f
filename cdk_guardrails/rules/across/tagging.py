"""Reading and writing the tags of any taggable type, in the shape that its schema has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.resource_types import TypeInfo, info
from cdk_guardrails.template import Edit, Resource, is_intrinsic, is_no_value

MAX_TAGS: Final = 50
"""User-defined tags a resource may have. https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html"""


def taggable(resource: Resource) -> TypeInfo | None:
    """What the schemas say of a resource that can be tagged; None for one that cannot, custom resources among them."""
    type_info = info(resource.type)
    return type_info if type_info and type_info.tag_property else None


def tag_keys(resource: Resource, type_info: TypeInfo) -> list[str] | None:
    """The keys of a resource's tags; None when only the deployment knows them (values may be anything)."""
    tags = resource.raw(type_info.tag_property)
    if is_intrinsic(resource.data.get("Properties")):
        return None
    if tags is None or is_no_value(tags):
        return []
    if type_info.tag_shape == "map":
        return _keys_of_map(tags)
    return _keys_of_list(tags) if isinstance(tags, list) else None


def _keys_of_map(tags: Any) -> list[str] | None:
    if not isinstance(tags, dict) or is_intrinsic(tags):
        return None
    return [key for key, value in tags.items() if not is_no_value(value)]


def _keys_of_list(tags: list[Any]) -> list[str] | None:
    found = [item.get("Key") if isinstance(item, dict) else None for item in tags if not is_no_value(item)]
    keys = [key for key in found if isinstance(key, str)]
    return keys if len(keys) == len(found) else None


def add_tags(resource: Resource, type_info: TypeInfo, tags: Mapping[str, str]) -> Iterator[Edit]:
    """The edits that add ``tags`` to a resource: one where it has none yet, else one each."""
    path = (type_info.tag_property,)
    if not tags:
        return
    if type_info.tag_shape == "map":
        bare = resource.get(path) is None
        yield from [resource.set(path, dict(tags))] if bare else [resource.set((*path, k), v) for k, v in tags.items()]
        return
    launch = {"PropagateAtLaunch": True} if type_info.tag_shape == "autoscaling" else {}
    items = [{"Key": key, "Value": value, **launch} for key, value in tags.items()]
    yield from [resource.append(path, item) for item in items] if resource.items(path) else [resource.set(path, items)]
