"""Foreign text made harmless: names, messages and values of templates may hold anything."""

from __future__ import annotations

import re
from typing import Final

from cdk_guardrails.report.plain_text import plain

__all__ = ["for_log", "html_words", "markdown", "markdown_code", "plain", "plain_lines"]

_LOG_COMMAND: Final = re.compile(r"##(?=\w*\[)")
_LINE_COMMAND: Final = re.compile(r"^(\s*):(?=:)", re.MULTILINE)

_MARKED: Final = re.compile(r"[\\`*_\[\]|~#!$]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_HTML: Final = re.compile("[&<>]")
_CALLS: Final = re.compile(r"@|#(?=\d)|(?i:\bGH-)(?=\d)")
_INVISIBLE: Final = "&#8203;"
"""A zero-width space: what GitHub would take for a mention or an issue stays text."""

_TICKS: Final = re.compile("`+")


def plain_lines(text: str) -> str:
    """`plain` for each line, with the lines kept, as for a traceback."""
    return "\n".join(plain(line) for line in text.expandtabs().split("\n"))


def for_log(text: str) -> str:
    """``text`` without what a CI server takes for a command when it stands in a log.

    GitHub reads ``::`` at the start of a line, GitHub and Azure Pipelines ``##[`` and ``##vso[`` anywhere.
    """
    return _LINE_COMMAND.sub(r"\1\\:", _LOG_COMMAND.sub(r"#\\#", text))


def markdown(text: str) -> str:
    """``text`` as words in GitHub's Markdown: no markup, no HTML, no mention of a person, no link to an issue."""
    return _MARKED.sub(lambda match: "\\" + match[0], _inert(text)).replace("\0", _INVISIBLE)


def html_words(text: str) -> str:
    """``text`` as words where GitHub's Markdown holds HTML, as in a summary: there a backslash is one."""
    return _inert(text).replace("\0", _INVISIBLE)


def _inert(text: str) -> str:
    """Without HTML, and with a NUL, which `plain` leaves none of, where a zero-width space is to stand."""
    words = _HTML.sub(lambda match: _ENTITIES[match[0]], plain(text))
    return _CALLS.sub(lambda match: match[0] + "\0", words)


def markdown_code(text: str, *, in_table: bool = False) -> str:
    """``text`` as code in GitHub's Markdown, between as many backquotes as it needs. "" stays ""."""
    if not text.strip():
        return ""
    shown = plain(text)
    fence = "`" * (max((len(ticks) for ticks in _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{_for_cell(shown) if in_table else shown}{pad}{fence}"


def _for_cell(text: str) -> str:
    """A pipe ends a table's cell even in code, unless a backslash stands before it."""
    return text.replace("|", r"\|")
