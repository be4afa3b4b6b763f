"""The Python that is linted: its modules, each parsed once, and what rules find out about all of them together."""

from __future__ import annotations

import ast
import csv
import os
import stat
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, Final, TypeVar

from cdk_guardrails.errors import SourceError

_T = TypeVar("_T")

MAX_FILE_BYTES: Final = 1024 * 1024
"""Files over this size are written by programs, not by people."""

MAX_DEPTH: Final = 1000
"""How deep a syntax tree may be. A sum of 900 strings is."""

SKIPPED: Final = frozenset(
    {"__pycache__", "build", "cdk.out", "dist", "dist-packages", "node_modules", "site-packages", "venv", "virtualenv"}
)
"""Folders that hold no source of the app, besides hidden ones, virtual environments and assemblies by any name."""

_MADE: Final = ("pyvenv.cfg", "cdk.out")
"""Files by which a virtual environment and a cloud assembly are known."""

_PYTHON: Final = f"Python {sys.version_info.major}.{sys.version_info.minor}"
_TEST_FOLDERS: Final = frozenset({"test", "tests"})


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
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of an invalid escape sequence, say: the app's own run warns of it
                return ast.parse(self.text, self.path)
        except SyntaxError as error:
            raise SourceError(f"{self.path}:{error.lineno or 1}: not valid {_PYTHON}: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise SourceError(f"{self.path}:1: not valid {_PYTHON}: {_reason(error)}") from None

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree, each before those below it, in the order of the text. Raises SourceError."""
        found: list[ast.AST] = []
        waiting: list[tuple[ast.AST, int]] = [(self.tree, 0)]
        while waiting:
            node, depth = waiting.pop()
            found.append(node)
            if depth > MAX_DEPTH:
                raise SourceError(f"{self.path}:1: nested too deeply to be linted")
            waiting += [(child, depth + 1) for child in reversed(list(ast.iter_child_nodes(node)))]
        return found

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node above each node. (Those that the parser shares, such as `ast.Load`, have the last one.)"""
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line, as Python counts them."""
        return self.text.split("\n")

    def column(self, line: int, offset: int) -> int:
        """The column, from 1 on, of what begins ``offset`` bytes into a line: so the syntax tree counts."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode(errors="replace")) + 1

    @cached_property
    def is_test(self) -> bool:
        """Whether it is of the app's tests."""
        at = Path(self.path)
        return is_test(self.file.relative_to(self.project.root) if at.is_absolute() else at)


class Project:
    """Modules that are linted together. ``unread`` are files that cannot be read: ``file:line``, and the reason."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.modules: list[Module] = []
        self.unread: list[tuple[str, str]] = []
        self._cache: dict[object, Any] = {}
        for file in dict.fromkeys(Path(os.path.realpath(path)) for path in files):
            self._add(file)

    def _add(self, file: Path) -> None:
        try:
            module = Module(self, file, _text(file))
            _ = module.nodes
        except SourceError as error:
            path = shown(file)
            line, _, reason = str(error).removeprefix(f"{path}:").partition(": ")
            self.unread.append((f"{path}:{line}", reason))
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

    A folder that cannot be listed is among them: a Project says why. Raises SourceError for a path that is not there,
    or is a file but no Python.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(files_below(path))
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


def is_test(path: PurePath) -> bool:
    """Whether pytest would collect a file, or it lies with such: ``path`` is seen from the app's folder."""
    name = path.name
    if name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py":
        return True
    return not _TEST_FOLDERS.isdisjoint(path.parts[:-1])


def is_skipped(folder: str) -> bool:
    """Whether a folder below an app's holds no source of it."""
    name = os.path.basename(folder)
    if name.startswith((".", "asset.")) or name in SKIPPED:
        return True
    return any(os.path.isfile(os.path.join(folder, mark)) for mark in _MADE)


def files_below(folder: Path) -> Iterator[Path]:
    """The Python files of an app's folder, sorted within each; last what cannot be listed."""
    blocked: list[Path] = []
    for at, folders, files in os.walk(folder, onerror=lambda error: blocked.append(Path(error.filename))):
        installed = _installed(at, folders)
        folders[:] = sorted(
            name for name in folders if name not in installed and not is_skipped(os.path.join(at, name))
        )
        yield from (Path(at, name) for name in sorted(files) if _is_python(name) and name not in installed)
    yield from blocked


def _is_python(name: str) -> bool:
    """Whether a file may be imported. Hidden ones cannot be, and the type checker passes over them in silence."""
    return name.endswith(".py") and not name.startswith(".")


def _installed(folder: str, folders: list[str]) -> set[str]:
    """What of ``folder`` pip has put there (a function or layer with its dependencies beside it), by the records."""
    records = [os.path.join(folder, name, "RECORD") for name in folders if name.endswith(".dist-info")]
    return {name for record in records for name in _recorded(record)}


def _recorded(record: str) -> set[str]:
    try:
        with open(record, encoding="utf-8", errors="replace", newline="") as file:
            return {row[0].partition("/")[0] for row in csv.reader(file) if row}
    except (OSError, csv.Error):
        return set()


def _text(file: Path) -> str:
    """The text of a file in the encoding that it declares. Raises SourceError."""
    where = f"{shown(file)}:1"
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            if stat.S_ISDIR(status.st_mode):
                os.listdir(file)  # says why that cannot be done
            raise SourceError(f"{where}: cannot be read: it is no file")
        if status.st_size > MAX_FILE_BYTES:
            limit = f"the limit is {MAX_FILE_BYTES:,}"
            raise SourceError(f"{where}: too large to be linted ({status.st_size:,} bytes, {limit})")
        with tokenize.open(file) as stream:
            return stream.read()
    except OSError as error:
        raise SourceError(f"{where}: cannot be read: {error.strerror}") from None
    except (SyntaxError, LookupError, UnicodeError) as error:
        raise SourceError(f"{where}: cannot be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Why, in one line, without what stands in the file: that may be a secret."""
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding} text"
    if isinstance(error, SyntaxError):
        return "its encoding is unknown or not as declared"
    return type(error).__name__
