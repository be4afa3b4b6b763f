"""The app that `tests.benchmarks.lint` lints: stacks and helpers in any number of files, to be read and never run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SERVICE: Final = '''\
"""The service {name}: a table, a queue, a function and an API."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shop.shared.{shared} import alarm_on, make_key, tagged


class {name}(Stack):
    """What {name} needs, with an API in front."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc | None = None, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = vpc
        self.key = make_key(self, "Key")
        self.table = self._create_table()
        self.bucket, self.queue = self._create_bucket(), self._create_queue()
        self.topic = sns.Topic(self, "Alarms", master_key=self.key)
        self.functions = [self._create_function(name) for name in ("create", "read", "update", "delete")]
        self.api = self._create_api()
        for function in self.functions:
            self.table.grant_read_write_data(function)
            self.bucket.grant_read_write(function)
            self.queue.grant_send_messages(function)
            alarm_on(function, self.topic)
        self._create_alarms()

    def _create_table(self) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="created", type=dynamodb.AttributeType.NUMBER),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            removal_policy=RemovalPolicy.RETAIN,
        )
        table.add_global_secondary_index(
            index_name="by-owner",
            partition_key=dynamodb.Attribute(name="owner", type=dynamodb.AttributeType.STRING),
        )
        return table

    def _create_bucket(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Images",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(365), id="expire")],
        )
        return tagged(bucket, "images")

    def _create_queue(self) -> sqs.Queue:
        dead = sqs.Queue(self, "Dead", retention_period=Duration.days(14), encryption_master_key=self.key)
        return sqs.Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(180),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=3, queue=dead),
        )

    def _create_function(self, name: str) -> lambda_.Function:
        group = logs.LogGroup(self, f"{{name}}Logs", retention=logs.RetentionDays.ONE_MONTH)
        environment = {{"TABLE": self.table.table_name, "QUEUE": self.queue.queue_url}}
        function = lambda_.Function(
            self,
            f"{{name}}Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler=f"{{name}}.handler",
            code=lambda_.Code.from_asset("functions/{lower}"),
            environment=environment,
            log_group=group,
            timeout=Duration.seconds(30),
            memory_size=256,
            tracing=lambda_.Tracing.ACTIVE,
            vpc=self.vpc,
        )
        if name == "create":
            function.add_event_source(sources.SqsEventSource(self.queue, batch_size=10))
        function.add_to_role_policy(iam.PolicyStatement(actions=["ssm:GetParameter"], resources=[self.table.table_arn]))
        return function

    def _create_api(self) -> apigateway.RestApi:
        options = apigateway.StageOptions(stage_name="live", tracing_enabled=True, throttling_rate_limit=100)
        api = apigateway.RestApi(self, "Api", deploy_options=options)
        resource = api.root.add_resource("{lower}")
        for method, function in zip(("POST", "GET", "PUT", "DELETE"), self.functions, strict=True):
            integration = apigateway.LambdaIntegration(function)
            resource.add_method(method, integration, authorization_type=apigateway.AuthorizationType.IAM)
        return api

    def _create_alarms(self) -> None:
        metrics = {{"errors": self.api.metric_server_error(), "latency": self.api.metric_latency()}}
        for name, metric in metrics.items():
            alarm = cloudwatch.Alarm(self, name, metric=metric, threshold=1, evaluation_periods=2)
            alarm.add_alarm_action(actions.SnsAction(self.topic))

    def give_access(self, role: iam.IRole, key: kms.IKey | None = None) -> iam.Grant:
        """Lets ``role`` read all that is here."""
        (key or self.key).grant_decrypt(role)
        self.bucket.grant_read(role)
        return self.table.grant_read_data(role)
'''

SHARED: Final = '''\
"""Helpers that the services share."""

from __future__ import annotations

from typing import TypeVar

from aws_cdk import Duration, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

_T = TypeVar("_T", bound=Construct)


def make_key(scope: Construct, construct_id: str) -> kms.Key:
    """A key that is rotated."""
    return kms.Key(scope, construct_id, enable_key_rotation=True, pending_window=Duration.days(30))


def tagged(construct: _T, kind: str) -> _T:
    """The same construct, with its tag."""
    Tags.of(construct).add("Kind", kind)
    return construct


def alarm_on(function: lambda_.Function, topic: sns.ITopic) -> cloudwatch.Alarm:
    """An alarm for errors of a function."""
    metric = function.metric_errors(period=Duration.minutes(5))
    alarm = metric.create_alarm(function, "Errors", threshold=1, evaluation_periods=1)
    alarm.add_alarm_action(actions.SnsAction(topic))
    return alarm
'''

SHARED_FILES: Final = 5
"""Modules of helpers in an app of any size."""


def write(folder: Path, files: int) -> None:
    """Writes an app of so many modules, ``app.py`` included. They have no mistake but what a rule may warn of."""
    services = [f"Service{number}" for number in range(files - SHARED_FILES - 1)]
    texts = {f"shop/shared/helpers{number}.py": SHARED for number in range(SHARED_FILES)}
    for number, name in enumerate(services):
        shared = f"helpers{number % SHARED_FILES}"
        texts[f"shop/{name.lower()}.py"] = SERVICE.format(name=name, lower=name.lower(), shared=shared)
    texts["app.py"] = _app(services)
    for path, text in {**texts, "cdk.json": '{"app": "python app.py"}\n'}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _app(services: list[str]) -> str:
    imports = "".join(f"from shop.{name.lower()} import {name}\n" for name in services)
    made = "".join(f'{name}(app, "{name}")\n' for name in services)
    return f"import aws_cdk as cdk\n\n{imports}\napp = cdk.App()\n{made}app.synth()\n"
