"""What stands in a Report: entries on fixes and findings, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_guardrails.suppressions import BASELINE

Ids = Mapping[str, tuple[str, ...]]
"""Ids that other tools give to the same thing, by tool: ``cdk_nag``, ``checkov``, ``security_hub``."""


@dataclass(frozen=True)
class Place:
    """Where something is: stack path or file, construct, resource, path in the template, the author's ``file:line``."""

    template: str
    construct_path: str
    logical_id: str
    resource_type: str
    property_path: str
    source: str


@dataclass(frozen=True)
class FixEntry:
    """One line of the ledger: one change of one template.

    The place is the resource that was found wanting, but ``property_path`` is what changed, which may stand in another
    resource or an added one. ``before`` is None when nothing stood there; ``after`` is what was set or appended.
    """

    rule: str
    title: str
    place: Place
    op: str
    before: Any
    after: Any
    safety: str
    resolves: Ids


@dataclass(frozen=True)
class Replacement:
    """A part of a file and the text that is to stand there instead.

    Lines and columns (in characters, a byte order mark aside) begin at 1; what is at the end is no longer part of it.
    """

    file: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class FindingEntry:
    """One thing that is wrong. ``rule`` has the detail: ``iam-wildcard-action[s3:*]``.

    ``fix`` says whether the rule has a fix: ``safe``, ``unsafe`` (only when asked for) or ``none``. ``acknowledge`` is
    the line that suppresses the finding, "" when the settings forbid that. ``replacements`` are what the fix alone
    would write into the author's template, worked out only for formats that show them.
    """

    rule: str
    title: str
    severity: str
    message: str
    remedy: str
    place: Place
    fix: str
    acknowledge: str
    same_as: Ids
    replacements: tuple[Replacement, ...] = field(default=(), kw_only=True)

    @property
    def rule_id(self) -> str:
        """The rule's id without a detail."""
        return self.rule.partition("[")[0]


@dataclass(frozen=True)
class SuppressedEntry(FindingEntry):
    """A finding that a suppression holds back: why, until when ("" for ever), and what the suppression covers.

    One that a baseline holds back says ``baseline guardrails-baseline.json`` there.
    """

    reason: str
    until: str
    where: str

    @property
    def is_in_baseline(self) -> bool:
        """Whether it is held back as a known finding, not by somebody who decided on it."""
        return self.where.startswith(BASELINE)


@dataclass(frozen=True)
class CrashEntry(FindingEntry):
    """A rule that crashed. Its finding is among the findings, too."""

    traceback: str


@dataclass(frozen=True)
class FailedFixEntry(FindingEntry):
    """A fix that could not be applied. Its finding is among the findings, too."""

    error: str


@dataclass(frozen=True)
class UncoveredEntry(FindingEntry):
    """A part of the app that was not judged. Its finding is among the findings, too."""
