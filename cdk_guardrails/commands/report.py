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
    """Show the report of the last synth: what was fixed, found and held back. Nothing is judged anew."""
    from cdk_guardrails.commands.delivery import deliver, remark
    from cdk_guardrails.commands.endings import Exit, exit_code
    from cdk_guardrails.report.json_format import read

    last = read(path)
    deliver(last, format_, output)
    remark(last)
    return Exit.CLEAN if fail_on is Threshold.NEVER else exit_code(last, fail_on)
