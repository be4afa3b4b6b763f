"""Which rules there are: every Rule class below this package, and those that other packages bring by entry point."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import Final, get_origin

import cdk_guardrails.rules
from cdk_guardrails.errors import RuleError, nearest
from cdk_guardrails.rules.base import Rule, RuleInfo, SourceRule

ENTRY_POINT_GROUP: Final = "cdk_guardrails.rules"
"""Other packages name a package or module with Rule classes, or one Rule class, in this group."""

KINDS: Final = (Rule, SourceRule)

_REQUIRED: Final = ("id", "why", "concern", "bad", "good")


@functools.cache
def every_rule() -> dict[str, RuleInfo]:
    """Every rule by id, in the order in which they run. Raises RuleError for a duplicate or malformed one."""
    return _by_id([*_in_package(cdk_guardrails.rules), *_from_entry_points()])


def _by_id(classes: Iterable[type[RuleInfo]]) -> dict[str, RuleInfo]:
    rules: dict[str, RuleInfo] = {}
    for class_ in classes:
        rule = _checked(class_)
        if rule.id in rules:
            raise RuleError(f"two rules have the id '{rule.id}': {_name(type(rules[rule.id]))} and {_name(class_)}")
        rules[rule.id] = rule
    return dict(sorted(rules.items(), key=lambda item: (item[1].order, item[0])))


@functools.cache
def all_rules() -> dict[str, Rule]:
    """The rules that judge resources, by id. Raises RuleError as `every_rule`."""
    return {id_: rule for id_, rule in every_rule().items() if isinstance(rule, Rule)}


@functools.cache
def source_rules() -> dict[str, SourceRule]:
    """The rules that judge the app's own Python, by id. Raises RuleError as `every_rule`.

    Those about resources are not imported for it: that would take longer than to lint a small app.
    """
    package = importlib.import_module("cdk_guardrails.rules.source")
    found = _by_id([*_in_package(package), *_from_entry_points()])
    return {id_: rule for id_, rule in found.items() if isinstance(rule, SourceRule)}


def rule_of(id_: str) -> Rule:
    """The rule about resources with this id. Raises RuleError that offers the nearest one."""
    rules = all_rules()
    if id_ not in rules:
        raise RuleError(f"there is no rule '{id_}'.{nearest(id_, rules)}")
    return rules[id_]


def rules_in(package: ModuleType) -> Iterator[type[RuleInfo]]:
    """The rule classes that ``package`` (or module) and everything below it defines."""
    return _in_package(package)


def _in_package(package: ModuleType) -> Iterator[type[RuleInfo]]:
    modules: Iterable[ModuleType] = [package]
    if hasattr(package, "__path__"):
        found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        modules = [importlib.import_module(info.name) for info in sorted(found, key=lambda info: info.name)]
    for module in modules:
        yield from (item for item in vars(module).values() if _is_rule(item, module))


def _is_rule(item: object, module: ModuleType) -> bool:
    """Whether ``item`` is a rule's class that ``module`` defines. (In 3.10 ``list[int]`` is a type too.)"""
    if not isinstance(item, type) or get_origin(item) is not None or not issubclass(item, KINDS):
        return False
    return item.__module__ == module.__name__ and not inspect.isabstract(item) and not item.__name__.startswith("_")


def _from_entry_points() -> Iterator[type[RuleInfo]]:
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            loaded = entry.load()
        except Exception as error:
            raise RuleError(f"the rules '{entry.name}' ({entry.value}) cannot be loaded: {error}") from error
        if isinstance(loaded, ModuleType):
            yield from _in_package(loaded)
        elif isinstance(loaded, type) and issubclass(loaded, KINDS):
            yield loaded
        else:
            raise RuleError(f"the rules '{entry.name}' ({entry.value}) name no Rule class and no module of them")


def _checked(class_: type[RuleInfo]) -> RuleInfo:
    required = (*_REQUIRED, *(("resource_types",) if issubclass(class_, Rule) else ()))
    missing = [name for name in required if not hasattr(class_, name)]
    if missing:
        raise RuleError(f"{_name(class_)} is not a complete rule: it has no {', '.join(missing)}")
    return class_()


def _name(class_: type) -> str:
    return f"{class_.__module__}.{class_.__qualname__}"
