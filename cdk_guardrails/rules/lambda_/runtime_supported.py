"""lambda-runtime-supported."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.lambda_runtimes import Lifecycle, lifecycle
from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, setting
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

PAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"
"""When each runtime is deprecated. AWS sends notice of it 180 days before."""


class RuntimeSupported(Rule):
    """Functions run on a runtime that AWS supports.

    Checks the Runtime against AWS's dates of deprecation, as cfn-lint has them, and against today: a runtime that is
    deprecated is an error, one that will be within *notice_days* a warning. Container images bring their own runtime
    and are not judged, nor is a runtime that the dates do not cover. For a function that the CDK adds there is only a
    warning, since nothing but another version of aws-cdk-lib changes its runtime.
    """

    id = "lambda-runtime-supported"
    why = "A deprecated runtime gets no security patches, and some months later Lambda refuses updates of the function."
    resource_types = FUNCTIONS
    concern = Concern.MAINTAINABILITY
    options = (
        Option(
            "notice_days",
            180,
            f"Days before the deprecation from which on there is a warning; AWS's notice. {PAGE}",
            minimum=0,
        ),
    )
    same_as = SameAs(
        aws=(PAGE,),
        cdk_nag=("AwsSolutions-L1", "Serverless-LambdaLatestVersion"),
        checkov=("CKV_AWS_363",),
        security_hub=("Lambda.2",),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      Handler: index.handler
      Runtime: python3.7
      Role: arn:aws:iam::111122223333:role/handler
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      Handler: index.handler
      Runtime: python3.14
      Role: arn:aws:iam::111122223333:role/handler
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding when the runtime is deprecated or will be soon."""
        runtime = setting(resource, "Runtime")
        known = lifecycle(runtime) if isinstance(runtime, str) else None
        if known is None or setting(resource, "PackageType") == "Image":
            return
        if settings.today < known.deprecated - datetime.timedelta(days=settings["notice_days"]):
            return
        is_over = settings.today >= known.deprecated
        own = is_cdk_own(resource)
        yield self.finding(
            resource,
            f"{_dates(runtime, known, is_over)}{'; the CDK adds this function' if own else ''}",
            "Runtime",
            remedy=_UPGRADE_CDK if own else _remedy(known),
            severity=Severity.ERROR if is_over and not own else Severity.WARNING,
        )


_UPGRADE_CDK: Final = "Upgrade aws-cdk-lib: only the CDK can change the runtime of this function."


def _dates(runtime: str, known: Lifecycle, is_over: bool) -> str:
    said = f"AWS {'has deprecated' if is_over else 'will deprecate'} {runtime} on {known.deprecated}"
    if known.update_block:
        said += f" and refuses updates of such functions from {known.update_block} on"
    return f"{said}; {known.successor} is the newest of its kind" if known.successor else said


def _remedy(known: Lifecycle) -> str:
    if not known.successor:
        return "Move the function to a runtime that AWS supports."
    return f'lambda_.Function(..., runtime=lambda_.Runtime("{known.successor}"))'
