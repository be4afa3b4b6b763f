"""lambda-memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, number, setting
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

DEFAULT_MEGABYTES: Final = 128
"""MemorySize when it is not set; the least that there is.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""


class Memory(Rule):
    """The memory of functions is chosen.

    Checks that MemorySize is set and not 128 MB, the default and the least. Lambda gives a function CPU in proportion
    to its memory, so that more memory is often faster for the same price. There is no right answer without a
    measurement: keep 128 MB where one says so, and suppress this with that reason. Functions that the CDK adds are not
    judged, nor Lambda@Edge functions, which for viewer events cannot have more.
    """

    id = "lambda-memory"
    why = "With 128 MB a function has a fraction of a CPU, and often costs as much as a larger one that is faster."
    resource_types = FUNCTIONS
    concern = Concern.CAPACITY
    severity = Severity.WARNING
    answers = ("B4.1", "C2.1")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
            "https://docs.aws.amazon.com/compute-optimizer/latest/ug/view-lambda-recommendations.html",
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html",
        ),
        cdk_nag=("Serverless-LambdaDefaultMemorySize",),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
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
      MemorySize: 512
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding when MemorySize is the default, said or unsaid."""
        size = setting(resource, "MemorySize")
        if number(size, DEFAULT_MEGABYTES) != DEFAULT_MEGABYTES:
            return
        if is_cdk_own(resource) or runs_at_edge(resource, template):
            return
        says = f"MemorySize is {'not set, so it is ' if size is None else ''}{DEFAULT_MEGABYTES} MB"
        yield self.finding(resource, f"{says}, with little CPU; {_CHOOSE}", "MemorySize", remedy=_REMEDY)


_CHOOSE: Final = (
    "choose it by measuring: AWS Lambda Power Tuning tries out sizes, Compute Optimizer recommends one after 14 days"
)
_REMEDY: Final = "lambda_.Function(..., memory_size=512)"
