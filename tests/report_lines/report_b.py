"""Report B, several functions with CloudTrail, a VPC and KMS: syntax and deployment."""

from __future__ import annotations

from typing import Any, Final

from tests.report_lines.lines import GONE, Line, but, stack

SHOP: Final = stack("b_functions")
TRAIL: Final = stack("b_trail")

TOPIC: Final = "arn:aws:sns:us-east-1:111122223333:alarms"


def reserved(reader: int, writer: int) -> dict[str, Any]:
    """The shop with so much concurrency reserved."""
    changes = {"Reader.ReservedConcurrentExecutions": reader, "Writer.ReservedConcurrentExecutions": writer}
    return but(SHOP, changes)


def admitting(*actions: str, **principal: Any) -> dict[str, Any]:
    """The trail whose key lets CloudTrail, or ``principal``, do this."""
    statement = {
        "Action": list(actions),
        "Effect": "Allow",
        "Principal": principal or {"Service": "cloudtrail.amazonaws.com"},
        "Resource": "*",
    }
    account = TRAIL["Resources"]["TrailKey"]["Properties"]["KeyPolicy"]["Statement"][0]
    return but(TRAIL, {"TrailKey.KeyPolicy.Statement": [account, statement]})


def deployable(**changes: Any) -> dict[str, Any]:
    """The trail as CloudTrail takes it, but for these changes."""
    ask = {
        "Action": "s3:GetBucketAcl",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Resource": {"Fn::GetAtt": ["TrailLogs", "Arn"]},
    }
    write = TRAIL["Resources"]["TrailLogsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    right = {
        "Trail.AdvancedEventSelectors": GONE,
        "Trail.CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["TrailGroup", "Arn"]},
        "Trail.IncludeGlobalServiceEvents": True,
        "TrailLogsPolicy.PolicyDocument.Statement": [ask, write],
    }
    return but(TRAIL, right | {f"Trail.{name}": value for name, value in changes.items()})


SYNTAX: Final = (
    Line(
        "B1.1",
        SHOP,
        ("alarm-actions @ WriterErrors.AlarmActions",),
        "flagged",
        (
            but(SHOP, {"WriterErrors.AlarmActions": [TOPIC]}),
            but(
                SHOP,
                {
                    "Failing": {
                        "Type": "AWS::CloudWatch::CompositeAlarm",
                        "Properties": {"AlarmActions": [TOPIC], "AlarmRule": {"Fn::Sub": 'ALARM("${WriterErrors}")'}},
                    }
                },
            ),
        ),
    ),
    Line(
        "B1.1",
        SHOP,
        ("alarm-actions @ WriterErrors.AlarmActions",),
        "fixed",
        (
            but(SHOP, {"WriterErrors.AlarmActions": [{"Fn::ImportValue": "alarms"}]}),
            but(
                SHOP,
                {"WriterErrors.AlarmActions": {"Ref": "Topics"}, "Parameters.Topics": {"Type": "CommaDelimitedList"}},
            ),
        ),
        after={"Resources.WriterErrors.Properties.AlarmActions": [TOPIC]},
        issue="with-a-topic",
        settings={"rules": {"alarm-actions": {"alarm_topic_arn": TOPIC}}},
    ),
    Line(
        "B1.3",
        but(SHOP, {"Orders.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}}),
        ("dynamodb-pitr @ Orders.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",),
        "fixed",
        (
            but(SHOP, {"Orders.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": True}),
            but(
                SHOP,
                {
                    "Orders.PointInTimeRecoverySpecification": {
                        "PointInTimeRecoveryEnabled": True,
                        "RecoveryPeriodInDays": 7,
                    }
                },
            ),
        ),
        after={"Resources.Orders.Properties.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
    ),
)

DEPLOYMENT: Final = (
    Line(
        "B2.1",
        SHOP,
        ("lambda-concurrency-budget",),
        "flagged",
        (reserved(0, 0), but(SHOP, {f"{id_}.ReservedConcurrentExecutions": GONE for id_ in ("Reader", "Writer")})),
        issue="new-account",
        settings={"rules": {"lambda-concurrency-budget": {"account_concurrency": 10}}},
    ),
    Line(
        "B2.1",
        {"Shop": reserved(500, 10), "Reports": reserved(400, 10)},
        ("lambda-concurrency-budget",),
        "flagged",
        (
            {"Shop": reserved(490, 10), "Reports": reserved(390, 10)},
            {"Test/Shop": reserved(500, 10), "Live/Shop": reserved(400, 10)},
        ),
        issue="app",
    ),
    Line(
        "B2.2",
        TRAIL,
        (
            "cloudtrail-kms-policy[kms:GenerateDataKey*] @ Trail.KMSKeyId",
            "cloudtrail-kms-policy[kms:DescribeKey] @ Trail.KMSKeyId",
        ),
        "fixed",
        (
            admitting("kms:GenerateDataKey*", "kms:DescribeKey"),
            but(TRAIL, {"Trail.KMSKeyId": {"Fn::ImportValue": "trail-key"}}),
        ),
        after={
            "Resources.TrailKey.Properties.KeyPolicy.Statement.0.Action": "kms:*",
            "Resources.TrailKey.Properties.KeyPolicy.Statement.1.Action": "kms:GenerateDataKey*",
            "Resources.TrailKey.Properties.KeyPolicy.Statement.1.Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Resources.TrailKey.Properties.KeyPolicy.Statement.2.Action": "kms:DescribeKey",
        },
    ),
    Line(
        "B2.3",
        TRAIL,
        (
            "cloudtrail-deployable[bucket-policy] @ Trail.S3BucketName",
            "cloudtrail-deployable[log-group-arn] @ Trail.CloudWatchLogsLogGroupArn",
            "cloudtrail-deployable[selectors] @ Trail.AdvancedEventSelectors",
            "cloudtrail-deployable[global-events] @ Trail.IncludeGlobalServiceEvents",
        ),
        "flagged",
        (
            deployable(),
            deployable(CloudWatchLogsLogGroupArn=GONE, CloudWatchLogsRoleArn=GONE, EventSelectors=GONE),
            deployable(S3BucketName={"Fn::ImportValue": "trail-logs"}),
        ),
    ),
    Line(
        "B2.3",
        deployable(CloudWatchLogsRoleArn=GONE),
        ("cloudtrail-deployable[log-group] @ Trail.CloudWatchLogsLogGroupArn",),
        "flagged",
        (deployable(), deployable(CloudWatchLogsRoleArn={"Fn::ImportValue": "trail-role"})),
        issue="no-role",
    ),
    Line(
        "B2.3",
        TRAIL,
        ("deploy-order[policies] @ Trail.DependsOn",),
        "fixed",
        (
            but(TRAIL, {"Trail.DependsOn": ["TrailLogsPolicy", "TrailRolePolicy"]}),
            but(TRAIL, {"TrailRolePolicy.DependsOn": "TrailLogsPolicy"}),
        ),
        after={"Resources.Trail.DependsOn": ["TrailRolePolicy", "TrailLogsPolicy"]},
        issue="order",
    ),
)

LINES: Final = SYNTAX + DEPLOYMENT
