"""Report D, a small API with one table and inline functions: security, performance."""

from __future__ import annotations

from typing import Any, Final

from tests.report_lines.lines import GONE, Line, but, stack

API: Final = stack("d_api")

LOGGED: Final = {"DataTraceEnabled": False, "HttpMethod": "*", "LoggingLevel": "INFO", "ResourcePath": "/*"}

SITE: Final = "https://example.com"

JOBS: Final = {
    "Jobs": {"Type": "AWS::SQS::Queue"},
    "ItemsChanged.EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]},
    "ItemsChanged.StartingPosition": GONE,
}


def allowing(*statements: tuple[Any, Any]) -> dict[str, Any]:
    """The API whose function may do these actions with these resources."""
    allowed = [{"Action": action, "Effect": "Allow", "Resource": resource} for action, resource in statements]
    return but(API, {"ItemsPolicy.PolicyDocument.Statement": allowed})


def answering(origin: str) -> dict[str, Any]:
    """The API whose OPTIONS method allows this origin."""
    responses = API["Resources"]["ApiItemsOptions"]["Properties"]["Integration"]["IntegrationResponses"]
    headers = {**responses[0]["ResponseParameters"], "method.response.header.Access-Control-Allow-Origin": origin}
    changed = [{**responses[0], "ResponseParameters": headers}]
    return but(API, {"ApiItemsOptions.Integration.IntegrationResponses": changed})


CORS: Final = (
    "apigw-cors-origin @ ApiItemsOptions.Integration.IntegrationResponses[0].ResponseParameters"
    ".method.response.header.Access-Control-Allow-Origin"
)

SECURITY: Final = (
    Line(
        "D3.1",
        API,
        (
            "iam-wildcard-action[dynamodb:*] @ ItemsPolicy.PolicyDocument.Statement[0].Action",
            "iam-wildcard-resource[kms:Decrypt] @ ItemsPolicy.PolicyDocument.Statement[3].Resource",
        ),
        "flagged",
        (
            allowing(
                (["dynamodb:GetItem", "dynamodb:PutItem"], {"Fn::GetAtt": ["Items", "Arn"]}),
                ("kms:Decrypt", {"Fn::GetAtt": ["Key", "Arn"]}),
            ),
            allowing(("dynamodb:GetItem", {"Fn::GetAtt": ["Items", "Arn"]}), ("dynamodb:ListStreams", "*")),
        ),
    ),
    Line(
        "D3.2",
        allowing(("dynamodb:GetItem", {"Fn::GetAtt": ["Items", "Arn"]})),
        ("lambda-env-encryption @ Handler.KmsKeyArn",),
        "fixed",
        (
            but(API, {"Handler.KmsKeyArn": {"Fn::GetAtt": ["Key", "Arn"]}}),
            but(API, {"Handler.Environment": GONE}),
        ),
        after={
            "Resources.Handler.Properties.KmsKeyArn": {"Fn::GetAtt": ["GuardrailsKey", "Arn"]},
            "Resources.Handler.DependsOn": ["GuardrailsItemsRoleDecryption", "ItemsPolicy"],
            "Resources.GuardrailsItemsRoleDecryption.Properties.Roles": [{"Ref": "ItemsRole"}],
            "Resources.GuardrailsItemsRoleDecryption.Properties.PolicyDocument.Statement.0": {
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": {"Fn::GetAtt": ["GuardrailsKey", "Arn"]},
            },
        },
    ),
    Line(
        "D3.3",
        API,
        (CORS,),
        "flagged",
        (answering(f"'{SITE}'"), answering("'https://*.example.com'")),
    ),
    Line(
        "D3.3",
        API,
        (CORS,),
        "fixed",
        (answering(f"'{SITE}'"), answering("'https://shop.example.com'")),
        after={
            "Resources.ApiItemsOptions.Properties.Integration.IntegrationResponses": answering(f"'{SITE}'")[
                "Resources"
            ]["ApiItemsOptions"]["Properties"]["Integration"]["IntegrationResponses"],
        },
        issue="allowed-origins",
        settings={"rules": {"apigw-cors-origin": {"allowed_origins": [SITE]}}},
    ),
)

PERFORMANCE: Final = (
    Line(
        "D4.1",
        API,
        ("apigw-execution-logs @ ApiStage.MethodSettings",),
        "fixed",
        (
            but(API, {"ApiStage.MethodSettings": [LOGGED]}),
            but(API, {"ApiStage.MethodSettings": [{**LOGGED, "LoggingLevel": "ERROR"}]}),
        ),
        after={
            "Resources.ApiStage.Properties.MethodSettings.0.LoggingLevel": "INFO",
            "Resources.GuardrailsApiGatewayAccount.Type": "AWS::ApiGateway::Account",
        },
    ),
    Line(
        "D4.2",
        API,
        ("logs-retention @ ApiLogs.RetentionInDays",),
        "fixed",
        (
            but(API, {"ApiLogs.RetentionInDays": 14}),
            but(API, {"ApiLogs.RetentionInDays": {"Ref": "Days"}, "Parameters.Days": {"Type": "Number"}}),
        ),
        after={"Resources.ApiLogs.Properties.RetentionInDays": 14},
        issue="log-group",
        settings={"rules": {"logs-retention": {"days": 14}}},
    ),
    Line(
        "D4.2",
        API,
        ("lambda-log-group @ Handler.LoggingConfig.LogGroup",),
        "fixed",
        (
            but(API, {"Handler.LoggingConfig": {"LogGroup": {"Ref": "ApiLogs"}}}),
            but(API, {"Handler.FunctionName": "items", "ApiLogs.LogGroupName": "/aws/lambda/items"}),
        ),
        after={
            "Resources.Handler.Properties.LoggingConfig.LogGroup": {"Ref": "GuardrailsHandlerLogGroup"},
            "Resources.GuardrailsHandlerLogGroup.Properties.RetentionInDays": 90,
        },
        issue="no-log-group",
    ),
    Line(
        "D4.3",
        API,
        ("lambda-timeout @ Handler.Timeout",),
        "flagged",
        (but(API, {"Handler.Timeout": 25}), but(API, {"Handler.Timeout": 20})),
        settings={"rules": {"lambda-timeout": {"min_seconds": 20}}},
    ),
    Line(
        "D4.3",
        but(API, {"Handler.Timeout": GONE}),
        ("lambda-timeout @ Handler.Timeout",),
        "flagged",
        (API, but(API, {"Handler.Timeout": {"Ref": "Timeout"}, "Parameters.Timeout": {"Type": "Number"}})),
        issue="unset",
    ),
    Line(
        "D4.3",
        but(API, JOBS),
        ("lambda-timeout[visibility] @ Jobs.VisibilityTimeout",),
        "flagged",
        (
            but(API, {**JOBS, "Jobs.VisibilityTimeout": 90}),
            but(API, {**JOBS, "Handler.Timeout": 5}),
        ),
        issue="queue",
    ),
)

LINES: Final = SECURITY + PERFORMANCE
