"""The options that several commands have, each defined once: ``def check(environment: Environment = None)``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from cdk_guardrails.commands.endings import Threshold

FILTERS: Final = "Which rules"
DEFAULT_FORMAT: Final = "table"


def names(values: Iterable[str] | None) -> tuple[str, ...]:
    """The ids in the values of an option that may be given several times, each with commas: ``--select a,b``."""
    return tuple(name.strip() for value in values or () for name in value.split(",") if name.strip())


def _rule_ids(incomplete: str) -> Iterator[str]:
    from cdk_guardrails.rules.registry import every_rule

    head, comma, last = incomplete.rpartition(",")
    return (f"{head}{comma}{id_}" for id_ in every_rule() if id_.startswith(last))


def _formats(incomplete: str) -> Iterator[str]:
    from cdk_guardrails.report.output import FORMATS

    return (name for name in FORMATS if name.startswith(incomplete))


def _known_format(value: str) -> str:
    """Refused before anything is done, not when the report is to be written."""
    from cdk_guardrails.errors import nearest
    from cdk_guardrails.report.output import FORMATS

    if value not in FORMATS:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(FORMATS)}.{nearest(value, FORMATS)}")
    return value


def _profiles(incomplete: str) -> Iterator[str]:
    from cdk_guardrails.settings.files import PROFILES

    return (name for name in PROFILES if name.startswith(incomplete))


Environment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME",
        autocompletion=_profiles,
        help="dev, staging, prod or one of the settings. Default: the one that the settings name, else the strictest.",
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="IDS", autocompletion=_rule_ids, help="Only these rules, separated by commas."),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="IDS", autocompletion=_rule_ids, help="All rules but these."),
]
UnsafeFixes = Annotated[
    bool,
    typer.Option(
        "--unsafe-fixes",
        "--unsafe",
        help="Fix too what may replace a resource, cost money or change what the app does.",
    ),
]
FailOn = Annotated[Threshold, typer.Option("--fail-on", help="The least severity that exits with 1.")]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        callback=_known_format,
        autocompletion=_formats,
        help="How to show the result: table, json, sarif, junit, markdown, github or html.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the result to this file, whole or not at all."),
]
BaselineFile = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="A file of known findings, which are not reported again."),
]
NoSuppressions = Annotated[
    bool, typer.Option("--no-suppressions", help="An audit: show what is suppressed as findings, too.")
]
