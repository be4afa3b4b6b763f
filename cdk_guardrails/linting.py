"""Runs the source rules over the app's own Python: findings, suppressions in comments, a rule that crashes."""

from __future__ import annotations

import traceback
from collections.abc import Collection

from cdk_guardrails.engine import Crash, Outcome
from cdk_guardrails.own_findings import about_suppressions, own, read_suppressions
from cdk_guardrails.rules.base import Concern, Finding, Severity, SourceRule
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.settings import RuleSettings, Settings
from cdk_guardrails.source.comments import suppressions_in
from cdk_guardrails.source.project import Module, Project
from cdk_guardrails.suppressions import Suppressions


def lint(project: Project, settings: Settings, concerns: Collection[Concern] = frozenset(Concern)) -> Outcome:
    """What the source rules of the given concerns say of ``project``. Nothing of it is imported or run."""
    rules = [(rule, settings.for_rule(rule)) for rule in source_rules().values() if rule.concern in concerns]
    rules = [(rule, said) for rule, said in rules if said.severity is not Severity.OFF]
    entries = [entry for module in project.modules for entry in suppressions_in(module)]
    suppressions, problems = read_suppressions(
        entries, settings.today, settings.unsuppressable, settings.ignore_suppressions
    )
    outcome = Outcome(findings=[_unread(place, reason) for place, reason in project.unread])
    for rule, said in rules:
        for module in project.modules:
            _judge(rule, said, module, suppressions, outcome)
    judged = frozenset(rule.id for rule, _ in rules)
    outcome.findings += [*problems, *about_suppressions(suppressions, judged)]
    outcome.findings += [crash.finding for crash in outcome.crashes]
    return outcome


def _judge(
    rule: SourceRule, settings: RuleSettings, module: Module, suppressions: Suppressions, outcome: Outcome
) -> None:
    outcome.rules_run += 1
    try:
        found = list(rule.check(module, settings))
    except Exception as error:  # a rule's crash must not hide the findings of the others
        outcome.crashes.append(_crash(rule, module, error))
        return
    for finding in found:
        if settings.severity_override:
            finding = finding._replace(severity=settings.severity_override)
        if suppression := suppressions.holding(finding):
            outcome.suppressed.append((finding, suppression))
        else:
            outcome.findings.append(finding)


def _unread(place: str, reason: str) -> Finding:
    return own("source-unread", f"this file was not linted: {reason}", "", source=f"{place}:1")


def _crash(rule: SourceRule, module: Module, error: Exception) -> Crash:
    message = f"the rule {rule.id} crashed on this file: {type(error).__name__}: {error}"
    finding = own("rule-crashed", message, "", detail=rule.id, source=f"{module.path}:1:1")
    return Crash(finding, "".join(traceback.format_exception(error)))
