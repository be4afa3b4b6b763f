"""Suppressions in comments: ``# guardrails: ignore[source-hardcoded-value] the reason``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.source.project import Module

_COMMENT: Final = re.compile(r"#\s*guardrails:\s*ignore\b\s*(?:\[(?P<ids>[^\]]*)\])?(?P<reason>.*)")
_UNTIL: Final = re.compile(r"until\s*=?\s*(\S+)")


def suppressions_in(module: Module) -> Iterator[dict[str, Any]]:
    """The raw entries of a module's comments, one for each rule that a comment names.

    A comment is about its own line, or, standing alone, about the next line of code. Among the ids may stand
    ``until=2027-01-31``, the last day on which it holds.
    """
    for line, text in _comments(module):
        match = _COMMENT.match(text)
        if match is None:
            continue
        names = [name.strip() for name in (match["ids"] or "").split(",") if name.strip()]
        until = next((date[1] for name in names if (date := _UNTIL.fullmatch(name))), "")
        ids = [name for name in names if not _UNTIL.fullmatch(name)]
        reason = match["reason"].strip(" \t:-")
        for id_ in ids or [""]:
            yield {"id": id_, "reason": reason, "until": until, "line": f"{module.path}:{line}"}


def _comments(module: Module) -> Iterator[tuple[int, str]]:
    """The comments that speak to us, each with the line that it is about."""
    if "guardrails:" not in module.text:
        return
    waiting: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            alone = not token.line[: token.start[1]].strip()
            if alone:
                waiting.append(token.string)
            else:
                yield token.start[0], token.string
        elif waiting and token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE):
            yield from ((token.start[0], text) for text in waiting)
            waiting = []
