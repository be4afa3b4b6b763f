"""Brings a baseline up to what a report says: what is known stays, what is gone goes, what is new comes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from cdk_guardrails.baseline import Baseline, may_be_there
from cdk_guardrails.baseline.form import BaselineError, Entry, in_order, render, told
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.report.fingerprint import Identity, identity
from cdk_guardrails.report.model import FindingEntry, Report
from cdk_guardrails.report.output import write_text

MOST_DAYS: Final = 3650
"""What is to be held back for longer is no debt: suppress it, with a reason."""


class Terms(NamedTuple):
    """What new entries get: why they are not fixed yet, and their last day."""

    reason: str
    until: datetime.date


class Refused(NamedTuple):
    """A finding that no baseline holds, and why."""

    identity: Identity
    why: str


@dataclass(frozen=True)
class Update:
    """What a report makes of a baseline.

    ``entries`` are all of the new file. ``unjudged`` are those that stay since the report cannot tell whether they are
    gone. ``expired`` are found again, but ran out, and so hold nothing back.
    """

    entries: tuple[Entry, ...]
    new: tuple[Identity, ...]
    gone: tuple[Identity, ...]
    unjudged: tuple[Identity, ...]
    expired: tuple[Identity, ...]
    refused: tuple[Refused, ...]

    def lines(self) -> Iterator[str]:
        """What changes, and what a person must know, a line each."""
        yield from (f"new: {told(id_)}" for id_ in self.new)
        yield from (f"gone: {told(id_)}" for id_ in self.gone)
        yield from (f"kept, since it was not judged: {told(id_)}" for id_ in self.unjudged)
        yield from (f"ran out: {told(id_)}" for id_ in self.expired)
        yield from (f"not taken: {told(id_)}: {why}" for id_, why in self.refused)

    def summary(self) -> str:
        """The counts; those that are seldom only when there are any."""
        counts = {"new": len(self.new), "known": len(self.entries) - len(self.new), "gone": len(self.gone)}
        rare = {"not judged": self.unjudged, "ran out": self.expired, "not taken": self.refused}
        counts |= {name: len(those) for name, those in rare.items() if those}
        return ", ".join(f"{name} {number}" for name, number in counts.items())


def terms(reason: str, expires: str, today: datetime.date) -> Terms:
    """What new entries get. ``expires``: a number of days from ``today``, or the last day itself.

    An empty ``reason`` becomes one that says when the entries were made. Raises BaselineError for no day to come.
    """
    return Terms(reason.strip() or f"known since {today.isoformat()}, not fixed yet", _last_day(expires, today))


def _last_day(expires: str, today: datetime.date) -> datetime.date:
    try:
        is_number = expires.isascii() and expires.isdigit()
        last = today + datetime.timedelta(int(expires)) if is_number else datetime.date.fromisoformat(expires)
    except (ValueError, OverflowError):
        last = datetime.date.min
    if not today <= last <= today + datetime.timedelta(MOST_DAYS):
        expected = f"a number of days up to {MOST_DAYS}, or a date from today on, such as 2027-01-31"
        raise BaselineError(f"--expires: expected {expected}, not {expires[:40]!r}")
    return last


def update(
    known: Iterable[Entry], report: Report, given: Terms, today: datetime.date, *, renew: bool = False
) -> Update:
    """The entries ``known`` brought up to ``report``.

    They keep their reason and date; with ``renew`` those that ran out get the date of ``given``. What is new gets its
    reason and date. What is gone is dropped.
    """
    before = {entry.identity: entry for entry in known}
    found, refused = _found(report)
    said = [identity(entry) for entry in report.findings if entry.rule_id in OWN_IDS]
    unjudged = {id_ for id_ in before.keys() - found - refused.keys() if may_be_there(id_, said)}
    expired = {id_ for id_ in before.keys() & found if before[id_].expired(today)}
    kept = [entry for id_, entry in before.items() if id_ in found or id_ in unjudged]
    if renew:
        kept = [replace(entry, until=given.until) if entry.identity in expired else entry for entry in kept]
    new = found - before.keys()
    return Update(
        entries=(*kept, *(Entry(id_, *given) for id_ in new)),
        new=tuple(in_order(new)),
        gone=tuple(in_order(before.keys() - found - unjudged)),
        unjudged=tuple(in_order(unjudged)),
        expired=() if renew else tuple(in_order(expired)),
        refused=tuple(Refused(id_, refused[id_]) for id_ in in_order(refused)),
    )


def _found(report: Report) -> tuple[set[Identity], dict[Identity, str]]:
    """What a baseline may hold, what one holds already included; and what none may, and why."""
    found = {identity(entry) for entry in report.suppressed if entry.is_in_baseline}
    refused: dict[Identity, str] = {}
    for entry in report.findings:
        if why := _refusal(entry):
            refused[identity(entry)] = why
        else:
            found.add(identity(entry))
    return found, refused


def _refusal(entry: FindingEntry) -> str:
    if entry.rule_id in OWN_IDS:
        return "it is not what a rule found, but what could not be done"
    return "" if entry.acknowledge else "the settings say that this rule may not be suppressed"


def write(baseline: Baseline, entries: Iterable[Entry], *, only_check: bool = False) -> bool:
    """Writes the file, whole or not at all; returns whether that changes it. A first one needs entries.

    With ``only_check`` nothing is written. Raises BaselineError when it cannot be.
    """
    entries = list(entries)
    text = render(entries)
    changes = text != baseline.text and bool(entries or not baseline.missing)
    if changes and not only_check:
        try:
            write_text(text, baseline.path)
        except OSError as error:
            raise BaselineError(f"{baseline.name}: the baseline cannot be written: {error.strerror}") from None
    return changes
