"""cdk-guardrails report: what the last synth said, in any format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.cli import main
from cdk_guardrails.report.json_format import from_json
from cdk_guardrails.report.json_format import render as to_json
from tests.assemblies import BUCKET
from tests.report.made import fix, report


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cdk.out").mkdir()
    Path("a.json").write_text(json.dumps({"Resources": {"Logs": BUCKET}}))
    arguments = ["--select", "s3-versioning", "-e", "prod", "-f", "json", "-o", "cdk.out/guardrails-report.json"]
    assert main(["check", "a.json", *arguments]) == 1
    capsys.readouterr()


@pytest.mark.parametrize("path", [[], ["cdk.out"], ["cdk.out/guardrails-report.json"]])
def test_of_a_folder_or_a_file(path: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *path, "--format", "json"]) == 0
    said = capsys.readouterr()
    assert said.out == Path("cdk.out/guardrails-report.json").read_text()
    assert said.err == "cdk-guardrails: fixed 0, errors 1, warnings 0, suppressed 0\n"


def test_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 0
    assert "s3-versioning" in capsys.readouterr().out


def test_with_what_was_fixed_by_which_rule(capsys: pytest.CaptureFixture[str]) -> None:
    rules = ["s3-versioning", "required-tags[Owner]", "required-tags[Project]", "x\x1b"]
    made = report(fixes=[fix(rule=rule) for rule in rules])
    Path("cdk.out/guardrails-report.json").write_text(to_json(made))
    assert main(["report"]) == 0
    fixed, by_rule = capsys.readouterr().err.splitlines()
    assert fixed == "cdk-guardrails: fixed 4, errors 0, warnings 0, suppressed 0"
    shown = "required-tags 2, s3-versioning, x\\x1b"
    assert by_rule == f"cdk-guardrails: fixes: {shown}; --format html shows each before and after"


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1), ("never", 0)])
def test_it_fails_when_asked(fail_on: str, code: int) -> None:
    assert main(["report", "--fail-on", fail_on]) == code


def test_into_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "-f", "json", "-o", "copy.json"]) == 0
    assert capsys.readouterr().out == ""
    assert [finding.rule for finding in from_json(Path("copy.json").read_text()).findings] == ["s3-versioning"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(schema_version=99), "written by a newer cdk-guardrails (schema version 99"),
        (lambda data: data.pop("schema_version"), "not a cdk-guardrails report: it has no 'schema_version'"),
        (lambda data: data.pop("findings"), "not a complete report: 'findings'"),
    ],
)
def test_a_report_that_cannot_be_read(change: Any, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("cdk.out/guardrails-report.json")
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))
    assert main(["report"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert f"error: {file}: {message}" in said.err


@pytest.mark.parametrize(("path", "text"), [("cdk.out", None), ("gone", None), ("cdk.out", '{"schema_version": 1, ')])
def test_a_report_that_is_not_there_or_cut(path: str, text: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("cdk.out/guardrails-report.json")
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    assert main(["report", path]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert ("not JSON" if text else "cdk-guardrails synth") in said.err
