"""Where code puts folders on ``sys.path``, and which: ``os.path.join(os.path.dirname(__file__), "vendored")``.

Folders are those at runtime: a function's bundle lies in /var/task, its layers in /opt.
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from functools import cached_property
from typing import Final

TASK: Final = "/var/task"
LAYERS: Final = "/opt"

_MAX_DEPTH: Final = 20
"""How deep an expression for a folder is followed."""

_ROOTS: Final = {"LAMBDA_TASK_ROOT": TASK, "LAMBDA_RUNTIME_DIR": "/var/runtime"}
_UP: Final = frozenset({"dirname"})
_SAME: Final = frozenset(
    {"abspath", "realpath", "normpath", "str", "fspath", "Path", "PurePath", "PosixPath", "resolve", "absolute"}
    | {"as_posix", "expanduser", "strip"}
)
_JOINING: Final = frozenset({"join", "joinpath"})
_ASKING: Final = frozenset({"get", "getenv"})
_ADDING: Final = {"append": 0, "insert": 1, "extend": 0}
"""Methods of sys.path, and which argument of theirs is the folder."""


class Place:
    """A module: its path at runtime, and the names that it gives to values at its top."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.file = file
        self._tree = tree

    @cached_property
    def names(self) -> dict[str, ast.expr]:
        """The first value of each name."""
        found: dict[str, ast.expr] = {}
        for node in self._tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, node.value)
        return found


def last_name(node: ast.expr) -> str:
    """``join`` of ``os.path.join``; "" for what is no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def added(node: ast.AST, place: Place) -> list[str | None]:
    """The folders that a statement or call puts on the search path; None for one that is not known."""
    return [folder(item, place) if item else None for item in _added(node)]


def made(node: ast.AST) -> Iterator[str]:
    """The name of a module that a statement puts into sys.modules."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    for target in targets:
        if isinstance(target, ast.Subscript) and _is_sys(target.value, "modules"):
            if isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
                yield target.slice.value


def folder(node: ast.expr, place: Place, depth: int = 0) -> str | None:
    """The folder, absolute, that an expression stands for; None when that is not known."""
    text = _text(node, place, depth)
    return posixpath.normpath(posixpath.join(TASK, text)) if text is not None else None


def _added(node: ast.AST) -> list[ast.expr | None]:
    """The expressions for folders; None for what is not read."""
    if isinstance(node, ast.Call):
        return _by_call(node)
    if isinstance(node, ast.AugAssign) and _is_sys(node.target, "path"):
        return _items(node.value)
    if isinstance(node, ast.Assign) and any(_is_path(target) for target in node.targets):
        return _items(node.value)
    return []


def _by_call(node: ast.Call) -> list[ast.expr | None]:
    name = last_name(node.func)
    if name == "addsitedir":
        return [*node.args[:1]]
    if not isinstance(node.func, ast.Attribute):
        return []
    if _is_sys(node.func.value, "meta_path") or _is_sys(node.func.value, "path_hooks"):
        return [None]
    if not _is_sys(node.func.value, "path") or name not in _ADDING:
        return []
    given = node.args[_ADDING[name] : _ADDING[name] + 1]
    if not given:
        return [None]
    return _items(given[0]) if name == "extend" else [given[0]]


def _items(node: ast.expr) -> list[ast.expr | None]:
    """The items of a list that is made of lists and sys.path."""
    if isinstance(node, ast.List | ast.Tuple):
        return [*node.elts]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _items(node.left) + _items(node.right)
    return [] if _is_path(node) else [None]


def _is_path(node: ast.expr) -> bool:
    """``sys.path``, or a part of it."""
    return _is_sys(node.value if isinstance(node, ast.Subscript) else node, "path")


def _is_sys(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and last_name(node.value) in ("sys", "_sys")


def _text(node: ast.expr, place: Place, depth: int) -> str | None:
    if depth > _MAX_DEPTH:
        return None
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        if node.id == "__file__":
            return place.file
        return _text(place.names[node.id], place, depth + 1) if node.id in place.names else None
    if isinstance(node, ast.JoinedStr):
        return _joined([_text(part, place, depth + 1) for part in node.values], "")
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, place, depth + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
        sides = [_text(side, place, depth + 1) for side in (node.left, node.right)]
        return _joined(sides, "" if isinstance(node.op, ast.Add) else "/")
    if isinstance(node, ast.Attribute | ast.Subscript):
        return _member(node, place, depth)
    return _called(node, place, depth) if isinstance(node, ast.Call) else None


def _member(node: ast.Attribute | ast.Subscript, place: Place, depth: int) -> str | None:
    """``path.parent``, ``path.parents[1]``, ``os.environ["LAMBDA_TASK_ROOT"]``, ``os.pardir``."""
    if isinstance(node, ast.Attribute):
        if node.attr == "pardir":
            return ".."
        inner = _text(node.value, place, depth + 1) if node.attr == "parent" else None
        return posixpath.dirname(inner) if inner is not None else None
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if isinstance(node.value, ast.Attribute) and node.value.attr == "parents" and isinstance(key, int):
        inner = _text(node.value.value, place, depth + 1)
        for _ in range(min(key + 1, _MAX_DEPTH) if inner is not None else 0):
            inner = posixpath.dirname(inner or "")
        return inner
    return _ROOTS.get(key) if last_name(node.value) == "environ" and isinstance(key, str) else None


def _called(node: ast.Call, place: Place, depth: int) -> str | None:
    name = last_name(node.func)
    own = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    if name in ("getcwd", "cwd"):
        return TASK
    if name in _ASKING and node.args and isinstance(node.args[0], ast.Constant):
        return _ROOTS.get(str(node.args[0].value))
    if name in _UP and node.args:
        inner = _text(node.args[0], place, depth + 1)
        return posixpath.dirname(inner) if inner is not None else None
    if name in _SAME:
        return _text((node.args or own)[0], place, depth + 1) if node.args or own else None
    if name in _JOINING:
        parts = node.args if name == "join" else [*own, *node.args]
        return _joined([_text(part, place, depth + 1) for part in parts], "/")
    return None


def _joined(parts: list[str | None], between: str) -> str | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return posixpath.join(*known) if between and known else between.join(known)


def on_path(variable: str) -> list[str]:
    """The folders in a value of PYTHONPATH."""
    parts = [part.strip() for part in variable.replace("$LAMBDA_TASK_ROOT", TASK).split(":")]
    return [posixpath.normpath(posixpath.join(TASK, part)) for part in parts if part]
