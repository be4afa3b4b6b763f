"""What holds for every format: it takes any report, and tells no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.engine import Crash, Fix, Outcome
from cdk_guardrails.report.json_format import from_json, to_json
from cdk_guardrails.report.model import Report
from cdk_guardrails.report.output import FORMATS, render, write_text
from cdk_guardrails.rules.base import Finding, FixSafety
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import Edit, Origin
from tests.report.made import HOSTILE, crash, entry, held, hostile, report

SECRET = "hunter2-Qx7zLw"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", FORMATS)
def test_secrets_are_masked(name: str) -> None:
    path = ("Resources", "F", "Properties", "Environment", "Variables", "DB_PASSWORD")
    text = f'KeyError: DB_PASSWORD="{SECRET}"'
    found = Finding("hardcoded-secret", "a secret", "F", path, template="App", origin=Origin("App/F", "app.py:1"))
    crashed = Finding("rule-crashed", text, "F", template="App", origin=Origin("App/F", "app.py:1"))
    outcome = Outcome(
        findings=[found, crashed],
        fixes=[Fix(found, Edit("set", path, SECRET), SECRET, FixSafety.SAFE)],
        crashes=[Crash(crashed, f"Traceback\n{text}")],
        failed=[(found, text)],
    )
    rendered = render(Report.build([outcome], Settings(environment="prod")), name)
    assert SECRET not in rendered
    assert "a secret" in rendered


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_can_be_written(name: str, text: str, folder: Path) -> None:
    write_text(render(hostile(text), name), folder / "report")
    data = (folder / "report").read_bytes()
    data.decode("utf-8")
    assert b"\x00" not in data
    assert b"\x1b" not in data


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_that_was_read_is_shown_like_the_one_that_was_made(name: str) -> None:
    made = report(entry(), entry(severity="warning"), suppressed=[held()], crashes=[crash()])
    assert render(from_json(to_json(made)), name) == render(made, name)
