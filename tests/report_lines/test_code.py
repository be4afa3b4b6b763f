"""Every line of the reports that is about code: found where it has gone wrong, silent where it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.rules.registry import every_rule
from cdk_guardrails.source.programs import missing_programs
from tests.report_lines.code_in_functions import LINES as IN_FUNCTIONS
from tests.report_lines.code_in_source import LINES as IN_SOURCE
from tests.report_lines.code_lines import CodeLine, Files, shown

LINES = (*IN_SOURCE, *IN_FUNCTIONS)
NAMES = [line.name for line in LINES]
NEAR_MISSES = [
    pytest.param(line, files, id=f"{line.name}-{number}")
    for line in LINES
    for number, files in enumerate(line.near_misses, start=1)
]
MAPPED = {"A1.1", "A2.1", "A5.2", "A6.1", "B1.1", "B1.2", "B1.3", "C1.1", "C1.3", "C2.2", "C2.3", "C4.3"}
"""The lines that RULEBOOK.md gives to rules about code."""

each_line = pytest.mark.parametrize("line", LINES, ids=NAMES)


@pytest.fixture(autouse=True)
def _in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@each_line
def test_it_is_found(line: CodeLine, tmp_path: Path) -> None:
    findings = line.findings(line.fails, tmp_path)
    assert {shown(finding) for finding in findings} == set(line.finds)
    said = "\n".join(f"{finding.message}\n{finding.remedy}" for finding in findings)
    assert [text for text in line.shows if text not in said] == []
    assert [text for text in line.hides if text in said] == []


@pytest.mark.parametrize(("line", "files"), NEAR_MISSES)
def test_a_near_miss_is_silent(line: CodeLine, files: Files, tmp_path: Path) -> None:
    assert [shown(finding) for finding in line.findings(files, tmp_path)] == []


@each_line
def test_it_has_two_near_misses_that_differ(line: CodeLine) -> None:
    assert len({str(files) for files in (line.fails, *line.near_misses)}) >= 3


@each_line
def test_its_rules_say_that_they_answer_it(line: CodeLine) -> None:
    assert line.rule_ids
    for rule in line.rule_ids:
        assert line.line in every_rule()[rule].answers, rule


def test_every_line_has_an_entry() -> None:
    assert {line.line for line in LINES} == MAPPED
    assert len(set(NAMES)) == len(NAMES)


def test_the_linters_are_there() -> None:
    """Without them the rules that come from them would be silent, and the tests above say nothing."""
    assert list(missing_programs()) == []
