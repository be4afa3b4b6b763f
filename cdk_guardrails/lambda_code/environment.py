"""Where ``import x`` leads in a function: its bundle, its layers, Python itself.

The order is that of the runtime's ``sys.path``, and names are looked up as Python's path finder does.
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.python import PythonBundle

_MAX_PARTS: Final = 30
"""Parts of a dotted name that are followed."""

_DYNAMIC: Final = rb"__path__|\bmodules\b|meta_path|declare_namespace"
"""What a package has in it that makes up its modules by itself, or has them elsewhere."""

_NOWHERE: Final = ("/var", "/usr", "/lib", "/bin", "/etc")
"""Folders of the runtime, where nothing of a function's is. EFS is mounted below /mnt, and /tmp is filled by code."""


class Kind(Enum):
    """What a name is."""

    MODULE = "module"
    PACKAGE = "package"
    COMPILED = "compiled"
    NAMESPACE = "namespace"
    BUILT_IN = "built in"
    SHIPPED = "shipped"
    UNKNOWN = "unknown"
    MISSING = "missing"


class Found(NamedTuple):
    """What a name leads to: files or, of a namespace package, folders."""

    kind: Kind
    places: tuple[tuple[PythonBundle, str], ...] = ()


_UNKNOWN: Final = Found(Kind.UNKNOWN)
_MISSING: Final = Found(Kind.MISSING)


class Environment:
    """The modules that a function can import.

    ``built_in`` are the standard library and what public layers bring, ``shipped`` what the runtime has besides,
    ``made`` modules that the code makes up. ``is_unclear``: the search path has folders that are not known.
    """

    def __init__(
        self,
        code: PythonBundle,
        layers: Sequence[PythonBundle],
        built_in: frozenset[str],
        shipped: frozenset[str],
        *,
        folders: Iterable[str] = (),
        made: frozenset[str] = frozenset(),
    ) -> None:
        self.code, self.layers, self.built_in, self.shipped = code, tuple(layers), built_in, shipped
        self.folders = frozenset(folders)
        self.made = made
        self.is_unclear = False
        self._known: dict[str, Found] = {}
        over = self.layers[::-1]  # of two layers with the same file, the last one wins
        count = max((len(layer.roots) for layer in over), default=0)
        places = [(code, ""), *((layer, layer.roots[index]) for index in range(count) for layer in over)]
        places += [place for bundle, root in places for place in self._from_pth(bundle, root)]
        places += [place for folder in sorted(self.folders) for place in self._in(folder)]
        self.entries = tuple(dict.fromkeys(places))

    def with_changes(self, folders: Iterable[str], made: Iterable[str]) -> Environment:
        """The environment once code has changed the search path, or made up modules; itself if that changes nothing."""
        more, own = self.folders | set(folders), self.made | set(made)
        if more == self.folders and own == self.made:
            return self
        return Environment(self.code, self.layers, self.built_in, self.shipped, folders=more, made=own)

    def resolve(self, name: str) -> Found:
        """What the dotted ``name`` leads to."""
        if name not in self._known:
            self._known[name] = self._resolve(name)
        return self._known[name]

    def child(self, parent: Found, name: str) -> Found | None:
        """The module ``name`` in a package, if there is a file or folder for it."""
        spaces = []
        for bundle, path in parent.places:
            folder = path if path.endswith("/") else path[: path.rfind("/") + 1]
            if at := bundle.at(f"{folder}{name}"):
                if not at.endswith("/"):
                    return Found(_kind(at), ((bundle, at),))
                spaces.append((bundle, at))
        return Found(Kind.NAMESPACE, tuple(spaces)) if spaces else None

    def _resolve(self, name: str) -> Found:
        if name in self.made or name.count(".") >= _MAX_PARTS:
            return _UNKNOWN
        parent, _, last = name.rpartition(".")
        if not parent:
            return self._top(name)
        above = self.resolve(parent)
        if above.kind in (Kind.PACKAGE, Kind.NAMESPACE):
            found = self.child(above, last)
            return found or self._elsewhere(above, parent, last)
        # A module may have a module as an attribute (os.path), and put it into sys.modules (six.moves).
        return _UNKNOWN if above.kind in (Kind.MODULE, Kind.COMPILED) else above

    def _top(self, name: str) -> Found:
        spaces = []
        for bundle, root in self.entries:
            if at := bundle.at(f"{root}{name}"):
                if not at.endswith("/"):
                    return Found(_kind(at), ((bundle, at),))
                spaces.append((bundle, at))
        if name in self.built_in:
            return Found(Kind.BUILT_IN)
        if name in self.shipped:
            return Found(Kind.SHIPPED)
        return Found(Kind.NAMESPACE, tuple(spaces)) if spaces else _MISSING

    def _elsewhere(self, package: Found, name: str, last: str) -> Found:
        """A module that is not in its package: one that extends its path has it where another entry has the package."""
        if package.kind is Kind.NAMESPACE:
            return _MISSING
        if not any(_is_dynamic(bundle, path) for bundle, path in package.places):
            return _MISSING
        at = name.replace(".", "/")
        others = tuple((bundle, f"{root}{at}/") for bundle, root in self.entries)
        return self.child(Found(Kind.NAMESPACE, others), last) or _UNKNOWN

    def _from_pth(self, bundle: PythonBundle, root: str) -> Iterator[tuple[PythonBundle, str]]:
        """The folders that .pth files add: https://docs.python.org/3/library/site.html"""
        for path in bundle.bundle.files:
            if path.startswith(root) and path.endswith(".pth") and "/" not in path[len(root) :]:
                for line in self._lines(bundle, path):
                    yield from self._in(posixpath.normpath(posixpath.join(bundle.mount, root, line)))

    def _lines(self, bundle: PythonBundle, path: str) -> list[str]:
        """The lines of a .pth file that name folders."""
        if path.endswith("distutils-precedence.pth"):  # setuptools has distutils, which Python 3.12 dropped
            self.made |= {"distutils"}
            return []
        try:
            lines = bundle.bundle.read(path).decode("utf-8", "replace").splitlines()
        except UnreadError:
            lines = ["__editable__"]
        self.is_unclear |= any("__editable__" in line for line in lines)
        return [line.strip() for line in lines if line.strip() and not line.startswith(("#", "import ", "import\t"))]

    def _in(self, folder: str) -> Iterator[tuple[PythonBundle, str]]:
        """The places that a folder at runtime is."""
        for bundle in (self.code, *self.layers):
            if folder == bundle.mount:
                yield bundle, ""
            elif folder.startswith(f"{bundle.mount}/"):
                path = folder[len(bundle.mount) + 1 :]
                self.is_unclear |= path in bundle.bundle.files  # a zip file, which Python imports from too
                yield bundle, f"{path}/"
        mounts = (self.code.mount, "/opt")
        if not any(folder == at or folder.startswith(f"{at}/") for at in (*mounts, *_NOWHERE)) and folder != "/":
            self.is_unclear = True


def _kind(path: str) -> Kind:
    if path.endswith("/__init__.py"):
        return Kind.PACKAGE
    return Kind.MODULE if path.endswith(".py") else Kind.COMPILED


def _is_dynamic(bundle: PythonBundle, path: str) -> bool:
    try:
        return bool(re.search(_DYNAMIC, bundle.bundle.read(path)))
    except UnreadError:
        return True
