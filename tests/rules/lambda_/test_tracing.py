"""lambda-tracing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-tracing"
ACTIVE = {"Mode": "Active"}
STATEMENT = {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
BASIC = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}
REFUSED = "its role Role may not write traces, so Lambda refuses active tracing"
FROM_ELSEWHERE = "its role is not in this template, and Lambda refuses one that may not write traces"
LIMITED = "a permissions boundary or a Deny may limit its role Role, and Lambda refuses one that may not write traces"


def template(mode: Any = None, role: Any = None, depends_on: Any = None, **role_properties: Any) -> dict[str, Any]:
    """A function (its TracingConfig or nothing) and its role, which may log and nothing else."""
    properties: dict[str, Any] = {"Role": role or {"Fn::GetAtt": ["Role", "Arn"]}}
    if mode is not None:
        properties["TracingConfig"] = mode
    function: dict[str, Any] = {"Type": "AWS::Lambda::Function", "Properties": properties}
    if depends_on:
        function["DependsOn"] = depends_on
    role_properties = {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [BASIC], **role_properties}
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role_properties}, "Function": function}}


def policy(statement: Any, **properties: Any) -> dict[str, Any]:
    properties = {
        "PolicyName": "p",
        "PolicyDocument": {"Statement": statement},
        "Roles": [{"Ref": "Role"}],
        **properties,
    }
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def added(**attributes: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [STATEMENT]}
    properties = {"PolicyName": "GuardrailsRoleTracing", "PolicyDocument": document, "Roles": [{"Ref": "Role"}]}
    return {"Type": "AWS::IAM::Policy", **attributes, "Properties": properties}


def with_resources(base: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {**base, "Resources": base["Resources"] | resources}


def flagged_only(data: dict[str, Any], why: str) -> None:
    """A finding that names why it is not fixed, and a fix that leaves the template alone."""
    assert_flags(data, RULE, message=f"active tracing is off; not fixed, since {why}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


def test_an_untraced_function_gets_mode_permission_and_order() -> None:
    found = assert_flags(template(), RULE, path="TracingConfig.Mode", message="active tracing is off")
    assert [(finding.id, finding.remedy) for finding in found] == [
        (RULE, "lambda_.Function(..., tracing=lambda_.Tracing.ACTIVE)")
    ]
    after = with_resources(template(ACTIVE, depends_on=["GuardrailsRoleTracing"]), GuardrailsRoleTracing=added())
    assert_fixed(template(), after, RULE)


def test_pass_through_is_not_active() -> None:
    before = template({"Mode": "PassThrough"}, depends_on="Role")
    assert_flags(before, RULE, message="active tracing is off (PassThrough)")
    after = template(ACTIVE, depends_on=["Role", "GuardrailsRoleTracing"])
    assert_fixed(before, with_resources(after, GuardrailsRoleTracing=added()), RULE)


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::aws:policy/{name}" for name in ("AWSXRayDaemonWriteAccess", "AWSXrayFullAccess")]
)
def test_a_managed_policy_that_allows_it(arn: str) -> None:
    partition = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, arn.removeprefix("arn:aws")]]}
    for written in (arn, partition, {"Fn::Sub": arn.replace("arn:aws", "arn:${AWS::Partition}")}):
        arns = [BASIC, written]
        assert_clean(template(ACTIVE, ManagedPolicyArns=arns), RULE)
        assert_fixed(template(ManagedPolicyArns=arns), template(ACTIVE, ManagedPolicyArns=arns), RULE)


@pytest.mark.parametrize(
    "statement",
    [
        STATEMENT,
        {"Effect": "Allow", "Action": "xray:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "XRAY:put*", "Resource": ["*"]},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        [READ, STATEMENT | {"Action": "xray:PutTraceSegments"}, STATEMENT | {"Action": "xray:PutTelemetryRecords"}],
    ],
)
def test_a_policy_that_allows_it(statement: Any) -> None:
    inline = [{"PolicyName": "p", "PolicyDocument": {"Statement": statement}}]
    assert_clean(template(ACTIVE, Policies=inline), RULE)
    assert_fixed(template(Policies=inline), template(ACTIVE, Policies=inline), RULE)
    for attached in (
        policy(statement),
        policy(statement, Roles=["other", {"Ref": "Role"}]) | {"Type": "AWS::IAM::ManagedPolicy"},
        policy(statement, RoleName={"Ref": "Role"}) | {"Type": "AWS::IAM::RolePolicy"},
    ):
        assert_clean(with_resources(template(ACTIVE), P=attached), RULE)


def test_a_function_waits_for_the_policy_that_allows_it() -> None:
    before, after = template(), template(ACTIVE, depends_on=["P"])
    assert_fixed(with_resources(before, P=policy(STATEMENT)), with_resources(after, P=policy(STATEMENT)), RULE)
    waiting = with_resources(template(depends_on="P"), P=policy(STATEMENT))
    assert_fixed(waiting, with_resources(template(ACTIVE, depends_on="P"), P=policy(STATEMENT)), RULE)


def test_a_policy_that_is_not_always_there() -> None:
    sometimes = policy(STATEMENT) | {"Condition": "IsProd"}
    assert_clean(with_resources(template(ACTIVE), P=sometimes), RULE)
    after = with_resources(
        template(ACTIVE, depends_on=["GuardrailsRoleTracing"]), P=sometimes, GuardrailsRoleTracing=added()
    )
    assert_fixed(with_resources(template(), P=sometimes), after, RULE)


@pytest.mark.parametrize("name", ["runner", {"Ref": "RoleName"}])
def test_policies_are_attached_by_name_too(name: Any) -> None:
    assert_clean(with_resources(template(ACTIVE, RoleName=name), P=policy(STATEMENT, Roles=[name])), RULE)


def test_the_roles_own_policy_gets_the_statement() -> None:
    """As the CDK has it: a default policy, for which the function waits."""
    before = with_resources(template(depends_on=["Default", "Role"]), Default=policy([READ]))
    after = with_resources(template(ACTIVE, depends_on=["Default", "Role"]), Default=policy([READ, STATEMENT]))
    assert_fixed(before, after, RULE)


def test_one_statement_that_is_no_list() -> None:
    before = with_resources(template(depends_on="Default"), Default=policy(READ))
    after = with_resources(template(ACTIVE, depends_on="Default"), Default=policy([READ, STATEMENT]))
    assert_fixed(before, after, RULE)


def test_a_policy_that_the_function_does_not_wait_for() -> None:
    """To wait for it could make a circle some day: the statement goes into a policy that refers to the role only."""
    after = template(ACTIVE, depends_on=["GuardrailsRoleTracing"])
    after = with_resources(after, Default=policy([READ]), GuardrailsRoleTracing=added())
    assert_fixed(with_resources(template(), Default=policy([READ])), after, RULE)


@pytest.mark.parametrize(
    "other",
    [
        policy([READ]) | {"Condition": "IsProd"},
        policy([READ], Roles=[{"Ref": "Role"}, "other"]),
        policy([READ], Users=["someone"]),
        policy([READ], PolicyDocument={"Ref": "Document"}),
        policy({"Fn::If": ["IsProd", READ, {"Ref": "AWS::NoValue"}]}),
        policy([READ]) | {"Type": "AWS::IAM::ManagedPolicy"},
    ],
)
def test_a_policy_that_cannot_take_the_statement(other: dict[str, Any]) -> None:
    """It is not always there, is others' too, or cannot be read."""
    after = template(ACTIVE, depends_on=["P", "GuardrailsRoleTracing"])
    after = with_resources(after, P=other, GuardrailsRoleTracing=added())
    assert_fixed(with_resources(template(depends_on=["P"]), P=other), after, RULE)


@pytest.mark.parametrize(
    "late",
    [policy([READ | {"Resource": {"Fn::GetAtt": ["Function", "Arn"]}}]), policy([READ]) | {"DependsOn": "Function"}],
)
def test_a_policy_that_waits_for_the_function(late: dict[str, Any]) -> None:
    after = template(ACTIVE, depends_on=["GuardrailsRoleTracing"])
    assert_fixed(with_resources(template(), P=late), with_resources(after, P=late, GuardrailsRoleTracing=added()), RULE)


def test_a_permission_that_comes_too_late_is_none() -> None:
    late = policy([STATEMENT, READ | {"Resource": {"Fn::GetAtt": ["Function", "Arn"]}}])
    after = with_resources(
        template(ACTIVE, depends_on=["GuardrailsRoleTracing"]), P=late, GuardrailsRoleTracing=added()
    )
    assert_fixed(with_resources(template(), P=late), after, RULE)


def test_functions_that_share_a_role_share_the_policy() -> None:
    before, after = template(), template(ACTIVE, depends_on=["GuardrailsRoleTracing"])
    for data in (before, after):
        data["Resources"]["Second"] = copy.deepcopy(data["Resources"]["Function"])
    assert_fixed(before, with_resources(after, GuardrailsRoleTracing=added()), RULE)


def test_the_added_policy_has_the_roles_condition() -> None:
    before, after = template(), template(ACTIVE, depends_on=["GuardrailsRoleTracing"])
    for data in (before, after):
        data["Resources"]["Role"]["Condition"] = data["Resources"]["Function"]["Condition"] = "IsProd"
    assert_fixed(before, with_resources(after, GuardrailsRoleTracing=added(Condition="IsProd")), RULE)


def test_traced_without_permission() -> None:
    before = template(ACTIVE)
    found = assert_flags(before, f"{RULE}[permission]", path="Role", message=REFUSED)
    assert len(found) == 1
    after = with_resources(template(ACTIVE, depends_on=["GuardrailsRoleTracing"]), GuardrailsRoleTracing=added())
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "statement",
    [
        READ,
        STATEMENT | {"Action": "xray:PutTraceSegments"},
        STATEMENT | {"Effect": "Allow", "Resource": "arn:aws:xray:eu-west-1:111122223333:group/x"},
        {"Effect": "Allow", "NotAction": "xray:*", "Resource": "*"},
        [],
    ],
)
def test_statements_that_do_not_allow_it(statement: Any) -> None:
    inline = [{"PolicyName": "p", "PolicyDocument": {"Statement": statement}}]
    assert_flags(template(ACTIVE, Policies=inline), RULE, message=REFUSED)


@pytest.mark.parametrize(
    "properties",
    [
        {"ManagedPolicyArns": [BASIC, {"Ref": "PolicyArn"}]},
        {"ManagedPolicyArns": {"Ref": "PolicyArns"}},
        {"ManagedPolicyArns": ["arn:aws:iam::111122223333:policy/own"]},
        {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"]},
        {"ManagedPolicyArns": [{"Fn::ImportValue": "Policy"}]},
        {"Policies": [{"Fn::If": ["IsProd", {}, {"Ref": "AWS::NoValue"}]}]},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Ref": "Document"}}]},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [{"Ref": "Statement"}]}}]},
        {
            "Policies": [
                {"PolicyName": "p", "PolicyDocument": {"Statement": [STATEMENT | {"Action": {"Ref": "Action"}}]}}
            ]
        },
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [STATEMENT | {"Condition": {"Bool": {}}}]}}]},
    ],
)
def test_what_may_allow_it(properties: dict[str, Any]) -> None:
    """Nothing is said of a traced function; an untraced one gets the permission to be sure."""
    assert_clean(template(ACTIVE, **properties), RULE)
    after = template(ACTIVE, depends_on=["GuardrailsRoleTracing"], **properties)
    assert_fixed(template(**properties), with_resources(after, GuardrailsRoleTracing=added()), RULE)


def test_a_managed_policy_of_the_template() -> None:
    arns = [{"Ref": "Managed"}]
    allowing = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": STATEMENT}}}
    other = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": READ}}}
    assert_clean(with_resources(template(ACTIVE, ManagedPolicyArns=arns), Managed=allowing), RULE)
    assert_flags(with_resources(template(ACTIVE, ManagedPolicyArns=arns), Managed=other), RULE, message=REFUSED)


@pytest.mark.parametrize(
    "role",
    [
        "arn:aws:iam::111122223333:role/runner",
        {"Ref": "RoleArn"},
        {"Fn::ImportValue": "RoleArn"},
        {"Fn::ForeignRef": {"Path": "App/Other/Role", "LogicalId": "Role", "Attribute": "Arn"}},
        {"Fn::If": ["IsProd", {"Fn::GetAtt": ["Role", "Arn"]}, {"Ref": "RoleArn"}]},
    ],
)
def test_a_role_from_elsewhere(role: Any) -> None:
    flagged_only(template(role=role), FROM_ELSEWHERE)
    assert_clean(template(ACTIVE, role=role), RULE)


DENY = {"Effect": "Deny", "Action": "xray:*", "Resource": "*"}


@pytest.mark.parametrize(
    "properties",
    [
        {"PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"},
        {"PermissionsBoundary": {"Ref": "Boundary"}},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [STATEMENT, DENY]}}]},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": DENY | {"Condition": {"Bool": {}}}}}]},
    ],
)
def test_a_role_that_more_permissions_may_not_help(properties: dict[str, Any]) -> None:
    flagged_only(template(**properties), LIMITED)
    assert_clean(template(ACTIVE, **properties), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"},
        {"PermissionsBoundary": {"Ref": "AWS::NoValue"}},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": DENY | {"Action": "iam:*"}}}]},
    ],
)
def test_a_boundary_and_a_deny_that_do_no_harm(properties: dict[str, Any]) -> None:
    after = template(ACTIVE, depends_on=["GuardrailsRoleTracing"], **properties)
    assert_fixed(template(**properties), with_resources(after, GuardrailsRoleTracing=added()), RULE)


@pytest.mark.parametrize(
    "mode",
    [{"Ref": "TracingConfig"}, {"Mode": {"Ref": "Mode"}}, {"Mode": {"Fn::If": ["IsProd", "Active", "PassThrough"]}}],
)
def test_an_unknown_mode(mode: Any) -> None:
    assert_clean(template(mode), RULE)


def test_lambda_at_edge_cannot_be_traced() -> None:
    services = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]}
    assert_clean(template(AssumeRolePolicyDocument=trust), RULE)


def test_a_distribution_runs_its_functions_at_the_edge() -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}}
    association = {"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "Version"}}
    behaviour = {"DefaultCacheBehavior": {"LambdaFunctionAssociations": [association]}}
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": behaviour}}
    assert_clean(with_resources(template(), Version=version, Distribution=distribution), RULE)


def test_the_cdk_s_own_functions_are_the_cdk_s_business() -> None:
    """Nobody could take the permission back, and each would get a policy of its own for it."""
    role, handler = template()["Resources"].values()
    id_ = "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F"
    assert_clean({"Resources": {"Role": role, id_: handler}}, RULE)
    assert_flags({"Resources": {"Role": role, "MyProviderHandler": handler}}, RULE)


def test_other_types() -> None:
    assert_clean({"Resources": {"Version": {"Type": "AWS::Lambda::Version"}}}, RULE)


def sam(globals_: Any = None, **properties: Any) -> dict[str, Any]:
    handler = {"Type": "AWS::Serverless::Function", "Properties": properties}
    return {"Globals": {"Function": globals_ or {}}, "Resources": {"Handler": handler}}


def test_sam_gives_the_role_that_it_makes_the_permission() -> None:
    assert_flags(sam(), RULE, path="Tracing", message="active tracing is off")
    assert_fixed(sam(), sam(Tracing="Active"), RULE)
    assert_fixed(sam(Tracing="PassThrough"), sam(Tracing="Active"), RULE)
    assert_flags(sam(Tracing="Disabled"), RULE, message="active tracing is off (Disabled)")


def test_sam_functions_inherit_the_mode() -> None:
    assert_clean(sam({"Tracing": "Active"}), RULE)
    assert_clean(sam({"Tracing": {"Ref": "Tracing"}}), RULE)
    assert_clean(sam(Tracing={"Ref": "Tracing"}), RULE)
    before = sam({"Tracing": "PassThrough"})
    assert_flags(before, RULE, message="active tracing is off (PassThrough)")
    assert_fixed(before, sam({"Tracing": "PassThrough"}, Tracing="Active"), RULE)
    assert_flags(sam({"Tracing": "Active"}, Tracing="PassThrough"), RULE)


def test_sam_functions_with_a_role() -> None:
    flagged_only(sam(Role={"Ref": "RoleArn"}), FROM_ELSEWHERE)
    role = template()["Resources"]["Role"]
    before = with_resources(sam(Role={"Fn::GetAtt": ["Role", "Arn"]}), Role=role)
    after = with_resources(sam(Role={"Fn::GetAtt": ["Role", "Arn"]}, Tracing="Active"), Role=role)
    after["Resources"]["Handler"]["DependsOn"] = ["GuardrailsRoleTracing"]
    assert_fixed(before, with_resources(after, GuardrailsRoleTracing=added()), RULE)


def test_a_boundary_may_limit_the_role_that_sam_makes() -> None:
    limits = "a permissions boundary may limit the role that SAM makes for it"
    why = f"{limits}, and Lambda refuses one that may not write traces"
    flagged_only(sam(PermissionsBoundary={"Ref": "Boundary"}), why)
    flagged_only(sam({"PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}), why)
