"""Template and Resource."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.errors import EditError, TemplateError
from cdk_guardrails.template import MAX_RESOURCES, TEMPLATE, UNKNOWN, App, Edit, Origin, Resource, Template, unique_id

NO_VALUE = {"Ref": "AWS::NoValue"}


def template(**resources: Any) -> Template:
    return Template({"Resources": resources})


def resource(**properties: Any) -> Resource:
    return template(A={"Type": "T", "Properties": properties}).resources["A"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "t: a CloudFormation template is a mapping, this is a list"),
        (None, "t: a CloudFormation template is a mapping, this is a NoneType"),
        ({}, "t: not a CloudFormation template: it has no 'Resources' mapping"),
        ({"Resources": []}, "t: not a CloudFormation template: it has no 'Resources' mapping"),
    ],
)
def test_what_is_no_template(data: Any, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        Template(data, name="t")
    assert str(error.value) == message


def test_resources_in_order_and_by_type() -> None:
    found = template(B={"Type": "T"}, A={"Type": "U"}, C={"Type": "T"}, Broken="text", D={})
    assert list(found.resources) == ["B", "A", "C", "D"]
    assert [item.logical_id for item in found.of_type("U", "T")] == ["A", "B", "C"]
    assert found.of_type("V") == []
    assert found.resources["D"].type == ""
    assert repr(found.resources["A"]) == "<U A>"


def test_the_template_as_a_resource() -> None:
    whole = Template({"Resources": {}, "Outputs": {"O": {"Value": 1}}}).whole
    assert (whole.type, whole.logical_id, whole.root) == (TEMPLATE, "", ())
    assert whole.get("Outputs.O.Value") == 1
    assert whole.set("Outputs.O.Value", 2) == Edit("set", ("Outputs", "O", "Value"), 2)


def test_an_app_collects_its_templates() -> None:
    app = App()
    first, second = Template({"Resources": {}}, app=app), Template({"Resources": {}}, app=app)
    assert app.templates == [first, second]
    assert first.app is app
    assert len(template().app.templates) == 1


@pytest.mark.parametrize(
    ("properties", "path", "value"),
    [
        ({"A": {"B": 1}}, "A.B", 1),
        ({"A": [{"B": 1}]}, "A.0.B", 1),
        ({"A": [{"B": 1}]}, ("A", 0), {"B": 1}),
        ({"A.B": 1}, ("A.B",), 1),
        ({}, "A.B", None),
        ({"A": None}, "A.B", None),
        ({"A": "text"}, "A.B", None),
        ({"A": []}, "A.0", None),
        ({"A": NO_VALUE}, "A", None),
        ({"A": NO_VALUE}, "A.B", None),
        ({"A": {"B": NO_VALUE}}, "A.B", None),
        ({"A": {"Ref": "P"}}, "A", UNKNOWN),
        ({"A": {"Ref": "P"}}, "A.B", UNKNOWN),
        ({"A": {"Fn::If": ["C", {"B": 1}, NO_VALUE]}}, "A.B", UNKNOWN),
        ({"A": [{"Fn::If": ["C", {"B": 1}, NO_VALUE]}]}, "A.0.B", UNKNOWN),
        ({"A": "{{resolve:ssm:/a}}"}, "A", UNKNOWN),
        ({"A": {"Fn::Sub": "plain"}}, "A", "plain"),
        ({"A": {"B": {"Ref": "P"}}}, "A", {"B": {"Ref": "P"}}),
        ({"A": False}, "A", False),
    ],
)
def test_get(properties: dict[str, Any], path: Any, value: Any) -> None:
    found = resource(**properties).get(path)
    assert found is UNKNOWN if value is UNKNOWN else found == value


@pytest.mark.parametrize(("properties", "value"), [(None, None), ("text", None), ([], None), ({"Ref": "P"}, UNKNOWN)])
def test_get_from_properties_of_another_shape(properties: Any, value: Any) -> None:
    found = template(A={"Type": "T", "Properties": properties}).resources["A"]
    assert found.get("A") is value
    assert found.raw("A") is None


def test_raw() -> None:
    found = resource(A={"B": {"Ref": "P"}})
    assert found.raw("A.B") == {"Ref": "P"}
    assert found.raw() == {"A": {"B": {"Ref": "P"}}}


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([1, {"Ref": "P"}], [1, {"Ref": "P"}]),
        ({"A": 1}, [{"A": 1}]),
        *((value, []) for value in ({"Ref": "P"}, {}, None, "text", 7, NO_VALUE)),
    ],
)
def test_items(value: Any, items: list[Any]) -> None:
    assert resource(L=value).items("L") == items


@pytest.mark.parametrize(
    ("data", "condition", "depends_on"),
    [
        ({}, None, []),
        ({"Condition": "C", "DependsOn": "B"}, "C", ["B"]),
        ({"Condition": 7, "DependsOn": ["B", "C"]}, None, ["B", "C"]),
        ({"Condition": None, "DependsOn": {"Ref": "B"}}, None, []),
        ({"DependsOn": None}, None, []),
    ],
)
def test_attributes(data: dict[str, Any], condition: str | None, depends_on: list[str]) -> None:
    found = template(A=data).resources["A"]
    assert (found.condition, found.depends_on) == (condition, depends_on)


def test_edits_are_data() -> None:
    found = resource()
    root = ("Resources", "A", "Properties")
    assert found.set("X.0.Y", 1) == Edit("set", (*root, "X", 0, "Y"), 1)
    assert found.append("X", 1) == Edit("append", (*root, "X"), 1)
    assert found.remove(("X.Y",)) == Edit("remove", (*root, "X.Y"))
    assert found.set_attribute("DeletionPolicy", "Retain") == Edit(
        "set", ("Resources", "A", "DeletionPolicy"), "Retain"
    )
    assert found.depend_on("B") == Edit("append", ("Resources", "A", "DependsOn"), "B")
    assert found.properties == {}


def test_references_to_a_resource() -> None:
    assert resource().ref() == {"Ref": "A"}
    assert resource().get_att("Arn") == {"Fn::GetAtt": ["A", "Arn"]}


def test_added_elements_leave_out_what_is_none() -> None:
    made = template().add("B", "T", {"X": 1}, Condition=None, DependsOn=["A"])
    assert made == Edit("set", ("Resources", "B"), {"Type": "T", "DependsOn": ["A"], "Properties": {"X": 1}})
    output = template().add_output("O", 1, "An output")
    assert output == Edit("set", ("Outputs", "O"), {"Description": "An output", "Value": 1})
    conditional = template().add_output("O", 1, "An output", "IsProd")
    assert conditional.value == {"Description": "An output", "Value": 1, "Condition": "IsProd"}


def test_origins() -> None:
    data = {"Resources": {"A": {"Metadata": {"aws:cdk:path": "App/A"}}, "B": {"Metadata": []}, "C": {}}}
    found = Template(data, origins={"C": Origin("App/C", "app.py:7")})
    assert found.resources["A"].origin == Origin("App/A")
    assert found.resources["B"].origin == Origin()
    assert found.resources["C"].origin == Origin("App/C", "app.py:7")


def test_the_environment_that_a_stack_is_rendered_for() -> None:
    found = Template({"Resources": {}}, account="111122223333", region="eu-west-1")
    assert (found.account, found.region) == ("111122223333", "eu-west-1")
    assert (template().account, template().region) == ("", "")


@pytest.mark.parametrize("section", [None, [], "text", 7])
def test_sections_of_another_shape_are_empty(section: Any) -> None:
    found = Template({"Resources": {}, "Outputs": section, "Parameters": section, "Conditions": section})
    assert found.outputs == found.parameters == found.conditions == {}


def test_the_resource_that_a_value_stands_for() -> None:
    found = template(A={"Type": "T"})
    a = found.resources["A"]
    of_a: list[Any] = [{"Ref": "A"}, {"Fn::GetAtt": ["A", "Arn"]}, {"Fn::Sub": "${A.Arn}"}]
    others: list[Any] = [{"Ref": "Parameter"}, "A", None, {"Fn::ForeignRef": {"LogicalId": "A"}}]
    assert all(found.resource_of(value) is a for value in of_a)
    assert all(found.resource_of(value) is None for value in others)


def graph() -> Template:
    return template(
        A={"Type": "T", "DependsOn": "C", "Properties": {"X": {"Ref": "B"}, "Y": {"Fn::Sub": "${B.Arn}-${P}"}}},
        B={"Type": "U", "Properties": {"X": {"Fn::GetAtt": ["B", "Arn"]}}},
        C={"Type": "V", "Properties": {"X": [{"Ref": "A"}, {"Ref": "B"}]}},
    )


def test_who_refers_to_whom() -> None:
    found = graph()
    paths = [("Properties", "X"), ("Properties", "Y")]
    assert [reference.path for reference in found.references_from("A")] == [*paths, ("Properties", "Y")]
    assert [id_ for id_, _ in found.references_to("B")] == ["A", "A", "B", "C"]
    assert [id_ for id_, _ in found.references_to("P")] == ["A"]
    assert not found.references_from("Nowhere")
    assert not found.references_to("Nowhere")
    b = found.resources["B"]
    assert [item.logical_id for item in found.referring(b, "T", "U", "V")] == ["A", "C"]
    assert [item.logical_id for item in found.referring(b, "V")] == ["C"]


def test_edits_keep_the_indexes_true() -> None:
    found = graph()
    assert [id_ for id_, _ in found.references_to("A")] == ["C"]
    assert found.apply(found.resources["C"].set("X", {"Ref": "D"})) == [{"Ref": "A"}, {"Ref": "B"}]
    assert found.references_to("A") == []
    assert [id_ for id_, _ in found.references_to("D")] == ["C"]
    found.apply(found.add("D", "T", {"X": {"Ref": "A"}}))
    assert [item.logical_id for item in found.of_type("T")] == ["A", "D"]
    assert [id_ for id_, _ in found.references_to("A")] == ["D"]
    found.apply(found.add("D", "U", {}))
    assert [item.logical_id for item in found.of_type("T")] == ["A"]
    assert [item.logical_id for item in found.of_type("U")] == ["B", "D"]
    assert found.references_to("A") == []
    found.apply(Edit("remove", ("Resources", "D")))
    assert "D" not in found.resources
    assert [item.logical_id for item in found.of_type("U")] == ["B"]


def test_edits_before_anybody_asked_for_the_graph() -> None:
    found = graph()
    found.apply(found.resources["A"].remove("X"))
    found.apply(found.add_output("O", {"Ref": "A"}, "An output"))
    assert [id_ for id_, _ in found.references_to("B")] == ["A", "B", "C"]
    assert found.outputs == {"O": {"Description": "An output", "Value": {"Ref": "A"}}}


def test_all_changes_or_none() -> None:
    found = graph()
    a = found.resources["A"]
    with pytest.raises(EditError):
        found.apply_all([a.set("Z", 1), a.set("X.Y", 1)])
    assert a.raw("Z") is None
    assert found.apply_all([a.set("Z", 1), a.set("Z", 2)]) == [None, 1]
    assert found.apply_all([]) == []
    with pytest.raises(EditError):
        found.apply_all([a.set("X.Y", 1)])


def test_a_free_logical_id() -> None:
    found = Template(
        {
            "Resources": {"A": {"Type": "T"}},
            "Outputs": {"A2": {"Value": 1}},
            "Parameters": {"A3": {"Type": "String"}},
            "Conditions": {"A4": {}},
        }
    )
    assert unique_id(found, "B") == "B"
    assert unique_id(found, "A") == "A5"
    assert unique_id(found, "A", taken=["A5"]) == "A6"


def test_no_edit_takes_the_last_resources_that_a_template_may_hold() -> None:
    found = Template({"Resources": {f"R{number}": {"Type": "T"} for number in range(MAX_RESOURCES - 12)}})
    added = [found.add(f"Guardrails{number}", "T", {}) for number in range(3)]
    with pytest.raises(EditError, match="holds 488 of at most 500 resources, there is no room for 3 more"):
        found.apply_all(added)
    assert len(found.resources) == 488
    found.apply_all([*added[:2], found.add_output("O", "v", "an output is none")])
    assert len(found.resources) == 490
    found.apply_all([found.resources["R0"].set("P", 1)])
    with pytest.raises(EditError, match="no room for 1 more"):
        found.apply_all(added[2:])


def test_what_was_asked_once_is_asked_again_after_an_edit_that_matters() -> None:
    found = template(A={"Type": "T"}, B={"Type": "U"})
    asked: list[str] = []

    def ask(name: str, *types: str) -> None:
        found.cached(name, lambda _: asked.append(name), *types)

    def ask_all() -> list[str]:
        asked.clear()
        ask("any")
        ask("of T", "T")
        return list(asked)

    assert ask_all() == ["any", "of T"]
    assert ask_all() == []
    found.apply(found.resources["B"].set("P", 1))
    assert ask_all() == ["any"]
    found.apply(found.resources["A"].set("P", 1))
    assert ask_all() == ["any", "of T"]
    found.apply(found.add("C", "T", {}))
    assert ask_all() == ["any", "of T"]
    found.apply(found.add("D", "V", {}))
    assert ask_all() == ["any"]
    found.apply(found.add_output("O", "v", "an output"))
    assert ask_all() == ["any", "of T"]
