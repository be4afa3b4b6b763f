"""lambda-reserved-concurrency."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-reserved-concurrency"
CRITICAL = {"critical_functions": ["Checkout*"]}


def template(id_: str = "CheckoutHandler", type_: str = "AWS::Lambda::Function", **properties: Any) -> dict[str, Any]:
    return {"Resources": {id_: {"Type": type_, "Properties": {"Handler": "index.handler", **properties}}}}


@pytest.mark.parametrize("type_", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
def test_a_critical_function(type_: str) -> None:
    assert_flags(
        template(type_=type_),
        RULE,
        path="ReservedConcurrentExecutions",
        message="no concurrency is reserved, though it is critical: 'Checkout*' in critical_functions",
        options=CRITICAL,
    )
    assert_fixed(template(type_=type_), template(type_=type_, ReservedConcurrentExecutions=10), RULE, options=CRITICAL)


def test_as_many_as_settings_say() -> None:
    options = {**CRITICAL, "reserved": 25}
    assert_fixed(template(), template(ReservedConcurrentExecutions=25), RULE, options=options)


def test_by_default_none_is_critical() -> None:
    assert_clean(template(), RULE)


def test_not_in_dev() -> None:
    dev = Settings(environment="dev").for_rule(all_rules()[RULE])
    assert dev.severity.value == "off"


@pytest.mark.parametrize("reserved", [0, 1, "5", {"Ref": "Reserved"}, {"Fn::If": ["A", 5, {"Ref": "AWS::NoValue"}]}])
def test_what_the_author_wrote_stays(reserved: Any) -> None:
    before = template(ReservedConcurrentExecutions=reserved)
    assert_fixed(before, before, RULE, options=CRITICAL)


def test_no_value_is_no_number() -> None:
    before = template(ReservedConcurrentExecutions={"Ref": "AWS::NoValue"})
    assert_fixed(before, template(ReservedConcurrentExecutions=10), RULE, options=CRITICAL)


def test_globals_count_for_sam_functions() -> None:
    inherits = {"Globals": {"Function": {"ReservedConcurrentExecutions": 5}}}
    assert_clean(template(type_="AWS::Serverless::Function") | inherits, RULE, options=CRITICAL)


@pytest.mark.parametrize("glob", ["checkout*", "Checkout", "*Report", "arn:*"])
def test_other_functions_are_not_touched(glob: str) -> None:
    assert_clean(template(FunctionName="shop-orders"), RULE, options={"critical_functions": [glob]})


@pytest.mark.parametrize("name", [{"Ref": "Name"}, {"Fn::Sub": "${AWS::StackName}-checkout"}, None, 7])
def test_an_unknown_name_matches_nothing(name: Any) -> None:
    assert_clean(template("Fn", FunctionName=name), RULE, options={"critical_functions": ["*checkout*"]})


def test_by_function_name() -> None:
    assert_flags(template("Fn", FunctionName="shop-orders"), RULE, options={"critical_functions": ["shop-*"]})


@pytest.mark.parametrize(
    ("glob", "found"), [("Prod/Shop/Orders", 1), ("Prod/*/Orders", 1), ("*/Orders/Resource", 1), ("Dev/*", 0)]
)
def test_by_construct_path(glob: str, found: int) -> None:
    app = App()
    Template(template("Fn"), app=app, origins={"Fn": Origin("Prod/Shop/Orders/Resource")})
    settings = Settings(rules={RULE: RuleOverride(options={"critical_functions": (glob,)})})
    outcome = engine.run(app, [all_rules()[RULE]], settings, Suppressions(settings.today), fix=False)
    assert len(outcome.findings) == found


def test_the_cdks_own_functions() -> None:
    own = template("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A")
    assert_clean(own, RULE, options={"critical_functions": ["*"]})
