"""Where settings stand: the files, how they are found and read, and which source wins.

Sources, the strongest first: arguments, cdk.json's context, ``guardrails.toml`` or ``[tool.cdk-guardrails]`` in
pyproject.toml. In the context and in a file, ``environments.<name>`` is stronger than what stands beside it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import SettingsError, nearest
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.settings import values

FILE: Final = "guardrails.toml"
TABLE: Final = "cdk-guardrails"
"""The table below ``[tool]`` in pyproject.toml, and the key in cdk.json's context."""

ARGUMENTS: Final = "Guardrails(...)"
CONTEXT: Final = f"cdk.json, context '{TABLE}'"

PROFILES: Final = ("dev", "staging", "prod")
"""The built-in profiles, the last is the strictest."""

_OF_ENVIRONMENT: Final = {key: check for key, check in values.CHECKS.items() if key != "environment"}


def _profile(where: str, value: Any) -> str:
    return values.one_of(where, value, PROFILES)


@dataclass(frozen=True)
class Source:
    """The checked settings of one source: those for all environments, and those for one by its name."""

    where: str
    base: Mapping[str, Any]
    environments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def gather(arguments: Mapping[str, Any], context: Any, directory: Path | None) -> dict[str, Any]:
    """The settings of all sources, merged; ``profile`` is always among them, ``environment`` when one is given.

    Tags merge by key and rules by what is said of each; of all else the strongest source's value holds.
    Raises SettingsError that names the key, the source and what was expected.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    sources = [*_from_file(directory), *_from_context(context, directory), _arguments(given, directory)]
    environment = _environment(sources)
    tables: list[Mapping[str, Any]] = []
    for source in sources:
        tables += [source.base, source.environments.get(environment or "", {})]
    merged = _merged(tables)
    if environment in PROFILES:
        merged["profile"] = environment
    return {"profile": PROFILES[-1], **merged}


def _arguments(given: Mapping[str, Any], directory: Path | None) -> Source:
    table = values.read(ARGUMENTS, given, {**values.CHECKS, "today": values.date})
    return Source(ARGUMENTS, _rooted(table, directory))


def _from_context(context: Any, directory: Path | None) -> Iterator[Source]:
    """The context's value; as text it comes from ``cdk synth -c``, and must be JSON."""
    if isinstance(context, str):
        try:
            context = json.loads(context)
        except ValueError:
            raise SettingsError(f"{CONTEXT}: expected a table (a mapping) or its JSON, not {context!r}") from None
    if context is not None:
        yield _source(CONTEXT, context, directory)


def _from_file(directory: Path | None) -> Iterator[Source]:
    if directory is not None and (found := _found(directory)):
        yield _source(*found)


def _source(where: str, given: Any, folder: Path | None) -> Source:
    """A source with its tables for single environments."""
    table = dict(values.table(where, given))
    environments = values.table(f"{where}: environments", table.pop("environments", {}))
    base = values.read(where, table, {**values.CHECKS, "environments": values.table})
    own = {name: _rooted(_for_environment(where, name, item), folder) for name, item in environments.items()}
    return Source(where, _rooted(base, folder), own)


def _rooted(table: Mapping[str, Any], folder: Path | None) -> Mapping[str, Any]:
    """``table`` with the path in it seen from ``folder``, where the source stands."""
    if "baseline" not in table:
        return table
    return {**table, "baseline": Path(os.path.normpath((folder or Path()) / table["baseline"]))}


def _for_environment(where: str, name: str, given: Any) -> Mapping[str, Any]:
    where = f"{where}: environments.{name}"
    if not values.ENVIRONMENT_NAME.fullmatch(name):
        raise SettingsError(f"{where}: expected a name of letters, digits, '-', '_' and '.'")
    # A built-in environment is its own profile.
    own = {} if name in PROFILES else {"profile": _profile}
    return values.read(where, given, {**_OF_ENVIRONMENT, **own})


def _environment(sources: list[Source]) -> str | None:
    """The name that the strongest source gives. Raises SettingsError when no environment has it."""
    known = list(dict.fromkeys([*PROFILES, *(name for source in sources for name in source.environments)]))
    for source in reversed(sources):
        if "environment" in source.base:
            name: str = source.base["environment"]
            if name not in known:
                raise SettingsError(
                    f"{source.where}: environment: there is no environment '{name}', only {', '.join(known)}."
                    f"{nearest(name, known)} One of your own needs a table environments.{name} in {FILE},"
                    f" [tool.{TABLE}] of pyproject.toml or cdk.json."
                )
            return name
    return None


def _merged(tables: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The tables as one, the last the strongest."""
    merged: dict[str, Any] = {}
    for table in tables:
        tags = {**merged.get("tags", {}), **table.get("tags", {})}
        rules = dict(merged.get("rules", {}))
        for id_, said in table.get("rules", {}).items():
            options = {**rules.get(id_, {}).get("options", {}), **said.get("options", {})}
            rules[id_] = {**rules.get(id_, {}), **said, "options": options}
        merged |= {**table, "tags": tags, "rules": rules}
    return merged


def find(directory: Path) -> tuple[str, Mapping[str, Any]] | None:
    """The settings file for an app in ``directory``: its name and its table, of the closest folder that has one.

    Looks upwards until the root of the repository or the user's home, that folder included. Raises SettingsError for a
    file that cannot be read, and when both files of one folder have settings.
    """
    found = _found(directory)
    return found and found[:2]


def _found(directory: Path) -> tuple[str, Mapping[str, Any], Path] | None:
    """As `find`, with the folder."""
    for folder in _upwards(directory.resolve()):
        own, project = folder / FILE, folder / "pyproject.toml"
        table = _tool_table(project) if project.is_file() else None
        if own.is_file():
            if table is not None:
                raise SettingsError(f"{own} and [tool.{TABLE}] in {project} both have settings: keep one of them")
            return str(own), _toml(own), folder
        if table is not None:
            return f"{project} [tool.{TABLE}]", table, folder
    return None


def _upwards(directory: Path) -> Iterator[Path]:
    for folder in (directory, *directory.parents):
        yield folder
        if (folder / ".git").exists() or folder == Path.home():
            return


def _tool_table(path: Path) -> Any:
    """``[tool.cdk-guardrails]`` of a pyproject.toml, None when it has none. One that is silent on us is not parsed."""
    if TABLE.encode() not in _bytes(path):
        return None
    tool = _toml(path).get("tool")
    return tool.get(TABLE) if isinstance(tool, Mapping) else None


def _toml(path: Path) -> dict[str, Any]:
    toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        data: dict[str, Any] = toml.loads(_bytes(path).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: expected UTF-8 text: {error.reason}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: expected TOML: {error}") from None
    return data


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
