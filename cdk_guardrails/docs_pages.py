"""A rule's page and the tables of rules, in Markdown. All that they say stands on the rules."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cdk_guardrails import engine
from cdk_guardrails.engine import Outcome
from cdk_guardrails.rules.base import Example, FixSafety, Option, Rule, RuleInfo, SourceRule
from cdk_guardrails.settings import PROFILES
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App
from cdk_guardrails.template.loader import dump, loads
from cdk_guardrails.testing.rules import example_settings, placed
from cdk_guardrails.testing.source import run_example

SAFETY: Final[Mapping[FixSafety, str]] = {
    FixSafety.SAFE: "The fix is **safe**: it is applied by default.",
    FixSafety.UNSAFE: "The fix is **unsafe**: it is applied only with `unsafe_fixes=True`, or with "
    '`rules={"RULE": {"fix": True}}`. Otherwise the finding stays.',
    FixSafety.NONE: "There is **no fix**: a person must decide.",
}
FIX_WORD: Final[Mapping[FixSafety, str]] = {FixSafety.SAFE: "yes", FixSafety.UNSAFE: "when asked", FixSafety.NONE: "no"}
JUDGES_CODE: Final = "the app's Python: `cdk-guardrails lint PATH`, or `Guardrails(lint_source=True)`"
SUPPRESSING: Final = (
    "In a comment, on the line or above it, or on the first or last line of a statement. Past `until` the finding is"
    " back: `ignore[RULE, until=2027-01-31]`."
)
_LANGUAGES: Final[Mapping[str, str]] = {"py": "python", "js": "javascript", "json": "json", "yaml": "yaml"}
"""How Markdown calls what a file is written in, by its suffix."""

SERVICES: Final[Mapping[str, str]] = {
    "across": "Across resources",
    "apigateway": "API Gateway",
    "cloudtrail": "CloudTrail",
    "cloudwatch": "CloudWatch",
    "cognito": "Cognito",
    "dynamodb": "DynamoDB",
    "ebs": "EBS",
    "ec2": "EC2",
    "efs": "EFS",
    "iam": "IAM",
    "kms": "KMS",
    "lambda_": "Lambda",
    "logs": "CloudWatch Logs",
    "rds": "RDS",
    "s3": "S3",
    "sfn": "Step Functions",
    "sns": "SNS",
    "source": "The app's own Python",
    "sqs": "SQS",
    "vpc": "VPC",
}
"""The folders of rules, by the services' names."""


def page(rule: RuleInfo) -> str:
    """The rule's page, with ruff's headings."""
    sections = [
        (f"# {rule.id}", [_title(rule), _facts(rule)]),
        ("## What it does", [_description(rule)]),
        ("## Why is this bad?", [_prose(rule.why)]),
        ("## Example", [*_shown_example(rule, rule.bad), *_said(rule)]),
        ("## Use instead", [*_remedies(rule), *_shown_example(rule, rule.good)]),
        ("## Fix safety", [_safety(rule), *_changes(rule)]),
        ("## Options", _options(rule)),
        ("## Suppress it", _suppressing(rule)),
        ("## References", [_references(rule)]),
    ]
    return "\n\n".join(part for heading, body in sections if body for part in (heading, *body) if part) + "\n"


def table(rules: Iterable[RuleInfo], folder: str) -> str:
    """A table of rules, each linked to its page below ``folder``."""
    return markdown_table(
        ("Rule", "What it wants", "Severity", "Fix", "On in"),
        (
            (
                f"[{rule.id}]({folder}{rule.id}.md)",
                _title(rule),
                rule.severity.value,
                FIX_WORD[rule.fix_safety],
                "all" if set(rule.profiles) == set(PROFILES) else ", ".join(rule.profiles),
            )
            for rule in sorted(rules, key=lambda rule: rule.id)
        ),
    )


def service(rule: RuleInfo) -> str:
    """The heading under which a rule is listed."""
    module = type(rule).__module__.split(".")
    package = module[max(len(module) - 2, 0)]  # a rule of another distribution may stand in a module of its own
    return SERVICES.get(package, package)


def _title(rule: RuleInfo) -> str:
    return _prose(rule.title) + "."


def _facts(rule: RuleInfo) -> str:
    types = ", ".join(f"`{type_}`" for type_ in rule.resource_types) if isinstance(rule, Rule) else JUDGES_CODE
    rows = [
        ("Severity", rule.severity.value),
        ("On by default in", ", ".join(rule.profiles)),
        ("Fix", FIX_WORD[rule.fix_safety]),
        ("Aspect", f"`{rule.concern.value}`"),
        ("Judges", types),
    ]
    return markdown_table(("", ""), rows)


def _description(rule: RuleInfo) -> str:
    text = inspect.cleandoc(type(rule).__doc__ or "")
    return _prose(text.partition("\n")[2].strip() or text)


def _prose(text: str) -> str:
    """Docstrings mark code with two backquotes, Markdown with one."""
    return text.replace("``", "`")


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _shown_example(rule: RuleInfo, example: Example) -> Iterator[str]:
    yield _fenced("python" if isinstance(rule, SourceRule) else "yaml", example.template)
    for name, text in example.files.items():
        yield f"`{name}`:"
        yield _fenced(_LANGUAGES.get(name.rpartition(".")[2], "text"), text)
    yield from _given(example)


def _given(example: Example) -> Iterator[str]:
    """The settings that an example needs, where it is not about every app in prod."""
    arguments: dict[str, Any] = {"environment": example.environment}
    if example.tags:
        arguments["tags"] = example.tags
    if example.options:
        arguments["options of the rule"] = example.options
    if arguments != {"environment": "prod"}:
        yield "With " + ", ".join(f"{name} `{value}`" for name, value in arguments.items()) + "."


def _run(rule: RuleInfo, *, fix: bool) -> Outcome:
    """What the rule alone does with its bad example."""
    if isinstance(rule, SourceRule):
        return run_example(rule, rule.bad)
    if not isinstance(rule, Rule):
        return Outcome()
    app = App()
    template = loads(rule.bad.template).template(app)
    settings = example_settings(rule, rule.bad)
    with placed(rule.bad.files) as file:
        template.file = file
        return engine.run(app, [rule], settings, Suppressions(settings.today), fix=fix)


def _said(rule: RuleInfo) -> Iterator[str]:
    lines = []
    for finding in _run(rule, fix=False).findings:
        parts = (finding.logical_id, finding.location) if isinstance(rule, Rule) else (finding.origin.source,)
        where = ", ".join(f"`{part}`" for part in parts if part)
        lines.append(f"- {finding.severity.value} `{finding.id}` at {where}: {_prose(finding.message)}")
    if lines:
        yield "It says:"
        yield "\n".join(lines)


def _remedies(rule: RuleInfo) -> Iterator[str]:
    """What the findings advise; what is a line of Python stands as one."""
    remedies = dict.fromkeys(finding.remedy for finding in _run(rule, fix=False).findings if finding.remedy)
    for remedy in remedies:
        yield f"In the CDK: `{remedy}`" if remedy.endswith(")") else _prose(remedy)


def _suppressing(rule: RuleInfo) -> list[str]:
    """Of what stands in code; resources are suppressed as the README says."""
    if not isinstance(rule, SourceRule):
        return []
    return [
        SUPPRESSING.replace("RULE", rule.id),
        _fenced("python", f"...  # guardrails: ignore[{rule.id}] why this is right here"),
    ]


def _safety(rule: RuleInfo) -> str:
    return f"{SAFETY[rule.fix_safety].replace('RULE', rule.id)} {_prose(rule.fix_note)}".strip()


def _changes(rule: RuleInfo) -> Iterator[str]:
    """The fix of the bad example as a diff."""
    if rule.fix_safety is FixSafety.NONE:
        return
    before = rule.bad.template
    after = dump(loads(before), _run(rule, fix=True).edits("template"))
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=3, lineterm=""))[2:]
    yield "What it does to the example:"
    yield _fenced("diff", "\n".join(line for line in lines if not line.startswith("@@")))


def _options(rule: RuleInfo) -> list[str]:
    if not rule.options:
        return []
    rows = [(f"`{option.name}`", _default(option), _prose(option.description)) for option in rule.options]
    first = rule.options[0]
    value = first.choices[-1] if first.choices else first.default
    usage = f'Guardrails(rules={{"{rule.id}": {{"{first.name}": {_shown(value)}}}}})'
    return [markdown_table(("Option", "Default", "What it means"), rows), _fenced("python", usage)]


def _default(option: Option) -> str:
    text = "none" if option.default is None else f"`{_shown(option.default)}`"
    others = [f"`{_shown(value)}` in {profile}" for profile, value in option.by_profile.items()]
    choices = f"one of {', '.join(f'`{_shown(choice)}`' for choice in option.choices)}" if option.choices else ""
    return "; ".join(part for part in (text, *others, choices) if part)


def _shown(value: Any) -> str:
    if value is None:
        return '"..."'
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _references(rule: RuleInfo) -> str:
    same = rule.same_as
    lines = [f"- <{url}>" for url in same.aws]
    for tool, ids in (("cdk-nag", same.cdk_nag), ("Checkov", same.checkov), ("Security Hub", same.security_hub)):
        if ids:
            lines.append(f"- {tool}: " + ", ".join(f"`{id_}`" for id_ in ids))
    return "\n".join(lines)


def markdown_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
