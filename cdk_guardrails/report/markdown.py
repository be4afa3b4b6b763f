"""Markdown for a comment on a pull request: counts, a table of errors, and all the rest folded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from cdk_guardrails.report.escaping import html_words, markdown, markdown_code
from cdk_guardrails.report.fingerprint import below_resource
from cdk_guardrails.report.model import FindingEntry, FixEntry, Report, SuppressedEntry
from cdk_guardrails.report.order import alike, by_template, count, errors_first
from cdk_guardrails.report.spots import Spots

LONGEST: Final = 65_536
"""Characters of a comment on GitHub."""

MARK: Final = "<!-- cdk-guardrails -->"
"""By this line a job finds its own comment, to write it anew."""

_ROWS: Final = 20
_PLACES: Final = 3
_WORDS: Final = 400
_LEFT_OUT: Final = "\n_Left out, as a comment has no room for more: {}. The other report formats have them all._\n"
_RESERVED: Final = 400
"""Characters kept for the note on what is left out, and for the end of a section."""


def render(report: Report) -> str:
    """The report as a comment that GitHub and GitLab take: under `LONGEST` characters, whatever there is to say."""
    comment = _Comment()
    comment.add(f"{MARK}\n### cdk-guardrails: {_headline(report)}\n\n{_second_line(report)}\n")
    errors = [entry for entry in report.findings if entry.severity == "error"]
    groups = alike(errors)
    spots = Spots()
    rows = [_row(group, spots) for group in groups[:_ROWS]]
    if rows:
        comment.table("Rule | What is wrong | Where", rows)
    if len(groups) > _ROWS:
        comment.add(f"\n{count(len(groups) - _ROWS, 'more kind')} of error below.\n")
    for name, entries in by_template(report.findings).items():
        items = [_item(group, spots) for group in alike(errors_first(entries))]
        comment.folded(f"{html_words(_cut(name))}: {_counts(entries)}", items)
    comment.folded(f"Suppressed: {len(report.suppressed)}", [_held(entry) for entry in report.suppressed])
    comment.folded(f"Fixed: {len(report.fixes)}", list(_fixed(report.fixes)))
    comment.folded("Not judged, crashed or not fixed", list(_troubles(report)))
    return comment.text()


class _Comment:
    """A text that grows until it is full; what no longer fits is counted."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = LONGEST - _RESERVED
        self._missing = 0

    def add(self, text: str) -> bool:
        """Takes ``text`` if there is room for it."""
        if len(text) > self._room:
            return False
        self._parts.append(text)
        self._room -= len(text)
        return True

    def table(self, head: str, rows: list[str]) -> None:
        self.add(f"\n| {head} |\n|{' --- |' * (head.count('|') + 1)}\n")
        for row in rows:
            self._missing += not self.add(row)

    def folded(self, title: str, items: list[str]) -> None:
        """A section that a click opens. It is closed even when its items do not all fit."""
        end = "\n</details>\n"
        if not items:
            return
        if not self.add(f"\n<details><summary>{title}</summary>\n\n"):
            self._missing += len(items)
            return
        self._room -= len(end)
        for item in items:
            self._missing += not self.add(item)
        self._parts.append(end)

    def text(self) -> str:
        note = _LEFT_OUT.format(count(self._missing, "entry").replace("entrys", "entries")) if self._missing else ""
        return "".join(self._parts) + note


def _headline(report: Report) -> str:
    return _counts(report.findings) or "nothing found"


def _counts(entries: Iterable[FindingEntry]) -> str:
    kinds = Counter(entry.severity == "error" for entry in entries)
    numbers = {"error": kinds[True], "warning": kinds[False]}
    return ", ".join(count(number, noun) for noun, number in numbers.items() if number)


def _second_line(report: Report) -> str:
    counts = report.summary
    parts = [f"{counts.fixed} fixed", f"{counts.suppressed} suppressed", f"environment {markdown(report.environment)}"]
    rare = {"rules crashed": counts.crashed, "fixes failed": counts.failed_fixes, "not covered": counts.uncovered}
    parts += [f"**{name}: {number}**" for name, number in rare.items() if number]
    parts += [] if report.settled else ["**the fixes did not settle**"]
    return ", ".join(parts)


def _row(group: list[FindingEntry], spots: Spots) -> str:
    first = group[0]
    places = [_place(entry, spots, in_table=True) for entry in group[:_PLACES]]
    if len(group) > _PLACES:
        places.append(f"and {len(group) - _PLACES} more")
    rule = markdown_code(_cut(first.rule), in_table=True)
    return f"| {rule} | {markdown(_cut(first.message))} | {'<br>'.join(places)} |\n"


def _item(group: list[FindingEntry], spots: Spots) -> str:
    first = group[0]
    kind = "error" if first.severity == "error" else "warning"
    lines = [f"- **{kind}** {markdown_code(_cut(first.rule))}: {markdown(_cut(first.message))}"]
    lines += [f"  - at {_place(entry, spots)}" for entry in group]
    lines += [f"  - do {markdown_code(_cut(first.remedy))}"] if first.remedy else []
    lines += [f"  - or {markdown_code(_cut(first.acknowledge))}"] if first.acknowledge else []
    return "\n".join(lines) + "\n"


def _place(entry: FindingEntry, spots: Spots, *, in_table: bool = False) -> str:
    place = entry.place
    spot = spots.of(place)
    named = place.construct_path or place.logical_id
    parts = [f"{spot.file}:{spot.line}" if spot.is_known else "", named, "" if in_table else below_resource(place)]
    shown = [markdown_code(_cut(part), in_table=in_table) for part in parts if part]
    return " ".join(shown) or "the app"


def _held(entry: SuppressedEntry) -> str:
    named = entry.place.construct_path or entry.place.logical_id or entry.place.source or entry.where
    until = f" until {markdown(entry.until)}" if entry.until else ""
    return (
        f"- {markdown_code(_cut(entry.rule))} at {markdown_code(_cut(named))}{until}: {markdown(_cut(entry.reason))}\n"
    )


def _fixed(fixes: Iterable[FixEntry]) -> Iterator[str]:
    numbers: Counter[tuple[str, str]] = Counter((fix.rule.partition("[")[0], fix.title) for fix in fixes)
    for (rule, title), number in sorted(numbers.items()):
        yield f"- {markdown_code(_cut(rule))}: {count(number, 'change')}. {markdown(_cut(title))}\n"


def _troubles(report: Report) -> Iterator[str]:
    for entry in (*report.crashes, *report.uncovered):
        yield f"- {markdown_code(_cut(entry.rule))}: {markdown(_cut(entry.message))}\n"
    for failed in report.failed_fixes:
        yield f"- {markdown_code(_cut(failed.rule))} was not fixed: {markdown(_cut(failed.error))}\n"


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS else f"{text[:_WORDS]} ..."
