"""The files that a Node.js function sees, and where ``require("x")`` and ``import "x"`` lead among them.

Its code is at /var/task, its layers lie over each other at /opt.
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.node.modules import NodeBundle

TASK: Final = "/var/task"
OPT: Final = "/opt"

_SUFFIXES: Final = ("", ".js", ".json", ".node", ".mjs", ".cjs")
"""What Node tries for ``require("./x")``. It has ``.mjs`` and ``.cjs`` written out, and bundlers do without."""

_TYPESCRIPT: Final = (".ts", ".tsx", ".mts", ".cts")

_WRITTEN_FOR: Final = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript has ``import "./x.js"`` for x.ts."""

_CONDITIONS: Final = ("node", "require", "import", "module-sync", "default")
"""The conditions of a package's exports that hold in Node. Whether a file is a module changes nothing that we ask."""

_MAX_NESTED: Final = 8


class State(Enum):
    """Whether a module is there. UNKNOWN is also one that is there and cannot be looked into."""

    FOUND = "found"
    UNKNOWN = "unknown"
    MISSING = "missing"


class Target(NamedTuple):
    """What a name leads to; ``path`` is the file when it is FOUND."""

    state: State
    path: str = ""


UNKNOWN: Final = Target(State.UNKNOWN)
MISSING: Final = Target(State.MISSING)


class NodeFiles:
    """The file system of a function, as far as the app knows it.

    ``major`` is the version of its Node, ``search_path`` its NODE_PATH where that is not Lambda's.
    """

    def __init__(self, code: NodeBundle, layers: Iterable[NodeBundle], major: int, search_path: str = "") -> None:
        self.major = major
        self._code = code
        self._layers = tuple(layers)[::-1]
        self._search_path = tuple(posixpath.normpath(posixpath.join(TASK, at)) for at in search_path.split(":") if at)
        self._packages: dict[str, dict[str, Any]] = {}
        self._resolved: dict[tuple[str, str], Target] = {}

    def at(self, path: str) -> tuple[NodeBundle, str] | None:
        """The bundle that ``path`` is a file of, and its path in there. Of layers, the last one wins."""
        bundles, inner = self._bundles(path)
        return next(((bundle, file) for bundle in bundles if (file := bundle.file(inner))), None)

    def is_file(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return self.at(path) is not None

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at ``path``."""
        bundles, inner = self._bundles(path)
        return any(bundle.has_folder(inner) for bundle in bundles)

    def _bundles(self, path: str) -> tuple[tuple[NodeBundle, ...], str]:
        if path == TASK or path.startswith(f"{TASK}/"):
            return (self._code,), path[len(TASK) + 1 :]
        return (self._layers, path[len(OPT) + 1 :]) if path.startswith(f"{OPT}/") else ((), "")

    def package(self, folder: str) -> dict[str, Any]:
        """The package.json in ``folder``; {} without one."""
        if folder not in self._packages:
            self._packages[folder] = self._package(f"{folder}/package.json")
        return self._packages[folder]

    def _package(self, path: str) -> dict[str, Any]:
        found = self.at(path)
        if found is None:
            return {}
        try:
            read = json.loads(found[0].bundle.read(found[1]))
        except (ValueError, RecursionError, UnreadError):  # what Node makes of a broken one is not our business
            return {}
        return read if isinstance(read, dict) else {}

    def is_optional(self, package: str, importer: str) -> bool:
        """Whether the package that ``importer`` belongs to says that it does without another one."""
        at = posixpath.dirname(importer)
        while at != "/" and "name" not in self.package(at):
            at = posixpath.dirname(at)
        says = [self.package(at).get(key) for key in ("optionalDependencies", "peerDependenciesMeta")]
        return any(package in part for part in says if isinstance(part, dict))

    def resolve(self, name: str, importer: str) -> Target:
        """Where ``name`` leads in the file ``importer``."""
        key = (name, posixpath.dirname(importer))
        if key not in self._resolved:
            self._resolved[key] = self._looked_up(name, importer)
        return self._resolved[key]

    def _looked_up(self, name: str, importer: str) -> Target:
        if name.startswith(("./", "../")) or name in (".", ".."):
            return self.load(posixpath.normpath(posixpath.join(posixpath.dirname(importer), name)))
        if name.startswith("/"):
            return self.load(posixpath.normpath(name)) if name.startswith((f"{TASK}/", f"{OPT}/")) else UNKNOWN
        if name.startswith("#") or ":" in name or "!" in name or not name.strip():  # mapped, a URL, a loader's
            return UNKNOWN
        return self._in_modules(name, posixpath.dirname(importer))

    def load(self, path: str) -> Target:
        """The file or folder that Node loads for an absolute path.

        https://nodejs.org/api/modules.html#all-together
        """
        for suffix in _SUFFIXES:
            if self.is_file(f"{path}{suffix}"):
                return Target(State.FOUND, f"{path}{suffix}")
        if self.is_folder(path):
            return self._entry(path)
        if "?" in path:
            return self.load(path.partition("?")[0])
        return self._as_typescript(path)

    def _as_typescript(self, path: str) -> Target:
        """Node runs TypeScript from 22.18 on, if it is told the file's suffix or a hook finds it."""
        stem, suffix = posixpath.splitext(path)
        named = (f"{path}{suffix}" for suffix in ("", *_TYPESCRIPT, "/index.ts"))
        written = (f"{stem}{other}" for other in _WRITTEN_FOR.get(suffix, ()))
        is_there = self.major >= 22 and any(self.is_file(other) for other in (*named, *written))
        return UNKNOWN if is_there else MISSING

    def _entry(self, folder: str) -> Target:
        """The main file of a folder that is required by its path."""
        package = self.package(folder)
        main = package.get("main")
        entries = [main] if isinstance(main, str) and main else []
        for entry in (*entries, "index"):
            at = posixpath.normpath(f"{folder}/{entry}")
            for path in (*(f"{at}{suffix}" for suffix in _SUFFIXES), *(f"{at}/index{suffix}" for suffix in _SUFFIXES)):
                if self.is_file(path):
                    return Target(State.FOUND, path)
        return UNKNOWN if package else self._as_typescript(f"{folder}/index")

    def _in_modules(self, name: str, start: str) -> Target:
        """A package: in a node_modules from ``start`` upwards, in a layer, or below /var/task, as NODE_PATH has it.

        https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html
        """
        package, subpath = package_of(name)
        for folder in self._module_folders(start):
            if self.is_folder(f"{folder}/{package}"):
                return self._in_package(f"{folder}/{package}", subpath)
            if self.is_file(f"{folder}/{package}.js") and not subpath:
                return Target(State.FOUND, f"{folder}/{package}.js")
        own = self.load(f"{TASK}/{name}")
        return own if own.state is not State.MISSING or not self._is_own_name(package, start) else UNKNOWN

    def _module_folders(self, start: str) -> Iterator[str]:
        at = start
        while at != "/":
            if posixpath.basename(at) != "node_modules":
                yield f"{at}/node_modules"
            at = posixpath.dirname(at)
        yield from (f"{OPT}/nodejs/node{self.major}/node_modules", f"{OPT}/nodejs/node_modules", *self._search_path)

    def _is_own_name(self, package: str, start: str) -> bool:
        """Whether ``package`` is the one that a file in ``start`` belongs to: it may import itself."""
        at = start
        while at != "/":
            if self.package(at):
                return self.package(at).get("name") == package
            at = posixpath.dirname(at)
        return False

    def _in_package(self, folder: str, subpath: str) -> Target:
        """The file of a package that is there. What its exports hide, or what is not found in it, is UNKNOWN."""
        exports = self.package(folder).get("exports")
        if exports is not None:
            target = _exported(exports, f"./{subpath}" if subpath else ".")
            place = self.load(posixpath.normpath(f"{folder}/{target}")) if target else UNKNOWN
        else:
            place = self.load(f"{folder}/{subpath}") if subpath else self._entry(folder)
        return place if place.state is State.FOUND else UNKNOWN


def package_of(name: str) -> tuple[str, str]:
    """The package and the path in it: ``@aws-sdk/client-s3/dist`` is ``dist`` in ``@aws-sdk/client-s3``."""
    parts = name.split("/")
    depth = 2 if name.startswith("@") else 1
    return "/".join(parts[:depth]), "/".join(parts[depth:])


def _exported(exports: Any, subpath: str) -> str | None:
    """The file that a package's exports name for ``subpath``.

    https://nodejs.org/api/packages.html#package-entry-points
    """
    is_map = isinstance(exports, dict) and any(key.startswith(".") for key in exports)
    if not is_map:
        return _target(exports) if subpath == "." else None
    if subpath in exports:
        return _target(exports[subpath])
    for key, value in exports.items():
        start, star, end = key.partition("*")
        if star and subpath.startswith(start) and subpath.endswith(end) and len(subpath) >= len(start) + len(end):
            target = _target(value)
            return target and target.replace("*", subpath[len(start) : len(subpath) - len(end)])
    return None


def _target(value: Any) -> str | None:
    """The first file that a target of an exports map leads to, under the conditions that hold."""
    for _ in range(_MAX_NESTED):
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            break
        value = next((value[key] for key in value if key in _CONDITIONS), None)
    return value if isinstance(value, str) else None
