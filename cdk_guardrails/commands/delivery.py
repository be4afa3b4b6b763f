"""How commands hand over a Report: in a format to stdout or a file, and the rest of it on stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_guardrails.commands.terminal import plain, print_text, say

if TYPE_CHECKING:
    from cdk_guardrails.report.model import Report


def deliver(report: Report, format_: str, output: Path | None) -> None:
    """Writes ``report`` to the file ``output``, else to stdout. Raises OSError."""
    from cdk_guardrails.report.output import render, write_text

    if output is None:
        print_text(render(report, format_, sys.stdout))
    else:
        write_text(render(report, format_), output)
        say(f"wrote {plain(str(output))}")


def remark(report: Report, where: str = "") -> None:
    """Says on stderr what crashed, with tracebacks, and the counts; ``where`` the result is."""
    from cdk_guardrails.report.table import counts

    for crash in report.crashes:
        say(crash.traceback)
    say(f"{counts(report)} - {where}" if where else counts(report))
