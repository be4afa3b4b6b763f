"""lambda-env-encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, not_fixed
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, setting
from cdk_guardrails.rules.policies import is_all_or
from cdk_guardrails.rules.roles import holder, obstacle, permit, role_of
from cdk_guardrails.rules.shared import KEY_COST, arn_of_settings, out_of_region, stack_key
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, is_no_value

ACTIONS: Final = ("kms:Decrypt",)


class EnvEncryption(Rule):
    """Functions' environment variables are encrypted with a KMS key of the account.

    Checks that a function with variables has KmsKeyArn. The fix sets it to the one key that rules share per stack, or
    to the key in *kms_key_arn*, and lets the function's role decrypt with that key and no other: a function whose role
    may not decrypt its variables does not start. It therefore leaves alone a function whose role is from elsewhere, or
    has a permissions boundary or a Deny. A function that has a key keeps it. Lambda@Edge functions have no variables,
    and the CDK's own functions are not judged.
    """

    id = "lambda-env-encryption"
    why = (
        "With the key that AWS manages, whoever may read a function's configuration reads its variables too. A key of "
        "the account asks for one right more, and shows who used it."
    )
    resource_types = FUNCTIONS
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Whoever deploys needs kms:Encrypt and kms:CreateGrant on the key, and whoever reads the "
        f"variables, in the console for instance, needs kms:Decrypt. {KEY_COST} A key given in kms_key_arn must be in "
        "the function's region, and its policy must leave access to the account's IAM policies."
    )
    profiles = ("staging", "prod")
    options = (
        Option(
            "kms_key_arn",
            None,
            "ARN (not an alias) of a symmetric KMS key to use instead of one key per stack, in the stack's region; it "
            "may have variables such as ${AWS::Region}: "
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html.",
        ),
    )
    answers = ("D3.2",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",),
        checkov=("CKV_AWS_173",),
    )
    bad = Example("""\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt Role.Arn
      Environment:
        Variables: {TABLE: orders}
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      KmsKeyArn: !GetAtt Key.Arn
      Environment:
        Variables: {TABLE: orders}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if not _has_variables(resource) or setting(resource, "KmsKeyArn") not in (None, ""):
            return
        if is_cdk_own(resource) or runs_at_edge(resource, template):
            return
        why_not = _obstacle(resource, settings)
        but = not_fixed(why_not)
        yield self.finding(
            resource,
            f"its variables are not encrypted with a KMS key of the account{but}",
            "KmsKeyArn",
            remedy="lambda_.Function(..., environment_encryption=key)",
        )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if _obstacle(resource, settings):
            return
        key = arn_of_settings(settings["kms_key_arn"] or "")
        if not key:
            id_, edits = stack_key(template, holder(resource, role_of(resource, template)), [])
            key = {"Fn::GetAtt": [id_, "Arn"]}
            yield from edits
        statement = {"Effect": "Allow", "Action": ACTIONS[0], "Resource": key}
        yield from permit(resource, template, statement, "Decryption", reach=is_all_or(key))
        yield resource.set("KmsKeyArn", key)


def _obstacle(function: Resource, settings: RuleSettings) -> str:
    """Why the function may be unable to use the key; "" when it surely can."""
    if elsewhere := out_of_region(settings["kms_key_arn"], function.template):
        return elsewhere
    why_not = obstacle(function, function.template, ACTIONS)
    return f"{why_not}, and it must be able to decrypt them" if why_not else ""


def _has_variables(function: Resource) -> bool:
    variables = setting(function, "Environment.Variables")
    return isinstance(variables, dict) and not all(is_no_value(value) for value in variables.values())
