"""sfn-tracing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, not_fixed
from cdk_guardrails.rules.lambda_.tracing import MANAGED
from cdk_guardrails.rules.roles import may, obstacle, permit, role_of
from cdk_guardrails.rules.sfn.machines import ROLE, SAM_STATE_MACHINE, STATE_MACHINE, TYPES
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

ENABLED: Final = {STATE_MACHINE: "TracingConfiguration.Enabled", SAM_STATE_MACHINE: "Tracing.Enabled"}

ACTIONS: Final = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
"""What the role needs: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html"""

STATEMENT: Final = {"Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"}
"""X-Ray has no resources that these actions could be limited to:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html"""


class MachineTracing(Rule):
    """State machines are traced, and may write their traces.

    Checks that tracing is enabled and, when the machine's role stands in the template, that the role may send segments
    and ask for sampling rules. The fix enables tracing, grants the permissions and lets the machine wait for them. A
    machine whose role is from elsewhere, or has a permissions boundary or a Deny, is flagged only.
    """

    id = "sfn-tracing"
    why = "Without traces nobody can tell which step, or which service behind it, made an execution slow or fail."
    resource_types = TYPES
    concern = Concern.TRACING
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. X-Ray bills 5 USD per million traces that it records, beyond a free tier of 100,000."
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",),
        cdk_nag=("AwsSolutions-SF2", "Serverless-StepFunctionStateMachineXray"),
        checkov=("CKV_AWS_284",),
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
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"]
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}'
      TracingConfiguration: {Enabled: true}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding about the switch, or one with the detail ``permission`` about a traced machine's role."""
        enabled, role = resource.get(ENABLED[resource.type]), role_of(resource, template, ROLE[resource.type])
        if enabled is UNKNOWN:
            return
        if str(enabled).lower() != "true":
            why_not = obstacle(resource, template, ACTIONS, ROLE[resource.type])
            says = f"tracing is off{not_fixed(why_not)}"
            yield self.finding(resource, says, ENABLED[resource.type], remedy=_REMEDY)
        elif role is not None and may(role, template, ACTIONS, MANAGED) is False:
            says = f"its role {role.logical_id} may not write traces, so there are none"
            yield self.finding(resource, says, ROLE[resource.type], remedy=_REMEDY, detail="permission")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Lets the role write traces, first, and switches them on. SAM gives a role that it makes the permissions."""
        role = ROLE[resource.type]
        if obstacle(resource, template, ACTIONS, role):
            return
        if role_of(resource, template, role) is not None:
            yield from permit(resource, template, STATEMENT, "Tracing", MANAGED, path=role)
        if not finding.detail:
            yield resource.set(ENABLED[resource.type], True)


_REMEDY: Final = "sfn.StateMachine(..., tracing_enabled=True)"
