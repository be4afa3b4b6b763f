"""What one file requires and imports, and which of that must be there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from cdk_guardrails.lambda_code.node.parsing import FUNCTIONS, Script, line_of

if TYPE_CHECKING:
    from tree_sitter import Node

_GUARD: Final = re.compile(
    r"process\.|\btypeof\b|\brequire\b|\bglobal|\bwindow\b|\bfalse\b"
    r"|(?i:local|debug|offline|mock|test|\bdev|is_?node|is_?browser|has_?|support|available|installed|enabled|platform)"
)
"""A condition with such a name in it asks whether the module can be had here, or whether this is Lambda at all."""

_WORDS: Final = re.compile(rb"\b(?:require|import|export)\b")

_MAKES_REQUIRE: Final = re.compile(r"createRequire|import\.meta\.url|__filename")


class Wanted(NamedTuple):
    """A module as it is written (``./db``, ``@aws-sdk/client-s3``), and the line. One that is not needed may fail.

    ``is_lazy``: it stands in a function, so that only a call of that needs it.
    """

    name: str
    line: int
    is_needed: bool = True
    is_lazy: bool = False


class _Context(NamedTuple):
    is_needed: bool = True
    is_lazy: bool = False
    has_require: bool = True


def requires_of(script: Script, *, whole: bool = True) -> tuple[Wanted, ...]:
    """What ``script`` requires, in the order of the text. Without ``whole``, what is in functions is left out."""
    context = _Context(has_require=not _defines_require(script))
    found = {
        node.start_byte: item
        for node, inner in _walk(script, context, whole)
        if (item := _wanted(script, node, inner)) is not None
    }
    return tuple(found[at] for at in sorted(found))


def _walk(script: Script, context: _Context, whole: bool) -> Iterator[tuple[Node, _Context]]:
    """The nodes in which a word stands that makes a requirement; files are huge, and such words few."""
    words = [match.start() for match in _WORDS.finditer(script.source)]
    pending = [(script.root, context)]
    while pending:
        node, context = pending.pop()
        at = bisect_left(words, node.start_byte)
        if at == len(words) or words[at] >= node.end_byte:
            continue
        yield node, context
        if node.type in FUNCTIONS:
            if whole:
                pending += _of_function(script, node, context)
        else:
            pending += _INSIDE.get(node.type, _children)(script, node, context)


_Inside = Iterable[tuple["Node", _Context]]


def _children(_: Script, node: Node, context: _Context) -> _Inside:
    return [(child, context) for child in node.named_children]


def _of_function(script: Script, node: Node, context: _Context) -> _Inside:
    parameters = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
    shadows = "require" in re.findall(r"\w+", script.text(parameters))
    inner = context._replace(is_lazy=True, has_require=context.has_require and not shadows)
    return [(child, inner) for child in node.named_children]


def _of_try(_: Script, node: Node, context: _Context) -> _Inside:
    """What is tried may fail, and what a handler does instead is needed by nobody that did not fail."""
    optional = context._replace(is_needed=False)
    has_handler = node.child_by_field_name("handler") is not None
    for child in node.named_children:
        yield child, optional if has_handler and child.type != "finally_clause" else context


def _of_condition(script: Script, node: Node, context: _Context) -> _Inside:
    condition = node.child_by_field_name("condition")
    is_guard = bool(_GUARD.search(script.text(condition)))
    inner = context._replace(is_needed=False) if is_guard else context
    for child in node.named_children:
        yield child, context if child == condition else inner


def _of_operator(script: Script, node: Node, context: _Context) -> _Inside:
    """``typeof x === "object" && require("y")``, ``global.fetch || require("node-fetch")``."""
    left = node.child_by_field_name("left")
    operator = script.text(node.child_by_field_name("operator"))
    inner = context._replace(is_needed=False) if operator.startswith(("&&", "||", "??")) else context
    for child in node.named_children:
        yield child, context if child == left else inner


def _of_call(script: Script, node: Node, context: _Context) -> _Inside:
    """What ``.catch(...)`` or a second function for ``.then(...)`` is called on may fail."""
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    method = script.text(function.child_by_field_name("property")) if function else ""
    catches = method == "catch" or (method == "then" and arguments is not None and arguments.named_child_count > 1)
    for child in node.named_children:
        yield child, context._replace(is_needed=False) if catches and child == function else context


_INSIDE: Final = {
    "augmented_assignment_expression": _of_operator,
    "binary_expression": _of_operator,
    "call_expression": _of_call,
    "if_statement": _of_condition,
    "ternary_expression": _of_condition,
    "try_statement": _of_try,
}


def _wanted(script: Script, node: Node, context: _Context) -> Wanted | None:
    name: str | None = None
    if node.type in ("import_statement", "export_statement"):
        name = script.string(node.child_by_field_name("source"))
    elif node.type == "call_expression" and _is_require(script, node, context):
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments else []
        name = script.string(next((item for item in given if item.type != "comment"), None))
    return Wanted(name, line_of(node), context.is_needed, context.is_lazy) if name else None


def _is_require(script: Script, call: Node, context: _Context) -> bool:
    function = call.child_by_field_name("function")
    if function is None:
        return False
    if function.type == "import":
        return True
    return context.has_require and script.text(function) in ("require", "module.require")


def _defines_require(script: Script) -> bool:
    """Whether the file makes itself a ``require`` that is not Node's."""
    if not re.search(rb"\brequire\s*=(?!=)|function\s+require\b", script.source):
        return False
    made = re.findall(rb"\brequire\s*=(?!=)([^\n]*)", script.source)
    return not made or not all(_MAKES_REQUIRE.search(value.decode("utf-8", "replace")) for value in made)
