"""What a repository lacks, as files to write. Looking changes nothing; what is there is never overwritten."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cdk_guardrails.diffs import unified
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.output import write_all
from cdk_guardrails.starter.app_file import CdkApp, advice, read_app
from cdk_guardrails.starter.files import Change, Part
from cdk_guardrails.starter.pre_commit import pre_commit_part
from cdk_guardrails.starter.settings_part import settings_part
from cdk_guardrails.starter.workflow import workflow_part


@dataclass(frozen=True)
class Plan:
    """The parts, each to be written or there already, and what is left to do by hand."""

    app: CdkApp
    parts: tuple[Part, ...]
    advice: tuple[str, ...]

    @property
    def changes(self) -> list[Change]:
        """The files to write."""
        return [part.change for part in self.parts if part.change]

    @property
    def names(self) -> list[str]:
        """Those files, seen from the repository's root."""
        return [self._name(change) for change in self.changes]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The parts that are not written, each with the reason."""
        return [(part.name, part.why_not) for part in self.parts if not part.change]

    @property
    def difference(self) -> str:
        """Every change as a unified diff, seen from the repository's root."""
        return "".join(unified(self._name(change), change.before, change.after) for change in self.changes)

    def _name(self, change: Change) -> str:
        return change.path.relative_to(self.app.root).as_posix()


def make_plan(directory: Path, environment: str) -> Plan:
    """What the CDK app in ``directory`` lacks, and the repository around it.

    ``environment``: what the settings say that the app is deployed for. Raises GuardrailsError when that is no name,
    when there is no cdk.json, or a file that would be added to is broken.
    """
    app = read_app(directory, _root(directory))
    parts = (settings_part(app, environment), pre_commit_part(app), workflow_part(app))
    return Plan(app, parts, tuple(advice(app)))


def carry_out(changes: Iterable[Change]) -> None:
    """Writes the files, all of them or none. Raises GuardrailsError when one is no longer as it was looked at."""
    wanted = list(changes)
    for change in wanted:
        if change.read() != change.before:
            raise GuardrailsError(f"{change.path}: it was changed meanwhile, so nothing was written; try again")
    write_all({change.path: change.after for change in wanted})


def _root(directory: Path) -> Path:
    """The root of the repository; ``directory`` itself when it is in none."""
    start = Path(os.path.realpath(directory))
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start)
