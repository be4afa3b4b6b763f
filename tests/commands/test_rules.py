"""cdk-guardrails rules: the catalogue as a table and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.cli import main
from cdk_guardrails.rules.registry import every_rule


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def listed(*arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    assert main(["rules", "--format", "json", *arguments]) == 0
    return {row["id"]: row for row in json.loads(capsys.readouterr().out)["rules"]}


def test_a_table_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["RULE", "SEVERITY", "FIX", "WHAT", "IT", "WANTS"]
    assert [line.split()[0] for line in lines] == sorted(every_rule())


def test_a_line_is_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--select", "s3-versioning,lambda-timeout"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    column = head.index("SEVERITY")
    assert [line[:column].rstrip() for line in lines] == ["lambda-timeout", "s3-versioning"]
    assert lines[1][column:].split()[:2] == ["error", "yes"]


def test_json_says_all_of_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    row = listed("--select", "lambda-timeout", capsys=capsys)["lambda-timeout"]
    assert "AWS::Lambda::Function" in row["judges"]
    assert (row["service"], row["default_severity"]) == ("Lambda", "error")
    assert {"value", "description"} == set(row["options"]["max_seconds"])
    assert set(row["same_as"]) == {"cdk_nag", "checkov", "security_hub"}


def test_all_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(listed(capsys=capsys)) == set(every_rule())


def test_severities_are_those_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    Path("guardrails.toml").write_text('[rules]\ns3-versioning = "off"\nlambda-timeout = { max_seconds = 9 }')
    rows = listed("--ignore", "lambda-memory", capsys=capsys)
    assert (rows["s3-versioning"]["severity"], rows["s3-versioning"]["default_severity"]) == ("off", "error")
    assert rows["lambda-timeout"]["options"]["max_seconds"]["value"] == 9
    assert "lambda-memory" not in rows


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "s3-versionin"], "Did you mean 's3-versioning'?"),
        (["--environment", "prdo"], "there is no environment 'prdo'"),
        (["--format", "yaml"], "'yaml' is not one of 'table', 'json'"),
    ],
)
def test_what_is_given_wrongly(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
