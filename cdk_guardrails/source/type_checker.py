"""pyrefly, a type checker: attributes and keywords that the types of an app do not have."""

from __future__ import annotations

import json
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from cdk_guardrails.source.linters import Linter, Result, listed
from cdk_guardrails.source.manifests import installed
from cdk_guardrails.source.programs import Run
from cdk_guardrails.source.project import Module, Project

ATTRIBUTE: Final = "missing-attribute"
KEYWORD: Final = "unexpected-keyword"

_ATTRIBUTE: Final = re.compile(r"(?:Object of (?:class|type)|Class) `(.+)` has no (?:class )?attribute `([^`]+)`")
_KEYWORD: Final = re.compile(r"Unexpected keyword argument `([^`]+)` in function `([^`]+)`")
_BEGINNINGS: Final = ("Object of ", "Class `", "No attribute `", "Unexpected keyword argument `")
"""Of the messages of these kinds: a version that has none of them says things that we would pass over in silence."""

_ARGUMENTS: Final = (
    "check",
    "--config=pyrefly.toml",  # an empty one, so that the app's own does not count
    "--preset=default",
    f"--only={ATTRIBUTE},{KEYWORD}",
    "--permissive-ignores=true",
    "--use-ignore-files=false",
    "--disable-project-excludes-heuristics=true",
    "--enable-fallback-search-path=true",  # an import means the nearest folder above that has it: several apps in one
    "--skip-interpreter-query",
    f"--python-version={sys.version_info[0]}.{sys.version_info[1]}",
    "--output-format=json",
    "--summary=none",
    "--progress-bar=no",
)


class Missing(NamedTuple):
    """What is not there. ``line`` and ``column`` say where the expression or the keyword begins, in characters.

    ``of`` are the types as pyrefly writes them, or the full name of the function that has no such keyword.
    """

    kind: str
    line: int
    column: int
    name: str
    of: tuple[str, ...]


def _run(modules: Sequence[Module]) -> Run:
    files = [str(module.file) for module in modules]
    paths = [f"--site-package-path={folder}" for folder in _installed_in(files)]
    patterns = [re.sub(r"[][*?]", lambda found: f"[{found[0]}]", file) for file in files]
    return Run("pyrefly", _ARGUMENTS, [*paths, *patterns], [("pyrefly.toml", "")])


def _installed_in(files: Sequence[str]) -> Iterator[str]:
    """Where packages are. No folder above the app's files, which pyrefly would then take for installed ones."""
    standard = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    for path in dict.fromkeys(os.path.realpath(path) for path in sys.path if path not in ("", *standard)):
        inside = os.path.join(path, "")
        if os.path.isdir(path) and not any(file.startswith(inside) for file in files):
            yield path


def _read(output: str, folder: Path) -> Result[Missing]:
    found: dict[Path, dict[Missing, None]] = {}
    errors = [error for error in listed(json.loads(output)["errors"]) if error["name"] in (ATTRIBUTE, KEYWORD)]
    if errors and not any(str(error["concise_description"]).startswith(_BEGINNINGS) for error in errors):
        raise ValueError("the messages are not those that are known")
    for each in errors:
        if missing := _missing(each):
            found.setdefault(Path(os.path.normpath(folder / each["path"])), {})[missing] = None
    return Result({path: list(each) for path, each in found.items()})


def _missing(error: Mapping[str, Any]) -> Missing | None:
    kind, text = error["name"], str(error["concise_description"])
    at = int(error["line"]), int(error["column"])
    if kind == ATTRIBUTE and (match := _ATTRIBUTE.search(text)):
        return Missing(kind, *at, match[2], tuple(_parts(match[1])))
    if kind == KEYWORD and (match := _KEYWORD.search(text)):
        return Missing(kind, *at, match[1], (match[2],))
    return None


def _parts(union: str) -> Iterable[str]:
    """The types of a union, without None: ``dict[str, A | B] | None`` has one."""
    depth, start = 0, 0
    for at, char in enumerate(f"{union}|"):
        depth += (char in "[(") - (char in "])")
        if char == "|" and not depth:
            part, start = union[start:at].strip(), at + 1
            if part not in ("None", "NoneType", ""):
                yield part


def _with_cdk(project: Project) -> Sequence[Module]:
    """The modules, if any of them can have to do with a jsii package at all."""
    packages = {manifest.module.partition(".")[0] for manifest in installed()}
    used = any(package in module.text for module in project.modules for package in packages)
    return project.modules if used else ()


PYREFLY: Final = Linter("pyrefly", _with_cdk, _run, _read)
