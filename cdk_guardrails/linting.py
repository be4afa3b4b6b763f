"""Runs the source rules over the app's own Python: findings, suppressions in comments, a rule that crashes."""

from __future__ import annotations

import ast
import sys
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from cdk_guardrails.engine import Crash, Outcome
from cdk_guardrails.masking import MASKED
from cdk_guardrails.own_findings import about_suppressions, own, read_suppressions
from cdk_guardrails.rules.base import Concern, Finding, Severity, SourceRule
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.settings import RuleSettings, Settings
from cdk_guardrails.source.comments import suppressions_in
from cdk_guardrails.source.linters import AnyLinter
from cdk_guardrails.source.loaded import loaded_project
from cdk_guardrails.source.programs import ProgramError
from cdk_guardrails.source.project import MAX_DEPTH, Module, Project
from cdk_guardrails.suppressions import Suppressions

_INSTALL: Final = "Run pip install 'cdk-guardrails[lint]'."

_FRAMES_PER_NODE: Final = 4
"""Calls that a rule may need for a step down in a syntax tree: a visitor's visit, visit_X and generic_visit."""


def lint(
    project: Project,
    settings: Settings,
    concerns: Collection[Concern] = frozenset(Concern),
    *,
    rules: Iterable[SourceRule] | None = None,
    suppressed: Iterable[Mapping[str, Any]] = (),
) -> Outcome:
    """What the source rules say of ``project``. Nothing of it is imported or run.

    ``rules``: those to ask, default: all of the given concerns. ``suppressed``: suppressions beside those in comments,
    as hosts collect them.
    """
    asked = source_rules().values() if rules is None else rules
    chosen = [(rule, settings.for_rule(rule)) for rule in asked if rule.concern in concerns]
    active = [(rule, said) for rule, said in chosen if said.severity is not Severity.OFF]
    linters = _linters(rule for rule, _ in active)
    for linter in linters:
        linter.start(project)
    entries = [*suppressed, *(entry for module in project.modules for entry in suppressions_in(module))]
    suppressions, problems = read_suppressions(
        entries, settings.today, settings.unsuppressable, settings.ignore_suppressions
    )
    outcome = Outcome(findings=[_unread(place, reason) for place, reason in project.unread])
    with _deep_calls():
        for rule, said in active:
            _judge(rule, said, project.modules, suppressions, outcome)
    problems += [_without(error, linters[linter]) for linter in linters if (error := linter.problem(project))]
    judged = frozenset(rule.id for rule, _ in active if not any(linter.problem(project) for linter in rule.linters))
    outcome.findings += [*problems, *about_suppressions(suppressions, judged)]
    outcome.findings += [crash.finding for crash in outcome.crashes]
    return outcome


def lint_loaded(
    wanted: Iterable[tuple[Settings, frozenset[Concern]]], suppressed: Iterable[Mapping[str, Any]]
) -> Iterator[Outcome]:
    """What is wrong with the app's own modules in this process, each concern by the first settings that want it.

    Of ``suppressed``, what is about the whole app holds here, too.
    """
    of_app = [entry for entry in suppressed if not any(entry.get(key) for key in ("path", "glob", "logical_id"))]
    done: set[Concern] = set()
    for settings, concerns in wanted:
        if new := concerns - done:
            done |= new
            try:
                yield lint(loaded_project(), settings, new, suppressed=of_app)
            except Exception as error:  # a fault of ours must not hide what is wrong with the templates
                yield _not_linted(error)


def _not_linted(error: Exception) -> Outcome:
    text = f"the app's own Python could not be linted: {type(error).__name__}"
    trace = "".join(traceback.format_tb(error.__traceback__))  # not its message, which may quote a secret
    crash = Crash(own("rule-crashed", text, ""), trace)
    return Outcome(findings=[crash.finding], crashes=[crash])


@contextmanager
def _deep_calls() -> Iterator[None]:
    """Lets rules go down the deepest tree that a Module may have."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, before + MAX_DEPTH * _FRAMES_PER_NODE))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _judge(
    rule: SourceRule, settings: RuleSettings, modules: Sequence[Module], suppressions: Suppressions, outcome: Outcome
) -> None:
    for module in modules:
        outcome.rules_run += 1
        for finding in _found(rule, settings, module, outcome):
            if suppression := suppressions.holding(finding):
                outcome.suppressed.append((finding, suppression))
            else:
                outcome.findings.append(finding)


def _found(rule: SourceRule, settings: RuleSettings, module: Module, outcome: Outcome) -> list[Finding]:
    try:
        found = list(rule.check(module, settings))
    except Exception as error:  # a rule's crash must not hide the findings of the others
        outcome.crashes.append(_crash(rule, module, error))
        return []
    if settings.severity_override:
        return [finding._replace(severity=settings.severity_override) for finding in found]
    return found


def _linters(rules: Iterable[SourceRule]) -> dict[AnyLinter, list[str]]:
    """The linters of others that the rules need, each with the rules that need it."""
    found: dict[AnyLinter, list[str]] = {}
    for rule in rules:
        for linter in rule.linters:
            found.setdefault(linter, []).append(rule.id)
    return found


def _without(error: ProgramError, rules: Sequence[str]) -> Finding:
    """What it means that a linter is not there, or did not do its work."""
    id_, remedy = ("linter-missing", _INSTALL) if error.missing else ("linter-failed", "")
    less = "nothing there" if error.partly else "nothing"
    return own(id_, f"{error}: {less} was judged by {', '.join(sorted(rules))}", "", remedy=remedy, detail=error.name)


def _unread(place: str, reason: str) -> Finding:
    return own("source-unread", f"this file was not linted: {reason}", "", source=f"{place}:1")


def _crash(rule: SourceRule, module: Module, error: Exception) -> Crash:
    message = f"the rule {rule.id} crashed on this file: {type(error).__name__}: {error}"
    finding = own("rule-crashed", _without_texts(message, module), "", detail=rule.id, source=f"{module.path}:1:1")
    return Crash(finding, _without_texts("".join(traceback.format_exception(error)), module))


def _without_texts(said: str, module: Module) -> str:
    """What an error says, without the texts of the module that it quotes: one may be a secret."""
    texts = {node.value for node in module.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for text in sorted(texts, key=lambda text: (-len(text), text)):
        if len(text.strip()) > 3:
            said = said.replace(text, MASKED).replace(repr(text)[1:-1], MASKED)
    return said
