"""apigw-tls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.apigateway.stages import SAM_API, SAM_HTTP_API
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

TOO_OLD: Final = ("TLS_1_0", "TLS_1_1")
"""Security policies that admit TLS before 1.2. All others, SecurityPolicy_... included, admit 1.2 and later, and so
does a domain without one:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html"""

V2_DOMAIN: Final = "AWS::ApiGatewayV2::DomainName"

PATHS: Final = {
    "AWS::ApiGateway::DomainName": "SecurityPolicy",
    "AWS::ApiGateway::DomainNameV2": "SecurityPolicy",
    SAM_API: "Domain.SecurityPolicy",
    SAM_HTTP_API: "Domain.SecurityPolicy",
}


class CustomDomainTls(Rule):
    """Custom domains of APIs need TLS 1.2 or later.

    Checks that the security policy of a custom domain is not one that admits TLS 1.0 or 1.1. A domain without one gets
    TLS 1.2 from API Gateway. Not fixed: whether old clients still call is for a person to find out, with
    $context.tlsVersion in the access logs.
    """

    id = "apigw-tls"
    why = "TLS 1.0 and 1.1 have known weaknesses and are retired: what is sent with them may be read or changed."
    resource_types = (*PATHS, V2_DOMAIN)
    concern = Concern.ENCRYPTION
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html",
            "https://docs.aws.amazon.com/config/latest/developerguide/apigateway-domain-name-tls-check.html",
        ),
        checkov=("CKV_AWS_206",),
    )
    bad = Example("""\
Resources:
  Domain:
    Type: AWS::ApiGateway::DomainName
    Properties:
      DomainName: api.example.com
      RegionalCertificateArn: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
      EndpointConfiguration: {Types: [REGIONAL]}
      SecurityPolicy: TLS_1_0
""")
    good = Example("""\
Resources:
  Domain:
    Type: AWS::ApiGateway::DomainName
    Properties:
      DomainName: api.example.com
      RegionalCertificateArn: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
      EndpointConfiguration: {Types: [REGIONAL]}
      SecurityPolicy: TLS_1_2
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for path in _paths(resource):
            policy: Any = resource.get(path)
            if isinstance(policy, str) and policy in TOO_OLD:
                yield self.finding(
                    resource,
                    f"clients may use TLS before 1.2: SecurityPolicy is {policy}",
                    path,
                    remedy=_remedy(resource),
                    detail=str(path[1]) if len(path) == 3 and path[1] else "",
                )


def _paths(resource: Resource) -> list[tuple[str | int, ...]]:
    if resource.type != V2_DOMAIN:
        return [tuple(PATHS[resource.type].split("."))]
    listed = resource.get("DomainNameConfigurations")
    count = len(listed) if isinstance(listed, list) else 0
    return [("DomainNameConfigurations", index, "SecurityPolicy") for index in range(count)]


def _remedy(resource: Resource) -> str:
    if resource.type == V2_DOMAIN:
        return "apigwv2.DomainName(..., security_policy=apigwv2.SecurityPolicy.TLS_1_2)"
    if resource.type in (SAM_API, SAM_HTTP_API):
        return "Set SecurityPolicy to TLS_1_2."
    return "apigateway.DomainName(..., security_policy=apigateway.SecurityPolicy.TLS_1_2)"
