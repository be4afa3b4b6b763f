"""lambda-tracing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.roles import is_made_by_sam, may, obstacle, permit, role_of
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, known
from cdk_guardrails.template.edits import value_at

MODES: Final = {"AWS::Lambda::Function": "TracingConfig.Mode", "AWS::Serverless::Function": "Tracing"}
"""Where each type says how it is traced; SAM functions inherit it from Globals."""

ACTIONS: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")

MANAGED: Final = ("AWSXRayDaemonWriteAccess", "AWSXrayWriteOnlyAccess", "AWSXrayFullAccess")
"""AWS managed policies that allow them:
https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html"""

STATEMENT: Final = {"Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"}
"""X-Ray has no resources that these actions could be limited to:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html"""


class Tracing(Rule):
    """Functions are traced, and may write their traces.

    Checks that the tracing mode is Active and, when the function's role stands in the template, that the role may send
    segments and telemetry. The fix sets the mode, grants the permission and lets the function wait for it: Lambda
    refuses a function with active tracing whose role may not write traces ("does not have permissions to call
    PutTraceSegments on XRAY"). It therefore leaves alone a function whose role is from elsewhere, or has a permissions
    boundary or a Deny. Lambda@Edge functions cannot be traced and are not judged, nor are the functions that the CDK
    makes for itself.
    """

    id = "lambda-tracing"
    why = "Without traces nobody can tell which of the services behind a slow or failed request was to blame."
    resource_types = tuple(MODES)
    concern = Concern.TRACING
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. X-Ray samples 1 request a second and 5 % of the rest; beyond a free tier it bills."
    answers = ("B5.2", "C5.2")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",),
        cdk_nag=("Serverless-LambdaTracing",),
        checkov=("CKV_AWS_50",),
        security_hub=("Lambda.7",),
    )
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
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"]
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt Role.Arn
      TracingConfig: {Mode: Active}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding about the mode, or one with the detail ``permission`` about a traced function's role."""
        mode, role = _mode(resource, template), role_of(resource, template)
        if mode is UNKNOWN or is_cdk_own(resource) or runs_at_edge(resource, template):
            return
        if mode != "Active":
            off = f"active tracing is off{f' ({mode})' if isinstance(mode, str) and mode else ''}"
            why_not = obstacle(resource, template, ACTIONS)
            refused = f"; not fixed, since {why_not}, and Lambda refuses one that may not write traces"
            yield self.finding(resource, off + (refused if why_not else ""), MODES[resource.type], remedy=_REMEDY)
        elif role is not None and may(role, template, ACTIONS, MANAGED) is False:
            says = f"its role {role.logical_id} may not write traces, so Lambda refuses active tracing"
            yield self.finding(resource, says, "Role", remedy=_REMEDY, detail="permission")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Lets the role write traces, first, and switches them on. SAM gives a role that it makes the permission."""
        if obstacle(resource, template, ACTIONS):
            return
        if not is_made_by_sam(resource):
            yield from permit(resource, template, STATEMENT, "Tracing", MANAGED)
        if not finding.detail:
            yield resource.set(MODES[resource.type], "Active")


_REMEDY: Final = "lambda_.Function(..., tracing=lambda_.Tracing.ACTIVE)"


def _mode(function: Resource, template: Template) -> Any:
    mode = function.get(MODES[function.type])
    if mode is None and function.type == "AWS::Serverless::Function":
        mode = known(value_at(template.data, ("Globals", "Function", "Tracing")))
    return mode
