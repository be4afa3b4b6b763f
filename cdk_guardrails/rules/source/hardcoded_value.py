"""source-hardcoded-value."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, Severity, SourceRule
from cdk_guardrails.rules.source.deployment_values import value_of
from cdk_guardrails.rules.source.fixed_names import FixedName, fixed_name
from cdk_guardrails.rules.source.secret_values import secret_of
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.imported import imported, scope_and_id
from cdk_guardrails.source.literals import Literal, literals, name_of
from cdk_guardrails.source.project import Module

REMEDIES: Final = {
    "region": "cdk.Aws.REGION",
    "account": "cdk.Aws.ACCOUNT_ID",
    "arn": 'cdk.Stack.of(scope).format_arn(service="sqs", resource="orders")',
}
_IN_CDK: Final = 'cdk.SecretValue.secrets_manager("name-of-the-secret", json_field="password")'
_ELSEWHERE: Final = "Keep the value in AWS Secrets Manager, pass the secret's name, and read it at run time."
_NAME: Final = "Use the construct's own attribute in the other places: it says the same, and orders the deployment."


class SourceHardcodedValue(SourceRule):
    """Code holds no secrets, and nothing that ties it to one Region, account or copy.

    Checks every text of the app's Python. An error, in any module: a password, token or key by the name that it stands
    under (a keyword, variable, dict key or parameter), by where it goes (`SecretValue.unsafe_plain_text`), or by its
    form. Its value is told nowhere. Warnings, in modules that import the CDK: Regions and accounts, ARNs and host names
    with one, and physical names that stand again elsewhere in the module instead of a reference. (That a name is fixed
    at all is what `hardcoded-name` says of the template.)

    Left alone: where the app says what to deploy to (`cdk.Environment`, `env=`, a Region beside an account, what is
    chosen by environment), comparisons, defaults of lookups, fields and parameters, lists of Regions, publishers of
    layers and images, docstrings and other prose, placeholders (`<password>`, `changeme`), names and paths of secrets,
    tests. Separately suppressible: `secret`, `region`, `account`, `arn`, `name`.
    """

    id = "source-hardcoded-value"
    why = (
        "Whoever may read the repository knows the secret, also when it has been removed; and code that names one"
        " Region, account or bucket must be changed, in all places, to be deployed anywhere else."
    )
    concern = Concern.MAINTAINABILITY
    answers = ("A6.1", "C1.3")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/cdk/v2/guide/best-practices.html",
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/hardcoded.html",
        )
    )
    bad = Example("""\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct


class ShopStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        s3.Bucket(self, "Images", bucket_name="shop-images")
        lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="app.handler",
            code=lambda_.Code.from_asset("functions/orders"),
            environment={
                "BUCKET": "shop-images",
                "QUEUE": "arn:aws:sqs:us-east-1:111122223333:orders",
                "REGION": "us-east-1",
                "DB_PASSWORD": "not-a-good-place-1",
            },
        )
""")
    good = Example("""\
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class ShopStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        images = s3.Bucket(self, "Images")
        queue = sqs.Queue(self, "Queue")
        password = secretsmanager.Secret(self, "Password")
        lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="app.handler",
            code=lambda_.Code.from_asset("functions/orders"),
            environment={
                "BUCKET": images.bucket_name,
                "QUEUE": queue.queue_arn,
                "REGION": self.region,
                "DB_PASSWORD_SECRET": password.secret_name,
            },
        )


app = cdk.App()
ShopStack(app, "Shop")
cdk.Stack(app, "Elsewhere", env=cdk.Environment(account="111122223333", region="eu-west-1"))
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        if module.is_test:
            return
        in_cdk = imported(module).has_cdk
        lists: set[tuple[ast.AST, str]] = set()
        for literal in literals(module):
            if secret := secret_of(literal, in_cdk=in_cdk):
                yield self._of_secret(literal, *secret, in_cdk)
            elif in_cdk and (value := value_of(literal)):
                if (key := (literal.above[0], value.kind)) not in lists:
                    yield self._written_out(literal, value.kind, f"{value.what} is written out", REMEDIES[value.kind])
                if isinstance(literal.above[0], ast.List):
                    lists.add(key)
            elif in_cdk and (fixed := fixed_name(literal)) and (again := _again(literal, fixed)):
                yield self._written_out(literal, "name", _about_name(fixed, again), _NAME)

    def _of_secret(self, literal: Literal, name: str, form: str, in_cdk: bool) -> Finding:
        what = form or "a literal where a secret belongs"
        return self.finding(
            literal.module,
            literal.node,
            f"{name or 'a text'} holds {what}: whoever may read the code knows it",
            remedy=_IN_CDK if in_cdk and not form else _ELSEWHERE,
            detail="secret",
        )

    def _written_out(self, literal: Literal, kind: str, message: str, remedy: str) -> Finding:
        return self.finding(
            literal.module, literal.node, message, remedy=remedy, detail=kind, severity=Severity.WARNING
        )


def _again(literal: Literal, fixed: FixedName) -> list[int]:
    """Other lines in which the name of a resource stands where it means that resource: in an ARN, or as its name."""
    call = next(node for node in literal.above if isinstance(node, ast.Call))
    word = re.compile(rf"arn:.*(?<![\w-]){re.escape(literal.text)}(?![\w-])", re.DOTALL)
    others = (other for other in literals(literal.module) if call not in other.above and literal.text in other.text)
    return [other.node.lineno for other in others if word.search(other.text) or _means(other, fixed)]


def _means(other: Literal, fixed: FixedName) -> bool:
    """Whether a text is a resource's name by what it stands under: ``{"BUCKET": ...}``, ``from_bucket_name(...)``."""
    kind = fixed.keyword.removesuffix("_name")
    function = other.above[0].func if isinstance(other.above[0], ast.Call) else None
    is_id = isinstance(other.above[0], ast.Call) and other.node in scope_and_id(other.above[0])
    under = f"{other.name} {'' if is_id else name_of(function)}".lower()
    return other.text == fixed.name.text and kind != "name" and kind in under


def _about_name(fixed: FixedName, again: list[int]) -> str:
    lines = f"line{'s' * (len(again) > 1)} {', '.join(map(str, again[:3]))}"
    return f"the {fixed.keyword.replace('_', ' ')} '{fixed.name.text}' is written out here and again in {lines}"
