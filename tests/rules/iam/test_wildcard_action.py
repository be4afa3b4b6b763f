"""iam-wildcard-action."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.rules.iam.grants import PATTERNS
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "iam-wildcard-action"
ROOT = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::111122223333:root"]]}


def policy(action: Any, type_: str = "AWS::IAM::Policy", **statement: Any) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **statement}]}
    return {"Resources": {"It": {"Type": type_, "Properties": {"PolicyDocument": document}}}}


def holding(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


def allowing(*actions: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("*", "allows *: every action of every service"),
        ("*:*", "allows *:*: every action of every service"),
        ("**", "allows **: every action of every service"),
        ("s3:*", "allows s3:*: every action of s3"),
        ("S3:*", "allows S3:*: every action of S3"),
        ("s3:**", "allows s3:**: every action of s3"),
        ("s*:Get*", "allows s*:Get*: every action of every service"),
    ],
)
def test_everything_is_an_error(action: str, message: str) -> None:
    path = "PolicyDocument.Statement[0].Action"
    (finding,) = assert_flags(policy(action), f"{RULE}[{action}]", path=path, message=message)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("action", ["s3:Get*", "dynamodb:*Item", "ec2:Describe?ags", "s3:*Object*", "iam:?*x"])
def test_a_pattern_is_a_warning(action: str) -> None:
    message = f"allows {action}: whatever matches, actions that AWS adds later included"
    (finding,) = assert_flags(policy([action, "s3:GetObject"]), f"{RULE}[{action}]", message=message)
    assert finding.severity is Severity.WARNING
    assert finding.location == "Properties.PolicyDocument.Statement[0].Action[0]"


def test_a_finding_per_action() -> None:
    template = policy(["s3:*", "s3:List*", "sqs:SendMessage", "s3:*", "s3:list*"])
    found = assert_flags(template, RULE)
    assert [finding.id for finding in found] == [f"{RULE}[s3:*]", f"{RULE}[s3:List*]", f"{RULE}[s3:list*]"]


@pytest.mark.parametrize(
    ("action", "remedy"),
    [
        (
            "s3:GetObject*",
            (
                "Rendered by bucket.grant_read() and grant_read_write()."
                ' Where that is enough: iam.PolicyStatement(actions=["s3:GetObject"], ...).'
            ),
        ),
        (
            "KMS:ReEncrypt*",
            (
                "Rendered by key.grant_encrypt() and grants to write to what the key encrypts. Where that is enough:"
                ' iam.PolicyStatement(actions=["kms:ReEncryptFrom", "kms:ReEncryptTo"], ...).'
            ),
        ),
        (
            "dynamodb:*",
            (
                "table.grant_read_write_data(...), or name the actions:"
                ' iam.PolicyStatement(actions=["service:Action", ...], ...).'
            ),
        ),
        ("glue:*", 'Name the actions: iam.PolicyStatement(actions=["service:Action", ...], ...).'),
        ("*", 'Name the actions: iam.PolicyStatement(actions=["service:Action", ...], ...).'),
    ],
)
def test_the_remedy_names_the_narrower_way(action: str, remedy: str) -> None:
    (finding,) = assert_flags(policy(action), RULE)
    assert finding.remedy == remedy


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (policy("s3:*", "AWS::IAM::ManagedPolicy"), "PolicyDocument.Statement[0].Action"),
        (policy("s3:*", "AWS::IAM::RolePolicy"), "PolicyDocument.Statement[0].Action"),
        (policy("s3:*", "AWS::IAM::UserPolicy"), "PolicyDocument.Statement[0].Action"),
        (policy("s3:*", "AWS::IAM::GroupPolicy"), "PolicyDocument.Statement[0].Action"),
        (policy("s3:*", "AWS::IoT::Policy"), "PolicyDocument.Statement[0].Action"),
        (
            holding("AWS::IAM::Role", Policies=[{"Ref": "AWS::NoValue"}, {"PolicyDocument": allowing("s3:*")}]),
            "Policies[1].PolicyDocument.Statement.Action[0]",
        ),
        (
            holding("AWS::IAM::User", Policies=[{"PolicyDocument": allowing("s3:*")}]),
            "Policies[0].PolicyDocument.Statement.Action[0]",
        ),
        (
            holding("AWS::IAM::Group", Policies=[{"PolicyDocument": allowing("s3:*")}]),
            "Policies[0].PolicyDocument.Statement.Action[0]",
        ),
        (holding("AWS::SSO::PermissionSet", InlinePolicy=allowing("s3:*")), "InlinePolicy.Statement.Action[0]"),
        (
            holding("AWS::Serverless::Function", Policies=["AWSLambdaExecute", allowing("s3:*")]),
            "Policies[1].Statement.Action[0]",
        ),
        (holding("AWS::Serverless::StateMachine", Policies=allowing("s3:*")), "Policies.Statement.Action[0]"),
        (policy("s3:*", "AWS::S3::BucketPolicy", Principal="*"), "PolicyDocument.Statement[0].Action"),
        (policy("sqs:*", "AWS::SQS::QueuePolicy", Principal={"AWS": "*"}), "PolicyDocument.Statement[0].Action"),
        (
            holding("AWS::ECR::Repository", RepositoryPolicyText=allowing("ecr:*")),
            "RepositoryPolicyText.Statement.Action[0]",
        ),
    ],
)
def test_where_statements_stand(template: dict[str, Any], path: str) -> None:
    assert_flags(template, RULE, path=path)


def test_a_condition_or_a_boundary_is_no_excuse() -> None:
    assert_flags(policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), f"{RULE}[*]")
    role = holding("AWS::IAM::Role", PermissionsBoundary="arn", Policies=[{"PolicyDocument": allowing("*")}])
    assert_flags(role, f"{RULE}[*]")


def test_everything_but() -> None:
    template = policy(None, NotAction=["iam:*", "organizations:*"])
    message = "allows every action but those of NotAction, all services included"
    path = "PolicyDocument.Statement[0].NotAction"
    (finding,) = assert_flags(template, f"{RULE}[NotAction]", path=path, message=message)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "template",
    [
        policy(["s3:GetObject", "dynamodb:Query"]),
        policy("*", Effect="Deny"),
        policy(None, Effect="Deny", NotAction=["s3:*"]),
        policy("s3:*", Effect={"Ref": "Effect"}),
        policy({"Ref": "Actions"}),
        policy([{"Ref": "Action"}, {"Fn::Sub": "s3:${Verb}*"}]),
        policy({"Fn::If": ["Admin", "*", "s3:GetObject"]}),
        policy(None),
        holding("AWS::IAM::Policy", PolicyDocument={"Ref": "Document"}),
        holding("AWS::IAM::Policy", PolicyDocument={"Statement": [{"Fn::If": ["A", {}, {"Ref": "AWS::NoValue"}]}]}),
        holding("AWS::IAM::Role", AssumeRolePolicyDocument=allowing("sts:*")),
        holding("AWS::IAM::Role", Policies={"Ref": "Policies"}),
        holding("AWS::Serverless::Function", Policies="AWSLambda_FullAccess"),  # iam-managed-admin's business
        holding("AWS::Serverless::Function", Policies=[{"S3ReadPolicy": {"BucketName": "orders"}}]),
        policy("s3:Get*", "AWS::S3::BucketPolicy", Principal="*"),
        policy("s3:*", "AWS::S3::BucketPolicy", Principal="*", Effect="Deny"),
        policy(None, "AWS::S3::BucketPolicy", NotAction="s3:GetObject"),
        policy("s3:*", "Custom::Policy"),
    ],
)
def test_what_is_left_alone(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": ROOT},
        {"AWS": [ROOT]},
        {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        {"AWS": {"Ref": "AWS::AccountId"}},
        {"AWS": "111122223333"},
    ],
)
def test_a_key_may_be_given_to_its_account(principal: Any) -> None:
    """AWS's default key policy: IAM policies decide."""
    document = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Principal": principal, "Resource": "*"}]}
    assert_clean(holding("AWS::KMS::Key", KeyPolicy=document), RULE)


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}},
        {"AWS": [ROOT, {"Fn::GetAtt": ["Role", "Arn"]}]},
        {"Service": "logs.amazonaws.com"},
        {"AWS": ROOT, "Service": "logs.amazonaws.com"},
    ],
)
def test_a_key_may_not_be_given_to_others(principal: Any) -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Principal": principal, "Resource": "*"}]}
    assert_flags(holding("AWS::KMS::Key", KeyPolicy=document), f"{RULE}[kms:*]")


def test_only_keys_are_given_to_accounts() -> None:
    assert_flags(policy("s3:*", "AWS::S3::BucketPolicy", Principal={"AWS": ROOT}), f"{RULE}[s3:*]")


def test_patterns_of_the_cdk_own_functions_are_left_alone() -> None:
    """BucketDeployment's handler; a wildcard over a whole service is found even there."""
    name = "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756CServiceRoleDefaultPolicy88902FDF"
    own = policy(["s3:GetObject*", "s3:Abort*"])["Resources"]["It"]
    assert_clean({"Resources": {name: own}}, RULE)
    assert_flags({"Resources": {name: policy("s3:*")["Resources"]["It"]}}, f"{RULE}[s3:*]")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_the_cdk_renders_is_known_and_what_is_enough_has_no_wildcard(pattern: str) -> None:
    assert "*" in pattern
    prefix = pattern.removesuffix("*")
    for action in PATTERNS[pattern].enough:
        assert action.startswith(prefix)
        assert "*" not in action


def test_the_policy_of_a_table_with_replicas_is_the_cdk_s() -> None:
    template = policy("dynamodb:*", "AWS::IAM::ManagedPolicy")
    id_ = "OrdersSourceTableAttachedManagedPolicyStackawscdkawsdynamodbReplicaProviderOnEventHandlerServiceRole1B2C3D4E"
    template["Resources"][id_] = template["Resources"].pop("It")
    message = "allows dynamodb:*: every action of dynamodb, as dynamodb.Table renders it for replication_regions"
    [finding] = assert_flags(template, f"{RULE}[dynamodb:*]", message=message)
    assert (finding.severity, finding.remedy) == (Severity.WARNING, "dynamodb.TableV2(..., replicas=[...])")


@pytest.mark.parametrize("type_", ["AWS::SQS::QueueInlinePolicy", "AWS::SNS::TopicInlinePolicy"])
def test_inline_policies_of_queues_and_topics(type_: str) -> None:
    assert_flags(policy("sqs:*", type_, Principal="*"), RULE, path="PolicyDocument.Statement[0].Action")
    assert_clean(policy("sqs:Send*", type_, Principal="*"), RULE)
