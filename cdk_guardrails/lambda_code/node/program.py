"""The author's files that a Node.js handler requires, and what it calls in them, found without running them.

A name leads to the functions, classes and variables of its file, or of the file that it comes from; the name of a
method to all methods of that name. That finds too much rather than too little.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.node.files import State
from cdk_guardrails.lambda_code.node.imports import NodeImports
from cdk_guardrails.lambda_code.node.modules import NodeModule, is_library
from cdk_guardrails.lambda_code.node.parsing import FUNCTIONS
from cdk_guardrails.lambda_code.node.runtimes import is_built_in
from cdk_guardrails.lambda_code.node.units import Source, Unit, chain_of, last_name, source_of
from cdk_guardrails.lambda_code.node.values import exported_value

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_FILES: Final = 2_000
"""Files of the author's that are followed from one handler."""

MAX_NODES: Final = 1_000_000
"""Nodes of syntax trees that one handler reaches, counted once for each function that they stand in."""

_PLAIN: Final = (
    "bind captureLambdaHandler configure createHandler createServer datadog express handle handler middy serverless"
    " serverlessExpress streamifyResponse use wrapHandler"
)
_WRAPPERS: Final = frozenset(_PLAIN.split())
"""Functions of libraries that call a handler and log nothing of it."""


class Program:
    """The author's files from a handler's file on. Raises UnreadError when one of them is not as its author wrote it.

    ``is_open``: something that it requires, and that may log, cannot be looked into.
    """

    def __init__(self, imports: NodeImports, path: str) -> None:
        self._imports = imports
        self._first = path
        self.sources: dict[str, Source] = {}
        self.is_open = False
        pending = [path]
        while pending:
            at = pending.pop()
            if at not in self.sources and len(self.sources) < MAX_FILES:
                pending += self._load(at)

    def _load(self, path: str) -> Iterator[str]:
        found = self._imports.files.at(path)
        if found is None or not path.endswith((".js", ".mjs", ".cjs")):
            return
        bundle, inner = found
        module = bundle.module(inner)
        if module.script is None or module.broken_at:
            raise UnreadError(f"{inner} is not as its author wrote it")
        script = module.script
        key = ("source of JavaScript", path)
        source = bundle.bundle.cached(key, lambda: source_of(bundle.bundle, inner, script, path))
        if source is None:
            raise UnreadError(f"{inner} is nested too deeply to be followed")
        self.sources[path] = source
        self.is_open |= source.is_dynamic
        yield from self._required(path, module)

    def _required(self, path: str, module: NodeModule) -> Iterator[str]:
        for wanted in module.requires:
            target = self._imports.files.resolve(wanted.name, path)
            if target.state is State.FOUND and not is_library(target.path):
                yield target.path
            elif target.state is not State.FOUND and not is_built_in(wanted.name):
                self.is_open |= wanted.name.startswith((".", "/")) or bool(self._imports.unknown_layers)

    def start(self, export: str) -> Unit | None:
        """The value that the handler's file exports by this name."""
        source = self.sources.get(self._first)
        node = exported_value(source.script, export) if source else None
        return Unit(source, export, node) if source and node is not None else None

    def reached(self, start: Unit, *, failing: bool) -> list[Unit]:
        """All that is called from ``start`` on; with ``failing``, from where errors are handled too."""
        found: dict[Unit, None] = {}
        pending, size = [start], 0
        while pending:
            unit = pending.pop()
            if unit in found:
                continue
            found[unit] = None
            size += unit.node.descendant_count
            if size > MAX_NODES:
                raise UnreadError("it calls too much to be followed")
            usual, failed = unit.mentions
            for name in sorted(usual | failed if failing else usual):
                pending += self.called(unit.source, name)
        return list(found)

    def called(self, source: Source, name: str) -> list[Unit]:
        """What a name may stand for in a file: something there, or where the name comes from, or a method anywhere."""
        original, written = source.renamed.get(name, name), source.aliases.get(name, "")
        if not written:
            return self._units.get(original, [])
        other = self.sources.get(self._imports.files.resolve(written, source.runtime_path).path)
        return [*other.units.get(original, ()), *other.exported] if other else []

    def functions_of(self, start: Unit) -> list[tuple[Source, Node]]:
        """The functions that a handler itself is: in place, by name, or given to a wrapper."""
        found, seen = [], set[int]()
        pending = [(start.source, start.node)]
        while pending:
            source, node = pending.pop(0)
            if node.id in seen:
                continue
            seen.add(node.id)
            if node.type in FUNCTIONS:
                found.append((source, node))
            elif node.type in ("identifier", "shorthand_property_identifier", "member_expression"):
                units = self.called(source, last_name(node, source.script))
                pending += [(unit.source, _value(unit.node)) for unit in units]
            else:
                pending += [(source, item) for item in _parts(node)]
        return found

    def has_unknown_wrapper(self, start: Unit) -> bool:
        """Whether a handler is given to a function of somebody else's that may log."""
        if start.node.type != "call_expression":
            return False
        called = chain_of(start.node, start.source.script)
        return any(name not in _WRAPPERS and name not in self._units for name in called[:1])

    @cached_property
    def _units(self) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = {}
        for source in self.sources.values():
            for name, units in source.units.items():
                found.setdefault(name, []).extend(units)
        return found


def _parts(node: Node) -> list[Node]:
    """The values that an expression is made of: of a call, what it is given, and what it is called on."""
    if node.type == "call_expression":
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        inner = function.child_by_field_name("object") if function else None
        return [*(arguments.named_children if arguments else ()), *([inner] if inner else ())]
    return list(node.named_children) if node.type in ("await_expression", "parenthesized_expression") else []


def _value(node: Node) -> Node:
    """What a unit's statement gives to its name: the node itself for a function."""
    for field in ("value", "right"):
        if (value := node.child_by_field_name(field)) is not None and node.type not in FUNCTIONS:
            return value
    return node
