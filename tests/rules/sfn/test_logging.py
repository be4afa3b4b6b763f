"""sfn-logging."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "sfn-logging"
STATEMENT = {
    "Effect": "Allow",
    "Action": [
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    ],
    "Resource": "*",
}
GROUP = {"Type": "AWS::Logs::LogGroup"}
UUID = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
REFUSED = "its role Role may not deliver logs, so Step Functions refuses the log group"
MAY = {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": STATEMENT}}]}


def to(group: str) -> list[Any]:
    return [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [group, "Arn"]}}}]


def machine(logging: Any = None, role: Any = None, **attributes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"RoleArn": role or {"Fn::GetAtt": ["Role", "Arn"]}}
    if logging is not None:
        properties["LoggingConfiguration"] = logging
    return {"Type": "AWS::StepFunctions::StateMachine", **attributes, "Properties": properties}


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}, **properties}}


def added_policy() -> dict[str, Any]:
    properties = {
        "PolicyName": "GuardrailsRoleLogging",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]},
        "Roles": [{"Ref": "Role"}],
    }
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def added_group(id_: str = "Machine", **attributes: Any) -> dict[str, Any]:
    name = {"Fn::Join": ["-", [f"/aws/vendedlogs/states/{id_}", UUID]]}
    return {"Type": "AWS::Logs::LogGroup", **attributes, "Properties": {"LogGroupName": name}}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def flagged_only(data: dict[str, Any], why: str) -> None:
    message = f"executions are not logged: Level and Destinations not set; not fixed, since {why}"
    assert_flags(data, RULE, message=message)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


def test_level_destination_permission_and_order() -> None:
    before = template(Role=role(), Machine=machine())
    message = "executions are not logged: Level and Destinations not set"
    found = assert_flags(before, RULE, path="LoggingConfiguration", message=message)
    assert [finding.id for finding in found] == [RULE]
    logged = {"Destinations": to("GuardrailsMachineLogs"), "Level": "ALL"}
    after = template(
        Role=role(),
        Machine=machine(logged, DependsOn=["GuardrailsRoleLogging"]),
        GuardrailsMachineLogs=added_group(),
        GuardrailsRoleLogging=added_policy(),
    )
    assert_fixed(before, after, RULE)


def test_a_role_that_may_deliver() -> None:
    logged = {"Destinations": to("GuardrailsMachineLogs"), "Level": "ERROR"}
    before = template(Role=role(**MAY), Machine=machine())
    after = template(Role=role(**MAY), Machine=machine(logged), GuardrailsMachineLogs=added_group())
    assert_fixed(before, after, RULE, options={"level": "ERROR"})


def test_off_keeps_its_log_group() -> None:
    before = template(Group=GROUP, Role=role(**MAY), Machine=machine({"Level": "OFF", "Destinations": to("Group")}))
    message = "executions are not logged: Level is OFF"
    assert_flags(before, RULE, path="LoggingConfiguration.Level", message=message)
    after = template(Group=GROUP, Role=role(**MAY), Machine=machine({"Level": "ALL", "Destinations": to("Group")}))
    assert_fixed(before, after, RULE)


def test_a_level_without_destination() -> None:
    before = template(Role=role(**MAY), Machine=machine({"Level": "FATAL", "IncludeExecutionData": True}))
    message = "executions are not logged: Destinations not set"
    assert_flags(before, RULE, path="LoggingConfiguration.Destinations", message=message)
    logged = {"Level": "FATAL", "IncludeExecutionData": True, "Destinations": to("GuardrailsMachineLogs")}
    after = template(Role=role(**MAY), Machine=machine(logged), GuardrailsMachineLogs=added_group())
    assert_fixed(before, after, RULE)


def test_a_logged_machine_that_may_not_deliver() -> None:
    logged = {"Level": "ERROR", "Destinations": to("Group")}
    before = template(Group=GROUP, Role=role(), Machine=machine(logged))
    assert_flags(before, f"{RULE}[permission]", path="RoleArn", message=REFUSED)
    after = template(
        Group=GROUP,
        Role=role(),
        Machine=machine(logged, DependsOn=["GuardrailsRoleLogging"]),
        GuardrailsRoleLogging=added_policy(),
    )
    assert_fixed(before, after, RULE)


def test_two_machines_share_a_role() -> None:
    after = template(Role=role())
    for id_ in ("A", "B"):
        logged = {"Level": "ALL", "Destinations": to(f"Guardrails{id_}Logs")}
        after["Resources"][id_] = machine(logged, DependsOn=["GuardrailsRoleLogging"])
        after["Resources"][f"Guardrails{id_}Logs"] = added_group(id_)
    after["Resources"]["GuardrailsRoleLogging"] = added_policy()
    assert_fixed(template(Role=role(), A=machine(), B=machine()), after, RULE)


def test_the_log_group_has_the_machines_condition() -> None:
    before = template(Role=role(**MAY), Machine=machine(Condition="Prod"))
    logged = {"Level": "ALL", "Destinations": to("GuardrailsMachineLogs")}
    after = template(
        Role=role(**MAY),
        Machine=machine(logged, Condition="Prod"),
        GuardrailsMachineLogs=added_group(Condition="Prod"),
    )
    conditions = {"Prod": {"Fn::Equals": ["a", "a"]}}
    assert_fixed({**before, "Conditions": conditions}, {**after, "Conditions": conditions}, RULE)


def test_the_name_fits_into_an_arn() -> None:
    """Of 256 characters: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CloudWatchLogsLogGroup.html"""
    id_ = "M" * 200
    before = template(Role=role(**MAY), **{id_: machine()})
    group = f"Guardrails{'M' * 180}Logs"
    logged = {"Level": "ALL", "Destinations": to(group)}
    after = template(Role=role(**MAY), **{id_: machine(logged), group: added_group("M" * 80)})
    assert_fixed(before, after, RULE)
    name = f"/aws/vendedlogs/states/{'M' * 80}-{'u' * 36}"
    assert len(f"arn:aws-us-gov:logs:ap-southeast-1:111122223333:log-group:{name}:*") < 256


@pytest.mark.parametrize(
    "logging",
    [
        {"Level": "ERROR", "Destinations": to("Group")},
        {"Level": {"Ref": "Level"}, "Destinations": {"Ref": "Destinations"}},
        {"Fn::If": ["Prod", {"Level": "ALL"}, {"Ref": "AWS::NoValue"}]},
        {"Level": {"Ref": "Level"}, "Destinations": to("Group")},
    ],
)
def test_logged_or_unknown(logging: Any) -> None:
    assert_clean(template(Group=GROUP, Machine=machine(logging, role="arn:aws:iam::111122223333:role/m")), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        MAY,
        {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"]},
        {"ManagedPolicyArns": [{"Ref": "PolicyArn"}]},
        {"PermissionsBoundary": {"Ref": "Boundary"}},
    ],
)
def test_a_role_that_may_or_could(properties: dict[str, Any]) -> None:
    logged = {"Level": "ERROR", "Destinations": to("Group")}
    assert_clean(template(Group=GROUP, Role=role(**properties), Machine=machine(logged)), RULE)


def test_what_cannot_be_permitted() -> None:
    flagged_only(template(Machine=machine(role={"Ref": "Arn"})), "its role is not in this template")
    limited = template(Role=role(PermissionsBoundary={"Ref": "Boundary"}), Machine=machine())
    flagged_only(limited, "a permissions boundary or a Deny may limit its role Role")


@pytest.mark.parametrize("key", ["alias/states", {"Fn::GetAtt": ["Key", "Arn"]}])
def test_a_key_of_its_own_must_admit_the_delivery(key: Any) -> None:
    encrypted, owned = machine(), machine()
    encrypted["Properties"]["EncryptionConfiguration"] = {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": key}
    why = "its KMS key, and its role, must admit the delivery of logs"
    flagged_only(template(Role=role(), Machine=encrypted), why)
    owned["Properties"]["EncryptionConfiguration"] = {"Type": "AWS_OWNED_KEY"}
    message = "executions are not logged: Level and Destinations not set"
    assert_flags(template(Role=role(), Machine=owned), RULE, message=message)


def sam(**properties: Any) -> dict[str, Any]:
    return template(Machine={"Type": "AWS::Serverless::StateMachine", "Properties": properties})


DOCUMENT = {"Version": "2012-10-17", "Statement": [STATEMENT]}
READ = {"DynamoDBReadPolicy": {"TableName": "orders"}}


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (None, [DOCUMENT]),
        ([READ], [READ, DOCUMENT]),
        (READ, [READ, DOCUMENT]),
        ("AWSXrayWriteOnlyAccess", ["AWSXrayWriteOnlyAccess", DOCUMENT]),
    ],
)
def test_sam_takes_one_policy_more(policies: Any, expected: list[Any]) -> None:
    given = {} if policies is None else {"Policies": policies}
    after = sam(
        Type="EXPRESS", Policies=expected, Logging={"Level": "ALL", "Destinations": to("GuardrailsMachineLogs")}
    )
    after["Resources"]["GuardrailsMachineLogs"] = added_group()
    assert_flags(sam(Type="EXPRESS", **given), RULE, path="Logging")
    assert_fixed(sam(Type="EXPRESS", **given), after, RULE)


def test_what_cannot_be_permitted_in_sam() -> None:
    policies = {"Fn::If": ["Prod", [READ], []]}
    flagged_only(sam(Policies=policies), "its Policies are known at deployment only")
    boundary = "a permissions boundary may limit the role that SAM makes for it"
    flagged_only(sam(PermissionsBoundary="arn:aws:iam::111122223333:policy/b"), boundary)
    flagged_only(sam(Role="arn:aws:iam::111122223333:role/m"), "its role is not in this template")


def test_wrong_types() -> None:
    assert_flags(template(Role=role(), Machine=machine([])), RULE)
    assert_flags(template(Role=role(), Machine=machine("on")), RULE)
    assert_clean(template(Role=role(**MAY), Machine=machine({"Level": 3, "Destinations": "x"})), RULE)
