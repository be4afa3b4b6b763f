"""apigw-tls."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "apigw-tls"
REST = "AWS::ApiGateway::DomainName"
V2 = "AWS::ApiGatewayV2::DomainName"


def domain(type_: str = REST, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"Domain": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (domain(SecurityPolicy="TLS_1_0"), "SecurityPolicy"),
        (domain("AWS::ApiGateway::DomainNameV2", SecurityPolicy="TLS_1_0"), "SecurityPolicy"),
        (domain("AWS::Serverless::Api", Domain={"SecurityPolicy": "TLS_1_0"}), "Domain.SecurityPolicy"),
        (domain("AWS::Serverless::HttpApi", Domain={"SecurityPolicy": "TLS_1_0"}), "Domain.SecurityPolicy"),
        (
            domain(V2, DomainNameConfigurations=[{"SecurityPolicy": "TLS_1_0"}]),
            "DomainNameConfigurations[0].SecurityPolicy",
        ),
        (
            domain(V2, DomainNameConfigurations=[{"SecurityPolicy": "TLS_1_2"}, {"SecurityPolicy": "TLS_1_0"}]),
            "DomainNameConfigurations[1].SecurityPolicy",
        ),
    ],
)
def test_old_tls(template: dict[str, Any], path: str) -> None:
    message = "clients may use TLS before 1.2: SecurityPolicy is TLS_1_0"
    assert len(assert_flags(template, RULE, path=path, message=message)) == 1


@pytest.mark.parametrize(
    "template",
    [
        domain(),
        domain(SecurityPolicy="TLS_1_2"),
        domain(SecurityPolicy={"Ref": "AWS::NoValue"}),
        domain(SecurityPolicy={"Ref": "Policy"}),
        domain(SecurityPolicy="SecurityPolicy_TLS13_1_2_2021_06"),
        domain(SecurityPolicy="SecurityPolicy_TLS13_1_3_2025_09"),
        domain(SecurityPolicy="SecurityPolicy_TLS12_2018_EDGE"),
        domain(V2),
        domain(V2, DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]),
        domain(V2, DomainNameConfigurations=[{"SecurityPolicy": {"Ref": "Policy"}}]),
        domain(V2, DomainNameConfigurations=[{"Fn::If": ["Old", {"SecurityPolicy": "TLS_1_0"}, {}]}]),
        domain(V2, DomainNameConfigurations={"SecurityPolicy": "TLS_1_2"}),
        domain("AWS::Serverless::Api"),
        domain("AWS::Serverless::Api", Domain={"SecurityPolicy": "TLS_1_2"}),
        domain("AWS::ApiGateway::RestApi", SecurityPolicy="TLS_1_0"),
    ],
)
def test_tls_that_is_new_or_may_be(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)
