"""The report for people: at a terminal, in a log, in the error of a synth.

Laid out with the standard library: Rich takes eight seconds for 5,000 findings, and 0.2 to import.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

from cdk_guardrails.report.escaping import for_log, plain
from cdk_guardrails.report.fingerprint import below_resource
from cdk_guardrails.report.model import FindingEntry, Report
from cdk_guardrails.report.order import alike, by_template, count, errors_first

WIDTH: Final = 80
"""Columns, where nobody says how many there are."""

_WIDEST: Final = 120
_GUTTER: Final = 9
_STYLES: Final[Mapping[str, str]] = {"error": "1;31", "warning": "1;33", "rule": "1", "heading": "1;4", "label": "2"}
"""ANSI codes: bold red, bold yellow, bold, bold and underlined, faint."""


def summary(report: Report, path: str | os.PathLike[str]) -> str:
    """The one line for stderr: how much was fixed and found, and where the report is."""
    return f"cdk-guardrails: {counts(report)} - {_short(path)}"


def counts(report: Report) -> str:
    """How much was fixed and found: ``fixed 1, errors 2, warnings 0, suppressed 0``."""
    numbers = report.summary
    known = sum(entry.is_in_baseline for entry in report.suppressed)
    shown = {
        "fixed": numbers.fixed,
        "errors": numbers.errors,
        "warnings": numbers.warnings,
        "suppressed": numbers.suppressed - known,
    }
    rare = {
        "in the baseline": known,
        "rules crashed": numbers.crashed,
        "fixes failed": numbers.failed_fixes,
        "not covered": numbers.uncovered,
        "runs that did not settle": int(not report.settled),
    }
    shown |= {name: number for name, number in rare.items() if number}
    return ", ".join(f"{name} {number}" for name, number in shown.items())


def render(report: Report, *, width: int = WIDTH, colour: bool = False) -> str:
    """Every finding by template, errors first: what, where, what to do, how to suppress it. Nothing when there is none.

    Findings that say the same of several places stand together. Lines are broken at spaces only, so that paths can be
    copied: a long one may go over ``width`` columns.
    """
    blocks = []
    for name, entries in by_template(report.findings).items():
        page = _Page(max(width, 3 * _GUTTER), colour)
        page.heading(name, entries)
        for group in alike(errors_first(entries)):
            page.group(group)
        blocks.append(page.text())
    return "\n".join(blocks)


def for_stream(report: Report, stream: TextIO) -> str:
    """The same, as wide as the terminal behind ``stream`` and in colour, if there is one."""
    width = min(shutil.get_terminal_size((WIDTH, 24)).columns, _WIDEST) if stream.isatty() else WIDTH
    return render(report, width=width, colour=wants_colour(stream))


def wants_colour(stream: TextIO) -> bool:
    """Whether to write colours to ``stream``: to terminals, unless NO_COLOR says otherwise; anywhere by FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    is_able = os.environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in os.environ)
    return is_able and stream.isatty()


class _Page:
    """The lines about one template."""

    def __init__(self, width: int, colour: bool) -> None:
        self._wrapper = textwrap.TextWrapper(
            width - _GUTTER, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        self._width, self._colour = width - _GUTTER, colour
        self._lines: list[str] = []

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def heading(self, name: str, entries: list[FindingEntry]) -> None:
        errors = sum(entry.severity == "error" for entry in entries)
        numbers = {"error": errors, "warning": len(entries) - errors}
        counts = ", ".join(count(number, noun) for noun, number in numbers.items() if number)
        self._lines.append(f"{self._styled(for_log(plain(name)), 'heading')}  {counts}")

    def group(self, group: list[FindingEntry]) -> None:
        first = group[0]
        kind = "error" if first.severity == "error" else "warning"
        self._add(kind, f"{first.rule}: {first.message}", style=kind, bold=first.rule)
        for entry in group:
            self._add("  at", _where(entry))
        self._add("  do", first.remedy)
        self._add("  or", first.acknowledge)

    def _add(self, label: str, text: str, *, style: str = "label", bold: str = "") -> None:
        """``text`` beside its label. What a CI server would take for a command is made harmless in the lines as cut."""
        if not text:
            return
        shown = plain(text)
        lines = [shown] if len(shown) <= self._width else self._wrapper.wrap(shown)
        gutter = f"{label:<{_GUTTER}}"
        for line in lines:
            safe = for_log(line)
            name = plain(bold)
            if name and safe.startswith(name):
                safe = self._styled(name, "rule") + safe[len(name) :]
            self._lines.append(self._styled(gutter, style) + safe if gutter.strip() else gutter + safe)
            gutter, bold = " " * _GUTTER, ""

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour else text


def _where(entry: FindingEntry) -> str:
    place = entry.place
    named = place.construct_path or place.logical_id
    return " ".join(_parts(place.source, named, below_resource(place)))


def _parts(*parts: str) -> Iterator[str]:
    return (part for part in parts if part)


def _short(path: str | os.PathLike[str]) -> str:
    """``path`` seen from the current folder when it is below it."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd().resolve()))
    except (ValueError, OSError):
        return str(path)
