"""The reference of the command line, from the commands themselves by Typer's own writer of docs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command_name

from cdk_guardrails import cli
from cdk_guardrails.docs_pages import markdown_table

EXIT_CODES = (
    ("0", "clean, or all is fixed"),
    ("1", "findings at the threshold (`--fail-on`); for `fix --diff`, `baseline --check`: something would change"),
    ("2", "usage, settings or input: a line on stderr says what, where and what was expected"),
    ("3", "a rule crashed: the traceback is in the report"),
    ("130", "interrupted"),
)


def commands_page() -> Iterator[str]:
    """Its parts: exit codes, then every command."""
    yield "`cdk-guardrails COMMAND`, or `python -m cdk_guardrails COMMAND`. Results go to stdout, all else to stderr."
    yield "`cdk-guardrails --install-completion` completes commands, rule ids and formats in your shell."
    yield markdown_table(("Exit code", "Means"), EXIT_CODES)
    for name in cli.COMMANDS:
        yield _command(name)


def _command(name: str) -> str:
    command = cli.command(name)
    context = typer.Context(command, info_name=f"cdk-guardrails {get_command_name(name)}")
    text = get_docs_for_click(obj=command, ctx=context, indent=1, name=f"cdk-guardrails {name}")
    return re.sub(r"\n{3,}", "\n\n", text).strip()
