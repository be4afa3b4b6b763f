"""The report as JSON, for programs to read: its form is ``schema.json`` beside this module (`schema`)."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.engine import Judged
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.model import (
    SCHEMA_VERSION,
    CrashEntry,
    FailedFixEntry,
    FindingEntry,
    FixEntry,
    Place,
    Report,
    Summary,
    SuppressedEntry,
    UncoveredEntry,
)
from cdk_guardrails.report.output import write_text

_LISTS: Final[Mapping[str, type[Any]]] = {
    "fixes": FixEntry,
    "findings": FindingEntry,
    "suppressed": SuppressedEntry,
    "crashes": CrashEntry,
    "failed_fixes": FailedFixEntry,
    "uncovered": UncoveredEntry,
    "resources": Judged,
}
_ADDED: Final = ("resources",)
"""Lists that the first reports of this version did not have."""

_IDS: Final = ("resolves", "same_as")

_NOT_WRITTEN: Final = ("replacements",)
"""Fields that only other formats show."""


REPORT_FILE: Final = "guardrails-report.json"
"""A synth writes it beside the templates."""


class ReportError(GuardrailsError):
    """A text is no report, or one of a version that this release does not know."""


def render(report: Report) -> str:
    """The report as JSON, an entry a line, with a newline at the end. Equal reports give equal bytes."""
    fields = {name: _rows(value) if name in _LISTS else _text(value) for name, value in vars(report).items()}
    return "{\n" + ",\n".join(f' "{name}": {text}' for name, text in fields.items()) + "\n}\n"


_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
"""Made once and without `indent`: only then is the fast encoder used, and a ledger has thousands of entries."""


def _rows(entries: Sequence[Any]) -> str:
    rows = ",\n".join(f"  {_text(_flat(entry))}" for entry in entries)
    return f"[\n{rows}\n ]" if rows else "[]"


def _text(value: Any) -> str:
    return _encode(vars(value) if dataclasses.is_dataclass(value) else value)


to_json = render


def from_json(text: str, name: str = "report") -> Report:
    """The report that `to_json` wrote; ``name`` stands for it in messages. Fields of later releases are left out.

    Raises ReportError for text that is no report, and for a report in a form newer than this release knows.
    """
    data = {**dict.fromkeys(_ADDED, ()), **_parsed(text, name)}
    try:
        lists = {key: tuple(_entry(class_, item) for item in data[key]) for key, class_ in _LISTS.items()}
        report: Report = _entry(Report, {**data, **lists, "summary": _entry(Summary, data["summary"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise ReportError(f"{name}: not a complete report: {error}") from None
    return report


def read(path: str | os.PathLike[str]) -> Report:
    """The report in a file, or of the last synth into a folder (``cdk.out``).

    Raises ReportError: nothing there, not readable, or no report of a form that this release knows.
    """
    folder = Path(path)
    file = folder / REPORT_FILE if folder.is_dir() else folder
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        hint = "a synth with Guardrails writes it (cdk synth, or cdk-guardrails synth)"
        raise ReportError(f"{file}: there is no report: {hint}") from None
    except UnicodeDecodeError as error:
        raise ReportError(f"{file}: not a cdk-guardrails report: expected UTF-8 text: {error.reason}") from None
    except OSError as error:
        raise ReportError(f"{file}: the report cannot be read: {error.strerror}") from None
    return from_json(text, str(file))


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Writes the report as JSON, whole or not at all. Raises OSError."""
    write_text(render(report), path)


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of what `to_json` writes."""
    text = resources.files("cdk_guardrails.report").joinpath("schema.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _flat(entry: Any) -> dict[str, Any]:
    """An entry with the fields of its place among its own."""
    flat: dict[str, Any] = {}
    for name, value in vars(entry).items():
        if name in _NOT_WRITTEN:
            continue
        flat.update(vars(value) if name == "place" else {name: value})
    return flat


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ReportError(f"{name}: not a cdk-guardrails report: not JSON: {error}") from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if type(version) is not int:
        raise ReportError(f"{name}: not a cdk-guardrails report: it has no 'schema_version'")
    if version > SCHEMA_VERSION:
        raise ReportError(
            f"{name}: written by a newer cdk-guardrails (schema version {version}, this one reads {SCHEMA_VERSION});"
            " upgrade cdk-guardrails to read it"
        )
    return dict(data)


def _entry(class_: type[Any], data: Mapping[str, Any]) -> Any:
    """An entry from its mapping. Raises KeyError for a field that is missing."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(class_):
        if field.name in _NOT_WRITTEN:
            continue
        value = _entry(Place, data) if field.name == "place" else data[field.name]
        values[field.name] = {key: tuple(ids) for key, ids in value.items()} if field.name in _IDS else value
    return class_(**values)
