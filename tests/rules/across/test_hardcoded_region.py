from __future__ import annotations

import datetime
from typing import Any

import pytest
from cfnlint.helpers import REGIONS

from cdk_guardrails import engine
from cdk_guardrails.rules.across.hardcoded_region import REGION
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "hardcoded-region"


def one(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": type_, "Properties": properties}}}


def function(value: Any) -> dict[str, Any]:
    return one("AWS::Lambda::Function", Environment={"Variables": {"TARGET": value}})


def found(data: dict[str, Any], *others: str, region: str = "eu-west-1") -> list[Finding]:
    """The findings on a stack in ``region``, in an app with stacks in other Regions."""
    app = App()
    Template(data, name="Stack", app=app, region=region)
    for other in others:
        Template({"Resources": {}}, name=f"Stack-{other}", app=app, region=other)
    settings = Settings(environment="prod")
    return engine.run(app, [rule_of(RULE)], settings, Suppressions(datetime.date.min), fix=False).findings


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_the_form(region: str) -> None:
    match = REGION.fullmatch(region)
    assert match is not None
    assert match["region"] == region


@pytest.mark.parametrize(
    "value",
    [
        "us-east-1",
        "arn:aws:sqs:us-east-1:111122223333:orders",
        "https://sqs.us-east-1.amazonaws.com/111122223333/orders",
        "https://s3-us-east-1.amazonaws.com/orders",
        "com.amazonaws.us-east-1.s3",
        {"Fn::Sub": "arn:${AWS::Partition}:sqs:us-east-1:${AWS::AccountId}:orders"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sqs:us-east-1:", {"Ref": "AWS::AccountId"}, ":o"]]},
        {"Fn::If": ["C", "us-east-1", {"Ref": "AWS::Region"}]},
        "eu-central-1,us-east-1",
    ],
)
def test_a_region_that_is_written_out(value: Any) -> None:
    text = "the Region us-east-1 is written out, so the stack works in no other Region"
    findings = assert_flags(function(value), f"{RULE}[us-east-1]", message=text)
    assert all(finding.severity is Severity.ERROR for finding in findings)
    assert findings[0].location.startswith("Properties.Environment.Variables.TARGET")
    assert findings[0].remedy == "cdk.Aws.REGION"


def test_an_availability_zone() -> None:
    [finding] = assert_flags(
        one("AWS::EC2::Subnet", AvailabilityZone="us-east-1a", VpcId="vpc-1"),
        f"{RULE}[us-east-1]",
        path="AvailabilityZone",
        message="the availability zone us-east-1a is written out, so the stack works in no other Region",
    )
    assert finding.remedy == "cdk.Fn.select(0, cdk.Fn.get_azs())"


def test_an_output() -> None:
    data = {"Resources": {}, "Outputs": {"Url": {"Value": "https://us-east-1.example.com"}}}
    assert_flags(data, RULE, path="Outputs.Url.Value")


def test_one_finding_for_a_resource_and_region() -> None:
    data = function("us-east-1")
    data["Resources"]["R"]["Properties"]["Role"] = "arn:aws:x:us-east-1:a:b"
    data["Resources"]["R"]["Properties"]["KmsKeyArn"] = "arn:aws:kms:us-west-2:a:key/b"
    assert [finding.detail for finding in assert_flags(data, RULE)] == ["us-east-1", "us-west-2"]


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "AWS::Region"},
        {"Fn::Sub": "https://sqs.${AWS::Region}.amazonaws.com/orders"},
        "assets-us-east-1",  # a part of a name
        "arn:aws:s3:::assets-us-east-1/key",
        "us-east-1-assets",
        "us-west-2-lax-1a",
        "north-1",
        "my-north-1",
        "db-central-1",
        "us-east",
        "us-east-1x2",
        "",
        7,
    ],
)
def test_near_misses(value: Any) -> None:
    assert_clean(function(value), RULE)


@pytest.mark.parametrize(
    "data",
    [
        one("AWS::Lambda::Function", Description="replaces the one in us-east-1", FunctionName="f.us-east-1"),
        one("AWS::Lambda::Function", Code={"ZipFile": "region = 'us-east-1'"}),
        one("AWS::EC2::Instance", UserData={"Fn::Base64": "aws --region us-east-1"}),
        one("AWS::SQS::Queue", Tags=[{"Key": "Region", "Value": "us-east-1"}]),
        one("Custom::Thing", Tags={"Region": "us-east-1"}),
        one("AWS::DynamoDB::GlobalTable", Replicas=[{"Region": "us-east-1"}, {"Region": {"Ref": "AWS::Region"}}]),
        one("Custom::DynamoDBReplica", TableName={"Ref": "T"}, Region="us-east-1"),
        one("AWS::SecretsManager::Secret", ReplicaRegions=[{"Region": "us-east-1"}]),
        one("AWS::CloudFormation::StackSet", StackInstancesGroup=[{"Regions": ["us-east-1", "eu-west-1"]}]),
        one(
            "AWS::IAM::ManagedPolicy",
            PolicyDocument={"Statement": [{"Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}}}]},
        ),
        one(
            "AWS::CloudFront::Distribution",
            DistributionConfig={"ViewerCertificate": {"AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/a"}},
        ),
        one("AWS::ApiGateway::DomainName", CertificateArn="arn:aws:acm:us-east-1:1:certificate/a"),
        one("AWS::Cognito::UserPoolDomain", CustomDomainConfig={"CertificateArn": "arn:aws:acm:us-east-1:1:c/a"}),
        one("AWS::SSM::Parameter", Name="acl", Value="arn:aws:wafv2:us-east-1:1:global/webacl/a/b"),
        {"Resources": {}, "Mappings": {"Regions": {"us-east-1": {"Ami": "ami-us-east-1"}}}},
        {"Resources": {}, "Parameters": {"Region": {"Type": "String", "Default": "us-east-1"}}},
        {"Resources": {}, "Outputs": {"O": {"Description": "in us-east-1", "Value": "x"}, "P": None}},
        {"Resources": {"R": {"Type": "AWS::SQS::Queue", "Metadata": {"Region": "us-east-1"}}}},
    ],
)
def test_where_a_region_may_stand(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


def test_global_services_need_no_other_region_than_theirs() -> None:
    origin = {"Origins": [{"DomainName": "assets.s3.eu-central-1.amazonaws.com"}]}
    assert_flags(one("AWS::CloudFront::Distribution", DistributionConfig=origin), f"{RULE}[eu-central-1]")


def test_the_region_of_the_stack_is_how_the_cdk_renders_it() -> None:
    assert found(function("eu-west-1")) == []
    assert found(one("AWS::EC2::Subnet", AvailabilityZone="eu-west-1a")) == []


def test_another_region_may_be_meant() -> None:
    [finding] = found(function("us-east-1"))
    assert finding.message == "the Region us-east-1 is written out, and the stack is in eu-west-1"
    assert finding.severity is Severity.WARNING


def test_the_region_of_another_stack_of_the_app() -> None:
    assert found(function("us-east-1"), "us-east-1") == []
    assert len(found(function("us-east-1"), "us-east-1", region="")) == 1


def test_a_policy_about_replicas() -> None:
    arn = {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:us-east-1:${AWS::AccountId}:table/${T}"}
    data = one("AWS::IAM::Policy", PolicyDocument={"Statement": [{"Resource": [arn]}]})
    assert_flags(data, RULE, path="PolicyDocument.Statement[0].Resource[0].Fn::Sub")
    replica = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": [{"Region": "us-east-1"}]}}
    data["Resources"]["T"] = replica
    assert_clean(data, RULE)
    data["Resources"]["Other"] = function("https://sqs.us-east-1.amazonaws.com/q")["Resources"]["R"]
    [finding] = assert_flags(data, RULE)
    assert finding.logical_id == "Other"


def test_what_the_settings_give() -> None:
    alarm = one("AWS::CloudWatch::Alarm", AlarmActions=["arn:aws:sns:us-east-1:111122223333:alarms"])
    assert_flags(alarm, RULE, path="AlarmActions[0]")
    rules = {"required-tags": {"keys": ["arn:aws:sns:us-east-1:111122223333:alarms"]}}
    assert_clean(alarm, RULE, rules=rules)
