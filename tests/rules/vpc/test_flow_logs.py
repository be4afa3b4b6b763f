"""vpc-flow-logs."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "vpc-flow-logs"
MESSAGE = "no flow log records its traffic"
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
ROLE = {
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                    "ArnLike": {
                        "aws:SourceArn": {
                            "Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*"
                        }
                    },
                },
            }
        ],
    },
    "Policies": [
        {
            "PolicyName": "WriteFlowLogs",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                        "Resource": {"Fn::GetAtt": ["GuardrailsVpcFlowLogGroup", "Arn"]},
                    }
                ],
            },
        }
    ],
}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def flow_log(resource_id: Any, resource_type: str = "VPC") -> dict[str, Any]:
    properties = {"ResourceType": resource_type, "ResourceId": resource_id, "TrafficType": "ALL"}
    return {"Type": "AWS::EC2::FlowLog", "Properties": properties}


def subnet(vpc: Any = None) -> dict[str, Any]:
    return {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc or {"Ref": "Vpc"}}}


def fixed(traffic: str, **attributes: Any) -> dict[str, Any]:
    log = {
        "ResourceType": "VPC",
        "ResourceId": {"Ref": "Vpc"},
        "TrafficType": traffic,
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": {"Ref": "GuardrailsVpcFlowLogGroup"},
        "DeliverLogsPermissionArn": {"Fn::GetAtt": ["GuardrailsVpcFlowLogRole", "Arn"]},
    }
    return template(
        Vpc={**VPC, **attributes},
        GuardrailsVpcFlowLogGroup={"Type": "AWS::Logs::LogGroup", **attributes, "Properties": {}},
        GuardrailsVpcFlowLogRole={"Type": "AWS::IAM::Role", **attributes, "Properties": ROLE},
        GuardrailsVpcFlowLog={"Type": "AWS::EC2::FlowLog", **attributes, "Properties": log},
    )


def test_the_fix_is_made_when_asked_for() -> None:
    before = template(Vpc=VPC)
    found = assert_flags(before, RULE, path="Properties", message=MESSAGE)
    assert [finding.remedy for finding in found] == ['vpc.add_flow_log("FlowLog")']
    assert_fixed(before, fixed("REJECT"), RULE, unsafe_fixes=True)
    assert_fixed(before, fixed("ALL"), RULE, unsafe_fixes=True, options={"traffic_type": "ALL"})
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(before, before, RULE)


def test_the_vpcs_condition() -> None:
    conditions = {"Conditions": {"Prod": {"Fn::Equals": ["a", "a"]}}}
    before = template(Vpc={**VPC, "Condition": "Prod"})
    after = fixed("REJECT", Condition="Prod")
    assert_fixed({**before, **conditions}, {**after, **conditions}, RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    "resource_id", [{"Ref": "Vpc"}, {"Fn::Sub": "${Vpc}"}, {"Fn::If": ["Prod", {"Ref": "Vpc"}, {"Ref": "Other"}]}]
)
def test_a_flow_log(resource_id: Any) -> None:
    assert_clean(template(Vpc=VPC, Log=flow_log(resource_id)), RULE)


def test_flow_logs_of_all_subnets() -> None:
    subnets = {"Vpc": VPC, "A": subnet(), "B": subnet()}
    logs = {"LogA": flow_log({"Ref": "A"}, "Subnet"), "LogB": flow_log({"Ref": "B"}, "Subnet")}
    assert_clean(template(**subnets, **logs), RULE)
    assert_flags(template(**subnets, LogA=logs["LogA"]), RULE, message=MESSAGE)


@pytest.mark.parametrize("resource_id", ["vpc-0123", {"Ref": "VpcId"}, {"Ref": "Other"}, {"Fn::ImportValue": "vpc"}])
def test_a_flow_log_of_something_else(resource_id: Any) -> None:
    assert_flags(template(Vpc=VPC, Other=subnet("vpc-1"), Log=flow_log(resource_id)), RULE, message=MESSAGE)


@pytest.mark.parametrize(
    ("resource_id", "found"),
    [
        ({"Fn::ImportValue": "network-vpc"}, 0),
        ({"Fn::ForeignRef": {"Path": "Network/Vpc/Resource", "LogicalId": "Vpc", "Attribute": "Ref"}}, 0),
        ({"Fn::ImportValue": "other"}, 1),
        ({"Fn::ForeignRef": {"Path": "Network/Other/Resource", "LogicalId": "Vpc", "Attribute": "Ref"}}, 1),
        ({"Ref": "Vpc"}, 1),
    ],
)
def test_a_flow_log_in_another_stack(resource_id: Any, found: int) -> None:
    app = App()
    network = template(Vpc={**VPC, "Metadata": {"aws:cdk:path": "Network/Vpc/Resource"}})
    network["Outputs"] = {"Vpc": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "network-vpc"}}}
    Template(network, name="network", app=app)
    Template(template(Log=flow_log(resource_id)), name="logs", app=app)
    settings = Settings(environment="prod")
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=False)
    assert len(outcome.findings) == found


def test_dev_does_without() -> None:
    assert_clean(template(Vpc=VPC), RULE, environment="dev")
