"""cognito-mfa."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "cognito-mfa"
SMS = {"SnsCallerArn": {"Fn::GetAtt": ["Sms", "Arn"]}}
TOKEN = ["SOFTWARE_TOKEN_MFA"]
ON = {"mode": "ON"}


def pool(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}}


@pytest.mark.parametrize("properties", [{}, {"MfaConfiguration": "OFF"}, {"MfaConfiguration": {"Ref": "AWS::NoValue"}}])
def test_off(properties: dict[str, Any]) -> None:
    message = "multi-factor authentication is OFF, so no user can have a second factor"
    assert_flags(pool(**properties), RULE, path="MfaConfiguration", message=message)
    assert_fixed(pool(**properties), pool(MfaConfiguration="OPTIONAL", EnabledMfas=TOKEN), RULE)


def test_a_pool_without_properties() -> None:
    before = {"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool"}}}
    assert_fixed(before, pool(MfaConfiguration="OPTIONAL", EnabledMfas=TOKEN), RULE)


def test_a_pool_with_sms_cannot_go_without() -> None:
    after = pool(MfaConfiguration="OPTIONAL", EnabledMfas=["SMS_MFA", *TOKEN], SmsConfiguration=SMS)
    assert_fixed(pool(SmsConfiguration=SMS), after, RULE)


@pytest.mark.parametrize("factors", [["EMAIL_OTP"], ["SMS_MFA"], ["SOFTWARE_TOKEN_MFA", "SMS_MFA"]])
def test_the_author_s_factors_stay(factors: Any) -> None:
    own = {"EnabledMfas": factors, "SmsConfiguration": SMS, "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}}
    assert_fixed(pool(MfaConfiguration="OFF", **own), pool(MfaConfiguration="OPTIONAL", **own), RULE)


@pytest.mark.parametrize(
    ("factors", "why"),
    [
        (["EMAIL_OTP"], "its factor EMAIL_OTP needs EmailConfiguration"),
        (["SOFTWARE_TOKEN_MFA", "SMS_MFA"], "its factor SMS_MFA needs SmsConfiguration"),
        ({"Ref": "Factors"}, "only the deployment knows its EnabledMfas"),
    ],
)
def test_factors_that_cognito_might_refuse(factors: Any, why: str) -> None:
    before = pool(MfaConfiguration="OFF", EnabledMfas=factors)
    off = "multi-factor authentication is OFF, so no user can have a second factor"
    assert_flags(before, RULE, path="MfaConfiguration", message=f"{off}; not fixed, since {why}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(before, before, RULE)


def test_on_request_everybody_needs_one() -> None:
    before = pool(MfaConfiguration="OPTIONAL", EnabledMfas=TOKEN)
    message = "multi-factor authentication is OPTIONAL, so users may sign in with a password alone"
    assert_flags(before, RULE, path="MfaConfiguration", message=message, options=ON)
    assert_fixed(before, pool(MfaConfiguration="ON", EnabledMfas=TOKEN), RULE, options=ON)
    assert_fixed(pool(), pool(MfaConfiguration="ON", EnabledMfas=TOKEN), RULE, options=ON)


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
@pytest.mark.parametrize("factors", [None, []])
def test_without_a_factor_cognito_refuses_the_pool(mode: str, factors: Any) -> None:
    before = pool(MfaConfiguration=mode) if factors is None else pool(MfaConfiguration=mode, EnabledMfas=factors)
    message = f"MfaConfiguration is {mode}, but no factor is enabled: Cognito refuses the pool"
    assert_flags(before, RULE, path="EnabledMfas", message=message)
    assert_fixed(before, pool(MfaConfiguration=mode, EnabledMfas=TOKEN), RULE)


def test_whether_it_has_sms_is_known_to_the_deployment_only() -> None:
    template = pool(SmsConfiguration={"Fn::If": ["Sms", SMS, {"Ref": "AWS::NoValue"}]})
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(template, template, RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"MfaConfiguration": "OPTIONAL", "EnabledMfas": TOKEN},
        {"MfaConfiguration": "ON", "EnabledMfas": ["SMS_MFA"]},
        {"MfaConfiguration": "OPTIONAL", "SmsConfiguration": SMS},
        {"MfaConfiguration": "OPTIONAL", "SmsConfiguration": {"Ref": "Sms"}},
        {"MfaConfiguration": "OPTIONAL", "EnabledMfas": {"Ref": "Factors"}},
        {"MfaConfiguration": {"Ref": "Mfa"}},
        {"MfaConfiguration": {"Fn::If": ["Prod", "ON", "OFF"]}},
    ],
)
def test_near_misses(properties: dict[str, Any]) -> None:
    assert_clean(pool(**properties), RULE)


def test_dev_is_off() -> None:
    assert_clean(pool(), RULE, environment="dev")


def test_on_satisfies_on() -> None:
    assert_clean(pool(MfaConfiguration="ON", EnabledMfas=TOKEN), RULE, options=ON)
