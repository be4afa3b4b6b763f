"""In which order, and under which headings, people read findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from cdk_guardrails.report.model import FindingEntry, Place
from cdk_guardrails.report.plain_text import plain
from cdk_guardrails.template import Origin

_Entry = TypeVar("_Entry", bound=FindingEntry)

WHOLE_APP: Final = "the app"


def errors_first(entries: Iterable[_Entry]) -> list[_Entry]:
    """Errors, then the rest; each in the order of the report, which is by place."""
    return sorted(entries, key=lambda entry: entry.severity != "error")


def by_template(entries: Iterable[_Entry]) -> dict[str, list[_Entry]]:
    """The entries of each template or stack, or file of code; those with errors come first, then by name."""
    groups: dict[str, list[_Entry]] = {}
    for entry in entries:
        groups.setdefault(heading(entry.place), []).append(entry)
    clean = {name: all(entry.severity != "error" for entry in group) for name, group in groups.items()}
    return {name: groups[name] for name in sorted(groups, key=lambda name: (clean[name], name))}


def heading(place: Place) -> str:
    """The stack's path or the template's file; of what stands in code, that file."""
    return place.template or Origin(source=place.source).place[0] or place.construct_path or WHOLE_APP


def alike(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    """Entries that say the same of several places, together."""
    groups: dict[tuple[str, ...], list[_Entry]] = {}
    for entry in entries:
        key = (entry.severity, entry.rule, entry.message, entry.remedy, entry.acknowledge)
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def by_rule(rules: Iterable[str]) -> str:
    """How often each rule stands in ``rules``, without details: ``s3-tls-only 2, s3-versioning``."""
    counts = Counter(rule.partition("[")[0] for rule in rules)
    return ", ".join(
        f"{plain(rule)} {number}" if number > 1 else plain(rule) for rule, number in sorted(counts.items())
    )


def count(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
