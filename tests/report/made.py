"""Reports for the tests of the formats, made without a run of the engine; and text that breaks out where it can."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cdk_guardrails.report.model import (
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

NO_IDS: Final = {"cdk_nag": (), "checkov": (), "security_hub": ()}
PLACE: Final = Place(
    template="App",
    construct_path="App/Logs",
    logical_id="Logs",
    resource_type="AWS::S3::Bucket",
    property_path="Resources.Logs.Properties.VersioningConfiguration",
    source="app.py:7",
)
NOWHERE: Final = Place("", "", "", "", "", "")

HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "a | b || c",
    "`code` ``more`` ```",
    "]]> <![CDATA[ x",
    "\x1b[31mred\x1b[0m \x9b31m",
    "%0A::error file=x::y",
    "x\n::error::injected\r\n##[error]injected\n##vso[task.setvariable variable=a]b",
    "nul \x00 bell \x07 back \x08",
    "right\u202eleft\u2066x\u2069 \u200bzero",
    "[link](javascript:alert(1)) ![image](https://example.com/x.png) <https://example.com>",
    "@everybody @org/team #1 GH-2 **bold** _it_ ~~no~~ $x$",
    "lone \ud800 surrogate \ufffe",
    "'\"&<>\\",
    "{0} {{x}} %s",
    "=cmd|' /C calc'!A0",
    "-- </details> <!-- -->",
)
"""What names, messages and values of templates may hold."""


def place(**given: Any) -> Place:
    return replace(PLACE, **given)


def entry(**given: Any) -> FindingEntry:
    """A finding; fields of its place are given by their names, too."""
    where = {name: given.pop(name) for name in list(given) if name in vars(PLACE)}
    values: dict[str, Any] = {
        "rule": "s3-versioning",
        "title": "Buckets keep old versions of objects",
        "severity": "error",
        "message": "versioning is not enabled",
        "remedy": "s3.Bucket(..., versioned=True)",
        "place": place(**where),
        "fix": "safe",
        "acknowledge": 'suppress(construct, "s3-versioning", reason="...")',
        "same_as": NO_IDS,
    }
    return FindingEntry(**{**values, **given})


def held(reason: str = "scratch", until: str = "2027-01-31", where: str = "App/Logs", **given: Any) -> SuppressedEntry:
    return SuppressedEntry(**vars(entry(**given)), reason=reason, until=until, where=where)


def crash(traceback: str = "Traceback\n  line\nKeyError", **given: Any) -> CrashEntry:
    said = {"rule": "rule-crashed", "title": "", "message": "the rule x crashed on this resource", **given}
    return CrashEntry(**vars(entry(**said)), traceback=traceback)


def failed(error: str = "cannot set", **given: Any) -> FailedFixEntry:
    return FailedFixEntry(**vars(entry(**given)), error=error)


def uncovered(**given: Any) -> UncoveredEntry:
    said = {"rule": "stage-uncovered", "title": "", "message": "this Stage was not judged", **given}
    return UncoveredEntry(**vars(entry(**said)))


def fix(**given: Any) -> FixEntry:
    values: dict[str, Any] = {
        "rule": "s3-versioning",
        "title": "Buckets keep old versions of objects",
        "place": PLACE,
        "op": "set",
        "before": None,
        "after": "Enabled",
        "safety": "safe",
        "resolves": NO_IDS,
    }
    return FixEntry(**{**values, **given})


def report(*findings: FindingEntry, **given: Any) -> Report:
    """A report of ``findings``, those of crashes and of what was not covered included."""
    lists = {
        name: tuple(given.pop(name, ())) for name in ("fixes", "suppressed", "crashes", "failed_fixes", "uncovered")
    }
    shown = (*findings, *(FindingEntry(**_common(item)) for name in ("crashes", "uncovered") for item in lists[name]))
    counts = Summary(
        fixed=len(lists["fixes"]),
        errors=sum(item.severity == "error" for item in shown),
        warnings=sum(item.severity == "warning" for item in shown),
        suppressed=len(lists["suppressed"]),
        crashed=len(lists["crashes"]),
        failed_fixes=len(lists["failed_fixes"]),
        uncovered=len(lists["uncovered"]),
        rules_run=1,
    )
    values = {"environment": "prod", "profile": "prod", "mode": "fix", "settled": True, **given}
    return Report(schema_version=1, tool_version="1.2.3", summary=counts, findings=shown, **lists, **values)


def _common(item: FindingEntry) -> dict[str, Any]:
    return {name: getattr(item, name) for name in FindingEntry.__dataclass_fields__}


def hostile(text: str) -> Report:
    """A report with ``text`` in every field that a template, a name or a person's words can reach."""
    said = {"message": text, "remedy": text, "acknowledge": text, "title": text, "rule": f"iam-wildcard-action[{text}]"}
    where = {"template": text, "construct_path": text, "logical_id": text, "property_path": f"Resources.{text}.{text}"}
    bad = {**said, **where}
    return report(
        entry(**bad),
        entry(**bad, severity="warning", source=f"{text}:3"),
        suppressed=[held(**bad, reason=text, until=text)],
        crashes=[crash(traceback=text, message=text)],
        failed_fixes=[failed(error=text, **bad)],
        uncovered=[uncovered(message=text)],
        fixes=[fix(rule=text, title=text, before=text, after=text)],
        environment=text,
    )


def many(number: int) -> Report:
    """A report with this many findings in twenty stacks, all of different constructs."""
    return report(
        *(
            entry(
                template=f"Stack{index % 20}",
                construct_path=f"Stack{index % 20}/Thing{index}",
                logical_id=f"Thing{index}",
                severity="warning" if index % 3 else "error",
                message=f"message {index % 400}",
                source=f"app.py:{index + 1}",
            )
            for index in range(number)
        )
    )
