"""Report A: a serverless API with a bucket, a table and one function."""

from __future__ import annotations

from typing import Any, Final

from tests.report_lines.lines import GONE, TAGS, Line, but, stack

API: Final = stack("a_api")

TAGGED: Final = stack("a_tagged")

WITHOUT_LOGS: Final = but(API, {"ProcessorLogs": GONE})

ELSEWHERE: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/images"
HERE: Final = {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/images"}

STATEFUL: Final = ("Uploads", "Images", "ProcessorLogs", "Jobs")
OUTPUTS: Final[dict[str, Any]] = {
    "Outputs.ProcessorArn": {"Value": {"Fn::GetAtt": ["Processor", "Arn"]}},
    "Outputs.TableArn": {"Value": {"Fn::Sub": "${Images.Arn}"}},
    "Outputs.UploadsArn": {"Value": {"Fn::GetAtt": ["Uploads", "Arn"]}, "Export": {"Name": "uploads-arn"}},
    "Outputs.Logs": {"Value": {"Ref": "ProcessorLogs"}},
    "Outputs.Environment": {"Value": "production"},
}


def kept(policy: str) -> dict[str, Any]:
    """The API's stack when its stateful resources have this DeletionPolicy."""
    deletion = {f"{id_}.DeletionPolicy": policy for id_ in STATEFUL}
    replacement = {f"{id_}.UpdateReplacePolicy": "Retain" for id_ in STATEFUL}
    return but(API, {**deletion, **replacement, "Images.DeletionProtectionEnabled": True})


def with_settings(*settings: dict[str, Any]) -> dict[str, Any]:
    return but(API, {"ApiStage.MethodSettings": list(settings)})


SYNTAX: Final = (
    Line(
        "A1.1",
        API,
        ("lambda-unused-event-source[disabled] @ ProcessorJobs.Enabled",),
        "flagged",
        (
            but(API, {"ProcessorJobs.Enabled": True}),
            but(API, {"ProcessorJobs.Enabled": {"Ref": "Poll"}, "Parameters.Poll": {"Type": "String"}}),
        ),
        issue="event-source",
    ),
    Line(
        "A1.1",
        but(API, {"ProcessorJobs.Enabled": True, "ProcessorJobs.FunctionName": "image-resizer"}),
        ("lambda-unused-event-source[function] @ ProcessorJobs.FunctionName",),
        "flagged",
        (
            but(
                API,
                {
                    "ProcessorJobs.Enabled": True,
                    "ProcessorJobs.FunctionName": "image-resizer",
                    "Processor.FunctionName": "image-resizer",
                },
            ),
            but(API, {"ProcessorJobs.Enabled": True, "ProcessorJobs.FunctionName": {"Fn::ImportValue": "resizer"}}),
        ),
        issue="event-source-of-nothing",
    ),
    Line(
        "A1.1",
        API,
        ("lambda-runtime-env[NODE_OPTIONS] @ Processor.Environment.Variables.NODE_OPTIONS",),
        "fixed",
        (
            but(API, {"Processor.Runtime": "nodejs22.x"}),
            but(API, {"Processor.Environment.Variables": {"PYTHONPATH": "/opt/shared", "NODE_NAME": "worker"}}),
        ),
        after={
            "Resources.Processor.Properties.Environment.Variables.NODE_OPTIONS": GONE,
            "Resources.Processor.Properties.Environment.Variables.TABLE_NAME": {"Ref": "Images"},
        },
        issue="node-options",
    ),
)

DEPLOYMENT: Final = (
    Line(
        "A2.2",
        API,
        (
            "removal-policy @ Uploads.DeletionPolicy",
            "removal-policy @ Images.DeletionPolicy",
            "dynamodb-deletion-protection @ Images.DeletionProtectionEnabled",
        ),
        "fixed",
        (kept("Retain"), kept("RetainExceptOnCreate")),
        after={
            "Resources.Uploads.DeletionPolicy": "RetainExceptOnCreate",
            "Resources.Uploads.UpdateReplacePolicy": "Retain",
            "Resources.Images.DeletionPolicy": "RetainExceptOnCreate",
            "Resources.Images.UpdateReplacePolicy": "Retain",
            "Resources.Images.Properties.DeletionProtectionEnabled": True,
        },
    ),
    Line(
        "A2.3",
        API,
        ("outputs @ Processor", "outputs @ Images", "outputs @ Uploads", "outputs @ ProcessorLogs"),
        "fixed",
        (
            but(API, OUTPUTS),
            but(API, {**OUTPUTS, "Outputs.Logs": {"Value": {"Fn::GetAtt": ["ProcessorLogs", "Arn"]}}}),
        ),
        after={
            "Outputs.ProcessorArn.Value": {"Fn::GetAtt": ["Processor", "Arn"]},
            "Outputs.ImagesArn.Value": {"Fn::GetAtt": ["Images", "Arn"]},
            "Outputs.UploadsArn.Value": {"Fn::GetAtt": ["Uploads", "Arn"]},
            "Outputs.ProcessorLogsName.Value": {"Ref": "ProcessorLogs"},
        },
    ),
)

SECURITY: Final = (
    Line(
        "A3.1",
        API,
        ("iam-unneeded-acl[s3:PutObjectAcl] @ ProcessorPolicy.PolicyDocument.Statement[0].Action[2]",),
        "fixed",
        (
            but(API, {"ProcessorPolicy.PolicyDocument.Statement.0.Action": ["s3:GetObject", "s3:GetObjectAcl"]}),
            but(API, {"Uploads.OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}),
        ),
        after={
            "Resources.ProcessorPolicy.Properties.PolicyDocument.Statement.0.Action": ["s3:GetObject", "s3:PutObject"],
        },
        issue="acl",
        settings={"unsafe_fixes": True},
    ),
    Line(
        "A3.1",
        API,
        ("apigw-api-key @ ApiImagesPost.ApiKeyRequired", "apigw-authorization @ ApiImagesPost.AuthorizationType"),
        "fixed",
        (
            but(API, {"ApiImagesPost.AuthorizationType": "AWS_IAM"}),
            but(API, {"ApiImagesPost.HttpMethod": "OPTIONS"}),
        ),
        after={
            "Resources.ApiImagesPost.Properties.ApiKeyRequired": True,
            "Resources.GuardrailsApiStageUsagePlan.Type": "AWS::ApiGateway::UsagePlan",
        },
        issue="api-key",
        settings={"unsafe_fixes": True},
    ),
    Line(
        "A3.2",
        API,
        ("logs-encryption @ ProcessorLogs.KmsKeyId",),
        "fixed",
        (
            but(API, {"ProcessorLogs.KmsKeyId": {"Fn::ImportValue": "logs-key"}}),
            but(API, {"ProcessorLogs": GONE}),
        ),
        after={
            "Resources.ProcessorLogs.Properties.KmsKeyId": {"Fn::GetAtt": ["GuardrailsKey", "Arn"]},
            "Resources.GuardrailsKey.Properties.EnableKeyRotation": True,
        },
        issue="log-group",
    ),
    Line(
        "A3.2",
        WITHOUT_LOGS,
        ("lambda-log-group @ Processor.LoggingConfig.LogGroup",),
        "fixed",
        (API, but(WITHOUT_LOGS, {"Processor.LoggingConfig.LogGroup": {"Fn::ImportValue": "logs"}})),
        after={
            "Resources.Processor.Properties.LoggingConfig.LogGroup": {"Ref": "GuardrailsProcessorLogGroup"},
            "Resources.GuardrailsProcessorLogGroup.Properties.KmsKeyId": {"Fn::GetAtt": ["GuardrailsKey", "Arn"]},
            "Resources.GuardrailsProcessorLogGroup.Properties.RetentionInDays": 90,
        },
        issue="no-log-group",
    ),
)

EVERY_METHOD: Final = {"HttpMethod": "*", "ResourcePath": "/*"}
ONE_METHOD: Final = {"HttpMethod": "POST", "ResourcePath": "/~1images", "LoggingLevel": "INFO"}
LIMITS: Final = {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 10}

OPERATION: Final = (
    Line(
        "A4.1",
        API,
        ("lambda-timeout[rest-api] @ Processor.Timeout",),
        "flagged",
        (
            but(API, {"Processor.Timeout": 29}),
            but(API, {id_: GONE for id_ in API["Resources"] if id_.startswith("Api")} | {"Outputs.ApiUrl": GONE}),
        ),
    ),
    Line(
        "A4.2",
        API,
        ("apigw-throttling[POST /images] @ ApiStage.MethodSettings[0]", "apigw-throttling @ ApiStage.MethodSettings"),
        "fixed",
        (
            with_settings({**EVERY_METHOD, **LIMITS}),
            with_settings({**ONE_METHOD, **LIMITS}, {**EVERY_METHOD, **LIMITS}),
        ),
        after={
            "Resources.ApiStage.Properties.MethodSettings.0.HttpMethod": "POST",
            "Resources.ApiStage.Properties.MethodSettings.0.ThrottlingRateLimit": 100,
            "Resources.ApiStage.Properties.MethodSettings.0.ThrottlingBurstLimit": 50,
            "Resources.ApiStage.Properties.MethodSettings.1.HttpMethod": "*",
            "Resources.ApiStage.Properties.MethodSettings.1.ThrottlingRateLimit": 100,
        },
    ),
    Line(
        "A5.1",
        API,
        ("apigw-metrics[POST /images] @ ApiStage.MethodSettings[0]", "apigw-metrics @ ApiStage.MethodSettings"),
        "fixed",
        (
            with_settings({**EVERY_METHOD, "MetricsEnabled": True}),
            but(
                with_settings({**EVERY_METHOD, "MetricsEnabled": {"Ref": "Metrics"}}),
                {"Parameters.Metrics": {"Type": "String"}},
            ),
        ),
        after={
            "Resources.ApiStage.Properties.MethodSettings.0.MetricsEnabled": True,
            "Resources.ApiStage.Properties.MethodSettings.1.MetricsEnabled": True,
        },
    ),
    Line(
        "A5.2",
        API,
        ("lambda-structured-logging @ Processor.LoggingConfig.LogFormat",),
        "fixed",
        (
            but(API, {"Processor.LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "WARN"}}),
            but(API, {"Processor.Runtime": "provided.al2023"}),
        ),
        after={
            "Resources.Processor.Properties.LoggingConfig.LogFormat": "JSON",
            "Resources.Processor.Properties.LoggingConfig.ApplicationLogLevel": "INFO",
        },
    ),
)

PRACTICE: Final = (
    Line(
        "A6.1",
        API,
        ("hardcoded-name @ Uploads.BucketName",),
        "flagged",
        (
            but(API, {"Uploads.BucketName": {"Fn::Sub": "image-uploads-${AWS::AccountId}"}}),
            but(API, {"Uploads.BucketName": "image-uploads-prod"}),
        ),
        issue="name",
    ),
    Line(
        "A6.1",
        API,
        ("hardcoded-region[us-east-1] @ Processor.Environment.Variables.REGION",),
        "flagged",
        (
            but(API, {"Processor.Environment.Variables.REGION": {"Ref": "AWS::Region"}}),
            but(API, {"Processor.Environment.Variables": {"REPORT": "uploads-us-east-1"}}),
        ),
        issue="region",
    ),
    Line(
        "A6.1",
        but(API, {"ProcessorPolicy.PolicyDocument.Statement.1.Resource": ELSEWHERE}),
        ("hardcoded-account[123456789012] @ ProcessorPolicy.PolicyDocument.Statement[1].Resource",),
        "flagged",
        (
            but(API, {"ProcessorPolicy.PolicyDocument.Statement.1.Resource": HERE}),
            but(API, {"Processor.Environment.Variables.FIRST_BARCODE": "123456789012"}),
        ),
        issue="account",
    ),
    Line(
        "A6.2",
        API,
        ("required-tags @ Uploads.Tags", "required-tags @ Images.Tags", "required-tags @ Processor.Tags"),
        "fixed",
        (TAGGED, but(TAGGED, {"Images.Tags.2.Value": "images-team", "LogLevel.Tags.Owner": {"Ref": "AWS::StackName"}})),
        after={
            "Resources.Images.Properties.Tags": [
                {"Key": "Environment", "Value": "prod"},
                *({"Key": key, "Value": value} for key, value in TAGS.items()),
            ],
        },
    ),
)

LINES: Final = SYNTAX + DEPLOYMENT + SECURITY + OPERATION + PRACTICE
