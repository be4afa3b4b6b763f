"""Workflow commands of GitHub Actions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cdk_guardrails.report.escaping import plain
from cdk_guardrails.report.github import render
from tests.report.made import HOSTILE, NOWHERE, entry, hostile, many, report

COMMAND = re.compile(r"::(error|warning) ([^:]*)::([^\r\n]*)")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def unescaped(text: str) -> str:
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, char)
    return text


def test_one_finding() -> None:
    assert render(report(entry())) == (
        "::error file=app.py,line=7,title=s3-versioning::versioning is not enabled"
        "%0AApp/Logs, Properties.VersioningConfiguration%0ADo: s3.Bucket(..., versioned=True)\n"
    )


def test_a_column_and_a_warning() -> None:
    made = entry(severity="warning", source="lib/app.py:3:5", remedy="", rule="r[tcp:22,a]", property_path="")
    assert render(report(made)) == (
        "::warning file=lib/app.py,line=3,col=5,title=r[tcp%3A22%2Ca]::versioning is not enabled%0AApp/Logs\n"
    )


def test_errors_come_first_since_few_are_shown() -> None:
    made = report(entry(severity="warning", source="a.py:1"), entry(source="b.py:1"), entry(source="c.py:1"))
    assert [COMMAND.match(line)[2][:9] for line in render(made).splitlines()] == [  # type: ignore[index]
        "file=b.py",
        "file=c.py",
        "file=a.py",
    ]


def test_files_are_seen_from_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".git").mkdir()
    (folder / "infra").mkdir()
    monkeypatch.chdir(folder / "infra")
    assert render(report(entry())).startswith("::error file=infra/app.py,line=7,")


def test_the_app_as_a_whole_has_a_file_too() -> None:
    assert render(report(entry(place=NOWHERE))).startswith("::error file=cdk.json,line=1,title=")
    assert render(report()) == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_command(text: str) -> None:
    lines = render(hostile(text)).splitlines()
    assert len(lines) == 4
    for line in lines:
        assert line.isprintable()
        match = COMMAND.fullmatch(line)
        assert match, line
        assert [part.partition("=")[0] for part in match[2].split(",")] == ["file", "line", "title"]
    first = COMMAND.fullmatch(lines[0])
    assert first
    assert unescaped(first[3]).split("\n")[0] == plain(text)


def test_many() -> None:
    assert len(render(many(5000)).splitlines()) == 5000
