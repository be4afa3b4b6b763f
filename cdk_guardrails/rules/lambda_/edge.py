"""Lambda@Edge: which functions CloudFront runs, where much of Lambda's configuration is not allowed."""

from __future__ import annotations

from cdk_guardrails.rules.lambda_.functions import SAM_FUNCTION, referring
from cdk_guardrails.rules.roles import EDGE, is_edge, role_of
from cdk_guardrails.template import Resource, Template


def runs_at_edge(function: Resource, template: Template) -> bool:
    """Whether a function is for Lambda@Edge: CloudFront may take its role on, or a distribution names it.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
    """
    role = role_of(function, template)
    if role is not None and is_edge(role):
        return True
    if function.type == SAM_FUNCTION and EDGE in str(function.raw("AssumeRolePolicyDocument")):
        return True
    return bool(referring(function, template, "AWS::CloudFront::Distribution"))
