"""The stacks of the four reports as they were written: with the constructs of the CDK, in a hurry."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

INLINE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n"


def table(scope: cdk.Stack, id_: str, **how: object) -> dynamodb.Table:
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    return dynamodb.Table(scope, id_, partition_key=key, **how)  # type: ignore[arg-type]


def function(scope: cdk.Stack, id_: str, code: Path, **how: object) -> lambda_.Function:
    return lambda_.Function(
        scope,
        id_,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_asset(str(code)),
        **how,  # type: ignore[arg-type]
    )


def report_a(app: cdk.App, code: Path) -> None:
    """An API with one Python function, a bucket, a table."""
    stack = cdk.Stack(app, "A")
    uploads = s3.Bucket(
        stack,
        "Uploads",
        bucket_name="image-uploads",
        removal_policy=cdk.RemovalPolicy.DESTROY,
        auto_delete_objects=True,
    )
    images = table(
        stack, "Images", billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    group = logs.LogGroup(stack, "Logs", retention=logs.RetentionDays.ONE_WEEK)
    processor = function(
        stack,
        "Processor",
        code,
        timeout=cdk.Duration.seconds(60),
        memory_size=512,
        log_group=group,
        environment={
            "BUCKET": uploads.bucket_name,
            "TABLE": images.table_name,
            "REGION": "us-east-1",
            "NODE_OPTIONS": "--enable-source-maps",
        },
    )
    images.grant_read_write_data(processor)
    processor.add_to_role_policy(
        iam.PolicyStatement(actions=["s3:PutObject", "s3:PutObjectAcl"], resources=[uploads.arn_for_objects("*")])
    )
    jobs = sqs.Queue(stack, "Jobs", visibility_timeout=cdk.Duration.seconds(360))
    processor.add_event_source(event_sources.SqsEventSource(jobs, enabled=False))
    api = apigateway.RestApi(stack, "Api", deploy_options=apigateway.StageOptions(stage_name="live"))
    api.root.add_resource("images").add_method("POST", apigateway.LambdaIntegration(processor))


def report_b(app: cdk.App, code: Path) -> None:
    """Functions that reserve concurrency, a trail with a key, a VPC with NAT gateways, an open bucket."""
    stack = cdk.Stack(app, "B")
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    documents = s3.Bucket(stack, "Documents")
    orders = table(stack, "Orders", billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST)
    for name in ("Reader", "Writer"):
        made = function(stack, name, code, vpc=vpc, memory_size=128, reserved_concurrent_executions=10)
        made.add_to_role_policy(
            iam.PolicyStatement(actions=["s3:*", "dynamodb:PutItem"], resources=[documents.bucket_arn, "*"])
        )
        orders.grant_read_data(made)
    cloudwatch.Alarm(stack, "ReaderErrors", metric=made.metric_errors(), threshold=1, evaluation_periods=1)
    trail_logs = s3.Bucket(stack, "TrailLogs")
    cloudtrail.CfnTrail(
        stack,
        "Trail",
        is_logging=True,
        is_multi_region_trail=True,
        kms_key_id=kms.Key(stack, "TrailKey").key_arn,
        s3_bucket_name=trail_logs.bucket_name,
    )


def report_c(app: cdk.App, code: Path) -> None:
    """The same stack for dev and prod: users, a table, a bucket, a function, an API."""
    for environment in ("Dev", "Prod"):
        stack = cdk.Stack(app, f"C{environment}")
        users = cognito.UserPool(stack, "Users", user_pool_name="dev-UserPool")
        files = s3.Bucket(stack, "Files")
        data = table(stack, "Data", table_name="DataTable", read_capacity=5, write_capacity=5)
        worker = function(
            stack,
            "Worker",
            code,
            timeout=cdk.Duration.seconds(20),
            environment={"USERS": users.user_pool_id, "TEMP_PASSWORD": "TempPass123!", "REGION": "us-east-1"},
        )
        worker.add_to_role_policy(iam.PolicyStatement(actions=["s3:*"], resources=[files.arn_for_objects("*")]))
        data.grant_write_data(worker)
        api = apigateway.RestApi(stack, "Api")
        api.root.add_method(
            "GET",
            apigateway.LambdaIntegration(worker),
            authorizer=apigateway.CognitoUserPoolsAuthorizer(stack, "Authorizer", cognito_user_pools=[users]),
        )


def report_d(app: cdk.App, code: Path) -> None:
    """An inline function behind an API for every origin, a table, a key."""
    stack = cdk.Stack(app, "D")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    items = table(
        stack,
        "Items",
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
        encryption_key=key,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    handler = lambda_.Function(
        stack,
        "Handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline(INLINE),
        environment={"TABLE": items.table_name},
    )
    handler.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:*"], resources=[items.table_arn]))
    api = apigateway.RestApi(
        stack,
        "Api",
        default_cors_preflight_options=apigateway.CorsOptions(allow_origins=apigateway.Cors.ALL_ORIGINS),
        default_method_options=apigateway.MethodOptions(api_key_required=True),
    )
    api.root.add_resource("items").add_method("GET", apigateway.LambdaIntegration(handler))


REPORTS = {"A": report_a, "B": report_b, "C": report_c, "D": report_d}
