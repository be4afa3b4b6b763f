"""Where a finding is shown: a file as a repository knows it, a line, a column."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from cdk_guardrails.report.model import Place
from cdk_guardrails.template import Origin

APP_FILE: Final = "cdk.json"
"""Where a finding is shown that is about an app as a whole: code scanning takes none without a file."""

_TEMPLATES: Final = (".json", ".yaml", ".yml", ".template")
_STDIN: Final = "-"


class Spot(NamedTuple):
    """``file`` is relative to the root of the repository and has slashes, or is absolute when it lies outside.

    ``line`` and ``column`` count from 1; a column of 0 is unknown. ``is_known`` is False when only the file is.
    """

    file: str
    line: int
    column: int
    is_known: bool


class Spots:
    """Finds the spot of a place. Files are seen from the repository around the current folder, else from that folder.

    A CI server shows files of the repository, also when the app lies in a folder of it.
    """

    def __init__(self) -> None:
        self._here = Path.cwd()
        self._names: dict[str, str] = {}

    def of(self, place: Place) -> Spot:
        """The author's line, else the template, else ``cdk.json``."""
        file, line, column = Origin(source=place.source).place
        if not file:
            is_file = place.template.endswith(_TEMPLATES) or place.template == _STDIN
            file = place.template if is_file else APP_FILE
        return Spot(self.file(file), max(line, 1), column, line > 0)

    def file(self, name: str) -> str:
        """The file of this name as a `Spot` has it."""
        if name not in self._names:
            self._names[name] = self._name(name)
        return self._names[name]

    @cached_property
    def root(self) -> Path:
        """The closest folder that has ``.git``, else the current one."""
        around = (self._here, *self._here.parents)
        return next((folder for folder in around if (folder / ".git").exists()), self._here)

    def _name(self, file: str) -> str:
        if file == _STDIN:
            return "stdin"
        path = Path(os.path.normpath(self._here / file))
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()
