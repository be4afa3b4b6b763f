"""s3-alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.alarms import PRICE, RECOMMENDED, Alarm, AlarmRule, Wanted
from cdk_guardrails.rules.base import Example, Finding, Option, SameAs
from cdk_guardrails.rules.s3.buckets import BUCKET
from cdk_guardrails.rules.s3.log_delivery import receives_access_logs
from cdk_guardrails.rules.watching import Source, copied, is_watched, named_by
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_intrinsic, is_no_value

CONFIGURATIONS: Final = "MetricsConfigurations"
ENTIRE_BUCKET: Final = "EntireBucket"
"""The Id that the S3 console gives to the request metrics of a whole bucket."""

FILTERS: Final = ("Prefix", "TagFilters", "AccessPointArn")
REQUEST_METRICS: Final = "RequestMetrics"


class S3Alarms(AlarmRule):
    """Alarms tell when requests to buckets fail.

    Checks that a bucket has request metrics, without which S3 counts no requests, and that an alarm of the app watches
    4xxErrors and 5xxErrors of it. The fix adds request metrics for the whole bucket (Id EntireBucket) unless there are
    some, and the alarms that are missing, on more than *error_percent* of requests in each of 15 minutes.

    Left alone: buckets that S3 delivers server access logs to, which no application reads or writes, and buckets whose
    MetricsConfigurations are known at deployment only.
    """

    id = "s3-alarms"
    why = "Requests that are denied, that miss, or that S3 fails to answer show in metrics only, and not by default."
    resource_types = (BUCKET,)
    fix_note = (
        "Updates in place. Request metrics are CloudWatch custom metrics, at 0.30 USD a month each: up to 16 a bucket, "
        f"those of requests that it gets, so 4.80 USD at most. {PRICE}: 0.20 USD a bucket."
    )
    options = (
        Option(
            "error_percent",
            5,
            "Percentage of requests in each of 15 minutes in a row above which client errors (4xx), or server errors "
            f"(5xx), fire the alarm: {RECOMMENDED}#S3.",
            minimum=0,
            maximum=99,
        ),
    )
    answers = ("B5.1",)
    same_as = SameAs(
        aws=(
            RECOMMENDED,
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-request-metrics-bucket.html",
        ),
    )
    bad = Example("""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
""")
    good = Example("""\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      MetricsConfigurations: [{Id: All}]
  Denied:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/S3
      MetricName: 4xxErrors
      Dimensions: [{Name: BucketName, Value: !Ref Bucket}, {Name: FilterId, Value: All}]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 15
      Threshold: 0.05
      ComparisonOperator: GreaterThanThreshold
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/S3
      MetricName: 5xxErrors
      Dimensions: [{Name: BucketName, Value: !Ref Bucket}, {Name: FilterId, Value: All}]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 15
      Threshold: 0.05
      ComparisonOperator: GreaterThanThreshold
""")

    def wanted(self, resource: Resource, template: Template, settings: RuleSettings) -> Wanted | None:
        filter_id = _filter_id(resource)
        dimension = copied("FilterId", filter_id)
        if dimension is None or receives_access_logs(resource, template):
            return None
        by_name = named_by("BucketName", resource, "BucketName")
        # parts: an alarm counts with whatever filter its author has chosen
        source = Source("AWS/S3", (by_name, dimension), (resource,), parts=("FilterId",))
        return source, list(_alarms(settings))

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each metric that no alarm watches, and one with the detail ``RequestMetrics``."""
        wanted = self.wanted(resource, template, settings)
        if wanted is not None and _needs_metrics(resource, wanted):
            yield self.finding(
                resource,
                "without request metrics S3 counts no requests, so no alarm can watch them",
                CONFIGURATIONS,
                remedy='s3.Bucket(..., metrics=[s3.BucketMetrics(id="EntireBucket")])',
                detail=REQUEST_METRICS,
            )
        yield from super().check(resource, template, settings)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Adds request metrics when there are none, and the alarm that the finding is about."""
        if _unfiltered(resource) is None:
            yield resource.append(CONFIGURATIONS, {"Id": _filter_id(resource)})
        yield from super().fix(finding, resource, template, settings)


def _alarms(settings: RuleSettings) -> Iterator[Alarm]:
    percent = settings["error_percent"]
    for metric, fails in (("4xxErrors", "are refused or miss (4xx)"), ("5xxErrors", "fail in S3 (5xx)")):
        yield Alarm(
            metric,
            f"more than {percent} % of the requests {fails}",
            percent / 100,
            f'cloudwatch.Metric(..., namespace="AWS/S3", metric_name="{metric}")',
            statistic="Average",
            periods=15,
        )


def _needs_metrics(bucket: Resource, wanted: Wanted) -> bool:
    """Whether there are no request metrics of the whole bucket; with alarms on filtered ones, those will do."""
    source, alarms = wanted
    filtered = bool(bucket.items(CONFIGURATIONS))
    return _unfiltered(bucket) is None and not (filtered and all(is_watched(item.metric, source) for item in alarms))


def _filter_id(bucket: Resource) -> Any:
    """The Id of the metrics of the whole bucket, or of those to be added; None when it is known at deployment only."""
    configurations = bucket.get(CONFIGURATIONS)
    if configurations is UNKNOWN or any(is_intrinsic(item) and not is_no_value(item) for item in _items(bucket)):
        return None
    if (found := _unfiltered(bucket)) is not None:
        return found.get("Id")
    taken = [item.get("Id") for item in _items(bucket) if isinstance(item, dict)]
    return ENTIRE_BUCKET if ENTIRE_BUCKET not in taken else f"{ENTIRE_BUCKET}2"


def _unfiltered(bucket: Resource) -> dict[str, Any] | None:
    """The configuration of metrics of the whole bucket."""
    for item in _items(bucket):
        if isinstance(item, dict) and not is_intrinsic(item) and not any(name in item for name in FILTERS):
            return item
    return None


def _items(bucket: Resource) -> list[Any]:
    return bucket.items(CONFIGURATIONS)
