"""lambda-reserved-concurrency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, setting
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

PROPERTY: Final = "ReservedConcurrentExecutions"

PAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"


class ReservedConcurrency(Rule):
    """Critical functions have concurrency reserved for them.

    Checks and fixes the functions that *critical_functions* names, by globs over logical ids, construct paths and
    FunctionName, and no others: by default, none. The fix reserves *reserved* executions. A number that the author
    gave stays as it is, 0 included, which switches a function off.
    """

    id = "lambda-reserved-concurrency"
    why = "Without it, any other function of the account and region can use up the concurrency that this one needs."
    resource_types = FUNCTIONS
    concern = Concern.CAPACITY
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place, for no charge. The function is also limited to that number and throttled beyond it, and the "
        "rest of the account has that much less. The deployment fails when it would leave the account under 100 "
        "unreserved executions: lambda-concurrency-budget tells so before."
    )
    answers = ("C4.2",)
    profiles = ("staging", "prod")
    options = (
        Option(
            "critical_functions",
            (),
            "Functions that get reserved concurrency: globs over logical ids, construct paths and function names.",
        ),
        Option("reserved", 10, f"Concurrent executions to reserve for each of them. {PAGE}", minimum=1),
    )
    same_as = SameAs(
        aws=(PAGE,),
        cdk_nag=("HIPAA.Security-LambdaConcurrency", "NIST.800.53.R5-LambdaConcurrency"),
        checkov=("CKV_AWS_115",),
    )
    bad = Example(
        """\
Resources:
  Checkout:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: checkout.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/checkout
""",
        options={"critical_functions": ("Checkout*",), "reserved": 50},
    )
    good = Example(
        """\
Resources:
  Checkout:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: checkout.zip}
      Handler: index.handler
      ReservedConcurrentExecutions: 25
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/checkout
  Report:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: report.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/report
""",
        options={"critical_functions": ("Checkout*",), "reserved": 50},
    )

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding when a critical function reserves nothing."""
        glob = _matching(resource, settings["critical_functions"])
        if glob and setting(resource, PROPERTY) is None and not is_cdk_own(resource):
            yield self.finding(
                resource,
                f"no concurrency is reserved, though it is critical: '{glob}' in critical_functions",
                PROPERTY,
                remedy=f"lambda_.Function(..., reserved_concurrent_executions={settings['reserved']})",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Reserves what settings say."""
        yield resource.set(PROPERTY, settings["reserved"])


def _matching(function: Resource, globs: Sequence[str]) -> str:
    """The first of ``globs`` that names ``function``, or ""."""
    if not globs:
        return ""
    path, name = function.origin.construct_path, function.get("FunctionName")
    names = {function.logical_id, path, path.removesuffix("/Resource"), name if isinstance(name, str) else ""} - {""}
    return next((glob for glob in globs if any(fnmatchcase(name, glob) for name in names)), "")
