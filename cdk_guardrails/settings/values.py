"""Checks of single settings: each takes where a value stands, for the message, and gives it in its final type."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from cdk_guardrails.errors import SettingsError, nearest

if TYPE_CHECKING:
    from cdk_guardrails.rules.base import Option, RuleInfo

SEVERITIES: Final = ("off", "warning", "error")
MODES: Final = ("fix", "check")
PACKS: Final = ("AwsSolutions", "HIPAASecurity", "NIST80053R4", "NIST80053R5", "PCIDSS321", "Serverless")
"""The packs of cdk-nag 3; the class of each is ``<name>Checks``."""

MAX_TAG_KEY: Final = 128
MAX_TAG_VALUE: Final = 256
"""Characters. Limits and the characters that every service takes:
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html."""

ENVIRONMENT_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")
_NOT_IN_TAGS = re.compile(r"[^\w .:/=+@-]")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?")


def text(where: str, value: Any) -> str:
    """A string that is not empty."""
    if not isinstance(value, str):
        raise SettingsError(f"{where}: expected a string, not {value!r}")
    if not value.strip():
        raise SettingsError(f"{where}: expected a string that is not empty")
    return value


def file(where: str, value: Any) -> str:
    """The path of a file."""
    return text(where, os.fspath(value) if isinstance(value, os.PathLike) else value)


def flag(where: str, value: Any) -> bool:
    """True or False, nothing that counts as it."""
    if not isinstance(value, bool):
        raise SettingsError(f"{where}: expected true or false, not {value!r}")
    return value


def table(where: str, value: Any) -> Mapping[str, Any]:
    """A mapping whose keys are strings."""
    if not isinstance(value, Mapping):
        raise SettingsError(f"{where}: expected a table (a mapping), not {value!r}")
    for key in value:
        if not isinstance(key, str):
            raise SettingsError(f"{where}: expected strings as keys, not {key!r}")
    return value


def texts(where: str, value: Any) -> tuple[str, ...]:
    """A list of strings, each once."""
    if not isinstance(value, list | tuple | set | frozenset):
        raise SettingsError(f"{where}: expected a list of strings, not {value!r}")
    items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
    return tuple(dict.fromkeys(text(where, item) for item in items))


def one_of(where: str, value: Any, known: Collection[str]) -> str:
    """A string that is among ``known``."""
    if text(where, value) not in known:
        raise SettingsError(f"{where}: '{value}' is not one of {', '.join(known)}.{nearest(value, known)}")
    return str(value)


def date(where: str, value: Any) -> datetime.date:
    """A date; of a datetime its day."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if not isinstance(value, datetime.date):
        raise SettingsError(f"{where}: expected a datetime.date, not {value!r}")
    return value


def mode(where: str, value: Any) -> str:
    """``fix`` or ``check``."""
    return one_of(where, value, MODES)


def packs(where: str, value: Any) -> tuple[str, ...]:
    """Names of cdk-nag packs."""
    return tuple(one_of(where, name, PACKS) for name in texts(where, value))


def names(where: str, value: Any) -> str:
    """A pattern of physical names: ``*`` for any text, ``{env}`` for the environment, which it must have."""
    found = _PLACEHOLDER.findall(text(where, value))
    if "{env}" not in found:
        raise SettingsError(f"{where}: expected a pattern with {{env}}, such as '{{env}}-*', not '{value}'")
    for placeholder in found:
        if placeholder != "{env}":
            raise SettingsError(f"{where}: there is no placeholder '{placeholder}', only '{{env}}'")
    return str(value)


def tags(where: str, value: Any) -> dict[str, str]:
    """Tag keys and values that AWS takes."""
    return {_tag_key(where, key): _tag_value(f"{where}.{key}", item) for key, item in table(where, value).items()}


def _tag_key(where: str, key: str) -> str:
    if not key.strip():
        raise SettingsError(f"{where}: a tag key must not be empty")
    if len(key) > MAX_TAG_KEY:
        raise SettingsError(f"{where}: the tag key '{key[:20]}...' has {len(key)} characters, {MAX_TAG_KEY} at most")
    return _tag_text(f"{where}: the tag key '{key}'", key)


def _tag_value(where: str, value: Any) -> str:
    """An empty value is allowed: it says that the tag is there."""
    if not isinstance(value, str):
        raise SettingsError(f"{where}: expected a string, not {value!r}")
    if len(value) > MAX_TAG_VALUE:
        raise SettingsError(f"{where}: the tag value has {len(value)} characters, {MAX_TAG_VALUE} at most")
    return _tag_text(f"{where}: the tag value '{value}'", value)


def _tag_text(what: str, value: str) -> str:
    if value.lower().startswith("aws:"):
        raise SettingsError(f"{what} begins with 'aws:', which AWS reserves for itself")
    if bad := _NOT_IN_TAGS.search(value):
        allowed = "letters, digits, spaces and _ . : / = + - @"
        raise SettingsError(f"{what} has the character {bad[0]!r}; AWS takes {allowed} in tags")
    return value


def rule_ids(where: str, value: Any) -> frozenset[str]:
    """Ids of rules."""
    return frozenset(_known_rule(where, id_).id for id_ in texts(where, value))


def _known_rule(where: str, id_: str) -> RuleInfo:
    from cdk_guardrails.rules.registry import every_rule, find  # imports rules: only when a setting names one

    rule = find(id_)
    if rule is None:
        raise SettingsError(f"{where}: there is no rule '{id_}'.{nearest(id_, every_rule())}")
    return rule


def rules(where: str, value: Any) -> dict[str, dict[str, Any]]:
    """Per rule, what is said of it: ``severity``, ``fix`` and ``options``, those that are given."""
    return {id_: _rule(f"{where}.{id_}", _known_rule(where, id_), item) for id_, item in table(where, value).items()}


def _rule(where: str, rule: RuleInfo, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"severity": one_of(where, value, SEVERITIES)}
    if not isinstance(value, Mapping):
        expected = f"{', '.join(SEVERITIES)}, or a table with severity, fix and options of the rule"
        raise SettingsError(f"{where}: expected {expected}, not {value!r}")
    given = dict(table(where, value))
    said: dict[str, Any] = {}
    if "severity" in given:
        said["severity"] = one_of(f"{where}.severity", given.pop("severity"), SEVERITIES)
    if "fix" in given:
        said["fix"] = _fix(f"{where}.fix", rule, given.pop("fix"))
    return {**said, "options": options(where, rule, given)}


def _fix(where: str, rule: RuleInfo, value: Any) -> bool:
    if flag(where, value) and rule.fix_safety.value == "none":
        raise SettingsError(f"{where}: {rule.id} has no fix, a person must decide")
    return bool(value)


def options(where: str, rule: RuleInfo, given: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a rule, checked against those that it declares."""
    declared = {option.name: option for option in rule.options}
    for name in given:
        if name not in declared:
            hint = nearest(name, [*declared, "severity", "fix"])
            raise SettingsError(f"{where}.{name}: {rule.id} has no option '{name}'.{hint}")
    return {name: _option(f"{where}.{name}", declared[name], value) for name, value in given.items()}


def _option(where: str, option: Option, value: Any) -> Any:
    """``value`` if it is of the option's type and among its choices; lists become tuples."""
    if isinstance(option.default, tuple):
        return texts(where, value)
    expected = str if option.default is None else type(option.default)
    if type(value) is int and expected is float:
        value = float(value)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        said = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}
        raise SettingsError(f"{where}: expected {said.get(expected, expected.__name__)}, not {value!r}")
    if option.choices and value not in option.choices:
        raise SettingsError(f"{where}: {value!r} is not one of {', '.join(str(choice) for choice in option.choices)}")
    _check_bounds(where, option, value)
    return value


def _check_bounds(where: str, option: Option, value: Any) -> None:
    if option.minimum is not None and value < option.minimum:
        raise SettingsError(f"{where}: {value!r} is too small, the minimum is {option.minimum}")
    if option.maximum is not None and value > option.maximum:
        raise SettingsError(f"{where}: {value!r} is too large, the maximum is {option.maximum}")


Check = Callable[[str, Any], Any]

CHECKS: Final[Mapping[str, Check]] = {
    "environment": text,
    "tags": tags,
    "rules": rules,
    "mode": mode,
    "unsafe_fixes": flag,
    "packs": packs,
    "names": names,
    "quiet": flag,
    "unsuppressable": rule_ids,
    "ignore_suppressions": flag,
    "lint_source": flag,
    "baseline": file,
}
"""The settings that every source may give, each with its check."""


def read(where: str, given: Any, allowed: Mapping[str, Check] = CHECKS) -> dict[str, Any]:
    """The settings of one table, checked. Raises SettingsError for a key that is not ``allowed``."""
    for key in table(where, given):
        if key not in allowed:
            hint = nearest(key, allowed) or f" Expected one of {', '.join(allowed)}."
            raise SettingsError(f"{where}: there is no setting '{key}'.{hint}")
    return {key: allowed[key](f"{where}: {key}", value) for key, value in given.items()}
