"""Which of the modules that this process has loaded are the app's own."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from cdk_guardrails.source.project import Project, is_skipped, is_test

_OURS: Final = Path(__file__).resolve().parent.parent

_last: dict[tuple[tuple[Path, int, int], ...], Project] = {}


def loaded_project() -> Project:
    """The app's own modules. As long as no file changes it is the same project, and what rules found out about it."""
    files = loaded_files()
    key = tuple((file, status.st_mtime_ns, status.st_size) for file in files if (status := _status(file)))
    if key not in _last:
        _last.clear()
        _last[key] = Project(file for file, _, _ in key)
    return _last[key]


def loaded_files() -> list[Path]:
    """The files of loaded modules that lie below the app's folder, sorted: no installed packages, none of tests' own.

    The app's folder is the current one, or that of ``__main__`` when it lies elsewhere.
    """
    main = _file(sys.modules.get("__main__"))
    folders = [Path.cwd()]
    if main is not None and not main.is_relative_to(folders[0]) and not _is_installed(main):
        folders.append(main.parent)
    files = {file for module in list(sys.modules.values()) if (file := _file(module)) is not None}
    return sorted(file for file in files if any(_is_own(file, folder) for folder in folders))


def _file(module: object) -> Path | None:
    # Not by getattr: a module may have a __getattr__ that loads something.
    name = vars(module).get("__file__") if isinstance(module, ModuleType) else None
    return Path(os.path.realpath(name)) if isinstance(name, str) and name.endswith(".py") else None


def _status(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:
        return None


def _is_own(file: Path, folder: Path) -> bool:
    if not file.is_relative_to(folder) or file.is_relative_to(_OURS) or _is_standard(file):
        return False
    return not is_test(file.relative_to(folder)) and not any(is_skipped(str(at)) for at in _between(file, folder))


def _is_installed(file: Path) -> bool:
    """Whether a program was installed: pytest's, say, which is ``__main__`` when it runs."""
    return _is_standard(file) or any(is_skipped(str(at)) for at in file.parents)


def _between(file: Path, folder: Path) -> Iterator[Path]:
    """The folders below ``folder`` that ``file`` lies in."""
    return (at for at in file.parents if at != folder and at.is_relative_to(folder))


def _is_standard(file: Path) -> bool:
    return any(file.is_relative_to(os.path.realpath(sysconfig.get_path(name))) for name in ("stdlib", "platstdlib"))
