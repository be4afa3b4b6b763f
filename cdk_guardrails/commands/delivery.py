"""How commands hand over a Report: in a format to stdout or a file, and the rest of it on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_guardrails.commands.terminal import plain, print_text, say

if TYPE_CHECKING:
    from cdk_guardrails.report.model import Report


def deliver(report: Report, format_: str, output: Path | None) -> None:
    """Writes ``report`` to the file ``output``, else to stdout. Raises OSError."""
    from cdk_guardrails.report.output import render, write_text

    if output is None or str(output) == "-":
        print_text(render(report, format_, sys.stdout))
    else:
        write_text(render(report, format_), output)
        say(f"wrote {plain(str(output))}")


def refuse_input(output: Path | None, inputs: Iterable[Path]) -> None:
    """Raises GuardrailsError when ``output`` is one of the files that are read: it would be overwritten."""
    from cdk_guardrails.errors import GuardrailsError

    for file in inputs if output and output.is_file() else ():
        if output and file.is_file() and output.samefile(file):
            raise GuardrailsError(f"{output}: it is read, and would be overwritten by the result: name another file")


def remark(report: Report, where: str = "") -> None:
    """Says on stderr what crashed, with tracebacks, and the counts; ``where`` the result is."""
    from cdk_guardrails.report.table import counts

    say_crashes(report)
    say(f"{counts(report)} - {where}" if where else counts(report))


def say_crashes(report: Report) -> None:
    """Says on stderr the tracebacks of rules that crashed: what a report of them needs. They may quote a template."""
    from cdk_guardrails.report.escaping import plain_lines

    for crash in report.crashes:
        say(plain_lines(crash.traceback))
