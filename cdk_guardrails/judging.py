"""One judgement over the templates of an app, with every suppression that is about them. All hosts call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cdk_guardrails.engine import Covers, Outcome, run
from cdk_guardrails.own_findings import read_suppressions
from cdk_guardrails.rules.base import Finding, Rule
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions, from_metadata
from cdk_guardrails.template import App, Template


def everywhere(_template: Template, _logical_id: str, _rule: Rule) -> bool:
    """Every rule judges every resource."""
    return True


def judge(
    app: App,
    rules: Sequence[Rule],
    settings: Settings,
    collected: Iterable[Mapping[str, Any]] = (),
    *,
    fix: bool = False,
    covers: Covers = everywhere,
) -> tuple[Outcome, Suppressions]:
    """What ``rules`` say of ``app``, and the suppressions that were asked: those of no use are the host's to tell.

    ``collected``: suppressions beside those in Metadata and comments, as hosts collect them.
    """
    suppressions, problems = suppressions_of(app, settings, collected)
    outcome = run(app, rules, settings, suppressions, fix=fix, covers=covers)
    if _in_python(finding.origin.source for finding in outcome.findings):
        from cdk_guardrails.code_comments import hold_in_functions

        problems += hold_in_functions(outcome, suppressions, settings)
    outcome.findings += problems
    return outcome, suppressions


def suppressions_of(
    app: App, settings: Settings, collected: Iterable[Mapping[str, Any]]
) -> tuple[Suppressions, list[Finding]]:
    """All suppressions that are about ``app``, and a finding for each that cannot be taken."""
    entries = [*collected, *_in_metadata(app)]
    if _in_python(template.origin(id_).source for template in app.templates for id_ in template.resources):
        from cdk_guardrails.code_comments import comment_entries

        entries += comment_entries(app)
    return read_suppressions(entries, settings.today, settings.unsuppressable, settings.ignore_suppressions)


def _in_python(sources: Iterable[str]) -> bool:
    """Whether comments may be about them. What reads Python is imported only then."""
    return any(".py:" in source for source in sources)


def _in_metadata(app: App) -> list[Mapping[str, Any]]:
    """Suppressions in the templates' Metadata."""
    return [
        entry
        for template in app.templates
        for id_, resource in template.resources.items()
        if "Metadata" in resource.data
        for entry in from_metadata(template.name, id_, resource.data["Metadata"])
    ]
