"""lambda-alarms."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.alarms import PRICE, RECOMMENDED, Alarm, AlarmRule, Wanted
from cdk_guardrails.rules.base import Example, Option, SameAs
from cdk_guardrails.rules.cdk_own import handles_custom_resources, is_cdk_own
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, number, setting
from cdk_guardrails.rules.watching import Source, named_by
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

DEFAULT_TIMEOUT = 3
"""Seconds. https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"""

FIVE_MINUTES = 300


class LambdaAlarms(AlarmRule):
    """Alarms tell when functions fail, are throttled or come near their timeout.

    Checks that an alarm of the app watches Errors, Throttles and Duration of a function, of a version or alias of it,
    or of all functions together. The fix adds those that are missing: on failed invocations in five minutes, on
    throttling in each of five minutes, and on five minutes in which one invocation in ten came near the timeout.
    Without a known timeout there is none on Duration.

    Left alone: the CDK's own functions, the handlers of custom resources, whose failure fails the deployment, and
    Lambda@Edge functions, which have their metrics in the regions of their viewers.
    """

    id = "lambda-alarms"
    why = "A function that fails, is throttled or runs out of time says so in its metrics only, where nobody looks."
    resource_types = FUNCTIONS
    fix_note = f"Adds alarms; no function changes. {PRICE}: 0.30 USD a function."
    options = (
        Option(
            "errors", 1, f"Failed invocations in five minutes that fire the alarm: {RECOMMENDED}#Lambda.", minimum=1
        ),
        Option(
            "throttles",
            1,
            f"Throttled invocations in each of five minutes in a row that fire the alarm: {RECOMMENDED}#Lambda.",
            minimum=1,
        ),
        Option(
            "timeout_percent",
            80,
            "Percentage of the timeout that the 90th percentile of Duration must not reach in five minutes: "
            f"{RECOMMENDED}#Lambda.",
            minimum=1,
            maximum=100,
        ),
    )
    answers = ("C5.1",)
    same_as = SameAs(
        aws=(RECOMMENDED, "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"),
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
      Timeout: 30
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
      Timeout: 30
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: !Ref Handler}]
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
  Throttled:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Throttles
      Dimensions: [{Name: FunctionName, Value: !Ref Handler}]
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
  Slow:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Duration
      Dimensions: [{Name: FunctionName, Value: !Ref Handler}]
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 20000
      ComparisonOperator: GreaterThanThreshold
""")

    def wanted(self, resource: Resource, template: Template, settings: RuleSettings) -> Wanted | None:
        if is_cdk_own(resource) or handles_custom_resources(resource) or runs_at_edge(resource, template):
            return None
        by_name = named_by("FunctionName", resource, "FunctionName")
        parts = ("Resource", "ExecutedVersion")  # an alias or a version
        source = Source("AWS/Lambda", (by_name,), (resource,), parts, also_together=True)
        return source, list(_alarms(resource, settings))


def _alarms(function: Resource, settings: RuleSettings) -> Iterator[Alarm]:
    yield Alarm(
        "Errors",
        "invocations fail",
        settings["errors"],
        "function.metric_errors()",
        seconds=FIVE_MINUTES,
        periods=1,
        reaching=True,
    )
    yield Alarm(
        "Throttles",
        "invocations are throttled for want of concurrency",
        settings["throttles"],
        "function.metric_throttles()",
        reaching=True,
    )
    timeout, percent = number(setting(function, "Timeout"), DEFAULT_TIMEOUT), settings["timeout_percent"]
    if timeout is not None:
        yield Alarm(
            "Duration",
            f"invocations take {percent} % of the timeout of {timeout} s, or more",
            timeout * 10 * percent,  # seconds in percent to milliseconds
            'function.metric_duration(statistic="p90")',
            statistic="p90",
            seconds=FIVE_MINUTES,
            periods=1,
            reaching=True,
        )
