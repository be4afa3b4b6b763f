"""rds-encryption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.rds.databases import (
    CLUSTER,
    DOCDB_CLUSTER,
    GLOBAL_CLUSTER,
    INSTANCE,
    NEPTUNE_CLUSTER,
    gives,
    is_aurora,
)
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template

INHERITS_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    INSTANCE: (
        "DBClusterIdentifier",
        "DBClusterSnapshotIdentifier",
        "DBSnapshotIdentifier",
        "SourceDBClusterIdentifier",
        "SourceDBInstanceAutomatedBackupsArn",
        "SourceDBInstanceIdentifier",
        "SourceDbiResourceId",
    ),
    CLUSTER: (
        "GlobalClusterIdentifier",
        "SnapshotIdentifier",
        "SourceDBClusterIdentifier",
        "SourceDbClusterResourceId",
    ),
    GLOBAL_CLUSTER: ("SourceDBClusterIdentifier",),
    DOCDB_CLUSTER: ("GlobalClusterIdentifier", "SnapshotIdentifier", "SourceDBClusterIdentifier"),
    NEPTUNE_CLUSTER: ("GlobalClusterIdentifier", "SnapshotIdentifier", "SourceDBClusterIdentifier"),
}
"""Types of databases, and the properties that name where StorageEncrypted is inherited from.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html"""

REMEDIES: Final[Mapping[str, str]] = {
    INSTANCE: "rds.DatabaseInstance(..., storage_encrypted=True)",
    CLUSTER: "rds.DatabaseCluster(..., storage_encrypted=True)",
    GLOBAL_CLUSTER: "rds.CfnGlobalCluster(..., storage_encrypted=True)",
}


class DatabaseEncryption(Rule):
    """Databases encrypt their storage.

    Checks that StorageEncrypted is true on the instances and clusters of RDS, Aurora, DocumentDB and Neptune. Left
    alone: what inherits its encryption from a cluster, a snapshot, a source or a global cluster, and Aurora Serverless
    v1, which is always encrypted. An Aurora cluster gets a warning: those made since February 18, 2026 are encrypted
    with a key that AWS owns, the older ones are not.
    """

    id = "rds-encryption"
    why = (
        "Storage, snapshots, logs and replicas of an unencrypted database can be read by whoever gets hold of a copy, "
        "and it cannot be encrypted later: it must be restored from an encrypted copy of a snapshot."
    )
    resource_types = tuple(INHERITS_FROM)
    concern = Concern.ENCRYPTION
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
            "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html",
            "https://docs.aws.amazon.com/documentdb/latest/developerguide/encryption-at-rest.html",
            "https://docs.aws.amazon.com/neptune/latest/userguide/encrypt.html",
        ),
        cdk_nag=(
            "AwsSolutions-DOC1",
            "AwsSolutions-N4",
            "AwsSolutions-RDS2",
            "HIPAA.Security-RDSStorageEncrypted",
            "NIST.800.53.R4-RDSStorageEncrypted",
            "NIST.800.53.R5-RDSStorageEncrypted",
            "PCI.DSS.321-RDSStorageEncrypted",
        ),
        checkov=("CKV_AWS_16", "CKV_AWS_44", "CKV_AWS_74", "CKV_AWS_96"),
        security_hub=("DocumentDB.1", "Neptune.1", "RDS.3", "RDS.27"),
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
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        encrypted: Any = resource.get("StorageEncrypted")
        if encrypted is UNKNOWN or str(encrypted).lower() == "true" or _inherits(resource):
            return
        aurora = is_aurora(resource)
        said = "not set" if encrypted is None else str(encrypted).lower()
        yield self.finding(
            resource,
            f"StorageEncrypted is {said}: an Aurora cluster made before February 18, 2026 is then not encrypted"
            if aurora
            else f"the storage is not encrypted: StorageEncrypted is {said}",
            "StorageEncrypted",
            remedy=REMEDIES.get(resource.type, "Set storage_encrypted=True on the cluster before it is made."),
            severity=Severity.WARNING if aurora else None,
        )


def _inherits(database: Resource) -> bool:
    """Whether the encryption is not the database's own to choose."""
    if gives(database, *INHERITS_FROM[database.type]):
        return True
    if database.type == INSTANCE:
        return is_aurora(database)
    engine_mode: Any = database.get("EngineMode")
    return engine_mode is UNKNOWN or engine_mode == "serverless"
