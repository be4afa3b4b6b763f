"""The line on stderr, and the findings at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.engine import Crash, Outcome
from cdk_guardrails.report.console import render, summary
from cdk_guardrails.report.model import Report
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import Origin

FOUND = Finding(
    "s3-versioning",
    "versioning is not enabled",
    "B",
    ("Resources", "B", "Properties", "VersioningConfiguration"),
    "s3.Bucket(..., versioned=True)",
    template="App",
    origin=Origin("App/B", "app.py:7"),
)
BARE = Finding("unused-suppression", "matches no finding", "", severity=Severity.WARNING, template="a.yaml")


def report(**outcome: object) -> Report:
    return Report.build([Outcome(**outcome)], Settings(environment="prod"))  # type: ignore[arg-type]


class TestSummary:
    def test_one_line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        line = summary(report(findings=[FOUND, BARE]), tmp_path / "cdk.out" / "guardrails-report.json")
        assert line == "cdk-guardrails: fixed 0, errors 1, warnings 1, suppressed 0 - cdk.out/guardrails-report.json"

    def test_a_report_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "app").mkdir()
        monkeypatch.chdir(tmp_path / "app")
        path = tmp_path / "out" / "guardrails-report.json"
        assert summary(report(), path).endswith(f"suppressed 0 - {path}")

    def test_what_went_wrong_is_added_when_there_is_some(self) -> None:
        crashed = Finding("rule-crashed", "m", "B")
        outside = Finding("stage-uncovered", "m", "")
        made = report(findings=[crashed, outside], crashes=[Crash(crashed, "")], failed=[(FOUND, "e")], settled=False)
        assert summary(made, "r.json") == (
            "cdk-guardrails: fixed 0, errors 2, warnings 0, suppressed 0, rules crashed 1, fixes failed 1,"
            " not covered 1, runs that did not settle 1 - r.json"
        )


class TestFindings:
    def test_where_what_and_what_to_do(self) -> None:
        assert render(report(findings=[FOUND, BARE])) == (
            "app.py:7: error: s3-versioning: versioning is not enabled\n"
            "    at App/B, Resources.B.Properties.VersioningConfiguration\n"
            "    do s3.Bucket(..., versioned=True)\n"
            '    or suppress(construct, "s3-versioning", reason="...")\n'
            "warning: unused-suppression: matches no finding\n"
            "    at a.yaml\n"
            '    or suppress(construct, "unused-suppression", reason="...")\n'
        )

    def test_a_template_without_constructs(self) -> None:
        found = FOUND._replace(origin=Origin("", "a.yaml:3"), remedy="")
        assert render(report(findings=[found])) == (
            "a.yaml:3: error: s3-versioning: versioning is not enabled\n"
            "    at B, Resources.B.Properties.VersioningConfiguration\n"
            '    or Metadata: {"cdk-guardrails": {"suppress": [{"id": "s3-versioning", "reason": "..."}]}}\n'
        )

    def test_none(self) -> None:
        assert render(report()) == ""
