"""What is said of the apps of reports C and D, line by line, and what stands in their templates afterwards."""

from __future__ import annotations

from typing import Final

from tests.report_lines.cdk_cases import KEPT, KEY, METHODS, SITE, Case

HEADERS: Final = (
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
)

CASES: Final = (
    Case("C1.2", "naming @ CProd/Data/Resource"),
    Case("C1.3", "hardcoded-secret[TEMP_PASSWORD] @ CProd/Worker/Resource"),
    Case("C1.3", "hardcoded-region[us-east-1] @ CProd/Worker/Resource"),
    Case(
        "C1.3",
        "cognito-password-policy @ CProd/Users/Resource",
        {"Users.Properties.Policies.PasswordPolicy.MinimumLength": 12},
    ),
    Case("C2.1", "environment-identical[CDev] @ CProd"),
    Case(
        "C2.1",
        "s3-versioning @ CProd/Files/Resource",
        {"Files.Properties.VersioningConfiguration": {"Status": "Enabled"}},
    ),
    Case(
        "C3.1",
        "s3-tls-only @ CProd/Files/Resource",
        {"GuardrailsFilesPolicy.Properties.PolicyDocument.Statement.0.Effect": "Deny"},
    ),
    Case("C3.2", "iam-wildcard-action[s3:*] @ CProd/Worker/ServiceRole/DefaultPolicy/Resource"),
    Case(
        "C3.3",
        "cognito-mfa @ CProd/Users/Resource",
        {
            "Users.Properties.MfaConfiguration": "OPTIONAL",
            "Users.Properties.EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
        },
    ),
    Case(
        "C3.3",
        "cognito-advanced-security @ CProd/Users/Resource",
        {
            "Users.Properties.UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"},
            "Users.Properties.UserPoolTier": "PLUS",
        },
    ),
    Case(
        "C3.4",
        "s3-public-access @ CProd/Files/Resource",
        {"Files.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy": True},
    ),
    Case(
        "C4.1",
        "dynamodb-autoscaling @ CProd/Data/Resource",
        {
            "GuardrailsDataReadTarget.Properties.MinCapacity": 5,
            "GuardrailsDataWriteTarget.Properties.MaxCapacity": 100,
        },
    ),
    Case(
        "C4.2",
        "lambda-reserved-concurrency @ CProd/Worker/Resource",
        {"Worker.Properties.ReservedConcurrentExecutions": 10},
    ),
    Case(
        "C4.3",
        "lambda-structured-logging @ CProd/Worker/Resource",
        {"Worker.Properties.LoggingConfig.ApplicationLogLevel": "INFO"},
    ),
    Case(
        "C5.1",
        "lambda-alarms[Errors] @ CProd/Worker/Resource",
        {"GuardrailsWorkerErrorsAlarm.Properties.AlarmActions": [{"Ref": "GuardrailsAlarmTopic"}]},
    ),
    Case(
        "C5.1",
        "apigw-alarms[Latency] @ CProd/Api/DeploymentStage.prod/Resource",
        {"GuardrailsApiDeploymentStageprodLatencyAlarm.Properties.ExtendedStatistic": "p95"},
    ),
    Case("C5.2", "lambda-tracing @ CProd/Worker/Resource", {"Worker.Properties.TracingConfig": {"Mode": "Active"}}),
    Case(
        "C5.2",
        "apigw-tracing @ CProd/Api/DeploymentStage.prod/Resource",
        {"ApiDeploymentStageprod.Properties.TracingEnabled": True},
    ),
    Case(
        "C5.3",
        "apigw-access-logs @ CProd/Api/DeploymentStage.prod/Resource",
        {
            "ApiDeploymentStageprod.Properties.AccessLogSetting.DestinationArn": {
                "Fn::GetAtt": ["GuardrailsApiDeploymentStageprodAccessLogs", "Arn"]
            },
            "GuardrailsApiDeploymentStageprodAccessLogs.Properties.RetentionInDays": 90,
        },
    ),
    Case("D1.1", "lambda-inline-code @ D/Handler/Resource"),
    Case("D1.3", "outputs @ D/Key/Resource", {"KeyId.Value": {"Ref": "Key"}}),
    Case("D1.3", "outputs[EnvironmentSuffix] @ D", {"EnvironmentSuffix.Value": "prod"}),
    Case(
        "D2.1",
        "apigw-caching @ D/Api/DeploymentStage.prod/Resource",
        {
            "ApiDeploymentStageprod.Properties.CacheClusterEnabled": True,
            f"ApiDeploymentStageprod.{METHODS}.CacheTtlInSeconds": 30,
            f"ApiDeploymentStageprod.{METHODS}.CacheDataEncrypted": True,
        },
    ),
    Case(
        "D2.2",
        "dynamodb-pitr @ D/Items/Resource",
        {"Items.Properties.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
    ),
    Case("D2.3", "removal-policy @ D/Items/Resource", {"Items.DeletionPolicy": KEPT}),
    Case("D3.1", "iam-wildcard-action[dynamodb:*] @ D/Handler/ServiceRole/DefaultPolicy/Resource"),
    Case(
        "D3.2",
        "lambda-env-encryption @ D/Handler/Resource",
        {
            "Handler.Properties.KmsKeyArn": KEY,
            "GuardrailsHandlerServiceRoleDecryption.Properties.PolicyDocument.Statement.0.Action": "kms:Decrypt",
        },
    ),
    Case(
        "D3.3",
        "apigw-cors-origin @ D/Api/Default/items/OPTIONS/Resource",
        {
            "ApiitemsOPTIONS.Properties.Integration.IntegrationResponses.0.ResponseParameters": {
                "method.response.header.Access-Control-Allow-Headers": f"'{','.join(HEADERS)}'",
                "method.response.header.Access-Control-Allow-Methods": "'OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD'",
                "method.response.header.Access-Control-Allow-Origin": f"'{SITE}'",
            }
        },
    ),
    Case(
        "D4.1",
        "apigw-execution-logs @ D/Api/DeploymentStage.prod/Resource",
        {f"ApiDeploymentStageprod.{METHODS}.LoggingLevel": "INFO"},
    ),
    Case(
        "D4.2",
        "lambda-log-group @ D/Handler/Resource",
        {
            "Handler.Properties.LoggingConfig.LogGroup": {"Ref": "GuardrailsHandlerLogGroup"},
            "GuardrailsHandlerLogGroup.Properties.RetentionInDays": 90,
        },
    ),
    Case("D4.3", "lambda-timeout @ D/Handler/Resource"),
)
