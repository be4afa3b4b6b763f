"""vpc-flow-logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.rules.vpc.vpcs import SUBNET, VPC, belonging, meaning
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

FLOW_LOG: Final = "AWS::EC2::FlowLog"

TRUST: Final = {
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
}
"""Who may take the role on: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"""

ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
"""What the role needs on a log group that is there already, as the CDK grants it."""


class FlowLogs(Rule):
    """VPCs have a flow log.

    Checks that a flow log records the VPC, or each of its subnets in the template; flow logs in other stacks of the app
    count. The fix, which costs money and is made only when asked for, adds a flow log of *traffic_type* that goes to a
    log group of its own, with a role that may write to that group and nothing else. The rules for log groups then let
    the group expire and encrypt it.
    """

    id = "vpc-flow-logs"
    why = "Without flow logs nobody can tell which addresses reached, or tried to reach, what runs in the network."
    resource_types = (VPC,)
    concern = Concern.LOGGING
    ripples = False
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Adds resources; the VPC stays as it is. CloudWatch Logs bills 0.50 USD for each GB that is recorded, and "
        "0.03 USD a month for each GB that it keeps: a few USD a month for rejected traffic, much more for ALL in a "
        "busy VPC."
    )
    profiles = ("staging", "prod")
    options = (
        Option(
            "traffic_type",
            "REJECT",
            "What an added flow log records: REJECT, what security groups and network ACLs turned away; ACCEPT; or "
            "ALL. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-basics.html.",
            choices=("REJECT", "ACCEPT", "ALL"),
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
            "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html",
        ),
        cdk_nag=(
            "AwsSolutions-VPC7",
            "HIPAA.Security-VPCFlowLogsEnabled",
            "NIST.800.53.R4-VPCFlowLogsEnabled",
            "NIST.800.53.R5-VPCFlowLogsEnabled",
            "PCI.DSS.321-VPCFlowLogsEnabled",
        ),
        checkov=("CKV2_AWS_11",),
        security_hub=("EC2.6",),
    )
    bad = Example("""\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
""")
    good = Example("""\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  FlowLog:
    Type: AWS::EC2::FlowLog
    Properties:
      ResourceType: VPC
      ResourceId: !Ref Vpc
      TrafficType: ALL
      LogDestinationType: s3
      LogDestination: arn:aws:s3:::flow-logs
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if _is_recorded(resource):
            return
        subnets = belonging(resource, template, SUBNET)
        if not subnets or not all(_is_recorded(subnet) for subnet in subnets):
            remedy = 'vpc.add_flow_log("FlowLog")'
            yield self.finding(resource, "no flow log records its traffic", remedy=remedy)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        group, role, log = (
            added_id(template, resource.logical_id, purpose) for purpose in ("FlowLogGroup", "FlowLogRole", "FlowLog")
        )
        log_properties = {
            "ResourceType": "VPC",
            "ResourceId": resource.ref(),
            "TrafficType": settings["traffic_type"],
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": {"Ref": group},
            "DeliverLogsPermissionArn": {"Fn::GetAtt": [role, "Arn"]},
        }
        condition = resource.condition
        yield template.add(group, "AWS::Logs::LogGroup", {}, Condition=condition)
        yield template.add(role, "AWS::IAM::Role", _writer_of(group), Condition=condition)
        yield template.add(log, FLOW_LOG, log_properties, Condition=condition)


def _is_recorded(resource: Resource) -> bool:
    return any(True for _ in meaning(resource, FLOW_LOG, "ResourceId"))


def _writer_of(group: str) -> dict[str, Any]:
    """The properties of a role that may write flow logs to a log group."""
    statement = {"Effect": "Allow", "Action": list(ACTIONS), "Resource": {"Fn::GetAtt": [group, "Arn"]}}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "WriteFlowLogs", "PolicyDocument": document}],
    }
