"""lambda-env-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-env-encryption"
MESSAGE = "its variables are not encrypted with a KMS key of the account"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e"
ADDED_KEY = {"Fn::GetAtt": ["GuardrailsKey", "Arn"]}
ENVIRONMENT = {"Variables": {"TABLE": "orders"}}
ROLE_ARN = {"Fn::GetAtt": ["Role", "Arn"]}
KEY = {
    "Type": "AWS::KMS::Key",
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "Description": "Encrypts what has no other key in this stack: log groups, variables of functions, topics",
        "EnableKeyRotation": True,
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AccountAdministersKey",
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        },
    },
}
CONDITIONS = {"Conditions": {"Prod": {"Fn::Equals": ["a", "a"]}}}


def function(
    key: Any = None, *, role: Any = ROLE_ARN, environment: Any = ENVIRONMENT, **attributes: Any
) -> dict[str, Any]:
    properties = {"Role": role, "Environment": environment} | ({} if key is None else {"KmsKeyArn": key})
    return {"Type": "AWS::Lambda::Function", **attributes, "Properties": properties}


def role(service: str = "lambda", **properties: Any) -> dict[str, Any]:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}}}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


def may_decrypt(key: Any = ADDED_KEY) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}


def policy(*statements: Any) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    return {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document, "Roles": [{"Ref": "Role"}]}}


def added(key: Any = ADDED_KEY) -> dict[str, Any]:
    properties = {
        "PolicyName": "GuardrailsRoleDecryption",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [may_decrypt(key)]},
        "Roles": [{"Ref": "Role"}],
    }
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def flagged_only(data: dict[str, Any], why: str) -> None:
    assert_flags(data, RULE, message=f"{MESSAGE}; not fixed, since {why}, and it must be able to decrypt them")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


WAITS = ["GuardrailsRoleDecryption"]


def test_key_permission_and_order() -> None:
    before = template(Role=role(), Function=function())
    found = assert_flags(before, RULE, path="KmsKeyArn", message=MESSAGE)
    assert [finding.remedy for finding in found] == ["lambda_.Function(..., environment_encryption=key)"]
    after = template(
        Role=role(),
        Function=function(ADDED_KEY, DependsOn=WAITS),
        GuardrailsKey=KEY,
        GuardrailsRoleDecryption=added(),
    )
    assert_fixed(before, after, RULE)


def test_a_key_that_was_given() -> None:
    before = template(Role=role(), Function=function(""))
    after = template(Role=role(), Function=function(KEY_ARN, DependsOn=WAITS), GuardrailsRoleDecryption=added(KEY_ARN))
    assert_fixed(before, after, RULE, options={"kms_key_arn": KEY_ARN})


def test_as_the_cdk_makes_it() -> None:
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    waits = ["Default", "Role"]
    before = template(Role=role(), Default=policy(read), Function=function(DependsOn=waits))
    after = template(
        Role=role(),
        Default=policy(read, may_decrypt()),
        Function=function(ADDED_KEY, DependsOn=waits),
        GuardrailsKey=KEY,
    )
    assert_fixed(before, after, RULE)


def test_functions_share_key_role_and_statement() -> None:
    encrypted = function(ADDED_KEY, DependsOn=WAITS)
    after = template(Role=role(), A=encrypted, B=encrypted, GuardrailsKey=KEY, GuardrailsRoleDecryption=added())
    assert_fixed(template(Role=role(), A=function(), B=function()), after, RULE)


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:*", "*", ["kms:decrypt", "s3:GetObject"]])
def test_a_role_that_may_decrypt_with_every_key(action: Any) -> None:
    inline = role(Policies=[{"PolicyDocument": {"Statement": may_decrypt("*") | {"Action": action}}}])
    after = template(Role=inline, Function=function(ADDED_KEY), GuardrailsKey=KEY)
    assert_fixed(template(Role=inline, Function=function()), after, RULE)


def test_a_role_that_may_decrypt_with_another_key() -> None:
    inline = role(Policies=[{"PolicyDocument": {"Statement": may_decrypt(KEY_ARN)}}])
    after = template(
        Role=inline,
        Function=function(ADDED_KEY, DependsOn=WAITS),
        GuardrailsKey=KEY,
        GuardrailsRoleDecryption=added(),
    )
    assert_fixed(template(Role=inline, Function=function()), after, RULE)
    before, after = template(Role=inline, Function=function()), template(Role=inline, Function=function(KEY_ARN))
    assert_fixed(before, after, RULE, options={"kms_key_arn": KEY_ARN})


def test_the_key_has_the_condition_of_function_and_role() -> None:
    conditional = role() | {"Condition": "Prod"}
    before = template(Role=conditional, Function=function(Condition="Prod"))
    after = template(
        Role=conditional,
        Function=function(ADDED_KEY, Condition="Prod", DependsOn=WAITS),
        GuardrailsKey={**KEY, "Condition": "Prod"},
        GuardrailsRoleDecryption={**added(), "Condition": "Prod"},
    )
    assert_fixed({**before, **CONDITIONS}, {**after, **CONDITIONS}, RULE)


def test_a_policy_must_not_name_a_key_that_is_not_there() -> None:
    """The role, and with it its policy, exists without the function: then so must the key."""
    before = template(Role=role(), Function=function(Condition="Prod"))
    after = template(
        Role=role(),
        Function=function(ADDED_KEY, Condition="Prod", DependsOn=WAITS),
        GuardrailsKey=KEY,
        GuardrailsRoleDecryption=added(),
    )
    assert_fixed({**before, **CONDITIONS}, {**after, **CONDITIONS}, RULE)


@pytest.mark.parametrize("key", [KEY_ARN, {"Ref": "KeyArn"}, {"Fn::If": ["Prod", KEY_ARN, {"Ref": "AWS::NoValue"}]}])
def test_a_key_of_the_author(key: Any) -> None:
    assert_clean(template(Role=role(), Function=function(key)), RULE)


@pytest.mark.parametrize(
    "environment",
    [
        None,
        {},
        {"Variables": {}},
        {"Variables": {"A": {"Ref": "AWS::NoValue"}}},
        {"Ref": "Environment"},
        {"Variables": {"Ref": "Variables"}},
        {"Fn::If": ["Prod", ENVIRONMENT, {"Ref": "AWS::NoValue"}]},
        {"Variables": ["A=b"]},
    ],
)
def test_no_variables_or_unknown(environment: Any) -> None:
    assert_clean(template(Role=role(), Function=function(environment=environment)), RULE)


def test_functions_that_are_not_judged() -> None:
    own = "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A"
    assert_clean(template(Role=role(), **{own: function()}), RULE)
    assert_clean(template(Role=role("edgelambda"), Function=function()), RULE)
    assert_clean(template(Role=role(), Function=function()), RULE, environment="dev")


def test_a_function_that_a_distribution_names() -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}}
    association = {"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "Version"}}
    config = {"DefaultCacheBehavior": {"LambdaFunctionAssociations": [association]}}
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}
    assert_clean(template(Role=role(), Function=function(), Version=version, Distribution=distribution), RULE)
    assert_flags(template(Role=role(), Function=function(), Version=version), RULE, message=MESSAGE)


@pytest.mark.parametrize("arn", ["arn:aws:iam::111122223333:role/r", {"Ref": "RoleArn"}, {"Fn::ImportValue": "role"}])
def test_a_role_from_elsewhere(arn: Any) -> None:
    flagged_only(template(Function=function(role=arn)), "its role is not in this template")


@pytest.mark.parametrize(
    "properties",
    [
        {"PermissionsBoundary": {"Ref": "Boundary"}},
        {"Policies": [{"PolicyDocument": {"Statement": may_decrypt("*") | {"Effect": "Deny"}}}]},
    ],
)
def test_a_limited_role(properties: dict[str, Any]) -> None:
    data = template(Role=role(**properties), Function=function())
    flagged_only(data, "a permissions boundary or a Deny may limit its role Role")


def sam(**properties: Any) -> dict[str, Any]:
    return template(Function={"Type": "AWS::Serverless::Function", "Properties": properties})


DOCUMENT = {"Version": "2012-10-17", "Statement": [may_decrypt()]}


@pytest.mark.parametrize(
    ("given", "policies"),
    [
        ({}, [DOCUMENT]),
        ({"Policies": ["AmazonS3ReadOnlyAccess"]}, ["AmazonS3ReadOnlyAccess", DOCUMENT]),
        ({"Policies": "AmazonS3ReadOnlyAccess"}, ["AmazonS3ReadOnlyAccess", DOCUMENT]),
    ],
)
def test_sam(given: dict[str, Any], policies: list[Any]) -> None:
    after = sam(Environment=ENVIRONMENT, KmsKeyArn=ADDED_KEY, Policies=policies)
    after["Resources"]["GuardrailsKey"] = KEY
    assert_fixed(sam(Environment=ENVIRONMENT, **given), after, RULE)


def test_sam_globals() -> None:
    globals_ = {"Globals": {"Function": {"Environment": ENVIRONMENT, "KmsKeyArn": KEY_ARN}}}
    assert_clean({**sam(), **globals_}, RULE)
    del globals_["Globals"]["Function"]["KmsKeyArn"]
    assert_flags({**sam(), **globals_}, RULE, path="KmsKeyArn", message=MESSAGE)
    globals_["Globals"]["Function"]["PermissionsBoundary"] = {"Ref": "Boundary"}
    flagged_only({**sam(), **globals_}, "a permissions boundary may limit the role that SAM makes for it")


def judged(key: str, region: str) -> tuple[list[str], Any]:
    app = App()
    settings = Settings(environment="prod", rules={RULE: RuleOverride(options={"kms_key_arn": key})})
    made = Template(template(Role=role(), Function=function()), app=app, region=region)
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=True)
    return [finding.message for finding in outcome.findings], made.resources["Function"].raw("KmsKeyArn")


def test_the_key_that_was_given_must_be_in_the_region() -> None:
    assert judged(KEY_ARN, "eu-west-1") == ([], KEY_ARN)
    assert judged(KEY_ARN, "") == ([], KEY_ARN)
    why = f"{MESSAGE}; not fixed, since {KEY_ARN} is in eu-west-1 and this stack in us-east-1"
    assert judged(KEY_ARN, "us-east-1") == ([why], None)
    everywhere = KEY_ARN.replace("eu-west-1", "${AWS::Region}")
    assert judged(everywhere, "us-east-1") == ([], {"Fn::Sub": everywhere})
