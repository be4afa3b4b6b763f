"""The findings in code as linters print them: ``path:line:column: severity rule: message``, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cdk_guardrails.report.model import FindingEntry, Report
from cdk_guardrails.report.plain_text import plain
from cdk_guardrails.template import Origin


def render(report: Report) -> str:
    """The findings for people, a line each, and below it what to do."""
    return "".join(_lines(finding) for finding in _in_code(report))


def to_json(report: Report) -> str:
    """The findings for programs. In ASCII, so that it is the same on every terminal."""
    return json.dumps({"findings": [_row(finding) for finding in _in_code(report)]}, indent=2) + "\n"


def elsewhere(report: Report) -> Iterable[FindingEntry]:
    """The findings that are about no place in code, as that a linter is missing."""
    return (finding for finding in report.findings if not finding.place.source)


def _in_code(report: Report) -> Iterable[FindingEntry]:
    return (finding for finding in report.findings if finding.place.source)


def _row(finding: FindingEntry) -> dict[str, Any]:
    path, line, column = Origin(source=finding.place.source).place
    return {
        "rule": finding.rule_id,
        "severity": finding.severity,
        "message": finding.message,
        "path": path,
        "line": line,
        "column": max(column, 1),
        "suggestion": finding.remedy,
    }


def _lines(finding: FindingEntry) -> str:
    path, line, column = Origin(source=finding.place.source).place
    said = plain(f"{finding.severity} {finding.rule}: {finding.message}")
    advice = f"    {plain(finding.remedy)}\n" if finding.remedy else ""
    return f"{plain(path)}:{line}:{max(column, 1)}: {said}\n{advice}"
