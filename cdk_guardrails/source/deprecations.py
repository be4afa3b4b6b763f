"""Where a module uses something that an installed package calls deprecated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdk_guardrails.source.cdk_types import CdkType
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.struct_dicts import struct_dicts
from cdk_guardrails.source.values import CdkClass, CdkModule

Node: TypeAlias = ast.expr | ast.keyword | ast.alias


class Use(NamedTuple):
    """A use of something deprecated: ``what`` in words, the ``text`` of the manifest, the type that ``owner`` names."""

    node: Node
    what: str
    text: str
    owner: str


def deprecated_uses(types: Types, module: Module) -> list[Use]:
    """All of a module, in the order of the text; a deprecated class that is called is one use."""
    found = {use.node: use for use in _uses(types, module)}
    return sorted(found.values(), key=lambda use: (use.node.lineno, use.node.col_offset))


def _uses(types: Types, module: Module) -> Iterator[Use]:
    scopes = types.scopes(module)
    _read_annotations(types, module)
    for name in scopes.names:
        if isinstance(name.ctx, ast.Load):
            yield from _of_class(types, module, name)
    for attribute in scopes.attributes:
        yield from _of_attribute(types, module, attribute)
    for call, _ in scopes.calls:
        yield from _in_call(types, module, call)
    yield from _in_dicts(types, module)
    yield from _imported_only(types, module)


def _read_annotations(types: Types, module: Module) -> None:
    """Makes what stands in annotations that are strings be among the names of the module."""
    for annotation, scope in types.scopes(module).annotations:
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                types.parsed(module, node, scope)


def _in_dicts(types: Types, module: Module) -> Iterator[Use]:
    for given in struct_dicts(types, module):
        for key in given.keys:
            if key.member and key.member.deprecated is not None:
                what = f"the property {key.name} of {_shown(types, given.struct.fqn)}"
                yield Use(key.node, what, key.member.deprecated, given.struct.fqn)


def _of_class(types: Types, module: Module, node: ast.Name | ast.Attribute) -> Iterator[Use]:
    value = types.of(module, node)
    type_ = types.index.type(value.fqn) if isinstance(value, CdkClass) else None
    if type_ is not None and _is_named(node, type_):
        yield from _of_type(types, node, type_)


def _of_type(types: Types, node: Node, type_: CdkType) -> Iterator[Use]:
    if type_.deprecated is not None:
        yield Use(node, type_.qualified, type_.deprecated, type_.fqn)


def _is_named(node: ast.Name | ast.Attribute, type_: CdkType) -> bool:
    """Whether it is the type by a name, its own or an import's, not a variable or attribute that holds it."""
    return isinstance(node, ast.Name) or node.attr == type_.name.rpartition(".")[2]


def _of_attribute(types: Types, module: Module, node: ast.Attribute) -> Iterator[Use]:
    yield from _of_class(types, module, node)
    owner = types.of(module, node.value)
    if owner is None or isinstance(owner, CdkModule):
        return
    found = types.member_of(owner, node.attr)
    if found is None or found[1].deprecated is None:
        return
    fqn, member = found
    type_ = types.index.type(fqn)
    if not (isinstance(owner, CdkClass) and type_ and type_.deprecated is not None):
        yield Use(node, f"{_shown(types, fqn)}.{member.name}", member.deprecated or "", fqn)


def _in_call(types: Types, module: Module, call: ast.Call) -> Iterator[Use]:
    if not call.keywords or not (called := types.signature(module, call)):
        return
    signature, name = called
    for keyword in call.keywords:
        member = signature.keywords.get(keyword.arg or "")
        if member and member.deprecated is not None:
            yield Use(keyword, f"the keyword {member.name} of {name}", member.deprecated, signature.struct)


def _imported_only(types: Types, module: Module) -> Iterator[Use]:
    """Deprecated classes that are imported and not used here, to be used by other modules."""
    scopes = types.scopes(module)
    used = {name.id for name in scopes.names if isinstance(name.ctx, ast.Load)}
    for node in scopes.imports:
        for alias in node.names:
            type_ = None if node.level else types.index.in_module(node.module or "", alias.name)
            if type_ is not None and (alias.asname or alias.name) not in used:
                yield from _of_type(types, alias, type_)


def _shown(types: Types, fqn: str) -> str:
    type_ = types.index.type(fqn)
    return type_.qualified if type_ else fqn
