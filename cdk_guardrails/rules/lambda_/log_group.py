"""lambda-log-group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, not_fixed
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS
from cdk_guardrails.rules.lambda_.log_groups import (
    LOG_GROUP,
    declared_groups,
    may_be_declared,
    mentions,
    named_group,
    readers,
)
from cdk_guardrails.rules.policies import Answer, rendered
from cdk_guardrails.rules.roles import holder, obstacle, permit, role_of
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, is_intrinsic

ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
"""What a role needs to log to a group that is there already:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"""

MANAGED: Final = (
    "CloudWatchFullAccess",
    "CloudWatchFullAccessV2",
    "CloudWatchLogsFullAccess",
    *(
        f"service-role/AWSLambda{name}ExecutionRole"
        for name in ("Basic", "DynamoDB", "Kinesis", "MSK", "SQSQueue", "VPCAccess")
    ),
)
"""AWS managed policies that allow them on all log groups:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"""

ALL_GROUPS: Final = re.compile(r"arn:[^:]*:logs:[^:]*:[^:]*:(\*|log-group:\*(:\*|:log-stream:\*)?)")


class FunctionLogGroup(Rule):
    """Functions log to log groups that the app declares, so that retention and encryption hold for them.

    Checks that a function names its log group (LoggingConfig), or that the app declares the one which Lambda would
    make, /aws/lambda/NAME, or sets its retention. The fix adds a log group for the function and, where its role may log
    to certain groups only, permits this one. The rules for log groups then let it expire and encrypt it.

    Flagged only are a function whose role is from elsewhere, or has a permissions boundary or a Deny, and one whose
    present log group a metric or subscription filter of the app reads, or something else in the template names: a
    dashboard, a query, a policy. Lambda@Edge functions, whose log groups arise in every region, and the CDK's own
    functions are not judged.
    """

    id = "lambda-log-group"
    why = "The log group that Lambda makes on a function's first run never expires, and stays when the stack is gone."
    resource_types = FUNCTIONS
    concern = Concern.LOGGING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. New events go to the new log group; what was logged before stays in /aws/lambda/NAME, which "
        "is not deleted. Queries and dashboards from elsewhere that name that group must be pointed at the new one."
    )
    answers = ("A3.2", "D4.2")
    same_as = SameAs(aws=("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",))
    bad = Example("""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt Role.Arn
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      LoggingConfig: {LogGroup: !Ref LogGroup}
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if named_group(resource) is not None or is_intrinsic(resource.raw("LoggingConfig")):
            return
        if declared_groups(resource, template) or may_be_declared(resource, template):
            return
        if is_cdk_own(resource) or runs_at_edge(resource, template):
            return
        says, why_not = "it logs to a group that Lambda makes, which never expires", _obstacle(resource, template)
        yield self.finding(
            resource,
            f"{says}{not_fixed(why_not)}",
            "LoggingConfig.LogGroup",
            remedy="lambda_.Function(..., log_group=log_group)",
        )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if _obstacle(resource, template):
            return
        role = role_of(resource, template)
        id_ = added_id(template, resource.logical_id, "LogGroup")
        statement = {"Effect": "Allow", "Action": list(ACTIONS), "Resource": {"Fn::GetAtt": [id_, "Arn"]}}
        yield template.add(id_, LOG_GROUP, {}, Condition=holder(resource, role).condition)
        if role is not None:  # one that SAM makes may log to all groups
            yield from permit(resource, template, statement, "Logging", MANAGED, reach=_covers_all_groups)
        yield resource.set("LoggingConfig.LogGroup", {"Ref": id_})


def _obstacle(function: Resource, template: Template) -> str:
    """Why another log group could lose logs, or somebody's view of them; "" if it cannot."""
    if reading := readers(function, template):
        return f"{reading[0].logical_id} reads that group"
    if naming := mentions(function, template):
        return f"{naming[0]} names that group"
    return obstacle(function, template, ACTIONS)


def _covers_all_groups(resource: Any) -> Answer:
    text = rendered(resource)
    if text is None:
        return None
    return text == "*" or ALL_GROUPS.fullmatch(re.sub(r"\$\{[^}]*\}", "-", text)) is not None
