"""Two assemblies, resource by resource: what is new, gone, changed in place or replaced, and how that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.errors import TemplateError
from cdk_guardrails.trial.comparing import Comparison, ResourceChange, compare, to_json, without_noise
from cdk_guardrails.trial.comparing_text import counts, lines, render

BUCKET = "AWS::S3::Bucket"
TABLE = "AWS::DynamoDB::Table"
ALARM = "AWS::CloudWatch::Alarm"


def resource(type_: str, path: str = "", **properties: Any) -> dict[str, Any]:
    metadata = {"Metadata": {"aws:cdk:path": path}} if path else {}
    return {"Type": type_, "Properties": properties, **metadata}


class Assemblies:
    """Two assemblies on disk, ``before`` and ``after``."""

    def __init__(self, folder: Path) -> None:
        self.before, self.after = folder / "before", folder / "after"

    def write(self, which: Path, name: str, text: str) -> None:
        file = which / f"{name}.template.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def compared(self, before: dict[str, Any], after: dict[str, Any], **others: Any) -> Comparison:
        self.write(self.before, "Shop", json.dumps({"Resources": before}))
        self.write(self.after, "Shop", json.dumps({"Resources": after, **others}))
        return compare(self.before, self.after)

    def change(self, before: dict[str, Any], after: dict[str, Any]) -> ResourceChange:
        [change] = self.compared({"It": before}, {"It": after}).resources
        return change

    def changes(self, type_: str, before: Any, after: Any) -> list[tuple[Any, ...]]:
        """Path, before, after of each change below the property ``P``."""
        found = self.change(resource(type_, P=before), resource(type_, P=after)).changes
        return [(change.path.removeprefix("Properties.P"), change.before, change.after) for change in found]


@pytest.fixture
def assemblies(tmp_path: Path) -> Assemblies:
    return Assemblies(tmp_path)


class TestKinds:
    def test_equal_resources_are_not_listed(self, assemblies: Assemblies) -> None:
        same = {"It": resource(BUCKET, BucketName="a")}
        assert assemblies.compared(same, same).resources == ()

    def test_added(self, assemblies: Assemblies) -> None:
        [change] = assemblies.compared({}, {"It": resource(ALARM, "Shop/Alarm")}).resources
        assert change == ResourceChange("added", "Shop", "Shop/Alarm", "It", ALARM, False)

    def test_removed(self, assemblies: Assemblies) -> None:
        [change] = assemblies.compared({"It": resource(TABLE)}, {}).resources
        assert (change.kind, change.stateful) == ("removed", True)

    def test_changed_in_place(self, assemblies: Assemblies) -> None:
        change = assemblies.change(resource(BUCKET), resource(BUCKET, VersioningConfiguration={"Status": "Enabled"}))
        assert change.kind == "changed"
        [only] = change.changes
        assert (only.path, only.before, only.replaces) == ("Properties.VersioningConfiguration", None, False)

    def test_a_create_only_property_replaces(self, assemblies: Assemblies) -> None:
        change = assemblies.change(resource(BUCKET, BucketName="a", Tags=[]), resource(BUCKET, BucketName="b"))
        assert change.kind == "replaced"
        assert {item.path: item.replaces for item in change.changes} == {
            "Properties.BucketName": True,
            "Properties.Tags": False,
        }

    def test_a_create_only_property_below_what_was_added(self, assemblies: Assemblies) -> None:
        """``Budget.BudgetName``: the change is listed at its parent, which was not there."""
        type_ = "AWS::Budgets::Budget"
        change = assemblies.change(resource(type_), resource(type_, Budget={"BudgetName": "team"}))
        assert (change.kind, [item.replaces for item in change.changes]) == ("replaced", [True])

    @pytest.mark.parametrize(("name", "kind"), [("SourceKafkaClusterArn", "replaced"), ("Note", "changed")])
    def test_a_create_only_property_in_a_list(self, assemblies: Assemblies, name: str, kind: str) -> None:
        old, new = (resource("AWS::MSK::Replicator", ReplicationInfoList=[{"A": 1}, {name: text}]) for text in "ab")
        assert assemblies.change(old, new).kind == kind

    def test_an_order_that_does_not_matter_here(self, assemblies: Assemblies) -> None:
        """Create-only values are compared one by one, wherever else something was added."""
        old = resource("AWS::Budgets::Budget", Budget={"BudgetName": "team"})
        new = resource("AWS::Budgets::Budget", Budget={"TimeUnit": "DAILY", "BudgetName": "team"})
        assert assemblies.change(old, new).kind == "changed"

    def test_another_type_replaces(self, assemblies: Assemblies) -> None:
        change = assemblies.change(resource(TABLE), resource(BUCKET))
        assert (change.kind, change.resource_type, change.stateful) == ("replaced", TABLE, True)
        assert [(item.path, item.replaces) for item in change.changes] == [("Type", True)]

    def test_an_unknown_type_is_changed(self, assemblies: Assemblies) -> None:
        assert assemblies.change(resource("Custom::Thing", A=1), resource("Custom::Thing", A=2)).kind == "changed"

    def test_another_logical_id_of_the_same_construct_replaces(self, assemblies: Assemblies) -> None:
        old, new = resource(TABLE, "Shop/Orders"), resource(TABLE, "Shop/Orders", BillingMode="PAY_PER_REQUEST")
        [change] = assemblies.compared({"Old": old}, {"New": new}).resources
        assert (change.kind, change.logical_id) == ("replaced", "New")
        assert [(item.path, item.before, item.after, item.replaces) for item in change.changes] == [
            ("logical id", "Old", "New", True),
            ("Properties.BillingMode", None, "PAY_PER_REQUEST", False),
        ]

    @pytest.mark.parametrize("type_", ["AWS::ApiGateway::Deployment", "AWS::Lambda::Version"])
    def test_what_holds_a_hash_in_its_id_is_renewed(self, assemblies: Assemblies, type_: str) -> None:
        old, new = resource(type_, "Shop/It"), resource(type_, "Shop/It")
        [change] = assemblies.compared({"It1": old}, {"It2": new}).resources
        assert (change.kind, [item.replaces for item in change.changes]) == ("renewed", [False])

    def test_without_construct_paths_nothing_is_guessed(self, assemblies: Assemblies) -> None:
        found = assemblies.compared({"Old": resource(TABLE)}, {"New": resource(TABLE)}).resources
        assert [change.kind for change in found] == ["removed", "added"]

    def test_the_list_of_constructs_is_left_out(self, assemblies: Assemblies) -> None:
        old, new = (resource("AWS::CDK::Metadata", Analytics=text) for text in ("a", "b"))
        assert assemblies.compared({"It": old}, {"It": new}).resources == ()


class TestDifferences:
    def test_of_mappings(self, assemblies: Assemblies) -> None:
        assert assemblies.changes(BUCKET, {"A": 1, "B": {"C": 2}, "D": 3}, {"B": {"C": 4}, "D": 3, "E": 5}) == [
            (".A", 1, None),
            (".B.C", 2, 4),
            (".E", None, 5),
        ]

    def test_a_function_is_one_value(self, assemblies: Assemblies) -> None:
        assert assemblies.changes(BUCKET, {"Ref": "A"}, {"Ref": "B"}) == [("", {"Ref": "A"}, {"Ref": "B"})]

    def test_of_tags_by_their_key(self, assemblies: Assemblies) -> None:
        old = [{"Key": "b", "Value": "1"}, {"Key": "c", "Value": "2"}]
        new = [{"Key": "a", "Value": "0"}, {"Key": "b", "Value": "1"}, {"Key": "c", "Value": "3"}]
        assert assemblies.changes(BUCKET, old, new) == [(".c", "2", "3"), (".a", None, "0")]

    def test_of_lists_by_what_stays(self, assemblies: Assemblies) -> None:
        assert assemblies.changes(BUCKET, ["a", {"B": 1}, "c"], ["new", "a", {"B": 2}, "c", "d"]) == [
            ("[0]", None, "new"),
            ("[2].B", 1, 2),
            ("[4]", None, "d"),
        ]

    def test_of_lists_that_shrink(self, assemblies: Assemblies) -> None:
        assert assemblies.changes(BUCKET, ["a", "b", "c"], ["c"]) == [("[0]", "a", None), ("[1]", "b", None)]

    def test_secrets_are_masked(self, assemblies: Assemblies) -> None:
        type_ = "AWS::RDS::DBInstance"
        old, new = (resource(type_, MasterUserPassword=text) for text in ("Hunter2hunter2", "Correct9horse9"))
        comparison = assemblies.compared({"It": old}, {"It": new})
        for text in (to_json(comparison), render(comparison)):
            assert "MasterUserPassword" in text
            assert "unter2" not in text
            assert "horse" not in text


class TestNoise:
    """What differs between two equal runs is not held against what lies between them."""

    def without_noise(self, assemblies: Assemblies, **properties: Any) -> tuple[ResourceChange, ...]:
        old, again = (resource(BUCKET, "Shop/Logs", BucketName=name) for name in ("logs-1", "logs-2"))
        noise = assemblies.compared({"Logs": old}, {"Logs": again})
        new = resource(BUCKET, "Shop/Logs", BucketName="logs-3", **properties)
        return without_noise(assemblies.compared({"Logs": old}, {"Logs": new}), noise).resources

    def test_alone(self, assemblies: Assemblies) -> None:
        assert self.without_noise(assemblies) == ()

    def test_beside_a_change(self, assemblies: Assemblies) -> None:
        [change] = self.without_noise(assemblies, Tags=[])
        assert (change.kind, [item.path for item in change.changes]) == ("changed", ["Properties.Tags"])

    def test_beside_a_change_that_replaces(self, assemblies: Assemblies) -> None:
        [change] = self.without_noise(assemblies, BucketNamePrefix="logs")
        assert change.kind == "replaced"

    def test_of_other_resources_is_kept(self, assemblies: Assemblies) -> None:
        comparison = assemblies.compared({}, {"It": resource(ALARM)})
        assert without_noise(comparison, Comparison((), {})) == comparison


class TestAssemblies:
    def test_stages_and_nested_stacks_but_no_assets(self, assemblies: Assemblies) -> None:
        names = ("Shop", "assembly-Prod/Shop", "assembly-Prod/Nested.nested", "asset.123/Theirs", "app-2/Other")
        for name in names:
            assemblies.write(assemblies.after, name, json.dumps({"Resources": {"It": resource(ALARM)}}))
        found = compare(assemblies.before, assemblies.after).resources
        assert {change.template for change in found} == set(names) - {"asset.123/Theirs"}

    def test_other_sections_are_counted(self, assemblies: Assemblies) -> None:
        comparison = assemblies.compared({}, {}, Outputs={"A": {}, "B": {}}, Description="new")
        assert comparison.others == {"Description": 1, "Outputs": 2}

    @pytest.mark.parametrize("text", ["{", "[]", '{"Resources": []}'])
    def test_what_is_no_template_is_an_error(self, assemblies: Assemblies, text: str) -> None:
        assemblies.write(assemblies.after, "Shop", text)
        with pytest.raises(TemplateError, match=r"Shop\.template\.json: expected a template"):
            compare(assemblies.before, assemblies.after)


class TestShown:
    @pytest.fixture
    def comparison(self, assemblies: Assemblies) -> Comparison:
        old = {
            "Added": resource(BUCKET, "Shop/Files"),
            "Deployment1": resource("AWS::ApiGateway::Deployment", "Shop/Deployment"),
            "Gone": resource(ALARM),
            "Orders": resource(TABLE, "Shop/Orders", TableName="a", BillingMode="PROVISIONED"),
        }
        new = {
            "Added": {**resource(BUCKET, "Shop/Files"), "DeletionPolicy": "Retain"},
            "Deployment2": resource("AWS::ApiGateway::Deployment", "Shop/Deployment"),
            "New": resource(TABLE, "Shop/New"),
            "Orders": resource(TABLE, "Shop/Orders", TableName="b"),
        }
        return assemblies.compared(old, new, Outputs={"Arn": {}})

    def test_as_text(self, comparison: Comparison) -> None:
        assert render(comparison) == (
            "replaced AWS::DynamoDB::Table Shop/Orders (Orders), holds data\n"
            '    ~ Properties.TableName: "a" -> "b"  (replaces the resource)\n'
            '    - Properties.BillingMode: "PROVISIONED"\n'
            "changed AWS::S3::Bucket Shop/Files (Added), holds data\n"
            '    + DeletionPolicy: "Retain"\n'
            "removed AWS::CloudWatch::Alarm Gone in Shop\n"
            "renewed AWS::ApiGateway::Deployment Shop/Deployment (Deployment2)\n"
            '    ~ logical id: "Deployment1" -> "Deployment2"\n'
            "added AWS::DynamoDB::Table Shop/New (New)\n"
            "also differ: Outputs 1\n"
            "1 resource changed in place, 1 replaced (1 with data), 1 added, 1 renewed, 1 removed\n"
        )

    def test_risks_have_a_colour(self, comparison: Comparison) -> None:
        styles = [style for line, style in lines(comparison) if line.startswith("replaced") or "replaces" in line]
        assert styles == ["bold red", "red"]

    def test_as_json(self, comparison: Comparison) -> None:
        data = json.loads(to_json(comparison))
        assert data["schema_version"] == 1
        assert data["summary"] == {"removed": 1, "replaced": 1, "renewed": 1, "changed": 1, "added": 1}
        assert data["others"] == {"Outputs": 1}
        assert data["resources"][0] == {
            "kind": "replaced",
            "template": "Shop",
            "construct_path": "Shop/Orders",
            "logical_id": "Orders",
            "resource_type": TABLE,
            "stateful": True,
            "changes": [
                {"path": "Properties.TableName", "before": "a", "after": "b", "replaces": True},
                {"path": "Properties.BillingMode", "before": "PROVISIONED", "after": None, "replaces": False},
            ],
        }

    def test_nothing_differs(self, assemblies: Assemblies) -> None:
        assert counts(assemblies.compared({}, {})) == "0 resources changed in place, 0 replaced, 0 added"

    def test_hostile_names_and_values(self, assemblies: Assemblies) -> None:
        evil = "\x1b[31m\nfake"
        old = {evil: resource(BUCKET, f"Shop/{evil}", P=evil)}
        new = {evil: resource(BUCKET, f"Shop/{evil}", P="a", **{evil: 1})}
        text = render(assemblies.compared(old, new, **{evil: {"A": 1}}))
        assert "\x1b" not in text
        assert not any(line.startswith("fake") for line in text.split("\n"))
        assert text.count("\n") == 5

    def test_long_values_show_where_they_differ(self, assemblies: Assemblies) -> None:
        old, new = ("x" * 500 + text + "y" * 500 for text in ("old", "new"))
        comparison = assemblies.compared({"It": resource(BUCKET, P=old)}, {"It": resource(BUCKET, P=new)})
        line = render(comparison).splitlines()[1]
        around = "..." + "x" * 30
        assert line.startswith(f"    ~ Properties.P: {around}oldyyy")
        assert f" -> {around}newyyy" in line
        assert len(line) < 300
