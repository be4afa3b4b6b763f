"""The host that fixes plain templates: the rules' edits, written into the author's text. Nothing is judged twice."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

from cdk_guardrails import assembly, checking
from cdk_guardrails.checking import STDIN, Templates
from cdk_guardrails.diffs import unified
from cdk_guardrails.engine import Outcome
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.output import write_all
from cdk_guardrails.rules.base import Rule
from cdk_guardrails.settings import Settings
from cdk_guardrails.template.loader import Source, dump

_ASSEMBLY: Final = (
    "{folder}: a cloud assembly is made again by the next synth, which would undo what is written here: add Guardrails"
    " to the app, or use -o to write fixed templates elsewhere"
)


@dataclass(frozen=True)
class FixedText:
    """A template's text as it was read, and with the fixes. ``name`` is the file's, or ``-``."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    @property
    def difference(self) -> str:
        """What is changed, as a unified diff."""
        return unified(_below_here(self.name), self.before, self.after)


@dataclass(frozen=True)
class Fixed:
    """What `fix` did to ``templates``: nothing is written yet."""

    templates: Templates
    outcome: Outcome

    @cached_property
    def texts(self) -> list[FixedText]:
        """Every template, changed or not. Raises EditError when fixes cannot be written into a file's layout."""
        return [_text(source, self.outcome) for source in self.templates.sources.values()]

    @property
    def is_stdin(self) -> bool:
        """Whether the template came from stdin."""
        return STDIN in self.templates.sources

    @property
    def changed(self) -> list[FixedText]:
        """The templates that the fixes change."""
        return [text for text in self.texts if text.changed]

    def write(self) -> None:
        """Writes the changed templates where they are: all of them, or none.

        Raises GuardrailsError for a cloud assembly, and for a file that is read-only or has changed meanwhile.
        """
        if self.templates.assemblies:
            raise GuardrailsError(_ASSEMBLY.format(folder=self.templates.assemblies[0]))
        for text in self.changed:
            _check_writable(text)
        write_all({Path(text.name): text.after for text in self.changed})

    def write_to(self, folder: Path) -> None:
        """Writes every template below ``folder``, at its path from the closest folder that holds all of them.

        Raises GuardrailsError when one would be written over itself.
        """
        files = {text.name: Path(os.path.realpath(text.name)) for text in self.texts}
        top = Path(os.path.commonpath([file.parent for file in files.values()]))
        targets = {name: folder / file.relative_to(top) for name, file in files.items()}
        for name, target in targets.items():
            if Path(os.path.realpath(target)) in files.values():
                raise GuardrailsError(f"{name}: it would be overwritten: say --write for that, or another folder")
        write_all({targets[text.name]: text.after for text in self.texts})


def fix(
    paths: Iterable[str | os.PathLike[str]],
    settings: Settings,
    rules: Sequence[Rule],
    stdin: BinaryIO | None = None,
) -> Fixed:
    """Applies the fixes of ``rules`` to templates in memory, all of them one app.

    Of a cloud assembly, its templates are read as plain ones. Raises TemplateError or AssemblyError as `checking.read`.
    """
    templates = _plain(checking.read(paths, stdin))
    return Fixed(templates, checking.judge(templates, settings, rules=rules, fix=True))


def _plain(found: Templates) -> Templates:
    """The same with the templates of assemblies as texts that edits can be written into."""
    if not found.assemblies:
        return found
    files = [file for folder in found.assemblies for file in assembly.describe(folder)["templates"]]
    again = checking.read([*found.sources, *(file for file in files if Path(file).is_file())])
    again.assemblies, again.suppressions, again.problems = found.assemblies, found.suppressions, found.problems
    return again


def _text(source: Source, outcome: Outcome) -> FixedText:
    before = source.mark + source.text
    edits = outcome.edits(source.name)
    return FixedText(source.name, before, dump(source, edits) if edits else before)


def _check_writable(text: FixedText) -> None:
    path = Path(text.name)
    try:
        mode, now = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise GuardrailsError(f"{path}: cannot be read again: {error.strerror}; nothing was written") from None
    # A rename would replace the file whatever its own permissions say.
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise GuardrailsError(f"{path}: it is read-only, so nothing was written; use -o to write it elsewhere")
    if now != text.before.encode():
        raise GuardrailsError(f"{path}: it was changed meanwhile, so nothing was written; try again")


def _below_here(name: str) -> str:
    """``name`` seen from the current folder when it is below it, with slashes."""
    path = Path(name)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()
