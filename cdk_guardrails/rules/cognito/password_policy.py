"""cognito-password-policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

POLICY: Final = "Policies.PasswordPolicy"
LENGTH: Final = "MinimumLength"
MIN_LENGTH: Final = 12

UNUSED: Final = "UnusedAccountValidityDays"

CLASSES: Final = {
    "RequireLowercase": "lowercase letters",
    "RequireUppercase": "uppercase letters",
    "RequireNumbers": "numbers",
    "RequireSymbols": "symbols",
}
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-passwordpolicy.html"""


class PasswordPolicy(Rule):
    """User pools ask for passwords that are hard to guess.

    Checks that the password policy asks for at least *min_length* characters and for lowercase and uppercase letters,
    numbers and symbols. The fix sets what is missing; an author's greater length stays. A pool with the old
    UnusedAccountValidityDays and no password policy is flagged only: Cognito takes one or the other.
    """

    id = "cognito-password-policy"
    why = "A short password of one kind of characters is found by trying."
    resource_types = ("AWS::Cognito::UserPool",)
    concern = Concern.IDENTITY
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place, at no cost. Users keep the passwords they have; the policy holds for every password that is"
        " set from then on, temporary ones that an administrator or a script gives included."
    )
    answers = ("C1.3",)
    options = (
        Option(
            "min_length",
            MIN_LENGTH,
            "Fewest characters of a password, 6 to 99:"
            " https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html.",
            minimum=6,
            maximum=99,
        ),
    )
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html",),
        cdk_nag=("AwsSolutions-COG1",),
        security_hub=("Cognito.3",),
    )
    bad = Example("""\
Resources:
  UserPool:
    Type: AWS::Cognito::UserPool
    Properties:
      Policies:
        PasswordPolicy:
          MinimumLength: 8
          RequireNumbers: true
""")
    good = Example("""\
Resources:
  UserPool:
    Type: AWS::Cognito::UserPool
    Properties:
      Policies:
        PasswordPolicy:
          MinimumLength: 12
          RequireLowercase: true
          RequireUppercase: true
          RequireNumbers: true
          RequireSymbols: true
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        wanted = _wanted(resource, settings)
        if wanted:
            asked = [f"at least {settings['min_length']} characters"] if LENGTH in wanted else []
            asked += [CLASSES[name] for name in wanted if name in CLASSES]
            excluded = _excludes_policy(resource)
            obstacle = f"; not fixed, since Cognito takes no policy beside {UNUSED}" if excluded else ""
            yield self.finding(
                resource,
                f"the password policy does not ask for {', '.join(asked)}{obstacle}",
                f"{POLICY}.{next(iter(wanted))}",
                remedy=f"cognito.UserPool(..., password_policy=cognito.PasswordPolicy("
                f"min_length={settings['min_length']}, require_lowercase=True, require_uppercase=True,"
                " require_digits=True, require_symbols=True))",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        for name, value in () if _excludes_policy(resource) else _wanted(resource, settings).items():
            yield resource.set(f"{POLICY}.{name}", value)


def _excludes_policy(resource: Resource) -> bool:
    """Whether Cognito would refuse a first policy: "Please use TemporaryPasswordValidityDays in PasswordPolicy".

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
    """
    return resource.get(POLICY) is None and resource.get(f"AdminCreateUserConfig.{UNUSED}") is not None


def _wanted(resource: Resource, settings: RuleSettings) -> dict[str, Any]:
    """What the policy must be given; what only the deployment knows is left as it is."""
    wanted: dict[str, Any] = {}
    length = resource.get(f"{POLICY}.{LENGTH}")
    if length is not UNKNOWN and _number(length) < settings["min_length"]:
        wanted[LENGTH] = settings["min_length"]
    for name in CLASSES:
        required = resource.get(f"{POLICY}.{name}")
        if required is not UNKNOWN and str(required).lower() != "true":
            wanted[name] = True
    return wanted


def _number(value: Any) -> int:
    """CloudFormation takes numbers as texts, too."""
    return int(value) if str(value).isdecimal() else 0
