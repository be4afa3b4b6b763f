"""rds-public."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.rules.rds.databases import CLUSTER, INSTANCE, NEPTUNE_INSTANCE
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template

REMEDIES: Final[Mapping[str, str]] = {
    INSTANCE: "rds.DatabaseInstance(..., publicly_accessible=False)",
    CLUSTER: "rds.CfnDBCluster(..., publicly_accessible=False)",
    NEPTUNE_INSTANCE: "Set PubliclyAccessible to false.",
}


class PublicDatabase(Rule):
    """Databases have no public address.

    Checks that PubliclyAccessible is not true. When it is not set, the answer depends on the subnet group and the VPC,
    so nothing is said; the CDK's constructs set it for instances in public subnets. It is not fixed, since whoever
    connects from outside of the VPC would be cut off.
    """

    id = "rds-public"
    why = "A database with a public address is found and attacked within minutes; one wrong security group opens it."
    resource_types = tuple(REMEDIES)
    concern = Concern.PUBLIC_ACCESS
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
            "https://docs.aws.amazon.com/config/latest/developerguide/rds-instance-public-access-check.html",
        ),
        cdk_nag=(
            "HIPAA.Security-RDSInstancePublicAccess",
            "NIST.800.53.R4-RDSInstancePublicAccess",
            "NIST.800.53.R5-RDSInstancePublicAccess",
            "PCI.DSS.321-RDSInstancePublicAccess",
        ),
        checkov=("CKV_AWS_17",),
        security_hub=("RDS.2",),
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
      PubliclyAccessible: true
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
      PubliclyAccessible: false
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        public: Any = resource.get("PubliclyAccessible")
        if public is not UNKNOWN and str(public).lower() == "true":
            yield self.finding(
                resource,
                "the database has a public address: PubliclyAccessible is true",
                "PubliclyAccessible",
                remedy=REMEDIES[resource.type],
            )
