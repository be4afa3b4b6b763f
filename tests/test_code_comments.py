"""Comments in code hold back findings about resources: of the line that makes one, of the code that a function runs."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from cdk_guardrails.code_comments import comment_entries, hold_in_functions
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template

SETTINGS = Settings(today=datetime.date(2026, 11, 1))
HANDLER = "def handler(event, context):{}\n    return 1\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("functions").mkdir()


def found(source: str, rule: str = "lambda-inline-code") -> Finding:
    return Finding(rule, "so", "Function", template="Stack", origin=Origin("Stack/Function", source))


def hold(
    comment: str, *findings: Finding, settings: Settings = SETTINGS
) -> tuple[Outcome, Suppressions, list[Finding]]:
    Path("functions/app.py").write_text(HANDLER.format(comment))
    outcome = Outcome(findings=list(findings))
    suppressions = Suppressions(settings.today, [], settings.unsuppressable, settings.ignore_suppressions)
    return outcome, suppressions, hold_in_functions(outcome, suppressions, settings)


@pytest.mark.parametrize("source", ["functions/app.py:1", "functions/app.py:1:5"])
def test_one_in_the_code_of_a_function_holds(source: str) -> None:
    other = found("functions/app.py:2")
    outcome, _, problems = hold("  # guardrails: ignore[lambda-inline-code] small", found(source), other)
    assert (outcome.findings, problems) == ([other], [])
    [(_, by)] = outcome.suppressed
    assert (by.reason, by.where) == ("small", "functions/app.py:1")


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("", ""),
        ("  # guardrails: ignore[lambda-memory] small", ""),
        ("  # guardrails: ignore[lambda-inline-code]", "invalid-suppression[lambda-inline-code]"),
        ("  # guardrails: ignore[lambda-inline] small", "invalid-suppression[lambda-inline]"),
        ("  # guardrails: ignore[lambda-inline-code, until=2026-10-31] small", ""),
    ],
)
def test_one_that_does_not_hold(comment: str, problem: str) -> None:
    finding = found("functions/app.py:1")
    outcome, _, problems = hold(comment, finding)
    assert (outcome.findings, outcome.suppressed) == ([finding], [])
    assert [item.id for item in problems] == ([problem] if problem else [])


@pytest.mark.parametrize(
    "settings",
    [
        Settings(today=SETTINGS.today, ignore_suppressions=True),
        Settings(today=SETTINGS.today, unsuppressable=frozenset({"lambda-inline-code"})),
    ],
)
def test_settings_are_stronger(settings: Settings) -> None:
    comment = "  # guardrails: ignore[lambda-inline-code] small"
    outcome, _, _ = hold(comment, found("functions/app.py:1"), settings=settings)
    assert outcome.suppressed == []


@pytest.mark.parametrize("source", ["", "functions/app.py", "functions/gone.py:1", "inline code:1", "a\0b.py:1"])
def test_findings_elsewhere_are_left_alone(source: str) -> None:
    outcome, suppressions, problems = hold("  # guardrails: ignore[lambda-inline-code] small", found(source))
    assert (len(outcome.findings), problems) == (1, [])
    assert suppressions.used == set()


def test_one_on_the_line_that_makes_a_resource() -> None:
    Path("shop.py").write_text("bucket(\n    1,\n)  # guardrails: ignore[s3-versioning] scratch\n")
    app = App()
    data = {"Resources": {"A": {"Type": "AWS::S3::Bucket"}, "B": {"Type": "AWS::S3::Bucket"}}}
    Template(data, origins={"A": Origin("S/A", "shop.py:1"), "B": Origin("S/B", "")}, app=app)
    [entry] = comment_entries(app)
    assert (entry["id"], entry["line"], entry["lines"]) == ("s3-versioning", "shop.py:3", (1, 3))
