"""What the names of a module stand for, as far as its import statements say: ``s3.Bucket`` is aws_cdk.aws_s3.Bucket."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.source.project import Module

CDK: Final = ("aws_cdk", "constructs")
"""The packages whose import makes a module one that builds infrastructure."""

_SERVICE: Final = "aws_cdk.aws_"
_RESOURCES: Final = ("aws_cdk.CfnResource", "aws_cdk.CustomResource", "aws_cdk.custom_resources.AwsCustomResource")


class Imported:
    """The imports of one module, wherever in it they stand."""

    def __init__(self, module: Module) -> None:
        self.names: dict[str, str] = {}
        for node in module.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.names.update(_names(node))

    @property
    def has_cdk(self) -> bool:
        """Whether the module imports the CDK."""
        return any(full.partition(".")[0] in CDK for full in self.names.values())

    def dotted(self, node: ast.AST) -> str:
        """The full name of ``a.b.c`` when ``a`` is imported, the name as written when not, "" for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.names.get(node.id, node.id), *reversed(parts)])

    def construct(self, call: ast.Call) -> str:
        """The full name of the CDK's class that ``call`` makes a resource of, "" when it makes none."""
        name = self.dotted(call.func)
        if not name.startswith(_SERVICE) and name not in _RESOURCES:
            return ""
        return name if name.rpartition(".")[2][:1].isupper() and len(scope_and_id(call)) == 2 else ""


def imported(module: Module) -> Imported:
    """The imports of ``module``, read once."""
    return module.project.cached(("imported", module), lambda: Imported(module))


def scope_and_id(call: ast.Call) -> tuple[ast.expr, ...]:
    """The two arguments that every construct takes, when ``call`` has them: a scope, and an id in quotes or a name."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    found = (*call.args[:2], *(given[name] for name in ("scope", "id") if name in given))[:2]
    if len(found) < 2 or isinstance(found[0], ast.Constant | ast.Starred | ast.Dict | ast.List | ast.JoinedStr):
        return ()
    if isinstance(found[1], ast.Constant) and not isinstance(found[1].value, str):
        return ()
    return found


def _names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            yield alias.asname or alias.name, f"{package}.{alias.name}"
        else:
            top = alias.name.partition(".")[0]
            yield alias.asname or top, alias.name if alias.asname else top
