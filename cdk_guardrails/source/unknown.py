"""What is said of something that the CDK does not have, and what makes it no fault: code that looks before it leaps."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from cdk_guardrails.source.project import Module

LOOKING: Final = {"hasattr": 2, "getattr": 3, "setattr": 3, "delattr": 2}
"""Functions that look for a name that may not be there, or make it, each with the arguments that it then has."""


class Unknown(NamedTuple):
    """A name that is not there: where it stands (line, column), what it is no member of, and what may be meant."""

    at: tuple[int, int]
    message: str
    meant: Sequence[str] = ()


def advice(meant: Sequence[str]) -> str:
    """What to do, as a sentence: ``Use a, b or c.``"""
    if not meant:
        return ""
    *others, last = meant
    return f"Use {', '.join(others)} or {last}." if others else f"Use {last}."


def place(module: Module, node: ast.Attribute) -> tuple[int, int]:
    """Where the name of an attribute stands: of a chain of calls over several lines, the line of the name itself."""
    line, offset = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return line, module.column(line, offset - len(node.attr.encode()))


def is_tried(module: Module, node: ast.AST, errors: Collection[str]) -> bool:
    """Whether ``node`` stands in a ``try`` that expects one of these errors."""
    for child, above in _upwards(module, node):
        if isinstance(above, ast.Try) and child in above.body:
            if any(name in errors for handler in above.handlers for name in _caught(handler)):
                return True
    return False


def is_for_types_only(module: Module, node: ast.AST) -> bool:
    """Whether ``node`` stands under ``if TYPE_CHECKING``."""
    tests = (above.test for _, above in _upwards(module, node) if isinstance(above, ast.If))
    return any(getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING" for test in tests)


def looked_up(module: Module) -> frozenset[str | None]:
    """The names that hasattr, setattr and the like are given in a module; None among them: one that is not known."""
    return module.project.cached(("looked up", module), lambda: frozenset(_looked_up(module)))


def _looked_up(module: Module) -> Iterator[str | None]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in LOOKING and len(node.args) == LOOKING[node.func.id]:
                name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
                if isinstance(name, str) or node.func.id == "setattr":
                    yield name if isinstance(name, str) else None


def _upwards(module: Module, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What stands around ``node``, from the inside out, each with the one below it."""
    while (above := module.parents.get(node)) is not None:
        yield node, above
        node = above


def _caught(handler: ast.ExceptHandler) -> Iterator[str]:
    type_ = handler.type
    for each in type_.elts if isinstance(type_, ast.Tuple) else [type_]:
        yield getattr(each, "id", getattr(each, "attr", ""))
