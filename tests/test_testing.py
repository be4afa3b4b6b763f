"""The assertions for unit tests, and the contract of all rules."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from cdk_guardrails.errors import RuleError, SettingsError, TemplateError
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags, check_rule, load

BAD = "Resources: {Bucket: {Type: AWS::S3::Bucket}}"
GOOD = """\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
"""
RULE = "s3-versioning"
MESSAGE = "versioning is not enabled, so overwritten and deleted objects are lost"


def test_clean() -> None:
    assert_clean(GOOD, RULE)
    assert_clean("Resources: {}", RULE)
    with pytest.raises(AssertionError) as error:
        assert_clean(BAD, RULE)
    expected = f"  s3-versioning Bucket Properties.VersioningConfiguration.Status: {MESSAGE}"
    assert str(error.value) == f"expected no finding, not these 1:\n{expected}"


def test_clean_of_all_rules() -> None:
    with pytest.raises(AssertionError, match="s3-versioning Bucket"):
        assert_clean(BAD)


def test_nothing_is_fixed_to_be_clean() -> None:
    data = load(BAD)
    with pytest.raises(AssertionError):
        assert_clean(data, RULE)
    assert data == load(BAD)


def test_flags() -> None:
    [finding] = assert_flags(BAD, RULE)
    assert (finding.id, finding.message) == (RULE, MESSAGE)
    for path in ("VersioningConfiguration.Status", "Properties.VersioningConfiguration.Status", None):
        assert_flags(BAD, RULE, path=path, message=MESSAGE)
        assert_flags(BAD, RULE, path=path)


@pytest.mark.parametrize(
    ("template", "expected", "message"),
    [
        (GOOD, {}, "expected a finding of s3-versioning, but it found nothing"),
        (BAD, {"path": "Status"}, "expected a finding of s3-versioning at Status: any message"),
        (BAD, {"message": MESSAGE[:-1]}, f"expected a finding of s3-versioning at any path: {MESSAGE[:-1]}"),
    ],
)
def test_flags_is_strict(template: str, expected: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError) as error:
        assert_flags(template, RULE, **expected)
    assert str(error.value).splitlines()[0] == message


def test_flags_with_a_detail() -> None:
    with pytest.raises(AssertionError, match=r"expected a finding of s3-versioning\[x\], but it found   s3-versioning"):
        assert_flags(BAD, f"{RULE}[x]")


def test_fixed() -> None:
    before = load(BAD)
    assert_fixed(before, GOOD, RULE)
    assert before == load(BAD)
    assert_fixed(GOOD, GOOD, RULE)


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (BAD, "Resources.Bucket.Properties: expected None, not {'VersioningConfiguration': {'Status': 'Enabled'}}"),
        (GOOD.replace("Enabled", "1"), "Resources.Bucket.Properties.VersioningConfiguration.Status: expected 1, not"),
        (f"{GOOD}      BucketName: x\n", "Resources.Bucket.Properties.BucketName: expected 'x', not None"),
    ],
)
def test_fixed_is_exact(after: str, message: str) -> None:
    with pytest.raises(AssertionError) as error:
        assert_fixed(BAD, after, RULE)
    assert message in str(error.value)


def test_settings() -> None:
    assert_clean(BAD, RULE, environment="dev")
    assert_flags(BAD, RULE, environment="dev", rules={RULE: "warning"})
    assert_clean(BAD, RULE, rules={RULE: "off"})
    with pytest.raises(SettingsError):
        assert_clean(BAD, RULE, enviroment="dev")  # type: ignore[call-arg]
    with pytest.raises(SettingsError, match="has no option 'x'"):
        assert_clean(BAD, RULE, options={"x": 1})
    with pytest.raises(TypeError, match="name a rule, or use 'rules'"):
        assert_clean(BAD, options={"x": 1})


def test_unknown_rules_and_templates() -> None:
    with pytest.raises(RuleError, match="Did you mean 's3-versioning'"):
        assert_clean(BAD, "s3-version")
    with pytest.raises(TemplateError):
        assert_clean("text", RULE)


def test_a_stack_is_converted() -> None:
    aws_cdk = pytest.importorskip("aws_cdk")
    from aws_cdk import assertions, aws_s3

    stack = aws_cdk.Stack(aws_cdk.App(), "Stack")
    aws_s3.Bucket(stack, "Bucket", versioned=True)
    assert_clean(stack, RULE)
    assert_clean(assertions.Template.from_stack(stack), RULE)
    with pytest.raises(AssertionError, match="s3-public-access"):
        assert_clean(stack, "s3-public-access")


def test_importing_it_starts_no_node() -> None:
    code = "import sys, cdk_guardrails.testing; assert not {'aws_cdk', 'jsii', 'constructs'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


# The contract.


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
