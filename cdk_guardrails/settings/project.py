"""The settings of the app in a folder, for commands: cdk.json's context and the settings file, and chosen rules."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cdk_guardrails.errors import SettingsError, nearest
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.rules.base import RuleInfo
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.settings.files import TABLE

_Rule = TypeVar("_Rule", bound=RuleInfo)


def load_settings(environment: str | None, directory: Path, **arguments: Any) -> Settings:
    """The settings as an app in ``directory`` has them, from cdk.json's context and the settings file.

    ``arguments``: as for `Guardrails`. Raises SettingsError.
    """
    return Settings.load({"environment": environment, **arguments}, _context(directory / "cdk.json"), directory)


def _context(file: Path) -> Any:
    if not file.is_file():
        return None
    try:
        data = json.loads(read_bytes(file).decode("utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise SettingsError(f"{file}: expected JSON: {error}") from None
    context = data.get("context") if isinstance(data, Mapping) else None
    return context.get(TABLE) if isinstance(context, Mapping) else None


def chosen(rules: Mapping[str, _Rule], select: Sequence[str], ignore: Sequence[str], kind: str = "rule") -> list[_Rule]:
    """The rules of ``select``, all when it is empty, without those of ``ignore``.

    Raises SettingsError for an id that is not among ``rules``, which are called ``kind`` in it.
    """
    for option, ids in (("--select", select), ("--ignore", ignore)):
        for id_ in ids:
            if id_ not in rules:
                raise SettingsError(f"{option}: there is no {kind} '{id_}'.{nearest(id_, rules)}")
    wanted = set(select or rules) - set(ignore)
    return [rule for id_, rule in rules.items() if id_ in wanted]


def switched_on(settings: Settings, ids: Iterable[str]) -> Settings:
    """A rule that is asked for by name runs, whatever the settings or the profile say of it."""
    said = dict(settings.rules)
    for id_ in ids:
        override = said.get(id_, RuleOverride())
        said[id_] = dataclasses.replace(override, severity=None) if override.severity == "off" else override
    return dataclasses.replace(settings, rules=said)
