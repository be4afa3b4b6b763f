"""required-tags."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

TAGS = {"Owner": "payments", "Project": "shop", "Department": "sales"}
ALL = {"Environment": "prod", **TAGS}
LIST = [{"Key": key, "Value": value} for key, value in ALL.items()]


def one(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    ("type_", "name", "tags"),
    [
        ("AWS::S3::Bucket", "Tags", LIST),
        ("AWS::CloudFormation::Stack", "Tags", LIST),
        ("AWS::EFS::FileSystem", "FileSystemTags", LIST),
        ("AWS::Route53::HostedZone", "HostedZoneTags", LIST),
        ("AWS::Cognito::UserPool", "UserPoolTags", ALL),
        ("AWS::SSM::Parameter", "Tags", ALL),
        ("AWS::ApiGatewayV2::Api", "Tags", ALL),
        ("AWS::Glue::Job", "Tags", ALL),
        ("AWS::Serverless::Function", "Tags", ALL),
        ("AWS::AutoScaling::AutoScalingGroup", "Tags", [{**tag, "PropagateAtLaunch": True} for tag in LIST]),
    ],
)
def test_tags_in_the_shape_of_the_type(type_: str, name: str, tags: Any) -> None:
    assert_fixed(one(type_), one(type_, **{name: tags}), "required-tags", tags=TAGS)
    assert_clean(one(type_, **{name: tags}), "required-tags", tags=TAGS)


def test_the_finding() -> None:
    template = one("AWS::Cognito::UserPool", UserPoolTags={"Owner": "auth", "Project": "login"})
    message = "it has no tags Environment, Department"
    (finding,) = assert_flags(template, "required-tags", path="UserPoolTags", message=message, tags=TAGS)
    assert (finding.id, finding.severity) == ("required-tags", Severity.ERROR)
    assert finding.remedy == 'cdk.Tags.of(resource).add("Environment", ...)'


def test_one_tag_missing() -> None:
    template = one("AWS::S3::Bucket", Tags=LIST[1:])
    assert_flags(template, "required-tags", path="Tags", message="it has no tag Environment", tags=TAGS)


def test_the_authors_tags_are_kept() -> None:
    before = one("AWS::SQS::Queue", Tags=[{"Key": "Owner", "Value": "queues"}, {"Key": "Environment", "Value": ""}])
    after = one("AWS::SQS::Queue", Tags=[*before["Resources"]["It"]["Properties"]["Tags"], *LIST[2:]])
    assert_fixed(before, after, "required-tags", tags=TAGS)


def test_a_map_keeps_the_authors_tags() -> None:
    before = one("AWS::SSM::Parameter", Tags={"Owner": {"Ref": "Team"}, "Project": {"Ref": "AWS::NoValue"}})
    after = one("AWS::SSM::Parameter", Tags={**ALL, "Owner": {"Ref": "Team"}})
    assert_fixed(before, after, "required-tags", tags=TAGS)


def test_other_tags_of_the_settings_are_applied_too() -> None:
    tags = {"CostCenter": "42", **TAGS, "Environment": "blue"}
    expected = [{"Key": "Environment", "Value": "blue"}, *LIST[1:], {"Key": "CostCenter", "Value": "42"}]
    assert_fixed(one("AWS::SNS::Topic"), one("AWS::SNS::Topic", Tags=expected), "required-tags", tags=tags)


def test_the_environment_is_a_value_already() -> None:
    after = one("AWS::SNS::Topic", Tags=[{"Key": "Environment", "Value": "dev"}])
    assert_fixed(one("AWS::SNS::Topic"), after, "required-tags", environment="dev", options={"keys": ["Environment"]})


def test_other_keys_may_be_required() -> None:
    after = one("AWS::SNS::Topic", Tags=[{"Key": "team", "Value": "payments"}])
    options = {"keys": ["team"]}
    assert_fixed(one("AWS::SNS::Topic"), after, "required-tags", tags={"team": "payments"}, options=options)
    assert_clean(one("AWS::SNS::Topic"), "required-tags", options={"keys": []})


def test_settings_in_another_case_are_written_as_required() -> None:
    tags = {**TAGS, "environment": "blue"}
    expected = [{"Key": "Environment", "Value": "blue"}, *LIST[1:]]
    assert_fixed(one("AWS::IAM::Role"), one("AWS::IAM::Role", Tags=expected), "required-tags", tags=tags)


@pytest.mark.parametrize(
    "properties",
    [
        {"Tags": {"Fn::If": ["Tagged", LIST, {"Ref": "AWS::NoValue"}]}},
        {"Tags": {"Ref": "TagsParameter"}},
        {"Tags": [{"Fn::If": ["Tagged", LIST[0], {"Ref": "AWS::NoValue"}]}]},
        {"Tags": [{"Key": {"Ref": "KeyParameter"}, "Value": "x"}]},
        {"Tags": [*LIST, {"Ref": "AWS::NoValue"}]},
        {"Tags": [{"Key": tag["Key"], "Value": {"Ref": "Value"}} for tag in LIST]},
        {"Fn::Transform": {"Name": "AddTags"}},
    ],
)
def test_what_is_unknown_is_left_alone(properties: dict[str, Any]) -> None:
    assert_clean(one("AWS::S3::Bucket", **properties), "required-tags", tags=TAGS)


@pytest.mark.parametrize(
    "type_",
    [
        "AWS::S3::BucketPolicy",
        "AWS::IAM::Policy",
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::CustomResource",
        "Custom::S3AutoDeleteObjects",
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::EC2::LaunchTemplate",
        "My::Own::Type",
    ],
)
def test_what_cannot_be_tagged_is_left_alone(type_: str) -> None:
    assert_clean(one(type_), "required-tags")


def test_a_map_as_text_is_left_alone() -> None:
    assert_clean(one("AWS::Glue::Job", Tags='{"Owner": "etl"}'), "required-tags", tags=TAGS)


def test_tags_that_replace_the_resource_are_not_fixed() -> None:
    template = one("AWS::EC2::KeyPair", KeyName="ops", Tags=LIST[1:])
    message = "it has no tag Environment, and the tags of this type only change by replacing the resource"
    (finding,) = assert_flags(template, "required-tags", path="Tags", message=message, tags=TAGS)
    assert finding.severity is Severity.WARNING
    assert finding.remedy == 'Before the first deployment: cdk.Tags.of(resource).add("Environment", ...)'
    assert_unchanged(template)


def test_a_key_in_another_case_is_not_doubled() -> None:
    """IAM takes Owner and owner for the same key and refuses the second one."""
    tags = [{"Key": "owner", "Value": "auth"}, LIST[0], *LIST[2:]]
    template = one("AWS::IAM::Role", Tags=tags)
    template["Resources"]["Other"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Tags": {**ALL, "owner": "auth"}}}
    message = "the tag 'owner' differs from 'Owner' in case only: a search for 'Owner' misses It"
    (finding,) = assert_flags(template, "required-tags[owner]", message=message, tags=TAGS)
    assert finding.severity is Severity.WARNING
    assert_unchanged(template)


def test_a_key_without_a_value_is_one_finding_a_template() -> None:
    names = [f"Queue{number}" for number in range(5)]
    template = {"Resources": {name: {"Type": "AWS::SQS::Queue", "Properties": {"Tags": LIST[:1]}} for name in names}}
    findings = assert_flags(template, "required-tags", tags={"Project": "shop", "Department": "sales"})
    (finding,) = [finding for finding in findings if finding.detail]
    assert finding.id == "required-tags[Owner]"
    assert finding.message == "the tag Owner has no value: Queue0, Queue1, Queue2 and 2 more cannot get it"
    assert finding.remedy == 'Guardrails(tags={"Owner": ...})'
    assert (finding.logical_id, finding.severity) == ("", Severity.ERROR)
    assert {item.message for item in findings if not item.detail} == {"it has no tags Project, Department"}


def test_a_key_that_authors_have_set_everywhere_needs_no_value() -> None:
    template = one("AWS::SQS::Queue", Tags=LIST)
    template["Resources"]["Rule"] = {"Type": "AWS::S3::BucketPolicy"}
    template["Resources"]["Unknown"] = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": {"Ref": "Tags"}}}
    template["Resources"]["Replaced"] = {"Type": "AWS::EC2::KeyPair", "Properties": {"Tags": LIST[:1]}}
    assert_clean(template, "required-tags")


def test_never_more_than_fifty_tags() -> None:
    many = [{"Key": f"Key{number}", "Value": "x"} for number in range(48)]
    template = one("AWS::S3::Bucket", Tags=many)
    with pytest.raises(AssertionError, match="is not satisfied"):
        assert_fixed(template, one("AWS::S3::Bucket", Tags=[*many, *LIST[:2]]), "required-tags", tags=TAGS)


def assert_unchanged(template: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="is not satisfied"):  # the finding stays, and nothing was changed
        assert_fixed(template, template, "required-tags", tags=TAGS)


def global_table(*replicas: Any) -> dict[str, Any]:
    return one("AWS::DynamoDB::GlobalTable", Replicas=list(replicas))


def test_each_replica_of_a_global_table_has_tags_of_its_own() -> None:
    own = [{"Key": "Owner", "Value": "eu"}, {"Key": "Zone", "Value": "x"}]
    before = global_table(
        {"Region": "eu-west-1", "Tags": own}, {"Region": "us-east-1"}, {"Region": "us-east-2", "Tags": []}
    )
    rest = [tag for tag in LIST if tag["Key"] != "Owner"]
    after = global_table(
        {"Region": "eu-west-1", "Tags": [*own, *rest]},
        {"Region": "us-east-1", "Tags": LIST},
        {"Region": "us-east-2", "Tags": LIST},
    )
    message = "it has no tags Environment, Owner, Project, Department"
    assert_flags(before, "required-tags", path="Replicas", message=message, tags=TAGS)
    assert_fixed(before, after, "required-tags", tags=TAGS)


@pytest.mark.parametrize(
    "template",
    [
        global_table({"Region": "eu-west-1", "Tags": LIST}, {"Region": "us-east-1", "Tags": LIST}),
        global_table({"Region": "eu-west-1"}, {"Fn::If": ["Us", {"Region": "us-east-1"}, {"Ref": "AWS::NoValue"}]}),
        global_table({"Region": "eu-west-1", "Tags": {"Ref": "Tags"}}),
        global_table(),
        one("AWS::DynamoDB::GlobalTable", Replicas={"Fn::If": ["Us", [], []]}),
        one("AWS::DynamoDB::GlobalTable"),
    ],
)
def test_replicas_with_all_tags_or_unknown_ones(template: dict[str, Any]) -> None:
    assert_clean(template, "required-tags", tags=TAGS)


def test_an_environment_that_nobody_named_is_not_guessed() -> None:
    (finding,) = assert_flags(
        one("AWS::S3::Bucket", Tags=LIST[1:]), "required-tags[Environment]", environment=None, tags=TAGS
    )
    assert finding.message == "the tag Environment has no value: It cannot get it"
    assert finding.remedy == "Guardrails(environment=...)"
