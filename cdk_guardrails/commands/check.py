"""``cdk-guardrails check``: templates and cloud assemblies on disk are judged; nothing is changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cdk_guardrails.commands.endings import Threshold
from cdk_guardrails.commands.options import (
    DEFAULT_FORMAT,
    BaselineFile,
    Environment,
    FailOn,
    Format,
    Ignore,
    NoSuppressions,
    Output,
    Select,
)

if TYPE_CHECKING:
    from cdk_guardrails.checking import Templates
    from cdk_guardrails.engine import Outcome
    from cdk_guardrails.report.model import Replacements
    from cdk_guardrails.settings import Settings


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Templates (JSON or YAML), folders of them, a cloud assembly (cdk.out), or - for stdin.",
        ),
    ],
    format_: Format = DEFAULT_FORMAT,
    output: Output = None,
    environment: Environment = None,
    select: Select = None,
    ignore: Ignore = None,
    fail_on: FailOn = Threshold.ERROR,
    baseline: BaselineFile = None,
    no_suppressions: NoSuppressions = False,
) -> int:
    """Judge templates or a cloud assembly. All that is named is judged together, as the stacks of one app.

    For example: cdk-guardrails check cdk.out --format sarif -o guardrails.sarif
    """
    import sys

    from cdk_guardrails import checking
    from cdk_guardrails.commands.delivery import deliver, refuse_input, remark
    from cdk_guardrails.commands.endings import exit_code
    from cdk_guardrails.commands.options import names
    from cdk_guardrails.commands.terminal import say, working
    from cdk_guardrails.report.model import Report
    from cdk_guardrails.report.output import WITH_FIXES
    from cdk_guardrails.rules.registry import all_rules
    from cdk_guardrails.settings.project import chosen, switched_on

    rules = chosen(all_rules(), names(select), names(ignore), "rule") if select or ignore else None
    settings = switched_on(_settings(environment, baseline, no_suppressions), names(select))
    refuse_input(output, map(Path, paths))
    with working("judging templates"):
        templates = checking.read(paths, sys.stdin.buffer)
        outcome = checking.judge(templates, settings, rules=rules)
        fixes = _replacements(templates, outcome, settings) if format_ in WITH_FIXES else None
        report = Report.build([outcome], settings, rules=all_rules(), replacements=fixes)
    deliver(report, format_, output)
    if settings.environment is None:
        say(f"no environment is given, so the strictest profile ({settings.profile}) is used: --environment NAME")
    for note in outcome.notes:
        say(note)
    remark(report)
    return exit_code(report, fail_on)


def _replacements(templates: Templates, outcome: Outcome, settings: Settings) -> Replacements:
    from cdk_guardrails.replacing import replacements
    from cdk_guardrails.rules.registry import all_rules

    return replacements(templates, outcome, settings, all_rules().values())


def _settings(environment: str | None, baseline: Path | None, no_suppressions: bool) -> Settings:
    from cdk_guardrails.baseline import load
    from cdk_guardrails.settings.project import load_settings

    given: dict[str, Any] = {"mode": "check"}
    if no_suppressions:
        given["ignore_suppressions"] = True
    if baseline:
        given["baseline"] = load(baseline).path  # one that is named here must be there
    return load_settings(environment, Path.cwd(), **given)
