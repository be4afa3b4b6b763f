"""nat-gateway-cost."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "nat-gateway-cost"
ADD = {"vpc_gateway_endpoints": True}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
ONE = (
    "1 NAT gateway costs about 33 USD a month in us-east-1, and 0.045 USD for each GB, that of S3 and DynamoDB included"
    ": no gateway endpoint"
)


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{type_}", "Properties": properties}


def network(**more: Any) -> dict[str, Any]:
    """A VPC with a public subnet, two route tables and a NAT gateway."""
    resources = {
        "Vpc": VPC,
        "Public": resource("Subnet", VpcId={"Ref": "Vpc"}),
        "PublicRoutes": resource("RouteTable", VpcId={"Ref": "Vpc"}),
        "PrivateRoutes": resource("RouteTable", VpcId={"Ref": "Vpc"}),
        "Nat": resource("NatGateway", SubnetId={"Ref": "Public"}),
    }
    return {"Resources": {id_: item for id_, item in {**resources, **more}.items() if item}}


def endpoint(service: str, **properties: Any) -> dict[str, Any]:
    name = {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, f".{service}"]]}
    return resource("VPCEndpoint", **{"VpcId": {"Ref": "Vpc"}, "ServiceName": name, **properties})


def added(service: str, *tables: str) -> dict[str, Any]:
    return resource(
        "VPCEndpoint",
        VpcEndpointType="Gateway",
        VpcId={"Ref": "Vpc"},
        ServiceName={"Fn::Sub": f"com.amazonaws.${{AWS::Region}}.{service}"},
        RouteTableIds=[{"Ref": table} for table in tables or ("PublicRoutes", "PrivateRoutes")],
    )


def test_a_warning_that_names_the_cost() -> None:
    found = assert_flags(network(), RULE, path="Properties", message=ONE)
    assert [(finding.severity, finding.remedy) for finding in found] == [
        (Severity.WARNING, 'vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)')
    ]
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(network(), network(), RULE)


def test_several_gateways() -> None:
    more = {f"Nat{number}": resource("NatGateway", SubnetId={"Ref": "Public"}) for number in (2, 3)}
    assert_flags(
        network(**more), RULE, message=ONE.replace("1 NAT gateway costs about 33", "3 NAT gateways cost about 99")
    )


def test_a_regional_gateway() -> None:
    assert_flags(network(Nat=resource("NatGateway", VpcId={"Ref": "Vpc"}, AvailabilityMode="regional")), RULE)


def test_the_fix_adds_both_endpoints() -> None:
    after = network(GuardrailsVpcS3Endpoint=added("s3"), GuardrailsVpcDynamoDBEndpoint=added("dynamodb"))
    assert_fixed(network(), after, RULE, options=ADD)


def test_the_fix_adds_what_is_missing() -> None:
    before = network(S3=endpoint("s3", VpcEndpointType="Gateway"))
    assert_flags(before, RULE, message=ONE.replace("S3 and DynamoDB", "DynamoDB"))
    after = network(S3=endpoint("s3", VpcEndpointType="Gateway"), GuardrailsVpcDynamoDBEndpoint=added("dynamodb"))
    assert_fixed(before, after, RULE, options=ADD)


def test_only_route_tables_that_are_always_there() -> None:
    sometimes = {**resource("RouteTable", VpcId={"Ref": "Vpc"}), "Condition": "Prod"}
    other = resource("RouteTable", VpcId={"Ref": "VpcId"})
    conditions = {"Conditions": {"Prod": {"Fn::Equals": ["a", "a"]}}}
    more = {"PublicRoutes": sometimes, "Other": other, "DynamoDB": endpoint("dynamodb")}
    after = network(**more, GuardrailsVpcS3Endpoint=added("s3", "PrivateRoutes"))
    assert_fixed({**network(**more), **conditions}, {**after, **conditions}, RULE, options=ADD)


def test_without_route_tables_there_is_no_fix() -> None:
    bare = network(PublicRoutes=None, PrivateRoutes=None)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(bare, bare, RULE, options=ADD)


@pytest.mark.parametrize(
    "more",
    [
        {"Nat": None},
        {"Nat": resource("NatGateway", SubnetId={"Ref": "SubnetId"})},
        {"Nat": resource("NatGateway", SubnetId={"Ref": "Public"}, ConnectivityType="private")},
        {"Nat": resource("NatGateway", SubnetId={"Ref": "Public"}, ConnectivityType={"Ref": "Type"})},
        {"Public": resource("Subnet", VpcId={"Ref": "VpcId"})},
        {"S3": endpoint("s3"), "DynamoDB": endpoint("dynamodb")},
        {"S3": endpoint("s3", VpcEndpointType="Interface"), "DynamoDB": endpoint("dynamodb")},
        {"S3": endpoint("s3", ServiceName="com.amazonaws.eu-west-1.s3"), "DynamoDB": endpoint("dynamodb")},
        {"Some": endpoint("s3", ServiceName={"Ref": "Service"})},
        {"Some": endpoint("s3", ServiceName={"Fn::FindInMap": ["Services", "a", "b"]})},
    ],
)
def test_no_gateway_or_both_endpoints_or_unknown(more: dict[str, Any]) -> None:
    assert_clean(network(**more), RULE)


@pytest.mark.parametrize(
    "found",
    [
        endpoint("s3express"),
        endpoint("sqs"),
        endpoint("s3", VpcId={"Ref": "VpcId"}),
        endpoint("s3", ServiceName="com.amazonaws.s3-global.accesspoint"),
    ],
)
def test_endpoints_for_something_else(found: dict[str, Any]) -> None:
    assert_flags(network(Some=found), RULE, message=ONE)
