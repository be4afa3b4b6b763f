"""Where findings about a cloud assembly stand when no trace leads to the author's line: in the template's file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cdk_guardrails.engine import Outcome
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.template import App, Origin
from cdk_guardrails.template.json_lines import resource_lines


def locate(outcome: Outcome, app: App) -> None:
    """Gives each finding without a source the line of its resource in the file that its template was read from."""
    at = _Lines({template.name: template.file for template in app.templates if template.file}).located
    outcome.findings = [at(finding) for finding in outcome.findings]
    outcome.suppressed = [(at(finding), held) for finding, held in outcome.suppressed]
    outcome.crashes = [replace(crash, finding=at(crash.finding)) for crash in outcome.crashes]
    outcome.failed = [(at(finding), error) for finding, error in outcome.failed]


@dataclass
class _Lines:
    """The lines of resources, by the files of templates by name. A file is read when it is asked for."""

    files: dict[str, str]
    _read: dict[str, dict[str, int]] = field(default_factory=dict)

    def located(self, finding: Finding) -> Finding:
        file = self.files.get(finding.template)
        if finding.origin.source or not file:
            return finding
        line = self._of(file).get(finding.logical_id) if finding.logical_id else 1
        if line is None:
            return finding
        return finding._replace(origin=Origin(finding.origin.construct_path, f"{file}:{line}"))

    def _of(self, file: str) -> dict[str, int]:
        if file not in self._read:
            try:
                self._read[file] = resource_lines(read_bytes(file).decode("utf-8-sig"))
            except (OSError, ValueError, LookupError, RecursionError):  # changed since it was judged
                self._read[file] = {}
        return self._read[file]
