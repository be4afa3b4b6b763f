"""What is true of every rule about resources: `cdk_guardrails.testing.check_rule`."""

from __future__ import annotations

import copy
import datetime
import json
import pathlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from cdk_guardrails import engine
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules.base import Example, Finding, FixSafety, Rule, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.template.edits import Path, apply, format_path, value_at
from cdk_guardrails.template.loader import loads
from cdk_guardrails.testing.source import is_described, must, named

EXAMPLE_TAGS: Final = {"Environment": "prod", "Owner": "team", "Project": "shop", "Department": "sales"}
"""The tags that `check_rule` gives to examples that name none."""

REPLACEMENTS: Final[tuple[Any, ...]] = (
    *({"Ref": "SomeParameter"}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": ["Other", "Arn"]}, {"Fn::Sub": "${Other}-x"}),
    {"Fn::If": ["SomeCondition", {"Ref": "AWS::NoValue"}, "value"]},
    *(None, "", [], {}, 7),
)
"""What `check_rule` puts in place of each part of an example: intrinsic functions, and values of a wrong type."""


def check_rule(rule: Rule) -> None:
    """Holds ``rule`` to what is true of every rule about resources.

    It says what it is and why; it finds its ``bad`` example and leaves ``good`` alone; its fix puts bad right, once, by
    its edits alone; it survives any part of its examples as an intrinsic function or of a wrong type; what it adds
    satisfies all other rules. Raises AssertionError that names the rule and the property.
    """
    for name, holds in _CONTRACT.items():
        with named(f"{rule.id}: {name}"):
            holds(rule)


def _is_described(rule: Rule) -> None:
    is_described(rule)
    fixes = type(rule).fix is not Rule.fix
    must(fixes == (rule.fix_safety is not FixSafety.NONE), f"fix_safety {rule.fix_safety.value}, but is there a fix?")
    must(bool(rule.fix_note.strip()) == fixes, "fix_note says what the fix means for a deployed resource")


def _finds_bad(rule: Rule) -> None:
    data = _load(rule.bad.template)
    untouched = copy.deepcopy(data)
    findings = _run(data, [rule], example_settings(rule, rule.bad), fix=False, files=rule.bad.files).findings
    must(findings, "the bad example has no finding")
    for finding in findings:
        must(finding.rule == rule.id, f"a finding says it is of {finding.rule}")
        must(finding.message.strip(), "a finding has no message")
    must(data == untouched, "check has changed the template")


def _leaves_good_alone(rule: Rule) -> None:
    data = _load(rule.good.template)
    outcome = _run(data, [rule], example_settings(rule, rule.good), fix=True, files=rule.good.files)
    must(not outcome.findings and not outcome.fixes, _listed(outcome.findings) or f"it was fixed: {outcome.fixes}")


def _fixes_bad(rule: Rule) -> None:
    if rule.fix_safety is FixSafety.NONE:
        return
    settings = example_settings(rule, rule.bad)
    data = _load(rule.bad.template)
    first = _run(data, [rule], settings, fix=True)
    must(first.fixes and not first.failed, f"nothing was fixed, or not all: {first.failed}")
    must(not first.findings, f"the fixed template has findings:\n{_listed(first.findings)}")
    second = _run(copy.deepcopy(data), [rule], settings, fix=True)
    must(not second.fixes, f"the fixed template is fixed again: {second.fixes}")
    replayed = _load(rule.bad.template)
    for edit in first.edits("template"):
        json.dumps(edit.value)
        if edit.adds_element and edit.section == "Resources":
            must(re.fullmatch("Guardrails[A-Za-z0-9]{1,245}", edit.logical_id), f"added logical id {edit.logical_id}")
        apply(replayed, edit)
    must(replayed == data, "its edits alone do not make what the fix made")


def _survives_anything(rule: Rule) -> None:
    for name, example in (("bad", rule.bad), ("good", rule.good)):
        settings = example_settings(rule, example)
        for path, replacement, data in _mutations(_load(example.template)):
            with named(f"with {format_path(path)} of {name} as {replacement!r}"):
                _run(data, [rule], settings, fix=True, files=example.files)


def _agrees_with_all(rule: Rule) -> None:
    data = _load(rule.bad.template)
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


def _run(
    data: dict[str, Any],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    fix: bool,
    files: Mapping[str, str] | None = None,
) -> Outcome:
    """One run over ``data``, which fixes change in place. Suppressions play no part. Raises as `must_have_run`."""
    app = App()
    with placed(files or {}) as file:
        Template(data, name="template", app=app, file=file)
        outcome = engine.run(app, rules, settings, Suppressions(datetime.date.min), fix=fix)
    must_have_run(outcome)
    return outcome


def must_have_run(outcome: Outcome) -> None:
    """Raises AssertionError for a rule that crashed, or fixes without end."""
    for crash in outcome.crashes:
        raise AssertionError(f"{crash.finding.message}\n{crash.traceback}")
    if not outcome.settled:
        last = "\n".join(f"  {item.finding.id}: {item.edit}" for item in outcome.fixes[-3:])
        raise AssertionError(f"the fixes never settle; the last were:\n{last}")


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


def _load(text: str) -> dict[str, Any]:
    return loads(text).data


def _listed(findings: Sequence[Finding]) -> str:
    return "\n".join(f"  {item.id} {item.logical_id} {item.location}: {item.message}" for item in findings)


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
