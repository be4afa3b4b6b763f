"""hardcoded-account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.across.literals import Literal, literals
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Resource, Template
from cdk_guardrails.template.edits import value_at

_IN_ADDRESS: Final = re.compile(r"(?:^|(?<=[:/]))(\d{12})(?=[:/]|\.dkr\.ecr\.|$)")
_ALONE: Final = re.compile(r"\d{12}")
_ADDRESS: Final = re.compile(r"arn:|amazonaws|AWSLogs|:\d{12}:|^\d{12}:|:\d{12}$")
_KEY: Final = re.compile(r"account|owner|principal|^aws$", re.IGNORECASE)


class HardcodedAccount(Rule):
    """No account id is written out.

    Checks properties and outputs for 12-digit account ids in ARNs, URLs and values whose key speaks of an account. A
    literal that is the account of the stack, or of another stack of the app, is how the CDK renders it and is left
    alone. An error when the stack has no account of its own and could be deployed into any; a warning when it has one,
    or when the id is a policy's principal, since another account may be meant.

    Left alone, too: who publishes a Lambda layer or SageMaker image, the accounts from which AWS delivers access logs,
    names, tags, descriptions, code and user data, and values that the settings give.
    """

    id = "hardcoded-account"
    why = "Deployed into another account, the stack still reads from, writes to or trusts the one that is written out."
    resource_types = ("*", TEMPLATE)
    concern = Concern.MAINTAINABILITY
    answers = ("A6.1", "C1.3")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html",),
    )
    bad = Example("""\
Resources:
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      Protocol: sqs
      TopicArn: !Sub arn:${AWS::Partition}:sns:${AWS::Region}:111122223333:orders
      Endpoint: !Sub arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders
""")
    good = Example("""\
Resources:
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      Protocol: sqs
      TopicArn: !Sub arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:orders
      Endpoint: !Sub arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        known = {other.account for other in template.app.templates} if template.account else set()
        seen: set[str] = set()
        for literal in literals(resource, template):
            if literal.text in settings.texts or _is_published(literal, resource):
                continue
            for account in _accounts(literal):
                if account not in known | seen and not _delivers_logs(literal, resource):
                    seen.add(account)
                    yield self._written_out(account, literal, resource, template)

    def _written_out(self, account: str, literal: Literal, resource: Resource, template: Template) -> Finding:
        is_principal = "Principal" in literal.path
        but = f"and the stack is in {template.account}" if template.account else "whatever account the stack is in"
        is_warning = template.account or is_principal
        return self.finding(
            resource,
            f"the account {account} is {'trusted by number' if is_principal else 'written out'}, {but}",
            literal.path,
            remedy="cdk.Aws.ACCOUNT_ID",
            detail=account,
            severity=Severity.WARNING if is_warning else Severity.ERROR,
        )


def _accounts(literal: Literal) -> list[str]:
    if _ALONE.fullmatch(literal.text):
        names = [part for part in literal.path if isinstance(part, str) and not part.startswith("Fn::")]
        return [literal.text] if names and _KEY.search(names[-1]) else []
    return _IN_ADDRESS.findall(literal.text) if _ADDRESS.search(literal.text) else []


def _is_published(literal: Literal, resource: Resource) -> bool:
    """Whether the account is that of a publisher: layers, and the images that SageMaker comes with."""
    is_image = resource.type.startswith("AWS::SageMaker::") and ".dkr.ecr." in literal.text
    return ":layer:" in literal.text or is_image


def _delivers_logs(literal: Literal, resource: Resource) -> bool:
    """Whether the account is let in to put access logs where AWS puts them, below ``AWSLogs/``: it is then AWS's own.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    if "Principal" not in literal.path:
        return False
    statement = value_at(resource.properties, literal.path[: literal.path.index("Principal")])
    written = statement.get("Resource") if isinstance(statement, dict) else None
    return "AWSLogs/" in json.dumps(written, default=str)
