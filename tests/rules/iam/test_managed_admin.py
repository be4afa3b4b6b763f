"""iam-managed-admin."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "iam-managed-admin"


def arn(name: str) -> dict[str, Any]:
    """As the CDK renders it."""
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::aws:policy/{name}"]]}


def carrying(*arns: Any, type_: str = "AWS::IAM::Role", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": {"ManagedPolicyArns": list(arns), **properties}}}}


def sam(policies: Any, type_: str = "AWS::Serverless::Function") -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": {"Policies": policies}}}}


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("AdministratorAccess", "every action on every resource of the account"),
        ("PowerUserAccess", "everything but the administration of users and accounts"),
        ("IAMFullAccess", "everything in IAM, so it can make itself an administrator"),
        ("AmazonDynamoDBFullAccess", "everything that the service can do"),
        ("AmazonDynamoDBFullAccess_v2", "everything that the service can do"),
        ("CloudWatchFullAccessV2", "everything that the service can do"),
        ("AWSLambda_FullAccess", "everything that the service can do"),
        ("AdministratorAccess-Amplify", "everything that the service can do"),
    ],
)
def test_a_policy_of_full_access(name: str, allowed: str) -> None:
    message = f"the AWS managed policy {name} allows {allowed}"
    assert_flags(carrying(arn(name)), f"{RULE}[{name}]", path="ManagedPolicyArns[0]", message=message)


@pytest.mark.parametrize(
    "written",
    [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"},
        {"Fn::Join": [":", ["arn", "aws", "iam", "", "aws", "policy/AdministratorAccess"]]},
    ],
)
@pytest.mark.parametrize("type_", ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"])
def test_however_the_arn_is_written(written: Any, type_: str) -> None:
    template = carrying(arn("ReadOnlyAccess"), written, type_=type_)
    assert_flags(template, f"{RULE}[AdministratorAccess]", path="ManagedPolicyArns[1]")


def test_a_finding_per_policy() -> None:
    names = ["AmazonS3FullAccess", "AmazonSQSFullAccess", "AmazonS3FullAccess"]
    found = assert_flags(carrying(*map(arn, names)), RULE)
    assert [finding.detail for finding in found] == ["AmazonS3FullAccess", "AmazonSQSFullAccess"]


@pytest.mark.parametrize("type_", ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"])
def test_sam_takes_names(type_: str) -> None:
    assert_flags(sam("AdministratorAccess", type_), f"{RULE}[AdministratorAccess]", path="Policies")
    policies = ["AWSLambdaExecute", {"SQSPollerPolicy": {}}, "AmazonS3FullAccess", arn("AmazonSNSFullAccess")]
    found = assert_flags(sam(policies, type_), f"{RULE}", path="Policies[2]")
    assert [finding.detail for finding in found] == ["AmazonS3FullAccess", "AmazonSNSFullAccess"]


@pytest.mark.parametrize(
    "template",
    [
        carrying(arn("service-role/AWSLambdaBasicExecutionRole"), arn("AmazonS3ReadOnlyAccess")),
        carrying(arn("FullAccessibility"), arn("AmazonFullAccessAudit")),
        carrying("arn:aws:iam::111122223333:policy/AdministratorAccess"),
        carrying({"Ref": "AdministratorAccess"}, {"Fn::ImportValue": "AdministratorAccess"}),
        carrying({"Fn::Sub": "arn:aws:iam::aws:policy/${Policy}FullAccess"}) | {"Parameters": {}},
        carrying({"Fn::If": ["Admin", arn("AdministratorAccess"), {"Ref": "AWS::NoValue"}]}),
        carrying(PermissionsBoundary=arn("PowerUserAccess")),
        carrying("AdministratorAccess", None, 7, {}, type_="AWS::IAM::Role"),
        {"Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": {"Ref": "Arns"}}}}},
        {"Resources": {"It": {"Type": "AWS::IAM::Role"}}},
        sam({"S3FullAccessPolicy": {"BucketName": "b"}}),
        sam({"Ref": "AdministratorAccess"}),
        sam({"Fn::Sub": "${Name}FullAccess"}),
        {"Resources": {"It": {"Type": "AWS::SSO::PermissionSet", "Properties": {"ManagedPolicies": [arn("A")]}}}},
    ],
)
def test_near_misses(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)
