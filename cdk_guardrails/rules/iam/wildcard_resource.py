"""iam-wildcard-resource."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.iam.actions import Limitable, limitable
from cdk_guardrails.rules.iam.rendered import by_cdk
from cdk_guardrails.rules.iam.statements import IDENTITY_TYPES, Path, Statement, statements
from cdk_guardrails.rules.policies import as_list
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

MANAGED_POLICY: Final = "AWS::IAM::ManagedPolicy"

_ALL: Final = re.compile(r"\*+|arn:[^:]*:(?P<service>[a-z0-9-]+):[^:]*:[^:]*:\*+")
"""Every resource, or each of one service, in an account or Region at most: ``arn:aws:s3:::*``."""


class WildcardResource(Rule):
    """Actions that can be limited to resources are allowed on named resources.

    Checks the Allow statements of roles, users, groups, their policies, SAM functions and IoT and SSO policies: an
    action on Resource `*`, on a whole service (`arn:aws:s3:::*`) or with NotResource that always concerns some resource
    (a table, a queue, a key ...) is an error, a finding per action. A pattern such as `s3:Get*` is judged by the
    actions that it covers. Which actions can be limited is what the Service Authorization Reference says. What the
    CDK's constructs and singleton functions render is a warning that names them.

    Left alone: statements with a Condition; actions that only work on `*` (xray:PutTraceSegments) or whose resource
    may be left out (cloudwatch:PutMetricData); actions that the data does not know; `*` and `service:*`, which are
    iam-wildcard-action's; the role with which Cognito sends text messages, since a phone number has no ARN; a managed
    policy that is only a permissions boundary; resource policies and trust policies; and whatever stands behind an
    intrinsic function.
    """

    id = "iam-wildcard-resource"
    why = "Whoever gets hold of the role reaches every table, queue or key of the account, not only this application's."
    resource_types = IDENTITY_TYPES
    concern = Concern.IDENTITY
    answers = ("B3.2", "C3.2", "D3.1")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        ),
        cdk_nag=("AwsSolutions-IAM5",),
        checkov=("CKV_AWS_111", "CKV_AWS_356"),
    )
    bad = Example("""\
Resources:
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: worker
      Roles: [worker]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [dynamodb:PutItem, sqs:SendMessage]
            Resource: "*"
""")
    good = Example("""\
Resources:
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: worker
      Roles: [worker]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [dynamodb:PutItem]
            Resource: !GetAtt Table.Arn
          - Effect: Allow
            Action: [xray:PutTraceSegments, xray:PutTelemetryRecords]
            Resource: "*"
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      BillingMode: PAY_PER_REQUEST
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        said: set[str] = set()
        for statement in statements(resource):
            reach = _on_everything(statement)
            if reach is None or _is_boundary(resource, template):
                continue
            actions = [action for _, action in statement.actions]
            for action in actions:
                found = () if action in said or _is_for_phones(resource, action) else limitable(action)
                if found and reach.service in ("", action.partition(":")[0].lower()):
                    said.add(action)
                    yield self._of_action(resource, reach, action, actions, found)

    def _of_action(
        self, resource: Resource, reach: _Reach, action: str, beside: list[str], found: tuple[Limitable, ...]
    ) -> Finding:
        by, remedy = by_cdk(resource, action, beside)
        return self.finding(
            resource,
            f"allows {action} on every resource{reach.but}{by and ', '}{by}: {_limits(action, found)}",
            reach.path,
            remedy=remedy or f'iam.PolicyStatement(..., actions=["{action}"], resources=["{found[0].arn}"])',
            detail=action,
            severity=Severity.WARNING if by else self.severity,
        )


class _Reach(NamedTuple):
    """Where a statement says that it is about everything, of which service ("" for all), and what is left out."""

    path: Path
    service: str = ""
    but: str = ""


def _on_everything(statement: Statement) -> _Reach | None:
    """How far an unconditional Allow reaches; None for named resources."""
    if not statement.allows or as_list(statement.data.get("Condition")):
        return None
    if "NotResource" in statement.data:
        return _Reach((*statement.path, "NotResource"), but=" but those of NotResource")
    found = [(path, match) for path, text in statement.values("Resource") if (match := _ALL.fullmatch(text))]
    found.sort(key=lambda item: bool(item[1]["service"]))
    return next((_Reach(path, match["service"] or "") for path, match in found), None)


def _limits(action: str, found: tuple[Limitable, ...]) -> str:
    first, *others = found
    takes = f"takes {' or '.join(first.types)} ARNs, such as {first.arn}"
    if first.action.lower() == action.lower():
        return f"it {takes}"
    more = f", and {len(others)} more that it covers can be limited, too" if others else ""
    return f"{first.action} {takes}{more}"


def _is_for_phones(resource: Resource, action: str) -> bool:
    """Whether Cognito sends text messages with the role: to phone numbers, which `*` alone allows.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-sms-settings.html
    """
    trust = resource.raw("AssumeRolePolicyDocument")
    return action.lower() == "sns:publish" and "cognito-idp.amazonaws.com" in json.dumps(trust)


def _is_boundary(resource: Resource, template: Template) -> bool:
    """Whether a managed policy only limits roles: it is someone's PermissionsBoundary and attached to nobody."""
    if resource.type != MANAGED_POLICY or any(resource.raw(name) for name in ("Roles", "Users", "Groups")):
        return False
    uses = [reference.path for _, reference in template.references_to(resource.logical_id)]
    return bool(uses) and all("PermissionsBoundary" in path for path in uses)
