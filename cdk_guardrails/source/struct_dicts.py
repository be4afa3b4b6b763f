"""Dicts that stand where a struct of the CDK is meant, and how jsii will read their keys.

Where a parameter *is* a struct, the Python class of the CDK makes it from the dict: ``StageOptions(**{...})``. Its keys
are Python's names. Anywhere else (the items of a list, the values of a mapping, one of several types as in all Cfn
classes, a struct that is passed by position, a property that is assigned) the dict goes to JavaScript as it is, with
all that is in it: there the keys are JavaScript's names, and others are dropped without a word.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from cdk_guardrails.source.cdk_index import Signature
from cdk_guardrails.source.cdk_types import CdkType, Member, Ref
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.scopes import COMPREHENSIONS, Scope

MAX_DEPTH: Final = 40
"""How deep dicts within dicts are looked at."""


class Reading(enum.Enum):
    """How a dict's keys are read: as keywords of the struct's class, or by JavaScript, or the dict is refused."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    REFUSED = "refused"
    UNPACKED = "unpacked"
    """``Bucket(self, "B", **{...})``: the keywords of the call itself."""


class Key(NamedTuple):
    """A key of a dict. ``member`` is the property of the struct that it names, None when there is none."""

    name: str
    node: ast.expr | ast.keyword
    value: ast.expr
    member: Member | None


class StructDict(NamedTuple):
    """A dict, the struct that it stands for, and where it is given: ``deploy_options``. ``nested``: in another one."""

    node: ast.Dict | ast.Call
    struct: CdkType
    reading: Reading
    given_as: str
    keys: tuple[Key, ...]
    nested: bool = False

    @property
    def names(self) -> dict[str, Member]:
        """The keys that there may be."""
        return {spelt(member, self.reading): member for member in self.struct.members.values()}


class Place(NamedTuple):
    """Where a value is given: the module and scope that it is read in, the parameter, and how jsii reads it."""

    module: Module
    scope: Scope
    given_as: str
    reading: Reading
    nested: bool = False
    depth: int = 0


Found: TypeAlias = Iterator[StructDict]


def spelt(member: Member, reading: Reading) -> str:
    """The key that a dict has for a property."""
    return member.jsii_name if reading is Reading.JAVASCRIPT else member.name


def struct_dicts(types: Types, module: Module) -> list[StructDict]:
    """All of a module, each once, in the order of the text."""
    return types.cached(("struct dicts", module), lambda: _ordered(_in_module(types, module)))


def _ordered(found: Found) -> list[StructDict]:
    once = {(item.node, item.struct.fqn): item for item in found}
    return sorted(once.values(), key=lambda item: (item.node.lineno, item.node.col_offset))


def _in_module(types: Types, module: Module) -> Found:
    scopes = types.scopes(module)
    for call, scope in scopes.calls:
        yield from _in_call(types, module, scope, call)
    for target, value, scope in scopes.assigned:
        if found := types.member(module, target):
            yield from _given(types, Place(module, scope, target.attr, Reading.JAVASCRIPT), value, found[1].ref)


def _in_call(types: Types, module: Module, scope: Scope, call: ast.Call) -> Found:
    if not _may_hold_dicts(call) or not (called := types.signature(module, call)):
        return
    signature, _ = called
    for keyword in call.keywords:
        if keyword.arg is None:
            place = Place(module, scope, "**", Reading.UNPACKED)
            yield from _unpacked(types, place, keyword.value, signature)
        elif member := signature.keywords.get(keyword.arg):
            place = Place(module, scope, keyword.arg, Reading.PYTHON)
            yield from _given(types, place, keyword.value, member.ref)
    for at, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred) or not signature.positional:
            return
        parameter = signature.positional[min(at, len(signature.positional) - 1)]
        if at < len(signature.positional) or parameter.variadic:
            reading = Reading.REFUSED if parameter.variadic else Reading.JAVASCRIPT
            yield from _given(types, Place(module, scope, parameter.name, reading), argument, parameter.ref)


def _may_hold_dicts(call: ast.Call) -> bool:
    """A quick look: most arguments are neither dicts nor names for such."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(not isinstance(value, (ast.Constant, ast.Attribute, ast.JoinedStr)) for value in given)


def _given(types: Types, place: Place, value: ast.expr, ref: Ref | None) -> Found:
    """The dicts in a value that is given for a parameter of the type ``ref``."""
    if ref is None or ref.kind == "primitive" or place.depth > MAX_DEPTH:
        return
    for literal in _literals(place.scope, value):
        if isinstance(literal, (ast.Dict, ast.Call)):
            yield from _given_dict(types, place, literal, ref)
        elif listed := _only(types, ref, "array"):
            for item in _items(literal):
                yield from _given(types, _inside(place, Reading.JAVASCRIPT), item, listed.of[0])


def _given_dict(types: Types, place: Place, node: ast.Dict | ast.Call, ref: Ref) -> Found:
    if mapped := _only(types, ref, "map"):
        for key in _keys(node, None, place.reading):
            yield from _given(types, _inside(place, Reading.JAVASCRIPT), key.value, mapped.of[0])
        return
    named = _only(types, ref, "type")
    struct = types.index.struct(named)
    if struct is None:
        return
    if ref.kind != "type":
        place = place._replace(reading=Reading.JAVASCRIPT)
    yield from _as_struct(types, place, node, struct)


def _as_struct(types: Types, place: Place, node: ast.Dict | ast.Call, struct: CdkType) -> Found:
    whole = _with_bases(types, struct)
    keys = tuple(_keys(node, whole, place.reading))
    yield StructDict(node, whole, place.reading, place.given_as, keys, place.nested)
    inside = place._replace(nested=True, depth=place.depth + 1)
    if place.reading is Reading.UNPACKED:
        inside = inside._replace(nested=False, reading=Reading.PYTHON)
    for key in keys:
        if key.member and place.reading is not Reading.REFUSED:
            yield from _given(types, inside._replace(given_as=key.name), key.value, key.member.ref)


def _unpacked(types: Types, place: Place, value: ast.expr, signature: Signature) -> Found:
    """``**{...}``: its keys are parameters of the call, and their values are given as such."""
    struct = types.index.type(signature.struct)
    positional = {parameter.name for parameter in signature.positional}
    for literal in _literals(place.scope, value):
        if struct is not None and isinstance(literal, (ast.Dict, ast.Call)):
            for found in _as_struct(types, place, literal, struct):
                yield found._replace(keys=tuple(key for key in found.keys if key.name not in positional))


def _inside(place: Place, reading: Reading) -> Place:
    return place._replace(reading=reading, depth=place.depth + 1)


def _with_bases(types: Types, struct: CdkType) -> CdkType:
    members = types.index.members(struct.fqn)
    return CdkType(struct.fqn, struct.module, struct.name, struct.kind, members=members)


def _only(types: Types, ref: Ref, kind: str) -> Ref | None:
    """The one type of this kind that a value may have; None where there are several, or a dict may be anything."""
    if ref.kind != "union":
        return ref if ref.kind == kind else None
    if any(option.kind == "primitive" and option.name in ("any", "json") for option in ref.of):
        return None
    open_to_dicts = [option for option in ref.of if option.kind == "map" or types.index.struct(option)]
    if kind == "array":
        open_to_dicts = [option for option in ref.of if option.kind == "array"]
    return open_to_dicts[0] if len(open_to_dicts) == 1 and open_to_dicts[0].kind == kind else None


def _keys(node: ast.Dict | ast.Call, struct: CdkType | None, reading: Reading) -> Iterator[Key]:
    members = struct.members.values() if struct else ()
    named = {spelt(member, reading): member for member in members}
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield Key(keyword.arg, keyword, keyword.value, named.get(keyword.arg))
        return
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Key(key.value, key, value, named.get(key.value))
        elif key is not None and struct is None:
            yield Key("", key, value, None)


def _literals(scope: Scope, value: ast.expr, through: int = 8) -> Iterator[ast.expr]:
    """The dicts, calls of ``dict`` and lists that a value may be; a name stands for the one thing it is bound to."""
    if isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.ListComp)) or _is_dict_call(scope, value):
        yield value
    elif not through:
        return
    elif isinstance(value, ast.IfExp):
        yield from (*_literals(scope, value.body, through - 1), *_literals(scope, value.orelse, through - 1))
    elif isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        for side in value.values:
            yield from _literals(scope, side, through - 1)
    elif isinstance(value, ast.Name) and (found := scope.find(value.id)) and len(found[1]) == 1:
        binding = found[1][0]
        if binding.value is not None and not binding.path and not isinstance(binding.scope.owner, COMPREHENSIONS):
            yield from _literals(binding.scope, binding.value, through - 1)


def _is_dict_call(scope: Scope, value: ast.expr) -> bool:
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name) or value.func.id != "dict":
        return False
    return not value.args and scope.find("dict") is None


def _items(literal: ast.expr) -> list[ast.expr]:
    if isinstance(literal, ast.ListComp):
        return [literal.elt]
    return [item for item in getattr(literal, "elts", ()) if not isinstance(item, ast.Starred)]
