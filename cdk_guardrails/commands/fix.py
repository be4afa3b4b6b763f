"""``cdk-guardrails fix``: the fixes of the rules on plain templates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdk_guardrails.commands.endings import Exit, Threshold, exit_code
from cdk_guardrails.commands.options import Environment, Ignore, Select, UnsafeFixes

if TYPE_CHECKING:
    from cdk_guardrails.fixing import Fixed
    from cdk_guardrails.report.model import Report

Templates = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Templates (JSON, YAML), folders with all below, a cdk.out, - for stdin."),
]
Diff = Annotated[bool, typer.Option("--diff", help="Show what would change, and change nothing. The default.")]
Write = Annotated[bool, typer.Option("--write", "-w", help="Write the fixed templates where they are.")]
Folder = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the fixed templates below this folder.")
]
Suppressed = Annotated[bool, typer.Option("--no-suppressions", help="Fix what is suppressed, too.")]
Left = Annotated[Threshold, typer.Option("--fail-on", help="The least severity of what is left that exits with 1.")]


def fix(
    paths: Templates,
    diff: Diff = False,
    write: Write = False,
    output: Folder = None,
    unsafe: UnsafeFixes = False,
    environment: Environment = None,
    select: Select = None,
    ignore: Ignore = None,
    no_suppressions: Suppressed = False,
    fail_on: Left = Threshold.NEVER,
) -> int:
    """Apply the fixes to templates: show the difference, or write it. Comments, order and quotes of a file survive.

    With --diff the exit code is 1 when anything would change. With --write and -o it is 0, whatever is left: `check`
    judges that, or --fail-on. From stdin (-) the fixed template goes to stdout. Every file is worked out before the
    first is written, and each is written whole or not at all. The templates of a cdk.out can be looked at, but not
    written: the next synth makes them again.

    For example: cdk-guardrails fix templates --select s3-tls-only --write
    """
    from cdk_guardrails.commands.options import names
    from cdk_guardrails.commands.terminal import say, working
    from cdk_guardrails.fixing import fix as run
    from cdk_guardrails.report.model import Report
    from cdk_guardrails.rules.registry import all_rules
    from cdk_guardrails.settings.project import chosen, load_settings, switched_on

    _check_usage(paths, diff, write, output)
    rules = chosen(all_rules(), names(select), names(ignore))
    arguments = {"unsafe_fixes": unsafe or None, "ignore_suppressions": no_suppressions or None}
    settings = switched_on(load_settings(environment, Path.cwd(), **arguments), names(select))
    with working("fixing"):
        fixed = run(paths, settings, rules, sys.stdin.buffer)
    ended = _put_out(fixed, diff, write, output)
    report = Report.build([fixed.outcome], settings)
    _say_what_is_left(report, fixed, unsafe)
    if settings.environment is None:
        say(f"no environment is given, so the strictest profile ({settings.profile}) is used: --environment NAME")
    return max(ended, exit_code(report, fail_on))


def _check_usage(paths: list[Path], diff: bool, write: bool, output: Path | None) -> None:
    """Raises GuardrailsError for options that exclude each other."""
    from cdk_guardrails.errors import GuardrailsError

    wanted = [name for name, given in (("--diff", diff), ("--write", write), ("--output", output)) if given]
    if len(wanted) > 1:
        raise GuardrailsError(f"{' and '.join(wanted)} exclude each other: say one of them")
    if Path("-") in paths and (len(paths) > 1 or write or output):
        raise GuardrailsError("with '-' the template comes from stdin and goes to stdout: no path, --write or --output")


def _put_out(fixed: Fixed, diff: bool, write: bool, output: Path | None) -> int:
    """Writes the templates, or shows what would change; returns the exit code of that."""
    from cdk_guardrails.commands.showing import print_diff, print_document
    from cdk_guardrails.errors import GuardrailsError

    if not fixed.outcome.settled:
        raise GuardrailsError("the fixes go on for ever, one undoes what another does: nothing was changed")
    if write:
        fixed.write()
    elif output:
        fixed.write_to(output)
    elif not diff and fixed.is_stdin:
        print_document(fixed.texts[0].after)
    else:
        print_diff("".join(text.difference for text in fixed.changed))
        return Exit.FINDINGS if fixed.changed else Exit.CLEAN
    return Exit.CLEAN


def _say_what_is_left(report: Report, fixed: Fixed, unsafe: bool) -> None:
    """On stderr: by rule what was fixed and what is left, and how to see that."""
    from cdk_guardrails.commands.delivery import say_crashes
    from cdk_guardrails.commands.terminal import plain, say
    from cdk_guardrails.report.order import by_rule

    say_crashes(report)
    for failed in report.failed_fixes:
        say(plain(f"not fixed: {failed.rule} on {failed.place.logical_id}: {failed.error}"))
    if report.fixes:
        say(f"fixes: {by_rule(entry.rule for entry in report.fixes)}")
    for title, rules in _left(report, unsafe).items():
        say(f"{title}: {by_rule(rules)}")
    counts = report.summary
    left_over = f"errors {counts.errors}, warnings {counts.warnings}, suppressed {counts.suppressed}"
    say(f"templates {len(fixed.texts)}, changed {len(fixed.changed)}, fixes {counts.fixed}; left: {left_over}")


def _left(report: Report, unsafe: bool) -> dict[str, list[str]]:
    """The rules of what is left, by severity and whether their fix was not asked for."""
    left: dict[str, list[str]] = {}
    for entry in report.findings:
        asked = ", fixed by --unsafe" if entry.fix == "unsafe" and not unsafe else ""
        left.setdefault(f"{entry.severity}s left{asked}", []).append(entry.rule_id)
    return dict(sorted(left.items()))
