"""JSON that keeps to its published schema, and comes back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema
import pytest

from cdk_guardrails.engine import Crash, Fix, Judged, Outcome
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.json_format import from_json, schema, to_json
from cdk_guardrails.report.model import Replacement, Report
from cdk_guardrails.rules.base import Finding, FixSafety, Severity
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppression
from cdk_guardrails.template import Edit, Origin


def report() -> Report:
    """One entry of every kind."""
    bucket = ("Resources", "B", "Properties")
    found = Finding(
        "s3-versioning",
        "not versioned: é",
        "B",
        (*bucket, "VersioningConfiguration"),
        "versioned=True",
        template="App",
        resource_type="AWS::S3::Bucket",
        origin=Origin("App/B", "app.py:7"),
    )
    warning = found._replace(severity=Severity.WARNING, detail="x", origin=Origin())
    crashed = Finding("rule-crashed", "it crashed", "B", template="App", origin=Origin("App/B"))
    outside = Finding("stage-uncovered", "not reached", "", template="Prod", origin=Origin("Prod"))
    fixes = [
        Fix(found, Edit("set", (*bucket, "VersioningConfiguration", "Status"), "Enabled"), None, FixSafety.SAFE),
        Fix(found, Edit("append", (*bucket, "Tags"), {"Key": "a", "Value": {"Ref": "X"}}), [], FixSafety.UNSAFE),
        Fix(found, Edit("remove", (*bucket, "AccessControl")), "PublicRead", FixSafety.SAFE),
    ]
    outcome = Outcome(
        fixes=fixes,
        findings=[found, warning, crashed, outside],
        suppressed=[(found, Suppression("s3-versioning", "scratch", path="App/B"))],
        crashes=[Crash(crashed, "Traceback")],
        failed=[(found, "cannot set")],
        rules_run=9,
        resources=[Judged("App", "App/B", "B", "AWS::S3::Bucket")],
    )
    return Report.build([outcome], Settings(environment="qa"))


def test_what_fixes_would_write_is_for_other_formats() -> None:
    made = report()
    offered = dataclasses.replace(made.findings[0], replacements=(Replacement("t.yaml", 1, 2, 3, 4, "x"),))
    text = to_json(dataclasses.replace(made, findings=(offered, *made.findings[1:])))
    assert text == to_json(made)
    assert from_json(text) == made


def test_it_keeps_to_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    validator.validate(json.loads(to_json(report())))
    validator.validate(json.loads(to_json(Report.build([], Settings()))))


def test_the_schema_is_strict_at_every_level() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    data = json.loads(to_json(report()))
    for name in ("fixes", "findings", "suppressed", "crashes", "failed_fixes", "uncovered", "resources"):
        for key in data[name][0]:
            entry = {k: v for k, v in data[name][0].items() if k != key}
            assert not validator.is_valid({**data, name: [entry]}), f"{name}.{key}"
        assert not validator.is_valid({**data, name: [{**data[name][0], "more": 1}]}), name
    assert not validator.is_valid({**data, "schema_version": 2})


def test_it_comes_back_as_it_was() -> None:
    made = report()
    assert from_json(to_json(made)) == made
    assert to_json(from_json(to_json(made))) == to_json(made)


def test_it_has_an_entry_a_line() -> None:
    made = report()
    lines = to_json(made).splitlines()
    assert lines[1] == ' "schema_version": 1,'
    assert len([line for line in lines if line.startswith('  {"rule": ')]) == len(made.fixes) + sum(
        len(entries) for entries in (made.findings, made.suppressed, made.crashes, made.failed_fixes, made.uncovered)
    )
    entry = '{"template": "App", "construct_path": "App/B", "logical_id": "B", "resource_type": "AWS::S3::Bucket"}'
    assert f"  {entry}" in lines
    assert "not versioned: é" in to_json(made)
    assert to_json(made).endswith("}\n")


def test_the_place_is_part_of_the_entry() -> None:
    data = json.loads(to_json(report()))
    assert data["findings"][0]["construct_path"] == "App/B" or data["findings"][1]["construct_path"] == "App/B"
    assert "place" not in data["fixes"][0]


def test_fields_of_later_releases_are_left_out() -> None:
    data = json.loads(to_json(report()))
    data["later"] = 1
    data["findings"][0]["later"] = 1
    assert from_json(json.dumps(data)) == report()


def test_the_first_reports_had_no_resources() -> None:
    old = from_json(without("resources"))
    assert old.resources == ()
    assert old == dataclasses.replace(report(), resources=())


def without(*keys: str) -> str:
    data: dict[str, Any] = json.loads(to_json(report()))
    for key in keys:
        outer, _, inner = key.partition(".")
        del (data[outer][0] if inner else data)[inner or outer]
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a cdk-guardrails report: not JSON"),
        ("[]", "it has no 'schema_version'"),
        ('{"schema_version": "1"}', "it has no 'schema_version'"),
        ('{"Resources": {}}', "it has no 'schema_version'"),
        ('{"schema_version": 99}', "written by a newer cdk-guardrails (schema version 99, this one reads 1)"),
        (without("environment"), "not a complete report: 'environment'"),
        (without("summary"), "not a complete report: 'summary'"),
        (without("fixes.resolves"), "not a complete report: 'resolves'"),
        (without("findings.template"), "not a complete report: 'template'"),
        ('{"schema_version": 1, "fixes": 3}', "not a complete report: "),
    ],
)
def test_what_is_no_report_gets_one_clear_line(text: str, said: str) -> None:
    with pytest.raises(GuardrailsError, match=r"^old\.json: ") as raised:
        from_json(text, "old.json")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
