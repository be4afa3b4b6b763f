"""What a value is by its annotation: ``s3.IBucket``, ``"s3.IBucket | None"``, ``Optional[list[s3.Bucket]]``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from cdk_guardrails.source.project import Module
from cdk_guardrails.source.scopes import Scope
from cdk_guardrails.source.values import AppClass, AppObject, CdkClass, CdkObject, Items, Row, Value

if TYPE_CHECKING:
    from cdk_guardrails.source.inference import Types

LISTS: Final = frozenset({"list", "List", "Sequence", "Iterable", "Iterator", "Collection", "set", "Set", "frozenset"})
MAPS: Final = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict"})
WRAPPERS: Final = frozenset({"Annotated", "ClassVar", "Final", "Optional", "Required", "NotRequired"})
MAX_TEXT: Final = 1000
CLASSES: Final = frozenset({"type", "Type"})


def value_of(types: Types, module: Module, annotation: ast.expr, scope: Scope) -> Value | None:
    """What a value with this annotation is; None when that is not known."""
    if isinstance(annotation, ast.Constant):
        inside = types.parsed(module, annotation, scope) if isinstance(annotation.value, str) else None
        return types.annotated(module, inside, scope) if inside else None
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _any_of(types, module, [annotation.left, annotation.right], scope)
    if isinstance(annotation, ast.Subscript):
        return _generic(types, module, annotation, scope)
    found = types.of(module, annotation)
    if isinstance(found, CdkClass):
        return CdkObject(found.fqn)
    return AppObject(found) if isinstance(found, AppClass) else None


def parsed(annotation: ast.Constant) -> ast.expr | None:
    """The expression in an annotation that is a string, at the place of the string."""
    text = str(annotation.value).strip()
    try:
        tree = ast.parse(text, mode="eval").body if len(text) <= MAX_TEXT else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.expr):
            node.lineno, node.col_offset = annotation.lineno, annotation.col_offset
            node.end_lineno = node.end_col_offset = None
    return tree


def _any_of(types: Types, module: Module, sides: list[ast.expr], scope: Scope) -> Value | None:
    said = [side for side in sides if not (isinstance(side, ast.Constant) and side.value is None)]
    return types.joined(types.annotated(module, side, scope) for side in said)


def _generic(types: Types, module: Module, annotation: ast.Subscript, scope: Scope) -> Value | None:
    name = annotation.value.attr if isinstance(annotation.value, ast.Attribute) else ""
    name = annotation.value.id if isinstance(annotation.value, ast.Name) else name
    inside = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    if name == "Union":
        return _any_of(types, module, inside, scope)
    if name in WRAPPERS:
        return types.annotated(module, inside[0], scope) if inside else None
    if name in LISTS and len(inside) == 1:
        return Items(types.annotated(module, inside[0], scope))
    if name in MAPS and len(inside) == 2:
        return Items(types.annotated(module, inside[1], scope), keyed=True)
    if name in CLASSES:
        return types.of(module, inside[0])
    return _tuple(types, module, inside, scope) if name in ("tuple", "Tuple") else None


def _tuple(types: Types, module: Module, inside: list[ast.expr], scope: Scope) -> Value | None:
    if len(inside) == 2 and isinstance(inside[1], ast.Constant) and inside[1].value is ...:
        return Items(types.annotated(module, inside[0], scope))
    return Row(tuple(types.annotated(module, item, scope) for item in inside))
