"""Before and after of a fix, as lines that a person can compare."""

from __future__ import annotations

import difflib
import json
from typing import Any, Final

from cdk_guardrails.report.model import FixEntry

MAX_LINES: Final = 120
"""Lines of a comparison that are shown: a whole policy fits, an inline template does not."""

_WIDTH: Final = 88
"""Characters up to which a value is not spread over lines."""

_SHORT: Final = 60
"""Characters of a value in one line."""

Line = tuple[str, str]
"""A sign (``+``, ``-``, or a space for what stays) and a text."""


def compared(fix: FixEntry) -> list[Line]:
    """The lines that went, came and stayed. Of what something was appended to, nothing but the new element is shown."""
    before = [] if fix.op == "append" else _lines(fix.before)
    changed = list(difflib.unified_diff(before, _lines(fix.after), n=3, lineterm=""))[2:]
    lines = [(" ", "...") if line.startswith("@@") else (line[0], line[1:]) for line in changed]
    lines = lines[1:] if lines[:1] == [(" ", "...")] else lines
    more = len(lines) - MAX_LINES
    return [*lines[:MAX_LINES], (" ", f"... {more} more lines")] if more > 0 else lines


def in_short(fix: FixEntry) -> str:
    """The change in one line."""
    if fix.op == "remove":
        return f"{_short(fix.before)} removed"
    if fix.op == "append":
        return f"{_short(fix.after)} appended"
    return _short(fix.after) if fix.before is None else f"{_short(fix.before)} \u2192 {_short(fix.after)}"


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    text = value if isinstance(value, str) else _spread(value, "")
    return text.splitlines() or [""]


def _spread(value: Any, indent: str) -> str:
    """``value`` as JSON: what fits in a line stands in one, which `json.dumps` cannot do."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(indent) + len(text) <= _WIDTH or not isinstance(value, dict | list | tuple):
        return text
    deeper = f"{indent}  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(str(key), ensure_ascii=False)}: {_spread(item, deeper)}" for key, item in value.items()]
    else:
        rows = [_spread(item, deeper) for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{deeper}" + f",\n{deeper}".join(rows) + f"\n{indent}{last}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split()) or '""'
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."
