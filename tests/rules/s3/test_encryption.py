"""s3-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "s3-encryption"
MESSAGE = "BucketEncryption is not set, so nothing says how objects are encrypted"
KMS = {"algorithm": "aws:kms"}
ALGORITHM = "BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm"
ARN = {"Fn::GetAtt": ["Bucket", "Arn"]}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}


def encrypted(algorithm: Any, **more: Any) -> dict[str, Any]:
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}, **more}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}}


def with_policy(principal: Any, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": ARN}
    template = bucket()
    template["Resources"]["Policy"] = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [statement]}},
    }
    template["Resources"]["Role"] = {"Type": "AWS::IAM::Role"}
    return template


def becomes(before: dict[str, Any], properties: dict[str, Any], **settings: Any) -> None:
    after = {"Resources": {**before["Resources"], "Bucket": bucket(**properties)["Resources"]["Bucket"]}}
    assert_fixed(before, after, RULE, **settings)


def test_a_bucket_that_says_nothing() -> None:
    before = "Resources: {Bucket: {Type: AWS::S3::Bucket}}"
    found = assert_flags(before, RULE, path="BucketEncryption", message=MESSAGE)
    assert [finding.remedy for finding in found] == ["s3.Bucket(..., encryption=s3.BucketEncryption.S3_MANAGED)"]
    assert_fixed(before, bucket(**encrypted("AES256")), RULE)


@pytest.mark.parametrize(
    "configuration",
    [
        None,
        {"Ref": "AWS::NoValue"},
        {},
        {"ServerSideEncryptionConfiguration": []},
        {"ServerSideEncryptionConfiguration": [{"Ref": "AWS::NoValue"}]},
        {"ServerSideEncryptionConfiguration": [{}]},
        {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {}}]},
        {"ServerSideEncryptionConfiguration": "AES256"},
    ],
)
def test_nothing_in_other_words(configuration: Any) -> None:
    assert_fixed(bucket(BucketEncryption=configuration), bucket(**encrypted("AES256")), RULE)


def test_a_rule_that_says_something_else_stays() -> None:
    blocked = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    before = bucket(BucketEncryption={"ServerSideEncryptionConfiguration": [blocked]})
    assert_fixed(before, bucket(**encrypted("AES256", **blocked)), RULE)
    assert_fixed(before, bucket(**encrypted("aws:kms", **blocked, BucketKeyEnabled=True)), RULE, options=KMS)


@pytest.mark.parametrize("options", [{}, KMS])
@pytest.mark.parametrize(
    "configuration",
    [
        encrypted("aws:kms"),
        encrypted("aws:kms", BucketKeyEnabled=False),
        encrypted("aws:kms:dsse"),
        encrypted({"Ref": "Algorithm"}),
        encrypted({"Fn::If": ["IsProd", "aws:kms", "AES256"]}),
        encrypted("{{resolve:ssm:/algorithm}}"),
        {"BucketEncryption": {"Ref": "Encryption"}},
        {"BucketEncryption": {"Fn::If": ["IsProd", encrypted("AES256")["BucketEncryption"], {"Ref": "AWS::NoValue"}]}},
        {"BucketEncryption": {"ServerSideEncryptionConfiguration": {"Ref": "Rules"}}},
        {"BucketEncryption": {"ServerSideEncryptionConfiguration": [{"Fn::Transform": {"Name": "Rules"}}]}},
    ],
)
def test_as_good_or_unknown(configuration: dict[str, Any], options: dict[str, Any]) -> None:
    assert_clean(bucket(**configuration), RULE, options=options)


def test_aes256_is_enough_unless_kms_is_asked_for() -> None:
    assert_clean(bucket(**encrypted("AES256")), RULE)
    message = "new objects are encrypted with AES256, not with aws:kms"
    found = assert_flags(bucket(**encrypted("AES256")), RULE, path=ALGORITHM, message=message, options=KMS)
    assert [finding.remedy for finding in found] == [
        "s3.Bucket(..., encryption=s3.BucketEncryption.KMS_MANAGED, bucket_key_enabled=True)"
    ]
    after = bucket(**encrypted("aws:kms", BucketKeyEnabled=True))
    assert_fixed(bucket(**encrypted("AES256")), after, RULE, options=KMS)
    assert_fixed(bucket(), after, RULE, options=KMS)


def test_a_bucket_key_that_was_switched_off_stays_off() -> None:
    after = bucket(**encrypted("aws:kms", BucketKeyEnabled=False))
    assert_fixed(bucket(**encrypted("AES256", BucketKeyEnabled=False)), after, RULE, options=KMS)


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": "cloudtrail.amazonaws.com"},
        {"AWS": "*"},
        "*",
        {"CanonicalUser": {"Fn::GetAtt": ["Identity", "S3CanonicalUserId"]}},
        {"AWS": "arn:aws:iam::444455556666:root"},
        {"AWS": ["444455556666", {"Fn::GetAtt": ["Role", "Arn"]}]},
        {"AWS": {"Ref": "Reader"}},
        {"Ref": "Principal"},
        None,
    ],
)
def test_the_managed_key_is_for_the_account_only(principal: Any) -> None:
    becomes(with_policy(principal), encrypted("AES256"), options=KMS)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}},
        {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        {
            "AWS": {
                "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":role/r"]]
            }
        },
        {"AWS": [{"Ref": "AWS::AccountId"}]},
    ],
)
def test_policies_for_the_account_are_no_obstacle(principal: Any) -> None:
    becomes(with_policy(principal), encrypted("aws:kms", BucketKeyEnabled=True), options=KMS)
    becomes(with_policy("*", "Deny"), encrypted("aws:kms", BucketKeyEnabled=True), options=KMS)


def test_a_policy_that_nobody_can_read() -> None:
    before = with_policy("*")
    before["Resources"]["Policy"]["Properties"]["PolicyDocument"] = {"Ref": "Document"}
    becomes(before, encrypted("AES256"), options=KMS)


def test_a_bucket_that_receives_access_logs() -> None:
    before = bucket()
    logging = {"LoggingConfiguration": {"DestinationBucketName": {"Ref": "Bucket"}}, **encrypted("aws:kms")}
    before["Resources"]["Source"] = {"Type": "AWS::S3::Bucket", "Properties": logging}
    becomes(before, encrypted("AES256"), options=KMS)
    before["Resources"]["Bucket"] = bucket(**encrypted("AES256"))["Resources"]["Bucket"]
    assert_clean(before, RULE, options=KMS)


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::CloudFront::Distribution", {"DistributionConfig": {"Logging": {"Bucket": ARN}}}),
        ("AWS::EC2::FlowLog", {"LogDestination": ARN}),
    ],
)
def test_a_bucket_that_a_service_uses(type_: str, properties: dict[str, Any]) -> None:
    before = bucket()
    before["Resources"]["User"] = {"Type": type_, "Properties": properties}
    becomes(before, encrypted("AES256"), options=KMS)


def test_a_bucket_that_is_replicated() -> None:
    """Objects encrypted with KMS are left out unless SourceSelectionCriteria asks for them."""
    replication = {"ReplicationConfiguration": {"Role": "r", "Rules": []}}
    assert_fixed(bucket(**replication), bucket(**replication, **encrypted("AES256")), RULE, options=KMS)


def test_other_types() -> None:
    assert_clean({"Resources": {"Bucket": {"Type": "AWS::S3Express::DirectoryBucket"}}}, RULE)


def test_in_every_environment() -> None:
    for environment in ("dev", "staging", "prod"):
        assert_flags(bucket(), RULE, environment=environment)
