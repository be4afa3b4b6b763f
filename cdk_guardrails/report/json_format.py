"""The report as JSON, for programs to read: its form is ``schema.json`` beside this module (`schema`)."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.engine import Judged
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.input_files import nearest_file, read_bytes
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
from cdk_guardrails.rules.base import Severity

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
_SEVERITIES: Final = (Severity.ERROR.value, Severity.WARNING.value)
_KINDS: Final[Mapping[Any, tuple[type[Any], str]]] = {
    "str": (str, "a string"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
}
"""Annotations of fields, and what a value must then be."""

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
    data = {**{key: [] for key in _ADDED}, **_parsed(text, name)}
    try:
        lists = {key: tuple(_list(key, class_, data[key])) for key, class_ in _LISTS.items()}
        summary = _entry(Summary, data["summary"], "summary")
        report: Report = _entry(Report, {**data, **lists, "summary": summary}, "report")
    except (KeyError, TypeError) as error:
        raise ReportError(f"{name}: not a complete report: {error}") from None
    return report


def read(path: str | os.PathLike[str]) -> Report:
    """The report in a file, or of the last synth into a folder (``cdk.out``).

    Raises ReportError: nothing there, not readable, or no report of a form that this release knows.
    """
    folder = Path(path)
    file = folder / REPORT_FILE if folder.is_dir() else folder
    try:
        text = read_bytes(file).decode("utf-8-sig")
    except FileNotFoundError:
        hint = "a synth with Guardrails writes it (cdk synth, or cdk-guardrails synth)"
        near = nearest_file(path)
        raise ReportError(f"{file}: there is no report: {hint}{near and f'.{near}'}") from None
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
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{name}: not a cdk-guardrails report: not JSON: {error}") from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise ReportError(f"{name}: not a cdk-guardrails report: it has no 'schema_version'")
    if version > SCHEMA_VERSION:
        raise ReportError(
            f"{name}: written by a newer cdk-guardrails (schema version {version}, this one reads {SCHEMA_VERSION});"
            " upgrade cdk-guardrails to read it"
        )
    return dict(data)


def _list(name: str, class_: type[Any], items: Any) -> Iterator[Any]:
    """The entries of a list. Raises as `_entry`."""
    if not isinstance(items, list):
        raise TypeError(f"{name}: expected a list")
    for number, item in enumerate(items, 1):
        yield _entry(class_, item, f"{name}, entry {number}")


def _entry(class_: type[Any], data: Any, where: str) -> Any:
    """An entry from its mapping. Raises KeyError for a field that is missing, TypeError for one of another kind."""
    if not isinstance(data, Mapping):
        raise TypeError(f"{where}: expected an object")
    values: dict[str, Any] = {}
    for field in dataclasses.fields(class_):
        if field.name not in _NOT_WRITTEN:
            value = _entry(Place, data, where) if field.name == "place" else data[field.name]
            values[field.name] = _checked(field, value, f"{where}: {field.name}")
    return class_(**values)


def _checked(field: dataclasses.Field[Any], value: Any, where: str) -> Any:
    """``value`` as ``field`` holds it: formats rely on its kind. Raises TypeError."""
    if field.name in _IDS:
        return _ids(value, where)
    kind, said = _KINDS.get(field.type, (object, ""))
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{where}: expected {said}")
    if field.name == "severity" and value not in _SEVERITIES:
        raise TypeError(f"{where}: expected one of {', '.join(_SEVERITIES)}")
    return value


def _ids(value: Any, where: str) -> dict[str, tuple[str, ...]]:
    lists = value.values() if isinstance(value, dict) else [None]
    if not all(isinstance(ids, list) and all(isinstance(id_, str) for id_ in ids) for ids in lists):
        raise TypeError(f"{where}: expected lists of ids")
    return {key: tuple(ids) for key, ids in value.items()}
