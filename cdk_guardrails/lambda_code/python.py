"""The Python modules of a bundle: where a dotted name leads, and their syntax trees, each parsed once."""

from __future__ import annotations

import ast
import os
import re
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cdk_guardrails.lambda_code.bundle import MAX_FILE_BYTES, Bundle, UnreadError
from cdk_guardrails.lambda_code.distributions import distributions_in
from cdk_guardrails.lambda_code.import_statements import Statements, quick_imports, statements_of
from cdk_guardrails.lambda_code.search_path import TASK

OURS: Final = (sys.version_info.major, sys.version_info.minor)
"""The version of Python whose parser reads the code."""

_OLDEST: Final = (3, 7)
"""The oldest version whose grammar the parser knows: https://docs.python.org/3/library/ast.html#ast.parse"""

_NEWER: Final = (  # these two are compiled when they are needed, which is seldom
    rb"""(?m)\b[rR]?[fFtT][rR]?['"]|\bexcept\s*\*|\bexcept\b[^:(]*,|^\s*type\s+\w|\b(def|class)\s+\w+\s*\["""
)
"""What grammar has got since Python 3.10: free f-strings, except*, type parameters, t-strings, except without brackets:
https://docs.python.org/3/whatsnew/"""

_COMPILED: Final = (".so", "/__init__.pyc")

_KEPT: Final = frozenset(
    {"site-packages", "dist-packages", "vendor", "vendored", "_vendor", "third_party", "node_modules"}
)
"""Folders for code by others."""

_PUBLISHED: Final = rb"(?m)^__(version|author|license|copyright)(_info)?__\s*[:=]|^from \S*version\S* import"
"""What a package says of itself that is published by itself."""

_MARKS: Final = ("py.typed", "_version.py", "__about__.py", "__version__.py", "_vendor/__init__.py")


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
        return package_of(self.name, self.path)


def package_of(name: str, path: str) -> str:
    """The package that the module ``name`` at ``path`` is in; a package is in itself."""
    return name if path.endswith("/__init__.py") else name.rpartition(".")[0]


class PythonBundle:
    """The Python in one bundle, which lies at ``mount`` at runtime.

    ``roots`` are its folders that are on ``sys.path``: of a layer ``python`` and others.
    """

    def __init__(
        self, bundle: Bundle, version: tuple[int, int], roots: Iterable[str] = ("",), mount: str = TASK
    ) -> None:
        self.bundle = bundle
        self.version = version
        self.roots = tuple(root and f"{root.rstrip('/')}/" for root in roots)
        self.mount = mount
        self._parsed: dict[str, PythonModule | Exception] = {}
        self._statements: dict[tuple[str, bool], Statements | Exception] = {}
        self._published: dict[str, bool] = {}
        self._looked_into: dict[str, bytes] = {}
        self._is_mirrored = False

    def find(self, name: str) -> str | None:
        """The path of the module or package ``name`` (dotted); a namespace package's or extension module's as well.

        Of a package that is the path of its ``__init__.py``, of a namespace package its folder with a slash behind it.
        """
        at = name.replace(".", "/")
        found = [path for root in self.roots if (path := self.at(f"{root}{at}"))]
        return min(found, key=lambda path: path.endswith("/"), default=None)

    def at(self, stem: str) -> str | None:
        """The same for a path without suffix in the bundle."""
        files = self.bundle.files
        if f"{stem}/__init__.py" in files:
            return f"{stem}/__init__.py"
        for path in (self._compiled.get(f"{stem}/__init__"), self._compiled.get(stem), f"{stem}.py", f"{stem}.pyc"):
            if path in files:
                return path
        return f"{stem}/" if f"{stem}/" in self.folders else None

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
        return {_stem(path): path for path in self.bundle.files if path.endswith(_COMPILED)}

    def parse(self, name: str, path: str) -> PythonModule:
        """The module ``name`` at ``path``. Raises UnreadError when it is not read, NotPythonError when it is none."""
        if path not in self._parsed:
            self._parsed[path] = self._tried(name, path)
        made = self._parsed[path]
        if isinstance(made, Exception):
            raise made
        return made

    def statements(self, name: str, path: str, *, is_library: bool) -> Statements:
        """What a module imports; of a library's, only what it needs in any case.

        Raises UnreadError, and NotPythonError for what the author wrote.
        """
        key = (path, is_library)
        if key not in self._statements:
            self._statements[key] = self._read_statements(name, path, is_library)
        made = self._statements[key]
        if isinstance(made, Exception):
            raise made
        return made

    def is_certain(self, name: str, path: str, line: int) -> bool:
        """Whether a line of a library at which an import seems to stand is one, and no line of a docstring."""
        try:
            body = self.parse(name, path).tree.body
        except (UnreadError, NotPythonError):
            return False
        return any(isinstance(node, ast.Import | ast.ImportFrom) and node.lineno == line for node in body)

    def is_library(self, path: str, own: str = "") -> bool:
        """Whether others than the author wrote a module: it was installed, or its package looks like a published one.

        ``own`` is a top-level package or module that is the author's, whatever it looks like.
        """
        if path in self._installed or not _KEPT.isdisjoint(path.split("/")[:-1]):
            return True
        if self._is_mirrored and not os.path.isfile(os.path.join(self.bundle.source, path)):
            return True
        return not path.startswith((f"{own}/", f"{own}.")) and self._is_published(path)

    def starts_at(self, path: str) -> None:
        """A handler is at ``path``: where the author's folder has that, what it does not have was installed."""
        source = self.bundle.source
        self._is_mirrored |= bool(source) and os.path.isfile(os.path.join(source, path))

    @cached_property
    def _installed(self) -> frozenset[str]:
        others = (item for item in distributions_in(self.bundle) if item.key[0] == "python" and not item.is_own)
        return frozenset(path for item in others for path in item.files if path.endswith(".py"))

    def _is_published(self, path: str) -> bool:
        """Whether the top-level package or module says so, or has compiled modules."""
        root = next((root for root in sorted(self.roots, key=len, reverse=True) if path.startswith(root)), "")
        top = root + path.removeprefix(root).split("/")[0]
        if top not in self._published:
            self._published[top] = self._says_published(top)
        return self._published[top]

    def _says_published(self, top: str) -> bool:
        if any(f"{top}/{mark}" in self.bundle.files for mark in _MARKS):
            return True
        if any(stem.startswith(f"{top}/") for stem in self._compiled):
            return True
        file = top if top.endswith(".py") else f"{top}/__init__.py"
        try:
            return file in self.bundle.files and bool(re.search(_PUBLISHED, self._read(file)))
        except UnreadError:
            return False  # and whoever reads it for its imports says why

    def _read(self, path: str) -> bytes:
        """The text of a module. That of a package is looked into first, and read once all the same."""
        if path in self._looked_into:
            return self._looked_into[path]
        text = self.bundle.read(path)
        if path.count("/") <= 1:
            self._looked_into[path] = text
        return text

    def _tried(self, name: str, path: str) -> PythonModule | Exception:
        try:
            text = self._read(path)
            with self.bundle.at_work():
                return PythonModule(name, path, self.bundle, _parsed(text, self.version))
        except (UnreadError, NotPythonError) as error:
            return error

    def _read_statements(self, name: str, path: str, is_library: bool) -> Statements | Exception:
        if is_library and self.bundle.files[path] > MAX_FILE_BYTES:
            return Statements()  # data in the guise of a module: its imports are the least of it
        try:
            if is_library:
                text = self._read(path).decode("utf-8", "replace")
                with self.bundle.at_work():
                    return Statements(tuple(quick_imports(text)))
            tree = self.parse(name, path).tree
            with self.bundle.at_work():
                return statements_of(tree, f"{self.mount}/{path}")
        except (UnreadError, NotPythonError) as error:
            return error
        except RecursionError:
            return UnreadError(f"{path} is nested too deeply to be read")


def _stem(path: str) -> str:
    folder, _, file = path.rpartition("/")
    stem = file.partition(".")[0]
    return f"{folder}/{stem}" if folder else stem


def _parsed(text: bytes, version: tuple[int, int]) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what CPython says of odd escapes in other people's code is not our business
        try:
            return ast.parse(text, feature_version=max(min(version, OURS), _OLDEST))
        except SyntaxError as error:
            if version > OURS and _may_be_newer(text, error):
                ours, theirs = (f"{major}.{minor}" for major, minor in (OURS, version))
                raise UnreadError(f"Python {ours}, which runs this check, cannot parse code for {theirs}") from None
            raise NotPythonError(error.lineno or 1, error.msg) from None
        except (ValueError, UnicodeDecodeError) as error:  # NUL bytes, an encoding that it does not have
            raise NotPythonError(1, str(error)) from None
        except (RecursionError, MemoryError):
            raise UnreadError("it is nested too deeply to be parsed") from None


def _may_be_newer(text: bytes, error: SyntaxError) -> bool:
    """Whether what our parser does not take may be grammar that a newer one does."""
    first = max((error.lineno or 1) - 2, 0)
    lines = text.splitlines()[first : max(error.end_lineno or 0, error.lineno or 1) + 1]
    return "f-string" in error.msg or bool(re.search(_NEWER, b"\n".join(lines)))


def handler_of(handler: str) -> tuple[str, str]:
    """Module (dotted) and function of a function's Handler: ``orders/app.handle`` is ``handle`` in ``orders.app``.

    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
    """
    module, _, function = handler.rpartition(".")
    return module.replace("/", ".").strip("."), function
