"""The assertions on constructs: stacks with nested ones, Stages, apps; suppressions, places, Guardrails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_s3 as s3

from cdk_guardrails import Guardrails, suppress
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags, load
from tests.hosts.conftest import HAS_LINES

RULE = "s3-versioning"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """CDK's own validation takes seconds."""
    monkeypatch.setenv("CDK_VALIDATION", "false")


def said_by(assertion: Any, *arguments: Any, **settings: Any) -> str:
    with pytest.raises(AssertionError) as error:
        assertion(*arguments, **settings)
    return " ".join(str(error.value).split())


def found(construct: Any, **settings: Any) -> list[str]:
    """The construct paths of the buckets without versions."""
    return sorted(finding.origin.construct_path for finding in assert_flags(construct, RULE, **settings))


class Shop(cdk.Stack):
    """A stack with a bucket, and one in a nested stack."""

    def __init__(self, scope: Any, id_: str, **versioned: bool) -> None:
        super().__init__(scope, id_)
        self.receipts = s3.Bucket(self, "Receipts", versioned=versioned.get("receipts", False))
        self.inner = cdk.NestedStack(self, "Nested")
        self.photos = s3.Bucket(self.inner, "Photos", versioned=versioned.get("photos", False))


def test_a_stack_with_its_nested_stacks() -> None:
    stack = Shop(cdk.App(), "Shop")
    assert found(stack) == ["Shop/Nested/Photos/Resource", "Shop/Receipts/Resource"]
    assert found(stack.inner) == ["Shop/Nested/Photos/Resource"]
    assert found(stack.photos) == ["Shop/Nested/Photos/Resource"]
    assert_clean(Shop(cdk.App(), "Shop", receipts=True, photos=True), RULE)


def test_a_stack_alone_in_an_app_is_judged_alone() -> None:
    app = cdk.App()
    good = Shop(app, "Good", receipts=True, photos=True)
    bad = Shop(app, "Bad")
    assert_clean(good, RULE)
    assert found(app) == found(bad) == ["Bad/Nested/Photos/Resource", "Bad/Receipts/Resource"]


def test_a_stage_and_an_app_are_all_their_stacks() -> None:
    app = cdk.App()
    stage = cdk.Stage(app, "Prod")
    Shop(stage, "A", photos=True)
    Shop(stage, "B", photos=True)
    Shop(app, "Other", photos=True)
    assert found(stage) == ["Prod/A/Receipts/Resource", "Prod/B/Receipts/Resource"]
    assert found(app) == ["Other/Receipts/Resource", *found(stage)]
    assert_flags(app, RULE, resource="Prod/B")
    assert_flags(app, RULE, resource="Prod/B/Receipts/Resource")
    assert "in 'Prod/B/Rec'" in said_by(assert_flags, app, RULE, resource="Prod/B/Rec")


def test_an_assertions_template() -> None:
    stack = Shop(cdk.App(), "Shop", photos=True)
    assert_flags(assertions.Template.from_stack(stack), RULE)
    assert_clean(assertions.Template.from_stack(stack.inner), RULE)


def test_a_cloud_assembly(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    suppress(Shop(cdk.Stage(app, "Prod"), "Shop", photos=True).receipts, RULE, reason="scratch")
    Shop(app, "Other", photos=True)
    assembly = app.synth()
    assert found(assembly) == found(tmp_path) == ["Other/Receipts/Resource"]


@pytest.mark.skipif(not HAS_LINES, reason="this CDK keeps no lines of Python")
def test_the_message_names_construct_line_and_what_to_do() -> None:
    stack = Shop(cdk.App(), "Shop", photos=True)
    line = next(n for n, text in enumerate(Path(__file__).read_text().splitlines(), 1) if "self.receipts = " in text)
    said = said_by(assert_clean, stack, RULE)
    assert said.startswith("expected no finding, not these 1: Shop 1 error error s3-versioning: versioning is not")
    assert re.search(rf"test_constructs\.py:{line}\b.* Shop/Receipts/Resource\b.*VersioningConfiguration\.Status", said)
    assert said.endswith('do s3.Bucket(..., versioned=True) or suppress(construct, "s3-versioning", reason="...")')


def test_suppressions_of_constructs_hold() -> None:
    app = cdk.App()
    stack = Shop(app, "Shop", photos=True)
    suppress(stack.receipts, RULE, reason="scratch")
    assert_clean(stack, RULE)
    assert_clean(app, RULE)
    assert found(stack, ignore_suppressions=True) == ["Shop/Receipts/Resource"]
    assert said_by(assert_flags, stack, RULE).endswith("nothing that is not suppressed (Shop/Receipts: scratch)")


def test_suppressions_of_the_cdk_hold() -> None:
    stack = Shop(cdk.App(), "Shop", photos=True)
    cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=f"cdk-guardrails::{RULE}", reason="scratch"))
    assert_clean(stack, RULE)


def test_a_suppression_of_no_use_is_said_of_what_is_judged_only() -> None:
    app = cdk.App()
    good, other = Shop(app, "Good", receipts=True, photos=True), Shop(app, "Other", receipts=True, photos=True)
    suppress(other, RULE, reason="scratch")
    suppress(app, RULE, reason="scratch", path="Other/*")
    assert_clean(good, RULE)
    assert "warning unused-suppression[s3-versioning]: " in said_by(assert_clean, other, RULE)
    assert_clean(other, RULE, fail_on="error")


def test_what_guardrails_of_the_app_fix_is_clean_whatever_else_they_find() -> None:
    app = cdk.App()
    stack = Shop(app, "Shop")
    cdk.Aspects.of(app).add(Guardrails(environment="prod", quiet=True))
    assert_clean(stack, RULE)
    assert_flags(stack, "required-tags[Owner]")


def test_an_app_that_cannot_be_synthesized_says_why() -> None:
    stack = Shop(cdk.App(), "Shop")
    cdk.CfnOutput(stack, "Out", value=cdk.Lazy.string(_Fails()))
    with pytest.raises(Exception, match="no value today"):
        assert_clean(stack, RULE)


def test_all_rules() -> None:
    said = said_by(assert_clean, Shop(cdk.App(), "Shop"))
    assert "s3-public-access" in said
    assert "environment-unset" not in said
    assert "fix-not-applied" not in said


def test_one_template_of_a_stack() -> None:
    app = cdk.App()
    before, after = cdk.Stack(app, "Before"), cdk.Stack(app, "After")
    s3.Bucket(before, "Bucket")
    s3.Bucket(after, "Bucket", versioned=True)
    assert_fixed(before, after, RULE)
    assert load(before)["Resources"].keys() == load(after)["Resources"].keys()
    with pytest.raises(TypeError, match=r"not aws_cdk\.App, which may have many templates: pass one of its stacks"):
        assert_fixed(app, after, RULE)


@jsii.implements(cdk.IStableStringProducer)
class _Fails:
    def produce(self) -> str:
        raise ValueError("no value today")


def test_what_cannot_be_synthesized() -> None:
    import constructs

    with pytest.raises(TypeError, match="is in no App: nothing can be synthesized"):
        assert_clean(constructs.RootConstruct(), RULE)


def test_a_scope_without_resources_is_said() -> None:
    assert "nothing-to-guard" in said_by(assert_clean, cdk.Stack(cdk.App(), "Empty"), RULE)
