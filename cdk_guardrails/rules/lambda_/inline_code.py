"""lambda-inline-code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.functions import FUNCTION, SAM_FUNCTION
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template, is_intrinsic

CODE: Final = {FUNCTION: "Code.ZipFile", SAM_FUNCTION: "InlineCode"}

PAGE: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html"
)

MAX_BYTES: Final = 4096
"""What CloudFormation took until 2022. Its limits today are 4 MB of zipped code and 1 MB of template."""

RESPONSE_MODULES: Final = ("cfnresponse", "cfn-response")
"""Modules that CloudFormation gives to inline code alone:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html"""


class InlineCode(Rule):
    """The code of functions stands in files of its own.

    Checks for code inside the template: more than *max_bytes* of it is an error, any of it a warning. Of text that is
    put together by functions, the parts that are known count. There is no warning for a custom resource's handler that
    uses cfn-response, which CloudFormation has for inline code only, nor for functions that the CDK adds.
    """

    id = "lambda-inline-code"
    why = "Code in a template is not linted, typed or tested, cannot import modules, and counts towards its 1 MB."
    resource_types = tuple(CODE)
    concern = Concern.MAINTAINABILITY
    answers = ("D1.1",)
    options = (
        Option(
            "max_bytes",
            MAX_BYTES,
            f"Bytes of inline code from which on it is an error, not a warning. {PAGE}",
            minimum=0,
        ),
    )
    same_as = SameAs(
        aws=(PAGE, "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding about inline code; about too much of it, one with the detail ``size``."""
        path = CODE[resource.type]
        code = _text(resource.raw(path))
        if not code or is_cdk_own(resource):
            return
        size, limit = len(code.encode("utf-8", "surrogatepass")), settings["max_bytes"]
        if size > limit:
            says = f"{size:,} bytes of code stand in the template, {limit:,} at most are to"
            yield self.finding(resource, says, path, remedy=_REMEDY, detail="size")
        elif not any(module in code for module in RESPONSE_MODULES):
            says = f"its code ({size:,} bytes) stands in the template, where no tool checks it"
            yield self.finding(resource, says, path, remedy=_REMEDY, severity=Severity.WARNING)


_REMEDY: Final = 'lambda_.Function(..., code=lambda_.Code.from_asset("functions/handler"))'


def _text(value: Any) -> str:
    """The text in a string, a Fn::Join or a Fn::Sub, without what only the deployment knows."""
    if isinstance(value, str):
        return value
    if not is_intrinsic(value):
        return ""
    function, argument = next(iter(value.items()))
    if function == "Fn::Sub":
        return _text(argument[0] if isinstance(argument, list) and argument else argument)
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        return _text(argument[0]).join(_text(part) for part in argument[1])
    return ""
