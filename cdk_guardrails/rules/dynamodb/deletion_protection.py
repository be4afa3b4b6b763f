"""dynamodb-deletion-protection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.rules.dynamodb.tables import GLOBAL_TABLE, TABLE, Path, places
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

ENABLED: Final[Path] = ("DeletionProtectionEnabled",)


class DeletionProtection(Rule):
    """Tables are protected from deletion.

    Checks that DeletionProtectionEnabled is true, on a global table for each replica, since each has its own. The fix
    sets it, whatever the DeletionPolicy is, which the rule removal-policy looks after. The SAM type SimpleTable has no
    such property.
    """

    id = "dynamodb-deletion-protection"
    why = "A DeletionPolicy binds CloudFormation only: a click, a script or another tool still deletes the table."
    resource_types = (TABLE, GLOBAL_TABLE)
    concern = Concern.DATA_PROTECTION
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place, free of charge. Before the table can be deleted or replaced, also by the rollback of a "
        "deployment that created it, the protection must be switched off: in the template, or with "
        "aws dynamodb update-table --no-deletion-protection-enabled."
    )
    profiles = ("staging", "prod")
    answers = ("A2.2",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",),
        security_hub=("DynamoDB.6",),
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
          DeletionProtectionEnabled: true
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
      DeletionProtectionEnabled: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for the table, or one for each replica with its region as the detail."""
        for name, path in places(resource, ENABLED):
            enabled = resource.get(path)
            if enabled is not UNKNOWN and str(enabled).lower() != "true":
                construct = "TableV2" if resource.type == GLOBAL_TABLE else "Table"
                yield self.finding(
                    resource,
                    f"the table{f' in {name}' if name else ''} is not protected from deletion",
                    path,
                    remedy=f"dynamodb.{construct}(..., deletion_protection=True)",
                    detail=name,
                )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Enables it where the finding stands."""
        yield Edit("set", finding.path, True)
