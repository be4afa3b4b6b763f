"""The contract of all rules about resources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template
from cdk_guardrails.testing import check_rule


class Lit(Rule):
    """Lamps are lit.

    A rule that keeps the contract. The classes below it break it, each in one place.
    """

    id = "lamp-lit"
    why = "It is dark."
    resource_types = ("Test::Lamp",)
    concern = Concern.OUTPUTS
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place."
    same_as = SameAs(aws=("https://docs.aws.amazon.com/lamp.html",))
    bad = Example("Resources: {Lamp: {Type: Test::Lamp, Properties: {Bulb: {Watt: 40}}}}")
    good = Example("Resources: {Lamp: {Type: Test::Lamp, Properties: {Bulb: {Watt: 40, Lit: true}}}}")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if (lit := resource.get("Bulb.Lit")) is not UNKNOWN and lit is not True:
            yield self.finding(resource, "it is not lit", "Bulb.Lit")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("Bulb.Lit", True)


def test_a_rule_that_keeps_the_contract() -> None:
    check_rule(Lit())


class ShoutedId(Lit):
    __doc__ = Lit.__doc__
    id = "LAMP_LIT"


class NoText(Lit):
    """Lamps are lit."""


class NoWhy(Lit):
    __doc__ = Lit.__doc__
    why = " "


class NoPage(Lit):
    __doc__ = Lit.__doc__
    same_as = SameAs()


class ForeignPage(Lit):
    __doc__ = Lit.__doc__
    same_as = SameAs(aws=("https://example.com",))


class NoNote(Lit):
    __doc__ = Lit.__doc__
    fix_note = ""


class FixOfNone(Lit):
    __doc__ = Lit.__doc__
    fix_safety = FixSafety.NONE


class BadIsGood(Lit):
    __doc__ = Lit.__doc__
    bad = Lit.good


class GoodIsBad(Lit):
    __doc__ = Lit.__doc__
    good = Lit.bad


class CheckChanges(Lit):
    __doc__ = Lit.__doc__

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        resource.data["Seen"] = True
        yield from super().check(resource, template, settings)


class FixesHalf(Lit):
    __doc__ = Lit.__doc__

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("Bulb.Dimmed", True)


class FixesNothing(Lit):
    __doc__ = Lit.__doc__

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield from ()


class NeverHappy(Lit):
    __doc__ = Lit.__doc__

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        yield self.finding(resource, "it could be brighter")


class AddsUnmarked(Lit):
    __doc__ = Lit.__doc__

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield from super().fix(finding, resource, template, settings)
        yield template.add("Switch", "Test::Switch", {})


class FixChanges(Lit):
    __doc__ = Lit.__doc__

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        resource.data["Touched"] = True
        yield from super().fix(finding, resource, template, settings)


class Crashes(Lit):
    __doc__ = Lit.__doc__

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.properties["Bulb"].get("Lit") is not True:
            yield self.finding(resource, "it is not lit", "Bulb.Lit")


class AddsBadly(Lit):
    __doc__ = Lit.__doc__

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield from super().fix(finding, resource, template, settings)
        site = {"WebsiteConfiguration": {"IndexDocument": "index.html"}}
        yield template.add("GuardrailsShop", "AWS::S3::Bucket", site)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (ShoutedId(), "LAMP_LIT: it is described: AssertionError: the id is not kebab-case"),
        (NoText(), "lamp-lit: it is described: AssertionError: the docstring needs a title, and a text below it"),
        (NoWhy(), "lamp-lit: it is described: AssertionError: why it is bad is not said"),
        (NoPage(), "lamp-lit: it is described: AssertionError: same_as.aws names no page of the AWS documentation"),
        (
            ForeignPage(),
            "lamp-lit: it is described: AssertionError: https://example.com is no page of https://docs.aws",
        ),
        (NoNote(), "lamp-lit: it is described: AssertionError: fix_note says what the fix means"),
        (FixOfNone(), "lamp-lit: it is described: AssertionError: fix_safety none, but is there a fix?"),
        (BadIsGood(), "lamp-lit: bad is found: AssertionError: the bad example has no finding"),
        (GoodIsBad(), "lamp-lit: good is clean and stays as it is: AssertionError: it was fixed"),
        (CheckChanges(), "lamp-lit: bad is found: AssertionError: check has changed the template"),
        (FixesHalf(), "lamp-lit: bad is fixed, once: AssertionError: the fixed template has findings"),
        (FixesNothing(), "lamp-lit: bad is fixed, once: AssertionError: nothing was fixed"),
        (NeverHappy(), "lamp-lit: good is clean and stays as it is: AssertionError:   lamp-lit Lamp"),
        (AddsUnmarked(), "lamp-lit: bad is fixed, once: AssertionError: added logical id Switch"),
        (FixChanges(), "lamp-lit: bad is fixed, once: AssertionError: its edits alone do not make what the fix made"),
        (Crashes(), "lamp-lit: it never crashes: AssertionError: with Resources.Lamp.Properties of bad as "),
        (AddsBadly(), "lamp-lit: it agrees with all other rules: AssertionError: resources that fixes added have"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Rule) else "",
)
def test_a_rule_that_breaks_the_contract(rule: Rule, message: str) -> None:
    with pytest.raises(AssertionError) as error:
        check_rule(rule)
    assert str(error.value).startswith(message)
