"""Which modules of an app build its infrastructure, and how much of it: classes of the CDK's kind, resources made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from cdk_guardrails.source.imported import Imported, imported
from cdk_guardrails.source.project import Module, Project, files_below

_BASES: Final = ("Stack", "NestedStack", "Stage", "Construct")
_APP: Final = "cdk.json"
"""The file by which an app's folder is known."""

MAX_FILES: Final = 1000
"""Files of an app's folder that are looked into: it may be somebody's home."""

_DIVIDED: Final = 3
"""So many methods, beside `__init__`, that make resources divide a file."""

_LEFT: Final = 4
"""When methods divide a file, at most one in so many of its resources is made elsewhere."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Builder:
    """A module that builds infrastructure: its stacks and constructs, and where it makes resources (calls, by name)."""

    module: Module
    classes: tuple[ast.ClassDef, ...]
    made_in: dict[str, int]

    @property
    def resources(self) -> int:
        """How many calls make a resource."""
        return sum(self.made_in.values())

    @property
    def lines(self) -> int:
        """How long it is, empty lines at its end aside."""
        return self.module.text.rstrip().count("\n") + 1

    def is_divided(self, largest: int) -> bool:
        """Whether it makes its resources in methods of their own, none of which makes more than ``largest``."""
        parts = {name: count for name, count in self.made_in.items() if name and not name.endswith(".__init__")}
        left = self.resources - sum(parts.values())
        return len(parts) >= _DIVIDED and max(parts.values()) <= largest and left * _LEFT <= self.resources


def builder(module: Module) -> Builder | None:
    """What ``module`` builds; None for one that builds nothing, and for a test."""
    return module.project.cached(("builder", module), lambda: _builder(module))


def _builder(module: Module) -> Builder | None:
    names = imported(module)
    if module.is_test or not names.has_cdk:
        return None
    classes = tuple(node for node in module.nodes if isinstance(node, ast.ClassDef) and _is_construct(node, names))
    made: dict[str, int] = {}
    for node in module.nodes:
        if isinstance(node, ast.Call) and names.construct(node):
            where = _function(module, node)
            made[where] = made.get(where, 0) + 1
    return Builder(module, classes, made) if classes or made else None


def _is_construct(node: ast.ClassDef, names: Imported) -> bool:
    """Whether a class is a stack or construct, as far as its bases' names tell."""
    return any(names.dotted(base).rpartition(".")[2].endswith(_BASES) for base in node.bases)


def _function(module: Module, node: ast.AST) -> str:
    """The function that a node stands in, with its class in front; "" for what runs on import."""
    found: list[str] = []
    above = module.parents.get(node)
    while above is not None:
        if isinstance(above, Function | ast.ClassDef):
            found.append(above.name)
        above = module.parents.get(above)
    return ".".join(reversed(found))


def app_folder(module: Module) -> Path:
    """The folder of the app that a module belongs to: the closest with a cdk.json, else that of all modules."""
    folders = module.file.parents
    return next((folder for folder in folders if (folder / _APP).is_file()), module.project.root)


def others(of: Builder) -> Iterator[Builder]:
    """The other builders of the same app, also those in files that were not asked for."""
    folder = app_folder(of.module)
    asked = {module.file: module for module in of.module.project.modules}
    for module in _modules(of.module.project, folder):
        known = asked.get(module.file, module)
        if known.file != of.module.file and app_folder(known) == folder and (found := builder(known)):
            yield found


def _modules(project: Project, folder: Path) -> list[Module]:
    def find() -> list[Module]:
        return Project(file for file in islice(files_below(folder), MAX_FILES) if _mentions_cdk(file)).modules

    return project.cached(("modules of app", folder), find)


def _mentions_cdk(file: Path) -> bool:
    try:
        return b"aws_cdk" in file.read_bytes()
    except OSError:
        return False
