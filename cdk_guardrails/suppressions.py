"""Suppressions: a rule, a reason, an end date. Whether one holds is decided here and nowhere else."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_guardrails.errors import SuppressionError, nearest
from cdk_guardrails.rules.base import Finding

BASELINE: Final = "baseline "
"""How the place of a suppression begins that comes from a baseline: the file follows."""

METADATA_KEY: Final = "cdk-guardrails"
"""The key under a resource's Metadata: ``{"cdk-guardrails": {"suppress": [{"id", "reason", "until"}]}}``."""

NAMESPACE: Final = "cdk-guardrails::"
"""What CDK puts before our rule ids in ``Validations.of(c).acknowledge(...)``."""


@dataclass(frozen=True)
class Suppression:
    """Holds back a rule (``s3-versioning``) or one detail of it (``iam-wildcard-action[s3:*]``).

    ``path`` is a construct path, which covers all below it, or a glob over construct paths; ``logical_id`` is given
    instead when the suppression stands in a template's Metadata, ``line`` (``app.py:12``) when it is a comment in code,
    which is about ``lines`` of that file, the first and the last.
    ``until``: the last day on which it holds, as written.
    ``baseline`` names the file of known findings that it comes from.
    ``acknowledged`` is the qualified id when CDK's own `acknowledge` was used, so that CDK knows of it too.
    """

    id: str
    reason: str
    until: str = ""
    path: str = ""
    template: str = ""
    logical_id: str = ""
    source: str = ""
    acknowledged: str = ""
    line: str = ""
    lines: tuple[int, int] = (0, 0)
    baseline: str = ""

    @property
    def rule(self) -> str:
        """The rule's id without a detail."""
        return self.id.partition("[")[0]

    @property
    def where(self) -> str:
        """What it covers, for messages; of a baseline, the file."""
        return self.path or self.logical_id or self.line or self.baseline or "the whole app"

    def expired(self, today: datetime.date) -> bool:
        """Whether ``until`` has passed. A date that cannot be read counts as passed."""
        if not self.until:
            return False
        try:
            return datetime.date.fromisoformat(self.until) < today
        except ValueError:
            return True

    def covers(self, finding: Finding) -> bool:
        """Whether this is about ``finding``, expiry aside."""
        if self.id not in (finding.rule, finding.id):
            return False
        if self.logical_id:
            return (self.template, self.logical_id) == (finding.template, finding.logical_id)
        if self.line:
            file, line, _ = finding.origin.place
            return file == self.line.rpartition(":")[0] and self.lines[0] <= line <= self.lines[1]
        return _path_covers(self.path, finding.origin.construct_path)


def _path_covers(pattern: str, path: str) -> bool:
    if not pattern:
        return True
    if any(char in pattern for char in "*?["):
        parts = path.split("/")
        return any(fnmatch.fnmatchcase("/".join(parts[:depth]), pattern) for depth in range(1, len(parts) + 1))
    return path == pattern or path.startswith(pattern + "/")


def make(id_: object, reason: object, until: object, known_rules: Collection[str], **where: Any) -> Suppression:
    """A suppression whose words have been checked. Raises SuppressionError: no reason, no such rule, no such date."""
    if not isinstance(id_, str) or not id_:
        raise SuppressionError(f"a suppression needs the id of a rule, not {id_!r}")
    id_ = id_.removeprefix(NAMESPACE)
    rule = id_.partition("[")[0]
    if rule not in known_rules:
        raise SuppressionError(f"cannot suppress '{id_}': there is no rule '{rule}'.{nearest(rule, known_rules)}")
    if not isinstance(reason, str) or not reason.strip():
        raise SuppressionError(f"suppressing '{id_}' needs a reason: say why this is right here")
    return Suppression(id_, reason.strip(), _date_text(until, id_), **where)


def _date_text(until: object, id_: str) -> str:
    if until is None or until == "":
        return ""
    try:
        date = until if isinstance(until, datetime.date) else datetime.date.fromisoformat(str(until))
    except ValueError:
        raise SuppressionError(f"suppressing '{id_}': until must be a date like 2027-01-31, not '{until}'") from None
    return f"{date:%Y-%m-%d}"


def from_metadata(template: str, logical_id: str, metadata: Any) -> Iterator[Mapping[str, Any]]:
    """The raw entries of a resource's Metadata, each a mapping with ``id``, ``reason`` and perhaps ``until``."""
    block = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    entries = block.get("suppress") if isinstance(block, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield {**entry, "template": template, "logical_id": logical_id}


@dataclass
class Suppressions:
    """All suppressions of a run, and which of them were of use."""

    today: datetime.date
    entries: list[Suppression] = field(default_factory=list)
    unsuppressable: frozenset[str] = frozenset()
    ignored: bool = False
    used: set[Suppression] = field(default_factory=set)
    expired_used: set[Suppression] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_rule: dict[str, list[Suppression]] = {}
        entries, self.entries = self.entries, []
        self.extend(entries)

    def extend(self, entries: Iterable[Suppression]) -> None:
        """Adds suppressions, each once."""
        for entry in entries:
            if entry not in self._by_rule.setdefault(entry.rule, []):
                self._by_rule[entry.rule].append(entry)
                self.entries.append(entry)

    def holding(self, finding: Finding) -> Suppression | None:
        """The suppression that holds ``finding`` back, if any; it counts as used from then on."""
        found = None
        for entry in self._by_rule.get(finding.rule, ()):
            if not entry.covers(finding):
                continue
            if entry.expired(self.today):
                self.expired_used.add(entry)
            elif finding.rule in self.unsuppressable:
                self.used.add(entry)
            else:
                self.used.add(entry)
                found = found or entry
        return None if self.ignored else found

    def unused(self) -> list[Suppression]:
        """Those that hold but matched nothing."""
        return [entry for entry in self.entries if entry not in self.used and entry not in self.expired_used]
