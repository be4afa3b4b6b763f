"""cognito-mfa."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, not_fixed
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

USER_POOL: Final = "AWS::Cognito::UserPool"
SOFTWARE: Final = "SOFTWARE_TOKEN_MFA"
SMS: Final = "SMS_MFA"

NEEDS: Final = {SMS: "SmsConfiguration", "EMAIL_OTP": "EmailConfiguration"}
"""What a pool must have for a factor.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html"""

ACCEPTED: Final = {"OPTIONAL": ("OPTIONAL", "ON"), "ON": ("ON",)}
"""What MfaConfiguration may be, by the rule's mode."""


class Mfa(Rule):
    """User pools offer a second factor.

    Checks that MfaConfiguration is OPTIONAL or ON (with *mode* ON: that it is ON), and that EnabledMfas names a factor:
    without one, and without SMS, Cognito refuses the pool.

    The fix sets *mode* and, where the author names no factor, EnabledMfas: a software token, and SMS beside it in a
    pool with an SmsConfiguration, since Cognito does not let such a pool go without. It leaves a pool alone of which
    only the deployment knows whether it has one, or which factors it has, or whose factor
    lacks its configuration. An author's ON, and an author's factors, stay.
    """

    id = "cognito-mfa"
    why = "With a password alone, whoever has guessed, phished or bought it is in."
    resource_types = (USER_POOL,)
    concern = Concern.IDENTITY
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. OPTIONAL changes nothing for users who set up no second factor; the application must offer"
        " that, managed login does not. A software token costs nothing, text messages are billed. With mode ON,"
        " which setting that option asks for, every user must set up a factor before the next sign-in, an application"
        " that does not expect the challenge locks its users out, sign-in without a password no longer works, and"
        " CloudFormation has refused to turn an existing pool ON: do that in the console first."
    )
    profiles = ("staging", "prod")
    answers = ("C3.3",)
    options = (
        Option(
            "mode",
            "OPTIONAL",
            "OPTIONAL: users may set up a second factor. ON: they must, which may lock users out:"
            " https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html.",
            choices=("OPTIONAL", "ON"),
        ),
    )
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html",
            "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html",
        ),
        cdk_nag=("AwsSolutions-COG2",),
        security_hub=("Cognito.5",),
    )
    bad = Example("""\
Resources:
  UserPool:
    Type: AWS::Cognito::UserPool
""")
    good = Example("""\
Resources:
  UserPool:
    Type: AWS::Cognito::UserPool
    Properties:
      MfaConfiguration: OPTIONAL
      EnabledMfas: [SOFTWARE_TOKEN_MFA]
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        mode, mfa = settings["mode"], resource.get("MfaConfiguration")
        if mfa is UNKNOWN:
            return
        if mfa not in ACCEPTED[mode]:
            required = mode == "ON"
            message = f"multi-factor authentication is {mfa or 'OFF'}, so "
            message += "users may sign in with a password alone" if required else "no user can have a second factor"
            obstacle = _obstacle(resource)
            message += not_fixed(obstacle)
            yield self.finding(resource, message, "MfaConfiguration", remedy=_remedy(required))
        elif resource.get("EnabledMfas") in (None, []) and resource.get("SmsConfiguration") is None:
            message = f"MfaConfiguration is {mfa}, but no factor is enabled: Cognito refuses the pool"
            yield self.finding(resource, message, "EnabledMfas", remedy=_remedy(mfa == "ON"))

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        factors, sms = resource.get("EnabledMfas"), resource.get("SmsConfiguration")
        if _obstacle(resource):
            return
        if resource.get("MfaConfiguration") not in ACCEPTED[settings["mode"]]:
            yield resource.set("MfaConfiguration", settings["mode"])
        if factors in (None, []):
            yield resource.set("EnabledMfas", [SMS, SOFTWARE] if sms else [SOFTWARE])


def _obstacle(resource: Resource) -> str:
    """Why the pool is not fixed: Cognito may, or would, refuse the factors that it has; "" when it is fixed."""
    factors: Any = resource.get("EnabledMfas")
    if factors is UNKNOWN:
        return "only the deployment knows its EnabledMfas"
    if factors in (None, []):
        unknown = resource.get("SmsConfiguration") is UNKNOWN
        return "only the deployment knows its SmsConfiguration" if unknown else ""
    needed = ((factor, name) for factor, name in NEEDS.items() if factor in factors and resource.get(name) is None)
    return next((f"its factor {factor} needs {name}" for factor, name in needed), "")


def _remedy(required: bool) -> str:
    mode = "REQUIRED" if required else "OPTIONAL"
    factors = "mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False)"
    return f"cognito.UserPool(..., mfa=cognito.Mfa.{mode}, {factors})"
