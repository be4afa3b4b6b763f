"""Orders: an API Gateway REST API, a Lambda function, a DynamoDB table and an S3 bucket for receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

HANDLER = Path(__file__).parent / "handler"


class OrdersStack(cdk.Stack):
    """Everything in one stack, with the defaults of the CDK wherever it has one."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.receipts = s3.Bucket(self, "Receipts", removal_policy=cdk.RemovalPolicy.DESTROY)
        self.orders = dynamodb.Table(
            self,
            "OrdersTable",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.function = self._function()
        self._api()

    def _function(self) -> lambda_.Function:
        log_group = logs.LogGroup(
            self,
            "OrdersLogs",
            retention=logs.RetentionDays.INFINITE,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        function = lambda_.Function(
            self,
            "OrdersFunction",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(HANDLER)),
            timeout=cdk.Duration.seconds(60),
            log_group=log_group,
            environment={
                "TABLE_NAME": self.orders.table_name,
                "BUCKET_NAME": self.receipts.bucket_name,
                "NODE_OPTIONS": "--enable-source-maps",
            },
        )
        self.orders.grant_read_write_data(function)
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["s3:*"],
                resources=[self.receipts.bucket_arn, self.receipts.arn_for_objects("*")],
            )
        )
        return function

    def _api(self) -> None:
        api = apigateway.RestApi(
            self,
            "OrdersApi",
            default_cors_preflight_options=apigateway.CorsOptions(allow_origins=apigateway.Cors.ALL_ORIGINS),
        )
        orders = api.root.add_resource("orders")
        integration = apigateway.LambdaIntegration(self.function)
        orders.add_method("GET", integration)
        orders.add_method("POST", integration)
        orders.add_resource("{id}").add_method("GET", integration)
