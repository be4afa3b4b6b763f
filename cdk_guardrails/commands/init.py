"""``cdk-guardrails init``: settings, a pre-commit hook and a workflow for a repository that lacks them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cdk_guardrails.starter.plan import Plan


def init(
    directory: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the app's cdk.json is.")] = Path("."),
    environment: Annotated[
        str, typer.Option("--environment", "-e", metavar="NAME", help="What the app is deployed for.")
    ] = "prod",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
) -> int:
    """Set up a repository: settings, a pre-commit hook, a GitHub Actions workflow. Only what is missing is written.

    Shows every file as a difference first, and asks. What is there is never overwritten: to pyproject.toml and
    .pre-commit-config.yaml lines are added, all else in them stays as it is. The two lines for the app are printed.
    """
    from cdk_guardrails.commands.showing import print_diff
    from cdk_guardrails.commands.terminal import print_text, say
    from cdk_guardrails.starter.plan import carry_out, make_plan

    plan = make_plan(directory, environment)
    for name, why_not in plan.kept:
        say(f"{name}: {why_not}")
    print_diff(plan.difference)
    if plan.changes and not dry_run:
        if not _wanted(plan, yes):
            say("nothing was written")
            return 0
        carry_out(plan.changes)
        say(f"wrote {', '.join(plan.names)}")
    print_text("".join(f"\n{step}\n" for step in plan.advice))
    return 0


def _wanted(plan: Plan, yes: bool) -> bool:
    """Whether to write. Raises GuardrailsError when there is nobody to ask."""
    import sys

    from cdk_guardrails.commands.showing import agreed
    from cdk_guardrails.errors import GuardrailsError

    if yes:
        return True
    if not sys.stdin.isatty():
        raise GuardrailsError("nothing was written, since there is nobody to ask: say --yes, or --dry-run to look")
    return agreed(f"write {', '.join(plan.names)}?")
