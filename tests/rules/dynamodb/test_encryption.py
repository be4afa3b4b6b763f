"""dynamodb-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "dynamodb-encryption"
OWNED = "the table is encrypted with a key that AWS owns"
CUSTOMER = {"table_encryption": "customer"}
ENABLED = {"SSEEnabled": True, "SSEType": "KMS"}
STACK_KEY = {"Fn::GetAtt": ["GuardrailsKey", "Arn"]}
SINGLE = ("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")
GLOBAL = "AWS::DynamoDB::GlobalTable"
KEY = {
    "Type": "AWS::KMS::Key",
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "Description": "Encrypts what has no other key in this stack: log groups, variables of functions, topics",
        "EnableKeyRotation": True,
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AccountAdministersKey",
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "AccountUsesKeyThroughDynamoDB",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [
                        "kms:Encrypt",
                        "kms:Decrypt",
                        "kms:ReEncrypt*",
                        "kms:GenerateDataKey*",
                        "kms:CreateGrant",
                        "kms:DescribeKey",
                    ],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {
                            "kms:CallerAccount": {"Ref": "AWS::AccountId"},
                            "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
                        }
                    },
                },
            ],
        },
    },
}


def table(type_: str = "AWS::DynamoDB::Table", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Table": {"Type": type_, "Properties": properties}}}


def with_key(template: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": {**template["Resources"], "GuardrailsKey": KEY}}


@pytest.mark.parametrize("type_", [*SINGLE, GLOBAL])
def test_the_key_that_aws_owns(type_: str) -> None:
    found = assert_flags(table(type_), RULE, path="SSESpecification", message=OWNED)
    assert [(finding.id, finding.severity) for finding in found] == [(RULE, Severity.WARNING)]
    assert_fixed(table(type_), table(type_, SSESpecification=ENABLED), RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    ("type_", "options", "remedy"),
    [
        (SINGLE[0], {}, "dynamodb.Table(..., encryption=dynamodb.TableEncryption.AWS_MANAGED)"),
        (SINGLE[0], CUSTOMER, "dynamodb.Table(..., encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED)"),
        (GLOBAL, {}, "dynamodb.TableV2(..., encryption=dynamodb.TableEncryptionV2.aws_managed_key())"),
        (GLOBAL, CUSTOMER, "dynamodb.TableV2(..., encryption=dynamodb.TableEncryptionV2.customer_managed_key(...))"),
    ],
)
def test_the_remedy(type_: str, options: dict[str, Any], remedy: str) -> None:
    assert [finding.remedy for finding in assert_flags(table(type_), RULE, options=options)] == [remedy]


def test_not_fixed_unless_asked() -> None:
    with pytest.raises(AssertionError):
        assert_fixed(table(), table(SSESpecification=ENABLED), RULE)


@pytest.mark.parametrize(
    "specification",
    [None, {}, {"SSEEnabled": False}, {"SSEEnabled": "false", "SSEType": "KMS"}, {"Ref": "AWS::NoValue"}],
)
def test_off_in_other_words(specification: Any) -> None:
    """The CDK's TableEncryption.DEFAULT renders SSEEnabled false."""
    after = table(SSESpecification=ENABLED, BillingMode="PAY_PER_REQUEST")
    before = table(SSESpecification=specification, BillingMode="PAY_PER_REQUEST")
    assert_fixed(before, after, RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    "specification",
    [
        {"SSEEnabled": True},
        {"SSEEnabled": "true", "SSEType": "KMS"},
        {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/aws/dynamodb"},
        {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}},
        {"SSEEnabled": {"Ref": "Encrypted"}},
        {"SSEEnabled": {"Fn::If": ["IsProd", True, False]}},
        {"Ref": "Specification"},
        {"Fn::If": ["IsProd", {"SSEEnabled": True}, {"Ref": "AWS::NoValue"}]},
    ],
)
@pytest.mark.parametrize("type_", [*SINGLE, GLOBAL])
def test_managed_or_unknown(type_: str, specification: Any) -> None:
    assert_clean(table(type_, SSESpecification=specification), RULE)


@pytest.mark.parametrize("type_", SINGLE)
@pytest.mark.parametrize("specification", [None, {"SSEEnabled": True}, ENABLED, ENABLED | {"KMSMasterKeyId": ""}])
def test_one_customer_key_per_stack(type_: str, specification: Any) -> None:
    after = with_key(table(type_, SSESpecification=ENABLED | {"KMSMasterKeyId": STACK_KEY}))
    before = table(type_, SSESpecification=specification)
    assert_fixed(before, after, RULE, unsafe_fixes=True, options=CUSTOMER)


@pytest.mark.parametrize("key", [None, "alias/aws/dynamodb", "arn:aws:kms:eu-west-1:111122223333:alias/aws/dynamodb"])
def test_the_key_that_aws_manages_is_not_the_customers(key: Any) -> None:
    before = table(SSESpecification={"SSEEnabled": True, "KMSMasterKeyId": key})
    message = "the table is encrypted with a key that AWS manages"
    assert_flags(before, RULE, path="SSESpecification.KMSMasterKeyId", message=message, options=CUSTOMER)


@pytest.mark.parametrize("key", ["alias/orders", {"Ref": "KeyArn"}, {"Fn::GetAtt": ["Key", "Arn"]}, "0d990263"])
def test_a_customers_key(key: Any) -> None:
    assert_clean(table(SSESpecification=ENABLED | {"KMSMasterKeyId": key}), RULE, options=CUSTOMER)


def test_the_key_of_the_author_is_kept() -> None:
    before = table(SSESpecification={"SSEEnabled": False, "KMSMasterKeyId": "alias/orders"})
    after = table(SSESpecification=ENABLED | {"KMSMasterKeyId": "alias/orders"})
    assert_fixed(before, after, RULE, unsafe_fixes=True, options=CUSTOMER)


@pytest.mark.parametrize("specification", [None, ENABLED])
def test_the_one_replica_of_a_global_table(specification: Any) -> None:
    """It stands in the stack's region."""
    before = table(GLOBAL, Replicas=[{"Region": "eu-west-1"}], SSESpecification=specification)
    replica = {"Region": "eu-west-1", "SSESpecification": {"KMSMasterKeyId": STACK_KEY}}
    after = with_key(table(GLOBAL, Replicas=[replica], SSESpecification=ENABLED))
    assert_fixed(before, after, RULE, unsafe_fixes=True, options=CUSTOMER)


@pytest.mark.parametrize(
    "replicas",
    [
        [{"Region": "eu-west-1"}, {"Region": "us-east-1"}],
        [{"Region": "eu-west-1"}, {"Fn::If": ["IsProd", {"Region": "us-east-1"}, {"Ref": "AWS::NoValue"}]}],
        [{"Fn::If": ["IsProd", {"Region": "us-east-1"}, {"Region": "eu-west-1"}]}],
        [{"Region": "eu-west-1"}, {"Ref": "AWS::NoValue"}],
        {"Ref": "Replicas"},
        None,
    ],
)
def test_replicas_in_several_regions_are_not_fixed(replicas: Any) -> None:
    before = table(GLOBAL, Replicas=replicas)
    message = f"{OWNED}; not fixed, since each replica needs a key in its own region"
    assert_flags(before, RULE, message=message, options=CUSTOMER)
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(before, before, RULE, unsafe_fixes=True, options=CUSTOMER)
    assert_fixed(before, table(GLOBAL, Replicas=replicas, SSESpecification=ENABLED), RULE, unsafe_fixes=True)


def test_each_replica_names_its_key() -> None:
    own = {"Region": "eu-west-1", "SSESpecification": {"KMSMasterKeyId": "alias/orders"}}
    template = table(GLOBAL, Replicas=[own, {"Region": "us-east-1"}], SSESpecification=ENABLED)
    path = "Replicas[1].SSESpecification.KMSMasterKeyId"
    obstacle = "not fixed, since each replica needs a key in its own region"
    message = f"the table in us-east-1 is encrypted with a key that AWS manages; {obstacle}"
    found = assert_flags(template, f"{RULE}[us-east-1]", path=path, message=message, options=CUSTOMER)
    assert len(found) == 1
    assert_clean(table(GLOBAL, Replicas=[own, own], SSESpecification=ENABLED), RULE, options=CUSTOMER)
    assert_clean(template, RULE)


def test_replicas_that_a_custom_resource_makes() -> None:
    template = table()
    properties = {"TableName": {"Ref": "Table"}, "Region": "us-east-1"}
    template["Resources"]["Replica"] = {"Type": "Custom::DynamoDBReplica", "Properties": properties}
    assert_flags(template, RULE, message=f"{OWNED}; not fixed, since its replicas stand outside of it")
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(template, template, RULE, unsafe_fixes=True)


def test_in_every_environment() -> None:
    for environment in ("dev", "staging", "prod"):
        assert_flags(table(), RULE, environment=environment)
