"""The Python modules of a bundle: where a dotted name leads, and their syntax trees, each parsed once."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cdk_guardrails.lambda_code.bundle import Bundle, UnreadError

OURS: Final = (sys.version_info.major, sys.version_info.minor)
"""The version of Python whose parser reads the code."""

_COMPILED: Final = (".so", ".pyc", ".pyd")


class NotPythonError(Exception):
    """A module that no version of Python up to its runtime's takes: where, and what the parser says."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, eq=False)
class PythonModule:
    """A parsed module: its dotted name, its path in the bundle, its tree."""

    name: str
    path: str
    bundle: Bundle
    tree: ast.Module

    @property
    def package(self) -> str:
        """What relative imports in it start from."""
        return self.name if self.path.endswith("/__init__.py") else self.name.rpartition(".")[0]


class PythonBundle:
    """The Python in one bundle. ``roots`` are its folders that are on ``sys.path``: of a layer ``python`` and others."""

    def __init__(self, bundle: Bundle, version: tuple[int, int], roots: Iterable[str] = ("",)) -> None:
        self.bundle = bundle
        self.version = version
        self.roots = tuple(root and f"{root.rstrip('/')}/" for root in roots)
        self._parsed: dict[str, PythonModule | Exception] = {}

    def find(self, name: str) -> str | None:
        """The path of the module or package ``name`` (dotted); a namespace package's or extension module's as well.

        Of a package that is the path of its ``__init__.py``, of a namespace package its folder with a slash behind it.
        """
        at = name.replace(".", "/")
        for root in self.roots:
            for path in (f"{root}{at}/__init__.py", f"{root}{at}.py"):
                if path in self.bundle.files:
                    return path
            if compiled := self._compiled.get(f"{root}{at}"):
                return compiled
            if f"{root}{at}/" in self.folders:
                return f"{root}{at}/"
        return None

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that has a file in or below it, with a slash behind it."""
        found: set[str] = set()
        for path in self.bundle.files:
            at = path.rfind("/")
            while at > 0 and path[: at + 1] not in found:
                found.add(path[: at + 1])
                at = path.rfind("/", 0, at)
        return frozenset(found)

    @cached_property
    def _compiled(self) -> dict[str, str]:
        """Compiled modules (``x.so``, ``x.cpython-313-x86_64-linux-gnu.so``) by their path without suffixes."""
        made = (path for path in self.bundle.files if path.endswith(_COMPILED) and "__pycache__/" not in path)
        return {_stem(path): path for path in made}

    def parse(self, name: str, path: str) -> PythonModule:
        """The module ``name`` at ``path``. Raises UnreadError when it cannot be read, NotPythonError when it is none."""
        if path not in self._parsed:
            self._parsed[path] = self._tried(name, path)
        made = self._parsed[path]
        if isinstance(made, Exception):
            raise made
        return made

    def _tried(self, name: str, path: str) -> PythonModule | Exception:
        try:
            text = self.bundle.read(path)
            with self.bundle.at_work():
                return PythonModule(name, path, self.bundle, _parsed(text, self.version))
        except (UnreadError, NotPythonError) as error:
            return error


def _stem(path: str) -> str:
    folder, _, file = path.rpartition("/")
    stem = file.partition(".")[0]
    return f"{folder}/{stem}" if folder else stem


def _parsed(text: bytes, version: tuple[int, int]) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what CPython says of odd escapes in other people's code is not our business
        try:
            return ast.parse(text, feature_version=min(version, OURS))
        except SyntaxError as error:
            if version > OURS:
                ours, theirs = (f"{major}.{minor}" for major, minor in (OURS, version))
                raise UnreadError(f"Python {ours}, which runs this check, cannot parse code for {theirs}") from None
            raise NotPythonError(error.lineno or 1, error.msg) from None
        except (ValueError, UnicodeDecodeError) as error:  # NUL bytes, an encoding that it does not have
            raise NotPythonError(1, str(error)) from None
        except (RecursionError, MemoryError):
            raise UnreadError("it is nested too deeply to be parsed") from None


def handler_of(handler: str) -> tuple[str, str]:
    """Module (dotted) and function of a function's Handler: ``orders/app.handle`` is ``handle`` in ``orders.app``.

    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
    """
    module, _, function = handler.rpartition(".")
    return module.replace("/", ".").strip("."), function
