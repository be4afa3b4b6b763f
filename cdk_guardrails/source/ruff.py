"""ruff: names that are not defined, imports that are not used, functions without annotations."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cdk_guardrails.source.linters import Linter, Result, listed
from cdk_guardrails.source.programs import Run
from cdk_guardrails.source.project import Module, Project

UNDEFINED_NAME: Final = "F821"
UNUSED_IMPORT: Final = "F401"
PARAMETER: Final = "ANN001"
RETURNS: Final = ("ANN201", "ANN202", "ANN204", "ANN205", "ANN206")
"""Functions, private ones, magic methods, static methods and class methods that do not say what they return."""

UNREADABLE: Final = "E902"

CODES: Final = (UNDEFINED_NAME, UNUSED_IMPORT, PARAMETER, *RETURNS)

_VERSIONS: Final = (10, 14)
"""The Python versions 3.x that every ruff we may meet can be told of; one that it does not know is a usage error."""


class Violation(NamedTuple):
    """What ruff says of a place: ``line`` and ``column`` count from 1 on, in characters."""

    code: str
    line: int
    column: int
    message: str


def _run(modules: Sequence[Module]) -> Run:
    minor = min(max(sys.version_info[1], _VERSIONS[0]), _VERSIONS[1])
    arguments = ["check", "--isolated", "--no-cache", "--quiet", "--output-format=json", f"--target-version=py3{minor}"]
    return Run(
        "ruff", [*arguments, f"--select={','.join((*CODES, UNREADABLE))}"], [str(module.file) for module in modules]
    )


def _read(output: str, folder: Path) -> Result[Violation]:
    found: dict[Path, list[Violation]] = {}
    unread = []
    for each in listed(json.loads(output)):
        at, file = each["location"], Path(each["filename"])
        if each["code"] in CODES:
            violation = Violation(each["code"], int(at["row"]), int(at["column"]), str(each["message"]))
            found.setdefault(file, []).append(violation)
        else:  # a syntax error, or an encoding that it does not know
            unread.append(file)
    return Result(found, unread)


def _all(project: Project) -> Sequence[Module]:
    return project.modules


RUFF: Final = Linter("ruff", _all, _run, _read)
