"""sfn-logging."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, not_fixed
from cdk_guardrails.rules.roles import may, obstacle, permit, role_of
from cdk_guardrails.rules.sfn.machines import ROLE, SAM_STATE_MACHINE, STATE_MACHINE, TYPES
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

LOG_GROUP: Final = "AWS::Logs::LogGroup"

PROPERTY: Final = {STATE_MACHINE: "LoggingConfiguration", SAM_STATE_MACHINE: "Logging"}

ACTIONS: Final = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
"""What the role needs: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"""

STATEMENT: Final = {"Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"}
"""Log deliveries are no resources that the actions could be limited to:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html"""

MANAGED: Final = ("CloudWatchLogsFullAccess", "CloudWatchFullAccess", "CloudWatchFullAccessV2")
"""AWS managed policies that allow them."""

PREFIX: Final = "/aws/vendedlogs/states/"
"""CloudWatch Logs admits Step Functions to single log groups in a resource policy of at most 5,120 characters, which
some dozens of them fill, and to all groups of this prefix at once:
https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""

NAME_LENGTH: Final = 80
"""Characters of the logical id in the log group's name: LogGroupArn takes 256 characters, the rest of the ARN some 120.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CloudWatchLogsLogGroup.html"""


class MachineLogging(Rule):
    """State machines log their executions, and may do so.

    Checks that a level and a log group are set and, when the machine's role stands in the template, that the role may
    deliver logs. The fix sets what is missing, adds a log group, grants the permissions and lets the machine wait for
    them: Step Functions refuses a log group to which the role may not deliver. It therefore leaves alone a machine
    whose role is from elsewhere, or has a permissions boundary or a Deny, and one with a KMS key of its own, which
    encrypts the logs on their way and must admit delivery.logs.amazonaws.com. Inputs and outputs of the steps are
    logged only where the author asks for it (IncludeExecutionData). An author's level other than OFF stays.
    """

    id = "sfn-logging"
    why = (
        "An express workflow keeps no history but its logs, and a standard workflow's is gone after 90 days: without "
        "logs nobody can tell what an execution did."
    )
    resource_types = TYPES
    concern = Concern.LOGGING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. CloudWatch Logs bills what it takes in (0.50 USD per GB): with level ALL an event for each "
        f"state that is entered or left. The log group's name begins with {PREFIX} and ends in the stack's own "
        "UUID, so that a stack which is made again does not meet a group that was kept."
    )
    options = (
        Option(
            "level",
            "ALL",
            "The level that is set where there is none, or OFF. ALL: every event of an execution; ERROR and FATAL: "
            "those of its failures. https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html.",
            choices=("ALL", "ERROR", "FATAL"),
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
            "https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html",
            "https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html",
        ),
        cdk_nag=("AwsSolutions-SF1",),
        checkov=("CKV_AWS_285",),
        security_hub=("StepFunctions.1",),
    )
    bad = Example("""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}'
""")
    good = Example("""\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/machine
      DefinitionString: '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}'
      LoggingConfiguration:
        Level: ERROR
        Destinations:
          - CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt LogGroup.Arn}
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding about the configuration, or one with the detail ``permission`` about the role."""
        property_, role = PROPERTY[resource.type], role_of(resource, template, ROLE[resource.type])
        if missing := _missing(resource):
            why_not = _obstacle(resource, template)
            off = "Level is OFF" if _level(resource) == "OFF" else f"{' and '.join(missing)} not set"
            says = f"executions are not logged: {off}{not_fixed(why_not)}"
            path = property_ if len(missing) == 2 else f"{property_}.{missing[0]}"
            yield self.finding(resource, says, path, remedy=_REMEDY)
        elif role is not None and _level(resource) is not UNKNOWN:
            if may(role, template, ACTIONS[:1], MANAGED) is False:
                says = f"its role {role.logical_id} may not deliver logs, so Step Functions refuses the log group"
                yield self.finding(resource, says, ROLE[resource.type], remedy=_REMEDY, detail="permission")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        role, property_ = ROLE[resource.type], PROPERTY[resource.type]
        if obstacle(resource, template, ACTIONS, role) if finding.detail else _obstacle(resource, template):
            return
        yield from permit(resource, template, STATEMENT, "Logging", MANAGED, path=role)
        missing = _missing(resource)
        if "Destinations" in missing:
            yield from _log_group(resource, template)
        if "Level" in missing:
            yield resource.set(f"{property_}.Level", settings["level"])


_REMEDY: Final = "sfn.StateMachine(..., logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL))"


def _obstacle(machine: Resource, template: Template) -> str:
    """Why logs may not be delivered, or the machine be refused; "" when neither can be."""
    if machine.get("EncryptionConfiguration.KmsKeyId") not in (None, ""):
        return "its KMS key, and its role, must admit the delivery of logs"
    return obstacle(machine, template, ACTIONS, ROLE[machine.type])


def _level(machine: Resource) -> Any:
    return machine.get(f"{PROPERTY[machine.type]}.Level")


def _missing(machine: Resource) -> list[str]:
    """What of Level and Destinations is not set."""
    destinations = machine.get(f"{PROPERTY[machine.type]}.Destinations")
    missing = ["Level"] if _level(machine) in (None, "", "OFF") else []
    return [*missing, "Destinations"] if destinations in (None, []) else missing


def _log_group(machine: Resource, template: Template) -> Iterator[Edit]:
    id_ = added_id(template, machine.logical_id, "Logs")
    subject = re.sub("[^A-Za-z0-9]", "", machine.logical_id)[:NAME_LENGTH]
    uuid = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    name = {"Fn::Join": ["-", [PREFIX + subject, uuid]]}
    yield template.add(id_, LOG_GROUP, {"LogGroupName": name}, Condition=machine.condition)
    destination = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [id_, "Arn"]}}}
    yield machine.set(f"{PROPERTY[machine.type]}.Destinations", [destination])
