"""Assertions for unit tests: a template, its YAML text or a CDK Stack in; an AssertionError says what is wrong.

    assert_clean(stack, environment="prod", tags={"Owner": "payments"})
    assert_flags("Resources: ...", "s3-versioning", path="VersioningConfiguration.Status")
    assert_fixed(before, after, "s3-versioning")

Settings, the same for all three: ``environment`` (default ``prod``), ``tags``, ``options`` of the rule under test,
``unsafe_fixes``, and ``rules``, overrides of any rule as settings write them: ``{"s3-access-logs": "off"}``.
Suppressions play no part. A rule that crashes fails every assertion. `check_rule` holds a rule to what is true of all,
`check_source_rule` one that judges Python.
"""

from __future__ import annotations

import copy
import datetime
import json
import pathlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pprint import pformat
from typing import TYPE_CHECKING, Any, Final, TypedDict

from cdk_guardrails import engine
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules.base import Example, Finding, FixSafety, Rule, Severity
from cdk_guardrails.rules.registry import all_rules, rule_of
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.template.edits import Path, apply, format_path, value_at
from cdk_guardrails.template.loader import loads
from cdk_guardrails.template.writing import same
from cdk_guardrails.testing_source import check_source_rule, is_described, must, named

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "assert_clean",
    "assert_fixed",
    "assert_flags",
    "check_rule",
    "check_source_rule",
    "example_settings",
    "load",
]

EXAMPLE_TAGS: Final = {"Environment": "prod", "Owner": "team", "Project": "shop", "Department": "sales"}
"""The tags that `check_rule` gives to examples that name none."""

REPLACEMENTS: Final[tuple[Any, ...]] = (
    *({"Ref": "SomeParameter"}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": ["Other", "Arn"]}, {"Fn::Sub": "${Other}-x"}),
    {"Fn::If": ["SomeCondition", {"Ref": "AWS::NoValue"}, "value"]},
    *(None, "", [], {}, 7),
)
"""What `check_rule` puts in place of each part of an example: intrinsic functions, and values of a wrong type."""


class SettingsGiven(TypedDict, total=False):
    """The settings that the assertions take, by keyword."""

    environment: str
    tags: Mapping[str, str]
    options: Mapping[str, Any]
    unsafe_fixes: bool
    rules: Mapping[str, Any]


def assert_clean(template: Any, rule: str | None = None, **settings: Unpack[SettingsGiven]) -> None:
    """No finding of ``rule``, or of any rule, warnings included. Nothing is fixed: what is judged is what you pass."""
    rules = [rule_of(rule)] if rule else list(all_rules().values())
    outcome = _run(load(template), rules, _settings(rules if rule else [], settings), fix=False)
    if outcome.findings:
        raise AssertionError(f"expected no finding, not these {len(outcome.findings)}:\n{_listed(outcome.findings)}")


def assert_flags(
    template: Any,
    rule: str,
    *,
    path: str | None = None,
    message: str | None = None,
    **settings: Unpack[SettingsGiven],
) -> list[Finding]:
    """At least one finding of ``rule`` (an id, perhaps with a detail: ``iam-wildcard-action[s3:*]``); returns them all.

    ``path`` is a property path (``VersioningConfiguration.Status``; ``DeletionPolicy`` or ``Outputs.Name`` outside of
    properties); ``message`` the whole message. One finding must match both.
    """
    wanted = rule_of(rule.partition("[")[0])
    outcome = _run(load(template), [wanted], _settings([wanted], settings), fix=False)
    found = [finding for finding in outcome.findings if rule in (finding.rule, finding.id)]
    if not found:
        raise AssertionError(f"expected a finding of {rule}, but it found {_listed(outcome.findings) or 'nothing'}")
    for finding in found:
        at_path = path in (None, finding.location, finding.location.removeprefix("Properties."))
        if at_path and message in (None, finding.message):
            return found
    wanted_at = f"{rule} at {path or 'any path'}: {message or 'any message'}"
    raise AssertionError(f"expected a finding of {wanted_at}\nfound:\n{_listed(found)}")


def assert_fixed(before: Any, after: Any, rule: str, **settings: Unpack[SettingsGiven]) -> None:
    """The fix of ``rule`` alone turns ``before`` into exactly ``after``, which has no finding and stays as it is."""
    wanted = [rule_of(rule)]
    template, expected = load(before), load(after)
    outcome = _run(template, wanted, _settings(wanted, settings), fix=True)
    for finding, error in outcome.failed:
        raise AssertionError(f"the fix of {finding.id} failed on {finding.logical_id}: {error}")
    if not same(template, expected):
        raise AssertionError(f"{rule} did not make what was expected:\n{_difference(expected, template)}")
    again = _run(template, wanted, _settings(wanted, settings), fix=True)
    if again.findings or again.fixes:
        raise AssertionError(f"{rule} is not satisfied with its own fix:\n{_listed(again.findings) or again.fixes}")


def load(template: Any) -> dict[str, Any]:
    """A copy of ``template`` as plain data: a mapping, YAML or JSON text, a CDK Stack or its assertions.Template."""
    if isinstance(template, str):
        return loads(template).data
    if isinstance(template, Mapping):
        return copy.deepcopy(dict(template))
    if not hasattr(template, "to_json"):
        from aws_cdk import assertions  # only here: rules are tested without Node

        template = assertions.Template.from_stack(template)
    data: dict[str, Any] = template.to_json()
    return data


def _settings(under_test: Sequence[Rule], given: SettingsGiven) -> Settings:
    arguments: dict[str, Any] = {"environment": "prod", **given}
    options = arguments.pop("options", None)
    if options:
        if not under_test:
            raise TypeError("'options' are those of the rule under test: name a rule, or use 'rules'")
        rules = given.get("rules", {})
        said = {rule.id: rules.get(rule.id, {}) for rule in under_test}
        said = {id_: {"severity": value} if isinstance(value, str) else value for id_, value in said.items()}
        arguments["rules"] = {**rules, **{id_: {**value, **options} for id_, value in said.items()}}
    return Settings.load(arguments)


def _run(
    data: dict[str, Any],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    fix: bool,
    files: Mapping[str, str] | None = None,
) -> Outcome:
    """One run over ``data``, which fixes change in place. Raises AssertionError for a crash, or fixes without end."""
    app = App()
    with placed(files or {}) as file:
        Template(data, name="template", app=app, file=file)
        outcome = engine.run(app, rules, settings, Suppressions(datetime.date.min), fix=fix)
    for crash in outcome.crashes:
        raise AssertionError(f"{crash.finding.message}\n{crash.traceback}")
    if not outcome.settled:
        last = "\n".join(f"  {item.finding.id}: {item.edit}" for item in outcome.fixes[-3:])
        raise AssertionError(f"the fixes never settle; the last were:\n{last}")
    return outcome


@contextmanager
def placed(files: Mapping[str, str]) -> Iterator[str]:
    """Where a template would lie that has these files beside it; "" without any."""
    if not files:
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield str(pathlib.Path(folder, "app.template.json"))


def _listed(findings: Sequence[Finding]) -> str:
    return "\n".join(f"  {item.id} {item.logical_id} {item.location}: {item.message}" for item in findings)


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


def check_rule(rule: Rule) -> None:
    """Holds ``rule`` to what is true of every rule. Raises AssertionError that names the rule and the property."""
    for name, holds in _CONTRACT.items():
        with named(f"{rule.id}: {name}"):
            holds(rule)


def _is_described(rule: Rule) -> None:
    is_described(rule)
    fixes = type(rule).fix is not Rule.fix
    must(fixes == (rule.fix_safety is not FixSafety.NONE), f"fix_safety {rule.fix_safety.value}, but is there a fix?")
    must(bool(rule.fix_note.strip()) == fixes, "fix_note says what the fix means for a deployed resource")


def _finds_bad(rule: Rule) -> None:
    data = load(rule.bad.template)
    untouched = copy.deepcopy(data)
    findings = _run(data, [rule], example_settings(rule, rule.bad), fix=False, files=rule.bad.files).findings
    must(findings, "the bad example has no finding")
    for finding in findings:
        must(finding.rule == rule.id, f"a finding says it is of {finding.rule}")
        must(finding.message.strip(), "a finding has no message")
    must(data == untouched, "check has changed the template")


def _leaves_good_alone(rule: Rule) -> None:
    data = load(rule.good.template)
    outcome = _run(data, [rule], example_settings(rule, rule.good), fix=True, files=rule.good.files)
    must(not outcome.findings and not outcome.fixes, _listed(outcome.findings) or f"it was fixed: {outcome.fixes}")


def _fixes_bad(rule: Rule) -> None:
    if rule.fix_safety is FixSafety.NONE:
        return
    settings = example_settings(rule, rule.bad)
    data = load(rule.bad.template)
    first = _run(data, [rule], settings, fix=True)
    must(first.fixes and not first.failed, f"nothing was fixed, or not all: {first.failed}")
    must(not first.findings, f"the fixed template has findings:\n{_listed(first.findings)}")
    second = _run(copy.deepcopy(data), [rule], settings, fix=True)
    must(not second.fixes, f"the fixed template is fixed again: {second.fixes}")
    replayed = load(rule.bad.template)
    for edit in first.edits("template"):
        json.dumps(edit.value)
        if edit.adds_element and edit.section == "Resources":
            must(re.fullmatch("Guardrails[A-Za-z0-9]{1,245}", edit.logical_id), f"added logical id {edit.logical_id}")
        apply(replayed, edit)
    must(replayed == data, "its edits alone do not make what the fix made")


def _survives_anything(rule: Rule) -> None:
    for name, example in (("bad", rule.bad), ("good", rule.good)):
        settings = example_settings(rule, example)
        for path, replacement, data in _mutations(load(example.template)):
            with named(f"with {format_path(path)} of {name} as {replacement!r}"):
                _run(data, [rule], settings, fix=True, files=example.files)


def _agrees_with_all(rule: Rule) -> None:
    data = load(rule.bad.template)
    before = set(data["Resources"])
    outcome = _run(data, list((all_rules() | {rule.id: rule}).values()), example_settings(rule, rule.bad), fix=True)
    left = [f for f in outcome.findings if f.logical_id and f.logical_id not in before and f.severity is Severity.ERROR]
    must(not left, f"resources that fixes added have findings:\n{_listed(left)}")


_CONTRACT: Final[Mapping[str, Callable[[Rule], None]]] = {
    "it is described": _is_described,
    "bad is found": _finds_bad,
    "good is clean and stays as it is": _leaves_good_alone,
    "bad is fixed, once": _fixes_bad,
    "it never crashes": _survives_anything,
    "it agrees with all other rules": _agrees_with_all,
}


def example_settings(rule: Rule, example: Example) -> Settings:
    """The example's settings, with the fix of ``rule`` switched on when it has one."""
    fix = rule.fix_safety is not FixSafety.NONE or None
    rules = {rule.id: RuleOverride(fix=fix, options=example.options)}
    return Settings(environment=example.environment, tags=example.tags or EXAMPLE_TAGS, rules=rules)


def _mutations(data: dict[str, Any]) -> Iterator[tuple[Path, Any, dict[str, Any]]]:
    """``data`` with one part replaced, for each part below Resources and the other sections and each replacement."""
    for path in list(_paths(data, ())):
        if path == ("Resources",):
            continue
        for replacement in REPLACEMENTS:
            mutant = copy.deepcopy(data)
            value_at(mutant, path[:-1])[path[-1]] = copy.deepcopy(replacement)
            yield path, replacement, mutant


def _paths(value: Any, path: Path) -> Iterator[Path]:
    keys: Iterable[Any] = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*path, key)
        yield from _paths(value[key], (*path, key))
