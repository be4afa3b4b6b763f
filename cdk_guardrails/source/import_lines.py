"""The import statement that a name of the CDK needs: ``cw_actions`` is usually aws_cdk.aws_cloudwatch_actions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from cdk_guardrails.source.cdk_index import Index
from cdk_guardrails.source.cdk_types import Kind

PACKAGE: Final = "aws_cdk"

WHOLE: Final = frozenset({"cdk", "core", "awscdk"})
"""Names under which aws_cdk itself is imported."""

ALIASES: Final = {
    "acm": "aws_certificatemanager",
    "agw": "aws_apigateway",
    "api_gateway": "aws_apigateway",
    "apigw": "aws_apigateway",
    "apigw2": "aws_apigatewayv2",
    "apigwv2": "aws_apigatewayv2",
    "apigwv2_authorizers": "aws_apigatewayv2_authorizers",
    "apigwv2_integrations": "aws_apigatewayv2_integrations",
    "asg": "aws_autoscaling",
    "cf": "aws_cloudfront",
    "cf_origins": "aws_cloudfront_origins",
    "cfn_inc": "cloudformation_include",
    "cloud_watch": "aws_cloudwatch",
    "codepipeline_actions": "aws_codepipeline_actions",
    "cpactions": "aws_codepipeline_actions",
    "cr": "custom_resources",
    "cw": "aws_cloudwatch",
    "cw_actions": "aws_cloudwatch_actions",
    "cwa": "aws_cloudwatch_actions",
    "ddb": "aws_dynamodb",
    "dynamo": "aws_dynamodb",
    "eb": "aws_events",
    "elb": "aws_elasticloadbalancing",
    "elbv2": "aws_elasticloadbalancingv2",
    "event_sources": "aws_lambda_event_sources",
    "eventbridge": "aws_events",
    "firehose": "aws_kinesisfirehose",
    "integrations": "aws_apigatewayv2_integrations",
    "kinesis_firehose": "aws_kinesisfirehose",
    "lambda_events": "aws_lambda_event_sources",
    "lambda_sources": "aws_lambda_event_sources",
    "lb": "aws_elasticloadbalancingv2",
    "origins": "aws_cloudfront_origins",
    "r53": "aws_route53",
    "r53_targets": "aws_route53_targets",
    "route53_alias": "aws_route53_targets",
    "s3_deploy": "aws_s3_deployment",
    "s3_notify": "aws_s3_notifications",
    "s3deploy": "aws_s3_deployment",
    "s3n": "aws_s3_notifications",
    "secrets_manager": "aws_secretsmanager",
    "sfn": "aws_stepfunctions",
    "sfn_tasks": "aws_stepfunctions_tasks",
    "sm": "aws_secretsmanager",
    "sns_subs": "aws_sns_subscriptions",
    "step_functions": "aws_stepfunctions",
    "stepfunctions_tasks": "aws_stepfunctions_tasks",
    "subs": "aws_sns_subscriptions",
    "subscriptions": "aws_sns_subscriptions",
    "tasks": "aws_stepfunctions_tasks",
    "waf": "aws_wafv2",
}
"""Names that people give to modules and that do not come from the module's own name."""

BY_OTHERS: Final = {"targets": {"aws_events": "aws_events_targets", "aws_route53": "aws_route53_targets"}}
"""Names that mean one module or another, by what else is imported."""


def import_line(index: Index, name: str, imported: Collection[str]) -> str:
    """The statement that gives ``name`` its meaning, "" when there is none, or more than one that may be meant.

    ``imported`` are the full names of what the module imports already.
    """
    if name in WHOLE and index.is_module(PACKAGE):
        return f"import {PACKAGE} as {name}"
    if module := _module(index, name, imported):
        return f"from {PACKAGE} import {module}" + (f" as {name}" if module != name else "")
    if module := _of_type(index, name, imported):
        return f"from {module} import {name}"
    packages = {module.partition(".")[0] for module in index.modules}
    return f"import {name}" if name in packages else ""


def _module(index: Index, name: str, imported: Collection[str]) -> str:
    plain = name.strip("_")
    by_others = (module for other, module in BY_OTHERS.get(plain, {}).items() if f"{PACKAGE}.{other}" in imported)
    candidates = [*by_others, ALIASES.get(plain, ""), plain, f"aws_{plain}", f"aws_{plain.replace('_', '')}"]
    return next((module for module in candidates if module and index.is_module(f"{PACKAGE}.{module}")), "")


def _of_type(index: Index, name: str, imported: Collection[str]) -> str:
    """The module of a type: one at the top of a package, else the only one of that name, or the only one in use."""
    if not name[:1].isupper():
        return ""
    found = [type_ for type_ in index.called(name) if type_.kind is not Kind.INTERFACE or name.startswith("I")]
    top = [type_.module for type_ in found if "." not in type_.module]
    used = [type_.module for type_ in found if type_.module in imported]
    for modules in (top, used, [type_.module for type_ in found]):
        if len(modules) == 1:
            return modules[0]
    return ""
