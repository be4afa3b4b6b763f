"""logs-retention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

RETENTION_DAYS: Final = {
    1: "ONE_DAY",
    3: "THREE_DAYS",
    5: "FIVE_DAYS",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    60: "TWO_MONTHS",
    90: "THREE_MONTHS",
    120: "FOUR_MONTHS",
    150: "FIVE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    400: "THIRTEEN_MONTHS",
    545: "EIGHTEEN_MONTHS",
    731: "TWO_YEARS",
    1096: "THREE_YEARS",
    1827: "FIVE_YEARS",
    2192: "SIX_YEARS",
    2557: "SEVEN_YEARS",
    2922: "EIGHT_YEARS",
    3288: "NINE_YEARS",
    3653: "TEN_YEARS",
}
"""Every RetentionInDays that CloudWatch Logs accepts, and CDK's name for it (logs.RetentionDays).
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


class Retention(Rule):
    """Log groups expire their events.

    Checks that RetentionInDays is set, on log groups and on the Custom::LogRetention with which CDK sets the retention
    of groups that a service makes. CDK's RetentionDays.INFINITE renders no RetentionInDays, so it is flagged too. Log
    groups of class DELIVERY are left alone: CloudWatch Logs keeps their events for 2 days and rejects any other value.
    The fix sets *days*; a retention that the author has chosen is kept.
    """

    id = "logs-retention"
    why = "Without a retention, log events are stored, and billed, for ever."
    resource_types = ("AWS::Logs::LogGroup", "Custom::LogRetention")
    concern = Concern.LOGGING
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Events of an existing log group that are older than the retention are deleted, normally "
        "within 72 hours: export them first, or set a longer retention, if they are still wanted."
    )
    options = (
        Option(
            "days",
            14,
            "Days for which events are kept when nobody has chosen; one of the values in "
            "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html.",
            by_profile={"staging": 14, "prod": 90},
            choices=tuple(RETENTION_DAYS),
        ),
    )
    answers = ("D4.2",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html",
        ),
        cdk_nag=(
            "Serverless-CloudWatchLogGroupRetentionPeriod",
            "HIPAA.Security-CloudWatchLogGroupRetentionPeriod",
            "NIST.800.53.R4-CloudWatchLogGroupRetentionPeriod",
            "NIST.800.53.R5-CloudWatchLogGroupRetentionPeriod",
            "PCI.DSS.321-CloudWatchLogGroupRetentionPeriod",
        ),
        checkov=("CKV_AWS_66",),
    )
    bad = Example("""\
Resources:
  LogGroup:
    Type: AWS::Logs::LogGroup
""")
    good = Example("""\
Resources:
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.get("LogGroupClass") in (UNKNOWN, "DELIVERY"):
            return
        if resource.get("RetentionInDays") in (None, "", 0):
            name = "retention" if resource.type == "AWS::Logs::LogGroup" else "log_retention"
            yield self.finding(
                resource,
                "log events never expire: RetentionInDays is not set",
                "RetentionInDays",
                remedy=f"{name}=logs.RetentionDays.{RETENTION_DAYS[settings['days']]}",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        yield resource.set("RetentionInDays", settings["days"])
