"""What SARIF says of the rules: a descriptor of each that has a result."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.report.escaping import plain
from cdk_guardrails.report.model import FindingEntry
from cdk_guardrails.rules.base import Concern, FixSafety, RuleInfo

LONGEST: Final = 1024
"""What GitHub shows of a description."""

_SECURITY: Final = frozenset({Concern.ENCRYPTION, Concern.PUBLIC_ACCESS, Concern.IDENTITY})
_SECURITY_SEVERITY: Final[Mapping[str, str]] = {"error": "7.5", "warning": "5.0"}
"""GitHub's "high" and "medium". It reads them of rules with the tag ``security`` only."""

_TOOLS: Final[Mapping[str, str]] = {"cdk_nag": "cdk-nag", "checkov": "Checkov", "security_hub": "Security Hub"}
_FIXES: Final[Mapping[FixSafety, str]] = {
    FixSafety.SAFE: "The fix is safe: it is applied by default.",
    FixSafety.UNSAFE: "The fix is unsafe: it is applied only when asked for.",
    FixSafety.NONE: "There is no fix: a person must decide.",
}
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def descriptor(entry: FindingEntry, rule: RuleInfo | None) -> dict[str, Any]:
    """The reportingDescriptor of the rule of ``entry``; ``rule`` is None for the library's own findings.

    So it is for a rule of a package that is not installed where the report is read.
    """
    if rule is None:
        return _unknown(entry)
    described: dict[str, Any] = {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": _text(rule.title)},
        "fullDescription": {"text": _text(_said(rule))},
        "help": {"text": "\n\n".join(_help(rule, markdown=False)), "markdown": "\n\n".join(_help(rule, markdown=True))},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": _properties(rule),
    }
    return described | ({"helpUri": rule.same_as.aws[0]} if rule.same_as.aws else {})


def _unknown(entry: FindingEntry) -> dict[str, Any]:
    id_ = plain(entry.rule_id)
    title = _text(plain(entry.title) or f"cdk-guardrails says: {id_.replace('-', ' ')}")
    return {
        "id": id_,
        "name": id_,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": f"{title}."},
        "defaultConfiguration": {"level": entry.severity},
        "properties": {"tags": ["cdk-guardrails"], "precision": "high"},
    }


def _text(text: str) -> str:
    prose = _prose(text)
    return prose if len(prose) <= LONGEST else f"{prose[: LONGEST - 3]}..."


def _said(rule: RuleInfo) -> str:
    text = inspect.cleandoc(type(rule).__doc__ or "")
    body = " ".join((text.partition("\n")[2].strip() or text).split())
    return f"{body} {rule.why}"


def _help(rule: RuleInfo, *, markdown: bool) -> Iterator[str]:
    """Title, reasons, what a fix means, where more stands; each a paragraph."""
    yield f"**{_prose(rule.title)}.**" if markdown else f"{_prose(rule.title)}."
    yield _prose(_said(rule))
    yield f"{_FIXES[rule.fix_safety]} {_prose(rule.fix_note)}".strip()
    mark = "- " if markdown else ""
    references = [f"{mark}<{url}>" if markdown else url for url in rule.same_as.aws]
    for name, tool in _TOOLS.items():
        if ids := getattr(rule.same_as, name):
            references.append(f"{mark}{tool}: {', '.join(ids)}")
    if references:
        yield "\n".join(references)


def _prose(text: str) -> str:
    return text.replace("``", "`")


def _properties(rule: RuleInfo) -> dict[str, Any]:
    concern = _WORDS.sub("-", rule.concern.value).lower()
    tags = ["cdk-guardrails", concern]
    properties: dict[str, Any] = {
        "precision": "high",
        "problem.severity": rule.severity.value,
        "fix": rule.fix_safety.value,
    }
    if rule.concern in _SECURITY:
        tags.append("security")
        properties["security-severity"] = _SECURITY_SEVERITY[rule.severity.value]
    return {"tags": tags, **properties}
