"""cloudtrail-kms-policy."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "cloudtrail-kms-policy"
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}},
    "Action": "kms:*",
    "Resource": "*",
}
TRAIL = {"Service": "cloudtrail.amazonaws.com"}
PREFIX = "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
OF_ACCOUNT = {CONTEXT: {"Fn::Sub": "arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*"}}
BOTH = {
    "Effect": "Allow",
    "Principal": TRAIL,
    "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
    "Resource": "*",
}
READERS = {
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {"Null": {CONTEXT: "false"}},
}
DECRYPT = {"Effect": "Allow", "Principal": TRAIL, "Action": "kms:Decrypt", "Resource": "*"}


def says(action: str) -> str:
    return f"the policy of Key does not let CloudTrail do {action}"


def added(name: str = "audit") -> list[dict[str, Any]]:
    arn = {"aws:SourceArn": {"Fn::Sub": PREFIX + name}}
    encrypt = {"ArnLike": arn, "StringLike": OF_ACCOUNT}
    return [
        {
            "Effect": "Allow",
            "Principal": TRAIL,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": encrypt,
        },
        {
            "Effect": "Allow",
            "Principal": TRAIL,
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"ArnLike": arn},
        },
    ]


def trail(**properties: Any) -> dict[str, Any]:
    given = {"TrailName": "audit", "IsLogging": True, "S3BucketName": "logs", "KMSKeyId": {"Ref": "Key"}}
    merged = {key: value for key, value in {**given, **properties}.items() if value is not None}
    return {"Type": "AWS::CloudTrail::Trail", "Properties": merged}


def template(statement: Any, **properties: Any) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": statement}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    return {"Resources": {"Trail": trail(**properties), "Key": key}}


def both(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (BOTH | changes).items() if value is not None}


@pytest.mark.parametrize("key", [{"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}, {"Fn::Sub": "${Key.Arn}"}])
def test_a_key_that_cloudtrail_may_not_use(key: Any) -> None:
    before = template([ROOT], KMSKeyId=key)
    found = assert_flags(before, RULE, path="KMSKeyId", message=says("kms:GenerateDataKey*"))
    assert [finding.id for finding in found] == [f"{RULE}[kms:GenerateDataKey*]", f"{RULE}[kms:DescribeKey]"]
    assert found[1].message == says("kms:DescribeKey")
    assert_fixed(before, template([ROOT, *added()], KMSKeyId=key), RULE)


def test_one_statement_that_is_no_list_and_a_policy_as_text() -> None:
    after = template([ROOT, *added()])
    assert_fixed(template(ROOT), after, RULE)
    before = template([ROOT])
    key = before["Resources"]["Key"]["Properties"]
    key["KeyPolicy"] = json.dumps(key["KeyPolicy"])
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize("policy", [None, {}, {"Ref": "AWS::NoValue"}])
def test_a_key_without_a_policy_keeps_what_kms_gives_it(policy: Any) -> None:
    before, after = template([]), template([READERS | {"Sid": "AccountAdministersKey", "Action": "kms:*"}, *added()])
    del after["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"][0]["Condition"]
    before["Resources"]["Key"]["Properties"] = {} if policy is None else {"KeyPolicy": policy}
    assert_fixed(before, after, RULE)


def test_a_key_by_its_alias() -> None:
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "Key"}}}
    before, after = template([ROOT], KMSKeyId={"Ref": "Alias"}), template([ROOT, *added()], KMSKeyId={"Ref": "Alias"})
    for each in (before, after):
        each["Resources"]["Alias"] = alias
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("name", "in_arn"),
    [
        (None, "*"),
        ({"Ref": "AWS::NoValue"}, "*"),
        ({"Fn::Sub": "${Env}-audit"}, "${Env}-audit"),
        ({"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "audit"]]}, "${AWS::StackName}-audit"),
        ({"Ref": "Env"}, "${Env}"),
        ({"Ref": "Key"}, "*"),
        ({"Fn::Sub": "${Bucket}-audit"}, "*"),
        ({"Fn::ImportValue": "Name"}, "*"),
        ({"Fn::Select": [0, {"Ref": "Names"}]}, "*"),
    ],
)
def test_the_arn_is_built_from_the_name_and_makes_no_cycle(name: Any, in_arn: str) -> None:
    before, after = template([ROOT], TrailName=name), template([ROOT, *added(in_arn)], TrailName=name)
    for each in (before, after):
        each["Parameters"] = {"Env": {"Type": "String"}, "Names": {"Type": "CommaDelimitedList"}}
        each["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket"}
    assert_fixed(before, after, RULE)


def test_two_trails_with_one_key() -> None:
    before, after = template([ROOT]), template([ROOT, *added(), *added("data")])
    for each in (before, after):
        each["Resources"]["Second"] = trail(TrailName="data")
    assert_fixed(before, after, RULE)


def test_two_trails_whose_names_are_generated_share_the_statements() -> None:
    before, after = template([ROOT], TrailName=None), template([ROOT, *added("*")], TrailName=None)
    for each in (before, after):
        each["Resources"]["Second"] = trail(TrailName=None)
    assert_fixed(before, after, RULE)


def test_an_s3_bucket_key_needs_decrypt() -> None:
    rule = {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}},
    }
    before, after = template([ROOT, BOTH]), template([ROOT, BOTH, DECRYPT])
    for each in (before, after):
        each["Resources"]["Trail"]["Properties"]["S3BucketName"] = {"Ref": "Bucket"}
        each["Resources"]["Bucket"] = copy.deepcopy(bucket)
    assert_flags(before, f"{RULE}[kms:Decrypt]", message=says("kms:Decrypt"))
    assert_fixed(before, after, RULE)
    for enabled in (False, {"Ref": "Enabled"}, None):
        before["Resources"]["Bucket"]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"] = [
            rule | {"BucketKeyEnabled": enabled}
        ]
        assert_clean(before, RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Action": "kms:*"},
        {"Action": ["kms:GenerateDataKey", "kms:Describe*"]},
        {"Principal": {"Service": ["logs.amazonaws.com", "cloudtrail.amazonaws.com"]}},
        {"Principal": {"Service": {"Fn::Sub": "cloudtrail.${AWS::URLSuffix}"}}},
        {"Principal": "*"},
        {"Condition": {"StringEquals": {"aws:SourceArn": {"Fn::Sub": PREFIX + "audit"}}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}},
        {"Condition": {"StringLike": {"AWS:SourceArn": ["arn:aws:cloudtrail:*:111122223333:trail/au*"]}}},
    ],
)
def test_statements_that_let_cloudtrail_use_the_key(changes: dict[str, Any]) -> None:
    assert_clean(template([ROOT, both(**changes)]), RULE)


def test_what_the_user_guide_says_is_clean() -> None:
    assert_clean(template([ROOT, *added()]), RULE)
    encrypt = both(Action="kms:GenerateDataKey*", Condition={"StringLike": OF_ACCOUNT})
    assert_clean(template([ROOT, encrypt, both(Action="kms:DescribeKey"), READERS]), RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {"Action": {"Ref": "Actions"}},
        {"Principal": {"Ref": "Principal"}},
        {"Principal": {"Service": {"Fn::FindInMap": ["Services", "cloudtrail", "principal"]}}},
        {"Principal": None, "NotPrincipal": {"AWS": "111122223333"}},
        {"Resource": {"Ref": "Keys"}},
        {"Condition": {"Ref": "Condition"}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": {"Ref": "TrailArn"}}}},
        {"Condition": {"StringEqualsIfExists": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:1:trail/x"}}},
        {"Effect": {"Ref": "Effect"}},
    ],
)
def test_statements_that_may(changes: dict[str, Any]) -> None:
    assert_clean(template([ROOT, both(**changes)]), RULE)
    assert_clean(template([ROOT, {"Fn::If": ["IsProd", BOTH, {"Ref": "AWS::NoValue"}]}]), RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "logs.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Action": ["kms:Encrypt", "kms:Decrypt"]},
        {"Action": None, "NotAction": "kms:*"},
        {"Condition": {"StringEquals": {"aws:SourceArn": {"Fn::Sub": PREFIX + "other"}}}},
        # StringEquals knows no wildcard
        {"Condition": {"StringEquals": {"aws:SourceArn": {"Fn::Sub": PREFIX + "*"}}}},
    ],
)
def test_statements_that_do_not(changes: dict[str, Any]) -> None:
    before = template([ROOT, both(**changes)])
    found = assert_flags(before, RULE)
    assert [finding.detail for finding in found] == ["kms:GenerateDataKey*", "kms:DescribeKey"]
    assert_fixed(before, template([ROOT, both(**changes), *added()]), RULE)


def test_a_request_to_describe_the_key_has_no_encryption_context() -> None:
    before = template([ROOT, both(Condition={"StringLike": OF_ACCOUNT})])
    found = assert_flags(before, RULE, message=says("kms:DescribeKey"))
    assert len(found) == 1
    assert_fixed(before, template([ROOT, both(Condition={"StringLike": OF_ACCOUNT}), added()[1]]), RULE)


def test_what_the_cdk_grants_lacks_describe() -> None:
    """key.grant_encrypt_decrypt(iam.ServicePrincipal("cloudtrail.amazonaws.com"))."""
    granted = both(Action=["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"])
    assert_fixed(template([ROOT, granted]), template([ROOT, granted, added()[1]]), RULE)


def test_nobody_may_read() -> None:
    admin = ROOT | {"Action": ["kms:Create*", "kms:Put*"]}
    before = template([admin, BOTH])
    found = assert_flags(before, f"{RULE}[readers]", message="the policy of Key lets nobody decrypt the logs")
    assert len(found) == 1
    assert_fixed(before, template([admin, BOTH, READERS]), RULE)


@pytest.mark.parametrize(
    "reader",
    [
        READERS,
        READERS | {"Principal": {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}},
        READERS | {"Principal": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}},
        READERS | {"Principal": {"Ref": "Reader"}},
        READERS | {"Action": {"Ref": "Actions"}},
        {"Ref": "Statement"},
    ],
)
def test_somebody_may_read(reader: Any) -> None:
    assert_clean(template([BOTH, reader]), RULE)


@pytest.mark.parametrize(
    "key",
    [
        None,
        "alias/audit",
        "arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e",
        {"Ref": "KeyArn"},
        {"Fn::ImportValue": "Key"},
        {"Fn::If": ["IsProd", {"Ref": "Key"}, {"Ref": "AWS::NoValue"}]},
        {"Ref": "Bucket"},
        {"Fn::ForeignRef": {"Path": "App/Keys/Key", "LogicalId": "Key", "Attribute": "Arn"}},
    ],
)
def test_no_key_of_the_template(key: Any) -> None:
    data = template([], KMSKeyId=key)
    data["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket"}
    assert_clean(data, RULE)


@pytest.mark.parametrize("policy", [{"Ref": "Policy"}, {"Fn::If": ["IsProd", {}, {}]}, "no JSON"])
def test_an_unknown_policy(policy: Any) -> None:
    data = template([])
    data["Resources"]["Key"]["Properties"]["KeyPolicy"] = policy
    assert_clean(data, RULE)
