"""lambda-concurrency-budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, number, setting
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import APP, App, Resource, Template

PAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"

UNRESERVED: Final = 100
"""Concurrent executions that Lambda keeps for the functions which reserve none:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

ACCOUNT: Final = 1000
"""The default quota of concurrent executions per account and region; a new account may begin with less:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class ConcurrencyBudget(Rule):
    """The app's functions together leave concurrency to the rest of the account.

    Sums ReservedConcurrentExecutions over the stacks of the app and checks that 100 of *account_concurrency* remain
    unreserved: for each account and region that stacks name (env) by itself, and for each Stage, since Stages usually
    are accounts of their own. What is behind an intrinsic function is not counted.
    """

    id = "lambda-concurrency-budget"
    why = "Lambda refuses a reservation that leaves the account under 100 unreserved executions: the deployment fails."
    resource_types = (APP,)
    concern = Concern.CAPACITY
    answers = ("B2.1",)
    options = (
        Option(
            "account_concurrency",
            ACCOUNT,
            "Concurrent executions that the account has in the region, as `aws lambda get-account-settings` shows them."
            " https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
            minimum=1,
        ),
    )
    same_as = SameAs(aws=(PAGE, "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"))
    bad = Example("""\
Resources:
  Checkout:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: checkout.zip}
      Handler: index.handler
      ReservedConcurrentExecutions: 500
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/checkout
  Report:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: report.zip}
      Handler: index.handler
      ReservedConcurrentExecutions: 450
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/report
""")
    good = Example("""\
Resources:
  Checkout:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: checkout.zip}
      Handler: index.handler
      ReservedConcurrentExecutions: 500
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/checkout
  Report:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: report.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/report
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each place that reserves too much: a Stage, an environment; both are the detail."""
        for place, shares in _reserved(template.app).items():
            total, quota = sum(shares.values()), settings["account_concurrency"]
            if total and quota - total < UNRESERVED:
                largest = sorted(shares, key=lambda name: -shares[name])[:3]
                yield self.finding(
                    resource,
                    f"the functions of {place or 'the app'} reserve {total} of {quota} concurrent executions, most of "
                    f"them {', '.join(f'{n} ({shares[n]})' for n in largest)}; {UNRESERVED} must remain unreserved, so "
                    f"{max(quota - UNRESERVED, 0)} can be reserved at most",
                    remedy=_REMEDY,
                    detail=place,
                )


_REMEDY: Final = (
    "Remove reserved_concurrent_executions where no function has to be protected or limited, or have the quota raised "
    "and set account_concurrency; `aws lambda get-account-settings` shows the quota, which is small in new accounts."
)


def _reserved(app: App) -> dict[str, dict[str, int]]:
    """By place: what its functions reserve, by their logical ids and stacks.

    A place is a Stage, by its path ("" for none), and where its stacks are for several environments, one of those.
    """
    names = {template.name for template in app.templates}
    stages = {template.name: _stage(template.name, names) for template in app.templates}
    environments: dict[str, set[str]] = {}
    for template in app.templates:
        environments.setdefault(stages[template.name], set()).add(_environment(template))
    found: dict[str, dict[str, int]] = {}
    for template in app.templates:
        stage = stages[template.name]
        parts = (stage, _environment(template) if len(environments[stage]) > 1 else "")
        shares = found.setdefault(" ".join(part for part in parts if part), {})
        for function in template.of_type(*FUNCTIONS):
            if share := number(setting(function, "ReservedConcurrentExecutions")):
                shares[f"{function.logical_id} in {template.name}"] = share
    return found


def _environment(template: Template) -> str:
    """The account and region that a stack is for, as far as they are known: ``111122223333/eu-west-1``."""
    return "/".join(part for part in (template.account, template.region) if part)


def _stage(name: str, names: set[str]) -> str:
    """The construct path of the Stage that a stack is in. A nested stack is in that of the stack around it."""
    parts = name.split("/")
    paths = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next(path for path in paths if path in names).rpartition("/")[0]
