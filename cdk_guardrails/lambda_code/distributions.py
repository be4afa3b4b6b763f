"""The third-party distributions in a bundle: names and versions, the files and the modules that each of them brings.

Python's are known by the metadata that installers leave beside them, Node.js's by their ``package.json``.
https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import csv
import json
import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from cdk_guardrails.lambda_code.bundle import Bundle, UnreadError

_INFO: Final = (".dist-info", ".egg-info")
_PACKAGE: Final = re.compile(r"(?P<root>(?:[^/]+/)*?node_modules/)(?P<name>(?:@[^/]+/)?[^/@.][^/]*)/")

_MODULE: Final = (".py", ".pyc", ".so", ".pyd")


class Distribution:
    """A distribution that was installed into a bundle. ``key`` is the same for all spellings of its name."""

    def __init__(self, bundle: Bundle, name: str, version: str, root: str) -> None:
        self.bundle = bundle
        self.name = name
        self.version = version
        self.root = root
        self.info: dict[str, str] = {}
        """The files of its metadata, by their names."""

    @property
    def key(self) -> tuple[str, str]:
        """Its language, as runtimes are called, and its name, normalized.

        https://packaging.python.org/en/latest/specifications/name-normalization/
        """
        return "python", re.sub(r"[-_.]+", "-", self.name).lower()

    @cached_property
    def title(self) -> str:
        """The name as its author writes it: PyYAML."""
        match = re.search(r"^Name: *(\S+)", self._text("METADATA") or self._text("PKG-INFO"), re.MULTILINE)
        return match[1] if match else self.name.replace("_", "-")

    @cached_property
    def requires(self) -> frozenset[str]:
        """The keys of what it cannot do without, extras aside."""
        lines = re.findall(r"^Requires-Dist: *([\w.-]+)(.*)$", self._text("METADATA"), re.MULTILINE)
        return frozenset(re.sub(r"[-_.]+", "-", name).lower() for name, rest in lines if "extra ==" not in rest)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths of its files in the bundle, its metadata included."""
        try:
            recorded = [line[0] for line in csv.reader(self._text("RECORD").splitlines()) if line]
        except csv.Error:  # NUL bytes, up to Python 3.10; a field without end
            recorded = []
        paths = {posixpath.normpath(f"{self.root}{path}") for path in recorded}
        found = sorted(path for path in paths if path in self.bundle.files)
        return (*found,) if found else (*self.info.values(), *sorted(self._below()))

    @cached_property
    def size(self) -> int:
        """Its bytes, unzipped."""
        return sum(self.bundle.files[path] for path in self.files)

    @cached_property
    def is_own(self) -> bool:
        """Whether it was installed from a folder: the author's own.

        https://packaging.python.org/en/latest/specifications/direct-url/
        """
        return '"dir_info"' in self._text("direct_url.json")

    def provides(self, module: str) -> bool:
        """Whether the module or package ``module``, dotted, is among its files."""
        at = f"{self.root}{module.replace('.', '/')}"
        return any(path.startswith((f"{at}/", f"{at}.")) and path.endswith(_MODULE) for path in self.files)

    def _below(self) -> Iterator[str]:
        """Without a record: what has one of its top-level names."""
        names = self._text("top_level.txt").split() or [self.name.replace("-", "_"), self.name.lower()]
        starts = tuple(f"{self.root}{name}{end}" for name in names for end in ("/", ".py", "."))
        return (path for path in self.bundle.files if path.startswith(starts))

    def _text(self, name: str) -> str:
        path = self.info.get(name)
        if path is None:
            return ""
        try:
            return self.bundle.read(path).decode("utf-8", "replace")
        except UnreadError:
            return ""


class NodePackage(Distribution):
    """A package below ``node_modules``, with the packages that are nested in it."""

    def __init__(self, bundle: Bundle, name: str, root: str) -> None:
        super().__init__(bundle, name, "", root)
        self.bytes = 0

    @property
    def key(self) -> tuple[str, str]:
        """Language and name."""
        return "nodejs", self.name

    @cached_property
    def title(self) -> str:
        """Its name."""
        return self.name

    @cached_property
    def size(self) -> int:
        """Its bytes, unzipped."""
        return self.bytes

    def provides(self, module: str) -> bool:
        """Whether it is ``module``."""
        return module == self.name

    @cached_property
    def manifest(self) -> dict[str, object]:
        """Its package.json; nothing when that cannot be read."""
        try:
            read = json.loads(self._text("package.json"))
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}

    @cached_property
    def requires(self) -> frozenset[str]:
        """The names of its dependencies."""
        names = self.manifest.get("dependencies")
        return frozenset(names) if isinstance(names, dict) else frozenset()


def distributions_in(bundle: Bundle) -> list[Distribution]:
    """The distributions of a bundle. Python's have their versions in their names, nothing is read yet."""
    return bundle.cached("distributions", lambda: [*_python(bundle), *_node_packages(bundle)])


def _python(bundle: Bundle) -> list[Distribution]:
    found: dict[tuple[str, str], Distribution] = {}
    for path in bundle.files:
        folder, _, file = path.rpartition("/")
        if folder.endswith(_INFO):
            root, _, info = f"/{folder}".rpartition("/")
            name, _, version = _stem(info).rpartition("-")
            if name:
                root = f"{root[1:]}/" if root else ""
                own = found.setdefault((root, name), Distribution(bundle, name, version, root))
                own.info[file] = path
    return [*found.values()]


def _stem(info: str) -> str:
    """``six-1.17.0`` of ``six-1.17.0.dist-info`` and of ``six-1.17.0-py3.13.egg-info``."""
    return re.sub(r"-py3\.\d+$", "", info.rpartition(".")[0])


def version_of(distribution: Distribution) -> str:
    """The version; of a Node.js package, from its ``package.json``; "" when that says none."""
    if isinstance(distribution, NodePackage):
        version = distribution.manifest.get("version")
        return version if isinstance(version, str) else ""
    return distribution.version


def _node_packages(bundle: Bundle) -> list[Distribution]:
    found: dict[str, NodePackage] = {}
    for path, size in bundle.files.items():
        match = _PACKAGE.match(path) if "node_modules/" in path else None
        if match:
            folder = match[0]
            package = found.setdefault(folder, NodePackage(bundle, match["name"], match["root"]))
            package.bytes += size
            if path == f"{folder}package.json":
                package.info["package.json"] = path
    return [package for package in found.values() if package.info]
