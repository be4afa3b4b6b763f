"""What the assertions take, and how each is judged: templates as data, text or files; stacks, Stages, whole apps."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cdk_guardrails import checking
from cdk_guardrails.engine import Outcome
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.report import table
from cdk_guardrails.report.model import Report
from cdk_guardrails.rules.base import Concern, Finding, Rule
from cdk_guardrails.rules.registry import every_rule
from cdk_guardrails.session import Coverage, Session
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import App, Template
from cdk_guardrails.template.loader import load as load_file
from cdk_guardrails.template.loader import loads

ONE: Final = "a template (a mapping, YAML or JSON text, the Path of a file, an assertions.Template)"
EXPECTED: Final = f"{ONE}, a construct (a Stack, a Stage, an App ...) or a cloud assembly"

_WIDTH: Final = 1000
"""Columns of messages: pytest breaks lines, and what is looked for in them stands in one."""

_asking: list[bool] = []
"""Not empty while the assertions themselves synthesize."""


def is_asking() -> bool:
    """Whether it is an assertion that synthesizes, not the user's test: the pytest plugin judges only the latter."""
    return bool(_asking)


def load(template: Any) -> dict[str, Any]:
    """A copy of one template as plain data. A stack is synthesized.

    Raises TypeError for anything else than one template, TemplateError for what is no CloudFormation.
    """
    if isinstance(template, str):
        return loads(template).data
    if isinstance(template, Path):
        return load_file(template).data
    if isinstance(template, Mapping):
        return copy.deepcopy(dict(template))
    if hasattr(template, "template_file"):
        return _of_stack(template)
    if not hasattr(template, "to_json"):
        one = ", which may have many templates: pass one of its stacks" if hasattr(template, "node") else ""
        raise TypeError(f"expected {ONE} or a Stack, not {_named(template)}{one}")
    data: dict[str, Any] = template.to_json()
    return data


def _of_stack(stack: Any) -> dict[str, Any]:
    from aws_cdk import assertions  # only here: rules are tested without Node

    with _being_asked():
        return dict(assertions.Template.from_stack(stack).to_json())


def judge(what: Any, rules: Sequence[Rule], settings: Settings) -> Outcome:
    """What ``rules`` find in a template, or in all templates of a construct, a folder or an assembly. Nothing is fixed.

    Raises TypeError for anything else, GuardrailsError for what cannot be read.
    """
    if isinstance(what, str | Mapping) or hasattr(what, "to_json"):
        return judge_data(load(what), rules, settings, fix=False)
    if hasattr(what, "node"):
        with _being_asked():
            return judge_construct(synthesized(what), what.node.path, rules, settings)
    if isinstance(what, Path) or hasattr(what, "directory"):
        return checking.judge(checking.read([getattr(what, "directory", what)]), settings, rules=rules)
    raise TypeError(f"expected {EXPECTED}, not {_named(what)}")


def judge_data(data: dict[str, Any], rules: Sequence[Rule], settings: Settings, *, fix: bool) -> Outcome:
    """One run over a template, which fixes change in place, with the suppressions in its Metadata."""
    app = App()
    Template(data, name="template", app=app)
    return checking.judge(checking.Templates(app), settings, rules=rules, fix=fix)


def synthesized(construct: Any) -> Mapping[str, Any]:
    """What the bridge knows of the app of ``construct``, whose templates are written if they were not yet."""
    root = construct.node.root
    if not hasattr(root, "synth"):
        raise TypeError(f"{_named(construct)} is in no App: nothing can be synthesized")
    try:
        root.synth()
    except RuntimeError as error:  # the app's own plugins (Guardrails, cdk-nag) have judged what is written by then
        if "ValidationFailed" not in str(error):
            raise
    return describe(construct)


def describe(construct: Any) -> Mapping[str, Any]:
    """What the bridge knows of the app of ``construct``, which has been synthesized."""
    from cdk_guardrails.bridge import BatchAspect  # only here: rules are tested without Node

    described: Mapping[str, Any] = json.loads(BatchAspect.describe(construct.node.root))
    return described


def judge_construct(described: Mapping[str, Any], path: str, rules: Sequence[Rule], settings: Settings) -> Outcome:
    """What a synthesis in mode ``check`` would find at the construct ``path`` and below, suppressions included.

    Rules look across all templates of the app; the app's own Python is not judged.
    """
    session = Session()
    given = dataclasses.replace(settings, mode="check", lint_source=False)
    coverage = Coverage(path, given, frozenset(Concern))
    coverage.rules = list(rules)
    session.cover(coverage)
    outcome = session.check(described)
    outcome.findings = [finding for finding in outcome.findings if not _is_about_others(finding, path)]
    return outcome


def _is_about_others(finding: Finding, path: str) -> bool:
    """Whether it says that a suppression is of no use which stands outside of what was judged."""
    return finding.rule == "unused-suppression" and not is_within(finding.origin.construct_path, path)


def is_within(path: str, scope: str) -> bool:
    """Whether the construct at ``path`` is the one at ``scope``, or below it."""
    return not scope or path == scope or path.startswith(f"{scope}/")


def about_rule(findings: Iterable[Finding], rule: Rule) -> list[Finding]:
    """The findings of ``rule``, and what the library says of itself that is about it or about no rule."""
    own = [finding for finding in findings if finding.rule == rule.id or finding.rule in OWN_IDS]
    return [finding for finding in own if finding.rule == rule.id or _rule_in(finding.detail) in ("", rule.id)]


def _rule_in(detail: str) -> str:
    return detail.partition("[")[0]


def listed(findings: Sequence[Finding], settings: Settings, rules: Iterable[Rule] = ()) -> str:
    """The findings for people: rule, place, what is wrong, what to do, how to suppress it. Secrets are masked."""
    known = {**every_rule(), **{rule.id: rule for rule in rules}}
    report = Report.build([Outcome(findings=list(findings))], settings, rules=known)
    return table.render(report, width=_WIDTH).rstrip("\n")


@contextmanager
def _being_asked() -> Iterator[None]:
    _asking.append(True)
    try:
        yield
    finally:
        _asking.pop()


def _named(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
