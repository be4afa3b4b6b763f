"""apigw-alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.alarms import PRICE, RECOMMENDED, Alarm, AlarmRule, Wanted
from cdk_guardrails.rules.apigateway.stages import SAM_API, SAM_HTTP_API, STAGE, V2_STAGE, kind_of
from cdk_guardrails.rules.base import Example, Option, SameAs
from cdk_guardrails.rules.watching import API_GATEWAY, Dimension, Source, copied, named_by
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template
from cdk_guardrails.template.edits import value_at


class _Metrics(NamedTuple):
    """What a kind of API calls its metrics, and the variable that the CDK has its methods for them on."""

    failing: str
    refused: str
    latency: str
    cdk: str


METRICS: Final = {
    "REST": _Metrics("5XXError", "4XXError", "Latency", "rest_api"),
    "HTTP": _Metrics("5xx", "4xx", "Latency", "http_api"),
    "WEBSOCKET": _Metrics("ExecutionError", "ClientError", "IntegrationLatency", ""),
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html"""


class ApiAlarms(AlarmRule):
    """Alarms tell when APIs fail, refuse requests or are slow.

    Checks that an alarm of the app watches server errors, client errors and latency of a stage, or of all stages of its
    API; an alarm on a single method does not count. REST APIs call these metrics 5XXError, 4XXError and Latency, HTTP
    APIs 5xx, 4xx and Latency, WebSocket APIs ExecutionError, ClientError and IntegrationLatency. The fix adds the
    alarms that are missing, on a rate of errors and on the 95th percentile of latency.

    A stage of an API that stands in another stack, or whose name or id is otherwise unknown, is not judged, nor is one
    that a Deployment makes.
    """

    id = "apigw-alarms"
    why = "Callers notice that an API fails or is slow before anybody who could do something about it does."
    resource_types = (STAGE, SAM_API, V2_STAGE, SAM_HTTP_API)
    fix_note = f"Adds alarms; no stage changes. {PRICE}: 0.30 USD a stage."
    options = (
        Option(
            "server_error_percent",
            5,
            "Percentage of requests in each of three minutes in a row above which server errors fire the alarm: "
            f"{RECOMMENDED}#ApiGateway.",
            minimum=0,
            maximum=99,
        ),
        Option(
            "client_error_percent",
            5,
            "Percentage of requests in each of five minutes in a row above which client errors fire the alarm: "
            f"{RECOMMENDED}#ApiGateway.",
            minimum=0,
            maximum=99,
        ),
        Option(
            "latency_ms",
            2500,
            "Milliseconds that the 95th percentile of latency must not reach in each of five minutes in a row: "
            f"{RECOMMENDED}#ApiGateway.",
            minimum=1,
        ),
    )
    answers = ("C5.1",)
    same_as = SameAs(
        aws=(
            RECOMMENDED,
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
        ),
    )
    bad = Example("""\
Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: live
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
""")
    good = Example("""\
Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: live
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: pets
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ApiGateway
      MetricName: 5XXError
      Dimensions: [{Name: ApiName, Value: pets}, {Name: Stage, Value: !Ref Stage}]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 3
      Threshold: 0.01
      ComparisonOperator: GreaterThanThreshold
  Refusing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ApiGateway
      MetricName: 4XXError
      Dimensions: [{Name: ApiName, Value: pets}, {Name: Stage, Value: !Ref Stage}]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 5
      Threshold: 0.1
      ComparisonOperator: GreaterThanThreshold
  Slow:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ApiGateway
      MetricName: Latency
      Dimensions: [{Name: ApiName, Value: pets}, {Name: Stage, Value: !Ref Stage}]
      ExtendedStatistic: p99
      Period: 60
      EvaluationPeriods: 5
      Threshold: 1000
      ComparisonOperator: GreaterThanThreshold
""")

    def wanted(self, resource: Resource, template: Template, settings: RuleSettings) -> Wanted | None:
        kind, source = kind_of(resource, template), _source(resource, template)
        if kind is None or source is None:
            return None
        return source, list(_alarms(METRICS[kind], settings))


def _alarms(metrics: _Metrics, settings: RuleSettings) -> Iterator[Alarm]:
    failing, refused = settings["server_error_percent"], settings["client_error_percent"]
    yield Alarm(
        metrics.failing,
        f"more than {failing} % of the requests fail",
        failing / 100,
        _remedy(metrics, metrics.failing, "metric_server_error"),
        statistic="Average",
        periods=3,
    )
    yield Alarm(
        metrics.refused,
        f"more than {refused} % of the requests are refused",
        refused / 100,
        _remedy(metrics, metrics.refused, "metric_client_error"),
        statistic="Average",
    )
    yield Alarm(
        metrics.latency,
        f"one request in twenty takes {settings['latency_ms']} ms or more",
        settings["latency_ms"],
        _remedy(metrics, metrics.latency, "metric_latency"),
        statistic="p95",
        reaching=True,
    )


def _remedy(metrics: _Metrics, metric: str, method: str) -> str:
    if metrics.cdk:
        return f"{metrics.cdk}.{method}()"
    return f'cloudwatch.Metric(..., namespace="{API_GATEWAY}", metric_name="{metric}")'


def _source(stage: Resource, template: Template) -> Source | None:
    """What has the metrics of a stage; None when its dimensions are unknown."""
    if stage.type in (STAGE, SAM_API):
        api = stage if stage.type == SAM_API else template.resource_of(stage.raw("RestApiId"))
        first = copied("ApiName", _name(api)) if api else None
    else:
        api = stage if stage.type == SAM_HTTP_API else template.resource_of(stage.raw("ApiId"))
        first = named_by("ApiId", api) if api else copied("ApiId", stage.raw("ApiId"))
    second = _stage_name(stage)
    if first is None or second is None:
        return None
    resources = (stage,) if api is None or api is stage else (stage, api)
    return Source(API_GATEWAY, (first, second), resources)


def _stage_name(stage: Resource) -> Dimension | None:
    if stage.type == STAGE:
        return named_by("Stage", stage, "StageName")
    default = "$default" if stage.type == SAM_HTTP_API else None
    return copied("Stage", stage.raw("StageName") or default)


def _name(api: Resource) -> Any:
    """The name of a REST API as written: its own, else the title of its definition; SAM's default is the stack's."""
    inherited = value_at(api.template.data, ("Globals", "Api", "Name")) if api.type == SAM_API else None
    if given := api.raw("Name") or inherited:
        return given
    definition = "DefinitionBody" if api.type == SAM_API else "Body"
    if (title := api.raw(f"{definition}.info.title")) is not None:
        return title
    written = any(api.raw(name) is not None for name in (definition, "DefinitionUri", "BodyS3Location"))
    return {"Ref": "AWS::StackName"} if api.type == SAM_API and not written else None
