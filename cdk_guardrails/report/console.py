"""The report for people at a terminal, as plain text."""

from __future__ import annotations

import os
from pathlib import Path

from cdk_guardrails.report.model import FindingEntry, Report


def summary(report: Report, path: str | os.PathLike[str]) -> str:
    """The one line for stderr: how much was fixed and found, and where the report is."""
    counts = report.summary
    shown = {
        "fixed": counts.fixed,
        "errors": counts.errors,
        "warnings": counts.warnings,
        "suppressed": counts.suppressed,
    }
    rare = {
        "rules crashed": counts.crashed,
        "fixes failed": counts.failed_fixes,
        "not covered": counts.uncovered,
        "runs that did not settle": int(not report.settled),
    }
    shown |= {name: number for name, number in rare.items() if number}
    return f"cdk-guardrails: {', '.join(f'{name} {number}' for name, number in shown.items())} - {_short(path)}"


def render(report: Report) -> str:
    """Every finding: where, what, what to do. Nothing when there is none."""
    return "".join(_finding(finding) for finding in report.findings)


def _finding(finding: FindingEntry) -> str:
    place = finding.place
    named = place.construct_path or place.logical_id or place.template
    where = [part for part in (named, place.property_path) if part]
    lines = [
        f"{place.source + ': ' if place.source else ''}{finding.severity}: {finding.rule}: {finding.message}",
        *([f"    at {', '.join(where)}"] if where else []),
    ]
    lines += [f"    do {finding.remedy}"] if finding.remedy else []
    lines += [f"    or {finding.acknowledge}"] if finding.acknowledge else []
    return "\n".join(lines) + "\n"


def _short(path: str | os.PathLike[str]) -> str:
    """``path`` seen from the current folder when it is below it."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd().resolve()))
    except (ValueError, OSError):
        return str(path)
