"""Edits: each whole or not at all."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.errors import EditError
from cdk_guardrails.template import Edit, format_path
from cdk_guardrails.template.edits import apply, parse_path, rehearse, value_at

P = ("Resources", "A", "Properties")


def data(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"A": {"Type": "T", "Properties": properties}}}


def applied(edit: Edit, **properties: Any) -> Any:
    """The properties after the edit."""
    template = data(**properties)
    apply(template, edit)
    return template["Resources"]["A"]["Properties"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("A", ("A",)),
        ("A.0.B", ("A", 0, "B")),
        (("A.B", 0), ("A.B", 0)),
        (["A"], ("A",)),
    ],
)
def test_parse_path(text: Any, path: tuple[str | int, ...]) -> None:
    assert parse_path(text) == path


def test_format_path() -> None:
    assert format_path(()) == ""
    assert format_path(("Properties", "MethodSettings", 0, "HttpMethod")) == "Properties.MethodSettings[0].HttpMethod"
    assert format_path((0, "A")) == "[0].A"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), {"A": [1, {"B": None}]}),
        (("A", 0), 1),
        (("A", -1, "B"), None),
        (("A", 2), None),
        (("A", "0"), None),
        (("A", 0, "B"), None),
        (("B", "C"), None),
        ((0,), None),
    ],
)
def test_value_at(path: tuple[str | int, ...], value: Any) -> None:
    assert value_at({"A": [1, {"B": None}]}, path) == value


def test_set_makes_mappings_on_the_way() -> None:
    assert applied(Edit("set", (*P, "A", "B", "C"), 1)) == {"A": {"B": {"C": 1}}}
    assert applied(Edit("set", (*P, "A", "C"), 1), A={"B": 2}) == {"A": {"B": 2, "C": 1}}


def test_set_returns_a_copy_of_what_stood_there() -> None:
    template = data(A={"B": [1]})
    before = apply(template, Edit("set", (*P, "A", "B"), [2]))
    assert before == [1]
    assert apply(template, Edit("set", (*P, "A", "New"), 1)) is None
    before.append(3)
    assert template == data(A={"B": [2], "New": 1})


def test_the_value_is_copied() -> None:
    value: dict[str, Any] = {"B": []}
    template = data()
    apply(template, Edit("set", (*P, "A"), value))
    apply(template, Edit("append", (*P, "A", "B"), 1))
    assert value == {"B": []}


def test_set_makes_missing_sections_and_properties() -> None:
    template: dict[str, Any] = {"Resources": {"A": {"Type": "T"}}}
    apply(template, Edit("set", (*P, "B"), 1))
    apply(template, Edit("set", ("Outputs", "O"), {"Value": 1}))
    assert template == data(B=1) | {"Outputs": {"O": {"Value": 1}}}


def test_no_value_gives_way() -> None:
    no_value = {"Ref": "AWS::NoValue"}
    assert applied(Edit("set", (*P, "A", "B"), 1), A=no_value) == {"A": {"B": 1}}
    assert applied(Edit("append", (*P, "A"), 1), A=no_value) == {"A": [1]}
    assert applied(Edit("set", (*P, "A"), 1), A=no_value) == {"A": 1}


def test_an_intrinsic_leaf_may_be_replaced() -> None:
    assert applied(Edit("set", (*P, "A"), 1), A={"Ref": "B"}) == {"A": 1}


def test_set_in_a_list() -> None:
    assert applied(Edit("set", (*P, "L", 1, "B"), 2), L=[{}, {"A": 1}]) == {"L": [{}, {"A": 1, "B": 2}]}
    assert applied(Edit("set", (*P, "L", 0), 2), L=[1]) == {"L": [2]}


def test_append() -> None:
    assert applied(Edit("append", (*P, "L"), 2), L=[1]) == {"L": [1, 2]}
    assert applied(Edit("append", (*P, "A", "L"), 2)) == {"A": {"L": [2]}}
    assert applied(Edit("append", (*P, "L"), 2), L=None) == {"L": [2]}


def test_depends_on_may_be_one_name() -> None:
    template: dict[str, Any] = {"Resources": {"A": {"DependsOn": "B"}}}
    assert apply(template, Edit("append", ("Resources", "A", "DependsOn"), "C")) is None
    assert template == {"Resources": {"A": {"DependsOn": ["B", "C"]}}}


def test_remove() -> None:
    template = data(A={"B": 1, "C": [1, 2]})
    assert apply(template, Edit("remove", (*P, "A", "B"))) == 1
    assert apply(template, Edit("remove", (*P, "A", "C", 0))) == 1
    assert apply(template, Edit("remove", (*P, "A", "Missing"))) is None
    assert apply(template, Edit("remove", (*P, "X", "Y"))) is None
    assert apply(template, Edit("remove", (*P, "A", "C", 9))) is None
    assert template == data(A={"C": [2]})


@pytest.mark.parametrize(
    ("edit", "properties", "where"),
    [
        (Edit("set", (*P, "A", "B"), 1), {"A": {"Ref": "X"}}, "Properties.A"),
        (Edit("set", (*P, "A", "B"), 1), {"A": {"Fn::If": ["C", {}, {}]}}, "Properties.A"),
        (Edit("set", (*P, "A", "B"), 1), {"A": "text"}, "Properties.A"),
        (Edit("set", (*P, "A", "B"), 1), {"A": 7}, "Properties.A"),
        (Edit("set", (*P, "A", "B", "C"), 1), {"A": []}, "Properties.A.B"),
        (Edit("set", (*P, "A", "B"), 1), {"A": [{}]}, "Properties.A.B"),
        (Edit("set", (*P, "A", 0, "B"), 1), {}, "Properties.A"),
        (Edit("set", (*P, "X", "A", 0, "B"), 1), {}, "Properties.X"),
        (Edit("set", (*P, "X", "A", 0), 1), {}, "Properties.X"),
        (Edit("set", (*P, "A", 1), 1), {"A": [0]}, "Properties.A[1]"),
        (Edit("set", (*P, "A", -1), 1), {"A": [0]}, "Properties.A[-1]"),
        (Edit("set", (*P, "A", 3, "B"), 1), {"A": [0]}, "Properties.A[3]"),
        (Edit("append", (*P, "A"), 1), {"A": "text"}, "Properties.A"),
        (Edit("append", (*P, "A"), 1), {"A": {"Ref": "X"}}, "Properties.A"),
        (Edit("append", (*P, "A"), 1), {"A": {"B": 1}}, "Properties.A"),
        (Edit("append", (*P, "DependsOn"), "B"), {"DependsOn": "A"}, "Properties.DependsOn"),
        (Edit("append", (*P, "A", "B"), 1), {"A": []}, "Properties.A.B"),
    ],
)
def test_what_blocks_an_edit_changes_nothing(edit: Edit, properties: dict[str, Any], where: str) -> None:
    template = data(**properties)
    untouched = copy.deepcopy(template)
    path = format_path(edit.path)
    with pytest.raises(EditError) as error:
        apply(template, edit)
    message = f"cannot {edit.op} {path}: Resources.A.{where} is not a plain mapping or list in this template"
    assert str(error.value) == message
    assert template == untouched


def test_a_rehearsal_sees_one_edit_after_another_and_changes_nothing() -> None:
    template = data(A=[1])
    untouched = copy.deepcopy(template)
    rehearse(template, [Edit("append", (*P, "A"), {}), Edit("set", (*P, "A", 1, "B"), 1)])
    rehearse(template, [Edit("set", ("Resources", "New"), {}), Edit("set", ("Resources", "New", "A"), 1)])
    rehearse(template, [Edit("set", ("Outputs", "O"), {}), Edit("set", ("Description",), "x")])
    assert template == untouched
    with pytest.raises(EditError):
        rehearse(template, [Edit("set", (*P, "B"), 1), Edit("set", (*P, "B", "C"), 1)])
    with pytest.raises(EditError):
        rehearse({"Outputs": {"Fn::Transform": {}}}, [Edit("set", ("Outputs", "O"), 1)])
    with pytest.raises(EditError):
        rehearse({"Outputs": []}, [Edit("set", ("Outputs", "O"), 1)])
    assert template == untouched


def test_what_an_edit_is_about() -> None:
    edit = Edit("set", ("Outputs", "O"), {})
    assert (edit.section, edit.logical_id, edit.adds_element) == ("Outputs", "O", True)
    assert not Edit("set", ("Outputs", "O", "Value"), 1).adds_element
    assert not Edit("remove", ("Resources", "A")).adds_element
