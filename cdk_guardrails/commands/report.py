"""``cdk-guardrails report``: the report of the last synth, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cdk_guardrails.commands.endings import Threshold
from cdk_guardrails.commands.options import DEFAULT_FORMAT, FailOn, Format, Output


def report(
    path: Annotated[
        Path, typer.Argument(metavar="CDK_OUT", help="The cloud assembly, or a guardrails-report.json.")
    ] = Path("cdk.out"),
    format_: Format = DEFAULT_FORMAT,
    output: Output = None,
    fail_on: FailOn = Threshold.NEVER,
) -> int:
    """Show the report of the last synth: what was fixed, found and held back. Nothing is judged anew.

    For example: cdk-guardrails report --format html -o report.html
    """
    from cdk_guardrails.commands.delivery import deliver, refuse_input, remark
    from cdk_guardrails.commands.endings import Exit, exit_code
    from cdk_guardrails.commands.terminal import say
    from cdk_guardrails.report.json_format import REPORT_FILE, read
    from cdk_guardrails.report.order import by_rule

    last = read(path)
    refuse_input(output, (path, path / REPORT_FILE))
    deliver(last, format_, output)
    remark(last)
    if last.fixes and format_ == DEFAULT_FORMAT:
        say(f"fixes: {by_rule(entry.rule for entry in last.fixes)}; --format html shows each before and after")
    return Exit.CLEAN if fail_on is Threshold.NEVER else exit_code(last, fail_on)
