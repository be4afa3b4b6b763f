"""rds-backup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.rds.databases import CLUSTER, DOCDB_CLUSTER, INSTANCE, NEPTUNE_CLUSTER, gives, is_aurora
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

MAX_DAYS: Final = 35
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html"""

DEFAULT_DAYS: Final = 1
"""What CloudFormation makes of a BackupRetentionPeriod that is not set:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"""

BACKED_UP_ELSEWHERE: Final = ("DBClusterIdentifier", "SourceDBClusterIdentifier", "SourceDBInstanceIdentifier")
"""Properties of an instance whose cluster or source is backed up in its place."""

REMEDIES: Final = {
    INSTANCE: "rds.DatabaseInstance(..., backup_retention=cdk.Duration.days({days}))",
    CLUSTER: "rds.DatabaseCluster(..., backup=rds.BackupProps(retention=cdk.Duration.days({days})))",
}


class DatabaseBackup(Rule):
    """Databases keep their automated backups for a week.

    Checks that BackupRetentionPeriod is at least *retention_days* on the instances and clusters of RDS, Aurora,
    DocumentDB and Neptune; CloudFormation's default is one day. The fix raises it. An instance whose author switched
    the backups off, with 0, is flagged only: to switch them on is an outage. Left alone: instances of a cluster and
    read replicas, since their cluster or source is backed up.
    """

    id = "rds-backup"
    why = "What a faulty deployment deletes is often noticed only after the one day for which backups are kept."
    resource_types = (INSTANCE, CLUSTER, DOCDB_CLUSTER, NEPTUNE_CLUSTER)
    concern = Concern.DATA_PROTECTION
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place, without interruption, since backups are on already. Backups up to the size of the databases "
        "of the region are free; above that they cost about 0.095 USD per GB a month, for Aurora 0.021 USD. Where AWS "
        "Backup manages continuous backups of the database, it sets the retention: suppress the rule there."
    )
    options = (
        Option(
            "retention_days",
            7,
            "Days for which automated backups are kept at least, 1 to 35: "
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html.",
            minimum=1,
            maximum=MAX_DAYS,
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
            "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html",
        ),
        cdk_nag=(
            "AwsSolutions-DOC4",
            "AwsSolutions-N3",
            "AwsSolutions-RDS13",
            "HIPAA.Security-RDSInstanceBackupEnabled",
            "NIST.800.53.R4-RDSInstanceBackupEnabled",
            "NIST.800.53.R5-RDSInstanceBackupEnabled",
        ),
        checkov=("CKV_AWS_133",),
        security_hub=("DocumentDB.2", "Neptune.5", "RDS.11"),
    )
    bad = Example("""\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: "20"
      ManageMasterUserPassword: true
      MasterUsername: admin1
      StorageEncrypted: true
""")
    good = Example("""\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: "20"
      ManageMasterUserPassword: true
      MasterUsername: admin1
      StorageEncrypted: true
      BackupRetentionPeriod: 14
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        wanted = settings["retention_days"]
        days = _days(resource)
        if days is None or days >= wanted or _is_backed_up_elsewhere(resource):
            return
        kept = f"automated backups are kept for {days} day{'' if days == 1 else 's'}, not for {wanted}"
        off = "automated backups are off; not fixed, since an instance has an outage when they are switched on"
        remedy = REMEDIES.get(resource.type, "Set BackupRetentionPeriod to {days} on the cluster.")
        yield self.finding(
            resource,
            off if _is_off(resource) else kept,
            "BackupRetentionPeriod",
            remedy=remedy.format(days=wanted),
        )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if not _is_off(resource):
            yield resource.set("BackupRetentionPeriod", settings["retention_days"])


def _days(database: Resource) -> int | None:
    """The retention in days; None when only the deployment knows it."""
    value: Any = database.get("BackupRetentionPeriod")
    if value is None:
        return DEFAULT_DAYS
    text = "" if value is UNKNOWN else str(value)
    return int(text) if text.isdecimal() else None


def _is_off(database: Resource) -> bool:
    return database.type == INSTANCE and _days(database) == 0


def _is_backed_up_elsewhere(database: Resource) -> bool:
    return database.type == INSTANCE and (is_aurora(database) or gives(database, *BACKED_UP_ELSEWHERE))
