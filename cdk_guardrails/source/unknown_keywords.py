"""Keywords that a function of the CDK does not take, by the word of the type checker and of the manifest."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cdk_guardrails.source.cdk_index import Signature
from cdk_guardrails.source.cdk_types import CdkType
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.type_checker import KEYWORD, Missing
from cdk_guardrails.source.unknown import Unknown


def unknown_keywords(types: Types, module: Module, found: list[Missing]) -> Iterator[Unknown]:
    """Those of ``found`` that are about functions of jsii packages, and that stand there as keywords."""
    wanted = {(each.line, each.column, each.name): each.of[0] for each in found if each.kind == KEYWORD}
    for node in module.nodes if wanted else ():
        if isinstance(node, ast.keyword) and node.arg:
            at = node.lineno, module.column(node.lineno, node.col_offset)
            function = wanted.get((*at, node.arg))
            called = _called(types, function) if function else None
            if called and not called[1].takes(node.arg):
                owner, signature, method = called
                name = types.shown(module, owner) + (f".{method}" if method else "")
                message = f"{name} takes no argument '{node.arg}'"
                yield Unknown(at, message, types.index.nearest_keywords(signature, node.arg))


def _called(types: Types, function: str) -> tuple[CdkType, Signature, str] | None:
    """The class and the signature of ``aws_cdk.aws_s3.Bucket.grant_read``, with the method's name, "" for a class."""
    path, _, name = function.rpartition(".")
    owner = types.index.named(path)
    if owner is None:
        return None
    if name == "__init__":
        signature = types.index.constructor(owner.fqn)
        return (owner, signature, "") if signature else None
    member = types.index.member(owner.fqn, name)
    return (owner, types.index.signature(member), name) if member and member.method else None
