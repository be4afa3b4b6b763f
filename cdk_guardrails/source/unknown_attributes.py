"""Attributes that nothing has: what the type checker says, held against what may be there all the same at run time.

A value may be of another class than its type says: of one that inherits from it, in the CDK or in the app. And objects
take attributes that no class names. Where the app may do so, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

from cdk_guardrails.source.cdk_index import nearest
from cdk_guardrails.source.cdk_types import CdkType, Kind
from cdk_guardrails.source.class_names import classes_called
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Module, Project
from cdk_guardrails.source.type_checker import ATTRIBUTE, Missing
from cdk_guardrails.source.unknown import Unknown, is_tried, looked_up, place
from cdk_guardrails.source.values import AppClass, AppObject, CdkClass, CdkObject, Value

TOKENS: Final = frozenset({"IResolvable"})
"""What a property of an L1 construct may be besides its struct: that it is one is not for the type checker to know."""

CONSTRUCT: Final = "constructs.IConstruct"
RESOURCE: Final = "aws-cdk-lib.Resource"
"""What an object behind an interface of constructs always has: ``SecurityGroup.from_lookup(...).to_string()``."""

_Class: TypeAlias = CdkType | AppClass


def unknown_attributes(types: Types, module: Module, found: list[Missing]) -> Iterator[Unknown]:
    """Those of ``found`` that no class of the app or of the CDK that it may be has."""
    wanted = {(each.line, each.column, each.name): each for each in found if each.kind == ATTRIBUTE}
    for node in module.nodes if wanted else ():
        if isinstance(node, ast.Attribute):
            at = node.lineno, module.column(node.lineno, node.col_offset), node.attr
            if at in wanted and (unknown := _judged(types, module, node, wanted[at])):
                yield unknown


def _judged(types: Types, module: Module, node: ast.Attribute, missing: Missing) -> Unknown | None:
    names = [name for name in missing.of if name not in TOKENS]
    classes = [classes_called(types, module, node, name) for name in names]
    known = [class_ for class_ in classes if class_ is not None]
    if not known or None in classes or _is_expected(types, module, node, known):
        return None
    if not all(_lacks(types, module, class_, node) for class_ in known):
        return None
    return _said(types, module, node, known)


def _is_expected(types: Types, module: Module, node: ast.Attribute, classes: list[_Class]) -> bool:
    """Whether the app itself deals with its not being there, or makes it."""
    if node.attr.startswith("__") or {node.attr, None} & looked_up(module) or isinstance(node.ctx, ast.Del):
        return True
    if isinstance(node.ctx, ast.Store) and not isinstance(module.parents.get(node), ast.AugAssign):
        # Python lets anything be set. Only what is never read, on an object of the CDK, does nothing.
        own = any(isinstance(class_, AppClass) for class_ in classes)
        return own or node.attr in _read_names(module.project)
    return is_tried(module, node, ("AttributeError",))


def _lacks(types: Types, module: Module, class_: _Class, node: ast.Attribute) -> bool:
    name = node.attr
    if isinstance(class_, AppClass):
        if not _app_lacks(types, class_, name):
            return False
    elif name.startswith("_") or not _cdk_lacks(types, class_, name):
        return False
    return not any(_may_be(types, owner, class_) for owner in _given_by_the_app(types, module.project, node))


def _cdk_lacks(types: Types, type_: CdkType, name: str) -> bool:
    index = types.index
    if not index.knows_all_of(type_.fqn) or index.member(type_.fqn, name) or index.nested(type_, name):
        return False
    if type_.kind is Kind.INTERFACE and index.is_a(type_.fqn, CONSTRUCT) and index.member(RESOURCE, name):
        return False
    return not any(index.is_a(other, type_.fqn) for other in index.with_member(name))


def _app_lacks(types: Types, class_: AppClass, name: str) -> bool:
    """Only of classes that inherit from the CDK, and of which all bases are known."""
    bases = list(types.lineage(class_))
    of_cdk = [base for base in bases if isinstance(base, CdkClass)]
    if not of_cdk or None in bases or any(types.index.member(base.fqn, name) for base in of_cdk):
        return False
    own = [base for base in bases if isinstance(base, AppClass)]
    return not any(types.defines(base, name) or _is_dynamic(base) for base in own)


def _is_dynamic(class_: AppClass) -> bool:
    """Whether a class may get attributes that stand nowhere in it."""
    if class_.node.decorator_list or class_.node.keywords:
        return True
    for node in ast.walk(class_.node):
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return True
        if isinstance(node, ast.Name) and node.id in ("vars", "setattr"):
            return True
    return False


def _given_by_the_app(types: Types, project: Project, node: ast.Attribute) -> Iterator[Value | None]:
    """What the app gives an attribute of this name in another place: objects and classes, None for one not known."""
    for module, other in _set_names(project).get(node.attr, ()):
        if other is not node:
            yield types.of(module, other.value)
    for module in project.modules:
        for owner in types.scopes(module).classes:
            if node.attr in types.scopes(module).owned[owner].bindings:
                yield AppObject(AppClass(module, owner))


def _may_be(types: Types, owner: Value | None, class_: _Class) -> bool:
    """Whether an object like ``owner`` may be what the type checker takes for a ``class_``."""
    if owner is None:
        return True
    lineage = list(types.lineage(owner))
    if None in lineage:
        return True
    is_a = types.index.is_a
    if isinstance(class_, AppClass):
        above = list(types.lineage(class_))
        return class_ in lineage or (lineage[0] in above if lineage else False)
    if any(isinstance(base, AppClass) and base.node.decorator_list for base in lineage):
        return True  # @jsii.implements(...)
    if isinstance(owner, (CdkObject, CdkClass)) and is_a(class_.fqn, owner.fqn):
        return True
    return any(isinstance(base, CdkClass) and is_a(base.fqn, class_.fqn) for base in lineage)


def _set_names(project: Project) -> dict[str, list[tuple[Module, ast.Attribute]]]:
    def find() -> dict[str, list[tuple[Module, ast.Attribute]]]:
        found: dict[str, list[tuple[Module, ast.Attribute]]] = {}
        for module in project.modules:
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    found.setdefault(node.attr, []).append((module, node))
        return found

    return project.cached("names of attributes that are set", find)


def _read_names(project: Project) -> frozenset[str]:
    nodes = (node for module in project.modules for node in module.nodes)
    read = (node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load))
    return project.cached("names of attributes that are read", lambda: frozenset(read))


def _said(types: Types, module: Module, node: ast.Attribute, classes: list[_Class]) -> Unknown:
    above = module.parents.get(node)
    called = isinstance(above, ast.Call) and above.func is node
    who = " and ".join(_name(types, module, class_) for class_ in classes)
    what = "property" if isinstance(node.ctx, ast.Store) else "attribute"
    if called:
        what = "class" if node.attr[:1].isupper() else "method"
    effect = ": setting it changes nothing" if isinstance(node.ctx, ast.Store) else ""
    message = f"{who} {'has' if len(classes) == 1 else 'have'} no {what} '{node.attr}'{effect}"
    return Unknown(place(module, node), message, _meant(types, classes, node.attr))


def _name(types: Types, module: Module, class_: _Class) -> str:
    return class_.node.name if isinstance(class_, AppClass) else types.shown(module, class_)


def _meant(types: Types, classes: list[_Class], name: str) -> list[str]:
    """What all of the classes have."""
    return nearest(name, set.intersection(*(_names(types, class_, name) for class_ in classes)))


def _names(types: Types, class_: _Class, name: str) -> set[str]:
    """What a class has of the kind of ``name``, a class or a member."""
    if isinstance(class_, CdkType):
        if name[:1].isupper() and not name.isupper():
            return set(types.index.nested_names(class_))
        members = types.index.members(class_.fqn).values()
        return {member.name for member in members if _is_for_use(member.name, member.deprecated)}
    names: set[str] = set()
    for base in types.lineage(class_):
        if isinstance(base, AppClass):
            scope = types.scopes(base.module).owned[base.node]
            names |= {*scope.bindings, *scope.attributes}
        elif base:
            names |= {m.name for m in types.index.members(base.fqn).values() if _is_for_use(m.name, m.deprecated)}
    return {known for known in names if not known.startswith("__")}


def _is_for_use(name: str, deprecated: str | None) -> bool:
    return deprecated is None and not name.startswith("_")
