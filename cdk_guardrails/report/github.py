"""Workflow commands of GitHub Actions: each finding as an annotation of its line.

GitHub shows the first ten errors and the first ten warnings of a step; all stand in the log.
"""

from __future__ import annotations

from typing import Final

from cdk_guardrails.report.escaping import plain
from cdk_guardrails.report.fingerprint import below_resource
from cdk_guardrails.report.model import FindingEntry, Report
from cdk_guardrails.report.order import errors_first
from cdk_guardrails.report.spots import Spots

_IN_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report) -> str:
    """A command a line, errors first."""
    spots = Spots()
    return "".join(_command(entry, spots) for entry in errors_first(report.findings))


def _command(entry: FindingEntry, spots: Spots) -> str:
    spot = spots.of(entry.place)
    properties: dict[str, str | int] = {"file": spot.file, "line": spot.line, "col": spot.column, "title": entry.rule}
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{'error' if entry.severity == 'error' else 'warning'} {given}::{_message(entry)}\n"


def _property(value: str | int) -> str:
    return plain(str(value)).translate(_IN_PROPERTY)


def _message(entry: FindingEntry) -> str:
    place = entry.place
    where = ", ".join(part for part in (place.construct_path or place.logical_id, below_resource(place)) if part)
    lines = [entry.message, where, f"Do: {entry.remedy}" if entry.remedy else ""]
    return "\n".join(plain(line) for line in lines if line).translate(_IN_MESSAGE)
