"""``cdk-guardrails baseline``: writes and updates the file of known findings, and says what it did."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_guardrails import cli
from cdk_guardrails.engine import Outcome
from cdk_guardrails.own_findings import own
from cdk_guardrails.report.json_format import write
from cdk_guardrails.report.model import Report
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import Origin

TODAY = datetime.date.today()
IN_90_DAYS = (TODAY + datetime.timedelta(90)).isoformat()
FOUND = Finding(
    "s3-versioning",
    "versioning is not enabled",
    "B",
    ("Resources", "B", "Properties", "VersioningConfiguration"),
    template="App",
    resource_type="AWS::S3::Bucket",
    origin=Origin("App/Bucket/Resource", "app.py:7"),
)
OTHER = FOUND._replace(origin=Origin("App/Other/Resource", "app.py:8"))
SETTINGS = '[tool.cdk-guardrails]\nbaseline = "known.json"\n'


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose settings name a baseline, and whose last synth found two things."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    found(FOUND, OTHER)
    return tmp_path


def found(*findings: Finding) -> None:
    """A synth that found this."""
    report = Report.build([Outcome(findings=list(findings))], Settings(environment="prod"))
    write(report, "cdk.out/guardrails-report.json")


def entries(file: str = "known.json") -> list[dict[str, str]]:
    return list(json.loads(Path(file).read_text(encoding="utf-8"))["entries"])


def test_it_writes_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["baseline"]) == 0
    said = capsys.readouterr()
    assert said.out == (
        "new: s3-versioning at App/Bucket/Resource, Properties.VersioningConfiguration\n"
        "new: s3-versioning at App/Other/Resource, Properties.VersioningConfiguration\n"
    )
    assert said.err == "cdk-guardrails: known.json: new 2, known 0, gone 0; written\n"
    assert entries()[0] == {
        "rule": "s3-versioning",
        "construct": "App/Bucket/Resource",
        "property": "Properties.VersioningConfiguration",
        "reason": f"known since {TODAY.isoformat()}, not fixed yet",
        "until": IN_90_DAYS,
    }


def test_again_it_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["baseline"])
    before = Path("known.json").read_bytes()
    capsys.readouterr()
    assert cli.main(["baseline", "--reason", "other", "--expires", "5"]) == 0
    assert Path("known.json").read_bytes() == before
    assert capsys.readouterr() == ("", "cdk-guardrails: known.json: new 0, known 2, gone 0; nothing to change\n")


def test_a_reason_a_date_and_what_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    found(FOUND)
    cli.main(["baseline", "--reason", "ticket 12", "--expires", "30"])
    found(OTHER)
    capsys.readouterr()
    assert cli.main(["baseline", "cdk.out", "--expires", IN_90_DAYS]) == 0
    assert capsys.readouterr().out == (
        "new: s3-versioning at App/Other/Resource, Properties.VersioningConfiguration\n"
        "gone: s3-versioning at App/Bucket/Resource, Properties.VersioningConfiguration\n"
    )
    assert [(entry["construct"], entry["until"]) for entry in entries()] == [("App/Other/Resource", IN_90_DAYS)]


class TestCheck:
    def test_a_file_that_would_change(self, capsys: pytest.CaptureFixture[str]) -> None:
        found(FOUND)
        cli.main(["baseline"])
        before = Path("known.json").read_bytes()
        found(FOUND, OTHER)
        capsys.readouterr()
        assert cli.main(["baseline", "--check"]) == 1
        said = capsys.readouterr()
        assert said.out == "new: s3-versioning at App/Other/Resource, Properties.VersioningConfiguration\n"
        assert said.err.endswith("new 1, known 1, gone 0; would change\n")
        assert Path("known.json").read_bytes() == before

    def test_one_that_would_not(self) -> None:
        cli.main(["baseline"])
        assert cli.main(["baseline", "--check"]) == 0

    def test_one_that_is_missing(self) -> None:
        assert cli.main(["baseline", "--check"]) == 1
        assert not Path("known.json").exists()


def test_one_that_ran_out_is_renewed_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    found(FOUND)
    cli.main(["baseline", "--reason", "ticket 12"])
    old = Path("known.json").read_text().replace(IN_90_DAYS, "2020-01-01")
    Path("known.json").write_text(old)
    capsys.readouterr()
    assert cli.main(["baseline"]) == 0
    said = capsys.readouterr()
    assert said.out == "ran out: s3-versioning at App/Bucket/Resource, Properties.VersioningConfiguration\n"
    assert "known 1, gone 0, ran out 1; nothing to change" in said.err
    assert cli.main(["baseline", "--renew"]) == 0
    assert [(entry["reason"], entry["until"]) for entry in entries()] == [("ticket 12", IN_90_DAYS)]


def test_what_cannot_be_held_back_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    found(own("stage-uncovered", "not reached", "Prod"))
    assert cli.main(["baseline"]) == 0
    said = capsys.readouterr()
    assert said.out == ("not taken: stage-uncovered at Prod: it is not what a rule found, but what could not be done\n")
    assert "not taken 1; nothing to change" in said.err
    assert not Path("known.json").exists()


class TestWhichFile:
    def test_the_one_that_is_named(self) -> None:
        assert cli.main(["baseline", "--baseline", "debt/mine.json"]) == 0
        assert len(entries("debt/mine.json")) == 2
        assert not Path("known.json").exists()

    def test_the_one_of_the_environment(self, repository: Path) -> None:
        text = f'{SETTINGS}[tool.cdk-guardrails.environments.dev]\nbaseline = "dev.json"\n'
        (repository / "pyproject.toml").write_text(text)
        assert cli.main(["baseline", "--environment", "dev"]) == 0
        assert (Path("dev.json").exists(), Path("known.json").exists()) == (True, False)

    def test_it_lies_beside_the_settings(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (repository / "app").mkdir()
        monkeypatch.chdir(repository / "app")
        assert cli.main(["baseline", "../cdk.out"]) == 0
        assert (repository / "known.json").exists()

    def test_without_settings_it_says_how_to_use_it(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repository / "pyproject.toml").unlink()
        assert cli.main(["baseline"]) == 0
        assert len(entries("guardrails-baseline.json")) == 2
        assert 'write baseline = "guardrails-baseline.json" in guardrails.toml' in capsys.readouterr().err

    def test_a_report_by_its_name(self) -> None:
        assert cli.main(["baseline", "cdk.out/guardrails-report.json"]) == 0
        assert len(entries()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.out"], "none.out: there is no report: a synth with Guardrails writes it"),
        (["."], "guardrails-report.json: there is no report: a synth with Guardrails writes it"),
        (["pyproject.toml"], "pyproject.toml: not a cdk-guardrails report: not JSON: "),
        (["--expires", "soon"], "--expires: expected a number of days up to 3650, or a date from today on"),
        (["--environment", "prodd"], "there is no environment 'prodd'"),
        (["--baseline", "cdk.out"], "cdk.out: the baseline cannot be read: Is a directory"),
        (["--baseline", "pyproject.toml/x"], "x: the baseline cannot be written: "),
    ],
)
def test_what_is_wrong_gets_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["baseline", *arguments]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if said in line] == lines
    assert not Path("known.json").exists()


def test_a_damaged_baseline_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.json").write_text('{"version": 1, "entries": [')
    assert cli.main(["baseline"]) == 2
    assert capsys.readouterr().err.startswith("cdk-guardrails: error: known.json: not a baseline: expected JSON: ")
    assert Path("known.json").read_text() == '{"version": 1, "entries": ['


def test_a_report_of_a_later_release(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cdk.out/guardrails-report.json").write_text('{"schema_version": 99}')
    assert cli.main(["baseline"]) == 2
    assert "written by a newer cdk-guardrails (schema version 99" in capsys.readouterr().err


def test_names_from_templates_are_no_commands_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    found(FOUND._replace(origin=Origin("App/\x1b[31m\nB\u202e")))
    assert cli.main(["baseline"]) == 0
    said = capsys.readouterr().out
    assert said == "new: s3-versioning at App/\\x1b[31m\\nB\\u202e, Properties.VersioningConfiguration\n"
    assert "\x1b" not in Path("known.json").read_text()


def test_lint_honours_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = 'import aws_cdk as cdk\n\nqueue = "arn:aws:sqs:us-east-1:111122223333:orders"\n'
    for name in ("old.py", "new.py"):
        Path(name).write_text(code)
    row = {"rule": "source-hardcoded-value[arn]", "file": "old.py", "reason": "legacy", "until": IN_90_DAYS}
    Path("known.json").write_text(json.dumps({"version": 1, "entries": [row]}))
    lint = ["lint", ".", "--select", "source-hardcoded-value", "--fail-on", "warning", "--format", "json"]
    assert cli.main(lint) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {finding["path"] for finding in findings} == {"new.py"}


def test_it_starts_without_the_cdk() -> None:
    heavy = {"aws_cdk", "jsii", "cdk_nag", "rich", "tree_sitter"}
    code = f"import sys; from cdk_guardrails import cli; cli.main(['baseline']); print({heavy} & set(sys.modules))"
    root = str(Path(cli.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": root}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"
