"""sfn-tracing."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "sfn-tracing"
ACTIONS = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"]
STATEMENT = {"Effect": "Allow", "Action": ACTIONS, "Resource": "*"}
INVOKE = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
ON = {"Enabled": True}


def machine(tracing: Any = None, role: Any = None, **attributes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"RoleArn": role or {"Fn::GetAtt": ["Role", "Arn"]}}
    if tracing is not None:
        properties["TracingConfiguration"] = tracing
    return {"Type": "AWS::StepFunctions::StateMachine", **attributes, "Properties": properties}


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}, **properties}}


def policy(*statements: Any) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    return {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document, "Roles": [{"Ref": "Role"}]}}


def added() -> dict[str, Any]:
    properties = {
        "PolicyName": "GuardrailsRoleTracing",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]},
        "Roles": [{"Ref": "Role"}],
    }
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def flagged_only(data: dict[str, Any], why: str) -> None:
    assert_flags(data, RULE, message=f"tracing is off; not fixed, since {why}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


@pytest.mark.parametrize("off", [None, {"Enabled": False}, {"Enabled": "false"}, {}, {"Ref": "AWS::NoValue"}])
def test_switch_permission_and_order(off: Any) -> None:
    before = template(Role=role(), Machine=machine(off))
    found = assert_flags(before, RULE, path="TracingConfiguration.Enabled", message="tracing is off")
    assert [(finding.id, finding.remedy) for finding in found] == [
        (RULE, "sfn.StateMachine(..., tracing_enabled=True)")
    ]
    after = machine(ON, DependsOn=["GuardrailsRoleTracing"])
    assert_fixed(before, template(Role=role(), Machine=after, GuardrailsRoleTracing=added()), RULE)


def test_as_the_cdk_makes_it() -> None:
    """The statement goes into the default policy, for which the machine waits."""
    waits = ["Default", "Role"]
    before = template(Role=role(), Default=policy(INVOKE), Machine=machine(DependsOn=waits))
    after = template(Role=role(), Default=policy(INVOKE, STATEMENT), Machine=machine(ON, DependsOn=waits))
    assert_fixed(before, after, RULE)


def test_two_machines_share_a_role() -> None:
    before = template(Role=role(), A=machine(), B=machine())
    on = machine(ON, DependsOn=["GuardrailsRoleTracing"])
    assert_fixed(before, template(Role=role(), A=on, B=on, GuardrailsRoleTracing=added()), RULE)


def test_a_traced_machine_that_may_not_write() -> None:
    before = template(Role=role(), Machine=machine(ON))
    message = "its role Role may not write traces, so there are none"
    found = assert_flags(before, f"{RULE}[permission]", path="RoleArn", message=message)
    assert len(found) == 1
    after = machine(ON, DependsOn=["GuardrailsRoleTracing"])
    assert_fixed(before, template(Role=role(), Machine=after, GuardrailsRoleTracing=added()), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"}]},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": STATEMENT}}]},
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": STATEMENT | {"Action": "xray:*"}}}]},
    ],
)
def test_a_role_that_may_already(properties: dict[str, Any]) -> None:
    assert_clean(template(Role=role(**properties), Machine=machine(ON)), RULE)
    before = template(Role=role(**properties), Machine=machine())
    assert_fixed(before, template(Role=role(**properties), Machine=machine(ON)), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"ManagedPolicyArns": [{"Ref": "PolicyArn"}]},
        {"Policies": {"Fn::If": ["Traced", [], []]}},
        {"PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"},
    ],
)
def test_a_role_of_which_not_all_is_known(properties: dict[str, Any]) -> None:
    assert_clean(template(Role=role(**properties), Machine=machine(ON)), RULE)


@pytest.mark.parametrize(
    "tracing",
    [{"Enabled": "true"}, {"Enabled": {"Ref": "Traced"}}, {"Fn::If": ["Prod", ON, {"Ref": "AWS::NoValue"}]}],
)
def test_on_or_unknown(tracing: Any) -> None:
    assert_clean(template(Machine=machine(tracing, role="arn:aws:iam::111122223333:role/machine")), RULE)


@pytest.mark.parametrize("arn", ["arn:aws:iam::111122223333:role/machine", {"Ref": "RoleArn"}])
def test_a_role_from_elsewhere(arn: Any) -> None:
    assert_clean(template(Machine=machine(ON, role=arn)), RULE)
    flagged_only(template(Machine=machine(role=arn)), "its role is not in this template")


@pytest.mark.parametrize(
    "properties",
    [
        {"PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"},
        {"Policies": [{"PolicyDocument": {"Statement": {"Effect": "Deny", "Action": "xray:*", "Resource": "*"}}}]},
    ],
)
def test_a_limited_role(properties: dict[str, Any]) -> None:
    data = template(Role=role(**properties), Machine=machine())
    flagged_only(data, "a permissions boundary or a Deny may limit its role Role")


def sam(**properties: Any) -> dict[str, Any]:
    return template(Machine={"Type": "AWS::Serverless::StateMachine", "Properties": properties})


def test_sam_gives_its_own_role_the_permissions() -> None:
    assert_flags(sam(Type="EXPRESS"), RULE, path="Tracing.Enabled", message="tracing is off")
    assert_fixed(sam(Type="EXPRESS"), sam(Type="EXPRESS", Tracing=ON), RULE)
    assert_clean(sam(Tracing=ON), RULE)
    assert_clean(sam(Tracing={"Fn::If": ["Prod", ON, {"Ref": "AWS::NoValue"}]}), RULE)


def test_sam_with_a_role_of_the_template() -> None:
    data = sam(Role={"Fn::GetAtt": ["Role", "Arn"]})
    data["Resources"]["Role"] = role()
    after = sam(Role={"Fn::GetAtt": ["Role", "Arn"]}, Tracing=ON)
    after["Resources"] |= {"Role": role(), "GuardrailsRoleTracing": added()}
    after["Resources"]["Machine"]["DependsOn"] = ["GuardrailsRoleTracing"]
    assert_fixed(data, after, RULE)


def test_wrong_types() -> None:
    assert_flags(template(Machine=machine(tracing=[])), RULE)
    assert_flags(template(Machine=machine(tracing="on")), RULE)
    assert_flags(template(Machine={"Type": "AWS::StepFunctions::StateMachine"}), RULE)
