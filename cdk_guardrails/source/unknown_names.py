"""Names that a module of the CDK does not have: ``s3.Buckett``, ``from aws_cdk import aws_foo``.

No type checker finds these: modules of the CDK load what is in them when it is asked for, and so promise anything.
"""

from __future__ import annotations

import ast
import difflib
import os
import sys
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.unknown import Unknown, is_for_types_only, is_tried, looked_up, place
from cdk_guardrails.source.values import CdkModule

IMPORT_ERRORS: Final = ("ImportError", "ModuleNotFoundError", "Exception", "")
"""What is expected where an import may fail; "" is a bare ``except``."""

OTHER_PACKAGES: Final = ("lambda_layer_", "asset_")
"""How names of modules of aws_cdk begin that come in packages of their own, which may not be installed here."""

ALPHA: Final = "_alpha"

V1: Final = ("aws_cdk", "core")

ALIKE: Final = 0.7


def unknown_names(types: Types, module: Module) -> Iterator[Unknown]:
    """Those that are imported from, or read of, modules of jsii packages."""
    for node in module.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(types, module, node)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield from _attribute(types, module, node)


def _imports(types: Types, module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[Unknown]:
    if isinstance(node, ast.ImportFrom) and (node.level or not node.module):
        return
    if is_for_types_only(module, node) or is_tried(module, node, IMPORT_ERRORS):
        return
    for alias in node.names:
        full = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        if alias.name != "*" and (found := _first_unknown(types, full)):
            yield _said((alias.lineno, module.column(alias.lineno, alias.col_offset)), types, *found)


def _attribute(types: Types, module: Module, node: ast.Attribute) -> Iterator[Unknown]:
    value = types.of(module, node.value)
    if not isinstance(value, CdkModule) or not _is_unknown(types, value.name, node.attr):
        return
    if node.attr not in looked_up(module) and not is_tried(module, node, ("AttributeError",)):
        written = node.value.id if isinstance(node.value, ast.Name) else ""
        yield _said(place(module, node), types, value.name, node.attr, written)


def _first_unknown(types: Types, full: str) -> tuple[str, str] | None:
    """The first part of a dotted name that the module before it does not have."""
    parts = full.split(".")
    for at in range(1, len(parts)):
        parent = ".".join(parts[:at])
        if _is_unknown(types, parent, parts[at]):
            return parent, parts[at]
    return None


def _is_unknown(types: Types, parent: str, name: str) -> bool:
    index, full = types.index, f"{parent}.{name}"
    if not index.is_module(parent) or name.startswith("_"):
        return False
    if index.is_module(full) or index.is_above(full) or index.in_module(parent, name) or _is_on_disk(full):
        return False
    return not name.startswith(OTHER_PACKAGES) and not name.endswith(ALPHA)


def _is_on_disk(full: str) -> bool:
    """Whether a package that has no manifest has it, in a folder that others have a part in."""
    file = os.path.join(*full.split("."))
    return any(os.path.exists(os.path.join(path, f"{file}{suffix}")) for path in sys.path for suffix in ("", ".py"))


def _said(at: tuple[int, int], types: Types, parent: str, name: str, written: str = "") -> Unknown:
    """``written`` is the module as the code names it: what is meant has that name in front, too."""
    if (parent, name) == V1:
        return Unknown(at, "aws_cdk has no 'core': that was version 1 of the CDK", ["`import aws_cdk as cdk`"])
    near = types.index.nearest_in_module(parent, name)
    meant = [each for each in near if _is_alike(each, name)]
    return Unknown(
        at, f"{parent} has no '{name}'", [f"{written or parent.rpartition('.')[2]}.{each}" for each in meant]
    )


def _is_alike(one: str, other: str) -> bool:
    """Whether one may be meant by the other; of ``aws_`` all modules have something alike."""
    ours, theirs = one.removeprefix("aws_").lower(), other.removeprefix("aws_").lower()
    return ours.startswith(theirs) or difflib.SequenceMatcher(None, ours, theirs).ratio() >= ALIKE
