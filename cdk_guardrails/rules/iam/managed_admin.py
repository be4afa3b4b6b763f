"""iam-managed-admin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.rules.iam.statements import INLINE_POLICIES, SAM_POLICIES, Path
from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.rules.roles import managed_name
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

_NAMES: Final = {
    "AdministratorAccess": "every action on every resource of the account",
    "PowerUserAccess": "everything but the administration of users and accounts",
    "IAMFullAccess": "everything in IAM, so it can make itself an administrator",
}
_FULL: Final = re.compile(r"(?:.*/)?(?:\w*FullAccess(?:_?[vV]\d+)?|AdministratorAccess-\w+)")


class ManagedAdmin(Rule):
    """Roles, users and groups carry no AWS managed policy that gives full access.

    Checks ManagedPolicyArns, and the Policies of SAM functions, for AdministratorAccess (also AdministratorAccess-...),
    PowerUserAccess, IAMFullAccess and every AWS managed policy whose name ends in FullAccess.

    Left alone: permissions boundaries, policies of the account's own, and what stands behind an intrinsic function.
    """

    id = "iam-managed-admin"
    why = "Whoever gets hold of the role may do what the policy allows, in the whole account: delete data, add users."
    resource_types = (*INLINE_POLICIES, *SAM_POLICIES)
    concern = Concern.IDENTITY
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-use-aws-defined-policies",
            "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
        ),
        cdk_nag=("AwsSolutions-IAM4",),
        checkov=("CKV_AWS_274",),
    )
    bad = Example("""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess
        - arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess
""")
    good = Example("""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        said: set[str] = set()
        for path, policy in _managed_policies(resource):
            allowed = _NAMES.get(policy) or (_FULL.fullmatch(policy) and "everything that the service can do")
            if allowed and policy not in said:
                said.add(policy)
                yield self.finding(
                    resource,
                    f"the AWS managed policy {policy} allows {allowed}",
                    path,
                    remedy='iam.PolicyStatement(actions=["service:Action"], resources=[...])',
                    detail=policy,
                )


def _managed_policies(resource: Resource) -> Iterator[tuple[Path, str]]:
    """The AWS managed policies that a resource carries, by name, and where it says so."""
    is_sam = resource.type in SAM_POLICIES
    property_ = "Policies" if is_sam else "ManagedPolicyArns"
    raw = resource.raw(property_)
    for index, item in enumerate(raw) if isinstance(raw, list) else [(None, raw)]:
        text = rendered(item) or ""
        name = managed_name(text) or (text if is_sam and re.fullmatch(r"[\w/-]+", text) else None)
        if name:
            yield ((property_,) if index is None else (property_, index)), name
