"""s3-alarms."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "s3-alarms"
ALL = ["RequestMetrics", "4xxErrors", "5xxErrors"]
ENTIRE = {"Id": "EntireBucket"}
NO_METRICS = "without request metrics S3 counts no requests, so no alarm can watch them"


def bucket(*configurations: Any, **properties: Any) -> dict[str, Any]:
    metrics = {"MetricsConfigurations": list(configurations)} if configurations else {}
    return {"Type": "AWS::S3::Bucket", "Properties": {**metrics, **properties}}


def alarm(metric: str, filter_id: Any = "EntireBucket", name: Any = None) -> dict[str, Any]:
    dimensions = [
        {"Name": "BucketName", "Value": name or {"Ref": "Photos"}},
        {"Name": "FilterId", "Value": filter_id},
    ]
    properties = {"Namespace": "AWS/S3", "MetricName": metric, "Dimensions": dimensions}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def alarms(filter_id: Any = "EntireBucket", name: Any = None) -> dict[str, Any]:
    return {f"On{metric}": alarm(metric, filter_id, name) for metric in ALL[1:]}


def template(photos: dict[str, Any], **resources: Any) -> dict[str, Any]:
    return {"Resources": {"Photos": photos, **resources}}


def details(data: dict[str, Any]) -> list[str]:
    return [finding.detail for finding in assert_flags(data, RULE)]


def added(filter_id: Any = "EntireBucket", percent: int = 5, **attributes: Any) -> dict[str, Any]:
    says = {"4xxErrors": "are refused or miss (4xx)", "5xxErrors": "fail in S3 (5xx)"}
    return {
        f"GuardrailsPhotos{metric}Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            **attributes,
            "Properties": {
                "AlarmDescription": f"More than {percent} % of the requests {says[metric]}.",
                **alarm(metric, filter_id)["Properties"],
                "Statistic": "Average",
                "Period": 60,
                "EvaluationPeriods": 15,
                "Threshold": percent / 100,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
            },
        }
        for metric in ALL[1:]
    }


def test_the_fix_adds_request_metrics_and_alarms() -> None:
    assert_fixed(template(bucket()), template(bucket(ENTIRE), **added()), RULE)


def test_the_condition_of_the_bucket() -> None:
    photos, after = ({**bucket(*metrics), "Condition": "IsProd"} for metrics in ([], [ENTIRE]))
    assert_fixed(template(photos), template(after, **added(Condition="IsProd")), RULE)


@pytest.mark.parametrize("id_", ["All", {"Ref": "FilterId"}])
def test_metrics_of_the_author_are_watched(id_: Any) -> None:
    photos = bucket({"Id": "Thumbnails", "Prefix": "thumbnails/"}, {"Id": id_})
    assert_fixed(template(photos), template(photos, **added(id_, 1)), RULE, options={"error_percent": 1})


@pytest.mark.parametrize(
    ("taken", "id_"),
    [("Thumbnails", "EntireBucket"), ({"Ref": "FilterId"}, "EntireBucket"), ("EntireBucket", "EntireBucket2")],
)
def test_filtered_metrics_are_not_of_the_whole_bucket(taken: Any, id_: str) -> None:
    filtered = {"Id": taken, "TagFilters": [{"Key": "kind", "Value": "thumbnail"}]}
    after = template(bucket(filtered, {"Id": id_}), **added(id_))
    assert_fixed(template(bucket(filtered)), after, RULE)


def test_messages() -> None:
    data = template(bucket())
    assert_flags(data, f"{RULE}[RequestMetrics]", path="MetricsConfigurations", message=NO_METRICS)
    refused = "no alarm on 4xxErrors: nobody is told when more than 5 % of the requests are refused or miss (4xx)"
    assert_flags(data, f"{RULE}[4xxErrors]", path="Properties", message=refused)
    failing = "no alarm on 5xxErrors: nobody is told when more than 5 % of the requests fail in S3 (5xx)"
    assert_flags(data, f"{RULE}[5xxErrors]", path="Properties", message=failing)
    assert details(data) == ALL


def test_alarms_without_metrics_watch_nothing() -> None:
    data = template(bucket(), **alarms())
    assert details(data) == ["RequestMetrics"]
    assert_fixed(data, template(bucket(ENTIRE), **alarms()), RULE)


@pytest.mark.parametrize(
    ("photos", "there"),
    [
        (bucket(ENTIRE), alarms()),
        (bucket({"Id": "All"}), alarms("All")),
        (bucket({"Id": "Thumbnails", "Prefix": "thumbnails/"}), alarms("Thumbnails")),
        (bucket({"Id": {"Ref": "Id"}}), alarms({"Ref": "Id"})),
        (bucket(ENTIRE, BucketName="photos"), alarms(name="photos")),
        (bucket(ENTIRE, BucketName={"Ref": "Name"}), alarms(name={"Ref": "Name"})),
    ],
)
def test_watched(photos: dict[str, Any], there: dict[str, Any]) -> None:
    assert_clean(template(photos, **there), RULE)


def test_alarms_on_another_bucket() -> None:
    assert details(template(bucket(ENTIRE), **alarms(name="photos"))) == ALL[1:]


@pytest.mark.parametrize(
    "configurations",
    [
        {"Ref": "Configurations"},
        {"Fn::If": ["IsProd", [ENTIRE], {"Ref": "AWS::NoValue"}]},
        [{"Fn::If": ["IsProd", ENTIRE, {"Ref": "AWS::NoValue"}]}],
        [{"Prefix": "a", "Id": "A"}, {"Fn::Transform": {"Name": "M"}}],
    ],
)
def test_metrics_known_at_deployment_only(configurations: Any) -> None:
    assert_clean(template(bucket(MetricsConfigurations=configurations)), RULE)


def test_a_configuration_that_is_left_out_is_none() -> None:
    nothing = {"Ref": "AWS::NoValue"}
    assert details(template(bucket(nothing))) == ALL
    assert_fixed(template(bucket(nothing)), template(bucket(nothing, ENTIRE), **added()), RULE)


def test_log_buckets_are_left_alone() -> None:
    logged = bucket(ENTIRE, LoggingConfiguration={"DestinationBucketName": {"Ref": "Logs"}})
    data = {"Resources": {"Photos": logged, **alarms(), "Logs": bucket()}}
    assert_clean(data, RULE)
    assert_clean(template(bucket(AccessControl="LogDeliveryWrite")), RULE)


def test_dev_does_without() -> None:
    assert_clean(template(bucket()), RULE, environment="dev")
