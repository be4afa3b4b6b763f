"""cloudtrail-validation."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template


class Validation(Rule):
    """Trails let their log files be validated.

    Checks that EnableLogFileValidation is true, so that CloudTrail writes signed digest files. The fix sets it.
    """

    id = "cloudtrail-validation"
    why = "Without digests, nobody can tell whether a log file was changed or deleted after it was delivered."
    resource_types = ("AWS::CloudTrail::Trail",)
    concern = Concern.LOGGING
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. CloudTrail adds a small digest file an hour and region to the bucket."
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",),
        cdk_nag=(
            "HIPAA.Security-CloudTrailLogFileValidationEnabled",
            "NIST.800.53.R4-CloudTrailLogFileValidationEnabled",
            "NIST.800.53.R5-CloudTrailLogFileValidationEnabled",
            "PCI.DSS.321-CloudTrailLogFileValidationEnabled",
        ),
        checkov=("CKV_AWS_36",),
        security_hub=("CloudTrail.4",),
    )
    bad = Example("""\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: audit-logs
""")
    good = Example("""\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: audit-logs
      EnableLogFileValidation: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        enabled = resource.get("EnableLogFileValidation")
        if enabled is not UNKNOWN and str(enabled).lower() != "true":
            yield self.finding(
                resource,
                "log files cannot be validated: CloudTrail writes no digests",
                "EnableLogFileValidation",
                remedy="cloudtrail.Trail(..., enable_file_validation=True)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("EnableLogFileValidation", True)
