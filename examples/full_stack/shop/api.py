"""The shop: sign-in, an API, orders that wait in a queue, and a workflow that ships them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"


class ApiStack(cdk.Stack):
    """Everything that the shop needs beside its network."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.table = dynamodb.Table(
            self,
            "Orders",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PROVISIONED,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.receipts = s3.Bucket(self, "Receipts", removal_policy=cdk.RemovalPolicy.DESTROY)
        self.queue = sqs.Queue(self, "Waiting")
        self.checkout = self._function("Checkout", "checkout.handler", vpc=vpc)
        self.shipping = self._function("Shipping", "shipping.handler", memory_size=512)
        self.shipping.add_event_source(event_sources.SqsEventSource(self.queue))
        self._grant()
        self._workflow()
        self._api(self._sign_in())

    def _function(self, name: str, handler: str, **kwargs: Any) -> lambda_.Function:
        """A function of the one folder that all of them share."""
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler=handler,
            code=lambda_.Code.from_asset(str(FUNCTIONS)),
            timeout=cdk.Duration.seconds(30),
            environment={"TABLE": self.table.table_name, "QUEUE": self.queue.queue_url},
            **kwargs,
        )

    def _grant(self) -> None:
        self.table.grant_read_write_data(self.checkout)
        self.table.grant_read_write_data(self.shipping)
        self.queue.grant_send_messages(self.checkout)
        self.receipts.grant_put(self.shipping)

    def _workflow(self) -> None:
        shipped = sns.Topic(self, "Shipped")
        ship = tasks.LambdaInvoke(self, "Ship", lambda_function=self.shipping)
        tell = tasks.SnsPublish(self, "Tell", topic=shipped, message=sfn.TaskInput.from_json_path_at("$.Payload"))
        sfn.StateMachine(self, "Ordering", definition_body=sfn.DefinitionBody.from_chainable(ship.next(tell)))

    def _sign_in(self) -> cognito.UserPool:
        return cognito.UserPool(
            self,
            "Customers",
            self_sign_up_enabled=True,
            password_policy=cognito.PasswordPolicy(min_length=8),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _api(self, customers: cognito.UserPool) -> None:
        api = apigateway.RestApi(
            self,
            "Api",
            default_cors_preflight_options=apigateway.CorsOptions(allow_origins=apigateway.Cors.ALL_ORIGINS),
        )
        authorizer = apigateway.CognitoUserPoolsAuthorizer(self, "Authorizer", cognito_user_pools=[customers])
        integration = apigateway.LambdaIntegration(self.checkout)
        orders = api.root.add_resource("orders")
        orders.add_method("POST", integration, authorizer=authorizer)
        orders.add_resource("{id}").add_method("GET", integration, authorizer=authorizer)
        api.root.add_resource("catalogue").add_method("GET", integration)
