"""dynamodb-autoscaling."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "dynamodb-autoscaling"
MESSAGE = "the capacity for reads and writes does not scale"
TABLE = "AWS::DynamoDB::Table"


def throughput(reads: Any = 5, writes: Any = 5) -> dict[str, Any]:
    return {"ProvisionedThroughput": {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}}


PROVISIONED = throughput()


def table(type_: str = TABLE, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Orders": {"Type": type_, "Properties": properties}}}


def index(name: Any, **properties: Any) -> dict[str, Any]:
    return {"IndexName": name, **(properties or PROVISIONED)}


def target(resource_id: Any, kind: str = "Read", level: str = "table", low: int = 5, high: int = 100) -> dict[str, Any]:
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "ServiceNamespace": "dynamodb",
            "ResourceId": resource_id,
            "ScalableDimension": f"dynamodb:{level}:{kind}CapacityUnits",
            "MinCapacity": low,
            "MaxCapacity": high,
        },
    }


def scaling(id_: str, kind: str, percent: int = 70) -> dict[str, Any]:
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": f"{id_}{kind}Scaling",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": f"{id_}{kind}Target"},
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"},
                "TargetValue": percent,
            },
        },
    }


def added(id_: str, kind: str, *parts: Any, percent: int = 70, **limits: int) -> dict[str, Any]:
    """What the fix adds for reads or writes; ``parts`` follow the table in the ResourceId."""
    resource_id = {"Fn::Join": ["", ["table/", {"Ref": "Orders"}, *parts]]}
    level = "index" if parts else "table"
    return {
        f"{id_}{kind}Target": target(resource_id, kind, level, **limits),
        f"{id_}{kind}Scaling": scaling(id_, kind, percent),
    }


def plus(template: dict[str, Any], *resources: dict[str, Any]) -> dict[str, Any]:
    """``template`` with more resources."""
    merged = dict(template["Resources"])
    for more in resources:
        merged |= more
    return {**template, "Resources": merged}


BOTH = {**added("GuardrailsOrders", "Read"), **added("GuardrailsOrders", "Write")}


def own_targets(resource_id: Any, level: str = "table") -> dict[str, Any]:
    return {kind: target(resource_id, kind, level) for kind in ("Read", "Write")}


def joined(*parts: Any) -> dict[str, Any]:
    return {"Fn::Join": ["", ["table/", *parts]]}


def findings_in(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """The findings in the first of an app's templates."""
    app = App()
    template = Template(copy.deepcopy(first), name="first", app=app)
    Template(copy.deepcopy(second), name="second", app=app)
    rule = rule_of(RULE)
    found = rule.check(template.resources["Orders"], template, Settings(environment="prod").for_rule(rule))
    return [finding.message for finding in found]


@pytest.mark.parametrize("mode", [{}, {"BillingMode": "PROVISIONED"}, {"BillingMode": {"Ref": "AWS::NoValue"}}])
def test_a_provisioned_table(mode: dict[str, Any]) -> None:
    before = table(**PROVISIONED, **mode)
    found = assert_flags(before, RULE, path="ProvisionedThroughput", message=MESSAGE)
    call, tracking = "table.auto_scale_read_capacity", "scale_on_utilization(target_utilization_percent=70)"
    remedy = f"{call}(..., min_capacity=5, max_capacity=100).{tracking}"
    assert [(finding.id, finding.remedy) for finding in found] == [(RULE, remedy)]
    assert_fixed(before, plus(before, BOTH), RULE)


def test_sam() -> None:
    before = table("AWS::Serverless::SimpleTable", **PROVISIONED)
    assert_fixed(before, plus(before, BOTH), RULE)
    assert_clean(table("AWS::Serverless::SimpleTable"), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"BillingMode": "PAY_PER_REQUEST"},
        {"BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [{"IndexName": "by-owner"}]},
        {"BillingMode": "PAY_PER_REQUEST", **PROVISIONED},
        {"BillingMode": {"Ref": "Mode"}, **PROVISIONED},
        {"BillingMode": {"Fn::If": ["IsProd", "PROVISIONED", "PAY_PER_REQUEST"]}, **PROVISIONED},
        {},
        {"GlobalSecondaryIndexes": {"Ref": "Indexes"}},
        {"GlobalSecondaryIndexes": [{"Fn::If": ["IsProd", index("a"), {"Ref": "AWS::NoValue"}]}]},
        {
            "GlobalSecondaryIndexes": [
                index({"Fn::FindInMap": ["Names", "A", "B"]}),
                index({"Ref": "AWS::NoValue"}),
                "x",
            ]
        },
        {"Fn::Transform": {"Name": "AWS::Include"}},
    ],
)
def test_on_demand_or_unknown(properties: dict[str, Any]) -> None:
    assert_clean(table(**properties), RULE)


def test_global_tables_scale_by_themselves() -> None:
    assert_clean(table("AWS::DynamoDB::GlobalTable", BillingMode="PROVISIONED"), RULE)


def test_off_in_dev_unless_configured() -> None:
    assert_clean(table(**PROVISIONED), RULE, environment="dev")
    assert_flags(table(**PROVISIONED), RULE, environment="dev", rules={RULE: "warning"})


def test_indexes() -> None:
    indexes = [index("by-owner"), index({"Ref": "IndexName"}, **throughput(200, 1))]
    before = table(**PROVISIONED, GlobalSecondaryIndexes=indexes)
    found = assert_flags(
        before,
        f"{RULE}[by-owner]",
        path="GlobalSecondaryIndexes[0].ProvisionedThroughput",
        message="the capacity of the index by-owner for reads and writes does not scale",
    )
    assert found[0].remedy.startswith("table.auto_scale_global_secondary_index_read_capacity(..., min_capacity=5")
    assert_flags(before, f"{RULE}[index 2]")
    by_owner, other = "GuardrailsOrdersbyowner", "GuardrailsOrdersindex2"
    ref = ("/index/", {"Ref": "IndexName"})
    after = plus(
        before,
        BOTH,
        added(by_owner, "Read", "/index/by-owner"),
        added(by_owner, "Write", "/index/by-owner"),
        added(other, "Read", *ref, high=200),
        added(other, "Write", *ref, low=1),
    )
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("units", "low", "high"), [(5, 5, 100), (1, 1, 100), ("3", 3, 100), (50, 5, 100), (100, 5, 100), (4000, 5, 4000)]
)
def test_the_chosen_capacity_lies_between_the_limits(units: Any, low: int, high: int) -> None:
    before = table(**throughput(units, 5))
    reads = added("GuardrailsOrders", "Read", low=low, high=high)
    assert_fixed(before, plus(before, reads, added("GuardrailsOrders", "Write")), RULE)


def test_options() -> None:
    before = table(**throughput(20, 20))
    limits = {"percent": 50, "low": 10, "high": 400}
    after = plus(before, added("GuardrailsOrders", "Read", **limits), added("GuardrailsOrders", "Write", **limits))
    assert_fixed(before, after, RULE, options={"target_percent": 50, "min_capacity": 10, "max_capacity": 400})


@pytest.mark.parametrize("units", [{"Ref": "Reads"}, {"Fn::If": ["IsProd", 50, 5]}, None, "many", -1, True])
def test_a_capacity_that_nobody_knows_is_not_fixed(units: Any) -> None:
    before = table(**throughput(units, 5))
    obstacle = "; not fixed, since ReadCapacityUnits is not known before the deployment"
    assert_flags(before, RULE, message=f"{MESSAGE}{obstacle}")
    after = plus(before, added("GuardrailsOrders", "Write"))
    with pytest.raises(AssertionError, match=r"(?s)not satisfied.*for reads does not scale; not fixed"):
        assert_fixed(before, after, RULE)


def test_throughput_that_nobody_knows() -> None:
    before = table(ProvisionedThroughput={"Ref": "Throughput"})
    assert_flags(before, RULE)
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(before, before, RULE)


def test_what_is_added_has_the_condition_of_the_table() -> None:
    before = table(**PROVISIONED)
    before["Resources"]["Orders"]["Condition"] = "IsProd"
    with_condition = {id_: {**resource, "Condition": "IsProd"} for id_, resource in BOTH.items()}
    assert_fixed(before, plus(before, with_condition), RULE)


@pytest.mark.parametrize(
    "resource_id",
    [
        joined({"Ref": "Orders"}),
        {"Fn::Sub": "table/${Orders}"},
        {"Fn::Sub": ["table/${Name}", {"Name": {"Ref": "Orders"}}]},
        {"Fn::Join": ["/", ["table", {"Ref": "Orders"}]]},
        {"Fn::If": ["IsProd", joined({"Ref": "Orders"}), joined({"Ref": "Other"})]},
    ],
)
def test_targets_of_its_own(resource_id: Any) -> None:
    assert_clean(plus(table(**PROVISIONED), own_targets(resource_id)), RULE)


def test_half_of_the_targets() -> None:
    """L2: auto_scale_read_capacity without auto_scale_write_capacity."""
    before = plus(table(**PROVISIONED), {"Reads": target(joined({"Ref": "Orders"}))})
    found = assert_flags(before, RULE, message="the capacity for writes does not scale")
    assert found[0].remedy.startswith("table.auto_scale_write_capacity(")
    assert_fixed(before, plus(before, added("GuardrailsOrders", "Write")), RULE)


@pytest.mark.parametrize(
    ("name", "resource_id"),
    [
        ("orders", "table/orders"),
        ({"Ref": "Name"}, {"Fn::Sub": "table/${Name}"}),
        ({"Fn::Sub": "${AWS::StackName}-orders"}, joined({"Ref": "AWS::StackName"}, "-orders")),
        ("orders", {"Ref": "ResourceId"}),
        ("orders", {"Fn::Sub": "table/${Name}"}),
        ({"Ref": "Name"}, {"Fn::Join": ["", {"Ref": "Parts"}]}),
    ],
)
def test_targets_by_name(name: Any, resource_id: Any) -> None:
    """By the table's name, or by what may be it."""
    assert_clean(plus(table(**PROVISIONED, TableName=name), own_targets(resource_id)), RULE)


@pytest.mark.parametrize(
    ("name", "resource_id"),
    [
        (None, joined({"Ref": "Other"})),
        ("orders", joined({"Ref": "Other"})),
        ("orders", "table/orders2"),
        ("orders", "service/orders"),
        (None, {"Fn::Sub": "table/${Name}"}),
        (None, {"Ref": "ResourceId"}),
        (None, joined({"Ref": "Orders"}, "/index/by-owner")),
        (None, {"Fn::ImportValue": "Name"}),
        (None, 7),
    ],
)
def test_targets_of_something_else(name: Any, resource_id: Any) -> None:
    """A generated name is known to no literal and no parameter."""
    named = {"TableName": name} if name else {}
    other = {"Other": {"Type": TABLE, "Properties": {"BillingMode": "PAY_PER_REQUEST"}}}
    before = plus(table(**PROVISIONED, **named), own_targets(resource_id), other)
    assert_flags(before, RULE, message=MESSAGE)
    assert_fixed(before, plus(before, BOTH), RULE)


def test_a_target_of_another_dimension() -> None:
    wrong = own_targets(joined({"Ref": "Orders"}), "index")
    assert_flags(plus(table(**PROVISIONED), wrong), RULE, message=MESSAGE)
    for dimension in ({"Ref": "Dimension"}, "{{resolve:ssm:/dimension}}"):
        unknown = target(joined({"Ref": "Orders"}))
        unknown["Properties"]["ScalableDimension"] = dimension
        assert_clean(plus(table(**PROVISIONED), {"Unknown": unknown}), RULE)


@pytest.mark.parametrize(
    "id_", [joined({"Ref": "Orders"}, "/index/by-owner"), {"Fn::Sub": "table/${Orders}/index/by-owner"}]
)
def test_targets_of_an_index(id_: Any) -> None:
    tables = {f"Table{kind}": target(joined({"Ref": "Orders"}), kind) for kind in ("Read", "Write")}
    template = plus(table(**PROVISIONED, GlobalSecondaryIndexes=[index("by-owner")]), tables)
    assert_flags(template, f"{RULE}[by-owner]")
    assert_clean(plus(template, own_targets(id_, "index")), RULE)
    another = {"Fn::Sub": "table/${Orders}/index/by-owner-and-date"}
    assert_flags(plus(template, own_targets(another, "index")), f"{RULE}[by-owner]")


FOREIGN = {"Path": "App/Data/Orders/Resource", "LogicalId": "Orders", "Attribute": "Ref"}


@pytest.mark.parametrize(
    ("resource_id", "expected"),
    [
        ("table/orders", []),
        (joined({"Fn::ForeignRef": FOREIGN}), []),
        (joined({"Fn::ImportValue": "Data:Orders"}), []),
        ({"Fn::Sub": ["table/${Name}", {"Name": {"Fn::ImportValue": "Data:Orders"}}]}, []),
        ("table/other", [MESSAGE]),
        (joined({"Fn::ForeignRef": FOREIGN | {"Path": "App/Twin/Orders/Resource"}}), [MESSAGE]),
        (joined({"Fn::ImportValue": "Data:Other"}), [MESSAGE]),
        (joined({"Ref": "Name"}), [MESSAGE]),
    ],
)
def test_targets_in_another_stack(resource_id: Any, expected: list[str]) -> None:
    data = table(**PROVISIONED, TableName="orders")
    data["Resources"]["Orders"]["Metadata"] = {"aws:cdk:path": "App/Data/Orders/Resource"}
    data["Outputs"] = {"Export": {"Value": {"Ref": "Orders"}, "Export": {"Name": "Data:Orders"}}}
    assert findings_in(data, {"Resources": own_targets(resource_id)}) == expected


def test_a_table_in_another_stack_of_the_same_logical_id() -> None:
    """Twin stacks share logical ids."""
    twin = plus(table(**PROVISIONED), own_targets(joined({"Ref": "Orders"})))
    assert findings_in(table(**PROVISIONED), twin) == [MESSAGE]
