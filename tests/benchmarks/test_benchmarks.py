"""The benchmarks run: every variant synthesizes a small app, and the page's table can be made of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.linting import lint as linted
from cdk_guardrails.settings import Settings
from cdk_guardrails.source.project import Project, python_files
from tests.benchmarks import check, code, lint, lint_app, rules
from tests.benchmarks.__main__ import VARIANTS, Row, rows, table


def test_every_variant_runs_and_fixes_what_it_should() -> None:
    measured = {row.variant: row for row in rows(10, 1, list(VARIANTS))}
    assert measured["nothing"].resources == measured["empty"].resources == measured["cdk_nag"].resources
    assert measured["guardrails"].resources > measured["nothing"].resources
    assert measured["by_hand"].resources > measured["nothing"].resources
    assert measured["empty"].round_trips > measured["nothing"].nodes * 0.9
    assert table(measured.values()).count("\n") == len(VARIANTS) + 1


def test_the_table_compares_with_the_empty_aspect() -> None:
    made = [Row("nothing", 1.0, 0.0, 2.0, 1, 10, 5), Row("empty", 1.5, 0.5, 2.5, 11, 10, 5)]
    made.append(Row("guardrails", 1.25, 0.25, 2.25, 4, 10, 7))
    assert "| Guardrails, prod | 1.25 s | 0.25 s | 0.5 x | 2.25 s | 4 | 7 |" in table(made)


def test_the_rules_alone_are_compared_with_json() -> None:
    made = rules._measured("nothing", '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}')
    assert (made.resources, made.findings > 5, made.ratio > 0) == (1, True, True)
    row = rules.table([rules.Measured("guardrails", 457, 115, 0.0014, 0.028)]).splitlines()[-1]
    assert row == "| as Guardrails leave it | 457 | 115 | 1.4 ms | 28.0 ms | 20.0 x |"


def test_reading_code_is_compared_with_a_synth_without() -> None:
    assert code.measure(rounds=1).synth > 0
    row = code.table(code.Measured(4.0, 2.0, 0.1)).splitlines()[-1]
    assert row == "| the rules that read functions' code | 4.00 s | 2.00 s | 100 ms | 2.5% |"


def test_linting_is_compared_with_the_linters_alone() -> None:
    made = lint.measure(rounds=1, files=8)
    assert (made.files, made.ratio > 0, made.first > 0) == (8, True, True)
    row = lint.table(lint.Measured(50, 5631, 0.04, 1.96, 4.0, 8.0)).splitlines()[-1]
    assert row == "| 50 files, 5,631 lines | 0.04 s | 1.96 s | 4.00 s | 2.0 x | 8.00 s |"


def test_the_app_that_is_linted_has_nothing_wrong(tmp_path: Path) -> None:
    lint_app.write(tmp_path, 8)
    outcome = linted(Project(python_files([tmp_path])), Settings(environment="prod"))
    assert [(finding.rule, finding.message) for finding in outcome.findings] == []


def test_a_lint_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(GuardrailsError, match="lint ended with 1:\nFatal Python error"):
        lint.lint(tmp_path, {"PYTHONHASHSEED": "none"})


def test_a_check_is_compared_with_the_version_of_cfn_lint() -> None:
    made = check.measure(rounds=1, template='{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}')
    assert list(made.times)[:3] == ["cdk-guardrails check", "cfn-lint --version", "cfn-lint"]
    assert (made.resources, min(time.cpu for time in made.times.values()) > 0) == (1, True)


def test_the_table_of_checks_has_a_line_for_each_command() -> None:
    times = {"cdk-guardrails check": (0.5, 0.4), "cfn-lint --version": (1.0, 0.8), "checkov": (4.0, 3.0)}
    made = check.Measured(51, {name: check.Time(*both) for name, both in times.items()})
    assert made.ratio == 0.5
    assert check.table(made).splitlines()[2:] == [
        "| `cdk-guardrails check` | 0.50 s | 0.40 s | 0.5 x |",
        "| `cfn-lint --version` | 1.00 s | 0.80 s | 1.0 x |",
        "| `checkov` | 4.00 s | 3.00 s | 4.0 x |",
    ]


def test_a_check_that_fails_is_not_measured(tmp_path: Path) -> None:
    command = ["cdk_guardrails", "check", str(tmp_path / "missing.json")]
    with pytest.raises(RuntimeError, match=r"cdk-guardrails check ended with 2:\n.*missing\.json"):
        check.run(check.CHECK, [sys.executable, "-m", *command], str(tmp_path))
