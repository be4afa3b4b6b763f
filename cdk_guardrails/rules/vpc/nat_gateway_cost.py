"""nat-gateway-cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.rules.vpc.vpcs import SUBNET, VPC, belonging, meaning
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

NAT_GATEWAY: Final = "AWS::EC2::NatGateway"
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
ROUTE_TABLE: Final = "AWS::EC2::RouteTable"

USD_PER_HOUR: Final = 0.045
USD_PER_GB: Final = 0.045
"""Of a NAT gateway in us-east-1: https://aws.amazon.com/vpc/pricing/"""

HOURS: Final = 730
"""In a month, as AWS's calculator counts them."""

SERVICES: Final = {"s3": "S3", "dynamodb": "DynamoDB"}
"""The services that have gateway endpoints, which are free:
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"""


class NatGatewayCost(Rule):
    """VPCs with NAT gateways reach S3 and DynamoDB through gateway endpoints, which are free.

    Warns of a VPC that has NAT gateways and lacks an endpoint for S3 or DynamoDB, and names what the gateways cost.
    Private NAT gateways, which do not lead to AWS services, do not count; interface endpoints do, and so do endpoints
    in other stacks of the app. With *vpc_gateway_endpoints* the fix adds the missing endpoints, with the VPC's route
    tables in the template.
    """

    id = "nat-gateway-cost"
    why = "A NAT gateway bills each GB that passes through it, also to and from S3 and DynamoDB, which could be free."
    resource_types = (VPC,)
    concern = Concern.CAPACITY
    severity = Severity.WARNING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Only with vpc_gateway_endpoints, which asks for it. Adds resources and routes, at no cost. Connections to S3 "
        "and DynamoDB that are open in that moment are cut, and requests then come from private addresses: bucket "
        "policies that admit the NAT gateway's address (aws:SourceIp) must admit the endpoint (aws:SourceVpce) first."
    )
    answers = ("B4.2",)
    options = (
        Option(
            "vpc_gateway_endpoints",
            False,
            "Add the gateway endpoints that are missing: "
            "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html.",
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html",
            "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
        ),
    )
    bad = Example(
        """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.0.0/24
  RouteTable:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
  Address:
    Type: AWS::EC2::EIP
    Properties:
      Domain: vpc
  NatGateway:
    Type: AWS::EC2::NatGateway
    Properties:
      SubnetId: !Ref Subnet
      AllocationId: !GetAtt Address.AllocationId
""",
        options={"vpc_gateway_endpoints": True},
    )
    good = Example("""\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.0.0/24
  NatGateway:
    Type: AWS::EC2::NatGateway
    Properties:
      SubnetId: !Ref Subnet
  S3Endpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
  DynamoDBEndpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.dynamodb
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        gateways = _nat_gateways(resource, template)
        missing = _missing(resource) if gateways else []
        if missing:
            yield self.finding(resource, _message(gateways, missing), remedy=_remedy(missing))

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        tables = [table for table in belonging(resource, template, ROUTE_TABLE) if _always_with(table, resource)]
        if not settings["vpc_gateway_endpoints"] or not tables:
            return
        for service in _missing(resource):
            properties = {
                "VpcEndpointType": "Gateway",
                "VpcId": resource.ref(),
                "ServiceName": {"Fn::Sub": f"com.amazonaws.${{AWS::Region}}.{service}"},
                "RouteTableIds": [table.ref() for table in tables],
            }
            id_ = added_id(template, resource.logical_id, f"{SERVICES[service]}Endpoint")
            yield template.add(id_, ENDPOINT, properties, Condition=resource.condition)


def _nat_gateways(vpc: Resource, template: Template) -> list[Resource]:
    """The VPC's public NAT gateways: in one of its subnets, or regional ones, which name the VPC itself."""
    found = belonging(vpc, template, NAT_GATEWAY)
    for subnet in belonging(vpc, template, SUBNET):
        found += belonging(subnet, template, NAT_GATEWAY, "SubnetId")
    return [gateway for gateway in found if gateway.get("ConnectivityType") in (None, "public")]


def _missing(vpc: Resource) -> list[str]:
    """The services without an endpoint; none when there is an endpoint for who knows what."""
    names = [rendered(endpoint.raw("ServiceName")) for endpoint in meaning(vpc, ENDPOINT, "VpcId")]
    if any(name is None or name.endswith("}") for name in names):
        return []
    return [service for service in SERVICES if not any(name and name.endswith(f".{service}") for name in names)]


def _always_with(table: Resource, vpc: Resource) -> bool:
    return table.condition in (None, vpc.condition)


def _message(gateways: list[Resource], missing: list[str]) -> str:
    one, dollars = len(gateways) == 1, round(len(gateways) * USD_PER_HOUR * HOURS)
    services = " and ".join(SERVICES[service] for service in missing)
    return (
        f"{len(gateways)} NAT gateway{' costs' if one else 's cost'} about {dollars} USD a month in us-east-1, and "
        f"{USD_PER_GB} USD for each GB, that of {services} included: no gateway endpoint"
    )


def _remedy(missing: list[str]) -> str:
    service = {"s3": "S3", "dynamodb": "DYNAMODB"}[missing[0]]
    return f'vpc.add_gateway_endpoint("{SERVICES[missing[0]]}", service=ec2.GatewayVpcEndpointAwsService.{service})'
