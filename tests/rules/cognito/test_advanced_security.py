"""cognito-advanced-security."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "cognito-advanced-security"
MODE = "UserPoolAddOns.AdvancedSecurityMode"
ENFORCED = {"AdvancedSecurityMode": "ENFORCED"}


def pool(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}}


def fixed(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert_fixed(before, after, RULE, unsafe_fixes=True)


@pytest.mark.parametrize(
    ("properties", "mode"),
    [
        ({}, "OFF"),
        ({"UserPoolAddOns": {}}, "OFF"),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}}, "OFF"),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}, "UserPoolTier": "PLUS"}, "AUDIT"),
        ({"UserPoolTier": "ESSENTIALS"}, "OFF"),
        ({"UserPoolTier": "LITE"}, "OFF"),
    ],
)
def test_risky_sign_ins_pass(properties: dict[str, Any], mode: str) -> None:
    message = f"threat protection is {mode}: risky sign-ins pass"
    assert_flags(pool(**properties), RULE, path=MODE, message=message)
    fixed(pool(**properties), pool(UserPoolAddOns=ENFORCED, UserPoolTier="PLUS"))


@pytest.mark.parametrize(("tier", "said"), [(None, "not set"), ("ESSENTIALS", "ESSENTIALS"), ("LITE", "LITE")])
def test_a_tier_that_does_not_have_it(tier: str | None, said: str) -> None:
    before = pool(UserPoolAddOns=ENFORCED, **({"UserPoolTier": tier} if tier else {}))
    message = f"threat protection needs the tier PLUS, but UserPoolTier is {said}"
    assert_flags(before, RULE, path="UserPoolTier", message=message)
    fixed(before, pool(UserPoolAddOns=ENFORCED, UserPoolTier="PLUS"))


def test_what_only_the_deployment_knows_stays() -> None:
    fixed(pool(UserPoolTier={"Ref": "Tier"}), pool(UserPoolTier={"Ref": "Tier"}, UserPoolAddOns=ENFORCED))


def test_additional_flows_stay() -> None:
    flows = {"AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}}
    fixed(pool(UserPoolAddOns=flows), pool(UserPoolAddOns={**flows, **ENFORCED}, UserPoolTier="PLUS"))


def test_it_costs_money_so_nothing_is_fixed_unasked() -> None:
    with pytest.raises(AssertionError, match="not satisfied"):
        assert_fixed(pool(), pool(), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"UserPoolAddOns": ENFORCED, "UserPoolTier": "PLUS"},
        {"UserPoolAddOns": ENFORCED, "UserPoolTier": {"Ref": "Tier"}},
        {"UserPoolAddOns": {"AdvancedSecurityMode": {"Ref": "Mode"}}, "UserPoolTier": "PLUS"},
        {"UserPoolAddOns": {"Ref": "AddOns"}, "UserPoolTier": "PLUS"},
    ],
)
def test_near_misses(properties: dict[str, Any]) -> None:
    assert_clean(pool(**properties), RULE)


def test_dev_is_off() -> None:
    assert_clean(pool(), RULE, environment="dev")
