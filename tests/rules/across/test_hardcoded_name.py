from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "hardcoded-name"


def one(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    ("type_", "key", "where"),
    [
        ("AWS::S3::Bucket", "BucketName", "anywhere"),
        ("AWS::DynamoDB::Table", "TableName", "in an account and Region"),
        ("AWS::SQS::Queue", "QueueName", "in an account and Region"),
        ("AWS::IAM::Role", "RoleName", "in an account and Region"),
        ("AWS::RDS::DBInstance", "DBInstanceIdentifier", "in an account and Region"),
        ("AWS::Serverless::Function", "FunctionName", "in an account and Region"),
    ],
)
def test_a_literal_name(type_: str, key: str, where: str) -> None:
    text = f"the name 'uploads' is fixed: the resource cannot be replaced, nor the stack deployed twice {where}"
    [finding] = assert_flags(one(type_, **{key: "uploads"}), RULE, path=key, message=text)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("value", [{"Fn::Sub": "uploads"}, {"Fn::Join": ["-", ["image", "uploads"]]}, "uploads.fifo"])
def test_ways_to_write_a_literal(value: Any) -> None:
    assert_flags(one("AWS::SQS::Queue", QueueName=value), RULE, path="QueueName")


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"Ref": "AWS::NoValue"},
        {"Ref": "Name"},
        {"Fn::Sub": "uploads-${AWS::AccountId}"},
        {"Fn::Sub": "${AWS::StackName}-uploads"},
        "{{resolve:ssm:/uploads/name}}",
        "prod-uploads",
        "UploadsDev",
        "www.example.com",  # a website's bucket is named like its domain
        "stackstackbucket3f9a01bc2d4e",  # PhysicalName.GENERATE_IF_NEEDED
        "template-uploads",  # the stack's name
        "acme.template.uploads",
        ["uploads"],
    ],
)
def test_near_misses(value: Any) -> None:
    assert_clean(one("AWS::S3::Bucket", BucketName=value), RULE)


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::Cognito::UserPool", {"UserPoolName": "users"}),  # changes in place
        ("AWS::ApiGateway::RestApi", {"Name": "orders"}),
        ("AWS::ApiGateway::Stage", {"StageName": "v1"}),  # counts within its API
        ("AWS::Lambda::Alias", {"Name": "live", "FunctionName": "x"}),
        ("AWS::IAM::Policy", {"PolicyName": "HandlerDefaultPolicy"}),  # the CDK names them
        ("AWS::Events::EventBus", {"Name": "StackBusA1B2C3D4"}),
        ("AWS::Synthetics::Canary", {"Name": "cicdcanarywitha1d7117"}),
        ("AWS::KMS::Alias", {"AliasName": "alias/codepipeline-cicdpipe79092cf6"}),
        ("AWS::Logs::LogGroup", {"LogGroupName": "/aws/lambda/orders"}),
        ("Custom::Thing", {"Name": "thing"}),
    ],
)
def test_names_that_are_in_nobodys_way(type_: str, properties: dict[str, Any]) -> None:
    assert_clean(one(type_, **properties), RULE)


@pytest.mark.parametrize(
    "name", ["templates", "uploads-of-facades", "orders-20241231", "alias-codepipeline-12345678", "a1d7117"]
)
def test_names_that_only_look_made(name: str) -> None:
    assert_flags(one("AWS::S3::Bucket", BucketName=name), RULE, path="BucketName")


def test_a_name_that_the_cdk_fixes() -> None:
    [finding] = assert_flags(one("AWS::IAM::Role", RoleName="CDKReplicationRole"), RULE, path="RoleName")
    assert finding.remedy == "Set the feature flag @aws-cdk/aws-s3:setUniqueReplicationRoleName in cdk.json."


def test_the_name_of_a_stack_in_a_stage() -> None:
    rule = rule_of(RULE)
    template = Template(one("AWS::SQS::Queue", QueueName="Eu-Shop-orders"), name="Eu/Shop")
    settings = Settings(environment="prod").for_rule(rule)
    assert list(rule.check(template.resources["R"], template, settings)) == []


def test_a_convention_that_the_settings_give_is_enough() -> None:
    rule = rule_of(RULE)
    template = Template(one("AWS::S3::Bucket", BucketName="acme-eu-uploads"))
    resource = template.resources["R"]
    settings = Settings(environment="eu", names="acme-{env}-*").for_rule(rule)
    assert list(rule.check(resource, template, settings)) == []
    settings = Settings(environment="us", names="acme-{env}-*").for_rule(rule)
    assert len(list(rule.check(resource, template, settings))) == 1
