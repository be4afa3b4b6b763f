"""What is said of the apps of reports A and B, line by line, and what stands in their templates afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.report_lines.lines import GONE, TAGS

SITE: Final = "https://example.com"
TOPIC: Final = "arn:aws:sns:us-east-1:111122223333:alarms"

RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "A": {"iam-unneeded-acl": {"fix": True}, "apigw-api-key": {"fix": True}},
    "B": {
        "alarm-actions": {"alarm_topic_arn": TOPIC},
        "lambda-concurrency-budget": {"account_concurrency": 10},
        "nat-gateway-cost": {"vpc_gateway_endpoints": True},
    },
    "C": {
        "cognito-advanced-security": {"fix": True},
        "lambda-reserved-concurrency": {"critical_functions": ["*/Worker/*"]},
    },
    "D": {"apigw-caching": {"fix": True}, "apigw-cors-origin": {"allowed_origins": [SITE]}},
}
"""By report: what its authors ask for beyond the defaults."""


@dataclass(frozen=True)
class Case:
    """A line of a report: the finding in the app as written, and what stands in the template afterwards.

    ``then``: values by the path of resource (its logical id without the hash) and property. Empty: it stays a finding.
    """

    line: str
    finds: str
    then: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``A2.2-removal-policy``."""
        return f"{self.line}-{self.finds.partition(' @ ')[0]}"

    @property
    def stack(self) -> str:
        """The name of its stack."""
        return self.finds.partition(" @ ")[2].partition("/")[0]


KEY: Final = {"Fn::GetAtt": ["GuardrailsKey", "Arn"]}
KEPT: Final = "RetainExceptOnCreate"
METHODS: Final = "Properties.MethodSettings.0"

CASES: Final = (
    Case("A1.1", "lambda-unused-event-source[disabled] @ A/Processor/SqsEventSource:AJobs6314794E/Resource"),
    Case(
        "A1.1",
        "lambda-runtime-env[NODE_OPTIONS] @ A/Processor/Resource",
        {
            "Processor.Properties.Environment.Variables.NODE_OPTIONS": GONE,
            "Processor.Properties.Environment.Variables.REGION": "us-east-1",
        },
    ),
    Case(
        "A2.2",
        "removal-policy @ A/Uploads/Resource",
        {"Uploads.DeletionPolicy": KEPT, "Uploads.UpdateReplacePolicy": "Retain"},
    ),
    Case(
        "A2.2",
        "dynamodb-deletion-protection @ A/Images/Resource",
        {"Images.DeletionPolicy": KEPT, "Images.Properties.DeletionProtectionEnabled": True},
    ),
    Case(
        "A3.1",
        "iam-unneeded-acl[s3:PutObjectAcl] @ A/Processor/ServiceRole/DefaultPolicy/Resource",
        {"ProcessorServiceRoleDefaultPolicy.Properties.PolicyDocument.Statement.2.Action": ["s3:PutObject"]},
    ),
    Case(
        "A3.1",
        "apigw-api-key @ A/Api/Default/images/POST/Resource",
        {"ApiimagesPOST.Properties.ApiKeyRequired": True},
    ),
    Case("A3.2", "logs-encryption @ A/Logs/Resource", {"Logs.Properties.KmsKeyId": KEY}),
    Case("A4.1", "lambda-timeout[rest-api] @ A/Processor/Resource"),
    Case(
        "A4.2",
        "apigw-throttling @ A/Api/DeploymentStage.live/Resource",
        {f"ApiDeploymentStagelive.{METHODS}.ThrottlingRateLimit": 100},
    ),
    Case(
        "A5.1",
        "apigw-metrics @ A/Api/DeploymentStage.live/Resource",
        {f"ApiDeploymentStagelive.{METHODS}.MetricsEnabled": True},
    ),
    Case(
        "A5.2",
        "lambda-structured-logging @ A/Processor/Resource",
        {"Processor.Properties.LoggingConfig.LogFormat": "JSON"},
    ),
    Case("A6.1", "hardcoded-name @ A/Uploads/Resource"),
    Case("A6.1", "hardcoded-region[us-east-1] @ A/Processor/Resource"),
    Case(
        "A6.2",
        "required-tags @ A/Jobs/Resource",
        {
            "Jobs.Properties.Tags": [
                {"Key": key, "Value": value} for key, value in sorted({**TAGS, "Environment": "prod"}.items())
            ]
        },
    ),
    Case("B1.1", "alarm-actions @ B/ReaderErrors/Resource", {"ReaderErrors.Properties.AlarmActions": [TOPIC]}),
    Case(
        "B1.3",
        "dynamodb-pitr @ B/Orders/Resource",
        {"Orders.Properties.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
    ),
    Case("B2.1", "lambda-concurrency-budget @ B"),
    Case(
        "B2.2",
        "cloudtrail-kms-policy[kms:GenerateDataKey*] @ B/Trail",
        {
            "TrailKey.Properties.KeyPolicy.Statement.1.Action": "kms:GenerateDataKey*",
            "TrailKey.Properties.KeyPolicy.Statement.1.Principal": {"Service": "cloudtrail.amazonaws.com"},
        },
    ),
    Case("B2.3", "cloudtrail-deployable[bucket-policy] @ B/Trail"),
    Case("B2.3", "cloudtrail-deployable[global-events] @ B/Trail"),
    Case(
        "B3.1",
        "s3-tls-only @ B/Documents/Resource",
        {
            "GuardrailsDocumentsPolicy.Properties.Bucket": {"Ref": "Documents"},
            "GuardrailsDocumentsPolicy.Properties.PolicyDocument.Statement.0.Effect": "Deny",
        },
    ),
    Case("B3.2", "iam-wildcard-action[s3:*] @ B/Reader/ServiceRole/DefaultPolicy/Resource"),
    Case("B3.2", "iam-wildcard-resource[dynamodb:PutItem] @ B/Reader/ServiceRole/DefaultPolicy/Resource"),
    Case(
        "B3.3",
        "s3-public-access @ B/Documents/Resource",
        {"Documents.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets": True},
    ),
    Case("B4.1", "lambda-memory @ B/Reader/Resource"),
    Case(
        "B4.2",
        "nat-gateway-cost @ B/Vpc/Resource",
        {"GuardrailsVpcS3Endpoint.Type": "AWS::EC2::VPCEndpoint"},
    ),
    Case("B4.3", "dynamodb-billing @ B/Orders/Resource"),
    Case("B5.1", "s3-access-logs @ B/Documents/Resource"),
    Case(
        "B5.1",
        "dynamodb-alarms[ReadThrottleEvents] @ B/Orders/Resource",
        {
            "GuardrailsOrdersReadThrottleEventsAlarm.Properties.AlarmActions": [TOPIC],
            "GuardrailsOrdersReadThrottleEventsAlarm.Properties.Dimensions": [
                {"Name": "TableName", "Value": {"Ref": "Orders"}}
            ],
        },
    ),
    Case("B5.2", "lambda-tracing @ B/Writer/Resource", {"Writer.Properties.TracingConfig": {"Mode": "Active"}}),
    Case(
        "B6.1",
        "required-tags @ B/Vpc/Resource",
        {
            "Vpc.Properties.Tags": [
                {"Key": "Department", "Value": "sales"},
                {"Key": "Environment", "Value": "prod"},
                {"Key": "Name", "Value": "B/Vpc"},
                {"Key": "Owner", "Value": "payments"},
                {"Key": "Project", "Value": "shop"},
            ]
        },
    ),
    Case("B6.2", "outputs @ B/Documents/Resource", {"DocumentsArn.Value": {"Fn::GetAtt": ["Documents", "Arn"]}}),
)
