"""Comments in code hold back what is said of resources, too: those that the line makes, or whose functions run it."""

from __future__ import annotations

from typing import Any

from cdk_guardrails.engine import Outcome
from cdk_guardrails.own_findings import read_suppressions
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.settings import Settings
from cdk_guardrails.source.comments import suppressions_in_files
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App


def comment_entries(app: App) -> list[dict[str, Any]]:
    """Suppressions in comments on the lines that made the resources."""
    origins = (template.origin(id_) for template in app.templates for id_ in template.resources)
    return suppressions_in_files(origin.place[0] for origin in origins)


def hold_in_functions(outcome: Outcome, suppressions: Suppressions, settings: Settings) -> list[Finding]:
    """Holds back what comments in the code of functions say. Only the findings tell which files that is.

    Returns what is wrong with these comments.
    """
    entries = suppressions_in_files(finding.origin.place[0] for finding in outcome.findings)
    read, problems = read_suppressions(entries, settings.today, settings.unsuppressable, settings.ignore_suppressions)
    if new := [entry for entry in read.entries if entry not in suppressions.entries]:
        suppressions.extend(new)
        held = [(finding, suppressions.holding(finding)) for finding in outcome.findings]
        outcome.suppressed += [(finding, suppression) for finding, suppression in held if suppression]
        outcome.findings = [finding for finding, suppression in held if not suppression]
    return problems
