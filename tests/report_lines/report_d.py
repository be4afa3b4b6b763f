"""Report D, a small API with one table and inline functions: syntax, deployment."""

from __future__ import annotations

from typing import Any, Final

from cdk_guardrails.rules.base import Severity
from tests.report_lines.lines import GONE, Line, but, stack

API: Final = stack("d_api")

ASSET: Final = {"S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "5d2c.zip"}
LONG: Final = "def handler(event, context):\n" + "    event['total'] += event['price']\n" * 120
FOR_CLOUDFORMATION: Final = (
    "import cfnresponse\n\ndef handler(event, context):\n    cfnresponse.send(event, context, 'SUCCESS', {})\n"
)

ORDERED: Final = {
    "ApiDeployment.DependsOn": ["ApiItemsGet", "ApiItemsOptions"],
    "Handler.DependsOn": "ItemsPolicy",
    "ItemsChanged.DependsOn": ["ItemsPolicy"],
}

CACHED: Final = {
    "CacheDataEncrypted": True,
    "CacheTtlInSeconds": 60,
    "CachingEnabled": True,
    "HttpMethod": "*",
    "ResourcePath": "/*",
}

OUTPUTS: Final[dict[str, Any]] = {
    "Outputs.Handler": {"Value": {"Fn::GetAtt": ["Handler", "Arn"]}},
    "Outputs.Items": {"Value": {"Fn::GetAtt": ["Items", "Arn"]}},
    "Outputs.Logs": {"Value": {"Ref": "ApiLogs"}},
    "Outputs.Key": {"Value": {"Ref": "Key"}},
    "Outputs.EnvironmentSuffix": {"Value": "prod"},
}

SYNTAX: Final = (
    Line(
        "D1.1",
        but(API, {"Handler.Code.ZipFile": LONG}),
        ("lambda-inline-code[size] @ Handler.Code.ZipFile",),
        "flagged",
        (but(API, {"Handler.Code": ASSET}), but(API, {"Handler.Code.ZipFile": FOR_CLOUDFORMATION})),
        issue="over-4096-bytes",
        severity=Severity.ERROR,
    ),
    Line(
        "D1.1",
        API,
        ("lambda-inline-code @ Handler.Code.ZipFile",),
        "flagged",
        (
            but(
                API,
                {
                    "Handler.Code": {
                        "ImageUri": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/items"}
                    }
                },
            ),
            but(API, {"Handler.Code": {"S3Bucket": "code", "S3Key": "ZipFile.zip"}}),
        ),
        issue="inline",
        severity=Severity.WARNING,
    ),
    Line(
        "D1.2",
        API,
        (
            "deploy-order[methods] @ ApiDeployment.DependsOn",
            "deploy-order[policies] @ Handler.DependsOn",
            "deploy-order[policies] @ ItemsChanged.DependsOn",
        ),
        "fixed",
        (but(API, ORDERED), but(API, {**ORDERED, "ItemsChanged.DependsOn": ["Handler"]})),
        after={
            "Resources.ApiDeployment.DependsOn": ["ApiItemsOptions", "ApiItemsGet"],
            "Resources.Handler.DependsOn": ["ItemsPolicy"],
            "Resources.ItemsChanged.DependsOn": GONE,  # the function that it refers to waits
        },
    ),
    Line(
        "D1.3",
        API,
        ("outputs @ Key", "outputs[EnvironmentSuffix] @ Outputs"),
        "fixed",
        (
            but(API, OUTPUTS),
            but(
                API,
                {
                    **OUTPUTS,
                    "Outputs.Key": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}},
                    "Outputs.EnvironmentSuffix": GONE,
                    "Outputs.StackFor": {"Value": "prod"},
                },
            ),
        ),
        after={"Outputs.KeyId.Value": {"Ref": "Key"}, "Outputs.EnvironmentSuffix.Value": "prod"},
    ),
)

DEPLOYMENT: Final = (
    Line(
        "D2.1",
        API,
        ("apigw-caching @ ApiStage.CacheClusterEnabled",),
        "fixed",
        (
            but(
                API,
                {
                    "ApiStage.CacheClusterEnabled": True,
                    "ApiStage.CacheClusterSize": "0.5",
                    "ApiStage.MethodSettings": [CACHED],
                },
            ),
            but(API, {"ApiItemsGet.HttpMethod": "POST"}),
        ),
        after={
            "Resources.ApiStage.Properties.CacheClusterEnabled": True,
            "Resources.ApiStage.Properties.MethodSettings.0.CachingEnabled": True,
            "Resources.ApiStage.Properties.MethodSettings.0.CacheTtlInSeconds": 30,
            "Resources.ApiStage.Properties.MethodSettings.0.CacheDataEncrypted": True,
        },
        settings={"unsafe_fixes": True},
    ),
    Line(
        "D2.2",
        API,
        ("dynamodb-pitr @ Items.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",),
        "fixed",
        (
            but(API, {"Items.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}),
            but(
                API,
                {
                    "Items.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": {"Ref": "Recovery"}},
                    "Parameters.Recovery": {"Type": "String"},
                },
            ),
        ),
        after={"Resources.Items.Properties.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
    ),
    Line(
        "D2.3",
        API,
        ("removal-policy @ Items.DeletionPolicy", "removal-policy @ Key.DeletionPolicy"),
        "fixed",
        tuple(
            but(API, {f"{id_}.DeletionPolicy": deletion for id_ in ("Items", "Key", "ApiLogs")})
            for deletion in ("Delete", "RetainExceptOnCreate")
        ),
        after={
            "Resources.Items.DeletionPolicy": "RetainExceptOnCreate",
            "Resources.Items.UpdateReplacePolicy": "Retain",
        },
        issue="dev",
        settings={"environment": "dev"},
    ),
    Line(
        "D2.3",
        but(API, {"Items.DeletionPolicy": GONE, "Items.UpdateReplacePolicy": GONE}),
        ("removal-policy @ Items.DeletionPolicy",),
        "fixed",
        (API, but(API, {"Items.DeletionPolicy": "RetainExceptOnCreate"})),
        after={
            "Resources.Items.DeletionPolicy": "RetainExceptOnCreate",
            "Resources.Items.UpdateReplacePolicy": "Retain",
        },
        issue="prod",
    ),
)

LINES: Final = SYNTAX + DEPLOYMENT
