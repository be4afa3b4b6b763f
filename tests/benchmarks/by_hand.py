"""The same fixes as one would write them without this library: an Aspect per concern, in Python."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

STATEFUL = (s3.CfnBucket, dynamodb.CfnTable, logs.CfnLogGroup, kms.CfnKey)
FOREIGN_VARIABLES = ("NODE_OPTIONS", "AWS_NODEJS_CONNECTION_REUSE_ENABLED", "JAVA_TOOL_OPTIONS")


def add_all(app: cdk.App, tags: dict[str, str]) -> None:
    """Adds every Aspect of this module, and the tags."""
    for key, value in tags.items():
        cdk.Tags.of(app).add(key, value)
    aspects = cdk.Aspects.of(app)
    for aspect in (Buckets(), Tables(), Functions(), LogGroups(), Apis(), Policies(), Removal(), Outputs()):
        aspects.add(aspect)


@jsii.implements(cdk.IAspect)
class Buckets:
    """s3-public-access, s3-versioning, s3-tls-only."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, s3.CfnBucket):
            node.public_access_block_configuration = s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True
            )
            node.versioning_configuration = s3.CfnBucket.VersioningConfigurationProperty(status="Enabled")
        elif isinstance(node, s3.Bucket):
            statement = iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:*"],
                resources=[node.bucket_arn, node.arn_for_objects("*")],
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            )
            node.add_to_resource_policy(statement)


@jsii.implements(cdk.IAspect)
class Tables:
    """dynamodb-pitr."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, dynamodb.CfnTable):
            node.point_in_time_recovery_specification = dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
                point_in_time_recovery_enabled=True
            )


@jsii.implements(cdk.IAspect)
class Functions:
    """lambda-tracing, lambda-runtime-env."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, lambda_.CfnFunction):
            node.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
            for name in FOREIGN_VARIABLES:
                node.add_property_deletion_override(f"Environment.Variables.{name}")
        elif isinstance(node, lambda_.Function):
            actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
            node.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=["*"]))


@jsii.implements(cdk.IAspect)
class LogGroups:
    """logs-retention, logs-encryption."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, logs.CfnLogGroup):
            if node.retention_in_days is None:
                node.retention_in_days = 90
            if node.kms_key_id is None:
                node.kms_key_id = _key_of(cdk.Stack.of(node)).key_arn


def _key_of(stack: cdk.Stack) -> kms.Key:
    """The stack's key for logs."""
    found = stack.node.try_find_child("LogsKey")
    if isinstance(found, kms.Key):
        return found
    key = kms.Key(stack, "LogsKey", enable_key_rotation=True)
    key.grant_encrypt_decrypt(iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com"))
    return key


@jsii.implements(cdk.IAspect)
class Apis:
    """apigw-throttling, apigw-metrics, apigw-access-logs, deploy-order."""

    def visit(self, node: IConstruct) -> None:
        if not isinstance(node, apigateway.CfnStage):
            return
        node.method_settings = [
            apigateway.CfnStage.MethodSettingProperty(
                http_method="*",
                resource_path="/*",
                metrics_enabled=True,
                throttling_rate_limit=100,
                throttling_burst_limit=50,
            )
        ]
        group = logs.CfnLogGroup(node, "AccessLogs")
        node.access_log_setting = apigateway.CfnStage.AccessLogSettingProperty(
            destination_arn=group.attr_arn, format='{"requestId":"$context.requestId","status":"$context.status"}'
        )
        for sibling in cdk.Stack.of(node).node.find_all():
            if isinstance(sibling, apigateway.CfnAccount):
                node.node.add_dependency(sibling)


@jsii.implements(cdk.IAspect)
class Policies:
    """iam-wildcard-action."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnPolicy | iam.CfnManagedPolicy):
            document = cdk.Stack.of(node).resolve(node.policy_document)
            for statement in document["Statement"]:
                self._judge(node, statement)

    def _judge(self, node: IConstruct, statement: dict[str, Any]) -> None:
        actions = statement.get("Action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            if statement["Effect"] == "Allow" and (action == "*" or action.endswith(":*")):
                cdk.Annotations.of(node).add_error(f"{action} is too broad")


@jsii.implements(cdk.IAspect)
class Removal:
    """removal-policy."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, STATEFUL):
            node.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


@jsii.implements(cdk.IAspect)
class Outputs:
    """outputs."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, lambda_.CfnFunction | s3.CfnBucket | dynamodb.CfnTable):
            self._output(node, node.attr_arn)
        elif isinstance(node, logs.CfnLogGroup):
            self._output(node, node.ref)

    def _output(self, node: cdk.CfnResource, value: str) -> None:
        stack = cdk.Stack.of(node)
        name = f"Output{node.node.addr}"
        if stack.node.try_find_child(name) is None:
            cdk.CfnOutput(stack, name, value=value)
