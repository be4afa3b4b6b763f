"""Report B, several functions with CloudTrail, a VPC and KMS: observability, tags and outputs."""

from __future__ import annotations

from typing import Final

from tests.report_lines.lines import TAGS, Line, alarm, but, stack

SHOP: Final = stack("b_functions")

ALARMED_TABLE: Final = {
    "ReadThrottles": alarm("ReadThrottleEvents", "DynamoDB", TableName={"Ref": "Orders"}),
    "WriteThrottles": alarm("WriteThrottleEvents", "DynamoDB", TableName={"Ref": "Orders"}),
    "SystemErrors": alarm("SystemErrors", "DynamoDB", TableName={"Ref": "Orders"}, Operation="PutItem"),
}
REQUESTS: Final = {"BucketName": {"Ref": "Documents"}, "FilterId": "All"}
ALARMED_BUCKET: Final = {
    "Documents.MetricsConfigurations": [{"Id": "All"}],
    "Refused": alarm("4xxErrors", "S3", **REQUESTS),
    "Failed": alarm("5xxErrors", "S3", **REQUESTS),
}
AS_EXPRESSION: Final = {
    "Dimensions": [{"Name": "TableName", "Value": {"Ref": "Orders"}}],
    "MetricName": "ReadThrottleEvents",
    "Namespace": "AWS/DynamoDB",
}
BY_EXPRESSION: Final = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "AlarmActions": [{"Fn::ImportValue": "alarms"}],
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 3,
        "Metrics": [
            {"Id": "reads", "MetricStat": {"Metric": AS_EXPRESSION, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "throttled", "Expression": "FILL(reads, 0)", "ReturnData": True},
        ],
        "Threshold": 0,
    },
}
LOGGED: Final = {"Documents.LoggingConfiguration": {"DestinationBucketName": {"Fn::ImportValue": "access-logs"}}}

OBSERVABILITY: Final = (
    Line(
        "B5.1",
        SHOP,
        (
            "dynamodb-alarms[ReadThrottleEvents] @ Orders",
            "dynamodb-alarms[WriteThrottleEvents] @ Orders",
            "dynamodb-alarms[SystemErrors] @ Orders",
        ),
        "fixed",
        (but(SHOP, ALARMED_TABLE), but(SHOP, {**ALARMED_TABLE, "ReadThrottles": BY_EXPRESSION})),
        after={
            "Resources.GuardrailsOrdersReadThrottleEventsAlarm.Properties.MetricName": "ReadThrottleEvents",
            "Resources.GuardrailsOrdersReadThrottleEventsAlarm.Properties.AlarmActions": [
                {"Ref": "GuardrailsAlarmTopic"}
            ],
        },
        issue="table",
    ),
    Line(
        "B5.1",
        SHOP,
        (
            "s3-alarms[RequestMetrics] @ Documents.MetricsConfigurations",
            "s3-alarms[4xxErrors] @ Documents",
            "s3-alarms[5xxErrors] @ Documents",
        ),
        "fixed",
        (
            but(SHOP, ALARMED_BUCKET),
            but(SHOP, {**ALARMED_BUCKET, "Documents.MetricsConfigurations": [{"Id": "New"}, {"Id": "All"}]}),
        ),
        after={
            "Resources.Documents.Properties.MetricsConfigurations": [{"Id": "EntireBucket"}],
            "Resources.GuardrailsDocuments5xxErrorsAlarm.Properties.AlarmActions": [{"Ref": "GuardrailsAlarmTopic"}],
        },
        issue="bucket",
    ),
    Line(
        "B5.1",
        SHOP,
        ("s3-access-logs @ Documents.LoggingConfiguration",),
        "fixed",
        (but(SHOP, LOGGED), but(SHOP, {"Documents.LoggingConfiguration": {"LogFilePrefix": "access/"}})),
        after={
            "Resources.Documents.Properties.LoggingConfiguration.DestinationBucketName": {
                "Ref": "GuardrailsAccessLogsBucket"
            },
            "Resources.GuardrailsAccessLogsBucket.Type": "AWS::S3::Bucket",
        },
        issue="access-logs",
        settings={"unsafe_fixes": True},
    ),
    Line(
        "B5.2",
        SHOP,
        ("lambda-tracing @ Reader.TracingConfig.Mode", "lambda-tracing @ Writer.TracingConfig.Mode"),
        "fixed",
        (
            but(
                SHOP,
                {
                    "Reader.TracingConfig": {"Mode": "Active"},
                    "Writer.TracingConfig": {"Mode": "Active"},
                    "ReaderRole.ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"],
                },
            ),
            but(
                SHOP,
                {
                    f"{id_}.{name}": value
                    for id_ in ("Reader", "Writer")
                    for name, value in {
                        "TracingConfig": {"Mode": "Active"},
                        "Role": {"Fn::ImportValue": "role"},
                    }.items()
                },
            ),
        ),
        after={
            "Resources.Reader.Properties.TracingConfig": {"Mode": "Active"},
            "Resources.Writer.Properties.TracingConfig": {"Mode": "Active"},
        },
    ),
)

VALUES: Final = {**TAGS, "Environment": "prod"}
TAGGED: Final = [{"Key": key, "Value": value} for key, value in VALUES.items()]
FOR_ALL: Final = {
    f"{id_}.Tags": TAGGED for id_ in ("Documents", "Orders", "Reader", "ReaderRole", "Writer", "WriterErrors")
}
ARNS: Final = {
    f"Outputs.{id_}": {"Value": {"Fn::GetAtt": [id_, "Arn"]}} for id_ in ("Documents", "Orders", "Reader", "Writer")
}

GENERAL: Final = (
    Line(
        "B6.1",
        SHOP,
        ("required-tags @ Documents.Tags", "required-tags @ Orders.Tags", "required-tags @ Reader.Tags"),
        "fixed",
        (
            but(SHOP, FOR_ALL),
            but(SHOP, {**FOR_ALL, "Orders.Tags": [*TAGGED[1:], {"Key": "Owner", "Value": "orders"}]}),
        ),
        after={
            f"Resources.Documents.Properties.Tags.{number}": {"Key": key, "Value": VALUES[key]}
            for number, key in enumerate(("Environment", "Owner", "Project", "Department"))
        },
    ),
    Line(
        "B6.2",
        SHOP,
        ("outputs @ Documents", "outputs @ Orders", "outputs @ Reader", "outputs @ Writer"),
        "fixed",
        (
            but(SHOP, {**ARNS, "Outputs.Environment": {"Value": "prod"}}),
            but(
                SHOP,
                {**ARNS, "Outputs.Reader": {"Value": {"Fn::Sub": "${Reader.Arn}"}}, "Outputs.Env": {"Value": "prod"}},
            ),
        ),
        after={
            "Outputs.DocumentsArn.Value": {"Fn::GetAtt": ["Documents", "Arn"]},
            "Outputs.OrdersArn.Value": {"Fn::GetAtt": ["Orders", "Arn"]},
            "Outputs.WriterArn.Value": {"Fn::GetAtt": ["Writer", "Arn"]},
            "Outputs.EnvironmentSuffix.Value": "prod",
        },
    ),
)

LINES: Final = OBSERVABILITY + GENERAL
