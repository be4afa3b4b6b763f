"""Report C, an app with Cognito for dev and prod: performance and observability."""

from __future__ import annotations

from typing import Any, Final

from tests.report_lines.lines import GONE, Line, alarm, but, stack

SHOP: Final = stack("c_data")

LAYER: Final = "arn:aws:lambda:${AWS::Region}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:7"


def scaled(role: Any) -> dict[str, Any]:
    """What scales the table's reads and writes, by logical id."""
    return {
        f"Data{kind}s": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "MaxCapacity": 50,
                "MinCapacity": 5,
                "ResourceId": {"Fn::Sub": "table/${Data}"},
                "RoleARN": role,
                "ScalableDimension": f"dynamodb:table:{kind}CapacityUnits",
                "ServiceNamespace": "dynamodb",
            },
        }
        for kind in ("Read", "Write")
    }


PERFORMANCE: Final = (
    Line(
        "C4.1",
        SHOP,
        ("dynamodb-autoscaling @ Data.ProvisionedThroughput",),
        "fixed",
        (
            but(SHOP, scaled({"Fn::GetAtt": ["WorkerRole", "Arn"]})),
            but(SHOP, {"Data.BillingMode": "PAY_PER_REQUEST", "Data.ProvisionedThroughput": GONE}),
        ),
        after={
            "Resources.GuardrailsDataReadTarget.Properties.ScalableDimension": "dynamodb:table:ReadCapacityUnits",
            "Resources.GuardrailsDataReadTarget.Properties.MinCapacity": 5,
            "Resources.GuardrailsDataReadTarget.Properties.MaxCapacity": 100,
            "Resources.GuardrailsDataWriteScaling.Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        },
    ),
    Line(
        "C4.2",
        SHOP,
        ("lambda-reserved-concurrency @ Worker.ReservedConcurrentExecutions",),
        "fixed",
        (but(SHOP, {"Worker.ReservedConcurrentExecutions": 5}), but(SHOP, {"Worker.FunctionName": "dev-report"})),
        after={"Resources.Worker.Properties.ReservedConcurrentExecutions": 25},
        settings={"rules": {"lambda-reserved-concurrency": {"critical_functions": ["*-worker"], "reserved": 25}}},
    ),
    Line(
        "C4.3",
        SHOP,
        ("lambda-structured-logging @ Worker.LoggingConfig.LogFormat",),
        "fixed",
        (
            but(SHOP, {"Worker.LoggingConfig": {"LogFormat": "JSON"}}),
            but(
                SHOP,
                {"Worker.LoggingConfig": {"LogFormat": {"Ref": "Format"}}, "Parameters.Format": {"Type": "String"}},
            ),
        ),
        after={
            "Resources.Worker.Properties.LoggingConfig.LogFormat": "JSON",
            "Resources.Worker.Properties.LoggingConfig.SystemLogLevel": "INFO",
        },
    ),
    Line(
        "C4.3",
        SHOP,
        ("lambda-structured-logging[powertools] @ Worker.Environment.Variables",),
        "fixed",
        (
            but(SHOP, {"Worker.LoggingConfig": {"LogFormat": "JSON"}, "Worker.Runtime": "nodejs22.x"}),
            but(
                SHOP,
                {
                    "Worker.LoggingConfig": {"LogFormat": "JSON"},
                    "Worker.Layers": [{"Fn::Sub": LAYER}],
                    "Worker.Environment.Variables": {"POWERTOOLS_SERVICE_NAME": "shop", "POWERTOOLS_LOG_LEVEL": "INFO"},
                },
            ),
        ),
        after={
            "Resources.Worker.Properties.Layers": [{"Fn::Sub": LAYER}],
            "Resources.Worker.Properties.Environment.Variables.POWERTOOLS_LOG_LEVEL": "INFO",
        },
        issue="powertools",
        settings={"rules": {"lambda-structured-logging": {"powertools_layer": LAYER}}},
    ),
)

OF_FUNCTION: Final = {"FunctionName": {"Ref": "Worker"}}
ALARMED_FUNCTION: Final = {name: alarm(name, "Lambda", **OF_FUNCTION) for name in ("Errors", "Throttles", "Duration")}
API_METRICS: Final = {"ServerErrors": "5XXError", "ClientErrors": "4XXError", "Latency": "Latency"}
OF_STAGE: Final = {"ApiName": "dev-api", "Stage": {"Ref": "ApiStage"}}
ALARMED_API: Final = {id_: alarm(metric, "ApiGateway", **OF_STAGE) for id_, metric in API_METRICS.items()}
ALARMED_BY_NAME: Final = {id_: alarm(metric, "ApiGateway", ApiName="dev-api") for id_, metric in API_METRICS.items()}
TABLE_METRICS: Final = (
    *("ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors"),
    *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
)
OF_TABLE: Final = {"TableName": {"Ref": "Data"}}
LOGGED: Final = {
    "DestinationArn": {"Fn::ImportValue": "access-logs"},
    "Format": "$context.requestId $context.status",
}

OBSERVABILITY: Final = (
    Line(
        "C5.1",
        SHOP,
        (
            "lambda-alarms[Errors] @ Worker",
            "lambda-alarms[Throttles] @ Worker",
            "lambda-alarms[Duration] @ Worker",
        ),
        "fixed",
        (
            but(SHOP, ALARMED_FUNCTION),
            but(
                SHOP,
                {**ALARMED_FUNCTION, "Errors": alarm("Errors", "Lambda"), "Throttles": alarm("Throttles", "Lambda")},
            ),
        ),
        after={
            "Resources.GuardrailsWorkerErrorsAlarm.Properties.Dimensions": [
                {"Name": "FunctionName", "Value": {"Ref": "Worker"}}
            ],
            "Resources.GuardrailsWorkerErrorsAlarm.Properties.AlarmActions": [{"Ref": "GuardrailsAlarmTopic"}],
        },
        issue="function",
    ),
    Line(
        "C5.1",
        SHOP,
        ("dynamodb-alarms[ReadThrottleEvents] @ Data", "dynamodb-alarms[ConsumedWriteCapacityUnits] @ Data"),
        "fixed",
        (
            but(SHOP, {metric: alarm(metric, "DynamoDB", **OF_TABLE) for metric in TABLE_METRICS}),
            but(
                SHOP,
                {metric: alarm(metric, "DynamoDB", **OF_TABLE) for metric in TABLE_METRICS[:3]}
                | {"Data.BillingMode": "PAY_PER_REQUEST", "Data.ProvisionedThroughput": GONE},
            ),
        ),
        after={
            "Resources.GuardrailsDataReadThrottleEventsAlarm.Properties.AlarmActions": [
                {"Ref": "GuardrailsAlarmTopic"}
            ],
        },
        issue="table",
    ),
    Line(
        "C5.1",
        SHOP,
        (
            "apigw-alarms[5XXError] @ ApiStage",
            "apigw-alarms[4XXError] @ ApiStage",
            "apigw-alarms[Latency] @ ApiStage",
        ),
        "fixed",
        (
            but(SHOP, ALARMED_API),
            but(SHOP, ALARMED_BY_NAME),
        ),
        after={
            "Resources.GuardrailsApiStageLatencyAlarm.Properties.ExtendedStatistic": "p95",
            "Resources.GuardrailsApiStageLatencyAlarm.Properties.AlarmActions": [{"Ref": "GuardrailsAlarmTopic"}],
        },
        issue="api",
    ),
    Line(
        "C5.1",
        {"Dev": SHOP, "Prod": SHOP},
        ("apigw-alarms[Latency] @ ApiStage",),
        "fixed",
        (
            {"Dev": but(SHOP, ALARMED_API), "Prod": but(SHOP, ALARMED_API)},
            {"Alarms": {"Resources": ALARMED_BY_NAME}, "Prod": SHOP},
        ),
        after={"Resources.GuardrailsApiStageLatencyAlarm.Properties.MetricName": "Latency"},
        issue="api-twice",
    ),
    Line(
        "C5.2",
        SHOP,
        ("lambda-tracing @ Worker.TracingConfig.Mode", "apigw-tracing @ ApiStage.TracingEnabled"),
        "fixed",
        (
            but(
                SHOP,
                {
                    "ApiStage.TracingEnabled": True,
                    "Worker.TracingConfig": {"Mode": "Active"},
                    "WorkerRole.ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"],
                },
            ),
            but(
                SHOP,
                {
                    "ApiStage.TracingEnabled": {"Ref": "Traced"},
                    "Worker.TracingConfig": {"Mode": {"Ref": "Mode"}},
                    "Parameters.Traced": {"Type": "String"},
                    "Parameters.Mode": {"Type": "String"},
                    "WorkerPolicy.PolicyDocument.Statement.1": {
                        "Action": "xray:Put*",
                        "Effect": "Allow",
                        "Resource": "*",
                    },
                },
            ),
        ),
        after={
            "Resources.ApiStage.Properties.TracingEnabled": True,
            "Resources.Worker.Properties.TracingConfig": {"Mode": "Active"},
        },
    ),
    Line(
        "C5.3",
        SHOP,
        ("apigw-access-logs @ ApiStage.AccessLogSetting",),
        "fixed",
        (
            but(SHOP, {"ApiStage.AccessLogSetting": LOGGED}),
            but(
                SHOP,
                {
                    "ApiStage.AccessLogSetting": {"Fn::If": ["IsLogged", LOGGED, {"Ref": "AWS::NoValue"}]},
                    "Conditions.IsLogged": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
                },
            ),
        ),
        after={
            "Resources.ApiStage.Properties.AccessLogSetting.DestinationArn": {
                "Fn::GetAtt": ["GuardrailsApiStageAccessLogs", "Arn"]
            },
            "Resources.GuardrailsApiStageAccessLogs.Properties.KmsKeyId": {"Fn::GetAtt": ["GuardrailsKey", "Arn"]},
            "Resources.GuardrailsApiStageAccessLogs.Properties.RetentionInDays": 90,
        },
    ),
)

LINES: Final = PERFORMANCE + OBSERVABILITY
