"""iam-wildcard-action."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.iam.grants import GRANTS, PATTERNS
from cdk_guardrails.rules.iam.statements import IDENTITY_TYPES, RESOURCE_POLICIES, Path, Statement, statements
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

_EVERYTHING: Final = re.compile(r"[*?]*\*[*?]*|[^:]*[*?][^:]*:.*|[^:]+:[*?]*\*[*?]*")
"""`*`, `service:*` and what comes to the same; also a pattern that spans services (`s*:Get*`)."""

REPLICATION: Final = "SourceTableAttachedManagedPolicy"
"""Stands in the logical ids of the policies that the CDK makes for a Table with replicas in other Regions."""

_BY_LOWER: Final = {pattern.lower(): grant for pattern, grant in PATTERNS.items()}


class WildcardAction(Rule):
    """Policies allow named actions, no wildcards.

    Checks the Allow statements of roles, users, groups, their policies, SAM functions and IoT and SSO policies:
    `*` and `service:*` are errors, a pattern such as `s3:Get*` is a warning, and an Allow with NotAction is an error.
    In the policies of resources (buckets, queues, keys ...) `*` and `service:*` are errors, too. What the CDK's grant
    methods render is named as such, with the actions that are enough instead.

    Left alone: Deny, trust policies, the statement that gives a key to its account, patterns in the policies of the
    CDK's own singleton functions, and actions behind an intrinsic function. A Condition or a permissions boundary is no
    excuse: neither makes the wildcard mean fewer actions of tomorrow.
    """

    id = "iam-wildcard-action"
    why = "Whoever gets hold of the role may do everything that the wildcard takes in, today and when AWS adds actions."
    resource_types = (*IDENTITY_TYPES, *RESOURCE_POLICIES)
    concern = Concern.IDENTITY
    answers = ("B3.2", "C3.2", "D3.1")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
        ),
        cdk_nag=("AwsSolutions-IAM5",),
        checkov=("CKV_AWS_62", "CKV_AWS_63"),
        security_hub=("IAM.1", "IAM.21"),
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
            Action: [s3:*, dynamodb:Get*]
            Resource: arn:aws:s3:::orders/*
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
            Action: [s3:GetObject, s3:PutObject]
            Resource: arn:aws:s3:::orders/*
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        said: set[str] = set()
        for path, action in _wildcards(resource):
            if action not in said:
                said.add(action)
                yield self._of_action(resource, path, action)
        for statement in statements(resource):
            if statement.allows and "NotAction" in statement.data and resource.type in IDENTITY_TYPES:
                yield self.finding(
                    resource,
                    "allows every action but those of NotAction, all services included",
                    (*statement.path, "NotAction"),
                    remedy='iam.PolicyStatement(actions=["service:Action", ...], ...)',
                    detail="NotAction",
                )
                return

    def _of_action(self, resource: Resource, path: Path, action: str) -> Finding:
        severity, message = Severity.WARNING, f"allows {action}: whatever matches, actions that AWS adds later included"
        if _EVERYTHING.fullmatch(action):
            service = action.partition(":")[0] if ":" in action else "*"
            of = "every service" if "*" in service or "?" in service else service
            severity, message = Severity.ERROR, f"allows {action}: every action of {of}"
        if REPLICATION in resource.logical_id:
            message += ", as dynamodb.Table renders it for replication_regions"
            remedy = "dynamodb.TableV2(..., replicas=[...])"
            return self.finding(resource, message, path, remedy=remedy, detail=action, severity=Severity.WARNING)
        return self.finding(resource, message, path, remedy=_remedy(action), detail=action, severity=severity)


def _wildcards(resource: Resource) -> list[tuple[Path, str]]:
    """The allowed actions with a wildcard that are worth a finding on this resource."""
    found = [
        item
        for statement in statements(resource)
        if statement.wildcards and statement.allows and not _gives_key_to_account(resource, statement)
        for item in statement.wildcards
    ]
    if found and (resource.type in RESOURCE_POLICIES or is_cdk_own(resource)):
        return [(path, action) for path, action in found if _EVERYTHING.fullmatch(action)]
    return found


def _gives_key_to_account(resource: Resource, statement: Statement) -> bool:
    """Whether this is the statement of a key policy that leaves it to IAM policies who may use the key."""
    if "KeyPolicy" not in statement.path:
        return False
    principal = statement.data.get("Principal")
    accounts = principal.get("AWS") if isinstance(principal, dict) and len(principal) == 1 else None
    return bool(accounts) and all(
        ':root"' in text or text == '{"Ref": "AWS::AccountId"}' or re.fullmatch(r'"\d{12}"', text)
        for text in map(json.dumps, accounts if isinstance(accounts, list) else [accounts])
    )


def _remedy(action: str) -> str:
    grant = _BY_LOWER.get(action.lower())
    if grant:
        enough = ", ".join(f'"{item}"' for item in grant.enough)
        return f"Rendered by {grant.methods}. Where that is enough: iam.PolicyStatement(actions=[{enough}], ...)."
    method = GRANTS.get(action.partition(":")[0].lower())
    named = 'iam.PolicyStatement(actions=["service:Action", ...], ...).'
    return f"{method}, or name the actions: {named}" if method else f"Name the actions: {named}"
