"""cognito-advanced-security."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

WANTED: Final = {"UserPoolAddOns.AdvancedSecurityMode": "ENFORCED", "UserPoolTier": "PLUS"}
"""The mode, and the tier that has it:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-userpooladdons.html"""


class AdvancedSecurity(Rule):
    """User pools act on risky sign-ins.

    Checks that threat protection (advanced security) is ENFORCED, not OFF and not only AUDIT, and that the pool is of
    the tier that it needs, PLUS. The fix sets both.
    """

    id = "cognito-advanced-security"
    why = (
        "Without threat protection, Cognito lets passwords that leaked elsewhere, and sign-ins from unusual places and"
        " devices, pass like any other."
    )
    resource_types = ("AWS::Cognito::UserPool",)
    concern = Concern.IDENTITY
    fix_safety = FixSafety.UNSAFE
    fix_note = (
        "Updates in place. The Plus tier costs 0.02 USD for each monthly active user, with no free ones: 200 USD a"
        " month for 10,000 (https://aws.amazon.com/cognito/pricing/). Sign-ins that Cognito finds risky are then"
        " challenged for a second factor, and blocked for users without one."
    )
    profiles = ("staging", "prod")
    answers = ("C3.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html",
            "https://docs.aws.amazon.com/cognito/latest/developerguide/feature-plans-features-plus.html",
        ),
        cdk_nag=("AwsSolutions-COG8",),
        security_hub=("Cognito.1",),
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
      UserPoolTier: PLUS
      UserPoolAddOns:
        AdvancedSecurityMode: ENFORCED
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        wrong = _wrong(resource)
        if wrong:
            yield self.finding(
                resource,
                _message(wrong),
                next(iter(wrong)),
                remedy="cognito.UserPool(..., feature_plan=cognito.FeaturePlan.PLUS,"
                " standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION)",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        for path in _wrong(resource):
            yield resource.set(path, WANTED[path])


def _wrong(resource: Resource) -> dict[str, Any]:
    """What is not as it should be, by path; what only the deployment knows is left out."""
    values = {path: resource.get(path) for path in WANTED}
    return {path: value for path, value in values.items() if value is not UNKNOWN and value != WANTED[path]}


def _message(wrong: dict[str, Any]) -> str:
    if "UserPoolTier" not in wrong or len(wrong) > 1:
        return f"threat protection is {wrong['UserPoolAddOns.AdvancedSecurityMode'] or 'OFF'}: risky sign-ins pass"
    return f"threat protection needs the tier PLUS, but UserPoolTier is {wrong['UserPoolTier'] or 'not set'}"
