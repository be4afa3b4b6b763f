"""Which module of the app an import means."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cdk_guardrails.source.project import Module, Project

LAYOUTS: Final = ("", "src")
"""Folders below each folder above the importing file in which its packages may stand."""


class AppModules:
    """The modules of a project by file, for imports as Python would resolve them when the app runs."""

    def __init__(self, project: Project) -> None:
        self._by_file = {module.file: module for module in project.modules}
        self._root = project.root
        self._folders: set[Path] | None = None
        self._absolute: dict[tuple[Path, str], Module | None] = {}

    def absolute(self, importing: Module, name: str) -> Module | None:
        """The module that ``import name`` means: in the nearest folder above the importing file that has it."""
        key = (importing.file.parent, name)
        if key not in self._absolute:
            self._absolute[key] = self._above(importing, name.split("."))
        return self._absolute[key]

    def _above(self, importing: Module, parts: list[str]) -> Module | None:
        for folder in importing.file.parents:
            for layout in LAYOUTS:
                if found := self._in(folder / layout, parts):
                    return found
            if folder == self._root:
                break
        return None

    def has(self, importing: Module, top: str) -> bool:
        """Whether ``import top`` means a file of the app, or a folder with some."""
        if self._folders is None:
            self._folders = {folder for file in self._by_file for folder in file.parents}
        for folder in importing.file.parents:
            for layout in LAYOUTS:
                if folder / layout / top in self._folders or (folder / layout / f"{top}.py") in self._by_file:
                    return True
            if folder == self._root:
                break
        return False

    def relative(self, importing: Module, level: int, name: str) -> Module | None:
        """The module that ``from ..name import`` means."""
        if level > len(importing.file.parents):
            return None
        return self._in(importing.file.parents[level - 1], name.split(".") if name else [])

    def below(self, module: Module, name: str) -> Module | None:
        """The module ``name`` of a package, when ``module`` is the package's ``__init__``."""
        return self._in(module.file.parent, [name]) if module.file.name == "__init__.py" else None

    def _in(self, folder: Path, parts: list[str]) -> Module | None:
        at = folder.joinpath(*parts)
        file = self._by_file.get(at / "__init__.py")
        return file or (self._by_file.get(at.with_name(f"{at.name}.py")) if parts else None)


def app_modules(project: Project) -> AppModules:
    """The modules of ``project``, prepared once."""
    return project.cached("app modules", lambda: AppModules(project))
