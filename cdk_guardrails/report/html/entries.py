"""The lines of the HTML page: what the Report says of findings, fixes and suppressions, each in one form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.report.html.changes import Line, compared, in_short
from cdk_guardrails.report.html.map import short_type
from cdk_guardrails.report.model import FindingEntry, FixEntry, Ids, Place, Report, SuppressedEntry

_TOOLS: Final = {"cdk_nag": "cdk-nag", "checkov": "Checkov", "security_hub": "Security Hub"}
Fact = tuple[str, str]
"""A term and what it says."""


@dataclass
class Entry:
    """One line of the page, and what opens below it. ``number`` counts in the order of the page."""

    kind: str
    rule: str
    place: Place
    text: str
    facts: list[Fact]
    safety: str
    same_as: str
    title: str
    until: str = ""
    changed: str = ""
    lines: Sequence[Line] = ()
    trace: str = ""
    number: int = -1

    @property
    def rule_id(self) -> str:
        """The rule's id without a detail."""
        return self.rule.partition("[")[0]

    @property
    def detail(self) -> str:
        """What tells it from others of the same rule and resource: the rule's detail, of a fix the property."""
        return self.changed or self.rule.partition("[")[2].removesuffix("]")

    @property
    def name(self) -> str:
        """The construct as seen from its stack, else the resource, else the file."""
        return name_of(self.place) or self.place.source.partition(":")[0] or "The app"

    @property
    def type(self) -> str:
        """``S3 Bucket``."""
        return short_type(self.place.resource_type)


def name_of(place: Place) -> str:
    """The construct's path below its stack, without the ``Resource`` that every L2 ends in; else the logical id."""
    path = place.construct_path.removeprefix(f"{place.template}/").removesuffix("/Resource")
    return path or place.logical_id


def entries_of(report: Report) -> Iterator[Entry]:
    """Every entry of the page: findings, then fixes, then what is suppressed."""
    notes = _notes(report)
    for finding in report.findings:
        yield _finding(finding, finding.severity, notes.get(_key(finding), ""))
    for fix in report.fixes:
        yield _fix(fix)
    for held in report.suppressed:
        yield _suppressed(held)


def _notes(report: Report) -> dict[tuple[Any, ...], str]:
    """Tracebacks and failures of fixes, by the finding that they belong to."""
    failed = {_key(entry): f"The fix could not be applied: {entry.error}" for entry in report.failed_fixes}
    return failed | {_key(entry): entry.traceback for entry in report.crashes}


def _key(finding: FindingEntry) -> tuple[Any, ...]:
    return finding.rule, finding.place, finding.message


def _finding(finding: FindingEntry, kind: str, trace: str = "") -> Entry:
    return Entry(
        kind=kind,
        rule=finding.rule,
        place=finding.place,
        text=finding.message,
        facts=_facts(("Do", finding.remedy), *_where(finding.place), ("Suppress", finding.acknowledge)),
        safety=finding.fix,
        same_as=_ids(finding.same_as),
        title=finding.title,
        trace=trace,
    )


def _suppressed(held: SuppressedEntry) -> Entry:
    entry = _finding(held, "suppressed")
    covers = held.where if held.where != held.place.construct_path else ""
    entry.facts = _facts(("Because", held.reason), ("Suppressed for", covers), *_where(held.place))
    entry.until = held.until
    return entry


def _fix(fix: FixEntry) -> Entry:
    own = f"Resources.{fix.place.logical_id}."
    path = fix.place.property_path.removeprefix(own).removeprefix("Properties.")
    return Entry(
        kind="fixed",
        rule=fix.rule,
        place=fix.place,
        text=in_short(fix),
        facts=_facts(*_where(fix.place)),
        safety=fix.safety,
        same_as=_ids(fix.resolves),
        title=fix.title,
        changed=path,
        lines=compared(fix),
    )


def _where(place: Place) -> tuple[Fact, ...]:
    construct = place.construct_path or place.logical_id
    return (("Construct", construct), ("Property", place.property_path), ("Source", place.source))


def _facts(*facts: Fact) -> list[Fact]:
    return [fact for fact in facts if fact[1]]


def _ids(ids: Ids) -> str:
    return "; ".join(f"{_TOOLS.get(tool, tool)} {', '.join(names)}" for tool, names in ids.items() if names)
