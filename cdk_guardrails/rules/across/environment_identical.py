"""environment-identical."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.environments import Placed, placed
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Resource, Template
from cdk_guardrails.template.intrinsics import UNKNOWN

_FUNCTION: Final = ("MemorySize", "ReservedConcurrentExecutions", "EphemeralStorage")

SIZES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("MinCapacity", "MaxCapacity"),
    "AWS::AutoScaling::AutoScalingGroup": ("MinSize", "MaxSize", "DesiredCapacity"),
    "AWS::DynamoDB::GlobalTable": ("BillingMode", "WriteProvisionedThroughputSettings"),
    "AWS::DynamoDB::Table": ("BillingMode", "ProvisionedThroughput", "PointInTimeRecoverySpecification"),
    "AWS::EC2::Instance": ("InstanceType",),
    "AWS::ECS::Service": ("DesiredCount",),
    "AWS::ECS::TaskDefinition": ("Cpu", "Memory"),
    "AWS::ElastiCache::CacheCluster": ("CacheNodeType", "NumCacheNodes"),
    "AWS::ElastiCache::ReplicationGroup": ("CacheNodeType", "NumNodeGroups", "ReplicasPerNodeGroup"),
    "AWS::Kinesis::Stream": ("ShardCount", "StreamModeDetails", "RetentionPeriodHours"),
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Logs::LogGroup": ("RetentionInDays",),
    "AWS::OpenSearchService::Domain": ("ClusterConfig", "EBSOptions"),
    "AWS::RDS::DBCluster": ("DBClusterInstanceClass", "ServerlessV2ScalingConfiguration", "BackupRetentionPeriod"),
    "AWS::RDS::DBInstance": ("DBInstanceClass", "AllocatedStorage", "MultiAZ", "BackupRetentionPeriod"),
    "AWS::S3::Bucket": ("VersioningConfiguration", "LifecycleConfiguration"),
    "AWS::SQS::Queue": ("MessageRetentionPeriod",),
    "AWS::Serverless::Function": _FUNCTION,
}
"""What says how large a resource is, and how long it keeps data: where environments should differ."""

_Sizes = dict[tuple[str, str], tuple[Any, ...]]
"""By path without environment, and type: the values of the properties in `SIZES`."""


class EnvironmentIdentical(Rule):
    """Production is sized for production, and dev is not.

    Checks pairs of stacks that are the same but for the environment in their path (``Dev/Api`` and ``Prod/Api``,
    ``ApiDev`` and ``ApiProd``), or of constructs in one stack: when all their resources have the same capacity, memory,
    versioning and retention, nobody has told the environments apart. One finding for a pair, on the prod one.

    Says nothing where a value comes from a parameter, of pairs with fewer than *min_resources* such resources, and of
    staging and test environments, which may be like prod on purpose.
    """

    id = "environment-identical"
    why = "Sized alike, either dev costs what prod does or prod is as small, and as forgetful, as dev."
    resource_types = (TEMPLATE,)
    concern = Concern.CAPACITY
    severity = Severity.WARNING
    answers = ("C2.1",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/cdk/v2/guide/best-practices.html",),
    )
    options = (Option("min_resources", 2, "Number of sized resources from which a pair is judged.", minimum=1),)
    bad = Example("""\
Resources:
  DevOrders:
    Type: AWS::DynamoDB::Table
    Properties: {BillingMode: PAY_PER_REQUEST}
  DevUploads:
    Type: AWS::S3::Bucket
  ProdOrders:
    Type: AWS::DynamoDB::Table
    Properties: {BillingMode: PAY_PER_REQUEST}
  ProdUploads:
    Type: AWS::S3::Bucket
""")
    good = Example("""\
Resources:
  DevOrders:
    Type: AWS::DynamoDB::Table
    Properties: {BillingMode: PAY_PER_REQUEST}
  DevUploads:
    Type: AWS::S3::Bucket
  ProdOrders:
    Type: AWS::DynamoDB::Table
    Properties: {BillingMode: PAY_PER_REQUEST}
  ProdUploads:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        here = _sized(template).get("prod", {})
        if len(here) < settings["min_resources"] or any(UNKNOWN in values for values in here.values()):
            return
        for other in template.app.templates:
            if _sized(other).get("dev") == here:
                where = "in this stack" if other is template else f"in {other.name} and {template.name}"
                yield self.finding(
                    resource,
                    f"dev and prod have the same capacity, memory, versioning and retention {where}:"
                    f" all {len(here)} resources that have a size are alike",
                    remedy="Keep the sizes of each environment in its configuration, and hand them to the stack.",
                    detail=other.name,
                )


def _sized(template: Template) -> dict[str, _Sizes]:
    return template.cached("environment-identical: sizes by environment", _by_environment)


def _by_environment(template: Template) -> dict[str, _Sizes]:
    found: dict[str, _Sizes] = {}
    for resource in template.of_type(*SIZES):
        if place := _place(resource):
            values = tuple(resource.get(name) for name in SIZES[resource.type])
            found.setdefault(place.environment, {})[place.rest, resource.type] = values
    return found


def _place(resource: Resource) -> Placed | None:
    path = resource.origin.construct_path
    return placed(path) or placed(f"{resource.template.name}/{path or resource.logical_id}")
