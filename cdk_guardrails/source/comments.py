"""Suppressions in comments: ``# guardrails: ignore[source-hardcoded-value] the reason``.

A comment is about its own line, or, standing alone, about the next line of code. On the first or last line of a
statement (of a class, function or loop: of its head, decorators included), or above it, it is about all lines of that.
"""

from __future__ import annotations

import ast
import bisect
import io
import os
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.source.project import Module, Project

_MARK: Final = "guardrails:"
_COMMENT: Final = re.compile(
    r"(?:^|\s)#\s*guardrails:\s*ignore\b\s*(?:\[(?P<ids>(?:[^\[\]]|\[[^\]]*\])*)\])?(?P<reason>.*)", re.IGNORECASE
)
_ID: Final = re.compile(r"[^\s,\[\]]+(?:\[[^\]]*\])?")
_UNTIL: Final = re.compile(r"until\s*=\s*([^,\s]*)")
_NEXT_COMMENT: Final = re.compile(r"\s#(?!\d).*")
"""``# noqa`` and the like behind the reason; ``#12`` is an issue."""

_BETWEEN: Final = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


def suppressions_in(module: Module) -> Iterator[dict[str, Any]]:
    """The raw entries of a module's comments, one for each rule that a comment names.

    Among the ids may stand ``until=2027-01-31``, the last day on which it holds.
    """
    if _MARK not in module.text.lower():
        return
    read = _read(module)
    heads = _heads(module, read.code) if read.comments else []
    for line, about, text in read.comments:
        if match := _COMMENT.search(text):
            where = {"line": f"{module.path}:{line}", "lines": _lines(line, about, heads, read.begins)}
            yield from ({**entry, **where} for entry in _entries(match["ids"] or "", match["reason"]))


def suppressions_in_files(files: Iterable[str]) -> list[dict[str, Any]]:
    """Those in files that are named as findings name them. What is no Python of the app has none."""
    here = Path.cwd()
    marked = [here / file for file in sorted(set(files)) if file.endswith(".py") and _is_marked(file)]
    return [entry for module in Project(marked).modules for entry in suppressions_in(module)]


def _is_marked(file: str) -> bool:
    try:
        return not os.path.isabs(file) and _MARK.encode() in Path(file).read_bytes().lower()
    except (OSError, ValueError):  # of a name that can be none
        return False


def _entries(names: str, reason: str) -> Iterator[dict[str, Any]]:
    dates = [match[1] for match in _UNTIL.finditer(names)]
    ids = [match[0] for match in _ID.finditer(_UNTIL.sub("", names))]
    said = _NEXT_COMMENT.sub("", reason).strip(" \t:-")
    for id_ in ids or [""]:
        yield {"id": id_, "reason": said, "until": dates[0] or "?" if dates else ""}


@dataclass
class _Read:
    """What the tokens of a module say of its lines.

    ``comments``: the line of each, the line of code that it is about, its text. ``code``: the lines on which code ends.
    ``begins``: where a text over several lines begins, by its last line.
    """

    comments: list[tuple[int, int, str]] = field(default_factory=list)
    code: list[int] = field(default_factory=list)
    begins: dict[int, int] = field(default_factory=dict)


def _read(module: Module) -> _Read:
    read = _Read()
    waiting: list[tuple[int, str]] = []
    for token in _tokens(module.text):
        if token.type == tokenize.COMMENT:
            line = token.start[0]
            if module.lines[line - 1][: token.start[1]].strip():
                read.comments.append((line, line, token.string))
            else:
                waiting.append((line, token.string))
        elif token.type not in _BETWEEN:
            read.comments += [(line, token.start[0], text) for line, text in waiting]
            waiting = []
            read.code.append(token.end[0])
            read.begins[token.end[0]] = min(token.start[0], read.begins.get(token.end[0], token.start[0]))
    return read


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens, as far as they can be told: of what has a syntax tree that is all of them."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _heads(module: Module, code: list[int]) -> list[tuple[int, int]]:
    """The first and last line of each statement, the inner ones last; of one with a body, of its head."""
    found = []
    for node in module.nodes:
        if isinstance(node, ast.stmt | ast.excepthandler):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
            found.append((first, _end(node, code)))
    return found


def _end(node: ast.stmt | ast.excepthandler, code: list[int]) -> int:
    body = getattr(node, "body", None) or [case.pattern for case in getattr(node, "cases", ())]
    if not body:
        return node.end_lineno or node.lineno
    inner = min([body[0].lineno, *(decorator.lineno for decorator in getattr(body[0], "decorator_list", []))])
    return max(node.lineno, code[bisect.bisect_left(code, inner) - 1])


def _lines(line: int, about: int, heads: list[tuple[int, int]], begins: dict[int, int]) -> tuple[int, int]:
    """The lines that a comment is about. One that stands alone is at a statement's begin only, not at its end."""
    around = [head for head in heads if head[0] <= about <= head[1]]
    first, last = around[-1] if around else (about, about)
    if about == first or (about == last and line == about):
        return first, last
    return begins.get(about, about), about
