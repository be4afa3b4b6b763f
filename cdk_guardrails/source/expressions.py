"""What expressions are, kind by kind; `inference` puts them together."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cdk_guardrails.source.cdk_types import Kind, Ref
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.scopes import Scope, decorators
from cdk_guardrails.source.values import (
    AppClass,
    AppFunction,
    AppModule,
    AppObject,
    CdkClass,
    CdkInitializer,
    CdkMethod,
    CdkModule,
    CdkObject,
    Items,
    Row,
    Super,
    Value,
    within,
)

if TYPE_CHECKING:
    from cdk_guardrails.source.inference import Types

KEPT_BY: Final = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "cache", "lru_cache"})
"""Decorators under which a function still returns what it returns."""

PROPERTIES: Final = frozenset({"property", "cached_property"})


def attribute(types: Types, owner: Value | None, name: str) -> Value | None:
    """What ``owner.name`` is."""
    if isinstance(owner, CdkModule):
        return _of_module(types, owner, name)
    if isinstance(owner, AppModule):
        return types.top_level(owner.module, name)
    if isinstance(owner, CdkClass) and (type_ := types.index.type(owner.fqn)):
        if nested := types.index.nested(type_, name):
            return CdkClass(nested.fqn)
    for base in types.lineage(owner):
        if isinstance(base, AppClass) and types.defines(base, name):
            return _read(types, types.own_attribute(base, name), owner)
        if base is None:
            return None
    return _of_cdk(types, owner, name)


def of_ref(ref: Ref | None) -> Value | None:
    """What a value of a type of the manifest is."""
    if ref is None or ref.kind == "primitive":
        return None
    if ref.kind == "type":
        return CdkObject(ref.name)
    return Items(of_ref(ref.of[0]), ref.kind == "map") if ref.kind in ("array", "map") else None


def _of_module(types: Types, owner: CdkModule, name: str) -> Value | None:
    full = f"{owner.name}.{name}"
    if types.index.is_module(full) or types.index.is_above(full):
        return CdkModule(full)
    type_ = types.index.in_module(owner.name, name)
    return CdkClass(type_.fqn) if type_ else None


def _of_cdk(types: Types, owner: Value | None, name: str) -> Value | None:
    """A member that the CDK defines."""
    if name == "__init__":
        bases = [base.fqn for base in types.lineage(owner) if isinstance(base, CdkClass)]
        return CdkInitializer(bases[0]) if bases and isinstance(owner, Super) else None
    found = types.member_of(owner, name)
    if found is None:
        return None
    fqn, member = found
    return CdkMethod(fqn, member) if member.method else of_ref(member.ref)


def _read(types: Types, found: Value | None, owner: Value | None) -> Value | None:
    """What reading an attribute gives: of a property, what its function returns."""
    if isinstance(found, AppFunction) and PROPERTIES & set(decorators(found.node)):
        return _returned(types, found) if isinstance(owner, (AppObject, Super)) else None
    return found


def _name(types: Types, module: Module, node: ast.Name) -> Value | None:
    scope = types.scopes(module).names.get(node)
    return types.named(module, scope, node.id) if scope else None


def _attribute(types: Types, module: Module, node: ast.Attribute) -> Value | None:
    return attribute(types, types.of(module, node.value), node.attr)


def _call(types: Types, module: Module, node: ast.Call) -> Value | None:
    if isinstance(node.func, ast.Name) and node.func.id in _SPECIAL:
        if (scope := types.scopes(module).names.get(node.func)) and not _own(scope, node.func.id):
            return _SPECIAL[node.func.id](types, module, node, scope)
    callee = types.of(module, node.func)
    if isinstance(callee, CdkClass):
        type_ = types.index.type(callee.fqn)
        return CdkObject(callee.fqn) if type_ and type_.kind in (Kind.CLASS, Kind.STRUCT) else None
    if isinstance(callee, AppClass):
        return AppObject(callee)
    if isinstance(callee, CdkMethod):
        return of_ref(callee.member.ref)
    return _returned(types, callee) if isinstance(callee, AppFunction) else None


def _own(scope: Scope, name: str) -> bool:
    """Whether the module itself has a function of this name, not ``typing`` or Python."""
    found = scope.find(name)
    return bool(found) and not any(isinstance(item.node, ast.ImportFrom) for item in found[1]) if found else False


def _super(types: Types, module: Module, node: ast.Call, scope: Scope) -> Value | None:
    at: Scope | None = scope
    while at is not None and not isinstance(at.owner, ast.ClassDef):
        at = at.parent
    return Super(AppClass(module, at.owner)) if at and isinstance(at.owner, ast.ClassDef) else None


def _cast(types: Types, module: Module, node: ast.Call, scope: Scope) -> Value | None:
    return types.annotated(module, node.args[0], scope) if len(node.args) == 2 else None


_SPECIAL: Final = {"super": _super, "cast": _cast}


def _returned(types: Types, function: AppFunction) -> Value | None:
    """What a function of the app returns: what its annotation says, else what stands after its ``return``."""
    node, module = function.node, function.module
    scope = types.scopes(module).owned[node]
    if isinstance(node, ast.AsyncFunctionDef) or not set(decorators(node)) <= KEPT_BY | PROPERTIES:
        return None
    if node.returns is not None and scope.parent is not None:
        return types.annotated(module, node.returns, scope.parent)
    returned = [value for value in scope.returns if value is not None and not _is_none(value)]
    return None if scope.yields else types.joined(types.of(module, value) for value in returned)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _subscript(types: Types, module: Module, node: ast.Subscript) -> Value | None:
    owner, key = types.of(module, node.value), node.slice
    if isinstance(key, ast.Slice):
        return owner if isinstance(owner, Items) else None
    if isinstance(key, ast.Constant) and isinstance(key.value, int):
        return within(owner, (key.value,))
    return owner.of if isinstance(owner, Items) else None


def _either(types: Types, module: Module, node: ast.IfExp) -> Value | None:
    return types.joined(types.of(module, side) for side in (node.body, node.orelse) if not _is_none(side))


def _logic(types: Types, module: Module, node: ast.BoolOp) -> Value | None:
    if isinstance(node.op, ast.And):
        return types.of(module, node.values[-1])
    return types.joined(types.of(module, side) for side in node.values if not _is_none(side))


def _walrus(types: Types, module: Module, node: ast.NamedExpr) -> Value | None:
    return types.of(module, node.value)


def _list(types: Types, module: Module, node: ast.List | ast.Set) -> Value | None:
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return None
    return Items(types.joined(types.of(module, item) for item in node.elts))


def _tuple(types: Types, module: Module, node: ast.Tuple) -> Value | None:
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return None
    return Row(tuple(types.of(module, item) for item in node.elts))


def _comprehension(types: Types, module: Module, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value | None:
    return Items(types.of(module, node.elt))


Infer: TypeAlias = Callable[["Types", Module, Any], Value | None]

INFER: Final[dict[type[ast.AST], Infer]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.IfExp: _either,
    ast.BoolOp: _logic,
    ast.NamedExpr: _walrus,
    ast.List: _list,
    ast.Set: _list,
    ast.Tuple: _tuple,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
}
