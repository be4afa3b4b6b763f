"""dynamodb-billing."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "dynamodb-billing"
ON_DEMAND = (
    "PAY_PER_REQUEST suits traffic that is new, rare or comes in bursts; when it is steady, provisioned capacity that "
    "scales costs less: nobody has said which of the two this is"
)
PROVISIONED = (
    "PROVISIONED suits steady traffic that somebody has measured; when it is new, rare or comes in bursts, on-demand "
    "capacity costs less and is not throttled for want of a plan: nobody has said which of the two this is"
)
THROUGHPUT = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def table(kind: str = "AWS::DynamoDB::Table", **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Orders": {"Type": kind, "Properties": properties}}}


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (table(BillingMode="PAY_PER_REQUEST"), "BillingMode", ON_DEMAND),
        (table(BillingMode={"Fn::Sub": "PAY_PER_REQUEST"}), "BillingMode", ON_DEMAND),
        (table("AWS::DynamoDB::GlobalTable", BillingMode="PAY_PER_REQUEST"), "BillingMode", ON_DEMAND),
        (table("AWS::Serverless::SimpleTable"), "ProvisionedThroughput", ON_DEMAND),
        (table(BillingMode="PROVISIONED", ProvisionedThroughput=THROUGHPUT), "BillingMode", PROVISIONED),
        (table(ProvisionedThroughput=THROUGHPUT), "BillingMode", PROVISIONED),
        (table(BillingMode={"Ref": "AWS::NoValue"}), "BillingMode", PROVISIONED),
        (table("AWS::DynamoDB::GlobalTable"), "BillingMode", PROVISIONED),
        (
            table("AWS::Serverless::SimpleTable", ProvisionedThroughput=THROUGHPUT),
            "ProvisionedThroughput",
            PROVISIONED,
        ),
    ],
)
def test_one_warning_a_table(data: dict[str, Any], path: str, message: str) -> None:
    (finding,) = assert_flags(data, RULE, path=path, message=message)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "data",
    [
        table(BillingMode={"Ref": "Mode"}),
        table(BillingMode={"Fn::If": ["IsProd", "PROVISIONED", "PAY_PER_REQUEST"]}),
        table(BillingMode="{{resolve:ssm:/mode}}"),
        table(
            "AWS::Serverless::SimpleTable", ProvisionedThroughput={"Fn::If": ["IsProd", THROUGHPUT, {"Ref": "None"}]}
        ),
        {"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {"Fn::Transform": {"Name": "M"}}}}},
        {"Resources": {"Orders": {"Type": "AWS::RDS::DBInstance"}}},
    ],
)
def test_known_at_deployment_only(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


def test_dev_says_nothing() -> None:
    assert_clean(table(BillingMode="PAY_PER_REQUEST"), RULE, environment="dev")
