"""outputs."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

SUFFIX = {"EnvironmentSuffix": {"Description": "Environment that the stack is deployed for", "Value": "prod"}}


def template(resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"Resources": resources, **({} if outputs is None else {"Outputs": outputs})}


def get_att(name: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


@pytest.mark.parametrize(
    ("type_", "what", "name", "value"),
    [
        ("AWS::Lambda::Function", "ARN of the function", "ItArn", get_att("It")),
        ("AWS::Serverless::Function", "ARN of the function", "ItArn", get_att("It")),
        ("AWS::DynamoDB::Table", "ARN of the table", "ItArn", get_att("It")),
        ("AWS::DynamoDB::GlobalTable", "ARN of the table", "ItArn", get_att("It")),
        ("AWS::S3::Bucket", "ARN of the bucket", "ItArn", get_att("It")),
        ("AWS::KMS::Key", "id of the KMS key", "ItId", {"Ref": "It"}),
        ("AWS::Logs::LogGroup", "name of the log group", "ItName", {"Ref": "It"}),
    ],
)
def test_what_is_put_out(type_: str, what: str, name: str, value: Any) -> None:
    before = template({"It": {"Type": type_}})
    findings = assert_flags(before, "outputs", path="Properties", message=f"no output has the {what}")
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    output = {"Description": f"{what[0].upper()}{what[1:]} It", "Value": value}
    assert_fixed(before, template({"It": {"Type": type_}}, {name: output, **SUFFIX}), "outputs")


def test_the_environment() -> None:
    before = template({"It": {"Type": "AWS::S3::Bucket"}}, {"Bucket": {"Value": get_att("It")}})
    message = "no output says which environment the stack is for"
    assert_flags(before, "outputs[EnvironmentSuffix]", path="Outputs", message=message)
    value = {**SUFFIX["EnvironmentSuffix"], "Value": "dev"}
    after = template(
        {"It": {"Type": "AWS::S3::Bucket"}}, {"Bucket": {"Value": get_att("It")}, "EnvironmentSuffix": value}
    )
    assert_fixed(before, after, "outputs", environment="dev")


@pytest.mark.parametrize(
    "output",
    [
        {"Stage": {"Value": "prod"}},
        {"EnvironmentName": {"Value": {"Ref": "Anything"}}},
        {"TheEnvironment": {"Value": "blue"}},
    ],
)
def test_an_environment_that_is_put_out_already(output: dict[str, Any]) -> None:
    assert_clean(template({"It": {"Type": "AWS::S3::Bucket"}}, {"A": {"Value": get_att("It")}, **output}), "outputs")


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("AWS::S3::Bucket", {"Fn::GetAtt": "It.Arn"}),
        ("AWS::S3::Bucket", {"Fn::Sub": "${It.Arn}"}),
        ("AWS::KMS::Key", get_att("It")),
        ("AWS::KMS::Key", get_att("It", "KeyId")),
        ("AWS::KMS::Key", {"Fn::Sub": "${It}"}),
        ("AWS::Logs::LogGroup", get_att("It")),
    ],
)
def test_an_output_with_the_value_counts(type_: str, value: Any) -> None:
    export = {"Value": value, "Export": {"Name": "shared"}}
    assert_clean(template({"It": {"Type": type_}}, {"ExportsOutput": export, **SUFFIX}), "outputs")


@pytest.mark.parametrize("value", [{"Ref": "It"}, get_att("It", "DomainName"), get_att("Other"), "It", None])
def test_an_output_with_another_value_does_not(value: Any) -> None:
    other = template({"It": {"Type": "AWS::S3::Bucket"}}, {"It1": {"Value": value}, **SUFFIX})
    assert_flags(other, "outputs", message="no output has the ARN of the bucket")


def test_an_output_has_the_condition_of_its_resource() -> None:
    resources = {"It": {"Type": "AWS::S3::Bucket", "Condition": "Prod"}}
    output = {"Description": "ARN of the bucket It", "Value": get_att("It"), "Condition": "Prod"}
    assert_fixed(template(resources), template(resources, {"ItArn": output, **SUFFIX}), "outputs")


def test_a_taken_name_gets_a_number() -> None:
    resources = {"It": {"Type": "AWS::S3::Bucket"}, "ItArn": {"Type": "AWS::SNS::Topic"}}
    output = {"Description": "ARN of the bucket It", "Value": get_att("It")}
    assert_fixed(template(resources), template(resources, {"ItArn2": output, **SUFFIX}), "outputs")


@pytest.mark.parametrize("type_", ["AWS::SNS::Topic", "AWS::Lambda::Version", "AWS::IAM::Role", "AWS::KMS::Alias"])
def test_other_types_need_no_output(type_: str) -> None:
    assert_clean(template({"It": {"Type": type_}}), "outputs")


def test_custom_resources_need_no_outputs() -> None:
    """The shapes of the CDK's Bucket(auto_delete_objects=True), Provider and LogRetention."""
    resources = {
        "Handler": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "index.handler"}},
        "HandlerLogs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Handler}"}},
        },
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": get_att("Handler")}},
        "ProviderframeworkisComplete": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Handler": "framework.isComplete", "LoggingConfig": {"LogGroup": {"Ref": "ProviderLogs"}}},
        },
        "ProviderLogs": {"Type": "AWS::Logs::LogGroup"},
    }
    assert_clean(template(resources), "outputs")


def test_a_log_group_shared_with_a_function_of_the_app_is_put_out() -> None:
    config = {"LoggingConfig": {"LogGroup": {"Ref": "Logs"}}}
    resources = {
        "Handler": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "framework.onEvent", **config}},
        "Orders": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "index.handler", **config}},
        "Logs": {"Type": "AWS::Logs::LogGroup"},
    }
    findings = assert_flags(template(resources), "outputs")
    assert [finding.logical_id for finding in findings if not finding.detail] == ["Orders", "Logs"]


def test_a_function_that_only_reads_a_custom_resource_is_put_out() -> None:
    resources = {
        "Handler": {"Type": "AWS::Lambda::Function"},
        "Orders": {"Type": "AWS::Lambda::Function", "Properties": {"Description": get_att("Custom", "Text")}},
        "Custom": {
            "Type": "Custom::Thing",
            "Properties": {"ServiceToken": get_att("Handler"), "Other": get_att("Orders")},
        },
    }
    findings = assert_flags(template(resources), "outputs")
    assert [finding.logical_id for finding in findings if not finding.detail] == ["Orders"]


@pytest.mark.parametrize(("limit", "expected"), [(3, 3), (150, 150), (500, 200)])
def test_never_more_than_the_limit(limit: int, expected: int) -> None:
    buckets = {f"Bucket{number}": {"Type": "AWS::S3::Bucket"} for number in range(expected + 10)}
    before = template(buckets, dict(SUFFIX))
    outputs: dict[str, Any] = dict(SUFFIX)
    for name in list(buckets)[: expected - 1]:
        outputs[f"{name}Arn"] = {"Description": f"ARN of the bucket {name}", "Value": get_att(name)}
    full = template(buckets, outputs)
    message = f"11 outputs are left out: the template has {expected} already"
    (finding,) = assert_flags(full, "outputs[limit]", path="Outputs", message=message, options={"limit": limit})
    assert finding.severity is Severity.WARNING
    with pytest.raises(AssertionError, match=r"own fix:\n[^:]*outputs\[limit\]"):
        assert_fixed(before, full, "outputs", options={"limit": limit})


def test_an_environment_that_nobody_named_is_no_output() -> None:
    table = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}
    assert [finding.id for finding in assert_flags(template(table), "outputs", environment=None)] == ["outputs"]
