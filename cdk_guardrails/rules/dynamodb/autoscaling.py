"""dynamodb-autoscaling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.dynamodb.scaling import POLICY, TARGET, Capacity, unscaled
from cdk_guardrails.rules.dynamodb.tables import SIMPLE_TABLE, TABLE
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

MIN_PERCENT: Final = 20
MAX_PERCENT: Final = 90
"""The utilization that DynamoDB can be scaled to, in percent of the provisioned capacity:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html"""


class Autoscaling(Rule):
    """Provisioned tables scale their capacity.

    Checks that a table of billing mode PROVISIONED, which is CloudFormation's default, and each of its global secondary
    indexes have a ScalableTarget for reads and one for writes, in whatever template of the app. The fix adds those that
    are missing, with a policy that tracks *target_percent* of the capacity between *min_capacity* and *max_capacity*.
    The capacity that the author chose always lies between them: a lower one becomes the minimum, a higher one the
    maximum. Where only the deployment knows it, the table is flagged only. Global tables scale by their own properties.
    """

    id = "dynamodb-autoscaling"
    why = "At a fixed capacity, a table throttles its callers whenever there are more of them than somebody guessed."
    resource_types = (TABLE, SIMPLE_TABLE)
    concern = Concern.CAPACITY
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Leaves the table as it is; its capacity then follows the load, and so does the bill, up to max_capacity: "
        "about 0.09 USD a month for each unit of reads and 0.47 USD for writes. Each policy makes four CloudWatch "
        "alarms, so a table has eight, and each index eight more, at 0.10 USD a month each. CloudFormation sets the "
        "capacity again whenever ProvisionedThroughput changes in the template, and drift detection reports what "
        "scaling has changed. Scaling uses a service-linked role, which the first deployment makes."
    )
    profiles = ("staging", "prod")
    options = (
        Option(
            "target_percent",
            70,
            "Consumed capacity to aim at, in percent of the provisioned capacity: "
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html.",
            minimum=MIN_PERCENT,
            maximum=MAX_PERCENT,
        ),
        Option(
            "min_capacity", 5, "Capacity units, of reads and of writes, that are always there; at least 1.", minimum=1
        ),
        Option("max_capacity", 100, "Capacity units, of reads and of writes, that are never exceeded.", minimum=1),
    )
    answers = ("C4.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html",
            "https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-dynamodb.html",
        ),
        cdk_nag=(
            "HIPAA.Security-DynamoDBAutoScalingEnabled",
            "NIST.800.53.R4-DynamoDBAutoScalingEnabled",
            "NIST.800.53.R5-DynamoDBAutoScalingEnabled",
        ),
        security_hub=("DynamoDB.1",),
    )
    bad = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: owner, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}
      GlobalSecondaryIndexes:
        - IndexName: by-owner
          KeySchema: [{AttributeName: owner, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
          ProvisionedThroughput: {ReadCapacityUnits: 200, WriteCapacityUnits: 1}
""")
    good = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for the table, and one for each index with its name as the detail."""
        for capacity in unscaled(resource, template):
            whose = f"of the index {capacity.index} " if capacity.index else ""
            unknown = [f"{kind}CapacityUnits" for kind in capacity.kinds if capacity.units(kind) is None]
            obstacle = f"; not fixed, since {unknown[0]} is not known before the deployment" if unknown else ""
            yield self.finding(
                resource,
                f"the capacity {whose}for {' and '.join(f'{kind.lower()}s' for kind in capacity.kinds)} does not scale"
                f"{obstacle}",
                capacity.path,
                remedy=_remedy(capacity, settings),
                detail=capacity.index,
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Adds a target and a policy for reads, for writes or for both."""
        for capacity in unscaled(resource, template):
            if resource.path(capacity.path) == finding.path:
                for kind in capacity.kinds:
                    yield from _scale(capacity, kind, template, settings)


def _remedy(capacity: Capacity, settings: RuleSettings) -> str:
    what = f"{'global_secondary_index_' if capacity.index else ''}{capacity.kinds[0].lower()}_capacity"
    limits = f"min_capacity={settings['min_capacity']}, max_capacity={settings['max_capacity']}"
    tracking = f"scale_on_utilization(target_utilization_percent={settings['target_percent']})"
    return f"table.auto_scale_{what}(..., {limits}).{tracking}"


def _scale(capacity: Capacity, kind: str, template: Template, settings: RuleSettings) -> Iterator[Edit]:
    if (units := capacity.units(kind)) is None:
        return
    table = capacity.table
    subject = f"{table.logical_id}{capacity.index}"
    target, policy = (added_id(template, subject, f"{kind}{noun}") for noun in ("Target", "Scaling"))
    properties: dict[str, Any] = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": capacity.resource_id,
        "ScalableDimension": capacity.dimension(kind),
        "MinCapacity": min(settings["min_capacity"], units),
        "MaxCapacity": max(settings["max_capacity"], units),
    }
    yield template.add(target, TARGET, properties, Condition=table.condition)
    tracking = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"},
        "TargetValue": settings["target_percent"],
    }
    properties = {
        "PolicyName": policy,
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": target},
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }
    yield template.add(policy, POLICY, properties, Condition=table.condition)
