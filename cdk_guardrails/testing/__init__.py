"""Assertions for unit tests: a template or a CDK construct in; an AssertionError says what is wrong and what to do.

    assert_clean(stack, environment="prod", tags={"Owner": "payments"})
    assert_flags("Resources: ...", "s3-versioning", path="VersioningConfiguration.Status")
    assert_fixed(before, after, "s3-versioning")

They take a mapping, YAML or JSON text, the ``pathlib.Path`` of a file, an ``aws_cdk.assertions.Template``; the first
two also a construct, which is synthesized and judged with all that lies below it: of a Stack its nested stacks, of an
App or a Stage all stacks; and a cloud assembly, as ``app.synth()`` returns it or by its Path. Nothing is fixed first,
unless the app has Guardrails of its own.

Suppressions hold as they do in a synth: those of constructs, and in a template's Metadata. A rule that crashes fails
every assertion. Settings are said by keyword (see `SettingsGiven`); no file is read unless ``settings`` names the
folder. A rule is named by its id; one that is not installed is passed as an object.

`check_rule` holds a rule to what is true of all, `check_source_rule` one that judges Python.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from pprint import pformat
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from cdk_guardrails import _SOURCE_LINES
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules.base import Finding, Rule, Severity
from cdk_guardrails.rules.registry import all_rules, rule_of
from cdk_guardrails.settings import RuleOverride, Settings, values
from cdk_guardrails.settings.project import load_settings
from cdk_guardrails.template.edits import Path, format_path, value_at
from cdk_guardrails.template.writing import same
from cdk_guardrails.testing.inputs import about_rule, is_within, judge, judge_data, listed, load
from cdk_guardrails.testing.rules import EXAMPLE_TAGS, check_rule, example_settings, must_have_run
from cdk_guardrails.testing.source import check_source_rule

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "EXAMPLE_TAGS",
    "SettingsGiven",
    "assert_clean",
    "assert_fixed",
    "assert_flags",
    "check_rule",
    "check_source_rule",
    "example_settings",
    "load",
]

os.environ.setdefault(_SOURCE_LINES, "1")  # before constructs are made: messages name the author's file and line

FailOn = Literal["warning", "error"]

_FAILING: Final[Mapping[str, frozenset[Severity]]] = {
    "warning": frozenset({Severity.WARNING, Severity.ERROR}),
    "error": frozenset({Severity.ERROR}),
}


class SettingsGiven(TypedDict, total=False):
    """The settings that the assertions take, by keyword. What is left out has the default of `Guardrails`.

    ``environment``: default ``prod``. ``options``: those of the rule under test. ``rules``: overrides of any rule as
    settings write them, ``{"s3-access-logs": "off"}``. ``ignore_suppressions``: judge as if nothing were suppressed.
    ``today``: the day that expiry is judged by. ``settings``: the folder of the app whose cdk.json and settings file
    hold, as they do in a synth there; the other keywords are stronger.
    """

    environment: str
    tags: Mapping[str, str]
    names: str
    options: Mapping[str, Any]
    rules: Mapping[str, Any]
    unsafe_fixes: bool
    ignore_suppressions: bool
    today: datetime.date
    settings: str | FilePath


def assert_clean(
    template: Any, rule: str | Rule | None = None, *, fail_on: FailOn = "warning", **settings: Unpack[SettingsGiven]
) -> None:
    """No finding of ``rule``, or of any rule; with ``fail_on="error"`` warnings are allowed."""
    wanted = [_rule(rule)] if rule else list(all_rules().values())
    given = _settings(wanted[0] if rule else None, settings)
    outcome = _judged(template, wanted, given)
    found = about_rule(outcome.findings, wanted[0]) if rule else outcome.findings
    if failing := [finding for finding in found if finding.severity in _failing(fail_on)]:
        raise AssertionError(f"expected no finding, not these {len(failing)}:\n{listed(failing, given, wanted)}")


def assert_flags(
    template: Any,
    rule: str | Rule,
    *,
    path: str | None = None,
    message: str | None = None,
    resource: str | None = None,
    **settings: Unpack[SettingsGiven],
) -> list[Finding]:
    """At least one finding of ``rule`` (an id, perhaps with a detail: ``iam-wildcard-action[s3:*]``); returns them all.

    ``path`` is a property path (``VersioningConfiguration.Status``; ``DeletionPolicy`` or ``Outputs.Name`` outside of
    properties); ``message`` the whole message; ``resource`` a logical id, or the path of a construct at or below which
    it is (``Shop/Receipts``). One finding must match all that is given.
    """
    wanted = _rule(rule)
    id_ = rule if isinstance(rule, str) else rule.id
    given = _settings(wanted, settings)
    outcome = _judged(template, [wanted], given)
    found = [finding for finding in outcome.findings if id_ in (finding.rule, finding.id)]
    asked = {"at": path, "in": resource, "with the message": message}
    if any(_is_at(item, path, resource) and message in (None, item.message) for item in found):
        return found
    said = "".join(f", {word} {value!r}" for word, value in asked.items() if value is not None) if found else ""
    others = listed(found or about_rule(outcome.findings, wanted), given, [wanted])
    raise AssertionError(f"expected a finding of {id_}{said}; found{_instead(others, wanted, given, outcome)}")


def _is_at(finding: Finding, path: str | None, resource: str | None) -> bool:
    at_path = path in (None, finding.location, finding.location.removeprefix("Properties."))
    if resource in (None, finding.logical_id):
        return at_path
    return at_path and bool(resource) and is_within(finding.origin.construct_path, str(resource))


def _instead(others: str, rule: Rule, settings: Settings, outcome: Outcome) -> str:
    if others:
        return f"\n{others}"
    if settings.for_rule(rule).severity is Severity.OFF:
        return f" nothing: the rule is off in {settings.environment}"
    if reasons := [f"{held.where}: {held.reason}" for finding, held in outcome.suppressed if finding.rule == rule.id]:
        return f" nothing that is not suppressed ({'; '.join(dict.fromkeys(reasons))})"
    return " nothing"


def assert_fixed(before: Any, after: Any, rule: str | Rule, **settings: Unpack[SettingsGiven]) -> None:
    """The fix of ``rule`` alone turns ``before`` into exactly ``after``, which has no finding and stays as it is.

    Each is one template: of a construct, a Stack.
    """
    wanted = _rule(rule)
    given = _settings(wanted, settings)
    data, expected = load(before), load(after)
    outcome = _fixed(data, wanted, given)
    for finding, error in outcome.failed:
        raise AssertionError(f"the fix of {finding.id} failed on {finding.logical_id}: {error}")
    if not same(data, expected):
        raise AssertionError(f"{wanted.id} did not make what was expected:\n{_difference(expected, data)}")
    again = _fixed(data, wanted, given)
    if again.findings or again.fixes:
        said = listed(again.findings, given, [wanted]) or again.fixes
        raise AssertionError(f"{wanted.id} is not satisfied with its own fix:\n{said}")


def _rule(rule: str | Rule) -> Rule:
    return rule_of(rule.partition("[")[0]) if isinstance(rule, str) else rule


def _failing(fail_on: str) -> frozenset[Severity]:
    if fail_on not in _FAILING:
        raise TypeError(f"fail_on is one of {', '.join(_FAILING)}, not {fail_on!r}")
    return _FAILING[fail_on]


def _judged(template: Any, rules: Sequence[Rule], settings: Settings) -> Outcome:
    outcome = judge(template, rules, settings)
    must_have_run(outcome)
    return outcome


def _fixed(data: dict[str, Any], rule: Rule, settings: Settings) -> Outcome:
    outcome = judge_data(data, [rule], settings, fix=True)
    must_have_run(outcome)
    return outcome


def _settings(under_test: Rule | None, given: SettingsGiven) -> Settings:
    """The settings, with the options of the rule under test. Raises SettingsError."""
    arguments: dict[str, Any] = dict(given)
    options, folder = arguments.pop("options", None), arguments.pop("settings", None)
    if folder is None:
        settings = Settings.load({"environment": "prod", **arguments})
    else:
        settings = load_settings(arguments.pop("environment", None), FilePath(folder), **arguments)
        settings = dataclasses.replace(settings, environment=settings.environment or "prod")
    if not options:
        return settings
    if under_test is None:
        raise TypeError("'options' are those of the rule under test: name a rule, or use 'rules'")
    said = settings.rules.get(under_test.id, RuleOverride())
    checked = values.options("options", under_test, options)
    said = dataclasses.replace(said, options={**said.options, **checked})
    return dataclasses.replace(settings, rules={**settings.rules, under_test.id: said})


def _difference(expected: Any, actual: Any, path: Path = ()) -> str:
    """The places where two templates differ, one a line."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys: list[Any] = list(dict.fromkeys([*expected, *actual]))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        keys = list(range(len(expected)))
    elif same(expected, actual):
        return ""
    else:
        return f"  {format_path(path)}: expected {pformat(expected)}, not {pformat(actual)}\n"
    return "".join(_difference(value_at(expected, (k,)), value_at(actual, (k,)), (*path, k)) for k in keys)
