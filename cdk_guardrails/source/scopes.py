"""Scopes of a module, and what binds the names in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Owner: TypeAlias = ast.Module | ast.ClassDef | Function | ast.Lambda | Comprehension

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Binding(NamedTuple):
    """Something that gives a name a value. ``value`` is what it is made from, None when that tells nothing.

    ``path`` leads into the value: a number is an item of a tuple, None any item (of what a loop runs over).
    ``annotation`` is the type that stands with it. ``role``: "self" or "cls", of the class that ``scope`` is.
    """

    node: ast.AST
    scope: Scope
    value: ast.expr | None = None
    path: tuple[int | None, ...] = ()
    annotation: ast.expr | None = None
    role: str = ""


class Scope:
    """A module, class, function or comprehension, and the names that are bound in it."""

    def __init__(self, owner: Owner, parent: Scope | None) -> None:
        self.owner = owner
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.attributes: dict[str, list[Binding]] = {}
        """Of a class: what is assigned to attributes of ``self`` in its methods."""
        self.stars: list[ast.ImportFrom] = []
        self.elsewhere: dict[str, str] = {}
        """Names that the function declares ``global`` or ``nonlocal``."""
        self.returns: list[ast.expr | None] = []
        self.yields = False

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """The scope in which ``name`` is bound as seen from here, with its bindings there. None: nowhere."""
        scope: Scope | None = self
        while scope is not None:
            seen = scope is self or not isinstance(scope.owner, ast.ClassDef)
            if scope.elsewhere.get(name) == "global":
                scope = scope.module
            if seen and name in scope.bindings:
                return scope, scope.bindings[name]
            scope = scope.parent
        return None

    @property
    def module(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


def bind(scope: Scope, name: str, binding: Binding) -> None:
    """Adds a binding, where the function does not say that the name is of elsewhere."""
    if scope.elsewhere.get(name) == "global":
        scope = scope.module
    while isinstance(scope.owner, COMPREHENSIONS) and isinstance(binding.node, ast.NamedExpr) and scope.parent:
        scope = scope.parent
    scope.bindings.setdefault(name, []).append(binding)


def targets(target: ast.AST, binding: Binding) -> Iterator[tuple[ast.AST, Binding]]:
    """The single names and attributes of an assignment's target, each with its way into the value."""
    if isinstance(target, (ast.Tuple, ast.List)):
        starred = any(isinstance(item, ast.Starred) for item in target.elts)
        for at, item in enumerate(target.elts):
            found = binding._replace(value=None) if starred else binding._replace(path=(*binding.path, at))
            yield from targets(item.value if isinstance(item, ast.Starred) else item, found)
    else:
        yield target, binding


def self_name(function: Function) -> str:
    """The name of the first parameter of a method, "" when it has none."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else ""


def name_of(node: ast.expr) -> str:
    """The last part of a name, of what is called or of what is subscripted: Generic, for ``typing.Generic[T]``."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def decorators(function: Function | ast.ClassDef) -> list[str]:
    """The last part of the name of each decorator, "" for one without a name."""
    return [name_of(item) for item in function.decorator_list]
