"""What is an intrinsic, what a reference, what unknown."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.template import (
    UNKNOWN,
    Reference,
    is_intrinsic,
    is_no_value,
    is_unknown,
    known,
    references,
    target,
)
from cdk_guardrails.template.intrinsics import get_att

FOREIGN = {"Fn::ForeignRef": {"Path": "App/Other/Bucket", "LogicalId": "Bucket", "Attribute": "Arn"}}
NO_VALUE = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize("value", [{"Ref": "A"}, {"Ref": 7}, {"Fn::If": []}, {"Fn::Transform": {}}, FOREIGN, NO_VALUE])
def test_intrinsics(value: Any) -> None:
    assert is_intrinsic(value)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "Ref", 7, True, [], {}),
        {"Ref": "A", "Fn::Sub": "b"},
        {"ref": "A"},
        {"Condition": "A"},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {7: "A"},
        [{"Ref": "A"}],
    ],
)
def test_what_is_no_intrinsic(value: Any) -> None:
    assert not is_intrinsic(value)
    assert not is_unknown(value)
    assert known(value) == value


def test_no_value_is_absent() -> None:
    assert is_no_value(NO_VALUE)
    assert not is_no_value({"Ref": "NoValue"})
    assert not is_unknown(NO_VALUE)
    assert known(NO_VALUE) is None


@pytest.mark.parametrize(
    "value",
    [
        UNKNOWN,
        {"Ref": "A"},
        {"Fn::If": ["C", "a", "b"]},
        {"Fn::Sub": "${A}"},
        {"Fn::Sub": ["${A}", {"A": "x"}]},
        {"Fn::Sub": "${!Literal}"},
        {"Fn::Join": ["", ["a", {"Ref": "B"}]]},
        {"Fn::Join": ["", {"Ref": "Parts"}]},
        {"Fn::Join": [{"Ref": "Delimiter"}, ["a"]]},
        {"Fn::Join": "text"},
        FOREIGN,
        "{{resolve:ssm:/name}}",
        "a-{{resolve:secretsmanager:MySecret:SecretString:password}}-b",
        {"Fn::Sub": "{{resolve:ssm:/name}}"},
        {"Fn::Join": ["", ["{{resolve:", "ssm:/name}}"]]},
    ],
)
def test_unknown(value: Any) -> None:
    assert known(value) is UNKNOWN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Fn::Sub": "plain"}, "plain"),
        ({"Fn::Join": ["-", ["a", "b"]]}, "a-b"),
        ({"Fn::Join": ["", []]}, ""),
        ("{{not a reference}}", "{{not a reference}}"),
        ("{{resolve}}", "{{resolve}}"),
    ],
)
def test_written_as_a_function_but_known(value: Any, text: str) -> None:
    assert known(value) == text


def test_unknown_is_neither_true_nor_false() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"
    values: list[Any] = ["", None, True, {}]
    assert UNKNOWN not in values
    with pytest.raises(TypeError, match="compare it with `is UNKNOWN`"):
        bool(UNKNOWN)


def found(value: Any) -> list[tuple[str, str, tuple[str | int, ...]]]:
    return [tuple(reference) for reference in references(value)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, [("A", "", ())]),
        ({"Ref": "AWS::Region"}, []),
        ({"Ref": ["A"]}, []),
        ({"Fn::GetAtt": ["A", "Arn"]}, [("A", "Arn", ())]),
        ({"Fn::GetAtt": ["A", "Endpoint.Address"]}, [("A", "Endpoint.Address", ())]),
        ({"Fn::GetAtt": ["A", "Outputs", "Name"]}, [("A", "Outputs.Name", ())]),
        ({"Fn::GetAtt": "A.Endpoint.Address"}, [("A", "Endpoint.Address", ())]),
        ({"Fn::GetAtt": "A"}, []),
        ({"Fn::GetAtt": [7, "Arn"]}, []),
        ({"Fn::GetAtt": ["A"]}, []),
        ({"Fn::Sub": "${A}-${B.Arn}-${AWS::Region}-${!C}-${ D }"}, [("A", "", ()), ("B", "Arn", ()), ("D", "", ())]),
        ({"Fn::Sub": ["${A}-${L}", {"L": "x"}]}, [("A", "", ())]),
        ({"Fn::Sub": ["${L}", {"L": {"Ref": "A"}}]}, [("A", "", ("Fn::Sub", 1, "L"))]),
        ({"Fn::Sub": ["${A}", {"Ref": "Map"}]}, [("A", "", ()), ("Map", "", ("Fn::Sub", 1))]),
        ({"Fn::Sub": 7}, []),
        ({"Ref": "A", "Other": 1}, []),
        ({"Fn::If": ["C", {"Ref": "A"}, NO_VALUE]}, [("A", "", ("Fn::If", 1))]),
        ([{"X": {"Ref": "A"}}, {"Ref": "A"}], [("A", "", (0, "X")), ("A", "", (1,))]),
        (FOREIGN, []),
        ({"Fn::Join": ["", ["arn:", FOREIGN, {"Ref": "A"}]]}, [("A", "", ("Fn::Join", 1, 2))]),
        ("${A}", []),
        (None, []),
    ],
)
def test_references(value: Any, expected: list[Any]) -> None:
    assert found(value) == expected


def test_a_reference_has_names() -> None:
    expected = [Reference(logical_id="A", attribute="", path=("P",))]
    assert list(references({"P": {"Ref": "A"}})) == expected


@pytest.mark.parametrize(
    ("value", "logical_id"),
    [
        ({"Ref": "A"}, "A"),
        ({"Fn::GetAtt": ["A", "Arn"]}, "A"),
        ({"Fn::GetAtt": "A.Arn"}, "A"),
        ({"Fn::Sub": "${A}"}, "A"),
        ({"Fn::Sub": "${A.Arn}"}, "A"),
        ({"Fn::Sub": "${A}-x"}, None),
        ({"Fn::Sub": "${A}${B}"}, None),
        ({"Fn::Sub": "${!A}"}, None),
        ({"Fn::Sub": ["${L}", {"L": {"Ref": "A"}}]}, None),
        ({"Fn::Join": ["", [{"Ref": "A"}]]}, None),
        ({"Fn::If": ["C", {"Ref": "A"}, {"Ref": "A"}]}, None),
        ({"Ref": "AWS::Region"}, None),
        (FOREIGN, None),
        ("A", None),
        (None, None),
        ([], None),
        ({}, None),
        ({"Ref": "A", "B": 1}, None),
        ({"Fn::GetAtt": None}, None),
    ],
)
def test_target(value: Any, logical_id: str | None) -> None:
    assert target(value) == logical_id


def test_get_att_of_nothing() -> None:
    assert get_att(None) == get_att("A") == get_att([]) == get_att(["A"]) == ("", "")
