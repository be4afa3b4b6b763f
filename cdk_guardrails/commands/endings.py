"""How commands end: the exit codes, and which findings make a run fail."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cdk_guardrails.report.model import Report

INTERRUPTED: Final = 130
"""What a shell gives for Ctrl-C."""


class Exit(IntEnum):
    """The exit codes.

    0: clean, or all fixed. 1: findings at the threshold. 2: usage, settings or input that is not right. 3: a rule
    crashed, or a fault of ours.
    """

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    CRASH = 3


class Threshold(str, Enum):
    """The values of ``--fail-on``: the least severity that exits with 1."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


_FAILING: Final[Mapping[Threshold, tuple[str, ...]]] = {
    Threshold.ERROR: ("error",),
    Threshold.WARNING: ("error", "warning"),
    Threshold.NEVER: (),
}


def exit_code(report: Report, fail_on: Threshold) -> int:
    """The exit code of a run: 3 when a rule crashed, 1 for findings at the threshold, else 0."""
    if report.crashes:
        return Exit.CRASH
    failing = any(finding.severity in _FAILING[fail_on] for finding in report.findings)
    return Exit.FINDINGS if failing else Exit.CLEAN
