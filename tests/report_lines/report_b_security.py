"""Report B, several functions with CloudTrail, a VPC and KMS: security and costs."""

from __future__ import annotations

from typing import Any, Final

from tests.report_lines.buckets import BLOCKED, deny_http, policy
from tests.report_lines.lines import GONE, Line, but, stack

SHOP: Final = stack("b_functions")
NETWORK: Final = stack("b_network")

DOCUMENTS: Final = {"Fn::GetAtt": ["Documents", "Arn"]}
BUSY: Final = {"ReadCapacityUnits": 50, "WriteCapacityUnits": 50}
FILES: Final = {"Fn::Sub": "${Documents.Arn}/*"}
TABLE: Final = {"Fn::GetAtt": ["Orders", "Arn"]}


def allowing(*statements: tuple[Any, Any]) -> dict[str, Any]:
    """The shop whose role may do these actions with these resources."""
    allowed = [{"Action": action, "Effect": "Allow", "Resource": resource} for action, resource in statements]
    return but(SHOP, {"ReaderPolicy.PolicyDocument.Statement": allowed})


def endpoint(service: str) -> dict[str, Any]:
    """A gateway endpoint of the VPC."""
    name = {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, f".{service}"]]}
    properties = {"RouteTableIds": [{"Ref": "PrivateRoutes"}], "ServiceName": name, "VpcId": {"Ref": "Vpc"}}
    return {"Type": "AWS::EC2::VPCEndpoint", "Properties": {**properties, "VpcEndpointType": "Gateway"}}


SECURITY: Final = (
    Line(
        "B3.1",
        SHOP,
        ("s3-tls-only @ Documents",),
        "fixed",
        (
            but(SHOP, {"DocumentsPolicy": policy("Documents", deny_http("Documents"))}),
            but(
                SHOP,
                {
                    "DocumentsPolicy": policy(
                        "Documents",
                        {
                            "Action": "s3:GetObject",
                            "Effect": "Allow",
                            "Principal": {"AWS": "111122223333"},
                            "Resource": "*",
                        },
                        deny_http("Documents", Principal="*", Condition={"Bool": {"aws:SecureTransport": False}}),
                    )
                },
            ),
        ),
        after={
            "Resources.GuardrailsDocumentsPolicy.Properties.Bucket": {"Ref": "Documents"},
            "Resources.GuardrailsDocumentsPolicy.Properties.PolicyDocument.Statement.0.Effect": "Deny",
            "Resources.GuardrailsDocumentsPolicy.Properties.PolicyDocument.Statement.0.Condition": {
                "Bool": {"aws:SecureTransport": "false"}
            },
        },
    ),
    Line(
        "B3.2",
        SHOP,
        (
            "iam-wildcard-action[s3:*] @ ReaderPolicy.PolicyDocument.Statement[0].Action[0]",
            "iam-wildcard-action[dynamodb:*] @ ReaderPolicy.PolicyDocument.Statement[0].Action[1]",
            "iam-wildcard-resource[dynamodb:Query] @ ReaderPolicy.PolicyDocument.Statement[1].Resource",
        ),
        "flagged",
        (
            allowing((["s3:GetObject", "s3:ListBucket"], DOCUMENTS), (["dynamodb:Query", "dynamodb:PutItem"], TABLE)),
            allowing(("dynamodb:Query", TABLE), (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")),
        ),
    ),
    Line(
        "B3.3",
        SHOP,
        ("s3-public-access @ Documents.PublicAccessBlockConfiguration",),
        "fixed",
        (
            but(SHOP, {"Documents.PublicAccessBlockConfiguration": BLOCKED}),
            but(
                SHOP,
                {
                    "Documents.PublicAccessBlockConfiguration": {name: {"Ref": "Block"} for name in BLOCKED},
                    "Parameters.Block": {"Type": "String", "Default": "true"},
                },
            ),
        ),
        after={"Resources.Documents.Properties.PublicAccessBlockConfiguration": BLOCKED},
    ),
)

COSTS: Final = (
    Line(
        "B4.1",
        SHOP,
        ("lambda-memory @ Reader.MemorySize",),
        "flagged",
        (
            but(SHOP, {"Reader.MemorySize": 192}),
            but(
                SHOP, {"Reader.MemorySize": {"Ref": "Memory"}, "Parameters.Memory": {"Type": "Number", "Default": 128}}
            ),
        ),
    ),
    Line(
        "B4.2",
        NETWORK,
        ("nat-gateway-cost @ Vpc",),
        "flagged",
        (
            but(NETWORK, {"S3": endpoint("s3"), "DynamoDb": endpoint("dynamodb")}),
            but(NETWORK, {"Nat.ConnectivityType": "private"}),
        ),
    ),
    Line(
        "B4.2",
        NETWORK,
        ("nat-gateway-cost @ Vpc",),
        "fixed",
        (
            but(NETWORK, {"S3": endpoint("s3"), "DynamoDb": endpoint("dynamodb")}),
            but(NETWORK, {"PrivateRoute.NatGatewayId": {"Fn::ImportValue": "nat"}, "Nat": GONE}),
        ),
        after={
            "Resources.GuardrailsVpcS3Endpoint.Type": "AWS::EC2::VPCEndpoint",
            "Resources.GuardrailsVpcDynamoDBEndpoint.Properties.RouteTableIds": [
                {"Ref": "PublicRoutes"},
                {"Ref": "PrivateRoutes"},
            ],
        },
        issue="endpoints",
        settings={"rules": {"nat-gateway-cost": {"vpc_gateway_endpoints": True}}},
    ),
    Line(
        "B4.3",
        SHOP,
        ("dynamodb-billing @ Orders.BillingMode",),
        "flagged",
        (
            but(SHOP, {"Orders.BillingMode": {"Ref": "Mode"}, "Parameters.Mode": {"Type": "String"}}),
            but(
                SHOP,
                {
                    "Orders.BillingMode": {"Fn::If": ["IsBusy", "PROVISIONED", "PAY_PER_REQUEST"]},
                    "Orders.ProvisionedThroughput": {"Fn::If": ["IsBusy", BUSY, {"Ref": "AWS::NoValue"}]},
                    "Conditions.IsBusy": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
                },
            ),
        ),
    ),
)

LINES: Final = SECURITY + COSTS
