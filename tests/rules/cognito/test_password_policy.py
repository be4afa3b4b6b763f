"""cognito-password-policy."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "cognito-password-policy"
POLICY = "Policies.PasswordPolicy"
CLASSES = {f"Require{name}": True for name in ("Lowercase", "Uppercase", "Numbers", "Symbols")}
GOOD = {"MinimumLength": 12, **CLASSES}


def pool(**policy: Any) -> dict[str, Any]:
    return having(Policies={"PasswordPolicy": policy})


def having(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}}


@pytest.mark.parametrize("before", [having(), having(Policies={}), pool(), pool(MinimumLength=8, RequireSymbols=False)])
def test_nothing_is_asked_for(before: dict[str, Any]) -> None:
    every = "at least 12 characters, lowercase letters, uppercase letters, numbers, symbols"
    message = f"the password policy does not ask for {every}"
    assert_flags(before, RULE, path=f"{POLICY}.MinimumLength", message=message)
    assert_fixed(before, pool(**GOOD), RULE)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("RequireLowercase", "lowercase letters"),
        ("RequireUppercase", "uppercase letters"),
        ("RequireNumbers", "numbers"),
        ("RequireSymbols", "symbols"),
    ],
)
@pytest.mark.parametrize("value", [False, "false", None])
def test_a_class_of_characters(name: str, asked: str, value: Any) -> None:
    before = pool(**{**GOOD, name: value}) if value is not None else pool(**{k: GOOD[k] for k in GOOD if k != name})
    message = f"the password policy does not ask for {asked}"
    assert_flags(before, RULE, path=f"{POLICY}.{name}", message=message)
    assert_fixed(before, pool(**GOOD), RULE)


@pytest.mark.parametrize("length", [6, 11, "8", "long", []])
def test_a_short_one(length: Any) -> None:
    message = "the password policy does not ask for at least 12 characters"
    before = pool(**{**GOOD, "MinimumLength": length})
    assert_flags(before, RULE, path=f"{POLICY}.MinimumLength", message=message)
    assert_fixed(before, pool(**GOOD), RULE)


def test_an_author_s_longer_one_and_the_rest_of_the_policy_stay() -> None:
    rest = {"MinimumLength": 20, "TemporaryPasswordValidityDays": 3, "PasswordHistorySize": 5}
    sign_in = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    before = having(Policies={"PasswordPolicy": rest, **sign_in})
    assert_fixed(before, having(Policies={"PasswordPolicy": {**rest, **CLASSES}, **sign_in}), RULE)


def test_the_length_is_a_setting() -> None:
    assert_fixed(pool(**GOOD), pool(**{**GOOD, "MinimumLength": 16}), RULE, options={"min_length": 16})
    assert_clean(pool(**{**GOOD, "MinimumLength": 8}), RULE, options={"min_length": 8})


@pytest.mark.parametrize(
    "template",
    [
        pool(**GOOD),
        pool(**{**GOOD, "MinimumLength": "14", "RequireSymbols": "true"}),
        pool(**{**GOOD, "MinimumLength": {"Ref": "Length"}}),
        pool(**{**GOOD, "RequireNumbers": {"Fn::If": ["Prod", True, False]}}),
        having(Policies={"Ref": "Policies"}),
        having(Policies={"PasswordPolicy": {"Fn::If": ["Prod", GOOD, {}]}}),
        {"Resources": {"Pool": {"Type": "AWS::Cognito::IdentityPool"}}},
    ],
)
def test_near_misses(template: dict[str, Any]) -> None:
    assert_clean(template, RULE)


def test_a_pool_that_can_take_no_policy_yet() -> None:
    """Cognito: "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"."""
    users = {"AdminCreateUserConfig": {"UnusedAccountValidityDays": 14}}
    asked = "at least 12 characters, lowercase letters, uppercase letters, numbers, symbols"
    why = "not fixed, since Cognito takes no policy beside UnusedAccountValidityDays"
    before = having(**users)
    assert_flags(before, RULE, message=f"the password policy does not ask for {asked}; {why}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(before, before, RULE)
    policy = {"Policies": {"PasswordPolicy": {"MinimumLength": 8}}}
    assert_fixed(having(**users, **policy), having(**users, Policies={"PasswordPolicy": GOOD}), RULE)
