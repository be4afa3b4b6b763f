"""Settings: environment profiles, tags, per-rule options. Values are checked here, whichever source they come from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from cdk_guardrails import settings_files, settings_values

if TYPE_CHECKING:
    from cdk_guardrails.rules.base import RuleInfo, Severity

Mode = Literal["fix", "check"]

PROFILES: Final = settings_files.PROFILES
"""The built-in profiles; the last is the strictest, and the one used when no environment is given."""


@dataclass(frozen=True)
class RuleOverride:
    """What settings say of one rule: a severity (``off | warning | error``), fix on or off, options by name."""

    severity: str | None = None
    fix: bool | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class RuleSettings:
    """The settings as one rule sees them: ``settings["max_seconds"]`` is an option of its own, ``today`` the date.

    ``texts``: every text among the options that were set, of any rule: fixes may have written them into the template.
    """

    environment: str
    profile: str
    tags: Mapping[str, str]
    names: str | None
    severity: Severity
    fixes: bool
    options: Mapping[str, Any]
    today: datetime.date
    severity_override: Severity | None = None
    texts: frozenset[str] = frozenset()

    def __getitem__(self, option: str) -> Any:
        return self.options[option]


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. Make it with `load` (all sources) or directly (tests).

    ``environment``: its name, for tags and names; None: the strictest profile. ``profile``: dev, staging or prod; left
    out, it is the environment's, which is prod for one that is not built in.
    ``tags``: tag keys and values for every taggable resource. ``names``: the pattern of physical names, ``{env}-*``.
    ``rules``: per-rule overrides. ``mode``: ``fix``, or ``check`` which changes nothing. ``unsafe_fixes``: apply unsafe
    fixes too. ``packs``: cdk-nag packs by name. ``unsuppressable``: rules that may not be suppressed.
    ``ignore_suppressions``: an audit run. ``lint_source``: judge the app's own Python, too. ``quiet``: no summary on
    stderr. ``today``: the day that expiry is judged by.
    """

    environment: str | None = None
    profile: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    names: str | None = None
    rules: Mapping[str, RuleOverride] = field(default_factory=dict, hash=False)
    mode: Mode = "fix"
    unsafe_fixes: bool = False
    packs: tuple[str, ...] = ()
    unsuppressable: frozenset[str] = frozenset()
    ignore_suppressions: bool = False
    lint_source: bool = False
    quiet: bool = False
    today: datetime.date = field(default_factory=datetime.date.today)

    def __post_init__(self) -> None:
        if not self.profile:
            profile = self.environment if self.environment in PROFILES else PROFILES[-1]
            object.__setattr__(self, "profile", profile)

    @classmethod
    def load(
        cls, arguments: Mapping[str, Any] | None = None, context: Any = None, directory: Path | None = None
    ) -> Settings:
        """The settings from all sources, the strongest first:

        1. ``arguments``: those of `Guardrails`; None counts as not given.
        2. ``context``: what cdk.json's context has under ``cdk-guardrails``; a string is read as JSON.
        3. ``guardrails.toml``, or ``[tool.cdk-guardrails]`` in pyproject.toml, of ``directory`` or the closest folder
           above it, up to the root of the repository or the user's home. None: no file is read.
        4. the profile of the environment, and the defaults.

        In 2 and 3, a table ``environments.<name>`` is stronger than what stands beside it; it may define an environment
        with any name, with ``profile`` (default ``prod``). Tags merge by key, rules by what is said of each.

        Raises SettingsError for an unknown key, a wrong type, a value that is not allowed, a file that cannot be read,
        both files in one folder, or tags that AWS forbids. It names the key, the source and the nearest valid name.
        """
        merged = settings_files.gather(arguments or {}, context, directory)
        rules = {
            id_: RuleOverride(said.get("severity"), said.get("fix"), MappingProxyType(said.get("options", {})))
            for id_, said in merged.pop("rules", {}).items()
        }
        tags = merged.pop("tags", {})
        return cls(tags=MappingProxyType(tags), rules=MappingProxyType(rules), **merged)

    def for_rule(self, rule: RuleInfo) -> RuleSettings:
        """The settings as ``rule`` sees them. Raises SettingsError for an option that is unknown or of a wrong type."""
        from cdk_guardrails.rules.base import FixSafety, Severity

        override = self.rules.get(rule.id, RuleOverride())
        severity = Severity(override.severity) if override.severity else None
        on_by_default = self.profile in rule.profiles
        fixes = rule.fix_safety is FixSafety.SAFE or (rule.fix_safety is FixSafety.UNSAFE and self.unsafe_fixes)
        if override.fix is not None and rule.fix_safety is not FixSafety.NONE:
            fixes = override.fix
        return RuleSettings(
            environment=self.environment or self.profile,
            profile=self.profile,
            tags=self.tags,
            names=self.names,
            severity=severity or (rule.severity if on_by_default or rule.id in self.rules else Severity.OFF),
            fixes=fixes,
            options=_options(rule, override.options, self.profile),
            today=self.today,
            severity_override=severity,
            texts=self._texts(),
        )

    def _texts(self) -> frozenset[str]:
        given = [value for override in self.rules.values() for value in override.options.values()]
        lists = [value if isinstance(value, list | tuple) else (value,) for value in given]
        return frozenset(text for values in lists for text in values if isinstance(text, str))


def _options(rule: RuleInfo, given: Mapping[str, Any], profile: str) -> dict[str, Any]:
    defaults = {option.name: option.by_profile.get(profile, option.default) for option in rule.options}
    return defaults | settings_values.options(f"rules.{rule.id}", rule, given)
