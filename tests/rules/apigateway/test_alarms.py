"""apigw-alarms."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-alarms"
REST = ["5XXError", "4XXError", "Latency"]
HTTP = ["5xx", "4xx", "Latency"]
WEBSOCKET = ["ExecutionError", "ClientError", "IntegrationLatency"]

Dimensions = dict[str, Any]


def stage(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::ApiGateway::Stage", "Properties": {"RestApiId": {"Ref": "Api"}, **properties}}


def stage_v2(api: Any = None, name: Any = "live") -> dict[str, Any]:
    properties = {"ApiId": api or {"Ref": "Api"}, "StageName": name}
    return {"Type": "AWS::ApiGatewayV2::Stage", "Properties": properties}


def rest_api(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}


def http_api(protocol: str = "HTTP") -> dict[str, Any]:
    return {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "pets", "ProtocolType": protocol}}


def alarm(metric: str, dimensions: Dimensions) -> dict[str, Any]:
    pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    properties = {"Namespace": "AWS/ApiGateway", "MetricName": metric, "Dimensions": pairs}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def alarms(metrics: list[str], **dimensions: Any) -> dict[str, Any]:
    return {f"On{metric}": alarm(metric, dimensions) for metric in metrics}


def template(live: dict[str, Any], api: dict[str, Any] | None = None, **resources: Any) -> dict[str, Any]:
    apis = {"Api": api} if api else {}
    return {"Resources": {"Live": live, **apis, **resources}}


def details(data: dict[str, Any]) -> list[str]:
    return [finding.detail for finding in assert_flags(data, RULE)]


def added(metrics: list[str], dimensions: Dimensions, subject: str = "Live", rate: int = 5) -> dict[str, Any]:
    failing, refused, latency = metrics
    own: dict[str, dict[str, Any]] = {
        failing: {
            "AlarmDescription": f"More than {rate} % of the requests fail.",
            "Statistic": "Average",
            "EvaluationPeriods": 3,
            "Threshold": rate / 100,
            "ComparisonOperator": "GreaterThanThreshold",
        },
        refused: {
            "AlarmDescription": "More than 5 % of the requests are refused.",
            "Statistic": "Average",
            "EvaluationPeriods": 5,
            "Threshold": 0.05,
            "ComparisonOperator": "GreaterThanThreshold",
        },
        latency: {
            "AlarmDescription": "One request in twenty takes 2500 ms or more.",
            "ExtendedStatistic": "p95",
            "EvaluationPeriods": 5,
            "Threshold": 2500,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    }
    return {
        f"Guardrails{subject}{metric}Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                **alarm(metric, dimensions)["Properties"],
                **properties,
                "Period": 60,
                "TreatMissingData": "notBreaching",
            },
        }
        for metric, properties in own.items()
    }


@pytest.mark.parametrize(
    ("api", "name"),
    [
        (rest_api(Name="pets"), "pets"),
        (rest_api(Name={"Fn::Sub": "pets-${Stage}"}), {"Fn::Sub": "pets-${Stage}"}),
        (rest_api(Name={"Fn::Select": [0, {"Ref": "Names"}]}), {"Fn::Select": [0, {"Ref": "Names"}]}),
        (rest_api(Body={"openapi": "3.0.1", "info": {"title": "Pets"}}), "Pets"),
        (rest_api(Body={"openapi": "3.0.1", "info": {"title": {"Ref": "Title"}}}), {"Ref": "Title"}),
        (rest_api(Name="pets", Body={"openapi": "3.0.1", "info": {"title": "Pets"}}), "pets"),
    ],
)
def test_rest_apis(api: dict[str, Any], name: Any) -> None:
    live = stage(StageName="live")
    dimensions = {"ApiName": name, "Stage": {"Ref": "Live"}}
    assert_fixed(template(live, api), template(live, api, **added(REST, dimensions)), RULE)


@pytest.mark.parametrize(("protocol", "metrics"), [("HTTP", HTTP), ("WEBSOCKET", WEBSOCKET)])
@pytest.mark.parametrize("name", ["live", {"Ref": "StageName"}])
def test_http_and_websocket_apis(protocol: str, metrics: list[str], name: Any) -> None:
    live, api = stage_v2(name=name), http_api(protocol)
    dimensions = {"ApiId": {"Ref": "Api"}, "Stage": name}
    assert_fixed(template(live, api), template(live, api, **added(metrics, dimensions)), RULE)


def test_an_api_known_by_its_id() -> None:
    live = stage_v2("a1b2c3", "$default")
    dimensions = {"ApiId": "a1b2c3", "Stage": "$default"}
    assert_fixed(template(live), template(live, **added(HTTP, dimensions)), RULE)


@pytest.mark.parametrize(
    ("kind", "properties", "metrics", "dimensions"),
    [
        ("Api", {"StageName": "live", "Name": "pets"}, REST, {"ApiName": "pets", "Stage": "live"}),
        ("Api", {"StageName": "live"}, REST, {"ApiName": {"Ref": "AWS::StackName"}, "Stage": "live"}),
        (
            "Api",
            {"StageName": {"Ref": "Name"}, "DefinitionBody": {"info": {"title": "Pets"}}},
            REST,
            {"ApiName": "Pets", "Stage": {"Ref": "Name"}},
        ),
        ("HttpApi", {}, HTTP, {"ApiId": {"Ref": "Live"}, "Stage": "$default"}),
        ("HttpApi", {"StageName": "live"}, HTTP, {"ApiId": {"Ref": "Live"}, "Stage": "live"}),
    ],
)
def test_sam_apis(kind: str, properties: dict[str, Any], metrics: list[str], dimensions: Dimensions) -> None:
    live = {"Type": f"AWS::Serverless::{kind}", "Properties": properties}
    assert_fixed(template(live), template(live, **added(metrics, dimensions)), RULE)


def test_a_sam_api_inherits_its_name() -> None:
    live = {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "live"}}
    before, after = template(live), template(live, **added(REST, {"ApiName": "pets", "Stage": "live"}))
    before["Globals"] = after["Globals"] = {"Api": {"Name": "pets"}}
    assert_fixed(before, after, RULE)


def test_options_and_condition() -> None:
    live, api = {**stage(), "Condition": "IsProd"}, rest_api(Name="pets")
    there = alarms(REST[1:], ApiName="pets", Stage={"Ref": "Live"})
    wanted = added(REST, {"ApiName": "pets", "Stage": {"Ref": "Live"}}, rate=1)["GuardrailsLive5XXErrorAlarm"]
    after = template(live, api, **there, GuardrailsLive5XXErrorAlarm={**wanted, "Condition": "IsProd"})
    assert_fixed(template(live, api, **there), after, RULE, options={"server_error_percent": 1})


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("5XXError", "no alarm on 5XXError: nobody is told when more than 5 % of the requests fail"),
        ("4XXError", "no alarm on 4XXError: nobody is told when more than 5 % of the requests are refused"),
        ("Latency", "no alarm on Latency: nobody is told when one request in twenty takes 2500 ms or more"),
    ],
)
def test_messages(metric: str, message: str) -> None:
    assert_flags(template(stage(), rest_api(Name="pets")), f"{RULE}[{metric}]", path="Properties", message=message)


@pytest.mark.parametrize(
    "dimensions",
    [
        {"ApiName": "pets", "Stage": {"Ref": "Live"}},
        {"Stage": "live", "ApiName": "pets"},
        {"ApiName": "pets"},
        {"ApiName": {"Ref": "Name"}},
        {"ApiName": "pets", "Stage": {"Ref": "StageName"}},
        {"ApiName": "pets", "Stage": {"Fn::Sub": "${Live}"}},
    ],
)
def test_a_rest_api_that_is_watched(dimensions: Dimensions) -> None:
    data = template(stage(StageName="live"), rest_api(Name="pets"), **alarms(REST, **dimensions))
    assert_clean(data, RULE)


@pytest.mark.parametrize(
    "dimensions",
    [
        {"ApiName": "cats", "Stage": {"Ref": "Live"}},
        {"ApiName": "pets", "Stage": "beta"},
        {"ApiName": "pets", "Stage": {"Ref": "Beta"}},
        {"ApiName": "pets", "Stage": {"Ref": "Live"}, "Method": "GET", "Resource": "/pets"},
        {"Stage": {"Ref": "Live"}},
        {},
    ],
)
def test_alarms_on_something_else(dimensions: Dimensions) -> None:
    beta = stage(StageName="beta", RestApiId="elsewhere")
    data = template(stage(StageName="live"), rest_api(Name="pets"), Beta=beta, **alarms(REST, **dimensions))
    assert details(data) == REST


@pytest.mark.parametrize(
    "dimensions",
    [
        {"ApiId": {"Ref": "Api"}, "Stage": "live"},
        {"ApiId": {"Ref": "Api"}},
        {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}, "Stage": "live"},
    ],
)
def test_an_http_api_that_is_watched(dimensions: Dimensions) -> None:
    assert_clean(template(stage_v2(), http_api(), **alarms(HTTP, **dimensions)), RULE)


def test_an_http_api_does_not_call_its_metrics_as_a_rest_api_does() -> None:
    data = template(stage_v2(), http_api(), **alarms(REST, ApiId={"Ref": "Api"}, Stage="live"))
    assert details(data) == ["5xx", "4xx"]


FOREIGN = {"Fn::ForeignRef": {"Path": "Apis/Api", "LogicalId": "Api", "Attribute": "Ref"}}


@pytest.mark.parametrize(
    "data",
    [
        template(stage(RestApiId={"Ref": "ApiId"}), rest_api(Name="pets")),
        template(stage(RestApiId=FOREIGN)),
        template(stage(RestApiId={"Fn::ImportValue": "api"})),
        template(stage(), rest_api(Name=FOREIGN)),
        template(stage(), rest_api(BodyS3Location={"Bucket": "b", "Key": "k"})),
        template(stage(), rest_api(Body={"Fn::Transform": {"Name": "AWS::Include"}})),
        template(stage(), rest_api(Body={"info": {"title": FOREIGN}})),
        template(stage_v2(FOREIGN), http_api()),
        template(stage_v2({"Ref": "ApiId"}), http_api()),
        template(stage_v2(), http_api("GRPC")),
        template({"Type": "AWS::Serverless::Api", "Properties": {"StageName": "live", "DefinitionUri": "api.yaml"}}),
        template({"Type": "AWS::ApiGateway::Deployment", "Properties": {"StageName": "live"}}),
    ],
)
def test_dimensions_that_are_unknown(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


def test_dev_does_without() -> None:
    assert_clean(template(stage(), rest_api(Name="pets")), RULE, environment="dev")
