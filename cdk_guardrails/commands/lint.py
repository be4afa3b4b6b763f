"""``cdk-guardrails lint``: the app's own Python is judged; nothing of it is imported or run."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdk_guardrails.commands.endings import Threshold
from cdk_guardrails.commands.options import Environment, FailOn, Ignore, Select

if TYPE_CHECKING:
    from cdk_guardrails.report.model import Report


class LintFormat(str, Enum):
    """How findings in code are printed."""

    TEXT = "text"
    JSON = "json"


def lint(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Python files, or folders with all below.")],
    format_: Annotated[LintFormat, typer.Option("--format", "-f", help="How to print findings.")] = LintFormat.TEXT,
    environment: Environment = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = Threshold.ERROR,
) -> int:
    """Judge the app's own Python: what does not exist in the CDK, what is deprecated, written out or unused.

    For example: cdk-guardrails lint app.py stacks
    """
    from cdk_guardrails.baseline import Baselines
    from cdk_guardrails.commands.endings import exit_code
    from cdk_guardrails.commands.options import names
    from cdk_guardrails.commands.terminal import print_text
    from cdk_guardrails.linting import lint as run
    from cdk_guardrails.report import code
    from cdk_guardrails.report.model import Report
    from cdk_guardrails.rules.registry import source_rules
    from cdk_guardrails.settings.project import chosen, load_settings, switched_on
    from cdk_guardrails.source.project import Project, python_files

    rules = chosen(source_rules(), names(select), names(ignore), "source rule")
    settings = switched_on(load_settings(environment, Path.cwd()), names(select))
    files = list(python_files(paths))
    outcome = run(Project(files), settings, rules=rules)
    Baselines().hold(outcome, settings)
    report = Report.build([outcome], settings, rules=source_rules())
    print_text(code.to_json(report) if format_ is LintFormat.JSON else code.render(report))
    _say_the_rest(report, len(files))
    return exit_code(report, fail_on)


def _say_the_rest(report: Report, files: int) -> None:
    """On stderr: what is about no place in code, tracebacks of rules, and the counts."""
    from cdk_guardrails.commands.delivery import say_crashes
    from cdk_guardrails.commands.terminal import plain, say
    from cdk_guardrails.report import code

    for finding in code.elsewhere(report):
        say(f"{finding.severity}: {plain(finding.message)} {finding.remedy}".rstrip())
    say_crashes(report)
    counts = report.summary
    crashed = f", rules crashed {counts.crashed}" if counts.crashed else ""
    said = f"errors {counts.errors}, warnings {counts.warnings}, suppressed {counts.suppressed}{crashed}"
    say(f"files {files}, {said}")
