"""What differs between two cloud assemblies of one app, resource by resource, and what a deployment would replace."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final, Literal

from cdk_guardrails.errors import TemplateError
from cdk_guardrails.masking import mask
from cdk_guardrails.resource_types import TypeInfo, info
from cdk_guardrails.template import format_path

Kind = Literal["removed", "replaced", "renewed", "changed", "added"]
KINDS: Final[tuple[Kind, ...]] = ("removed", "replaced", "renewed", "changed", "added")
"""What happens to a resource, the worst first. Renewed: the CDK makes a new one with every change, as is meant."""

AT_RISK: Final[tuple[Kind, ...]] = ("removed", "replaced")
SCHEMA_VERSION: Final = 1
_SUFFIX: Final = ".template.json"
_NOT_COMPARED: Final = ("AWS::CDK::Metadata",)
"""It lists the constructs in use, and ``cdk diff`` leaves it out, too."""

_RENEWED: Final = ("AWS::ApiGateway::Deployment", "AWS::ApiGatewayV2::Deployment", "AWS::Lambda::Version")
"""Snapshots of what they belong to; their logical ids hold a hash of it."""


@dataclass(frozen=True)
class PropertyChange:
    """One value. ``before`` or ``after`` is None when nothing stood or stands there; secrets in them are masked.

    ``replaces``: CloudFormation makes a new resource for this change.
    """

    path: str
    before: Any
    after: Any
    replaces: bool


@dataclass(frozen=True)
class ResourceChange:
    """One resource. ``stateful``: it holds data. ``template``: its file in the assembly, without the ending."""

    kind: Kind
    template: str
    construct_path: str
    logical_id: str
    resource_type: str
    stateful: bool
    changes: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All resources that differ, those with data at stake first. ``others``: entries of other sections, by section."""

    resources: tuple[ResourceChange, ...]
    others: Mapping[str, int]

    def count(self, kind: Kind, *, stateful: bool = False) -> int:
        """How many resources of this kind there are; of those that hold data only, when ``stateful``."""
        return sum(change.kind == kind and (change.stateful or not stateful) for change in self.resources)


def compare(before: Path, after: Path) -> Comparison:
    """Compares the templates of two cloud assemblies, those of nested stacks and Stages included.

    Raises TemplateError for a file that is no template, OSError for one that cannot be read.
    """
    old, new = templates(before), templates(after)
    found: list[ResourceChange] = []
    others: dict[str, int] = {}
    for name in sorted({*old, *new}):
        one, other = old.get(name, {}), new.get(name, {})
        found += _resources(name, one.get("Resources", {}), other.get("Resources", {}))
        for section in sorted({*one, *other} - {"Resources"}):
            if number := _differing(one.get(section), other.get(section)):
                others[section] = others.get(section, 0) + number
    return Comparison(tuple(sorted(found, key=_order)), others)


def without_noise(comparison: Comparison, noise: Comparison) -> Comparison:
    """``comparison`` without what differs in ``noise`` too, which compares two runs that should have been equal.

    A bucket that is named by the time, say, is replaced by every deployment, whatever else is changed.
    """
    paths = {_key(change): {item.path for item in change.changes} for change in noise.resources}
    kept = [_quiet(change, paths[_key(change)]) if _key(change) in paths else change for change in comparison.resources]
    return dataclasses.replace(comparison, resources=tuple(sorted(filter(None, kept), key=_order)))


def templates(assembly: Path) -> dict[str, dict[str, Any]]:
    """The templates of a cloud assembly by file, ``assembly-Prod/Shop``, without those that are assets of the author's.

    Raises as `compare`.
    """
    found = {}
    for file in sorted(assembly.rglob(f"*{_SUFFIX}")):
        parts = file.relative_to(assembly).parts
        if not any(part.startswith("asset.") for part in parts):
            found["/".join(parts).removesuffix(_SUFFIX)] = _read(file)
    return found


def to_json(comparison: Comparison) -> str:
    """For programs. Equal comparisons give equal bytes."""
    summary = {kind: comparison.count(kind) for kind in KINDS}
    data = {"schema_version": SCHEMA_VERSION, "summary": summary, **dataclasses.asdict(comparison)}
    return json.dumps(data, indent=1, default=str) + "\n"


def _read(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TemplateError(f"{file}: expected a template in JSON: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("Resources", {}), dict):
        raise TemplateError(f"{file}: expected a template with a mapping of Resources")
    return data


def _key(change: ResourceChange) -> tuple[str, str]:
    return change.template, change.construct_path or change.logical_id


def _quiet(change: ResourceChange, noise: set[str]) -> ResourceChange | None:
    """The change without what is noise; None when nothing is left."""
    left = tuple(item for item in change.changes if item.path not in noise)
    if not left:
        return None
    is_replaced = change.kind == "replaced" and any(item.replaces for item in left)
    return dataclasses.replace(change, kind=change.kind if is_replaced else "changed", changes=left)


def _order(change: ResourceChange) -> tuple[Any, ...]:
    at_stake = change.stateful and change.kind != "added"
    return (not at_stake, KINDS.index(change.kind), change.template, change.construct_path, change.logical_id)


def _differing(before: Any, after: Any) -> int:
    """How many entries of a section differ; a section that is no mapping, such as Description, is one."""
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        return int(before != after)
    old, new = before or {}, after or {}
    return sum(old.get(key) != new.get(key) for key in {*old, *new})


def _resources(template: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ResourceChange]:
    before, after = ({id_: data for id_, data in each.items() if _is_compared(data)} for each in (old, new))
    renamed = _renamed(before, after)
    for id_, data in before.items():
        new_id = renamed.get(id_, id_)
        if new_id not in after:
            yield _resource("removed", template, id_, data)
        elif new_id != id_ or data != after[new_id]:
            yield _changed(template, (id_, data), (new_id, after[new_id]))
    for id_ in [id_ for id_ in after if id_ not in before and id_ not in renamed.values()]:
        yield _resource("added", template, id_, after[id_])


def _is_compared(data: Any) -> bool:
    return isinstance(data, dict) and data.get("Type") not in _NOT_COMPARED


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Logical ids that changed, as those with a hash of their content do, known by type and construct path."""
    gone = {id_: _identity(data) for id_, data in before.items() if id_ not in after}
    come = {_identity(data): id_ for id_, data in after.items() if id_ not in before}
    return {id_: come[identity] for id_, identity in gone.items() if identity[1] and identity in come}


def _identity(data: Mapping[str, Any]) -> tuple[str, str]:
    metadata = data.get("Metadata")
    path = metadata.get("aws:cdk:path", "") if isinstance(metadata, dict) else ""
    return str(data.get("Type", "")), str(path)


def _resource(
    kind: Kind, template: str, id_: str, data: Mapping[str, Any], changes: Sequence[PropertyChange] = ()
) -> ResourceChange:
    type_, path = _identity(data)
    return ResourceChange(kind, template, path, id_, type_, _info(type_).stateful, tuple(changes))


def _info(type_: str) -> TypeInfo:
    return info(type_) or TypeInfo()


def _changed(template: str, old: tuple[str, Any], new: tuple[str, Any]) -> ResourceChange:
    (old_id, before), (new_id, after) = old, new
    replacing = list(_replacing(before, after))
    changes = [
        PropertyChange(format_path(path), mask(was, path), mask(is_, path), _concerns(path, replacing))
        for path, was, is_ in _differences((), *({"Properties": {}, **each} for each in (before, after)))
    ]
    kind: Kind = "replaced" if replacing else "changed"
    if new_id != old_id:
        kind = "renewed" if before.get("Type") in _RENEWED else "replaced"
        changes.insert(0, PropertyChange("logical id", old_id, new_id, kind == "replaced"))
    return _resource(kind, template, new_id, {**after, "Type": before.get("Type", "")}, changes)


def _replacing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The paths whose change replaces the resource."""
    if before.get("Type") != after.get("Type"):
        yield ("Type",)
    type_info = _info(str(before.get("Type", "")))
    paths = [tuple(path.split(".")) for path in type_info.create_only]
    paths += [(type_info.tag_property,)] if type_info.tags_replace else []
    for path in paths:
        if _values(before.get("Properties"), path) != _values(after.get("Properties"), path):
            yield ("Properties", *path)


def _values(value: Any, path: tuple[str, ...]) -> list[Any]:
    """What stands at a schema's path, in all elements of the lists on the way. A function stands for all below it."""
    if isinstance(value, list) and path:
        return [found for item in value for found in _values(item, path[1:] if path[0] == "*" else path)]
    if not path or not isinstance(value, dict) or _is_function(value):
        return [] if value is None else [value]
    return _values(value.get(path[0]), path[1:])


def _concerns(path: tuple[str | int, ...], replacing: Sequence[tuple[str, ...]]) -> bool:
    names = tuple(part for part in path if isinstance(part, str))
    wanted = [tuple(part for part in each if part != "*") for each in replacing]
    return any(names[: len(each)] == each[: len(names)] for each in wanted)


def _is_function(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return name == "Ref" or str(name).startswith("Fn::")


Difference = tuple[tuple[str | int, ...], Any, Any]


def _differences(path: tuple[str | int, ...], before: Any, after: Any) -> Iterator[Difference]:
    """The smallest values that differ, each with its path."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and not _is_function(before) and not _is_function(after):
        for key in dict.fromkeys([*before, *after]):
            yield from _differences((*path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(path, before, after)
    else:
        yield path, before, after


def _in_lists(path: tuple[str | int, ...], before: list[Any], after: list[Any]) -> Iterator[Difference]:
    """Tags and the like are known by their key; other elements by what stays equal around them."""
    if (old := _by_key(before)) is not None and (new := _by_key(after)) is not None:
        for key in dict.fromkeys([*old, *new]):
            yield from _differences((*path, key), old.get(key), new.get(key))
        return
    for tag, start, end, new_start, new_end in SequenceMatcher(
        None, _texts(before), _texts(after), autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(end - start, new_end - new_start)):
            was = before[start + step] if start + step < end else None
            is_ = after[new_start + step] if new_start + step < new_end else None
            index = new_start + step if is_ is not None else start + step
            yield from _differences((*path, index), was, is_)


def _texts(items: list[Any]) -> list[str]:
    return [json.dumps(item, sort_keys=True, default=str) for item in items]


def _by_key(items: list[Any]) -> dict[str, Any] | None:
    """``[{"Key": ..., "Value": ...}]`` as a mapping; None for other lists."""
    if not all(isinstance(item, dict) and set(item) == {"Key", "Value"} for item in items):
        return None
    return {str(item["Key"]): item["Value"] for item in items}
