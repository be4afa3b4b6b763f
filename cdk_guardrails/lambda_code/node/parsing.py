"""JavaScript as tree-sitter parses it: a file's tree, and what every reader of such trees asks of a node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from cdk_guardrails.lambda_code.bundle import UnreadError

if TYPE_CHECKING:
    from tree_sitter import Language, Node

MAX_SCRIPT_BYTES: Final = 8 * 1024 * 1024
"""What is read of one file. esbuild and webpack put a function and all its libraries into one file of some megabytes;
parsing takes about 0.05 s and 12 MB of memory for a megabyte of it."""

MAX_DEPTH: Final = 500

_MAX_ODD_BYTES: Final = 256 * 1024
"""What is parsed of text that is no UTF-8: of binary files the parser takes seconds for a megabyte."""

FUNCTIONS: Final = frozenset(
    {
        "arrow_function",
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
"""The types of nodes whose bodies run when they are called."""

_BUNDLERS: Final = (
    b"__commonJS",
    b"__esm(",
    b"__nccwpck_require__",
    b"__toCommonJS",
    b"__webpack_modules__",
    b"__webpack_require__",
    b"getDefaultExportFromCjs",
    b"parcelRequire",
)
"""Helpers that esbuild, webpack, ncc, Rollup and Parcel write into what they put together."""

_MINIFIED: Final = 200
"""Bytes a line from which on, on average, nobody has written a file by hand."""

_LONG: Final = 5_000


@dataclass(frozen=True, eq=False)
class Script:
    """A parsed file. ``root`` is its tree, ``source`` what nodes' places are offsets of."""

    root: Node
    source: bytes

    @property
    def is_broken(self) -> bool:
        """Whether a part of it is no JavaScript that the parser knows."""
        return self.root.has_error

    @property
    def broken_at(self) -> int:
        """The line of the first part that is no JavaScript that the parser knows; 0 when there is none."""
        if not self.is_broken:
            return 0
        at = self.root
        while (inner := next((child for child in at.children if child.has_error), None)) and not at.is_error:
            at = inner
        return line_of(at)

    @property
    def is_bundled(self) -> bool:
        """Whether a bundler or a minifier has written it, so that it is not as its author wrote it."""
        return is_bundled(self.source)

    def text(self, node: Node | None) -> str:
        """What stands at ``node``; "" without one."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace") if node else ""

    def string(self, node: Node | None) -> str | None:
        """The value of a string literal, or of a template literal that nothing is put into."""
        if node is None or node.type not in ("string", "template_string"):
            return None
        if any(part.type != "string_fragment" for part in node.named_children):  # an escape, a substitution
            return None
        return self.text(node)[1:-1]


def parse(source: bytes) -> Script:
    """The tree of ``source``, in part where that is broken. Raises UnreadError when it is no text, or has no parser."""
    if b"\0" in source or (len(source) > _MAX_ODD_BYTES and not _is_utf8(source)):
        raise UnreadError("it is not text")
    try:
        from tree_sitter import Parser

        return Script(Parser(_language()).parse(source).root_node, source)
    except ImportError:
        raise UnreadError(
            "JavaScript is read by tree-sitter and tree-sitter-javascript, which are not installed"
        ) from None


def line_of(node: Node) -> int:
    """The line that ``node`` starts in, from 1 on."""
    return node.start_point[0] + 1


def is_deep(script: Script) -> bool:
    """Whether its tree is deeper than any that a person writes. Much that is asked of a node climbs all the way up."""
    pending = [(script.root, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            return True
        pending += [(child, depth + 1) for child in node.named_children]
    return False


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all that is in it, in the order of the text. Not recursive: programs nest as deeply as they like."""
    pending = [node]
    while pending:
        at = pending.pop()
        yield at
        pending += reversed(at.named_children)


def within(node: Node) -> Iterator[Node]:
    """What is in ``node``, but for what stands in functions of their own in it."""
    pending = list(reversed(node.named_children))
    while pending:
        at = pending.pop()
        yield at
        if at.type not in FUNCTIONS:
            pending += reversed(at.named_children)


def is_bundled(source: bytes) -> bool:
    """Whether a bundler or a minifier has written ``source``."""
    if any(helper in source for helper in _BUNDLERS):
        return True
    lines = source.split(b"\n")
    return len(source) > _LONG and (len(source) / len(lines) > _MINIFIED or max(map(len, lines)) > _LONG)


def _is_utf8(source: bytes) -> bool:
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True


@cache
def _language() -> Language:
    import tree_sitter_javascript
    from tree_sitter import Language

    return Language(tree_sitter_javascript.language())
