"""Differences of texts as `git apply` and `patch` take them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from cdk_guardrails.report.plain_text import plain

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Only this ends a line: `str.splitlines` would also split at characters that texts hold inside lines."""

_NO_END = "\n\\ No newline at end of file\n"


def unified(name: str, before: str | None, after: str) -> str:
    """The unified diff of the file ``name``, "" without a difference. ``before`` is None when the file is new."""
    old, new = _LINE.findall(before or ""), _LINE.findall(after)
    source = "/dev/null" if before is None else f"a/{plain(name)}"
    return "".join(_ended(difflib.unified_diff(old, new, source, f"b/{plain(name)}")))


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else line + _NO_END
