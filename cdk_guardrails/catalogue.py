"""The catalogue of rules, as a table or JSON, and the page of one: for the command line."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cdk_guardrails import docs_pages
from cdk_guardrails.errors import SettingsError, nearest
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.rules.base import Rule, RuleInfo
from cdk_guardrails.rules.registry import every_rule
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import NAMESPACE

_HEAD: Final = ("RULE", "SEVERITY", "FIX", "WHAT IT WANTS")

OWN_PAGES: Final[Mapping[str, str]] = {
    "environment-unset": """
        No environment was given, so the rules are those of the strictest profile, `prod`.

        Give one: `Guardrails(environment="dev")`, `environment` in the settings file, or `--environment`.""",
    "expired-suppression": """
        A suppression has a last day, `until`, and that has passed: what it held back is a finding again.

        Fix the finding, or renew the suppression with a new date and a reason that still holds.""",
    "fix-not-applied": """
        A fix should have been made and was not: the aspects of the app never came to rest, or one rule undoes what
        another does.

        Set `@aws-cdk/core:aspectStabilization` to true in cdk.json, or turn off one of the two rules.""",
    "invalid-suppression": """
        A suppression cannot be taken: it has no reason, names no rule, its date is no date, or the settings say that
        its rule may not be suppressed. It holds nothing back.

        Mend or remove it.""",
    "linter-failed": """
        A linter that the source rules ask (ruff, a type checker) did not do its work, so the rules that the message
        names judged nothing or only a part.

        Run that linter by itself to see why.""",
    "linter-missing": """
        A linter that the source rules ask (ruff, a type checker) is not installed, so the rules that the message names
        judged nothing or only a part.

        `pip install 'cdk-guardrails[lint]'`""",
    "nothing-to-guard": """
        Guardrails were added to a scope in which no CloudFormation resource was found. Often the line stands on the
        wrong construct, or before another App was made.""",
    "report-not-written": """
        The report, `guardrails-report.json`, could not be written beside the templates: a full disk, or a folder that
        may not be written to.""",
    "rule-crashed": """
        A rule raised an error while it judged a resource or a file. That is a fault of the rule: what it would have
        found is not known, so this is never a pass. The other rules ran.

        The traceback is in the report. Report it to the rule's author; until then, turn the rule off.""",
    "source-unread": """
        A Python file of the app was not linted: it is no valid Python, is too large, or cannot be read.""",
    "stage-uncovered": """
        A Stage or a stack was not judged, since its template was not there or the aspects could not reach it. What is
        wrong in it is not known, so this is never a pass.""",
    "unresolved-construct": """
        A construct raised an error when the CDK was asked for its CloudFormation, so nothing is known of it.""",
    "unused-suppression": """
        A suppression matches no finding: what it was for is gone, it names the wrong rule, or it stands on the wrong
        construct.

        Remove it.""",
}
"""What the library's own findings mean. They are no rules: no setting turns them off."""


def page_of(id_: str) -> str:
    """The page of a rule or of one of the library's own findings, in Markdown.

    ``id_`` may be as findings show it: with a detail, qualified. Raises SettingsError that offers the nearest one.
    """
    name = id_.strip().removeprefix(NAMESPACE).partition("[")[0]
    if name in OWN_IDS:
        text = textwrap.dedent(OWN_PAGES[name]).strip()
        return f"# {name}\n\n{text}\n\nSeverity: {OWN_IDS[name].value}. No setting turns it off.\n"
    rules = every_rule()
    if name not in rules:
        raise SettingsError(f"there is no rule '{name}'.{nearest(name, (*rules, *OWN_IDS))}")
    return docs_pages.page(rules[name])


def to_table(rules: Iterable[RuleInfo], settings: Settings) -> str:
    """A line for each rule, in columns."""
    rows = [_HEAD, *(_columns(rule, settings) for rule in sorted(rules, key=lambda rule: rule.id))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    return "".join(_line(row, widths) for row in rows)


def _columns(rule: RuleInfo, settings: Settings) -> tuple[str, ...]:
    severity = settings.for_rule(rule).severity.value
    return rule.id, severity, docs_pages.FIX_WORD[rule.fix_safety], rule.title.replace("``", "`")


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    *cells, last = row
    return "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last]) + "\n"


def to_json(rules: Iterable[RuleInfo], settings: Settings) -> str:
    """All that the rules say of themselves; ``severity`` is the one that the settings give."""
    rows = [_row(rule, settings) for rule in sorted(rules, key=lambda rule: rule.id)]
    return json.dumps({"rules": rows}, indent=2) + "\n"


def _row(rule: RuleInfo, settings: Settings) -> dict[str, Any]:
    here = settings.for_rule(rule)
    same = rule.same_as
    return {
        "id": rule.id,
        "title": rule.title,
        "why": rule.why,
        "service": docs_pages.service(rule),
        "judges": list(rule.resource_types) if isinstance(rule, Rule) else ["Python"],
        "concern": rule.concern.value,
        "severity": here.severity.value,
        "default_severity": rule.severity.value,
        "profiles": list(rule.profiles),
        "fix": rule.fix_safety.value,
        "fixes_here": here.fixes,
        "options": {option.name: _option(option.description, here.options[option.name]) for option in rule.options},
        "references": list(same.aws),
        "same_as": {tool: list(getattr(same, tool)) for tool in ("cdk_nag", "checkov", "security_hub")},
    }


def _option(description: str, value: Any) -> dict[str, Any]:
    return {"value": list(value) if isinstance(value, tuple) else value, "description": description}
