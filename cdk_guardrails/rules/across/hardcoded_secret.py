"""hardcoded-secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.masking import mask_text
from cdk_guardrails.rules.across.secrets import SCRIPT, Secret, is_secret_default, says_secret, secrets
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Resource, Template

SECTIONS: Final = ("Mappings", "Outputs", "Globals")
"""What of a template, beside resources and parameters, may hold a value."""

VALUES: Final = {
    "AWS::ApiGateway::ApiKey": "Value",
}
"""Properties that hold a secret though their names do not say so, by type."""

VARIABLES: Final = ("Variables", "Environment", "EnvironmentVariables", "RuntimeEnvironmentVariables")


class HardcodedSecret(Rule):
    """Templates hold no secrets.

    Checks every property for a literal under a name that says password, secret, token, API key or the like: properties
    (MasterUserPassword, AuthToken, SecretString ...), variables of functions, containers and builds, parameters of SDK
    calls (TemporaryPassword in an AwsCustomResource), parameters of nested stacks. In any text, AWS access keys,
    private keys, tokens of known forms and URLs with a password are found by their form, and assignments in UserData. A
    parameter with NoEcho, or with such a name, must have no default. The value itself is told nowhere.

    Left alone: references, dynamic references and ARNs; names and paths of secrets (`prod/orders/db`), settings about
    them (PASSWORD_LENGTH, TOKEN_URL); placeholders (`<password>`, `$PASSWORD`); tags and policies.
    """

    id = "hardcoded-secret"
    why = (
        "The template lies in the repository, in the deployment's bucket and in CloudFormation, where many more may"
        " read it than may know the secret; and the secret cannot be rotated without a deployment."
    )
    resource_types = ("*", TEMPLATE)
    concern = Concern.IDENTITY
    answers = ("C1.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html",
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/hardcoded.html",
        ),
        cdk_nag=(
            "HIPAA.Security-CodeBuildProjectEnvVarAwsCred",
            "NIST.800.53.R4-CodeBuildProjectEnvVarAwsCred",
            "PCI.DSS.321-CodeBuildProjectEnvVarAwsCred",
        ),
        checkov=("CKV_AWS_45", "CKV_AWS_46"),
        security_hub=("CodeBuild.2", "ECS.8"),
    )
    bad = Example("""\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: "20"
      MasterUsername: shop
      MasterUserPassword: not-a-good-place-1
""")
    good = Example("""\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: "20"
      MasterUsername: shop
      MasterUserPassword: "{{resolve:secretsmanager:prod/shop/db:SecretString:password}}"
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource is template.whole:
            yield from self._in_parameters(template)
            found = [secret for name in SECTIONS for secret in secrets(template.data.get(name), (name,))]
        else:
            found = secrets(resource.properties)
            name = VALUES.get(resource.type, "")
            if isinstance(value := resource.get(name) if name else None, str) and is_secret_default(value):
                found.append(Secret((name,), name))
        for secret in found:
            yield self._of_secret(resource, secret)

    def _of_secret(self, resource: Resource, secret: Secret) -> Finding:
        name = mask_text(secret.name)
        what = secret.form or "a literal where a secret belongs"
        return self.finding(
            resource,
            f"{name or 'a text'} holds {what}: whoever may read the template knows it",
            secret.path,
            remedy=_remedy(resource, secret),
            detail=name,
        )

    def _in_parameters(self, template: Template) -> Iterator[Finding]:
        for name, parameter in template.parameters.items():
            if not isinstance(parameter, dict) or "AWS::SSM::" in str(parameter.get("Type")):
                continue
            hidden = str(parameter.get("NoEcho")).lower() == "true"
            if (hidden or says_secret(name)) and is_secret_default(parameter.get("Default")):
                yield self.finding(
                    template.whole,
                    f"the default of the parameter {name} is a literal where a secret belongs"
                    f"{', which NoEcho does not hide' if hidden else ''}: whoever may read the template knows it",
                    ("Parameters", name, "Default"),
                    remedy=f'cdk.CfnParameter(scope, "{name}", no_echo=True)',
                    detail=name,
                )


def _remedy(resource: Resource, secret: Secret) -> str:
    if SCRIPT in secret.path or any(part in VARIABLES for part in secret.path):
        return "Keep the value in AWS Secrets Manager, pass the secret's name, and read it at run time."
    if resource.type == "AWS::SecretsManager::Secret":
        return "Let Secrets Manager generate the value, or put it there outside of the template."
    return 'cdk.SecretValue.secrets_manager("name-of-the-secret", json_field="password")'
