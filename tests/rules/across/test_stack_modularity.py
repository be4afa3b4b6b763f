from __future__ import annotations

import datetime
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean

RULE = "stack-modularity"
QUEUE = {"Type": "AWS::SQS::Queue"}


def found(*origins: Origin | str, most: int = 2, name: str = "Stack", **more: Any) -> list[Finding]:
    """The findings on a template whose resources come from ``origins``; a text is a construct path."""
    app = App()
    places = {f"R{i}": item if isinstance(item, Origin) else Origin(item) for i, item in enumerate(origins)}
    data = {"Resources": {id_: dict(QUEUE) for id_ in places} | more}
    Template(data, name=name, app=app, origins=places)
    settings = Settings(environment="prod", rules={RULE: RuleOverride(options={"max_resources": most})})
    return engine.run(app, [rule_of(RULE)], settings, Suppressions(datetime.date.min), fix=False).findings


def test_a_scope_that_is_too_full() -> None:
    [finding] = found("Stack/A/Resource", "Stack/B/Resource", "Stack/C")
    assert finding.message == "3 resources stand directly in Stack, over 2"
    assert (finding.id, finding.severity, finding.template) == (f"{RULE}[Stack]", Severity.WARNING, "Stack")


def test_a_construct_that_is_too_full() -> None:
    [finding] = found("Stack/Api/A/Resource", "Stack/Api/B/Resource", "Stack/Api/C/Default", "Stack/D")
    assert finding.message == "3 resources stand directly in Stack/Api, over 2"


def test_a_stack_in_a_stage() -> None:
    [finding] = found("Prod/Shop/A/Resource", "Prod/Shop/B", "Prod/Shop/C", name="Prod/Shop")
    assert finding.message == "3 resources stand directly in Prod/Shop, over 2"


@pytest.mark.parametrize(
    "paths",
    [
        ("Stack/A/Resource", "Stack/B/Resource"),
        # What a construct of the CDK makes is one.
        ("Stack/F/Resource", "Stack/F/ServiceRole/Resource", "Stack/F/ServiceRole/DefaultPolicy/Resource", "Stack/A"),
        ("Stack/Api/Resource", "Stack/Api/Default/GET/Resource", "Stack/Api/Deployment", "Stack/Api/Stage", "Stack/A"),
        # What is in constructs of one's own counts for those.
        ("Stack/Api/A/Resource", "Stack/Api/B/Resource", "Stack/Data/A/Resource", "Stack/Data/B/Resource"),
        ("Stack/Api/A", "Stack/Api/B", "Stack/C", "Stack/D"),
        # A resource of the stack's that is called so makes no construct of the stack.
        ("Stack/Resource", "Stack/A"),
        ("", "", ""),
    ],
)
def test_near_misses(paths: tuple[str, ...]) -> None:
    assert found(*paths) == []


def test_a_resource_called_resource_does_not_swallow_the_stack() -> None:
    [finding] = found("Prod/Shop/Resource", "Prod/Shop/A", "Prod/Shop/B", name="Prod/Shop")
    assert finding.message == "3 resources stand directly in Prod/Shop, over 2"


def test_what_guardrails_and_the_cdk_add_does_not_count() -> None:
    added = {
        "GuardrailsKey": {"Type": "AWS::KMS::Key", "Metadata": {"aws:cdk:path": "Stack/Guardrails/GuardrailsKey"}},
        "GuardrailsX": {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": "Stack/X"}},
        "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Metadata": {"aws:cdk:path": "Stack/CDKMetadata/Default"}},
    }
    assert found("Stack/A", "Stack/B", **added) == []


def from_lines(*lines: str) -> list[Origin]:
    """Resources in scopes of their own, made on these lines."""
    return [Origin(f"Stack/Group{index}/Queue/Resource", line) for index, line in enumerate(lines)]


def test_a_file_that_is_too_full() -> None:
    [finding] = found(*from_lines("app.py:1", "app.py:2", "app.py:3"))
    assert finding.message == "3 resources are made in app.py, over 2"
    assert finding.id == f"{RULE}[app.py]"


@pytest.mark.parametrize(
    "lines",
    [
        ("app.py:1", "app.py:2", "data.py:3"),
        ("app.py:1", "app.py:1", "app.py:1", "app.py:2"),  # a loop, or a construct that is used often
        ("", "", ""),
        ("Stack:1", "Stack:2", "Stack:3"),  # lines of a template file are not lines of an app
    ],
)
def test_files_that_are_not(lines: tuple[str, ...]) -> None:
    assert found(*from_lines(*lines)) == []


def test_a_full_scope_says_it_already() -> None:
    [finding] = found(*(Origin(f"Stack/Q{line}/Resource", f"app.py:{line}") for line in range(3)))
    assert finding.detail == "Stack"


@pytest.mark.parametrize(("number", "severities"), [(449, []), (450, [Severity.ERROR]), (500, [Severity.ERROR])])
def test_near_the_limit(number: int, severities: list[Severity]) -> None:
    findings = found(*[""] * number)
    assert [finding.severity for finding in findings] == severities
    text = f"{number} of the 500 resources that a template may hold: soon it cannot be deployed"
    assert [(finding.id, finding.message) for finding in findings] == [(f"{RULE}[limit]", text)] * len(severities)


def test_a_plain_template() -> None:
    assert_clean({"Resources": {f"R{number}": QUEUE for number in range(60)}}, RULE)
