"""``cdk-guardrails baseline``: the findings of the last synth become the known ones, each with a reason and a date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdk_guardrails.commands.options import Environment

if TYPE_CHECKING:
    from cdk_guardrails.baseline import Baseline


def baseline(
    cdk_out: Annotated[
        Path, typer.Argument(metavar="CDK_OUT", help="The folder of the last synth, or a report in JSON.")
    ] = Path("cdk.out"),
    file: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="The file to write. Default: the one that the settings name."),
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why new entries are not fixed yet. Default: since when they are known.")
    ] = "",
    expires: Annotated[
        str, typer.Option(metavar="DAYS|DATE", help="For how long new entries hold, or their last day.")
    ] = "90",
    renew: Annotated[bool, typer.Option("--renew", help="Give that date to entries that ran out, too.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 when the file would change.")
    ] = False,
    environment: Environment = None,
) -> int:
    """Write the findings of the last synth to a file of known findings, or bring that file up to date.

    Known entries keep their reason and date. What is new, gone, or cannot be held back is listed.

    For example: cdk-guardrails baseline --reason "there before Guardrails" --expires 180
    """
    import datetime

    from cdk_guardrails.baseline import load_or_empty
    from cdk_guardrails.baseline.form import FILE
    from cdk_guardrails.baseline.update import terms, update, write
    from cdk_guardrails.commands.endings import Exit
    from cdk_guardrails.commands.terminal import print_text, say
    from cdk_guardrails.report.json_format import read
    from cdk_guardrails.settings.project import load_settings

    today = datetime.date.today()
    given = terms(reason, expires, today)
    named = load_settings(environment, Path.cwd()).baseline
    known = load_or_empty(file or named or Path(FILE))
    made = update(known.entries, read(cdk_out), given, today, renew=renew)
    changes = write(known, made.entries, only_check=check)
    print_text("".join(f"{line}\n" for line in made.lines()))
    done = ("would change" if check else "written") if changes else "nothing to change"
    say(f"{known.name}: {made.summary()}; {done}")
    if not named:
        say(_how_to_use(known))
    return Exit.FINDINGS if check and changes else Exit.CLEAN


def _how_to_use(made: Baseline) -> str:
    """The settings do not name a baseline: what to write there."""
    return f'to hold these findings back, write baseline = "{made.name}" in guardrails.toml or [tool.cdk-guardrails]'
