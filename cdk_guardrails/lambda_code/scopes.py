"""The names of a Python module: its functions, classes and variables, and what each of them mentions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

from cdk_guardrails.lambda_code.python import PythonModule
from cdk_guardrails.lambda_code.trees import FUNCTIONS, NONE, Collector, Function, Mentions, mentions, root_name, walk

_T = TypeVar("_T")

_BLOCKS: Final = ("body", "orelse", "finalbody")


class Cached:
    """Something of which more is found out, each thing once."""

    def __init__(self) -> None:
        self._found: dict[object, Any] = {}

    def cached(self, key: object, make: Callable[[], _T]) -> _T:
        """What ``make`` finds out."""
        if key not in self._found:
            self._found[key] = make()
        value: _T = self._found[key]
        return value


class Unit(Cached):
    """A function with all that stands in it, a class without its methods, or the statements about a variable."""

    def __init__(self, scope: Scope, name: str, node: ast.AST, owner: Unit | None = None) -> None:
        super().__init__()
        self.scope = scope
        self.name = name
        self.nodes = [node]
        self.owner = owner
        self.methods: dict[str, list[Unit]] = {}

    @property
    def function(self) -> Function | None:
        """The function or method that this is."""
        node = self.nodes[0]
        return node if isinstance(node, FUNCTIONS) else None

    @property
    def is_class(self) -> bool:
        """Whether it is a class."""
        return isinstance(self.nodes[0], ast.ClassDef)

    @cached_property
    def mentions(self) -> tuple[Mentions, Mentions]:
        """What it mentions outside of any ``except``, and inside of one."""
        usual, failing = Collector(), Collector()
        for node, is_failing in self.walk():
            (failing if is_failing else usual).add(node)
        return usual.made(self._parameters), failing.made(self._parameters)

    @property
    def _parameters(self) -> frozenset[str]:
        given = self.function.args if self.function else None
        return frozenset(each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)) if given else NONE

    def walk(self) -> Sequence[tuple[ast.AST, bool]]:
        """Every node in it, and whether it stands in an ``except``."""
        return self.cached("walk", lambda: list(walk(self._parts())))

    def calls(self) -> list[ast.Call]:
        """The calls in it."""
        return self.cached("calls", lambda: [node for node, _ in self.walk() if isinstance(node, ast.Call)])

    def _parts(self) -> list[ast.AST]:
        node = self.nodes[0]
        if not isinstance(node, ast.ClassDef):
            return self.nodes
        own = [item for item in node.body if not isinstance(item, (*FUNCTIONS, ast.ClassDef))]
        return [*node.bases, *node.keywords, *node.decorator_list, *own]


class Scope(Cached):
    """A module's names.

    ``imports``: what a name is imported from, a module and, with ``from``, the name in it. ``wanted``: the modules that
    it imports, each with the names from it, which may be modules too. ``stars``: those that it imports ``*`` from.
    """

    def __init__(self, module: PythonModule) -> None:
        super().__init__()
        self.module = module
        self.units: dict[str, list[Unit]] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        self.wanted: dict[str, set[str]] = {}
        self.stars: list[str] = []

    def functions(self) -> Iterator[Unit]:
        """Its functions and the methods of its classes."""
        for unit in (unit for units in self.units.values() for unit in units):
            if unit.function:
                yield unit
            for methods in unit.methods.values():
                yield from methods


def scope_of(module: PythonModule) -> Scope:
    """The names of a module, those that stand under an ``if`` or ``try`` included."""
    scope = Scope(module)
    for node in ast.walk(module.tree):  # the outer ones come first: a name imported in a function hides no other
        if isinstance(node, ast.Import):
            _import(scope, node)
        elif isinstance(node, ast.ImportFrom):
            _import_from(scope, node)
    for statement in _statements(module.tree.body):
        _define(scope, statement)
    return scope


def _import(scope: Scope, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        scope.imports.setdefault(name, (alias.name if alias.asname else name, ""))
        scope.wanted.setdefault(alias.name, set())


def _import_from(scope: Scope, node: ast.ImportFrom) -> None:
    source = node.module or ""
    if node.level:
        parts = scope.module.package.split(".")
        kept = parts[: max(len(parts) - node.level + 1, 0)]
        if not any(kept):
            return  # it leads out of the package, which Python refuses
        source = ".".join([*kept, source] if source else kept)
    names = {alias.name for alias in node.names} - {"*"}
    scope.wanted.setdefault(source, set()).update(names)
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(source)
        else:
            scope.imports.setdefault(alias.asname or alias.name, (source, alias.name))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module or class, those in its blocks included, functions and classes as they are."""
    pending = list(reversed(body))
    while pending:
        statement = pending.pop()
        if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            yield statement
            continue
        if isinstance(statement, ast.If) and "__name__" in mentions([statement.test]).names:
            continue  # what runs as a script only
        inner = [item for name in _BLOCKS for item in getattr(statement, name, ())]
        branches = [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
        inner += [item for branch in branches for item in branch.body]
        if inner:
            pending += reversed(inner)
        else:
            yield statement


def _define(scope: Scope, statement: ast.stmt) -> None:
    if isinstance(statement, FUNCTIONS):
        scope.units.setdefault(statement.name, []).append(Unit(scope, statement.name, statement))
    elif isinstance(statement, ast.ClassDef):
        scope.units.setdefault(statement.name, []).append(_class(scope, statement))
    else:
        for name in _variables(statement):
            known = scope.units.setdefault(name, [])
            if known and not known[-1].function and not known[-1].is_class:
                known[-1].nodes.append(statement)
            else:
                known.append(Unit(scope, name, statement))


def _variables(statement: ast.stmt) -> set[str]:
    """The module's variables that a statement is about: it assigns one, calls a method of it, or passes it on."""
    if isinstance(statement, ast.Assign):
        targets = [item for target in statement.targets for item in getattr(target, "elts", [target])]
        return {root_name(target) for target in targets} - {""}
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return {root_name(statement.target)} - {""}
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        passed = {argument.id for argument in call.args if isinstance(argument, ast.Name)}
        return ({root_name(call.func)} if isinstance(call.func, ast.Attribute) else set()) - {""} | passed
    return set()


def _class(scope: Scope, node: ast.ClassDef) -> Unit:
    """A class; the methods of classes inside of it count as its own."""
    made = Unit(scope, node.name, node)
    pending = [node]
    while pending:
        for item in _statements(pending.pop().body):
            if isinstance(item, FUNCTIONS):
                method = Unit(scope, f"{node.name}.{item.name}", item, made)
                made.methods.setdefault(item.name, []).append(method)
            elif isinstance(item, ast.ClassDef):
                pending.append(item)
    return made
