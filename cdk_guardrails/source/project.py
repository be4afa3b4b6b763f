"""The Python that is linted: its modules, each parsed once, and what rules find out about all of them together."""

from __future__ import annotations

import ast
import os
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

from cdk_guardrails.errors import SourceError

_T = TypeVar("_T")

MAX_FILE_BYTES: Final = 1024 * 1024
"""Files over this size are written by programs, not by people."""

SKIPPED: Final = frozenset(
    {"__pycache__", "build", "cdk.out", "dist", "node_modules", "site-packages", "venv", "virtualenv"}
)
"""Folders that hold no source of the app, besides hidden ones, virtual environments and assemblies by any name."""


_MADE: Final = ("pyvenv.cfg", "cdk.out")
"""Files by which a virtual environment and a cloud assembly are known."""


class Module:
    """A Python file. ``path`` is how it is shown: relative to the current folder when it lies below it."""

    def __init__(self, project: Project, file: Path, text: str) -> None:
        self.project = project
        self.file = file
        self.path = shown(file)
        self.text = text

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises SourceError for what this Python cannot parse."""
        try:
            return ast.parse(self.text, self.path)
        except SyntaxError as error:
            raise SourceError(f"{self.path}:{error.lineno or 1}: not valid Python: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise SourceError(f"{self.path}:1: not valid Python: {type(error).__name__}") from None

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.splitlines()

    @property
    def is_test(self) -> bool:
        """Whether pytest would collect it, or reads it for those that it collects."""
        name = self.file.name
        return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


class Project:
    """Modules that are linted together. ``unread`` are files that cannot be read, each with the reason."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.modules: list[Module] = []
        self.unread: list[tuple[str, str]] = []
        self._cache: dict[object, Any] = {}
        for file in dict.fromkeys(path.resolve() for path in files):
            self._add(file)

    def _add(self, file: Path) -> None:
        try:
            module = Module(self, file, _text(file))
            _ = module.tree
        except SourceError as error:
            place, _, reason = str(error).partition(": ")
            self.unread.append((place, reason))
        else:
            self.modules.append(module)

    @cached_property
    def root(self) -> Path:
        """The closest folder that all modules lie below."""
        folders = [str(module.file.parent) for module in self.modules]
        return Path(os.path.commonpath(folders)) if folders else Path.cwd()

    def cached(self, key: object, make: Callable[[], _T]) -> _T:
        """What ``make`` finds out about the project, asked once."""
        if key not in self._cache:
            self._cache[key] = make()
        value: _T = self._cache[key]
        return value


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The Python files among ``paths`` and in the folders among them, sorted, each once.

    Raises SourceError for a path that is not there, or is a file but no Python.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(_below(path))
        elif not path.exists():
            raise SourceError(f"{path}: there is no such file or folder")
        elif path.suffix not in (".py", ".pyi"):
            raise SourceError(f"{path}: expected a Python file (.py) or a folder")
        else:
            found[path] = None
    yield from found


def shown(file: Path) -> str:
    """A path as people read it: relative to the current folder when it lies below it."""
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else str(file)


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_skipped(os.path.join(at, name)))
        yield from (Path(at, name) for name in sorted(files) if name.endswith(".py"))


def _is_skipped(folder: str) -> bool:
    name = os.path.basename(folder)
    if name.startswith((".", "asset.")) or name in SKIPPED:
        return True
    return any(os.path.isfile(os.path.join(folder, mark)) for mark in _MADE)


def _text(file: Path) -> str:
    """The text of a file in the encoding that it declares. Raises SourceError."""
    where = f"{shown(file)}:1"
    try:
        if (size := file.stat().st_size) > MAX_FILE_BYTES:
            raise SourceError(f"{where}: too large to be linted ({size:,} bytes, the limit is {MAX_FILE_BYTES:,})")
        with tokenize.open(file) as stream:
            return stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise SourceError(f"{where}: cannot be read: {error}") from None
