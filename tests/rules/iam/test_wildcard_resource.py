"""iam-wildcard-resource."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.rules.iam.actions import limitable
from cdk_guardrails.rules.iam.rendered import RENDERED
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "iam-wildcard-resource"
TABLE = "arn:aws:dynamodb:REGION:ACCOUNT:table/TableName"
SUCH = "such as arn:aws:s3:::BucketName/ObjectName"
RESOURCE = "PolicyDocument.Statement[0].Resource"


def policy(
    action: Any, resource: Any = "*", *, id_: str = "It", type_: str = "AWS::IAM::Policy", **statement: Any
) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **statement}]}
    return {"Resources": {id_: {"Type": type_, "Properties": {"PolicyDocument": document}}}}


def holding(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


def allowing(*actions: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("dynamodb:PutItem", f"allows dynamodb:PutItem on every resource: it takes table ARNs, such as {TABLE}"),
        ("DynamoDB:putItem", f"allows DynamoDB:putItem on every resource: it takes table ARNs, such as {TABLE}"),
        ("s3:PutObject", f"allows s3:PutObject on every resource: it takes object or accesspointobject ARNs, {SUCH}"),
        (
            "dynamodb:PutIt*",
            f"allows dynamodb:PutIt* on every resource: dynamodb:PutItem takes table ARNs, such as {TABLE}",
        ),
    ],
)
def test_an_action_that_can_be_limited(action: str, message: str) -> None:
    (finding,) = assert_flags(policy(action), f"{RULE}[{action}]", path=RESOURCE, message=message)
    assert finding.severity is Severity.ERROR


def test_a_pattern_says_how_many_more() -> None:
    others = len(limitable("dynamodb:*Item")) - 1
    message = f"allows dynamodb:*Item on every resource: dynamodb:GetItem takes table ARNs, such as {TABLE}"
    more = f"{message}, and {others} more that it covers can be limited, too"
    assert_flags(policy("dynamodb:*Item"), RULE, path=RESOURCE, message=more)


def test_every_resource_but_some() -> None:
    message = (
        f"allows dynamodb:PutItem on every resource but those of NotResource: it takes table ARNs, such as {TABLE}"
    )
    template = policy("dynamodb:PutItem", None, NotResource=["arn:aws:s3:::orders/*", {"Ref": "Arn"}])
    assert_flags(template, RULE, path="PolicyDocument.Statement[0].NotResource", message=message)


def test_a_whole_service_is_everything_for_its_own_actions_only() -> None:
    [finding] = assert_flags(policy(["S3:getObject", "sqs:SendMessage"], "arn:aws:s3:::*"), RULE)
    assert finding.detail == "S3:getObject"


def test_the_remedy_names_the_arn() -> None:
    (finding,) = assert_flags(policy("dynamodb:PutItem"), RULE)
    assert finding.remedy == f'iam.PolicyStatement(..., actions=["dynamodb:PutItem"], resources=["{TABLE}"])'


def test_a_finding_per_action() -> None:
    template = policy(["sqs:SendMessage", "xray:PutTraceSegments", "dynamodb:Query", "sqs:SendMessage", "s3:*"])
    found = assert_flags(template, RULE)
    assert [finding.id for finding in found] == [f"{RULE}[sqs:SendMessage]", f"{RULE}[dynamodb:Query]"]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (["*"], f"{RESOURCE}[0]"),
        (["arn:aws:s3:::orders/*", {"Ref": "Arn"}, "*"], f"{RESOURCE}[2]"),
        ({"Fn::Sub": "*"}, RESOURCE),
        ({"Fn::Join": ["", ["*"]]}, RESOURCE),
        ("**", RESOURCE),
        ("arn:aws:s3:::*", RESOURCE),
        (["arn:aws:s3:eu-west-1:111122223333:*"], f"{RESOURCE}[0]"),
        (["arn:aws:sqs:::*", "arn:aws:s3:::*", "*"], f"{RESOURCE}[2]"),
    ],
)
def test_where_the_star_stands(resource: Any, path: str) -> None:
    assert_flags(policy("s3:GetObject", resource), RULE, path=path)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (policy("sqs:SendMessage", type_="AWS::IAM::ManagedPolicy"), RESOURCE),
        (policy("sqs:SendMessage", type_="AWS::IAM::RolePolicy"), RESOURCE),
        (policy("sqs:SendMessage", type_="AWS::IAM::UserPolicy"), RESOURCE),
        (policy("sqs:SendMessage", type_="AWS::IAM::GroupPolicy"), RESOURCE),
        (policy("iot:Publish", type_="AWS::IoT::Policy"), RESOURCE),
        (
            holding("AWS::IAM::Role", Policies=[{"PolicyDocument": allowing("sqs:SendMessage")}]),
            "Policies[0].PolicyDocument.Statement.Resource",
        ),
        (
            holding("AWS::Serverless::Function", Policies=["AWSLambdaExecute", allowing("sqs:SendMessage")]),
            "Policies[1].Statement.Resource",
        ),
        (
            holding("AWS::SSO::PermissionSet", InlinePolicy=allowing("sqs:SendMessage")),
            "InlinePolicy.Statement.Resource",
        ),
    ],
)
def test_where_statements_stand(template: dict[str, Any], path: str) -> None:
    assert_flags(template, RULE, path=path)


@pytest.mark.parametrize(
    "template",
    [
        policy(["xray:PutTraceSegments", "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]),
        policy(["ec2:Describe*Zones", "nosuch:Action", "s3:NoSuchAction"]),
        policy(["*", "s3:*", "s3:**", "s*:Get*"]),  # iam-wildcard-action's
        policy("s3:GetObject", "arn:aws:s3:::orders/*"),
        policy("sqs:SendMessage", "arn:aws:s3:::*"),
        policy("s3:GetObject", "arn:aws:s3:::*-logs/*"),
        policy("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/*"),
        policy("s3:GetObject", {"Fn::Sub": "arn:${AWS::Partition}:s3:::*"}),
        policy("s3:GetObject", {"Ref": "Arn"}),
        policy("s3:GetObject", {"Fn::Sub": "${Arn}*"}),
        policy("s3:GetObject", {"Fn::If": ["All", "*", "arn:aws:s3:::orders/*"]}),
        policy({"Ref": "Action"}),
        policy("s3:GetObject", Effect="Deny"),
        policy("s3:GetObject", Effect={"Ref": "Effect"}),
        policy("s3:GetObject", Condition={"StringEquals": {"aws:ResourceTag/App": "shop"}}),
        policy("s3:GetObject", Condition={"Fn::If": ["Narrow", {}, {}]}),
        policy(None, NotAction=["iam:*"]),
        policy(
            "s3:GetObject", None, NotResource="arn:aws:s3:::orders/*", Condition={"Bool": {"aws:ViaAWSService": "true"}}
        ),
        policy("s3:GetObject", None, NotResource="arn:aws:s3:::orders/*", Effect="Deny"),
        policy("xray:PutTraceSegments", None, NotResource="arn:aws:s3:::orders/*"),
        policy("kms:Decrypt", type_="AWS::KMS::Key"),
        holding("AWS::KMS::Key", KeyPolicy=allowing("kms:Decrypt")),
        policy("sqs:SendMessage", type_="AWS::SQS::QueuePolicy", Principal="*"),
        holding("AWS::IAM::Role", AssumeRolePolicyDocument=allowing("sts:AssumeRole")),
        holding("AWS::Serverless::Function", Policies=[{"SQSSendMessagePolicy": {"QueueName": "*"}}]),
        holding("AWS::IAM::Policy", PolicyDocument="*"),
        holding("AWS::IAM::Policy", PolicyDocument={"Statement": [{"Fn::If": ["A", {}, {}]}, "x", None]}),
    ],
)
def test_near_misses(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


def test_a_condition_that_is_no_value_is_none() -> None:
    assert_flags(policy("s3:GetObject", Condition={"Ref": "AWS::NoValue"}), RULE)


def test_what_the_cdk_s_own_functions_need_is_a_warning_with_the_way_out() -> None:
    id_ = "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aServiceRoleDefaultPolicyADDA7DEB"
    (finding,) = assert_flags(
        policy("logs:PutRetentionPolicy", id_=id_),
        RULE,
        message="allows logs:PutRetentionPolicy on every resource, in the CDK's own function for log_retention:"
        " it takes log-group ARNs, such as arn:aws:logs:REGION:ACCOUNT:log-group:LogGroupName",
    )
    assert finding.severity is Severity.WARNING
    assert finding.remedy == "lambda_.Function(..., log_group=log_group)"


def test_another_of_the_cdk_s_own_functions() -> None:
    id_ = "CustomVpcRestrictDefaultSGCustomResourceProviderRole26592FE0"
    (finding,) = assert_flags(policy("ec2:RunInstances", id_=id_), RULE)
    assert finding.severity is Severity.WARNING
    assert finding.remedy == "Suppress this for the CDK's own function, with the reason."


BASTION = ["ssmmessages:*", "ssm:UpdateInstanceInformation", "ec2messages:*"]


def test_what_a_construct_renders_is_a_warning_that_names_it() -> None:
    (finding,) = assert_flags(
        policy([*BASTION, "xray:PutTraceSegments"]),  # merged with another statement
        f"{RULE}[ssm:UpdateInstanceInformation]",
        message="allows ssm:UpdateInstanceInformation on every resource, as ec2.BastionHostLinux renders it:"
        " it takes instance or managed-instance ARNs, such as arn:aws:ec2:REGION:ACCOUNT:instance/InstanceId",
    )
    assert finding.severity is Severity.WARNING


def test_what_a_pipeline_needs_to_update_itself() -> None:
    id_ = "PpUpdatePipelineSelfMutationRoleDefaultPolicy7A35E679"
    template = policy(["cloudformation:DescribeStacks", "s3:ListBucket"], id_=id_)
    [finding] = assert_flags(template, f"{RULE}[s3:ListBucket]")
    assert finding.message.startswith("allows s3:ListBucket on every resource, as pipelines.CodePipeline renders it: ")
    assert finding.severity is Severity.WARNING
    [finding] = assert_flags(policy("s3:ListBucket", id_="SelfMadePolicy"), RULE)
    assert finding.severity is Severity.ERROR


def test_who_writes_a_part_of_it_or_writes_it_elsewhere_is_its_author() -> None:
    part = policy(BASTION[:2])
    inline = holding("AWS::IAM::Role", Policies=[{"PolicyDocument": allowing(*BASTION)}])
    for template in (part, inline):
        (finding,) = assert_flags(template, f"{RULE}[ssm:UpdateInstanceInformation]")
        assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(("by", "actions"), RENDERED)
def test_all_that_is_listed_as_rendered_can_be_limited(by: str, actions: frozenset[str]) -> None:
    assert len(actions) > 1
    assert any(limitable(action) for action in actions), by


def test_text_messages_go_to_phones_which_have_no_arn() -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Statement": [statement]}
    inline = [{"PolicyDocument": allowing("sns:Publish")}]
    assert_clean(holding("AWS::IAM::Role", AssumeRolePolicyDocument=trust, Policies=inline), RULE)
    assert_flags(holding("AWS::IAM::Role", Policies=inline), f"{RULE}[sns:Publish]")


def test_a_permissions_boundary_allows_nothing() -> None:
    template = policy("s3:GetObject", type_="AWS::IAM::ManagedPolicy")
    assert_flags(template, RULE)
    template["Resources"]["Role"] = {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": {"Ref": "It"}}}
    assert_clean(template, RULE)
    template["Resources"]["Role"]["Properties"]["ManagedPolicyArns"] = [{"Ref": "It"}]
    assert_flags(template, RULE)
