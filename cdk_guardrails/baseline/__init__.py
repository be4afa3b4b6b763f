"""The baseline: a file of known findings that do not fail a run, each with a reason and a last day.

It holds back findings only. Fixes are made all the same: they take away what an entry is about.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cdk_guardrails.baseline.form import COMMAND, BaselineError, Entry, entries_in
from cdk_guardrails.engine import Outcome
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.report.fingerprint import Identity, identity_at
from cdk_guardrails.report.model import place_of, told
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import BASELINE, Suppression


@dataclass
class Baseline:
    """The entries of a file, and which of them were of use so far.

    ``missing``: there is no such file yet. ``text``: the file as it was read.
    """

    path: Path
    entries: tuple[Entry, ...] = ()
    missing: bool = False
    text: str = ""
    used: set[Identity] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The file as messages and reports name it."""
        return shown(self.path)

    @cached_property
    def _by_identity(self) -> dict[Identity, Entry]:
        return {entry.identity: entry for entry in self.entries}

    @cached_property
    def _rules(self) -> frozenset[str]:
        return frozenset(entry.identity.rule.partition("[")[0] for entry in self.entries)

    def hold(self, outcome: Outcome, settings: Settings) -> None:
        """Moves what is known from the findings of ``outcome`` to those held back.

        A finding whose entry has run out stays, and its message says so. An audit (``ignore_suppressions``) holds
        nothing back, and no entry holds a rule that may not be suppressed.
        """
        if settings.ignore_suppressions:
            return
        left: list[Finding] = []
        for finding in outcome.findings:
            entry = self._about(finding)
            if not entry or finding.rule in settings.unsuppressable:
                left.append(finding)
            elif entry.expired(settings.today):
                ran_out = f"its entry in {self.name} ran out on {entry.until.isoformat()}"
                left.append(finding._replace(message=f"{finding.message} ({ran_out})"))
            else:
                outcome.suppressed.append((finding, self._suppression(entry)))
        outcome.findings = left

    def _about(self, finding: Finding) -> Entry | None:
        """The entry about ``finding``; it counts as used from then on."""
        if finding.rule not in self._rules:
            return None
        entry = self._by_identity.get(_identity(finding))
        if entry:
            self.used.add(entry.identity)
        return entry

    def _suppression(self, entry: Entry) -> Suppression:
        until = entry.until.isoformat()
        return Suppression(entry.identity.rule, entry.reason, until, baseline=f"{BASELINE}{self.name}")

    def notes(self, settings: Settings, findings: Iterable[Finding]) -> Iterator[str]:
        """What a person should know of it after a run of the whole app that has these findings, a line each."""
        if settings.ignore_suppressions:
            return
        if self.missing:
            yield f"there is no baseline {self.name} yet: {COMMAND} writes it"
        holding = [entry for entry in self.entries if entry.identity in self.used and not entry.expired(settings.today)]
        if holding:
            ends = min(entry.until for entry in holding).isoformat()
            yield f"{self.name} holds back findings by {_counted(len(holding))}; the first ends after {ends}"
        said = [_identity(finding) for finding in findings if finding.rule in OWN_IDS]
        unused = (entry.identity for entry in self.entries if entry.identity not in self.used)
        if gone := sum(not may_be_there(known, said) for known in unused):
            yield f"{_counted(gone)} of {self.name} {'is' if gone == 1 else 'are'} gone: run {COMMAND}"


def _identity(finding: Finding) -> Identity:
    finding = told(finding)
    return identity_at(finding.id, place_of(finding, finding.path))


def _counted(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"


def load(path: str | os.PathLike[str]) -> Baseline:
    """The baseline in a file.

    Raises BaselineError: no such file, no baseline, one of a later release, an entry that is not right.
    """
    path = Path(path)
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BaselineError(f"{shown(path)}: not a baseline: expected UTF-8 text: {error.reason}") from None
    except OSError as error:
        raise BaselineError(f"{shown(path)}: the baseline cannot be read: {error.strerror}") from None
    text = text.replace("\r\n", "\n")
    return Baseline(path, tuple(entries_in(text, shown(path))), text=text)


def load_or_empty(path: str | os.PathLike[str]) -> Baseline:
    """As `load`, but one that is not there holds nothing: nothing is hidden, and there is a note of it."""
    return load(path) if os.path.lexists(path) else Baseline(Path(path), missing=True)


def baseline_of(settings: Settings) -> Baseline | None:
    """The baseline that the settings name, if they do. Raises BaselineError as `load` does."""
    return load_or_empty(settings.baseline) if settings.baseline else None


class Baselines:
    """The baselines of one run, each read once: several settings may name the same one."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[Baseline, Settings]] = {}

    def hold(self, outcome: Outcome, settings: Settings) -> None:
        """Holds back what the baseline of ``settings`` knows, if they name one. Raises BaselineError."""
        if settings.baseline:
            if settings.baseline not in self._read:
                self._read[settings.baseline] = (load_or_empty(settings.baseline), settings)
            self._read[settings.baseline][0].hold(outcome, settings)

    def notes(self, findings: Sequence[Finding]) -> list[str]:
        """What a person should know of them after a run of the whole app that has these findings."""
        return [note for baseline, settings in self._read.values() for note in baseline.notes(settings, findings)]


def shown(path: Path) -> str:
    """``path`` seen from the current folder when it is below that, else its name."""
    full, here = Path(os.path.abspath(path)), Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.name


def may_be_there(known: Identity, said: Iterable[Identity]) -> bool:
    """Whether ``known`` may have escaped a run that ``said`` this of itself: its rule crashed, or its place was not
    judged.
    """
    return any(_hides(finding, known) for finding in said)


def _hides(finding: Identity, known: Identity) -> bool:
    id_, _, detail = finding.rule.partition("[")
    if id_ == "rule-crashed":
        return not detail or detail.removesuffix("]") == known.rule.partition("[")[0]
    if id_ in ("stage-uncovered", "unresolved-construct"):
        whole = finding.construct_path or finding.file
        return not whole or f"{known.construct_path or known.file}/".startswith(f"{whole}/")
    if id_ in ("linter-missing", "linter-failed"):
        return known.file.endswith(".py")
    return id_ == "source-unread" and known.file == finding.file
