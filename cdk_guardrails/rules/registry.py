"""Which rules there are: every Rule class below this package, and those that other packages bring by entry point."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Final, get_origin

import cdk_guardrails.rules
from cdk_guardrails.errors import RuleError, nearest
from cdk_guardrails.rules.base import Concern, Example, FixSafety, Rule, RuleInfo, Severity, SourceRule

if TYPE_CHECKING:
    from importlib.metadata import Distribution

ENTRY_POINT_GROUP: Final = "cdk_guardrails.rules"
"""Other packages name a package or module with Rule classes, or one Rule class, in this group."""

KINDS: Final = (Rule, SourceRule)

_SOURCE: Final = "cdk_guardrails.rules.source"
"""The package of the rules that judge Python."""

_REQUIRED: Final = ("id", "why", "concern", "bad", "good")

_TYPES: Final[Mapping[str, type]] = {
    "id": str,
    "__doc__": str,
    "why": str,
    "concern": Concern,
    "severity": Severity,
    "fix_safety": FixSafety,
    "bad": Example,
    "good": Example,
    "options": tuple,
    "profiles": tuple,
    "resource_types": tuple,
}
"""What a rule says of itself, by its type: a mistake is found when the rule is loaded, not when it first runs."""

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@functools.cache
def every_rule() -> dict[str, RuleInfo]:
    """Every rule by id, in the order in which they run. Raises RuleError for a duplicate or malformed one."""
    return _in_order([*all_rules().values(), *source_rules().values()])


def _by_id(classes: Iterable[type[RuleInfo]]) -> dict[str, RuleInfo]:
    return _in_order(map(_checked, classes))


def _in_order(made: Iterable[RuleInfo]) -> dict[str, RuleInfo]:
    rules: dict[str, RuleInfo] = {}
    for rule in made:
        if rule.id in rules:
            names = f"{_name(type(rules[rule.id]))} and {_name(type(rule))}"
            raise RuleError(f"two rules have the id '{rule.id}': {names}")
        rules[rule.id] = rule
    return dict(sorted(rules.items(), key=lambda item: (item[1].order, item[0])))


@functools.cache
def all_rules() -> dict[str, Rule]:
    """The rules that judge resources, by id. Raises RuleError as `every_rule`.

    Those about the app's own Python are not imported for it: what reads that takes long to load.
    """
    found = _by_id([*_in_package(cdk_guardrails.rules, but=_SOURCE), *_from_others(Rule)])
    return {id_: rule for id_, rule in found.items() if isinstance(rule, Rule)}


@functools.cache
def source_rules() -> dict[str, SourceRule]:
    """The rules that judge the app's own Python, by id. Raises RuleError as `every_rule`.

    Those about resources are not imported for it: that would take longer than to lint a small app.
    """
    found = _by_id([*_in_package(importlib.import_module(_SOURCE)), *_from_others(SourceRule)])
    return {id_: rule for id_, rule in found.items() if isinstance(rule, SourceRule)}


class Ids(Collection[str]):
    """The ids of every rule, and of ``others``. What reads Python is imported only for an id that is none else's."""

    def __init__(self, others: Collection[str] = ()) -> None:
        self._others = others

    def __contains__(self, id_: object) -> bool:
        return id_ in self._others or id_ in all_rules() or id_ in source_rules()

    def __iter__(self) -> Iterator[str]:
        return iter({**every_rule(), **dict.fromkeys(self._others)})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def find(id_: str) -> RuleInfo | None:
    """The rule with this id, of either kind."""
    return all_rules().get(id_) or source_rules().get(id_)


def rule_of(id_: str) -> Rule:
    """The rule about resources with this id. Raises RuleError that offers the nearest one."""
    rules = all_rules()
    if id_ not in rules:
        raise RuleError(f"there is no rule '{id_}'.{nearest(id_, rules)}")
    return rules[id_]


def rules_in(package: ModuleType) -> Iterator[type[RuleInfo]]:
    """The rule classes that ``package`` (or module) and everything below it defines."""
    return _in_package(package)


def _in_package(package: ModuleType, but: str = "") -> Iterator[type[RuleInfo]]:
    """The rules of ``package`` and all below it, those below the package ``but`` aside."""
    modules: Iterable[ModuleType] = [package]
    if hasattr(package, "__path__"):
        found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        wanted = sorted(info.name for info in found if not but or not f"{info.name}.".startswith(f"{but}."))
        modules = [importlib.import_module(name) for name in wanted]
    for module in modules:
        yield from (item for item in vars(module).values() if _is_rule(item, module))


def _is_rule(item: object, module: ModuleType) -> bool:
    """Whether ``item`` is a rule's class that ``module`` defines. (In 3.10 ``list[int]`` is a type too.)"""
    if not isinstance(item, type) or get_origin(item) is not None or not issubclass(item, KINDS):
        return False
    return item.__module__ == module.__name__ and not inspect.isabstract(item) and not item.__name__.startswith("_")


def _from_others(kind: type[RuleInfo]) -> Iterator[type[RuleInfo]]:
    return (class_ for class_ in _from_entry_points() if issubclass(class_, kind))


@functools.cache
def _from_entry_points() -> tuple[type[RuleInfo], ...]:
    """The rules of other packages: looking through what is installed takes a while, and happens once."""
    return tuple(dict.fromkeys(_loaded()))  # two entry points may lead to one rule


def _loaded() -> Iterator[type[RuleInfo]]:
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)):
        named = f"the rules '{entry.name}' ({entry.value}){_brought_by(entry.dist)}"
        try:
            loaded = entry.load()
            found = list(_in_package(loaded)) if isinstance(loaded, ModuleType) else [loaded]
        except Exception as error:
            raise RuleError(f"{named} cannot be loaded: {type(error).__name__}: {error}") from error
        if not found or not all(isinstance(item, type) and issubclass(item, KINDS) for item in found):
            raise RuleError(f"{named}: expected a Rule class, or a module or package that defines some")
        yield from found


def _brought_by(distribution: Distribution | None) -> str:
    return f" of {distribution.name} {distribution.version}" if distribution else ""


def _checked(class_: type[RuleInfo]) -> RuleInfo:
    required = (*_REQUIRED, *(("resource_types",) if issubclass(class_, Rule) else ()))
    missing = [name for name in required if not hasattr(class_, name)]
    if missing:
        raise RuleError(f"{_name(class_)} is not a complete rule: it has no {', '.join(missing)}")
    for name, kind in _TYPES.items():
        if not isinstance(value := getattr(class_, name, ()), kind):
            raise RuleError(f"{_name(class_)}: expected a {kind.__name__} as {name}, not {value!r}")
    if not _ID.fullmatch(class_.id):
        raise RuleError(f"{_name(class_)}: the id '{class_.id}' is not kebab-case, as 's3-versioning' is")
    try:
        return class_()
    except Exception as error:
        raise RuleError(f"{_name(class_)} cannot be made: {type(error).__name__}: {error}") from error


def _name(class_: type) -> str:
    """The class, and which distribution brings it when that is not ours."""
    from importlib.metadata import entry_points

    name = f"{class_.__module__}.{class_.__qualname__}"
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if class_.__module__ == entry.module or class_.__module__.startswith(f"{entry.module}."):
            return name + _brought_by(entry.dist)
    return name
