"""Apps of any number of L2 constructs, as mixed as a service's, in stacks that stay under 500 resources when fixed."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

PER_STACK: Final = 100
"""L2 constructs in a stack; with what the fixes add, under 490 resources."""

INLINE: Final = "def handler(event, context):\n    return {'statusCode': 200}\n"


def build(app: cdk.App, size: int, per_stack: int = PER_STACK) -> None:
    """Adds stacks with ``size`` L2 constructs in all."""
    for start in range(0, size, per_stack):
        _Service(app, f"Service{start // per_stack}").fill(min(per_stack, size - start))


class _Service(cdk.Stack):
    """A REST API on a function, then buckets, tables, log groups, functions, queues, topics and roles in turn."""

    def fill(self, size: int) -> None:
        kinds = (self._bucket, self._table, self._log_group, self._function, self._queue, self._topic, self._role)
        for number in range(size - 2):
            kinds[number % len(kinds)](str(number))
        self._api(self._function("Api"))

    def _bucket(self, number: str) -> None:
        self.bucket = s3.Bucket(self, f"Bucket{number}")

    def _table(self, number: str) -> None:
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        self.table = dynamodb.Table(self, f"Table{number}", partition_key=key)

    def _log_group(self, number: str) -> None:
        self.log_group = logs.LogGroup(self, f"Logs{number}", retention=logs.RetentionDays.INFINITE)

    def _function(self, number: str) -> lambda_.Function:
        function = lambda_.Function(
            self,
            f"Function{number}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline(INLINE),
            log_group=self.log_group,
            environment={"TABLE": self.table.table_name, "NODE_OPTIONS": "--enable-source-maps"},
        )
        self.table.grant_read_data(function)
        return function

    def _queue(self, number: str) -> None:
        sqs.Queue(self, f"Queue{number}")

    def _topic(self, number: str) -> None:
        sns.Topic(self, f"Topic{number}")

    def _role(self, number: str) -> None:
        role = iam.Role(self, f"Role{number}", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        objects = self.bucket.arn_for_objects("*")
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[objects]))

    def _api(self, function: lambda_.Function) -> None:
        api = apigateway.RestApi(self, "Api")
        api.root.add_method("GET", apigateway.LambdaIntegration(function))
