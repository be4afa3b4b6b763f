"""Edits: what a fix wants changed, as data. Nothing but `apply` changes a template.

A path starts at the template's root: ``("Resources", "Bucket", "Properties", "VersioningConfiguration", "Status")``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cdk_guardrails.errors import EditError
from cdk_guardrails.template.intrinsics import is_intrinsic, is_no_value

Path = tuple[str | int, ...]
Op = Literal["set", "append", "remove"]


@dataclass(frozen=True)
class Edit:
    """One change of a template.

    ``set`` puts a value at the path and makes the mappings on the way; ``append`` adds it to the list at the path
    (made when absent); ``remove`` takes away what stands there.
    """

    op: Op
    path: Path
    value: Any = None

    @property
    def section(self) -> str:
        """The top-level section that is edited: Resources, Outputs ..."""
        return str(self.path[0])

    @property
    def logical_id(self) -> str:
        """The logical id below the section."""
        return str(self.path[1])

    @property
    def adds_element(self) -> bool:
        """Whether a whole resource or output is added."""
        return self.op == "set" and len(self.path) == 2


def parse_path(path: str | Sequence[str | int]) -> Path:
    """``"MethodSettings.0.HttpMethod"`` or a sequence as a path; digits are list indices, as in CDK overrides."""
    return _parsed(path) if isinstance(path, str) else tuple(path)


@functools.lru_cache(maxsize=1024)
def _parsed(path: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in path.split(".")) if path else ()


def format_path(path: Sequence[str | int]) -> str:
    """A path as people read it: ``Properties.MethodSettings[0].HttpMethod``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def clone(value: Any) -> Any:
    """A copy of plain data that shares nothing with it; several times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clone(item) for item in value]
    return value


def value_at(data: Any, path: Path) -> Any:
    """What stands at ``path``, or None. Never raises."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and -len(data) <= part < len(data):
            data = data[part]
        else:
            return None
    return data


def apply(data: dict[str, Any], edit: Edit) -> Any:
    """Applies ``edit`` to template ``data`` in place and returns a copy of what it replaced (nothing, for ``append``).

    Raises EditError when the path runs through an intrinsic function or a scalar: nothing has changed then.
    """
    before = None if edit.op == "append" else clone(value_at(data, edit.path))
    if edit.op == "remove":
        _remove(data, edit)
        return before
    parent = _container(data, edit)
    key = edit.path[-1]
    value = clone(edit.value)
    if edit.op == "set":
        _put(parent, key, value, edit)
    else:
        _append(parent, key, value, edit)
    return before


def rehearse(data: dict[str, Any], edits: Sequence[Edit]) -> None:
    """Raises EditError when one of ``edits``, applied in turn, would. Changes nothing: it works on copies."""
    scratch: dict[str, Any] = {}
    for edit in edits:
        elements = data.get(edit.section)
        if not isinstance(elements, dict) or is_intrinsic(elements) or len(edit.path) == 1:
            scratch[edit.section] = clone(elements)
        elif edit.path[1] in elements:
            scratch.setdefault(edit.section, {})[edit.path[1]] = clone(elements[edit.path[1]])
    for edit in edits:
        apply(scratch, edit)


def _container(data: dict[str, Any], edit: Edit) -> Any:
    """The mapping or list that holds the last part of the path; mappings on the way are made, once all of it can be."""
    node: Any = data
    for depth, part in enumerate(edit.path[:-1]):
        child = value_at(node, (part,))
        if child is None or is_no_value(child):
            if not isinstance(node, dict) or any(isinstance(key, int) for key in edit.path[depth:]):
                raise _blocked(edit, depth)
            child = node[part] = {}
        if not isinstance(child, dict | list) or is_intrinsic(child):
            raise _blocked(edit, depth)
        node = child
    return node


def _put(parent: Any, key: str | int, value: Any, edit: Edit) -> None:
    if isinstance(parent, list) and (not isinstance(key, int) or not 0 <= key < len(parent)):
        raise _blocked(edit, len(edit.path) - 1)
    parent[key] = value


def _append(parent: Any, key: str | int, value: Any, edit: Edit) -> None:
    current = value_at(parent, (key,))
    if current is None or is_no_value(current):
        _put(parent, key, [value], edit)
    elif isinstance(current, list):
        current.append(value)
    elif isinstance(current, str) and edit.path[2:] == ("DependsOn",):
        _put(parent, key, [current, value], edit)
    else:
        raise _blocked(edit, len(edit.path) - 1)


def _remove(data: dict[str, Any], edit: Edit) -> None:
    parent, key = value_at(data, edit.path[:-1]), edit.path[-1]
    if isinstance(parent, dict):
        parent.pop(key, None)
    elif isinstance(parent, list) and isinstance(key, int) and 0 <= key < len(parent):
        del parent[key]


def _blocked(edit: Edit, depth: int) -> EditError:
    path, where = format_path(edit.path), format_path(edit.path[: depth + 1])
    return EditError(f"cannot {edit.op} {path}: {where} is not a plain mapping or list in this template")
