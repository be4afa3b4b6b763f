"""Nested stacks, as their finished templates show them, and what they hand over."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.template import App, Template
from cdk_guardrails.template.nested import relink


def placed(type_: str, path: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Metadata": {"aws:cdk:path": path}, "Properties": properties}


def nested(id_: str, around: str = "Shop", **parameters: Any) -> dict[str, Any]:
    path = f"{around}/{id_}.NestedStack/{id_}.NestedStackResource"
    return placed("AWS::CloudFormation::Stack", path, Parameters=parameters, TemplateURL="https://example.com")


def alarm(value: Any) -> dict[str, Any]:
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [{"Name": "FunctionName", "Value": value}]}}


def of_handler(attribute: str = "Ref", path: str = "Shop/Handler/Resource") -> dict[str, Any]:
    return {"Fn::ForeignRef": {"Path": path, "LogicalId": "Handler", "Attribute": attribute}}


HANDLER = placed("AWS::Lambda::Function", "Shop/Handler/Resource")
PARAMETERS = {"Handler": {"Type": "String"}, "HandlerArn": {"Type": "String"}, "Other": {"Type": "String"}}


def shown(stacks: dict[str, dict[str, Any]], name: str) -> Any:
    """What the alarm in the stack ``name`` is on, once the stacks are linked."""
    app = App()
    for stack, data in stacks.items():
        Template(data, name=stack, app=app)
    relink(app)
    [template] = [template for template in app.templates if template.name == name]
    return template.resources["Alarm"].raw("Dimensions.0.Value")


@pytest.mark.parametrize(
    ("value", "stands_for"),
    [
        ({"Ref": "Handler"}, of_handler()),
        ({"Ref": "HandlerArn"}, of_handler("Arn")),
        ({"Fn::Join": ["", [{"Ref": "Handler"}, ":live"]]}, {"Fn::Join": ["", [of_handler(), ":live"]]}),
        ({"Ref": "Other"}, {"Ref": "Other"}),
        ({"Ref": "AWS::StackName"}, {"Ref": "AWS::StackName"}),
        ({"Ref": "Own"}, {"Ref": "Own"}),
        ({"Fn::GetAtt": ["Own", "Arn"]}, {"Fn::GetAtt": ["Own", "Arn"]}),
        ("orders", "orders"),
    ],
)
def test_a_parameter_is_what_it_is_given(value: Any, stands_for: Any) -> None:
    given: dict[str, Any] = {
        "Handler": {"Ref": "Handler"},
        "HandlerArn": {"Fn::GetAtt": ["Handler", "Arn"]},
        "Other": "literal",
    }
    own = placed("AWS::Lambda::Function", "Shop/Monitoring/Own/Resource")
    inner = {"Parameters": PARAMETERS, "Resources": {"Alarm": alarm(value), "Own": own}}
    stacks = {"Shop": {"Resources": {"Handler": HANDLER, "Nested": nested("Monitoring", **given)}}}
    assert shown({**stacks, "Shop/Monitoring": inner}, "Shop/Monitoring") == stands_for


def test_an_output_is_what_it_says() -> None:
    inner_path = "Shop/Code/Handler/Resource"
    inner = {
        "Resources": {"Handler": placed("AWS::Lambda::Function", inner_path)},
        "Outputs": {"Name": {"Value": {"Ref": "Handler"}}, "Text": {"Value": "x"}},
    }
    for output, stands_for in (("Name", of_handler(path=inner_path)), ("Text", None), ("Absent", None)):
        value = {"Fn::GetAtt": ["Nested", f"Outputs.{output}"]}
        outer = {"Resources": {"Nested": nested("Code"), "Alarm": alarm(value)}}
        found = shown({"Shop": copy.deepcopy(outer), "Shop/Code": copy.deepcopy(inner)}, "Shop")
        assert found == (stands_for or value)


@pytest.mark.parametrize("order", [["Shop", "Shop/Code", "Shop/Watch"], ["Shop/Watch", "Shop/Code", "Shop"]])
def test_from_one_nested_stack_to_another(order: list[str]) -> None:
    path = "Shop/Code/Handler/Resource"
    output = {"Fn::GetAtt": ["Code", "Outputs.Name"]}
    stacks: dict[str, dict[str, Any]] = {
        "Shop": {"Resources": {"Code": nested("Code"), "Watch": nested("Watch", Handler=output)}},
        "Shop/Code": {
            "Resources": {"Handler": placed("AWS::Lambda::Function", path)},
            "Outputs": {"Name": {"Value": {"Ref": "Handler"}}},
        },
        "Shop/Watch": {"Parameters": PARAMETERS, "Resources": {"Alarm": alarm({"Ref": "Handler"})}},
    }
    assert shown({name: stacks[name] for name in order}, "Shop/Watch") == of_handler(path=path)


def test_through_two_levels() -> None:
    stacks: dict[str, dict[str, Any]] = {
        "Shop": {"Resources": {"Handler": HANDLER, "Nested": nested("A", Handler={"Ref": "Handler"})}},
        "Shop/A": {
            "Parameters": PARAMETERS,
            "Resources": {"Nested": nested("B", "Shop/A", Handler={"Ref": "Handler"})},
        },
        "Shop/A/B": {"Parameters": PARAMETERS, "Resources": {"Alarm": alarm({"Ref": "Handler"})}},
    }
    assert shown(stacks, "Shop/A/B") == of_handler()


@pytest.mark.parametrize(
    "around",
    [
        {"Handler": HANDLER},  # not by a nested stack of these
        {"Handler": HANDLER, "Nested": nested("Another", Handler={"Ref": "Handler"})},
        {"Nested": placed("AWS::CloudFormation::Stack", "Shop/Monitoring", Parameters={"Handler": {"Ref": "Handler"}})},
        {"Nested": nested("Monitoring", Handler={"Fn::If": ["A", {"Ref": "Handler"}, "x"]})},
        {"Nested": {**nested("Monitoring"), "Properties": {"Parameters": "odd"}}},
        {"Nested": nested("Monitoring", Handler={"Fn::GetAtt": ["Nested", "Outputs.Round"]})},  # a circle
    ],
)
def test_what_is_not_known_stays(around: dict[str, Any]) -> None:
    value = {"Ref": "Handler"}
    inner = {
        "Parameters": PARAMETERS,
        "Resources": {"Alarm": alarm(value)},
        "Outputs": {"Round": {"Value": {"Ref": "Handler"}}},
    }
    assert shown({"Shop": {"Resources": around}, "Shop/Monitoring": inner}, "Shop/Monitoring") == value


def test_stacks_without_nested_ones_are_not_walked() -> None:
    data = {"Resources": {"Handler": HANDLER, "Alarm": alarm({"Ref": "Handler"})}, "Parameters": PARAMETERS}
    assert shown({"Shop": data}, "Shop") == {"Ref": "Handler"}
