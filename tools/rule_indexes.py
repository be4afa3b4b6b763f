"""The pages that list all rules: by service, by concern, by report line, and by the ids of other tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cdk_guardrails.docs_pages import markdown_table, service, table
from cdk_guardrails.rules.base import Concern, RuleInfo, SameAs
from tools.report_lines import REPORT_LINES, REPORTS

WRITTEN: Final = "Written by `make docs` from the rules themselves."
OTHERS: Final = (
    "Other lists of the rules: [by service](README.md), [by concern](by-concern.md), "
    "[by line of the failure reports](by-report-line.md), [by the ids of other tools](same-as.md)."
)

TOOLS: Final[dict[str, Callable[[SameAs], tuple[str, ...]]]] = {
    "cdk-nag: AwsSolutions": lambda same: _starting(same.cdk_nag, "AwsSolutions-"),
    "cdk-nag: Serverless": lambda same: _starting(same.cdk_nag, "Serverless-"),
    "cdk-nag: NIST 800-53 r5": lambda same: _starting(same.cdk_nag, "NIST.800.53.R5-"),
    "cdk-nag: other packs": lambda same: tuple(
        id_ for id_ in same.cdk_nag if not id_.startswith(("AwsSolutions-", "Serverless-", "NIST.800.53.R5-"))
    ),
    "Checkov": lambda same: same.checkov,
    "Security Hub": lambda same: same.security_hub,
}
"""A tool, and what it calls the same check."""


def pages(rules: Iterable[RuleInfo]) -> dict[str, str]:
    """Every list, by file name."""
    rules = sorted(rules, key=lambda rule: rule.id)
    lists = {
        "README.md": ("The rules", _by_service(rules)),
        "by-concern.md": ("The rules by concern", _by_concern(rules)),
        "by-report-line.md": ("The rules by line of the failure reports", _by_line(rules)),
        "same-as.md": ("What other tools call it", _same_as(rules)),
    }
    return {
        name: "\n\n".join([f"# {title}", f"{WRITTEN} {OTHERS}", *parts]) + "\n"
        for name, (title, parts) in lists.items()
    }


def overview(rules: Iterable[RuleInfo], folder: str) -> str:
    """One line per service with links to its rules' pages below ``folder``, for the README."""
    rows = [(name, _links(group, folder)) for name, group in _grouped(rules, service)]
    return markdown_table(("Service", "Rules"), rows)


def _by_service(rules: list[RuleInfo]) -> Iterator[str]:
    for name, group in _grouped(rules, service):
        yield f"## {name}"
        yield table(group, "")


def _by_concern(rules: list[RuleInfo]) -> Iterator[str]:
    yield 'Each concern is an Aspect of its own: `Encryption(environment="prod")` applies the rules of that line alone.'
    rows = [(f"`{concern.value}`", _links(r for r in rules if r.concern is concern)) for concern in Concern]
    yield markdown_table(("Aspect", "Rules"), rows)


def _by_line(rules: list[RuleInfo]) -> Iterator[str]:
    for report, about in REPORTS.items():
        yield f"## Report {report}"
        yield f"{about}."
        lines = [line for line in REPORT_LINES if line.startswith(report)]
        rows = [(line, REPORT_LINES[line], _links(r for r in rules if line in r.answers)) for line in lines]
        yield markdown_table(("Line", "What failed", "Rules"), rows)


def _same_as(rules: list[RuleInfo]) -> Iterator[str]:
    yield (
        "A rule and an id stand together when they look at the same property of the same resource. They may differ in "
        "what they accept; where that is so, the rule's page says what it wants. Some ids of Checkov are of its checks "
        "for Terraform, which it does not have for CloudFormation."
    )
    yield "## From our ids to theirs"
    rows = [(_links([rule]), *(_codes(ids(rule.same_as)) for ids in TOOLS.values())) for rule in rules]
    yield markdown_table(("Rule", *TOOLS), [row for row in rows if any(row[1:])])
    none = [rule for rule in rules if not any(ids(rule.same_as) for ids in TOOLS.values())]
    yield f"None of these tools has: {_links(none)}."
    yield "## From their ids to ours"
    for tool, ids in TOOLS.items():
        found: dict[str, list[RuleInfo]] = {}
        for rule in rules:
            for id_ in ids(rule.same_as):
                found.setdefault(id_, []).append(rule)
        yield f"### {tool}"
        yield markdown_table(("Id", "Rules"), [(f"`{id_}`", _links(found[id_])) for id_ in sorted(found, key=_natural)])


def _grouped(rules: Iterable[RuleInfo], key: Callable[[RuleInfo], str]) -> Iterator[tuple[str, list[RuleInfo]]]:
    groups: dict[str, list[RuleInfo]] = {}
    for rule in rules:
        groups.setdefault(key(rule), []).append(rule)
    for name in sorted(groups):
        yield name, sorted(groups[name], key=lambda rule: rule.id)


def _links(rules: Iterable[RuleInfo], folder: str = "") -> str:
    return ", ".join(f"[{rule.id}]({folder}{rule.id}.md)" for rule in rules)


def _codes(ids: Iterable[str]) -> str:
    return ", ".join(f"`{id_}`" for id_ in ids)


def _starting(ids: Iterable[str], prefix: str) -> tuple[str, ...]:
    return tuple(id_ for id_ in ids if id_.startswith(prefix))


def _natural(id_: str) -> tuple[str, int, str]:
    """S10 comes after S2."""
    text = id_.rstrip("0123456789")
    return (text, int(id_[len(text) :] or 0), id_)
