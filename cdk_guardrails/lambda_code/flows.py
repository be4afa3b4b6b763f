"""Where a value goes in a function: what it is assigned to, put into, logged in, raised or returned with.

Order and branches do not count: a value is wherever it may ever be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code.trees import last_name, root_name, walk

CURRENT: Final = "<the exception that is handled>"
"""What ``traceback.format_exc()`` and ``sys.exc_info()`` stand for, among the names of values."""

_ASKS_CURRENT: Final = frozenset(
    {"exc_info", "exception", "format_exc", "format_exception", "print_exc", "TracebackException"}
)

_PUTS: Final = frozenset(
    {"add", "append", "appendleft", "extend", "insert", "push", "put", "put_nowait", "setdefault"} | {"update"}
)
"""Methods that put their arguments into their object."""

MAX_ROUNDS: Final = 20
"""Assignments in a row that a value is followed through."""


class Flow(NamedTuple):
    """The names in a value, and the names that get it. Names of attributes have a dot before them."""

    sources: frozenset[str]
    targets: frozenset[str]


class Flows(NamedTuple):
    """What flows where in a function; what it logs or raises; what it returns."""

    flows: tuple[Flow, ...]
    told: tuple[frozenset[str], ...]
    returned: tuple[frozenset[str], ...]

    def spread(self, names: Iterable[str]) -> frozenset[str]:
        """``names`` and all that gets something of theirs."""
        found = frozenset(names)
        for _ in range(MAX_ROUNDS):
            more = found.union(*(flow.targets for flow in self.flows if flow.sources & found))
            if more == found:
                break
            found = more
        return found

    def tells(self, names: frozenset[str]) -> bool:
        """Whether one of ``names`` is logged or raised."""
        return any(sources & names for sources in self.told)

    def returns(self, names: frozenset[str]) -> bool:
        """Whether one of ``names`` is returned."""
        return any(sources & names for sources in self.returned)


def names_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names in expressions, the functions that are called in them included, attributes as ``.name``."""
    return frozenset(name for node, _ in walk(nodes) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield f".{node.attr}"
    if isinstance(node, ast.Call) and last_name(node.func) in _ASKS_CURRENT and not _is_level(node):
        yield CURRENT
    if isinstance(node, ast.Call) and last_name(node.func):
        yield f"{last_name(node.func)}()"


def _is_level(call: ast.Call) -> bool:
    """``logger.exception(...)`` is no question for the exception, ``sys.exception()`` is one."""
    return last_name(call.func) == "exception" and bool(call.args or call.keywords)


def flows_of(nodes: Iterable[ast.AST], told: list[frozenset[str]]) -> Flows:
    """The flows that ``nodes`` are, nodes below them aside, where the names of ``told`` are logged."""
    flows: list[Flow] = []
    told = list(told)
    returned: list[frozenset[str]] = []
    for node in nodes:
        flows += _flows(node)
        if isinstance(node, ast.Raise):
            told.append(names_in(part for part in (node.exc, node.cause) if part))
        elif isinstance(node, (ast.Return, ast.Yield)) and node.value:
            returned.append(names_in([node.value]))
    return Flows(tuple(flows), tuple(told), tuple(returned))


def _flows(node: ast.AST) -> Iterator[Flow]:
    for value, targets in _assigned(node):
        names = frozenset(name for target in targets for name in _target_names(target))
        if names:
            yield Flow(names_in([value]), names)


def _assigned(node: ast.AST) -> Iterator[tuple[ast.AST, list[ast.expr]]]:
    if isinstance(node, ast.Assign):
        yield node.value, node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value:
        yield node.value, [node.target]
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield node.iter, [node.target]
    elif isinstance(node, ast.withitem) and node.optional_vars:
        yield node.context_expr, [node.optional_vars]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PUTS:
        yield from ((argument, [node.func.value]) for argument in node.args)
        yield from ((word.value, [node.func.value]) for word in node.keywords)


def _target_names(target: ast.expr) -> Iterator[str]:
    for item in getattr(target, "elts", [target]):
        while isinstance(item, (ast.Subscript, ast.Starred)):
            item = item.value
        if isinstance(item, ast.Attribute):
            yield f".{item.attr}"
        elif root := root_name(item):
            yield root
