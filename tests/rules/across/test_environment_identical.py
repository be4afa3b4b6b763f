from __future__ import annotations

import datetime
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from cdk_guardrails import engine
from cdk_guardrails.rules.across.environment_identical import SIZES
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template

RULE = "environment-identical"
ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}


def stack(table: Any = None, memory: Any = 128, **more: Any) -> dict[str, Any]:
    return {
        "Orders1234": {"Type": "AWS::DynamoDB::Table", "Properties": table or dict(ON_DEMAND)},
        "Handler5678": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": memory}},
        "Role": {"Type": "AWS::IAM::Role"},
        **more,
    }


def found(options: dict[str, Any] | None = None, /, **templates: dict[str, Any]) -> list[Finding]:
    """The findings on templates by name; ``__`` stands for a slash. Their resources have construct paths."""
    app = App()
    for name, resources in templates.items():
        path = name.replace("__", "/")
        origins = {id_: Origin(f"{path}/{id_[:-4]}/Resource") for id_ in resources}
        Template({"Resources": resources}, name=path, app=app, origins=origins)
    settings = Settings(environment="prod", rules={RULE: RuleOverride(options=options or {})})
    return engine.run(app, [rule_of(RULE)], settings, Suppressions(datetime.date.min), fix=False).findings


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        ("Dev__Api", "Prod__Api"),
        ("ApiDev", "ApiProd"),
        ("api_development", "api_production"),
        ("Shop__dev_Api", "Shop__prd_Api"),
    ],
)
def test_a_pair_that_is_sized_alike(dev: str, prod: str) -> None:
    [finding] = found(**{dev: stack(), prod: stack()})
    first, second = dev.replace("__", "/"), prod.replace("__", "/")
    assert finding.message == (
        f"dev and prod have the same capacity, memory, versioning and retention in {first} and {second}:"
        " all 2 resources that have a size are alike"
    )
    assert (finding.id, finding.template) == (f"{RULE}[{first}]", second)


def test_the_order_of_the_stacks_does_not_matter() -> None:
    [finding] = found(Prod__Api=stack(), Dev__Api=stack())
    assert finding.template == "Prod/Api"


def test_a_finding_for_each_pair() -> None:
    names = ("Dev__Api", "Dev__Data", "Prod__Api", "Prod__Data")
    assert [finding.template for finding in found(**{name: stack() for name in names})] == ["Prod/Api", "Prod/Data"]


def test_plain_templates_go_by_their_files() -> None:
    app = App()
    for name in ("stacks/dev.yaml", "stacks/prod.yaml"):
        Template({"Resources": stack()}, name=name, app=app)
    outcome = engine.run(app, [rule_of(RULE)], Settings(), Suppressions(datetime.date.min), fix=False)
    assert [finding.template for finding in outcome.findings] == ["stacks/prod.yaml"]


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        (stack(memory=128), stack(memory=512)),
        (stack(), stack({"ProvisionedThroughput": {"ReadCapacityUnits": 5}})),
        (stack(), stack({**ON_DEMAND, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}})),
        (stack(), stack(Other1234={"Type": "AWS::S3::Bucket"})),  # not the same class
        (stack(memory={"Ref": "Memory"}), stack(memory={"Ref": "Memory"})),  # parameters may differ
        (stack(memory=None), stack()),
        ({"Role1234": {"Type": "AWS::IAM::Role"}}, {"Role1234": {"Type": "AWS::IAM::Role"}}),
        ({"B1234": {"Type": "AWS::S3::Bucket"}}, {"B1234": {"Type": "AWS::S3::Bucket"}}),  # too few to tell
        ({}, {}),
    ],
)
def test_near_misses(dev: dict[str, Any], prod: dict[str, Any]) -> None:
    assert found(Dev__Api=dev, Prod__Api=prod) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Staging__Api", "Prod__Api"),  # like prod on purpose
        ("Dev__Api", "Test__Api"),
        ("Dev__Api", "Prod__Data"),
        ("Api", "Prod__Api"),
        ("Device__Api", "Product__Api"),
        ("Prod__Api", "Production__Api"),
    ],
)
def test_stacks_that_are_no_pair(first: str, second: str) -> None:
    assert found(**{first: stack(), second: stack()}) == []


def test_the_number_from_which_a_pair_is_judged() -> None:
    bucket = {"B1234": {"Type": "AWS::S3::Bucket"}}
    assert len(found({"min_resources": 1}, Dev__Api=bucket, Prod__Api=bucket)) == 1
    assert found({"min_resources": 3}, Dev__Api=stack(), Prod__Api=stack()) == []


@pytest.mark.parametrize("type_", SIZES)
def test_the_properties_exist(type_: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema
    assert set(SIZES[type_]) <= set(schema["properties"])
