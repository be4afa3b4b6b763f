"""cloudtrail-deployable."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "cloudtrail-deployable"
SERVICE = {"Service": "cloudtrail.amazonaws.com"}
ARN = {"Fn::GetAtt": ["Logs", "Arn"]}
ACL = {"Effect": "Allow", "Principal": SERVICE, "Action": "s3:GetBucketAcl", "Resource": ARN}
FULL_CONTROL = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
PUT = {
    "Effect": "Allow",
    "Principal": SERVICE,
    "Action": "s3:PutObject",
    "Resource": {"Fn::Join": ["", [ARN, "/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"]]},
    "Condition": FULL_CONTROL,
}
TLS = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": [ARN],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ACL_MISSING = "no policy of Logs lets CloudTrail do s3:GetBucketAcl"
PUT_MISSING = "no policy of Logs lets CloudTrail do s3:PutObject on AWSLogs/ACCOUNT/*"
BOTH_MISSING = f"{ACL_MISSING} and s3:PutObject on AWSLogs/ACCOUNT/*"
GROUP_ARN = "arn:aws:logs:eu-west-1:111122223333:log-group:audit"


def trail(**properties: Any) -> dict[str, Any]:
    given = {"IsLogging": True, "S3BucketName": "audit-logs", **properties}
    return {"Type": "AWS::CloudTrail::Trail", "Properties": given}


def template(statements: Any, bucket: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": statements}
    policy = {"Bucket": {"Ref": "Logs"}, "PolicyDocument": document}
    return {
        "Resources": {
            "Logs": {"Type": "AWS::S3::Bucket", "Properties": bucket or {}},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
            "Trail": trail(S3BucketName={"Ref": "Logs"}, **properties),
        }
    }


def alone(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Trail": trail(**properties)}}


def on(*path: Any) -> dict[str, Any]:
    return PUT | {"Resource": {"Fn::Join": ["", [ARN, *path]]}}


def test_a_bucket_without_a_policy() -> None:
    data = template([])
    del data["Resources"]["Policy"]
    found = assert_flags(data, f"{RULE}[bucket-policy]", path="S3BucketName", message=BOTH_MISSING)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ([], BOTH_MISSING),
        ([TLS], BOTH_MISSING),
        ([ACL], PUT_MISSING),
        ([PUT], ACL_MISSING),
        ([ACL | {"Principal": {"Service": "config.amazonaws.com"}}, PUT], ACL_MISSING),
        ([ACL | {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, PUT], ACL_MISSING),
        ([ACL | {"Effect": "Deny"}, PUT], ACL_MISSING),
        # Only PutObject has that header.
        ([ACL | {"Condition": FULL_CONTROL}, PUT], ACL_MISSING),
        ([ACL | {"Resource": {"Fn::Join": ["", [ARN, "/*"]]}}, PUT], ACL_MISSING),
        ([ACL, PUT | {"Resource": ARN}], PUT_MISSING),
        ([ACL, PUT | {"Resource": {"Fn::GetAtt": ["Trail", "Arn"]}}], PUT_MISSING),
        ([ACL, on("/trail/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*")], PUT_MISSING),
        ([ACL, on("/AWSLogs/")], PUT_MISSING),
        ([ACL, on("/Logs/*")], PUT_MISSING),
        ([ACL, PUT | {"Action": "s3:GetObject"}], PUT_MISSING),
    ],
)
def test_a_policy_that_does_not_let_cloudtrail_write(statements: Any, message: str) -> None:
    found = assert_flags(template(statements), RULE, path="S3BucketName", message=message)
    assert [finding.detail for finding in found] == ["bucket-policy"]


@pytest.mark.parametrize(
    "statements",
    [
        [ACL, PUT],
        [TLS, ACL, PUT],
        [ACL | {"Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Logs}"}}, PUT],
        [ACL, PUT | {"Resource": {"Fn::Sub": "arn:aws:s3:::${Logs}/AWSLogs/${AWS::AccountId}/*"}}],
        [ACL, on("/AWSLogs/111122223333/*")],
        [ACL, on("/AWSLogs/*")],
        [ACL, on("/*")],
        [ACL, PUT | {"Resource": "*"}],
        [ACL | {"Action": ["s3:GetBucketAcl", "s3:PutObject"], "Resource": [ARN, on("/*")["Resource"]]}],
        [PUT | {"Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {}}],
    ],
)
def test_a_policy_that_lets_cloudtrail_write(statements: Any) -> None:
    assert_clean(template(statements), RULE)


def test_what_the_user_guide_says_is_clean() -> None:
    for name, arn in (
        ("audit", "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit"),
        ({"Fn::Sub": "${Env}-audit"}, "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/${Env}-audit"),
    ):
        source = {"aws:SourceArn": {"Fn::Sub": arn}}
        acl = ACL | {"Condition": {"StringEquals": source}}
        put = PUT | {"Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}}}
        assert_clean(template([acl, put], TrailName=name), RULE)


def test_a_statement_for_another_trail() -> None:
    other = {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"}}
    statements = [ACL | {"Condition": other}, PUT]
    assert_flags(template(statements, TrailName="audit"), RULE, message=ACL_MISSING)
    assert_clean(template(statements), RULE)  # the trail's generated name is not known


@pytest.mark.parametrize(
    "statements",
    [
        {"Ref": "Statements"},
        [{"Fn::If": ["IsProd", ACL, {"Ref": "AWS::NoValue"}]}, PUT],
        [ACL | {"Principal": {"Ref": "Principal"}}, PUT],
        [ACL | {"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}, PUT],
        [ACL, PUT | {"Resource": {"Fn::If": ["IsProd", ARN, "*"]}}],
        [ACL, on("/", {"Ref": "Folder"}, "/*")],
        [ACL, {key: value for key, value in PUT.items() if key != "Resource"} | {"NotResource": ARN}],
    ],
)
def test_unknown_statements(statements: Any) -> None:
    assert_clean(template(statements), RULE)


def test_the_prefix_of_the_trail_stands_in_the_policy() -> None:
    message = "no policy of Logs lets CloudTrail do s3:PutObject on audit/AWSLogs/ACCOUNT/*"
    assert_flags(template([ACL, PUT], S3KeyPrefix="audit"), RULE, message=message)
    assert_clean(template([ACL, on("/audit/AWSLogs/111122223333/*")], S3KeyPrefix="audit"), RULE)
    assert_clean(template([ACL, on("/audit/*")], S3KeyPrefix="audit"), RULE)
    assert_clean(template([ACL, on("/", {"Ref": "P"}, "/AWSLogs/*")], S3KeyPrefix={"Ref": "P"}), RULE)
    assert_clean(template([ACL, on("/*")], S3KeyPrefix={"Fn::Select": [0, []]}), RULE)
    for unknown in ({"Ref": "P"}, {"Fn::Select": [0, ["a"]]}, {"Fn::If": ["IsProd", "a", "b"]}):
        assert_clean(template([ACL, PUT], S3KeyPrefix=unknown), RULE)
    assert_clean(template([ACL, PUT], S3KeyPrefix={"Ref": "AWS::NoValue"}), RULE)


def test_an_organization_trail_writes_for_its_organization_too() -> None:
    message = "no policy of Logs lets CloudTrail do s3:PutObject on AWSLogs/ORGANIZATION/*"
    assert_flags(template([ACL, PUT], IsOrganizationTrail=True), RULE, message=message)
    assert_clean(template([ACL, PUT, on("/AWSLogs/o-a1b2c3d4e5/*")], IsOrganizationTrail=True), RULE)
    assert_clean(template([ACL, PUT, on("/AWSLogs/", {"Ref": "OrgId"}, "/*")], IsOrganizationTrail=True), RULE)
    assert_clean(template([ACL, on("/AWSLogs/*")], IsOrganizationTrail=True), RULE)
    assert_clean(template([ACL, PUT], IsOrganizationTrail={"Ref": "Organization"}), RULE)


@pytest.mark.parametrize(
    "name", ["audit-logs", {"Ref": "BucketName"}, {"Fn::ImportValue": "Logs"}, {"Fn::If": ["P", {"Ref": "Logs"}, "a"]}]
)
def test_a_bucket_from_elsewhere(name: Any) -> None:
    data = template([])
    data["Resources"]["Trail"]["Properties"]["S3BucketName"] = name
    assert_clean(data, RULE)


def test_a_policy_that_may_be_the_buckets() -> None:
    data = template([TLS], {"BucketName": "audit-logs"})
    data["Resources"]["Policy"]["Properties"]["Bucket"] = {"Ref": "Name"}
    assert_clean(data, RULE)
    by_name = {"Fn::Sub": "arn:aws:s3:::${Name}"}
    assert_clean(template([ACL | {"Resource": by_name}, PUT], {"BucketName": {"Ref": "Name"}}), RULE)


def with_topic(statement: dict[str, Any] | None, topics: Any = None) -> dict[str, Any]:
    data = alone(SnsTopicName={"Fn::GetAtt": ["Topic", "TopicName"]})
    data["Resources"]["Topic"] = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "trails"}}
    if statement is not None:
        properties = {"Topics": topics or [{"Ref": "Topic"}], "PolicyDocument": {"Statement": [statement]}}
        data["Resources"]["TopicPolicy"] = {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}
    return data


def test_a_topic_to_which_cloudtrail_may_not_publish() -> None:
    publish = {"Effect": "Allow", "Principal": SERVICE, "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}
    message = "no policy of Topic lets CloudTrail do sns:Publish"
    for statement in (None, publish | {"Principal": {"Service": "events.amazonaws.com"}}, publish | {"Effect": "Deny"}):
        found = assert_flags(with_topic(statement), RULE, path="SnsTopicName", message=message)
        assert [finding.id for finding in found] == [f"{RULE}[topic-policy]"]
    for statement in (publish, publish | {"Action": ["SNS:Publish"], "Resource": "*"}, {"Ref": "Statement"}):
        assert_clean(with_topic(statement), RULE)
    assert_clean(with_topic(publish | {"Action": "sns:Subscribe"}, [{"Ref": "TopicArn"}]), RULE)
    assert_clean(alone(SnsTopicName="trails"), RULE)


GROUP = {"Type": "AWS::Logs::LogGroup"}
ROLE = {"CloudWatchLogsRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}


def test_a_log_group_without_a_role_or_the_reverse() -> None:
    group = {"CloudWatchLogsLogGroupArn": f"{GROUP_ARN}:*"}
    for properties, message in (
        (group, "CloudWatchLogsLogGroupArn is set without CloudWatchLogsRoleArn: CloudTrail takes both or none"),
        (ROLE, "CloudWatchLogsRoleArn is set without CloudWatchLogsLogGroupArn: CloudTrail takes both or none"),
    ):
        for more in ({}, {name: {"Ref": "AWS::NoValue"} for name in group | ROLE if name not in properties}):
            found = assert_flags(alone(**properties, **more), RULE, path="CloudWatchLogsLogGroupArn", message=message)
            assert [finding.detail for finding in found] == ["log-group"]
    assert_clean(alone(**group, **ROLE), RULE)
    maybe = {"Fn::If": ["IsProd", f"{GROUP_ARN}:*", {"Ref": "AWS::NoValue"}]}
    assert_clean(alone(CloudWatchLogsLogGroupArn=maybe), RULE)
    assert_clean(alone(**ROLE, CloudWatchLogsLogGroupArn=maybe), RULE)


@pytest.mark.parametrize(
    "arn",
    [
        GROUP_ARN,
        {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:audit"},
        {"Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}"},
        {"Fn::Join": [":", ["arn:aws:logs", {"Ref": "AWS::Region"}, "111122223333", "log-group", "/audit"]]},
    ],
)
def test_an_arn_without_its_end(arn: Any) -> None:
    data = alone(CloudWatchLogsLogGroupArn=arn, **ROLE)
    data["Resources"]["Group"] = GROUP
    message = "CloudWatchLogsLogGroupArn does not end in ':*', so that CloudTrail cannot validate it"
    found = assert_flags(data, RULE, path="CloudWatchLogsLogGroupArn", message=message)
    assert [finding.detail for finding in found] == ["log-group-arn"]


def test_a_name_is_no_arn() -> None:
    data = alone(CloudWatchLogsLogGroupArn={"Ref": "Group"}, **ROLE)
    data["Resources"]["Group"] = GROUP
    message = "CloudWatchLogsLogGroupArn is the log group's name, not its ARN"
    assert_flags(data, f"{RULE}[log-group-arn]", message=message)


@pytest.mark.parametrize(
    "arn",
    [
        f"{GROUP_ARN}:*",
        {"Fn::GetAtt": ["Group", "Arn"]},
        {"Fn::GetAtt": "Group.Arn"},
        {"Fn::Sub": "${Group.Arn}"},
        {"Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}:*"},
        {"Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${NameAndEnd}"},
        {"Ref": "GroupArn"},
        {"Fn::ImportValue": "GroupArn"},
        {"Fn::If": ["IsProd", GROUP_ARN, f"{GROUP_ARN}:*"]},
        "{{resolve:ssm:/audit/log-group}}",
    ],
)
def test_an_arn_that_is_right_or_may_be(arn: Any) -> None:
    data = alone(CloudWatchLogsLogGroupArn=arn, **ROLE)
    data["Resources"]["Group"] = GROUP
    assert_clean(data, RULE)


def test_basic_and_advanced_selectors() -> None:
    basic = [{"ReadWriteType": "All"}]
    advanced = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
    message = "EventSelectors and AdvancedEventSelectors are both set: CloudTrail takes one of them"
    data = alone(EventSelectors=basic, AdvancedEventSelectors=advanced)
    found = assert_flags(data, RULE, path="AdvancedEventSelectors", message=message)
    assert [finding.detail for finding in found] == ["selectors"]
    for one in ([], {"Ref": "AWS::NoValue"}, {"Fn::If": ["IsProd", basic, {"Ref": "AWS::NoValue"}]}):
        assert_clean(alone(EventSelectors=one, AdvancedEventSelectors=advanced), RULE)
        assert_clean(alone(EventSelectors=basic, AdvancedEventSelectors=one), RULE)


@pytest.mark.parametrize("events", [False, "false", {"Ref": "AWS::NoValue"}])
def test_a_multi_region_trail_without_global_events(events: Any) -> None:
    """CloudFormation takes what is not set for false."""
    data = alone(IsMultiRegionTrail=True, IncludeGlobalServiceEvents=events)
    absent = copy.deepcopy(data)
    del absent["Resources"]["Trail"]["Properties"]["IncludeGlobalServiceEvents"]
    message = "a multi-region trail must include global service events (IncludeGlobalServiceEvents)"
    for each in (data, absent):
        found = assert_flags(each, RULE, path="IncludeGlobalServiceEvents", message=message)
        assert [finding.detail for finding in found] == ["global-events"]


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"IncludeGlobalServiceEvents": False},
        {"IsMultiRegionTrail": False, "IncludeGlobalServiceEvents": False},
        {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": "true"},
        {"IsMultiRegionTrail": {"Ref": "Everywhere"}},
        {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": {"Ref": "Everywhere"}},
    ],
)
def test_trails_of_one_region_and_with_global_events(properties: dict[str, Any]) -> None:
    assert_clean(alone(**properties), RULE)
