"""What the CDK's constructs allow on every resource, taken from aws-cdk-lib: who wrote the app did not write that."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.roles import POLICY
from cdk_guardrails.template import Resource


class Rendered(NamedTuple):
    """What renders a statement on ``*``, and all of the statement's actions, or those that tell it from others."""

    by: str
    actions: frozenset[str]


def _rendered(by: str, service: str, *names: str) -> Rendered:
    return Rendered(by, frozenset(name if ":" in name else f"{service}:{name}" for name in names))


_INTERFACES: Final = (
    "CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets",
    "DescribeSecurityGroups", "DescribeDhcpOptions", "DescribeVpcs",
)  # fmt: skip
_MODEL_LOGS: Final = (
    "CreateLogStream", "PutLogEvents", "CreateLogGroup", "DescribeLogStreams", "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
)  # fmt: skip

RENDERED: Final = (
    _rendered(
        "an EC2 capacity of ecs.Cluster", "logs", "CreateLogStream", "PutLogEvents", "ecs:DiscoverPollEndpoint",
        "ecr:GetAuthorizationToken",
    ),
    _rendered("ec2.BastionHostLinux", "ssm", "UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*"),
    _rendered(
        "cr.Provider with is_complete_handler", "logs", "CreateLogStream", "PutLogEvents", "CreateLogDelivery",
        "DescribeResourcePolicies",
    ),
    _rendered("codebuild.Project or Fleet in a VPC", "ec2", *_INTERFACES),
    _rendered(
        "codebuild.Project with ssm_session_permissions", "s3", "GetEncryptionConfiguration", "PutObject",
        "ssmmessages:OpenDataChannel", "logs:CreateLogStream", "logs:PutLogEvents",
    ),
    _rendered("codepipeline_actions.EcsDeployAction", "ecs", "DescribeServices", "DescribeTaskDefinition",
              "DescribeTasks", "ListTasks", "RegisterTaskDefinition", "TagResource", "UpdateService"),
    _rendered("pipelines.CodePipeline", "codebuild", "BatchGetBuilds", "StartBuild", "StopBuild"),
    _rendered("state_machine.grant_read()", "states", "ListActivities", "DescribeStateMachine", "DescribeActivity"),
    _rendered("tasks.EcsRunTask", "ecs", "StopTask", "DescribeTasks"),
    _rendered("tasks.SageMakerCreateModel or CreateTrainingJob", "logs", *_MODEL_LOGS),
    _rendered(
        "tasks.SageMakerCreateModel or CreateTrainingJob in a VPC", "ec2", *_INTERFACES,
        "CreateNetworkInterfacePermission", "DeleteNetworkInterfacePermission",
    ),
    _rendered(
        "tasks.AthenaStartQueryExecution", "s3", "CreateBucket", "ListBucket", "GetBucketLocation", "GetObject"
    ),
    _rendered(
        "tasks.EmrCreateCluster", "elasticmapreduce", "RunJobFlow", "DescribeCluster", "TerminateJobFlows", "AddTags"
    ),
    _rendered("tasks.MediaConvertCreateJob", "mediaconvert", "GetJob", "CancelJob"),
    _rendered("eks.Cluster", "iam", "GetRole", "listAttachedRolePolicies"),
)  # fmt: skip
"""Statements of more than one action only, in the policies that the CDK makes: others may be anybody's."""

ALONE: Final = (("UpdatePipelineSelfMutation", "pipelines.CodePipeline", "s3:ListBucket"),)
"""Single actions, told by the policy that they are in: a part of its logical id, what renders it, the action."""

ON_CONSTRUCT: Final = "Suppress this on the construct, with the reason."

SINGLETONS: Final = {
    "LogRetention": ("function for log_retention", "lambda_.Function(..., log_group=log_group)"),
    "BucketNotifications": (
        "function for bucket notifications", "s3.Bucket(..., notifications_handler_role=role)"
    ),
    "CustomCDKBucketDeployment": ("function for BucketDeployment", "Give the BucketDeployment a role of its own."),
    "AWSb4cf1abd4e4f4bc699441af7ccd9ec37": (
        "function for targets.AwsApi", "Give targets.AwsApi a policy_statement that names the resources."
    ),
}  # fmt: skip
"""The CDK's singleton functions that are allowed something on every resource, by how their logical ids start: what
brings them, and what to write instead."""


def by_cdk(resource: Resource, action: str, beside: Collection[str]) -> tuple[str, str]:
    """Which part of the CDK allows ``action``, among those ``beside`` it, on every resource, and what to do about it.

    Two empty texts when the app's author does.
    """
    if is_cdk_own(resource):
        found = (known for prefix, known in SINGLETONS.items() if resource.logical_id.startswith(prefix))
        name, remedy = next(found, ("function", "Suppress this for the CDK's own function, with the reason."))
        return f"in the CDK's own {name}", remedy
    for construct, actions in RENDERED if resource.type == POLICY else ():
        if action in actions and actions <= set(beside):
            return f"as {construct} renders it", ON_CONSTRUCT
    for part, construct, alone in ALONE if resource.type == POLICY else ():
        if action == alone and part in resource.logical_id:
            return f"as {construct} renders it", ON_CONSTRUCT
    return "", ""
