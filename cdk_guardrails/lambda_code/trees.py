"""Python's syntax trees: walking them within bounds, and the names in them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)

MAX_CHAIN: Final = 8
"""Names in ``a.b.c`` that are followed."""

ERROR_HANDLERS: Final = frozenset({"exception_handler", "errorhandler", "error_handler", "app_errorhandler"})
"""Decorators (of Powertools' resolvers, FastAPI, Flask) that make a function an ``except`` of the whole app."""

NONE: Final = frozenset[str]()


class Mentions(NamedTuple):
    """Names, dotted names from a name on, and the names of all attributes."""

    names: frozenset[str] = frozenset()
    chains: frozenset[tuple[str, ...]] = frozenset()
    attributes: frozenset[str] = frozenset()


def walk(nodes: Iterable[ast.AST], failing: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node at or below ``nodes``, and whether it stands in an ``except``."""
    pending = [(node, failing) for node in nodes]
    while pending:
        node, failing = pending.pop()
        yield node, failing
        if isinstance(node, ast.ExceptHandler):
            pending += [(child, True) for child in node.body]
            pending += [(node.type, failing)] if node.type else []
        else:
            failing = failing or (isinstance(node, FUNCTIONS) and handles_errors(node))
            pending += [(child, failing) for child in _children(node)]


def _children(node: ast.AST) -> list[ast.AST]:
    """Its child nodes, without what only tells loads from stores."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and name not in ("ctx", "op"):
            found.append(value)
    return found


def handles_errors(function: Function) -> bool:
    """Whether a decorator makes it the handler of exceptions that others raise."""
    return any(last_name(decorator) in ERROR_HANDLERS for decorator in function.decorator_list)


def dotted(node: ast.AST) -> tuple[str, ...]:
    """``("a", "b", "c")`` for ``a.b.c``; nothing for what does not start with a name, or is too long."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < MAX_CHAIN:
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


def last_name(node: ast.AST) -> str:
    """What is called or referred to in the end: ``c`` of ``a.b().c`` and of ``a.c(1)``."""
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def root_name(node: ast.AST) -> str:
    """The name that an expression starts with: ``a`` of ``a.b(1)[2].c``."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await, ast.Starred)):
            node = node.value
        else:
            return ""
    return node.id


class Collector:
    """Collects what nodes mention."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.chains: set[tuple[str, ...]] = set()
        self.attributes: set[str] = set()

    def add(self, node: ast.AST) -> None:
        """Adds what ``node`` itself mentions."""
        if isinstance(node, ast.Name):
            self.names.add(node.id)
        elif isinstance(node, ast.Attribute):
            self.attributes.add(node.attr)
            if chain := dotted(node):
                self.chains.add(chain)

    def made(self, hidden: frozenset[str] = NONE) -> Mentions:
        """All that was added, without the names that are ``hidden`` by parameters."""
        return Mentions(frozenset(self.names - hidden), frozenset(self.chains), frozenset(self.attributes))


def mentions(nodes: Iterable[ast.AST]) -> Mentions:
    """What ``nodes`` mention."""
    collector = Collector()
    for node, _ in walk(nodes):
        collector.add(node)
    return collector.made()
