"""The texts that are written out in a module, and what they stand for there: the name that each has, and its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cdk_guardrails.source.project import Module

UNKNOWN: Final = "\0"
"""In a text: a part that is known only when the code runs."""

_CONTAINERS: Final = (ast.List, ast.Tuple, ast.Set, ast.Starred, ast.IfExp, ast.BoolOp, ast.BinOp, ast.NamedExpr)
_LOOKUPS: Final = frozenset({"get", "getenv", "pop", "setdefault", "add_environment", "putenv", "getattr", "setenv"})
"""Functions that take a name, and next to it a value or default."""

_VALUES: Final = frozenset({"value", "default", "string_value", "default_value", "initial_value", "Value", "Default"})
_NAMES: Final = ("name", "key", "parameter_name", "parameter_key", "Name", "Key", "ParameterKey", "OptionName")
"""Keywords that say nothing of what they hold, and those beside them that do."""

Named = ast.Call | ast.Dict
"""What gives names to values."""


@dataclass(frozen=True)
class Literal:
    """A text in a module. ``name`` is the keyword, key, variable or parameter that it stands under, "" for none."""

    module: Module
    node: ast.expr
    text: str

    @cached_property
    def above(self) -> list[ast.AST]:
        """What it stands in, from the inside to the outside."""
        found: list[ast.AST] = []
        node = self.module.parents.get(self.node)
        while node is not None:
            found.append(node)
            node = self.module.parents.get(node)
        return found

    @cached_property
    def name(self) -> str:
        """The keyword, key, variable or parameter that it stands under."""
        below: ast.AST = self.node
        for node in self.above:
            if isinstance(node, ast.Dict):
                return keys_of_values(self.module).get(below, "")
            if not isinstance(node, _CONTAINERS):
                return _name_in(node, below)
            below = node
        return ""

    @property
    def is_whole(self) -> bool:
        """Whether all of it is known."""
        return UNKNOWN not in self.text


def literals(module: Module) -> list[Literal]:
    """The texts of a module, docstrings aside, in its order; asked once."""
    return module.project.cached(("literals", module), lambda: list(_literals(module)))


def name_of(node: ast.AST | None) -> str:
    """What a target, key or function is called: the last of its names, or its text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return name_of(node.slice) if isinstance(node, ast.Subscript) else ""


def keys(module: Module, node: Named) -> dict[str, ast.expr]:
    """The values of a dict or of a call's keywords, by name; asked once."""
    return module.project.cached(("keys", node), lambda: dict(_keys(node)))


def _keys(node: Named) -> Iterator[tuple[str, ast.expr]]:
    pairs = _pairs(node) if isinstance(node, ast.Dict) else ((item.arg, item.value) for item in node.keywords)
    return ((name, value) for name, value in pairs if name)


def _pairs(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    return ((name_of(key), value) for key, value in zip(node.keys, node.values, strict=True))


def keys_of_values(module: Module) -> dict[ast.AST, str]:
    """The key of each value of each dict, "" for one that is no name; what is a key itself is not among them."""

    def find() -> dict[ast.AST, str]:
        dicts = (node for node in module.nodes if isinstance(node, ast.Dict))
        return {value: name for node in dicts for name, value in _pairs(node)}

    return module.project.cached(("keys of values", module), find)


def _literals(module: Module) -> Iterator[Literal]:
    aside: set[ast.AST] = set()
    for node in module.nodes:
        if node in aside or isinstance(node, ast.FormattedValue):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            aside.update(part for part in node.values if isinstance(part, ast.Constant))
            yield Literal(module, node, "".join(map(_part, node.values)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Literal(module, node, node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, bytes):
            yield Literal(module, node, node.value.decode("latin-1"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, int) and 10**11 <= node.value < 10**12:
            yield Literal(module, node, str(node.value))  # as long as an account's


def _part(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else UNKNOWN


def _name_in(node: ast.AST, below: ast.AST) -> str:
    """The name that ``node`` gives to what is right below it."""
    if isinstance(node, ast.keyword):
        return node.arg or ""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return name_of(targets[0]) if below is node.value else ""
    if isinstance(node, ast.arguments):
        return _parameter(node, below)
    if isinstance(node, ast.Call) and name_of(node.func) in _LOOKUPS and below in node.args[1:3]:
        return name_of(node.args[node.args.index(below) - 1])
    return ""


def _parameter(node: ast.arguments, below: ast.AST) -> str:
    last = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
    pairs = [*zip(last, node.defaults, strict=True), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    return next((argument.arg for argument, default in pairs if default is below), "")


def speaking_name(literal: Literal) -> str:
    """The name of a literal; of a keyword such as ``value``, what stands beside it or the id of the construct."""
    if literal.name not in _VALUES:
        return literal.name
    around = next((node for node in literal.above if isinstance(node, ast.Call | ast.Dict)), None)
    if around is None:
        return literal.name
    beside = keys(literal.module, around)
    stated = next((name_of(beside[name]) for name in _NAMES if name in beside), "")
    if not stated and isinstance(around, ast.Call) and len(around.args) > 1:
        stated = name_of(around.args[1]) if isinstance(around.args[1], ast.Constant) else ""
    return stated.rpartition("/")[2] or literal.name
