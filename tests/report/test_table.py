"""The report at a terminal, and the line on stderr."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import pytest

from cdk_guardrails.report.model import Report
from cdk_guardrails.report.output import render as render_as
from cdk_guardrails.report.table import for_stream, render, summary, wants_colour
from tests.report.made import HOSTILE, NOWHERE, crash, entry, failed, fix, held, hostile, many, place, report, uncovered

ANSI = re.compile(r"\x1b\[[\d;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


class TestSummary:
    def test_one_line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        made = report(entry(), entry(severity="warning"), fixes=[fix()], suppressed=[held()])
        line = summary(made, tmp_path / "cdk.out" / "guardrails-report.json")
        assert line == "cdk-guardrails: fixed 1, errors 1, warnings 1, suppressed 1 - cdk.out/guardrails-report.json"

    def test_a_report_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "app").mkdir()
        monkeypatch.chdir(tmp_path / "app")
        path = tmp_path / "out" / "guardrails-report.json"
        assert summary(report(), path).endswith(f"suppressed 0 - {path}")

    def test_what_went_wrong_is_added_when_there_is_some(self) -> None:
        made = report(crashes=[crash()], uncovered=[uncovered()], failed_fixes=[failed()], settled=False)
        assert summary(made, "r.json") == (
            "cdk-guardrails: fixed 0, errors 2, warnings 0, suppressed 0, rules crashed 1, fixes failed 1,"
            " not covered 1, runs that did not settle 1 - r.json"
        )


class TestFindings:
    def test_what_where_and_what_to_do(self) -> None:
        made = report(
            entry(severity="warning", rule="s3-a", source=""),
            entry(),
            entry(construct_path="App/Other", source="b.py:2"),
        )
        assert render(made) == (
            "App  2 errors, 1 warning\n"
            "error    s3-versioning: versioning is not enabled\n"
            "  at     app.py:7 App/Logs Properties.VersioningConfiguration\n"
            "  at     b.py:2 App/Other Properties.VersioningConfiguration\n"
            "  do     s3.Bucket(..., versioned=True)\n"
            '  or     suppress(construct, "s3-versioning", reason="...")\n'
            "warning  s3-a: versioning is not enabled\n"
            "  at     App/Logs Properties.VersioningConfiguration\n"
            "  do     s3.Bucket(..., versioned=True)\n"
            '  or     suppress(construct, "s3-versioning", reason="...")\n'
        )

    def test_what_is_not_known_is_not_said(self) -> None:
        assert render(report(entry(place=NOWHERE, remedy="", acknowledge=""))) == (
            "the app  1 error\nerror    s3-versioning: versioning is not enabled\n"
        )

    def test_templates_with_errors_come_first(self) -> None:
        code = place(**{**vars(NOWHERE), "source": "lib/app.py:3:1"})
        names = ("Z", "B", "A")
        made = report(*(entry(template=name, severity="warning" if name == "A" else "error") for name in names))
        made = report(*made.findings, entry(place=code))
        heads = [line for line in render(made).splitlines() if re.match(r"\S+  \d", line)]
        assert heads == ["B  1 error", "Z  1 error", "lib/app.py  1 error", "A  1 warning"]

    def test_none(self) -> None:
        assert render(report()) == ""


class TestWidth:
    LONG = " ".join(["word"] * 40)
    PATH = "App/" + "x" * 100

    @pytest.mark.parametrize("width", [40, 80, 120])
    def test_lines_are_broken_at_spaces(self, width: int) -> None:
        text = render(report(entry(message=self.LONG)), width=width)
        lines = text.splitlines()
        said = [line for line in lines if "word" in line]
        assert max(map(len, said)) <= width
        assert sum(line.count("word") for line in said) == 40
        assert min(map(len, said[:-1])) > width - len(" word")
        assert all(line.startswith(("error    ", " " * 9)) for line in said)

    def test_what_is_to_be_copied_is_whole(self) -> None:
        assert f"         {self.PATH}\n" in render(report(entry(construct_path=self.PATH)), width=40)

    def test_as_wide_as_the_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = report(entry(message=self.LONG))

        def shown(columns: int) -> str:
            monkeypatch.setattr(shutil, "get_terminal_size", lambda *given: os.terminal_size((columns, 9)))
            return ANSI.sub("", for_stream(made, Terminal()))

        assert shown(60) == render(made, width=60)
        assert shown(500) == render(made, width=120)
        assert for_stream(made, io.StringIO()) == render(made) == render(made, width=80)


class TestColour:
    def test_it_changes_no_word(self) -> None:
        made = report(entry(message=TestWidth.LONG), entry(severity="warning"))
        coloured = render(made, colour=True)
        assert ANSI.sub("", coloured) == render(made)
        assert "\x1b[1;31merror    \x1b[0m\x1b[1ms3-versioning\x1b[0m: word" in coloured
        assert "\x1b[1;33mwarning  \x1b[0m" in coloured

    @pytest.mark.parametrize(
        ("variables", "terminal", "pipe"),
        [
            ({}, True, False),
            ({"NO_COLOR": "1"}, False, False),
            ({"NO_COLOR": ""}, True, False),
            ({"FORCE_COLOR": "1"}, True, True),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
            ({"TERM": "dumb"}, False, False),
        ],
    )
    def test_who_wants_it(
        self, variables: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert wants_colour(Terminal()) is terminal
        assert wants_colour(io.StringIO()) is pipe

    def test_only_for_a_stream(self) -> None:
        made = report(entry())
        assert "\x1b" in render_as(made, "table", Terminal())
        assert "\x1b" not in render_as(made, "table")
        assert render_as(made, "github", Terminal()) == render_as(made, "github")


def lines_of(made: Report, width: int) -> list[str]:
    return render(made, width=width).split("\n")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [30, 80])
def test_hostile_text(text: str, width: int) -> None:
    for line in lines_of(hostile(text), width):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)


def test_a_command_that_only_wrapping_would_make() -> None:
    for padding in range(80):
        made = report(entry(message=f"{'x' * padding} ::add-mask::secret", template="::error::x"))
        for width in (40, 80):
            assert not any(line.lstrip().startswith("::") for line in lines_of(made, width))


def test_many() -> None:
    assert render(many(5000)).count("  at     ") == 5000
