"""Physical names: what is known of one, and which pattern it can follow."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.names import ANY, FIXED, PhysicalName, literal_names, overlap, physical_name
from cdk_guardrails.template import Template

TABLE = "AWS::DynamoDB::Table"


def name_of(value: Any, type_: str = TABLE, key: str = "TableName") -> PhysicalName | None:
    template = Template({"Resources": {"R": {"Type": type_, "Properties": {key: value}}}})
    return physical_name(template.resources["R"])


def name(value: Any) -> PhysicalName:
    found = name_of(value)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("orders", "orders"),
        ({"Ref": "Name"}, ANY),
        ({"Ref": "AWS::StackName"}, ANY),
        ({"Ref": "AWS::Region"}, FIXED),
        ({"Fn::Sub": "orders"}, "orders"),
        ({"Fn::Sub": "${Env}-orders-${AWS::AccountId}"}, f"{ANY}-orders-{FIXED}"),
        ({"Fn::Sub": "${!Env}-orders"}, "${Env}-orders"),
        ({"Fn::Sub": ["${X}-orders", {"X": "dev"}]}, ANY),
        ({"Fn::Join": ["-", ["orders", {"Ref": "AWS::Region"}, {"Ref": "X"}]]}, f"orders-{FIXED}-{ANY}"),
        ({"Fn::Join": ["-", {"Ref": "List"}]}, ANY),
        ({"Fn::If": ["C", "a", "b"]}, ANY),
        ("{{resolve:ssm:/orders/name}}", ANY),
    ],
)
def test_what_is_known_of_a_name(value: Any, text: str) -> None:
    found = name(value)
    assert (found.location, found.text) == ("TableName", text)
    assert found.is_literal == (text in ("orders", "${Env}-orders"))


@pytest.mark.parametrize("value", [None, {"Ref": "AWS::NoValue"}, [], 7, {"a": 1, "b": 2}])
def test_no_name(value: Any) -> None:
    assert name_of(value) is None


def test_a_name_of_which_the_path_tells_that_the_cdk_made_it() -> None:
    """The hash at the end of a unique id may be all digits."""
    assert name_of("templateproducerbus76850996", "AWS::Events::EventBus", "Name") is None
    assert name_of("template-producer-76850996", "AWS::Events::EventBus", "Name") is not None
    assert name_of("producerbus76850996", "AWS::Events::EventBus", "Name") is not None


def test_types_without_a_name_of_their_own() -> None:
    assert name_of("prod", "AWS::ApiGateway::Stage", "StageName") is None
    assert name_of("x", "Custom::Thing", "Name") is None


def test_what_a_name_blocks() -> None:
    assert name("orders").blocks
    for type_, key, blocks in (
        ("AWS::Cognito::UserPool", "UserPoolName", False),
        ("AWS::Serverless::Function", "FunctionName", True),
        ("AWS::Serverless::Api", "Name", False),
    ):
        found = name_of("x", type_, key)
        assert found is not None
        assert found.blocks is blocks


@pytest.mark.parametrize(
    "text",
    [
        "www.example.com",
        "example.com.",
        "/aws/lambda/orders",
        "aws-waf-logs-orders",
        "StackBusA1B2C3D4",
        "stackstackbucket3f9a01bc2d4e",
        "alias/codepipeline-shoppipeline2b279ccc",  # codepipeline.Pipeline, with the feature flag for its alias ...
        "alias/codepipeline-shop-pipeline-12345678",  # ... and without
        "shopcfgnamespace2b279ccc",  # a unique id in lower case
    ],
)
def test_names_that_nobody_chose(text: str) -> None:
    assert not name(text).is_free


@pytest.mark.parametrize(
    "text", ["orders", "orders.fifo", "alias/orders", "orders-20240131", "FEEDFACE", "ORDERS2024", "report.v2"]
)
def test_names_that_somebody_chose(text: str) -> None:
    assert name(text).is_free


@pytest.mark.parametrize(
    ("text", "environment", "carries"),
    [
        ("prod-orders", "prod", True),
        ("OrdersProduction", "prod", True),
        ("/shop/prd/url", "prod", True),
        ("dev-orders", "prod", True),  # of another deployment: it is no name without an environment
        ("sandbox-eu-orders", "sandbox-eu", True),
        ("orders.Sandbox_EU", "sandbox-eu", True),
        ("products", "prod", False),
        ("load-test-results", "prod", False),
        ("load-test-results", "test", True),
        ("sandbox", "sandbox-eu", False),
    ],
)
def test_whether_a_name_carries_the_environment(text: str, environment: str, carries: bool) -> None:
    assert name(text).carries(environment) is carries


@pytest.mark.parametrize(
    ("value", "pattern", "follows"),
    [
        ("prod-orders", "{env}-*", True),
        ("Production_orders", "{env}-*", True),
        ("orders-prod", "{env}-*", False),
        ("orders-prod", "*-{env}", True),
        ("orders-prod.fifo", "*-{env}", True),
        ("dev-orders", "{env}-*", False),
        ("ProdOrders", "{env}-*", False),
        ("shop-prod-orders", "shop-{env}-*", True),
        ("alias/prod-orders", "{env}-*", True),
        ("/aws/lambda/prod-orders", "{env}-*", True),
        ("/shop/prod/url", "{env}-*", True),
        ("/shop/prod/url", "*-{env}", True),
        ("/shop/url", "{env}-*", False),
        ({"Ref": "Name"}, "{env}-*", True),
        ({"Fn::Sub": "${Env}-orders"}, "{env}-*", True),
        ({"Fn::Sub": "${Env}-orders"}, "*-{env}", False),
        ({"Fn::Sub": "orders-${Env}"}, "{env}-*", False),
        ({"Fn::Sub": "prod-${Name}"}, "{env}-*", True),
        ({"Fn::Sub": "orders-${AWS::AccountId}"}, "*-{env}", False),  # no environment hides in an account id
        ({"Fn::Sub": "orders-${AWS::StackName}"}, "*-{env}", True),
        ({"Fn::Sub": "prod-orders-${AWS::AccountId}"}, "{env}-*", True),
    ],
)
def test_whether_a_name_can_follow_a_pattern(value: Any, pattern: str, follows: bool) -> None:
    assert name(value).follows(pattern, "prod") is follows


@pytest.mark.parametrize(
    ("left", "right", "meet"),
    [
        ("", "", True),
        ("a", "", False),
        (ANY, "", True),
        ("", ANY + ANY, True),
        (f"a{ANY}", f"{ANY}b", True),
        (f"a{ANY}b", "ab", True),
        (f"a{ANY}b", "ac", False),
        (f"a{ANY}", f"b{ANY}", False),
        (f"x{ANY}y{ANY}", "x1y2y3", True),
        (FIXED, ANY, True),
        (FIXED, "a", False),
    ],
)
def test_whether_two_patterns_meet(left: str, right: str, meet: bool) -> None:
    assert overlap(left, right) is meet
    assert overlap(right, left) is meet


def test_the_literal_names_of_a_template() -> None:
    resources = {
        "A": {"Type": TABLE, "Properties": {"TableName": "orders"}},
        "B": {"Type": TABLE, "Properties": {"TableName": {"Ref": "X"}}},
        "C": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/orders"}},
        "D": {"Type": TABLE},
    }
    assert [found.text for found in literal_names(Template({"Resources": resources}))] == ["orders"]
