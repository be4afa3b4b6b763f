"""dynamodb-pitr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.dynamodb.tables import GLOBAL_TABLE, SIMPLE_TABLE, TABLE, Path, places
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

ENABLED: Final[Path] = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")


class Pitr(Rule):
    """Tables can be restored to any point in time.

    Checks that PointInTimeRecoverySpecification is enabled, on a global table for each replica, since each has its own.
    The fix enables it and keeps the recovery period that the author chose.
    """

    id = "dynamodb-pitr"
    why = "Without continuous backups, what a faulty deployment writes or deletes cannot be brought back."
    resource_types = (TABLE, GLOBAL_TABLE, SIMPLE_TABLE)
    concern = Concern.DATA_PROTECTION
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. Continuous backups are billed by the size of the table."
    answers = ("B1.3", "D2.2")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",),
        cdk_nag=("AwsSolutions-DDB3", "NIST.800.53.R5-DynamoDBPITREnabled"),
        checkov=("CKV_AWS_28", "CKV_AWS_165"),
        security_hub=("DynamoDB.2",),
    )
    bad = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      Replicas:
        - Region: eu-west-1
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
        - Region: us-east-1
""")
    good = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for the table, or one for each replica with its region as the detail."""
        for name, path in places(resource, ENABLED):
            enabled = resource.get(path)
            if enabled is not UNKNOWN and str(enabled).lower() != "true":
                yield self.finding(
                    resource,
                    f"point-in-time recovery is not enabled{f' in {name}' if name else ''}",
                    path,
                    remedy="dynamodb.TableV2(..., point_in_time_recovery_specification="
                    "dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True))",
                    detail=name,
                )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Enables it where the finding stands."""
        yield Edit("set", finding.path, True)
