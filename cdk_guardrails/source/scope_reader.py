"""Reads the scopes of a module: one pass over its tree, for all rules."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from cdk_guardrails.source.project import Module
from cdk_guardrails.source.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    Binding,
    Comprehension,
    Function,
    Owner,
    Scope,
    bind,
    decorators,
    self_name,
    targets,
)


class Scopes:
    """The scopes of one module. ``names`` tells in which scope a name is used; the other lists are what rules visit."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.names: dict[ast.Name, Scope] = {}
        self.owned: dict[ast.AST, Scope] = {}
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.attributes: list[ast.Attribute] = []
        self.classes: list[ast.ClassDef] = []
        self.imports: list[ast.ImportFrom] = []
        self.annotations: list[tuple[ast.expr, Scope]] = []
        self.assigned: list[tuple[ast.Attribute, ast.expr, Scope]] = []
        self.top = Scope(module.tree, None)
        self.read(module.tree, self.top)

    def read(self, tree: ast.AST, scope: Scope) -> None:
        """Reads a tree that stands in ``scope``; without recursion, since code may be nested deeply."""
        waiting: list[tuple[ast.AST, Scope]] = [(tree, scope)]
        while waiting:
            node, at = waiting.pop()
            reader = _READERS.get(type(node))
            inside = reader(self, node, at) if reader else None
            if inside is None:
                inside = [(child, at) for child in ast.iter_child_nodes(node)]
            waiting += reversed(inside)

    def opened(self, owner: Owner, parent: Scope) -> Scope:
        """A new scope below ``parent``."""
        scope = Scope(owner, parent)
        self.owned[owner] = scope
        return scope


Inside: TypeAlias = list[tuple[ast.AST, Scope]] | None
Reader: TypeAlias = Callable[[Scopes, ast.AST, Scope], Inside]


def _assign(scopes: Scopes, scope: Scope, target: ast.AST, binding: Binding) -> None:
    for found, way in targets(target, binding):
        if isinstance(found, ast.Name):
            bind(scope, found.id, way)
        elif isinstance(found, ast.Attribute) and isinstance(found.value, ast.Name):
            _attribute(scope, found.value.id, found.attr, way)


def _attribute(scope: Scope, name: str, attribute: str, binding: Binding) -> None:
    """``self.x = ...``, in a method or in a function within it."""
    inner: Scope | None = scope
    while inner is not None and inner.parent is not None:
        method, outer = inner.owner, inner.parent
        if isinstance(method, FUNCTIONS) and isinstance(outer.owner, ast.ClassDef):
            if self_name(method) == name and "staticmethod" not in decorators(method):
                outer.attributes.setdefault(attribute, []).append(binding)
            return
        inner = outer


def _read_assign(scopes: Scopes, node: ast.Assign, scope: Scope) -> None:
    for target in node.targets:
        _assign(scopes, scope, target, Binding(node, scope, node.value))
        if isinstance(target, ast.Attribute):
            scopes.assigned.append((target, node.value, scope))


def _read_annotated(scopes: Scopes, node: ast.AnnAssign, scope: Scope) -> None:
    scopes.annotations.append((node.annotation, scope))
    _assign(scopes, scope, node.target, Binding(node, scope, node.value, annotation=node.annotation))


def _read_augmented(scopes: Scopes, node: ast.AugAssign, scope: Scope) -> None:
    _assign(scopes, scope, node.target, Binding(node, scope))


def _read_walrus(scopes: Scopes, node: ast.NamedExpr, scope: Scope) -> None:
    _assign(scopes, scope, node.target, Binding(node, scope, node.value))


def _read_for(scopes: Scopes, node: ast.For | ast.AsyncFor | ast.comprehension, scope: Scope) -> None:
    _assign(scopes, scope, node.target, Binding(node, scope, node.iter, (None,)))


def _read_with(scopes: Scopes, node: ast.withitem, scope: Scope) -> None:
    if node.optional_vars is not None:
        _assign(scopes, scope, node.optional_vars, Binding(node, scope))


def _read_delete(scopes: Scopes, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        _assign(scopes, scope, target, Binding(node, scope))


def _read_except(scopes: Scopes, node: ast.ExceptHandler, scope: Scope) -> None:
    if node.name:
        bind(scope, node.name, Binding(node, scope))


def _read_capture(scopes: Scopes, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping, scope: Scope) -> None:
    name = node.rest if isinstance(node, ast.MatchMapping) else node.name
    if name:
        bind(scope, name, Binding(node, scope))


def _read_import(scopes: Scopes, node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        bind(scope, alias.asname or alias.name.partition(".")[0], Binding(alias, scope))


def _read_from(scopes: Scopes, node: ast.ImportFrom, scope: Scope) -> None:
    scopes.imports.append(node)
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(node)
        else:
            bind(scope, alias.asname or alias.name, Binding(node, scope))


def _read_elsewhere(scopes: Scopes, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    word = "global" if isinstance(node, ast.Global) else "nonlocal"
    for name in node.names:
        scope.elsewhere[name] = word
        if word == "nonlocal" or name in scope.bindings:
            bind(scope, name, Binding(node, scope))


def _read_class(scopes: Scopes, node: ast.ClassDef, scope: Scope) -> Inside:
    bind(scope, node.name, Binding(node, scope))
    scopes.classes.append(node)
    inner = scopes.opened(node, scope)
    outside = [*node.decorator_list, *node.bases, *node.keywords]
    return [*((item, scope) for item in outside), *((item, inner) for item in node.body)]


def _read_function(scopes: Scopes, node: Function, scope: Scope) -> Inside:
    bind(scope, node.name, Binding(node, scope))
    inner = scopes.opened(node, scope)
    if node.returns is not None:
        scopes.annotations.append((node.returns, scope))
    _parameters(scopes, node.args, inner, scope)
    if isinstance(scope.owner, ast.ClassDef) and (role := _role(node)):
        inner.bindings[self_name(node)] = [Binding(node, scope, role=role)]
    outside = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    return [*((item, scope) for item in outside), *((item, inner) for item in node.body)]


def _role(method: Function) -> str:
    said = decorators(method)
    if "staticmethod" in said or not self_name(method):
        return ""
    return "cls" if "classmethod" in said or method.name in ("__new__", "__init_subclass__") else "self"


def _read_lambda(scopes: Scopes, node: ast.Lambda, scope: Scope) -> Inside:
    inner = scopes.opened(node, scope)
    _parameters(scopes, node.args, inner, scope)
    return [(node.args, scope), (node.body, inner)]


def _parameters(scopes: Scopes, arguments: ast.arguments, inner: Scope, outer: Scope) -> None:
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        bind(inner, argument.arg, Binding(argument, outer, annotation=argument.annotation))
        if argument.annotation is not None:
            scopes.annotations.append((argument.annotation, outer))
    for argument in filter(None, (arguments.vararg, arguments.kwarg)):
        bind(inner, argument.arg, Binding(argument, outer))


def _read_comprehension(scopes: Scopes, node: Comprehension, scope: Scope) -> Inside:
    inner = scopes.opened(node, scope)
    return [(child, inner) for child in ast.iter_child_nodes(node)]


def _read_name(scopes: Scopes, node: ast.Name, scope: Scope) -> Inside:
    scopes.names[node] = scope
    return []


def _read_call(scopes: Scopes, node: ast.Call, scope: Scope) -> None:
    scopes.calls.append((node, scope))


def _read_attribute(scopes: Scopes, node: ast.Attribute, scope: Scope) -> Inside:
    scopes.attributes.append(node)
    return [(node.value, scope)]


def _read_return(scopes: Scopes, node: ast.Return, scope: Scope) -> None:
    scope.returns.append(node.value)


def _read_yield(scopes: Scopes, node: ast.Yield | ast.YieldFrom, scope: Scope) -> None:
    scope.yields = True


def _nothing(scopes: Scopes, node: ast.AST, scope: Scope) -> Inside:
    return []


def _readers(entries: Sequence[tuple[Callable[..., Inside], tuple[type[ast.AST], ...]]]) -> dict[type[ast.AST], Reader]:
    return {type_: reader for reader, types in entries for type_ in types}


_READERS: Final = _readers(
    [
        (_read_name, (ast.Name,)),
        (_nothing, (ast.Constant, ast.Load, ast.Store, ast.Del)),
        (_read_attribute, (ast.Attribute,)),
        (_read_call, (ast.Call,)),
        (_read_assign, (ast.Assign,)),
        (_read_annotated, (ast.AnnAssign,)),
        (_read_augmented, (ast.AugAssign,)),
        (_read_walrus, (ast.NamedExpr,)),
        (_read_for, (ast.For, ast.AsyncFor, ast.comprehension)),
        (_read_with, (ast.withitem,)),
        (_read_delete, (ast.Delete,)),
        (_read_except, (ast.ExceptHandler,)),
        (_read_capture, (ast.MatchAs, ast.MatchStar, ast.MatchMapping)),
        (_read_import, (ast.Import,)),
        (_read_from, (ast.ImportFrom,)),
        (_read_elsewhere, (ast.Global, ast.Nonlocal)),
        (_read_class, (ast.ClassDef,)),
        (_read_function, FUNCTIONS),
        (_read_lambda, (ast.Lambda,)),
        (_read_comprehension, COMPREHENSIONS),
        (_read_return, (ast.Return,)),
        (_read_yield, (ast.Yield, ast.YieldFrom)),
    ]
)
