"""Settings: environment profiles, tags, per-rule options. Values are checked here, whichever source they come from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from cdk_guardrails.settings import files, values

if TYPE_CHECKING:
    from cdk_guardrails.rules.base import RuleInfo, Severity

Mode = Literal["fix", "check"]

PROFILES: Final = files.PROFILES
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

    ``environment`` is the profile's name when none was given; ``environment_known`` is False then, and it is good for
    being as strict, not for being written anywhere. ``texts``: every text among the options that were set, of any rule:
    fixes may have written them into the template.
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
    environment_known: bool = True

    def __getitem__(self, option: str) -> Any:
        return self.options[option]


def _setting(type_: str, means: str, **default: Any) -> Any:
    """A field of Settings that says what it is: a type of TOML, and a line for the docs."""
    return field(metadata={"type": type_, "means": means}, **default)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. Make it with `load` (all sources) or directly (tests).

    ``profile``: dev, staging or prod; left out, it is the environment's, which is prod for one that is not built in.
    ``today``: the day that expiry is judged by. The others say themselves what they mean, as the docs do.
    """

    environment: str | None = _setting(
        "string",
        "`dev`, `staging`, `prod`, or a name of your own. Not given: as strict as prod, and a warning",
        default=None,
    )
    profile: str = ""
    tags: Mapping[str, str] = _setting(
        "table", "tags for every taggable resource; an author's value is kept", default_factory=dict, hash=False
    )
    names: str | None = _setting(
        "string", "the pattern of physical names, `{env}-*`, that the rule naming asks for", default=None
    )
    rules: Mapping[str, RuleOverride] = _setting(
        "table",
        '`"off"`, `"warning"` or `"error"` by rule id, or a table with `severity`, `fix` and the rule\'s options',
        default_factory=dict,
        hash=False,
    )
    mode: Mode = _setting("string", '`"fix"`, or `"check"`, which changes nothing', default="fix")
    unsafe_fixes: bool = _setting(
        "bool",
        "also apply fixes that may replace a resource, cost money or change what callers see",
        default=False,
    )
    packs: tuple[str, ...] = _setting("list", 'cdk-nag packs to run as well, by name: `["AwsSolutions"]`', default=())
    unsuppressable: frozenset[str] = _setting("list", "rules that may not be suppressed", default=frozenset())
    ignore_suppressions: bool = _setting("bool", "an audit: judge as if nothing were suppressed", default=False)
    lint_source: bool = _setting("bool", "also lint the app's own Python at synth", default=False)
    baseline: Path | None = _setting(
        "string",
        "the file of known findings, which no longer fail the synth; its path begins at the settings file's folder",
        default=None,
    )
    quiet: bool = _setting("bool", "no summary on stderr", default=False)
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
           The path of a ``baseline`` in it begins at its folder, elsewhere at ``directory``.
        4. the profile of the environment, and the defaults.

        In 2 and 3, a table ``environments.<name>`` is stronger than what stands beside it; it may define an environment
        with any name, with ``profile`` (default ``prod``). Tags merge by key, rules by what is said of each.

        Raises SettingsError for an unknown key, a wrong type, a value that is not allowed, a file that cannot be read,
        both files in one folder, or tags that AWS forbids. It names the key, the source and the nearest valid name.
        """
        merged = files.gather(arguments or {}, context, directory)
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
            environment_known=self.environment is not None,
        )

    def _texts(self) -> frozenset[str]:
        given = [value for override in self.rules.values() for value in override.options.values()]
        lists = [value if isinstance(value, list | tuple) else (value,) for value in given]
        return frozenset(text for values in lists for text in values if isinstance(text, str))


def _options(rule: RuleInfo, given: Mapping[str, Any], profile: str) -> dict[str, Any]:
    defaults = {option.name: option.by_profile.get(profile, option.default) for option in rule.options}
    return defaults | values.options(f"rules.{rule.id}", rule, given)
