"""The Report: what was fixed, found, held back and not reached, as plain values that every format is made from.

It is built from engine Outcomes. Nothing secret is in it: values of the ledger and texts of errors are masked here.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from cdk_guardrails._version import __version__
from cdk_guardrails.engine import Fix, Judged, Outcome
from cdk_guardrails.masking import mask, mask_text
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.report.entries import (
    CrashEntry,
    FailedFixEntry,
    FindingEntry,
    FixEntry,
    Ids,
    Place,
    Replacement,
    SuppressedEntry,
    UncoveredEntry,
)
from cdk_guardrails.rules.base import Finding, RuleInfo, SameAs
from cdk_guardrails.rules.registry import all_rules, every_rule
from cdk_guardrails.settings import PROFILES, Settings
from cdk_guardrails.suppressions import METADATA_KEY
from cdk_guardrails.template import Origin, format_path

__all__ = [
    "SCHEMA_VERSION",
    "CrashEntry",
    "FailedFixEntry",
    "FindingEntry",
    "FixEntry",
    "Ids",
    "Place",
    "Replacement",
    "Replacements",
    "Report",
    "Summary",
    "SuppressedEntry",
    "UncoveredEntry",
    "place_of",
]

SCHEMA_VERSION: Final = 1
"""The version of the report's form. It grows when a field changes its meaning or goes, not when one is added."""

Replacements = Mapping[Finding, tuple[Replacement, ...]]
"""What the safe fixes of findings would write, each alone."""

_UNREACHED: Final = ("stage-uncovered", "unresolved-construct")
"""The findings that say that a part of the app was not judged."""


@dataclass(frozen=True)
class Summary:
    """Counts. ``errors`` and ``warnings`` are findings, crashes included; ``rules_run`` are checks of one resource."""

    fixed: int
    errors: int
    warnings: int
    suppressed: int
    crashed: int
    failed_fixes: int
    uncovered: int
    rules_run: int


@dataclass(frozen=True)
class Report:
    """One run.

    ``environment`` is the one that was given, else the profile's name. ``settled`` is False when fixes were still being
    made in the last pass, as by two rules that undo each other. ``resources`` are all that were judged, clean or not.
    """

    schema_version: int
    tool_version: str
    environment: str
    profile: str
    mode: str
    settled: bool
    summary: Summary
    fixes: tuple[FixEntry, ...] = ()
    findings: tuple[FindingEntry, ...] = ()
    suppressed: tuple[SuppressedEntry, ...] = ()
    crashes: tuple[CrashEntry, ...] = ()
    failed_fixes: tuple[FailedFixEntry, ...] = ()
    uncovered: tuple[UncoveredEntry, ...] = ()
    resources: tuple[Judged, ...] = ()

    @classmethod
    def build(
        cls,
        outcomes: Iterable[Outcome],
        settings: Settings,
        *,
        rules: Mapping[str, RuleInfo] | None = None,
        replacements: Replacements | None = None,
    ) -> Report:
        """The report of all ``outcomes``: fixes in the order applied, all else by template, place and rule."""
        ran = list(outcomes)
        entries = _Entries(settings, _rules_of(ran) if rules is None else rules, replacements or {})
        fixes = tuple(entries.fix(fix) for outcome in ran for fix in outcome.fixes)
        lists = entries.lists(ran)
        return cls(
            schema_version=SCHEMA_VERSION,
            tool_version=__version__,
            environment=settings.environment or settings.profile,
            profile=settings.profile or PROFILES[-1],
            mode=settings.mode,
            settled=all(outcome.settled for outcome in ran),
            summary=Summary(
                fixed=len(fixes),
                errors=sum(entry.severity == "error" for entry in lists["findings"]),
                warnings=sum(entry.severity == "warning" for entry in lists["findings"]),
                suppressed=len(lists["suppressed"]),
                crashed=len(lists["crashes"]),
                failed_fixes=len(lists["failed_fixes"]),
                uncovered=len(lists["uncovered"]),
                rules_run=sum(outcome.rules_run for outcome in ran),
            ),
            fixes=fixes,
            **lists,
            resources=_judged(item for outcome in ran for item in outcome.resources),
        )


def _rules_of(outcomes: Iterable[Outcome]) -> Mapping[str, RuleInfo]:
    """The rules that ``outcomes`` may speak of: those about Python are imported only when one of them has spoken."""
    findings = (finding for outcome in outcomes for finding in (*outcome.findings, *(f for f, _ in outcome.suppressed)))
    rules = all_rules()
    return rules if {finding.rule for finding in findings} <= rules.keys() | OWN_IDS.keys() else every_rule()


def _judged(items: Iterable[Judged]) -> tuple[Judged, ...]:
    """The resources in order, each once and without secrets: a name or a type may be one."""
    found = set(items)
    if not _is_harmless(name for item in found for name in vars(item).values()):
        found = {Judged(*map(mask_text, vars(item).values())) for item in found}
    return tuple(sorted(found, key=_judged_place))


def _is_harmless(names: Iterable[str], *texts: str) -> bool:
    """Whether nothing in these is to be masked. Each is asked for by itself: most are known from another finding.

    Names are cut at slashes: a long path with digits would cost 0.1 s, the import of what looks closer.
    """
    parts = (part for name in names for part in _SLASH.split(name))
    return all(mask_text(part) == part for part in (*texts, *parts))


_SLASH: Final = re.compile(r"(?<![:/])/")
_judged_place = operator.attrgetter("template", "construct_path", "logical_id", "resource_type")

_Entry = TypeVar("_Entry", bound=FindingEntry)


@dataclass(frozen=True)
class _Entries:
    """Makes entries from what the engine says, with what the rules say of themselves."""

    settings: Settings
    rules: Mapping[str, RuleInfo]
    replacements: Replacements

    def lists(self, outcomes: list[Outcome]) -> dict[str, Any]:
        """The report's lists of findings, each by its name in the report."""
        found = [finding for outcome in outcomes for finding in outcome.findings]
        held = [
            self.finding(SuppressedEntry, finding, reason=mask_text(by.reason), until=by.until, where=by.where)
            for outcome in outcomes
            for finding, by in outcome.suppressed
        ]
        crashes = [
            self.finding(CrashEntry, crash.finding, traceback=mask_text(crash.traceback))
            for outcome in outcomes
            for crash in outcome.crashes
        ]
        failed = [
            self.finding(FailedFixEntry, finding, error=mask_text(error))
            for outcome in outcomes
            for finding, error in outcome.failed
        ]
        return {
            "findings": _in_order(
                self.finding(FindingEntry, finding, replacements=self.replacements.get(finding, ()))
                for finding in found
            ),
            "suppressed": _in_order(held),
            "crashes": _in_order(crashes),
            "failed_fixes": _in_order(failed),
            "uncovered": _in_order(self.finding(UncoveredEntry, item) for item in found if item.rule in _UNREACHED),
        }

    def fix(self, fix: Fix) -> FixEntry:
        finding = told(fix.finding)
        return FixEntry(
            rule=finding.id,
            title=self._title(fix.finding),
            place=place_of(finding, _told_path(fix.edit.path)),
            op=fix.edit.op,
            before=mask(fix.before, fix.edit.path),
            after=mask(fix.edit.value, fix.edit.path),
            safety=fix.safety.value,
            resolves=self._same_as(fix.finding),
        )

    def finding(self, class_: type[_Entry], finding: Finding, **more: Any) -> _Entry:
        rule, finding = self.rules.get(finding.rule), told(finding)
        return class_(
            rule=finding.id,
            title=self._title(finding),
            severity=finding.severity.value,
            message=finding.message,
            remedy=finding.remedy,
            place=place_of(finding, finding.path),
            fix=rule.fix_safety.value if rule else "none",
            acknowledge=self._acknowledge(finding),
            same_as=self._same_as(finding),
            **more,
        )

    def _title(self, finding: Finding) -> str:
        return self.rules[finding.rule].title if finding.rule in self.rules else ""

    def _same_as(self, finding: Finding) -> Ids:
        return _ids(self.rules[finding.rule].same_as if finding.rule in self.rules else SameAs())

    def _acknowledge(self, finding: Finding) -> str:
        """Python for what a construct made, a comment for what stands in code, else Metadata."""
        if finding.rule in self.settings.unsuppressable:
            return ""
        if finding.rule in self.rules and not finding.template and finding.origin.source:
            return f"# guardrails: ignore[{finding.id}] ..."
        if finding.origin.construct_path or not finding.logical_id:
            return f'suppress(construct, "{finding.id}", reason="...")'
        return f'Metadata: {{"{METADATA_KEY}": {{"suppress": [{{"id": "{finding.id}", "reason": "..."}}]}}}}'


@functools.cache
def _ids(same: SameAs) -> Ids:
    return {"cdk_nag": same.cdk_nag, "checkov": same.checkov, "security_hub": same.security_hub}


def told(finding: Finding) -> Finding:
    """``finding`` without secrets: messages quote values, and a key, a name or an id may be a secret, too."""
    origin = finding.origin
    place = (finding.template, finding.logical_id, finding.resource_type, origin.construct_path, origin.source)
    if _is_harmless((*place, *map(str, finding.path)), finding.message, finding.remedy, finding.detail):
        return finding
    texts = ("detail", "message", "remedy", "template", "logical_id", "resource_type")
    masked: dict[str, Any] = {name: mask_text(getattr(finding, name)) for name in texts}
    return finding._replace(
        **masked,
        path=_told_path(finding.path),
        origin=Origin(mask_text(origin.construct_path), mask_text(origin.source)),
    )


def _told_path(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return tuple(mask_text(part) if isinstance(part, str) else part for part in path)


def place_of(finding: Finding, path: tuple[str | int, ...]) -> Place:
    """The place of ``finding``, or of ``path`` in its template."""
    return Place(
        template=finding.template,
        construct_path=finding.origin.construct_path,
        logical_id=finding.logical_id,
        resource_type=finding.resource_type,
        property_path=format_path(path),
        source=finding.origin.source,
    )


def _in_order(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    """Each entry once, by place and rule."""
    unique = {_order(entry): entry for entry in entries}
    return tuple(unique[key] for key in sorted(unique))


def _order(entry: FindingEntry) -> tuple[str | int, ...]:
    """Its place and rule, then whatever it says."""
    place = entry.place
    file, line, column = Origin(source=place.source).place
    in_code = ("", 0, 0) if place.construct_path or place.logical_id else (file, line, column)
    where = (place.template, place.construct_path, place.logical_id, *in_code)
    says = (value for value in vars(entry).values() if isinstance(value, str))
    return (*where, entry.rule, place.property_path, entry.message, *says)
