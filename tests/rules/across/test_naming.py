from __future__ import annotations

import datetime
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "naming"
TABLE = "AWS::DynamoDB::Table"


def tables(*names: Any) -> dict[str, Any]:
    return {
        "Resources": {f"T{index}": {"Type": TABLE, "Properties": {"TableName": n}} for index, n in enumerate(names)}
    }


def found(*templates: dict[str, Any], **settings: Any) -> list[Finding]:
    app = App()
    for index, data in enumerate(templates):
        Template(data, name=f"Stack{index}", app=app)
    judged = Settings(environment="prod", **settings)
    return engine.run(app, [rule_of(RULE)], judged, Suppressions(datetime.date.min), fix=False).findings


class TestWithoutAPattern:
    def test_one_name_lacks_what_others_carry(self) -> None:
        [finding] = assert_flags(
            tables("prod-orders", "payments"),
            RULE,
            path="TableName",
            message="the name 'payments' lacks the environment, which other names of the app carry",
        )
        assert finding.severity is Severity.WARNING
        assert finding.logical_id == "T1"

    def test_the_others_may_be_in_another_stack(self) -> None:
        findings = found(tables("payments"), tables("dev-orders"))
        assert [(finding.template, finding.logical_id) for finding in findings] == [("Stack0", "T0")]

    def test_two_ways_in_one_app_are_one_finding(self) -> None:
        [finding] = found(tables("prod-orders", "prod-users"), tables("payments-prod", "PaymentsProd", "a-b-prod"))
        assert finding.message == (
            "names carry the environment in two ways: in front (prod-orders, prod-users)"
            " and behind (payments-prod, PaymentsProd and 1 more)"
        )
        assert (finding.id, finding.template, finding.severity) == ("naming[styles]", "Stack0", Severity.WARNING)

    @pytest.mark.parametrize(
        "names",
        [
            ("orders", "payments"),  # no name carries it: nothing is inconsistent
            ("prod-orders", "prod-payments"),
            ("prod-orders", "Prod-Payments"),
            ("prod-orders", {"Ref": "Name"}),
            ("prod-orders", {"Fn::Sub": "payments-${Env}"}),
            ("prod-orders", {"Fn::Sub": "payments-${AWS::AccountId}"}),  # of what is no literal, only a pattern tells
            ("load-test-results", "payments"),
            ("products", "payments"),
            ("prod-orders", "shop-prod-payments"),  # in the middle is neither in front nor behind
            ("prod-orders", "www.example.com", "StackBusA1B2C3D4"),
            ("prod", "orders-prod"),
            (None, 7, []),
        ],
    )
    def test_near_misses(self, names: tuple[Any, ...]) -> None:
        assert_clean(tables(*names), RULE)

    def test_a_name_that_may_change_in_place_sets_the_tone_but_is_let_be(self) -> None:
        data = tables("payments")
        data["Resources"]["Pool"] = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "dev-users"}}
        assert [finding.logical_id for finding in assert_flags(data, RULE)] == ["T0"]
        data = tables("prod-payments")
        data["Resources"]["Pool"] = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "users"}}
        assert_clean(data, RULE)

    def test_a_name_of_another_environment_among_those_of_this_one(self) -> None:
        [finding] = assert_flags(
            tables("prod-orders", "dev-files"),
            RULE,
            path="TableName",
            message="the name 'dev-files' carries dev, where others of the stack carry prod",
        )
        assert (finding.logical_id, finding.severity) == ("T1", Severity.WARNING)
        assert finding.remedy == "Put prod into the name, or leave the name out."

    @pytest.mark.parametrize(
        "names",
        [
            ("dev-orders", "dev-files"),  # nothing says that the stack is of prod
            ("prod-orders", "dev-orders", "staging-orders"),  # one for each environment, on purpose
            ("prod-orders", "prod-dev-tools"),
            ("production-orders", "prd-files"),
            ("prod-orders", {"Fn::Sub": "dev-${Name}"}),
            ("prod-orders", "shop-dev-files"),
            ("prod-orders", "test-files-prod-x", "stage-prod"),
        ],
    )
    def test_names_of_other_environments(self, names: tuple[Any, ...]) -> None:
        assert [f.message for f in found(tables(*names)) if "carries" in f.message] == []

    def test_an_environment_that_no_word_stands_for(self) -> None:
        data = Template(tables("dev-files", "eu-orders"))
        settings = Settings(environment="eu").for_rule(rule_of(RULE))
        assert list(rule_of(RULE).check(data.resources["T0"], data, settings)) == []

    def test_hierarchical_names_have_no_front(self) -> None:
        data = tables("orders-prod")
        data["Resources"]["P"] = {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/prod/url", "Type": "String", "Value": "x"},
        }
        assert_clean(data, RULE)


class TestWithAPattern:
    def test_a_name_that_does_not_follow_it(self) -> None:
        [finding] = found(tables("payments"), names="{env}-*")
        assert finding.message == "the name 'payments' does not follow the pattern 'prod-*'"
        assert finding.remedy == "Name it 'prod-*', or leave the name out."
        assert (finding.location, finding.severity) == ("Properties.TableName", Severity.ERROR)

    def test_what_is_known_of_a_name_is_enough(self) -> None:
        [finding] = found(tables({"Fn::Sub": "payments-${Name}"}), names="{env}-*")
        assert finding.message == "the name 'payments-*' does not follow the pattern 'prod-*'"

    def test_any_type_that_has_a_name(self) -> None:
        pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "users"}}
        assert [finding.location for finding in found({"Resources": {"P": pool}}, names="*-{env}")] == [
            "Properties.UserPoolName"
        ]

    @pytest.mark.parametrize(
        "value",
        ["prod-orders", "PRD_orders", {"Ref": "Name"}, {"Fn::Sub": "${Env}-orders"}, "www.example.com", None],
    )
    def test_near_misses(self, value: Any) -> None:
        assert found(tables(value), names="{env}-*") == []

    def test_it_decides_between_two_ways(self) -> None:
        assert [finding.logical_id for finding in found(tables("prod-a", "b-prod"), names="{env}-*")] == ["T1"]

    def test_what_has_no_name_or_one_within_a_parent(self) -> None:
        data = {
            "Resources": {
                "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {"RestApiId": "a", "StageName": "v1"}},
                "Queue": {"Type": "AWS::SQS::Queue"},
                "Custom": {"Type": "Custom::Thing", "Properties": {"Name": "thing"}},
            }
        }
        assert found(data, names="{env}-*") == []
