"""SARIF 2.1.0, as GitHub's code scanning reads it, for other tools too.

The document is built as plain data and held to the published schema by tests: sarif-om has had no release since 2019,
sarif-pydantic would bring pydantic along.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from cdk_guardrails.report.escaping import plain, plain_lines
from cdk_guardrails.report.fingerprint import below_resource, fingerprint
from cdk_guardrails.report.model import FindingEntry, Replacement, Report, SuppressedEntry
from cdk_guardrails.report.order import errors_first
from cdk_guardrails.report.sarif_rules import descriptor
from cdk_guardrails.report.spots import Spots
from cdk_guardrails.rules.registry import every_rule

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS: Final = 25_000
"""Results in a run. GitHub rejects a file with more, and shows the 5,000 most severe."""

FINGERPRINT: Final = "cdkGuardrails/v1"
"""Not GitHub's ``primaryLocationLineHash``: its uploader works that out itself and warns of every other value."""

_ROOT: Final = "%SRCROOT%"


def render(report: Report) -> str:
    """The report as SARIF.

    In GitHub Actions what is suppressed is left out: code scanning does not know suppressions, and would show it as
    open alerts.
    """
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    return json.dumps(document(report, suppressed=not on_github), indent=1) + "\n"


def document(report: Report, *, suppressed: bool = True) -> dict[str, Any]:
    """The SARIF log as plain data: one run. With ``suppressed``, findings that are held back are results, too."""
    entries: list[FindingEntry] = errors_first(report.findings)
    entries += report.suppressed if suppressed else ()
    shown = entries[:MAX_RESULTS]
    rules = _rules([*shown, *report.crashes])
    driver = {
        "name": "cdk-guardrails",
        "version": report.tool_version,
        "semanticVersion": report.tool_version,
        "rules": [described for _, described in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report, rules, left_out=len(entries) - len(shown))],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "properties": {"environment": plain(report.environment), "profile": report.profile, "mode": report.mode},
        "results": _results(shown, rules),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


_Rules = Mapping[str, tuple[int, dict[str, Any]]]
"""By id: the rule's place in the driver's list, and its descriptor."""


def _rules(entries: Iterable[FindingEntry]) -> _Rules:
    known = every_rule()
    first = {entry.rule_id: entry for entry in reversed(list(entries))}
    return {id_: (index, descriptor(first[id_], known.get(id_))) for index, id_ in enumerate(sorted(first))}


def _results(entries: Sequence[FindingEntry], rules: _Rules) -> list[dict[str, Any]]:
    spots = Spots()
    seen: Counter[str] = Counter()
    results = []
    for entry in entries:
        mark = fingerprint(entry)
        seen[mark] += 1
        numbered = mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"
        results.append(_result(entry, rules[entry.rule_id][0], numbered, spots))
    return results


def _result(entry: FindingEntry, rule_index: int, mark: str, spots: Spots) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": plain(entry.rule_id),
        "ruleIndex": rule_index,
        "kind": "fail",
        "level": "error" if entry.severity == "error" else "warning",
        "message": {"text": _message(entry)},
        "locations": [_location(entry, spots)],
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": _properties(entry),
    }
    if entry.replacements:
        result["fixes"] = [_fix(entry, spots)]
    return result | ({"suppressions": [_suppression(entry)]} if isinstance(entry, SuppressedEntry) else {})


def _properties(entry: FindingEntry) -> dict[str, str]:
    said = {"id": entry.rule, "fix": entry.fix, "acknowledge": entry.acknowledge, "property": entry.place.property_path}
    return {name: plain(value) for name, value in said.items() if value}


def _message(entry: FindingEntry) -> str:
    """One line on what is wrong, one on where, one on what to do."""
    place = entry.place
    where = ", ".join(part for part in (place.construct_path or place.logical_id, below_resource(place)) if part)
    lines = [entry.message, f"At {where}." if where else "", f"Do: {entry.remedy}" if entry.remedy else ""]
    return "\n".join(without_links(plain(line)) for line in lines if line) or plain(entry.rule)


def without_links(text: str) -> str:
    """``text`` with its brackets escaped where SARIF would read ``[text](target)`` as a link."""
    return text.replace("\\", "\\\\").replace("[", r"\[").replace("]", r"\]") if "](" in text else text


def _location(entry: FindingEntry, spots: Spots) -> dict[str, Any]:
    spot = spots.of(entry.place)
    column = {"startColumn": spot.column} if spot.column else {}
    physical = {"artifactLocation": _file(spot.file), "region": {"startLine": spot.line, **column}}
    name = entry.place.construct_path or entry.place.logical_id
    logical = {"fullyQualifiedName": plain(name), "name": plain(entry.place.logical_id or name), "kind": "resource"}
    return {"physicalLocation": physical, **({"logicalLocations": [logical]} if name else {})}


def _file(name: str) -> dict[str, str]:
    """Where ``name`` is: in the repository, or by an absolute URI."""
    uri = quote(name, safe="/", errors="backslashreplace")
    if not PurePath(name).is_absolute():
        return {"uri": uri, "uriBaseId": _ROOT}
    return {"uri": f"file://{uri}" if name.startswith("/") else f"file:///{uri.replace('%3A', ':', 1)}"}


def _fix(entry: FindingEntry, spots: Spots) -> dict[str, Any]:
    """What an editor may offer to write: all of it, or nothing."""
    by_file: dict[str, list[dict[str, Any]]] = {}
    for item in entry.replacements:
        by_file.setdefault(spots.file(item.file), []).append(_replacement(item))
    changes = [{"artifactLocation": _file(name), "replacements": items} for name, items in by_file.items()]
    said = without_links(plain(f"What cdk-guardrails fix writes for {entry.rule}: {entry.title}"))
    return {"description": {"text": said}, "artifactChanges": changes}


def _replacement(item: Replacement) -> dict[str, Any]:
    region = {
        "startLine": item.start_line,
        "startColumn": item.start_column,
        "endLine": item.end_line,
        "endColumn": item.end_column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": item.text}}


def _suppression(entry: SuppressedEntry) -> dict[str, Any]:
    """In the source, or beside it: in a baseline."""
    held = {"until": entry.until, "covers": entry.where}
    return {
        "kind": "external" if entry.is_in_baseline else "inSource",
        "status": "accepted",
        "justification": plain(entry.reason),
        "properties": {name: plain(value) for name, value in held.items() if value},
    }


def _invocation(report: Report, rules: _Rules, *, left_out: int) -> dict[str, Any]:
    notes = [_crash(entry.message, entry.traceback, rules[entry.rule_id][0], entry.rule_id) for entry in report.crashes]
    notes += [_note("error", f"not judged: {entry.message}") for entry in report.uncovered]
    notes += [_note("error", f"not fixed: {entry.rule}: {entry.error}") for entry in report.failed_fixes]
    if not report.settled:
        notes.append(_note("error", "the fixes go on for ever: one undoes what another does"))
    if left_out:
        notes.append(_note("warning", f"results left out, over the {MAX_RESULTS} that code scanning takes: {left_out}"))
    is_complete = not report.crashes and not report.uncovered
    return {"executionSuccessful": is_complete, "toolExecutionNotifications": notes}


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": without_links(plain(text))}}


def _crash(message: str, traceback: str, rule_index: int, rule_id: str) -> dict[str, Any]:
    return {
        **_note("error", message),
        "associatedRule": {"id": plain(rule_id), "index": rule_index},
        "exception": {"message": plain(message)},
        "properties": {"traceback": plain_lines(traceback)},
    }
