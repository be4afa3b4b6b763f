"""lambda_/functions: what functions inherit, which one a value means, and who refers to one."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.lambda_.functions import (
    events,
    function_of,
    functions_in,
    is_false,
    number,
    permissions,
    referring,
    setting,
    used_at,
)
from cdk_guardrails.template import UNKNOWN, Template

SAM = "AWS::Serverless::Function"


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


@pytest.fixture
def template() -> Template:
    resources = {
        "Handler": resource("AWS::Lambda::Function", FunctionName="shop-orders"),
        "Named": resource("AWS::Lambda::Function", FunctionName={"Fn::Sub": "${AWS::StackName}-jobs"}),
        "Sam": resource(SAM, AutoPublishAlias="live"),
        "Version": resource("AWS::Lambda::Version", FunctionName={"Ref": "Handler"}),
        "Live": resource("AWS::Lambda::Alias", FunctionName={"Ref": "Handler"}, Name="live"),
        "ByName": resource("AWS::Lambda::Alias", FunctionName="shop-orders", Name="byName"),
        "Loop": resource("AWS::Lambda::Alias", FunctionName={"Ref": "Loop"}),
        "Queue": resource("AWS::SQS::Queue"),
        "Feed": resource("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Live"}),
        "Permission": resource("AWS::Lambda::Permission", FunctionName={"Ref": "Version"}, Principal="a.amazonaws.com"),
        "Other": resource("AWS::Lambda::Permission", FunctionName="shop-orders:live", Principal={"Ref": "Account"}),
        "Rule": resource("AWS::Events::Rule", Targets=[{"Arn": {"Ref": "Live"}, "Input": {"Fn::Sub": "${Sam}"}}]),
    }
    return Template({"Resources": resources})


def ids(found: Any) -> list[str]:
    return [item.logical_id for item in found]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"Ref": "Handler"}, ["Handler"]),
        ({"Fn::GetAtt": ["Handler", "Arn"]}, ["Handler"]),
        ({"Fn::GetAtt": "Handler.Arn"}, ["Handler"]),
        ({"Fn::Sub": "${Handler.Arn}:live"}, ["Handler"]),
        ({"Fn::Join": ["", ["arn:x/", {"Ref": "Live"}, "/invocations"]]}, ["Handler"]),
        ({"Ref": "Version"}, ["Handler"]),
        ({"Ref": "Live"}, ["Handler"]),
        ({"Ref": "ByName"}, ["Handler"]),
        ({"Ref": "Sam.Alias"}, ["Sam"]),
        ({"Ref": "Sam.Version"}, ["Sam"]),
        ({"Fn::If": ["A", {"Ref": "Handler"}, {"Ref": "Sam"}]}, ["Handler", "Sam"]),
        ("shop-orders", ["Handler"]),
        ("shop-orders:live", ["Handler"]),
        ("arn:aws:lambda:eu-west-1:111122223333:function:shop-orders", ["Handler"]),
        ({"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:1:function:shop-orders:$LATEST"}, ["Handler"]),
        ({"Fn::Sub": "${AWS::StackName}-jobs"}, ["Named"]),
        ({"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "jobs"]]}, ["Named"]),
        ("shop-orders-2", []),
        ({"Ref": "Queue"}, []),
        ({"Ref": "Parameter"}, []),
        ({"Ref": "Loop"}, []),
        ({"Fn::ForeignRef": ["Other", "Handler"]}, []),
        ({"Fn::ImportValue": "shop-orders"}, []),
        ("", []),
        (None, []),
        (7, []),
        (["shop-orders"], []),
    ],
)
def test_which_functions_a_value_means(template: Template, value: Any, found: list[str]) -> None:
    assert ids(functions_in(value, template)) == found
    one = function_of(value, template)
    assert (one.logical_id if one else None) == (found[0] if len(found) == 1 else None)


def test_who_refers_to_it(template: Template) -> None:
    handler = template.resources["Handler"]
    assert ids(referring(handler, template, "AWS::Lambda::EventSourceMapping")) == ["Feed"]
    assert ids(referring(handler, template, "AWS::Events::Rule", "AWS::Lambda::Permission")) == ["Permission", "Rule"]
    assert referring(template.resources["Named"], template, "AWS::Events::Rule") == []


def test_where_it_is_named(template: Template) -> None:
    places = {"AWS::Events::Rule": "Targets.*.Arn", "AWS::SQS::Queue": "RedrivePolicy"}
    assert ids(used_at(template.resources["Handler"], template, places)) == ["Rule"]
    assert used_at(template.resources["Sam"], template, places) == []
    assert ids(used_at(template.resources["Sam"], template, {"AWS::Events::Rule": "Targets"})) == ["Rule"]


def test_who_may_invoke_it(template: Template) -> None:
    found = [(principal, item.logical_id) for principal, item in permissions(template.resources["Handler"], template)]
    assert found == [("a.amazonaws.com", "Permission"), ("${Account}", "Other")]
    assert list(permissions(template.resources["Sam"], template)) == []


def test_settings_are_inherited_from_globals() -> None:
    data = {
        "Globals": {"Function": {"Timeout": 20, "MemorySize": {"Ref": "Size"}, "Tracing": "Active"}},
        "Resources": {"Sam": resource(SAM, Tracing="PassThrough"), "Fn": resource("AWS::Lambda::Function")},
    }
    sam, function = Template(data).resources.values()
    assert (setting(sam, "Timeout"), setting(sam, "Tracing"), setting(sam, "Handler")) == (20, "PassThrough", None)
    assert setting(sam, "MemorySize") is UNKNOWN
    assert setting(sam, "MemorySize.Below") is UNKNOWN
    assert setting(function, "Timeout") is None


@pytest.mark.parametrize("globals_", [None, [], {"Function": "x"}, {"Function": {"Ref": "X"}}, {"Api": {"Timeout": 1}}])
def test_globals_of_a_wrong_shape(globals_: Any) -> None:
    sam = Template({"Globals": globals_, "Resources": {"Sam": resource(SAM)}}).resources["Sam"]
    assert setting(sam, "Timeout") in (None, UNKNOWN)


def test_events() -> None:
    given = {
        "Feed": {"Type": "SQS", "Properties": {"Queue": "q"}},
        "Bare": {"Type": "Api"},
        "Unknown": {"Type": {"Ref": "Type"}},
        "Text": "SQS",
    }
    sam, function = Template(
        {"Resources": {"Sam": resource(SAM, Events=given), "Fn": resource("AWS::Lambda::Function", Events=given)}}
    ).resources.values()
    found = [(event.type, event.properties, event.path) for event in events(sam)]
    assert found == [
        ("SQS", {"Queue": "q"}, ("Events", "Feed", "Properties")),
        ("Api", {}, ("Events", "Bare", "Properties")),
    ]
    assert list(events(function)) == []


@pytest.mark.parametrize("given", [None, [], "SQS", {"Ref": "Events"}, {"Fn::If": ["A", {}, {}]}])
def test_events_that_cannot_be_read(given: Any) -> None:
    sam = Template({"Resources": {"Sam": resource(SAM, Events=given)}}).resources["Sam"]
    assert list(events(sam)) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, 3), (0, 0), (30, 30), ("30", 30), (UNKNOWN, None), (True, None), ("x", None), (-1, None), ([], None)],
)
def test_numbers(value: Any, expected: int | None) -> None:
    assert number(value, 3) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(False, True), ("false", True), (True, False), (None, False), (0, False), (UNKNOWN, False)]
)
def test_false(value: Any, expected: bool) -> None:
    assert is_false(value) is expected
