"""iam-unneeded-acl."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "iam-unneeded-acl"
USELESS = "good for nothing on a bucket without ACLs, too much on one that takes them"
ACTION = "PolicyDocument.Statement[0].Action"
WITHOUT_ACL = [
    "s3:PutObject",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
]


def statement(action: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::orders/*", **more}


def policy(*statements: Any, id_: str = "It", **resources: Any) -> dict[str, Any]:
    properties = {"PolicyDocument": {"Statement": list(statements)}}
    return {"Resources": {id_: {"Type": "AWS::IAM::Policy", "Properties": properties}, **resources}}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


@pytest.mark.parametrize("action", ["s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutBucketAcl", "S3:putobjectacl"])
def test_an_action_is_taken_out_of_the_list(action: str) -> None:
    before = policy(statement(["s3:PutObject", action, {"Ref": "Other"}]))
    assert_flags(before, f"{RULE}[{action}]", path=f"{ACTION}[1]", message=f"allows {action}: {USELESS}")
    assert_fixed(before, policy(statement(["s3:PutObject", {"Ref": "Other"}])), RULE, unsafe_fixes=True)


def test_all_of_them_in_several_statements() -> None:
    before = policy(
        statement(["s3:PutObjectAcl", "s3:PutObject", "s3:PutObjectVersionAcl", "s3:PutObjectAcl"]),
        statement(["s3:GetObject", "s3:PutObjectAcl"]),
    )
    after = policy(statement(["s3:PutObject"]), statement(["s3:GetObject"]))
    assert_fixed(before, after, RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    ("actions", "fixed"),
    [
        ("s3:PutObject*", WITHOUT_ACL),
        (["s3:GetObject*", "s3:PutObject*", "s3:Abort*"], ["s3:GetObject*", *WITHOUT_ACL, "s3:Abort*"]),
        (
            ["s3:PutObjectTagging", "s3:PutObject*"],
            ["s3:PutObjectTagging", *(a for a in WITHOUT_ACL if a[-9:] != "ctTagging")],
        ),
    ],
)
def test_what_the_cdk_s_grants_render_with_the_flag_off(actions: Any, fixed: list[str]) -> None:
    before = policy(statement(actions))
    rendered = "as the CDK's grants to write render it with a feature flag off"
    message = f"allows s3:PutObject*, {rendered}, which takes in s3:PutObjectAcl: {USELESS}"
    (finding,) = assert_flags(before, f"{RULE}[s3:PutObject*]", message=message)
    assert finding.remedy == 'app.node.set_context("@aws-cdk/aws-s3:grantWriteWithoutAcl", True)'
    assert_fixed(before, policy(statement(fixed)), RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    "actions",
    [
        ["s3:Put*", "s3:GetObject"],
        ["s3:*Acl", "s3:GetObject"],
        "s3:PutObjectAcl",
        ["s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
    ],
)
def test_what_the_fix_cannot_take_out_is_flagged_and_stays(actions: Any) -> None:
    assert_flags(policy(statement(actions)), RULE, unsafe_fixes=True)
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(policy(statement(actions)), policy(statement(actions)), RULE, unsafe_fixes=True)


def test_a_pattern_names_what_it_takes_in() -> None:
    message = f"allows s3:*BucketAcl, which takes in s3:PutBucketAcl: {USELESS}"
    assert_flags(policy(statement("s3:*BucketAcl")), f"{RULE}[s3:*BucketAcl]", path=ACTION, message=message)


def test_nothing_is_fixed_unless_asked_for() -> None:
    template = policy(statement(["s3:PutObject", "s3:PutObjectAcl"]))
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(template, template, RULE)


@pytest.mark.parametrize("type_", ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"])
def test_sam_policy_templates(type_: str) -> None:
    policies = [{"S3ReadPolicy": {"BucketName": "b"}}, {"S3CrudPolicy": {"BucketName": "b"}}]
    message = "the SAM policy template S3CrudPolicy allows s3:PutObjectAcl, good for nothing on a bucket without ACLs"
    template = {"Resources": {"It": {"Type": type_, "Properties": {"Policies": policies}}}}
    assert_flags(template, f"{RULE}[S3CrudPolicy]", path="Policies[1].S3CrudPolicy", message=message)
    single = {"Resources": {"It": {"Type": type_, "Properties": {"Policies": {"S3WritePolicy": {"BucketName": "b"}}}}}}
    assert_flags(single, f"{RULE}[S3WritePolicy]", path="Policies.S3WritePolicy")


OWNER = "ObjectOwnership"
OBJECTS = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}


@pytest.mark.parametrize(
    "properties",
    [
        {"OwnershipControls": {"Rules": [{OWNER: "ObjectWriter"}]}},
        {"OwnershipControls": {"Rules": [{OWNER: "BucketOwnerPreferred"}]}},
        {"OwnershipControls": {"Rules": [{OWNER: {"Ref": "Owner"}}]}},
        {"OwnershipControls": {"Ref": "Controls"}},
        {"AccessControl": "LogDeliveryWrite"},
        {"AccessControl": {"Ref": "Access"}},
    ],
)
def test_a_bucket_that_takes_acls_may_need_them(properties: dict[str, Any]) -> None:
    own = statement(["s3:PutObject", "s3:PutObjectAcl"], Resource=[OBJECTS])
    assert_clean(policy(own, Bucket=bucket(**properties)), RULE)
    other = statement(["s3:PutObject", "s3:PutObjectAcl"])
    assert_flags(policy(own, other, Bucket=bucket(**properties)), RULE, path="PolicyDocument.Statement[1].Action[1]")


@pytest.mark.parametrize(
    "properties", [{}, {"OwnershipControls": {"Rules": [{OWNER: "BucketOwnerEnforced"}]}}, {"AccessControl": "Private"}]
)
def test_a_bucket_without_acls_does_not(properties: dict[str, Any]) -> None:
    own = statement(["s3:PutObject", "s3:PutObjectAcl"], Resource=OBJECTS)
    assert_flags(policy(own, Bucket=bucket(**properties)), RULE)


@pytest.mark.parametrize(
    "template",
    [
        policy(statement(["s3:PutObject", "s3:GetObjectAcl", "s3:GetObject*", "s3:PutBucketTagging"])),
        policy(statement(["*", "s3:*", "s3:**", "s3:?*", "iam:Put*"])),
        policy(statement("s3:PutObjectAcl", Effect="Deny")),
        policy(statement({"Ref": "Action"})),
        policy(statement("s3:PutObjectAcl", Condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}})),
        policy(statement("s3:PutObjectAcl"), id_="PipelineSourceCodePipelineActionRoleDefaultPolicy1"),
        policy(
            statement("s3:PutObjectAcl"), id_="CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756CServiceRole"
        ),
        policy("x", None, {"Ref": "Statement"}),
        {"Resources": {"It": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": "AmazonS3FullAccess"}}}},
    ],
)
def test_near_misses(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)
