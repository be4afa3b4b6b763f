from __future__ import annotations

import datetime
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "hardcoded-account"
ACCOUNT = "111122223333"
TEXT = f"the account {ACCOUNT} is written out, whatever account the stack is in"


def one(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": type_, "Properties": properties}}}


def function(value: Any, name: str = "TARGET") -> dict[str, Any]:
    return one("AWS::Lambda::Function", Environment={"Variables": {name: value}})


def policy(principal: Any, resource: Any = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": resource}
    return one("AWS::S3::BucketPolicy", Bucket="b", PolicyDocument={"Statement": [statement]})


def found(data: dict[str, Any], *others: str, account: str = "444455556666") -> list[Finding]:
    """The findings on a stack in ``account``, in an app with stacks in other accounts."""
    app = App()
    Template(data, name="Stack", app=app, account=account)
    for other in others:
        Template({"Resources": {}}, name=f"Stack-{other}", app=app, account=other)
    settings = Settings(environment="prod")
    return engine.run(app, [rule_of(RULE)], settings, Suppressions(datetime.date.min), fix=False).findings


@pytest.mark.parametrize(
    "value",
    [
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders",
        f"arn:aws:iam::{ACCOUNT}:root",
        f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/orders:1",
        f"arn:aws:s3:::logs/AWSLogs/{ACCOUNT}/*",
        {"Fn::Sub": f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:{ACCOUNT}:orders"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sqs:", {"Ref": "AWS::Region"}, f":{ACCOUNT}:o"]]},
        {"Fn::Join": [":", ["arn:aws:sqs", {"Ref": "AWS::Region"}, f"{ACCOUNT}:orders"]]},
    ],
)
def test_an_account_in_an_address(value: Any) -> None:
    [finding] = assert_flags(function(value), f"{RULE}[{ACCOUNT}]", message=TEXT)
    assert finding.severity is Severity.ERROR
    assert finding.remedy == "cdk.Aws.ACCOUNT_ID"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (function(ACCOUNT, "ACCOUNT_ID"), "Environment.Variables.ACCOUNT_ID"),
        (one("AWS::Lambda::Permission", SourceAccount=ACCOUNT), "SourceAccount"),
        (one("AWS::RAM::ResourceShare", OwnerIds=[ACCOUNT]), "OwnerIds[0]"),
        (
            {"Resources": {}, "Outputs": {"O": {"Value": f"arn:aws:iam::{ACCOUNT}:role/x"}}},
            "Outputs.O.Value",
        ),
    ],
)
def test_an_account_by_its_key(data: dict[str, Any], path: str) -> None:
    assert_flags(data, RULE, path=path, message=TEXT)


@pytest.mark.parametrize("principal", [{"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": [ACCOUNT]}])
def test_a_principal_may_be_meant(principal: Any) -> None:
    text = f"the account {ACCOUNT} is trusted by number, whatever account the stack is in"
    [finding] = assert_flags(policy(principal), RULE, message=text)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "value",
    [
        ACCOUNT,  # twelve digits, and nothing says that they are an account
        {"Ref": "AWS::AccountId"},
        {"Fn::Sub": "arn:aws:sqs:eu-west-1:${AWS::AccountId}:orders"},
        f"orders-{ACCOUNT}",
        f"{ACCOUNT}4:orders",
        f"released/{ACCOUNT}/notes",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:AWSLambdaPowertoolsPythonV3:5",
        {"Fn::Sub": f"arn:aws:lambda:${{AWS::Region}}:{ACCOUNT}:layer:Datadog:5"},
        "",
        111122223333,
    ],
)
def test_near_misses(value: Any) -> None:
    assert_clean(function(value), RULE)


@pytest.mark.parametrize(
    "data",
    [
        one("AWS::Lambda::Function", Description=f"for arn:aws:iam::{ACCOUNT}:root"),
        one("AWS::EC2::Instance", UserData={"Fn::Base64": f"arn:aws:iam::{ACCOUNT}:root"}),
        one("AWS::SQS::Queue", Tags=[{"Key": "Account", "Value": ACCOUNT}]),
        one("AWS::SageMaker::Model", PrimaryContainer={"Image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/x:1"}),
        policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "arn:aws:s3:::logs/AWSLogs/*"),
        policy(
            {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            {"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/alb/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"]]},
        ),
        {"Resources": {}, "Mappings": {"Accounts": {"a": {"Id": f"arn:aws:iam::{ACCOUNT}:root"}}}},
    ],
)
def test_where_an_account_may_stand(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


def test_one_finding_for_a_resource_and_account() -> None:
    data = function(f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders,arn:aws:sqs:eu-west-1:999900001111:orders")
    data["Resources"]["R"]["Properties"]["Role"] = f"arn:aws:iam::{ACCOUNT}:role/x"
    assert [finding.detail for finding in assert_flags(data, RULE)] == [ACCOUNT, "999900001111"]


def test_the_account_of_the_stack_is_how_the_cdk_renders_it() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    assert found(policy({"AWS": arn}), account=ACCOUNT) == []
    assert found(function(arn), ACCOUNT) == []
    assert len(found(function(arn), ACCOUNT, account="")) == 1


def test_another_account_may_be_meant() -> None:
    [finding] = found(function(f"arn:aws:iam::{ACCOUNT}:root"))
    assert finding.message == f"the account {ACCOUNT} is written out, and the stack is in 444455556666"
    assert finding.severity is Severity.WARNING


def test_what_the_settings_give() -> None:
    arn = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"
    alarm = one("AWS::CloudWatch::Alarm", AlarmActions=[arn])
    assert_flags(alarm, RULE, path="AlarmActions[0]")
    assert_clean(alarm, RULE, rules={"required-tags": {"keys": [arn]}})
