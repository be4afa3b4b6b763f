"""The contract of source rules: it lets a good rule pass and names what is wrong with a bad one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, SameAs, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.project import Module
from cdk_guardrails.testing import check_source_rule


class _Sample(SourceRule):
    """There is no eval.

    Checks that it is not called.
    """

    id = "sample-eval"
    why = "It runs anything."
    concern = Concern.MAINTAINABILITY
    same_as = SameAs(aws=("https://docs.aws.amazon.com/codeguru/detector-library/python/code-injection/",))
    bad = Example("import os\n\n\ndef f(text):\n    return eval(text)\n")
    good = Example("import ast\n\n\ndef f(text):\n    return ast.literal_eval(text)\n")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        for node in module.nodes:
            if isinstance(node, ast.Name) and node.id == "eval":
                yield self.finding(module, node, "eval is called")


def test_a_good_rule_passes() -> None:
    check_source_rule(_Sample())


def variant(**changed: object) -> SourceRule:
    class_ = type("_Variant", (_Sample,), {"__doc__": _Sample.__doc__, **changed})
    rule: SourceRule = class_()
    return rule


def check_with(line: str) -> object:
    """A check whose body is ``line``, run for each name that is eval."""

    def check(self: SourceRule, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        for node in module.nodes:
            if isinstance(node, ast.Name) and node.id == "eval":
                yield eval(line)

    return check


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": "Sample_Eval"}, "it is described: AssertionError: the id is not kebab-case"),
        ({"__doc__": "A title."}, "it is described: AssertionError: the docstring needs a title"),
        ({"why": " "}, "why it is bad is not said"),
        ({"same_as": SameAs()}, "names no page of the AWS documentation"),
        ({"same_as": SameAs(aws=("https://example.com",))}, "https://example.com is no page of"),
        ({"options": (Option("a", 1, ""),)}, "the option a has no description"),
        ({"bad": Example("a = 1\n")}, "bad is found: AssertionError: the bad example has no finding"),
        ({"bad": Example("a = (\n")}, "a finding says it is of source-unread"),
        ({"good": _Sample.bad}, "good is clean: AssertionError:   app.py:5:12 sample-eval: eval is called"),
        ({"check": check_with("self.finding(module, node, ' ')")}, "a finding has no message"),
        ({"check": check_with("self.finding(module, (6, 2), 'x')")}, "6:2 is not in the file"),
        ({"check": check_with("self.finding(module, (7, 1), 'x')")}, "7:1 is not in the file"),
        ({"check": check_with("self.finding(module, (0, 1), 'x')")}, "0:1 is not in the file"),
        (
            {"check": check_with("self.finding(module, node, 'x')._replace(rule='other')")},
            "a finding says it is of other: x",
        ),
        (
            # Only where the module has no import, as when the first statement is replaced.
            {
                "check": check_with(
                    "self.finding(module, next(n for n in module.nodes if isinstance(n, ast.Import)), 'x')"
                )
            },
            "it never crashes: AssertionError: the rule sample-eval crashed on this file",
        ),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, object], message: str) -> None:
    with pytest.raises(AssertionError) as error:
        check_source_rule(variant(**changed))
    assert str(error.value).startswith(f"{changed.get('id', 'sample-eval')}: ")
    assert message in str(error.value)
