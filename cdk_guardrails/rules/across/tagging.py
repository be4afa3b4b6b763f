"""Reading and writing the tags of any taggable type, in the shape that its schema has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from cdk_guardrails.resource_types import TypeInfo, info
from cdk_guardrails.template import Edit, Resource, is_intrinsic, is_no_value
from cdk_guardrails.template.edits import Path

MAX_TAGS: Final = 50
"""User-defined tags a resource may have. https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html"""


REPLICAS: Final = {"AWS::DynamoDB::GlobalTable": TypeInfo(tag_property="Replicas", tag_shape="list")}
"""Types whose replicas have the tags, each its own, and the list that these are in."""


def taggable(resource: Resource) -> TypeInfo | None:
    """What the schemas say of a resource that can be tagged; None for one that cannot, custom resources among them."""
    type_info = REPLICAS.get(resource.type) or info(resource.type)
    return type_info if type_info and type_info.tag_property else None


def tag_keys(resource: Resource, type_info: TypeInfo) -> list[str] | None:
    """The keys of a resource's tags, of its replicas those that all have; None when only the deployment knows them."""
    properties = resource.data.get("Properties")
    if not isinstance(properties, dict):
        return []
    if len(properties) == 1 and is_intrinsic(properties):
        return None
    tags = properties.get(type_info.tag_property)
    if resource.type in REPLICAS:
        return _keys_of_replicas(tags)
    if type_info.tag_shape == "map" and tags is not None and not is_no_value(tags):
        return _keys_of_map(tags)
    return _keys_of_list(tags)


def _keys_of_replicas(replicas: Any) -> list[str] | None:
    if not isinstance(replicas, list) or not replicas:
        return None
    found = [_keys_of_list(replica.get("Tags")) if _is_plain(replica) else None for replica in replicas]
    known = [{key.casefold(): key for key in keys} for keys in found if keys is not None]
    if len(known) < len(found):
        return None
    return [key for folded, key in known[0].items() if all(folded in keys for keys in known)]


def _is_plain(value: Any) -> bool:
    return isinstance(value, dict) and not is_intrinsic(value)


def _keys_of_map(tags: Any) -> list[str] | None:
    if not isinstance(tags, dict) or is_intrinsic(tags):
        return None
    return [key for key, value in tags.items() if not is_no_value(value)]


def _keys_of_list(tags: Any) -> list[str] | None:
    if tags is None or is_no_value(tags):
        return []
    if not isinstance(tags, list):
        return None
    found = [item.get("Key") if isinstance(item, dict) else None for item in tags if not is_no_value(item)]
    keys = [key for key in found if isinstance(key, str)]
    return keys if len(keys) == len(found) else None


def add_tags(resource: Resource, type_info: TypeInfo, tags: Mapping[str, str]) -> Iterator[Edit]:
    """The edits that add ``tags`` to a resource, or what of them each replica lacks."""
    path = (type_info.tag_property,)
    if type_info.tag_shape == "map":
        bare = resource.get(path) is None
        yield from [resource.set(path, dict(tags))] if bare else [resource.set((*path, k), v) for k, v in tags.items()]
    elif resource.type in REPLICAS:
        for index, replica in enumerate(resource.items(path)):
            there = {key.casefold() for key in _keys_of_list(replica.get("Tags")) or ()}
            missing = {key: value for key, value in tags.items() if key.casefold() not in there}
            yield from _add_to_list(resource, (*path, index, "Tags"), missing)
    else:
        launch = {"PropagateAtLaunch": True} if type_info.tag_shape == "autoscaling" else {}
        yield from _add_to_list(resource, path, tags, launch)


def _add_to_list(
    resource: Resource, path: Path, tags: Mapping[str, str], more: Mapping[str, Any] = MappingProxyType({})
) -> list[Edit]:
    """One edit where there are no tags yet, else one each."""
    items = [{"Key": key, "Value": value, **more} for key, value in tags.items()]
    if resource.items(path) or not items:
        return [resource.append(path, item) for item in items]
    return [resource.set(path, items)]
