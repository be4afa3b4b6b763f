"""Every line of the four failure reports: found where it has gone wrong, fixed or flagged, silent where it is right."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.registry import all_rules, every_rule
from cdk_guardrails.testing import load
from tests.report_lines import (
    code_in_functions,
    code_in_source,
    report_a,
    report_b,
    report_b_observability,
    report_b_security,
    report_c,
    report_c_operation,
    report_d,
    report_d_operation,
)
from tests.report_lines.lines import Line, Stacks, apps, at, of_rules, run, shown
from tests.rules.test_all_rules import cfn_lint_errors
from tools.report_lines import REPORT_LINES

REPORTS = (
    report_a,
    report_b,
    report_b_security,
    report_b_observability,
    report_c,
    report_c_operation,
    report_d,
    report_d_operation,
)
LINES = tuple(line for report in REPORTS for line in report.LINES)
CODE_LINES = (*code_in_source.LINES, *code_in_functions.LINES)
"""Those about code, which test_code.py tries."""
NAMES = [line.name for line in LINES]
UNSAFE = [line for line in LINES if line.settings.get("unsafe_fixes")]
RUNS = list({repr((line.fails, line.settings)): line for line in LINES}.values())
"""An entry for each run that is another: a template of a report is that of many lines."""
NEAR_MISSES = [
    pytest.param(line, stacks, id=f"{line.name}-{number}")
    for line in LINES
    for number, stacks in enumerate(line.near_misses, start=1)
]

each_line = pytest.mark.parametrize("line", LINES, ids=NAMES)


@each_line
def test_it_is_found(line: Line) -> None:
    _, outcome = run(line.fails, line.settings, fix=False)
    missing = set(line.finds) - set(of_rules(outcome, line.rules))
    assert not missing, f"found: {of_rules(outcome, line.rules)}"
    severities = {finding.severity for finding in outcome.findings if shown(finding) in line.finds}
    assert line.severity is None or severities == {line.severity}


@each_line
def test_it_is_fixed_or_flagged(line: Line) -> None:
    app, outcome = run(line.fails, line.settings, fix=True)
    left = set(line.finds) & set(of_rules(outcome, line.rules))
    fixed_by = {fix.finding.rule for fix in outcome.fixes}
    if line.outcome == "fixed":
        assert not left
        assert line.rules & fixed_by
    else:
        assert left == set(line.finds)
        assert not line.after, "what is flagged stays as it is"
    for path, value in line.after.items():
        assert at(path, app.templates[-1]) == value, path


@pytest.mark.parametrize("line", RUNS, ids=[line.name for line in RUNS])
def test_the_fixes_bring_no_cfn_lint_error(line: Line) -> None:
    app, _ = run(line.fails, line.settings, fix=True)
    for template in app.templates:
        before = load(apps(line.fails)[template.name])
        assert not cfn_lint_errors(template.data) - cfn_lint_errors(before)


@pytest.mark.parametrize("line", UNSAFE, ids=[line.name for line in UNSAFE])
def test_what_is_unsafe_to_fix_is_flagged_until_asked_for(line: Line) -> None:
    settings = {**line.settings, "unsafe_fixes": False}
    _, outcome = run(line.fails, settings, fix=True)
    assert set(line.finds) <= set(of_rules(outcome, line.rules))


@pytest.mark.parametrize(("line", "stacks"), NEAR_MISSES)
def test_a_near_miss_is_silent(line: Line, stacks: Stacks) -> None:
    _, outcome = run(stacks, line.settings, fix=False)
    assert of_rules(outcome, line.rules) == []


@each_line
def test_it_has_two_near_misses_that_differ(line: Line) -> None:
    assert len({str(stacks) for stacks in (line.fails, *line.near_misses)}) >= 3


@each_line
def test_its_rules_say_that_they_answer_it(line: Line) -> None:
    assert line.rules
    for rule in line.rules:
        assert line.line in all_rules()[rule].answers, rule


def test_no_two_entries_have_a_name() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("report_line", sorted(REPORT_LINES))
def test_every_line_has_an_entry(report_line: str) -> None:
    assert report_line in {line.line for line in (*LINES, *CODE_LINES)}


@pytest.mark.parametrize("rule", [rule for rule in every_rule().values() if rule.answers], ids=lambda rule: rule.id)
def test_what_a_rule_answers_is_shown(rule: Any) -> None:
    in_templates = {line.line for line in LINES if rule.id in line.rules}
    in_code = {line.line for line in CODE_LINES if rule.id in line.rule_ids}
    assert set(rule.answers) <= in_templates | in_code
