"""s3-access-logs."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "s3-access-logs"
MESSAGE = "requests leave no server access log"
LOG_BUCKET_ID = "GuardrailsAccessLogsBucket"
LOG_ARN = {"Fn::GetAtt": ["GuardrailsAccessLogsBucket", "Arn"]}
LOG_OBJECTS = {"Fn::Join": ["", [LOG_ARN, "/*"]]}
LOG_BUCKET = {
    "Type": "AWS::S3::Bucket",
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "ExpireAccessLogs",
                    "Status": "Enabled",
                    "ExpirationInDays": 90,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                }
            ]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "VersioningConfiguration": {"Status": "Enabled"},
    },
}
LOG_POLICY = {
    "Type": "AWS::S3::BucketPolicy",
    "Properties": {
        "Bucket": {"Ref": "GuardrailsAccessLogsBucket"},
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "s3:*",
                    "Resource": [LOG_ARN, LOG_OBJECTS],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    "Sid": "S3DeliversAccessLogs",
                    "Effect": "Allow",
                    "Principal": {"Service": "logging.s3.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": LOG_OBJECTS,
                    "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                },
            ],
        },
    },
}
ADDED: dict[str, Any] = {"GuardrailsAccessLogsBucket": LOG_BUCKET, "GuardrailsAccessLogsBucketPolicy": LOG_POLICY}


def bucket(condition: str | None = None, **properties: Any) -> dict[str, Any]:
    attributes = {"Condition": condition} if condition else {}
    return {"Type": "AWS::S3::Bucket", **attributes, "Properties": properties}


def logged(
    id_: str, condition: str | None = None, to: str = "GuardrailsAccessLogsBucket", **more: Any
) -> dict[str, Any]:
    logging = {"DestinationBucketName": {"Ref": to}, "LogFilePrefix": f"{id_}/"}
    return bucket(condition, LoggingConfiguration={**more, **logging})


def conditional(condition: str, **resources: Any) -> dict[str, Any]:
    return {id_: {**resource, "Condition": condition} for id_, resource in resources.items()}


def findings_in(*templates: dict[str, Any]) -> list[str]:
    """The findings in the first of an app's templates."""
    app = App()
    parts = [Template(copy.deepcopy(data), name=f"T{number}", app=app) for number, data in enumerate(templates)]
    rule = rule_of(RULE)
    settings = Settings(environment="prod").for_rule(rule)
    found = [rule.check(resource, parts[0], settings) for resource in parts[0].of_type("AWS::S3::Bucket")]
    return [finding.message for each in found for finding in each]


def test_one_log_bucket_for_all() -> None:
    before = {
        "Resources": {"A": {"Type": "AWS::S3::Bucket"}, "B": bucket(), "C": logged("C", to="Own"), "Own": bucket()}
    }
    found = assert_flags(before, RULE, path="LoggingConfiguration", message=MESSAGE)
    assert [finding.logical_id for finding in found] == ["A", "B"]
    assert found[0].remedy == ("s3.Bucket(..., server_access_logs_bucket=log_bucket, server_access_logs_prefix=...)")
    rest = {"C": logged("C", to="Own"), "Own": bucket()}
    after = {"Resources": {"A": logged("A"), "B": logged("B"), **rest, **ADDED}}
    assert_fixed(before, after, RULE, unsafe_fixes=True)
    assert_fixed(before, after, RULE, rules={RULE: {"fix": True}})


def test_not_fixed_unless_asked() -> None:
    before = {"Resources": {"A": bucket()}}
    with pytest.raises(AssertionError):
        assert_fixed(before, before, RULE)


def test_a_later_bucket_takes_the_log_bucket_of_an_earlier_run() -> None:
    before = {"Resources": {"A": logged("A"), **ADDED, "B": bucket()}}
    after = {"Resources": {"A": logged("A"), **ADDED, "B": logged("B")}}
    assert_fixed(before, after, RULE, unsafe_fixes=True)


def test_days() -> None:
    kept = copy.deepcopy(ADDED)
    kept["GuardrailsAccessLogsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] = 400
    after = {"Resources": {"A": logged("A"), **kept}}
    assert_fixed({"Resources": {"A": bucket()}}, after, RULE, unsafe_fixes=True, options={"retention_days": 400})


def test_the_log_bucket_has_the_condition_of_its_users() -> None:
    before = {"Resources": {"A": bucket("IsProd"), "B": bucket("IsProd")}}
    after = {"Resources": {"A": logged("A", "IsProd"), "B": logged("B", "IsProd"), **conditional("IsProd", **ADDED)}}
    assert_fixed(before, after, RULE, unsafe_fixes=True)


@pytest.mark.parametrize("other", [None, "IsTest"])
def test_the_log_bucket_has_no_condition_when_they_differ(other: str | None) -> None:
    before = {"Resources": {"A": bucket("IsProd"), "B": bucket(other)}}
    after = {"Resources": {"A": logged("A", "IsProd"), "B": logged("B", other), **ADDED}}
    assert_fixed(before, after, RULE, unsafe_fixes=True)


def test_the_logical_id_may_be_taken() -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    before = {"Resources": {"GuardrailsAccessLogsBucket": topic, "A": bucket()}}
    added: dict[str, Any] = {
        "GuardrailsAccessLogsBucket2": LOG_BUCKET,
        "GuardrailsAccessLogsBucket2Policy": copy.deepcopy(LOG_POLICY),
    }
    document = added["GuardrailsAccessLogsBucket2Policy"]["Properties"]
    arn = {"Fn::GetAtt": ["GuardrailsAccessLogsBucket2", "Arn"]}
    objects = {"Fn::Join": ["", [arn, "/*"]]}
    document["Bucket"] = {"Ref": "GuardrailsAccessLogsBucket2"}
    document["PolicyDocument"]["Statement"][0]["Resource"] = [arn, objects]
    document["PolicyDocument"]["Statement"][1]["Resource"] = objects
    resources = {"GuardrailsAccessLogsBucket": topic, "A": logged("A", to="GuardrailsAccessLogsBucket2"), **added}
    assert_fixed(before, {"Resources": resources}, RULE, unsafe_fixes=True)


@pytest.mark.parametrize("configuration", [None, {}, {"Ref": "AWS::NoValue"}, {"DestinationBucketName": ""}])
def test_no_destination_in_other_words(configuration: Any) -> None:
    before = {"Resources": {"A": bucket(LoggingConfiguration=configuration)}}
    assert_flags(before, RULE)
    assert_fixed(before, {"Resources": {"A": logged("A"), **ADDED}}, RULE, unsafe_fixes=True)


def test_the_key_format_stays() -> None:
    format_ = {"TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}}
    before = {"Resources": {"A": bucket(LoggingConfiguration=format_)}}
    assert_fixed(
        before,
        {"Resources": {"A": logged("A", TargetObjectKeyFormat=format_["TargetObjectKeyFormat"]), **ADDED}},
        RULE,
        unsafe_fixes=True,
    )


@pytest.mark.parametrize(
    "configuration",
    [
        {"DestinationBucketName": "central-logs"},
        {"DestinationBucketName": {"Fn::ImportValue": "Logs"}},
        {"DestinationBucketName": {"Ref": "LogBucketName"}, "LogFilePrefix": "a/"},
        {"LogFilePrefix": "own/"},
        {"LogFilePrefix": ""},
        {"LogFilePrefix": {"Ref": "Prefix"}},
        {"Ref": "Logging"},
        {"Fn::If": ["IsProd", {"DestinationBucketName": "logs"}, {"Ref": "AWS::NoValue"}]},
    ],
)
def test_logs_or_unknown(configuration: Any) -> None:
    assert_clean({"Resources": {"A": bucket(LoggingConfiguration=configuration)}}, RULE)


@pytest.mark.parametrize(
    ("properties", "destination"),
    [
        ({}, {"Ref": "Logs"}),
        ({}, {"Fn::Sub": "${Logs}"}),
        ({"BucketName": "central-logs"}, "central-logs"),
        ({"BucketName": {"Ref": "Name"}}, {"Ref": "Name"}),
        ({"BucketName": {"Ref": "Name"}}, "perhaps"),
        ({"BucketName": "central-logs"}, {"Ref": "Name"}),
        ({"AccessControl": "LogDeliveryWrite"}, "elsewhere"),
    ],
)
def test_a_bucket_that_receives_logs(properties: dict[str, Any], destination: Any) -> None:
    source = bucket(LoggingConfiguration={"DestinationBucketName": destination})
    assert_clean({"Resources": {"Source": source, "Logs": bucket(**properties)}}, RULE)


@pytest.mark.parametrize("destination", ["elsewhere", {"Ref": "Topic"}, {"Ref": "Name"}, {"Fn::ImportValue": "Logs"}])
def test_a_bucket_that_receives_none(destination: Any) -> None:
    """A generated name is known to no literal and no parameter."""
    source = bucket(LoggingConfiguration={"DestinationBucketName": destination})
    resources = {"Source": source, "Logs": bucket(), "Topic": {"Type": "AWS::SNS::Topic"}}
    assert [finding.logical_id for finding in assert_flags({"Resources": resources}, RULE)] == ["Logs"]


@pytest.mark.parametrize(
    ("principal", "effect", "receives"),
    [
        ({"Service": "logging.s3.amazonaws.com"}, "Allow", True),
        ({"Service": ["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"]}, "Allow", True),
        ({"Service": "logging.s3.amazonaws.com"}, "Deny", False),
        ({"Service": "cloudtrail.amazonaws.com"}, "Allow", False),
        ({"Service": "delivery.logs.amazonaws.com"}, "Allow", False),
        ("*", "Allow", False),
    ],
)
def test_a_policy_that_admits_the_delivery(principal: Any, effect: str, receives: bool) -> None:
    """Trails and load balancers log to buckets which themselves should be logged."""
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:PutObject", "Resource": "*"}
    properties = {"Bucket": {"Ref": "Logs"}, "PolicyDocument": {"Statement": [statement]}}
    template = {"Resources": {"Logs": bucket(), "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    if receives:
        assert_clean(template, RULE)
    else:
        assert_flags(template, RULE, message=MESSAGE)


FOREIGN = {"Path": "App/Data/Logs/Resource", "LogicalId": "Logs", "Attribute": "Ref"}


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("central-logs", []),
        ({"Fn::ForeignRef": FOREIGN}, []),
        ({"Fn::ImportValue": "Data:Logs"}, []),
        ("other-logs", [MESSAGE]),
        ({"Ref": "Name"}, [MESSAGE]),
        ({"Fn::ForeignRef": FOREIGN | {"Path": "App/Twin/Logs/Resource"}}, [MESSAGE]),
        ({"Fn::ImportValue": "Data:Other"}, [MESSAGE]),
    ],
)
def test_a_bucket_that_receives_logs_from_another_stack(destination: Any, expected: list[str]) -> None:
    logs = bucket(BucketName="central-logs") | {"Metadata": {"aws:cdk:path": "App/Data/Logs/Resource"}}
    outputs = {"Export": {"Value": {"Ref": "Logs"}, "Export": {"Name": "Data:Logs"}}}
    other = {"Resources": {"Source": bucket(LoggingConfiguration={"DestinationBucketName": destination})}}
    assert findings_in({"Resources": {"Logs": logs}, "Outputs": outputs}, other) == expected


def test_off_in_dev_unless_configured() -> None:
    template = {"Resources": {"A": bucket()}}
    assert_clean(template, RULE, environment="dev")
    assert_flags(template, RULE, environment="dev", rules={RULE: "warning"})
