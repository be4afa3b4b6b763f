"""A linter that is not ours, run once on all of a project while our own rules are at work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from cdk_guardrails.source.programs import ProgramError, Run
from cdk_guardrails.source.project import Module, Project, shown

_T = TypeVar("_T")

_NOT_AS_EXPECTED: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


@dataclass(frozen=True)
class Result(Generic[_T]):
    """What a linter has found, by file; ``unread`` are files that it cannot read: there its silence says nothing."""

    found: Mapping[Path, list[_T]] = field(default_factory=dict)
    unread: Sequence[Path] = ()
    error: ProgramError | None = None


@dataclass(frozen=True, eq=False)
class Linter(Generic[_T]):
    """``modules`` are those that it is to look at, ``run`` starts it on them, ``read`` makes a Result of its output.

    ``read`` is told the folder in which it ran. A run that failed has found nothing, and `problem` says why.
    """

    name: str
    modules: Callable[[Project], Sequence[Module]]
    run: Callable[[Sequence[Module]], Run]
    read: Callable[[str, Path], Result[_T]]

    def start(self, project: Project) -> None:
        """Starts it, unless it has been started on this project."""
        self._started(project)

    def found(self, module: Module) -> list[_T]:
        """What it has found in a module; waits for it."""
        return self._result(module.project).found.get(module.file, [])

    def problem(self, project: Project) -> ProgramError | None:
        """Why it has found nothing, or not all; waits for it."""
        result = self._result(project)
        others = [module.file for module in self.modules(project) if not _is_utf8(module)]
        if result.error or not (result.unread or others):
            return result.error
        files = ", ".join(shown(file) for file in sorted({*result.unread, *others}))
        return ProgramError(self.name, f"cannot read {files}", partly=True)

    def _started(self, project: Project) -> Run | ProgramError | None:
        started: Run | ProgramError | None = project.cached(("started", self.name), lambda: self._start(project))
        return started

    def _start(self, project: Project) -> Run | ProgramError | None:
        modules = [module for module in self.modules(project) if _is_utf8(module)]
        try:
            return self.run(modules) if modules else None
        except ProgramError as error:
            return error

    def _result(self, project: Project) -> Result[_T]:
        result: Result[_T] = project.cached(("result", self.name), lambda: self._finished(self._started(project)))
        return result

    def _finished(self, started: Run | ProgramError | None) -> Result[_T]:
        if not isinstance(started, Run):
            return Result(error=started)
        try:
            return self.read(started.output(), started.folder)
        except ProgramError as error:
            return Result(error=error)
        except _NOT_AS_EXPECTED:
            return Result(error=ProgramError(self.name, "wrote something else than its known versions do"))


def _is_utf8(module: Module) -> bool:
    """Linters read no other encoding, and may pass over such a file in silence."""
    if module.text.isascii():
        return True
    try:
        module.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return True


def listed(value: object) -> list[Any]:
    """``value``, which a linter writes as a list, also when there is nothing in it. Raises TypeError."""
    if not isinstance(value, list):
        raise TypeError(f"a {type(value).__name__} is no list")
    return value


AnyLinter = Linter[Any]
