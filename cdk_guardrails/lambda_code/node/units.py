"""The functions, classes and variables of a script by their names, and what each of them mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cdk_guardrails.lambda_code.bundle import Bundle
from cdk_guardrails.lambda_code.logging_facts import Site
from cdk_guardrails.lambda_code.node.parsing import FUNCTIONS, Script, is_deep, line_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

NAMES: Final = frozenset(
    {
        "identifier",
        "property_identifier",
        "private_property_identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
    }
)
"""The types of nodes that are names."""

ERROR: Final = re.compile(r"_?(err|error|ex|exception|e)\d?", re.IGNORECASE)
"""What the first parameter of a callback is called when it is the error, or nothing."""

MAX_CHAIN: Final = 50
"""Names in ``a.b().c`` that are followed."""

_COMPUTES: Final = frozenset({"assert", "buffer", "crypto", "events", "path", "querystring", "url", "util"})
"""Node's own modules that reach nothing else."""

_CLASSES: Final = frozenset({"class", "class_declaration"})


@dataclass(eq=False)
class Unit:
    """A function or class with all that stands in it, or a statement about a variable."""

    source: Source
    name: str
    node: Node

    @property
    def is_function(self) -> bool:
        """Whether it is a function or method."""
        return self.node.type in FUNCTIONS

    @property
    def site(self) -> Site:
        """Where it starts."""
        return self.source.site(self.node)

    @cached_property
    def has_function(self) -> bool:
        """Whether it is, or has in it, something that can be called."""
        return any(node.type in FUNCTIONS for node in walk(self.node))

    @cached_property
    def throws(self) -> bool:
        """Whether it throws an error somewhere."""
        return any(node.type == "throw_statement" for node in walk(self.node))

    @cached_property
    def mentions(self) -> tuple[frozenset[str], frozenset[str]]:
        """The names that it mentions where nothing has failed, and where something has."""
        usual: set[str] = set()
        failing: set[str] = set()
        for node, is_failing in self.walk():
            if node.type in NAMES:
                (failing if is_failing else usual).add(self.source.script.text(node))
        return frozenset(usual), frozenset(failing)

    @cached_property
    def has_effects(self) -> bool:
        """Whether it waits for something, or uses a module that does more than compute."""
        if any(node.type == "await_expression" for node in walk(self.node)):
            return True
        aliases = self.source.aliases
        used = {aliases[name] for part in self.mentions for name in part if name in aliases}
        return any(module.removeprefix("node:") not in _COMPUTES and not module.startswith(".") for module in used)

    def walk(self) -> Iterator[tuple[Node, bool]]:
        """Every node in it, and whether it runs only when something has failed."""
        return walk_failing(self.node, self.source.script)


@dataclass(eq=False)
class Source:
    """A file of the author's: its place, its tree, and its units by name.

    ``exported`` are the values of ``module.exports`` and ``export default``, which have another name wherever they are
    used; ``aliases`` those names, of what a file gives as a whole, with the name of the file as it is written.
    """

    bundle: Bundle
    path: str
    script: Script
    runtime_path: str
    units: dict[str, list[Unit]] = field(default_factory=dict)
    exported: list[Unit] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    """Names that something has only in this file: ``import { save as store }``."""

    def site(self, node: Node) -> Site:
        """Where a node of it stands."""
        return Site(self.bundle, self.path, line_of(node))

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether it requires what it finds out only when it runs."""
        return any(_is_dynamic(self.script, node) for node in walk(self.script.root))

    @cached_property
    def texts(self) -> frozenset[str]:
        """Its names and texts."""
        kinds = NAMES | {"string_fragment"}
        return frozenset(self.script.text(node) for node in walk(self.script.root) if node.type in kinds)


def source_of(bundle: Bundle, path: str, script: Script, runtime_path: str) -> Source | None:
    """The units of a script, those in functions included; None for one that is nested too deeply."""
    if is_deep(script):
        return None
    source = Source(bundle, path, script, runtime_path)
    for node in walk(script.root):
        if node.type in FUNCTIONS or node.type in _CLASSES:
            for name in _names_of(script, node):
                source.units.setdefault(name, []).append(Unit(source, name, node))
        elif node.type == "import_statement":
            _import(source, node)
        elif node.type == "variable_declarator":
            _declare(source, node)
        elif node.type == "expression_statement":
            _mention(source, node)
        elif node.type == "export_statement" and node.child_by_field_name("value"):
            source.exported.append(Unit(source, "default", node))
    return source


def walk_failing(node: Node, script: Script) -> Iterator[tuple[Node, bool]]:
    """Every node in ``node``, and whether it stands where an error is handled."""
    pending = [(node, False)]
    while pending:
        at, failing = pending.pop()
        yield at, failing
        fails = {part.id for part in failing_parts(at, script)} if not failing else set()
        pending += [(child, failing or child.id in fails) for child in reversed(at.named_children)]


def failing_parts(node: Node, script: Script) -> list[Node]:
    """The parts of a node that run only when something has failed."""
    if node.type == "catch_clause":
        return list(node.named_children)
    if node.type == "arguments" and node.parent is not None:
        handler = rejection_handler(node.parent, script)
        return [handler] if handler else []
    if node.type == "if_statement" and checked_error(node, script):
        consequence = node.child_by_field_name("consequence")
        return [consequence] if consequence else []
    return []


def rejection_handler(call: Node, script: Script) -> Node | None:
    """What a promise calls when it is rejected: the argument of ``.catch``, the second one of ``.then``."""
    function = call.child_by_field_name("function")
    arguments = call.child_by_field_name("arguments")
    if function is None or arguments is None or function.type != "member_expression":
        return None
    method = script.text(function.child_by_field_name("property"))
    given = [item for item in arguments.named_children if item.type != "comment"]
    at = {"catch": 0, "then": 1}.get(method)
    return given[at] if at is not None and len(given) > at else None


def checked_error(node: Node, script: Script) -> str:
    """The name in ``if (err)``, ``if (err !== null)``; "" for any other condition."""
    text = script.text(node.child_by_field_name("condition"))
    match = re.fullmatch(r"\(\s*(\w+)\s*(?:!==?\s*(?:null|undefined)\s*)?\)", text)
    return match[1] if match and ERROR.fullmatch(match[1]) else ""


def last_name(node: Node | None, script: Script) -> str:
    """What is called or referred to in the end: ``c`` of ``a.b().c`` and of ``a.c(1)``."""
    while node is not None:
        if node.type in ("call_expression", "new_expression"):
            node = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        elif node.type in ("await_expression", "parenthesized_expression", "non_null_expression"):
            node = next(iter(node.named_children), None)
        else:
            break
    if node is not None and node.type == "member_expression":
        node = node.child_by_field_name("property")
    return script.text(node) if node is not None and node.type in NAMES else ""


def chain_of(node: Node | None, script: Script) -> list[str]:
    """The names in ``a.b().c``, the last one first. Of a very long chain, only the last ones."""
    found: list[str] = []
    while node is not None and len(found) < MAX_CHAIN:
        if node.type in ("call_expression", "new_expression"):
            node = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        elif node.type in ("member_expression", "subscript_expression"):
            found.append(script.text(node.child_by_field_name("property")))
            node = node.child_by_field_name("object")
        elif node.type in ("await_expression", "parenthesized_expression"):
            node = next(iter(node.named_children), None)
        else:
            found += [script.text(node)] if node.type in (*NAMES, "this") else []
            break
    return found


def names_in(node: Node | None, script: Script) -> frozenset[str]:
    """All names in ``node``."""
    return frozenset(script.text(at) for at in walk(node) if at.type in NAMES) if node else frozenset()


def required(node: Node | None, script: Script) -> str:
    """``./db`` of ``require("./db")``, ``require("./db")()``, ``await import("./db")``; "" for anything else."""
    while node is not None and node.type in ("await_expression", "call_expression", "member_expression"):
        function = node.child_by_field_name("function")
        if function is not None and (function.type == "import" or script.text(function) == "require"):
            arguments = node.child_by_field_name("arguments")
            return script.string(next(iter(arguments.named_children), None)) or "" if arguments else ""
        node = function or node.child_by_field_name("object") or next(iter(node.named_children), None)
    return ""


def _is_dynamic(script: Script, node: Node) -> bool:
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    arguments = node.child_by_field_name("arguments") if function else None
    if function is None or arguments is None or not (function.type == "import" or script.text(function) == "require"):
        return False
    return bool(arguments.named_children) and script.string(arguments.named_children[0]) is None


def _names_of(script: Script, node: Node) -> Iterator[str]:
    """The names by which a function or class can be called."""
    if name := script.text(node.child_by_field_name("name")):
        yield name.lstrip("#")
    parent = node.parent
    while parent is not None and parent.type in ("arguments", "call_expression", "parenthesized_expression"):
        parent = parent.parent  # const save = wrap(async () => ...)
    if parent is None:
        return
    if parent.type in ("variable_declarator", "field_definition", "pair", "assignment_pattern"):
        kinds = ("name", "property", "key", "left")
        yield script.text(next((at for kind in kinds if (at := parent.child_by_field_name(kind))), None)).strip("\"'#")
    elif parent.type == "assignment_expression":
        yield last_name(parent.child_by_field_name("left"), script)


def _import(source: Source, node: Node) -> None:
    script = source.script
    name = script.string(node.child_by_field_name("source")) or ""
    for at in walk(node):
        if at.type == "import_specifier":
            taken, alias = at.child_by_field_name("name"), at.child_by_field_name("alias")
            if alias is not None:
                _rename(source, script.text(alias), script.text(taken), name)
            source.aliases.setdefault(script.text(alias or taken), name)
        elif at.type in ("import_clause", "namespace_import"):
            for child in at.named_children:
                if child.type == "identifier":
                    source.aliases[script.text(child)] = name


def _rename(source: Source, alias: str, name: str, module: str) -> None:
    source.aliases[alias] = module
    source.renamed[alias] = name


def _declare(source: Source, node: Node) -> None:
    """A variable, wherever it is declared: what it gets is not called by its name alone."""
    script, target = source.script, node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if target is None:
        return
    name = required(value, script)
    for at in walk(target):
        if at.type in ("identifier", "shorthand_property_identifier_pattern"):
            if name:
                source.aliases.setdefault(script.text(at), name)
            if value is not None and value.type not in FUNCTIONS and _is_outside(node):
                source.units.setdefault(script.text(at), []).append(Unit(source, script.text(at), node))
        elif at.type == "pair_pattern":
            source.renamed[script.text(at.child_by_field_name("value"))] = script.text(at.child_by_field_name("key"))


def _mention(source: Source, node: Node) -> None:
    """A statement outside of functions that does something with variables: ``app.get("/", ...)``."""
    script = source.script
    inner = next(iter(node.named_children), None)
    if inner is None or not _is_outside(node):
        return
    if inner.type == "call_expression":
        chain = chain_of(inner, script)
        arguments = inner.child_by_field_name("arguments")
        given = (
            [script.text(item) for item in arguments.named_children if item.type == "identifier"] if arguments else []
        )
        for name in {*chain[-1:], *given}:
            source.units.setdefault(name, []).append(Unit(source, name, node))
    elif inner.type == "assignment_expression":
        left = script.text(inner.child_by_field_name("left"))
        if left == "module.exports":
            source.exported.append(Unit(source, left, node))
        elif chain := chain_of(inner.child_by_field_name("left"), script):
            for name in {chain[0], chain[-1]} - {"exports", "module"}:
                source.units.setdefault(name, []).append(Unit(source, name, node))


def _is_outside(node: Node) -> bool:
    """Whether a statement stands at the top of its file."""
    at = node.parent
    for _ in range(3):
        if at is None or at.type == "program":
            return True
        at = at.parent if at.type in ("lexical_declaration", "variable_declaration", "export_statement") else None
        if at is None:
            return False
    return False
