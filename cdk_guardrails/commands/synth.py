"""``cdk-guardrails synth``: a repository is tried with Guardrails, and nothing in it is changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cdk_guardrails.commands.endings import Threshold
from cdk_guardrails.commands.options import DEFAULT_FORMAT, Environment, FailOn, Format, UnsafeFixes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cdk_guardrails.report.model import Report
    from cdk_guardrails.trial import Ran
    from cdk_guardrails.trial.comparing import Comparison


def synth(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[-- COMMAND]", help="Run this instead of cdk.json's app.")
    ] = None,
    environment: Environment = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tags", metavar="KEY=VALUE", help="A tag for every resource; may be repeated.")
    ] = None,
    unsafe_fixes: UnsafeFixes = False,
    check_only: Annotated[bool, typer.Option("--check-only", help="Find, and fix nothing.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Synthesize without and with Guardrails, and show what differs.")
    ] = False,
    context: Annotated[
        list[str] | None,
        typer.Option("--context", "-c", metavar="KEY=VALUE", help="Context for the app, as for `cdk synth`."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Keep the cloud assembly in this new folder."),
    ] = None,
    format_: Format = DEFAULT_FORMAT,
    fail_on: FailOn = Threshold.ERROR,
) -> int:
    """Try an app with Guardrails: runs the command of cdk.json with them attached; no source and no cdk.out is changed.

    The app's own output goes to stderr. Without Docker, assets are not bundled. With --compare the formats are table
    and json.

    For example: cdk-guardrails synth --compare --tags Owner=payments
    """
    from cdk_guardrails.commands.delivery import deliver, remark
    from cdk_guardrails.commands.endings import exit_code
    from cdk_guardrails.commands.terminal import plain, say
    from cdk_guardrails.trial import TrialError, app_command, compared, folder_for, run

    arguments = _arguments(environment, tags or (), unsafe_fixes, check_only)
    _refuse_contradictions(compare, check_only, format_)
    app = app_command.read(Path.cwd(), command or (), context or ())
    with folder_for(output) as folder:
        say(f"running {plain(app.shown)}")
        if compare:
            before = run(app, folder / "without", None)
        ran = run(app, folder / "with" if compare else folder, arguments)
        _say_what_is_odd(ran, arguments)
        report = ran.report()
        if compare:
            _print_comparison(compared(before, ran), format_)
            _say_what_is_not_shown(report)
        else:
            deliver(report, format_, None)
    remark(report, plain(str(output)) if output else "your cdk.out was not touched; -o FOLDER keeps the templates")
    if ran.failure:
        raise TrialError(ran.failure)
    return exit_code(report, fail_on)


def _say_what_is_not_shown(report: Report) -> None:
    """The findings, which a comparison leaves out; one of them has a part in what it shows."""
    from cdk_guardrails.commands.terminal import say

    if any(finding.rule == "environment-unset" for finding in report.findings):
        say(f"no environment is given, so the strictest profile ({report.profile}) is used: --environment NAME")
    if report.findings:
        say("what is found and not fixed is shown without --compare")


def _arguments(environment: str | None, tags: Sequence[str], unsafe_fixes: bool, check_only: bool) -> dict[str, Any]:
    """The arguments for Guardrails: only those that were given, so that settings files have their say."""
    pairs = dict(_pair(tag) for tag in tags)
    given = {
        "environment": environment,
        "tags": pairs,
        "unsafe_fixes": unsafe_fixes,
        "mode": "check" if check_only else None,
    }
    return {name: value for name, value in given.items() if value}


def _pair(tag: str) -> tuple[str, str]:
    key, equals, value = tag.partition("=")
    if not equals or not key:
        raise typer.BadParameter(f"{tag!r} is not KEY=VALUE", param_hint="--tags")
    return key, value


def _refuse_contradictions(compare: bool, check_only: bool, format_: str) -> None:
    if compare and check_only:
        raise typer.BadParameter("with --check-only nothing is changed that could be compared", param_hint="--compare")
    if compare and format_ not in (DEFAULT_FORMAT, "json"):
        raise typer.BadParameter(f"--compare has {DEFAULT_FORMAT} and json", param_hint="--format")


def _say_what_is_odd(ran: Ran, arguments: dict[str, Any]) -> None:
    """What a person must know to read the result right."""
    from cdk_guardrails.commands.terminal import say

    if ran.noted("own"):
        unused = f"; what was given for {', '.join(arguments)} is not used" if arguments else ""
        say(f"the app adds Guardrails itself, so none were added{unused}")
    if not ran.app.bundles:
        say("Docker was not found, so assets that are built in containers were left as they are in the source")
    if number := ran.missing_lookups:
        values = "a value of your AWS account is" if number == 1 else f"{number} values of your AWS account are"
        say(f"{values} not in cdk.context.json, so the CDK's dummies are used; `cdk synth` looks up the real ones")


def _print_comparison(comparison: Comparison, format_: str) -> None:
    """In colour at a terminal that wants it."""
    from rich.console import Console
    from rich.text import Text

    from cdk_guardrails.commands.terminal import print_text
    from cdk_guardrails.trial.comparing import to_json
    from cdk_guardrails.trial.comparing_text import lines

    if format_ == "json":
        print_text(to_json(comparison))
        return
    console = Console(highlight=False)
    with console.capture() as captured:
        for line, style in lines(comparison):
            console.print(Text(line, style), soft_wrap=True)
    print_text(captured.get())
