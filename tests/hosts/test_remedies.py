"""Every line of Python that a rule advises is one that the installed aws-cdk-lib has, and does not call deprecated."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cdk_guardrails.rules
from cdk_guardrails import engine
from cdk_guardrails.rules.base import Rule
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import example_settings, load
from tests.hosts.conftest import CDK

RULES = Path(cdk_guardrails.rules.__file__).parent

MODULES = {
    "apigateway": "aws_cdk.aws_apigateway",
    "apigwv2": "aws_cdk.aws_apigatewayv2",
    "autoscaling": "aws_cdk.aws_autoscaling",
    "cdk": "aws_cdk",
    "cloudtrail": "aws_cdk.aws_cloudtrail",
    "cloudwatch": "aws_cdk.aws_cloudwatch",
    "codecommit": "aws_cdk.aws_codecommit",
    "cognito": "aws_cdk.aws_cognito",
    "cw_actions": "aws_cdk.aws_cloudwatch_actions",
    "dynamodb": "aws_cdk.aws_dynamodb",
    "ec2": "aws_cdk.aws_ec2",
    "ecs": "aws_cdk.aws_ecs",
    "efs": "aws_cdk.aws_efs",
    "events": "aws_cdk.aws_events",
    "iam": "aws_cdk.aws_iam",
    "kinesis": "aws_cdk.aws_kinesis",
    "kms": "aws_cdk.aws_kms",
    "lambda_": "aws_cdk.aws_lambda",
    "lambda_destinations": "aws_cdk.aws_lambda_destinations",
    "lambda_event_sources": "aws_cdk.aws_lambda_event_sources",
    "logs": "aws_cdk.aws_logs",
    "rds": "aws_cdk.aws_rds",
    "s3": "aws_cdk.aws_s3",
    "secretsmanager": "aws_cdk.aws_secretsmanager",
    "sfn": "aws_cdk.aws_stepfunctions",
    "sns": "aws_cdk.aws_sns",
    "sqs": "aws_cdk.aws_sqs",
    "ssm": "aws_cdk.aws_ssm",
}
"""The names under which the CDK's documentation imports its modules."""

VARIABLES = {
    "alarm": "cloudwatch.Alarm",
    "api": "apigateway.RestApi",
    "app": "cdk.App",
    "bucket": "s3.Bucket",
    "bus": "events.EventBus",
    "function": "lambda_.Function",
    "key": "kms.Key",
    "log_group": "logs.LogGroup",
    "method": "apigateway.Method",
    "parameter": "ssm.StringParameter",
    "policy": "iam.PolicyStatement",
    "queue": "sqs.Queue",
    "repository": "codecommit.Repository",
    "resource": "cdk.CfnResource",
    "rest_api": "apigateway.RestApi",
    "role": "iam.Role",
    "security_group": "ec2.SecurityGroup",
    "secret": "secretsmanager.Secret",
    "stage": "apigateway.Stage",
    "state_machine": "sfn.StateMachine",
    "stream": "kinesis.Stream",
    "table": "dynamodb.Table",
    "topic": "sns.Topic",
    "usage_plan": "apigateway.UsagePlan",
    "user_pool": "cognito.UserPool",
    "vpc": "ec2.Vpc",
}
"""The variables that remedies speak of, and what they are."""


ANY = "_any_"


def advised() -> dict[str, str]:
    """The lines of code among the texts in the rules' modules, with where each stands."""
    found = {}
    for file in sorted(RULES.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        examples = {id(node) for example in examples_of(tree) for node in ast.walk(example)}
        for node in ast.walk(tree):
            text = "" if id(node) in examples else text_of(node)
            if text and code_of(text):
                found[text] = file.relative_to(RULES).as_posix()
    return found


def examples_of(tree: ast.Module) -> Iterator[ast.AST]:
    """What the classes of a module give as examples: whole programs, one of them wrong on purpose."""
    for class_ in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        for node in class_.body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id in ("bad", "good") for target in targets):
                yield node


def text_of(node: ast.AST) -> str:
    """The text of a string or an f-string, with ANY where a value is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)
    return ""


def code_of(text: str) -> ast.AST | None:
    """The syntax tree of a line of code, or of an argument alone (``retention=logs.RetentionDays.ONE_DAY``)."""
    if not re.search(r"[(=]", text) and not re.fullmatch(r"cdk(\.\w+)+", text):
        return None
    tree = parsed(text) or (parsed(f"f({text})") if re.match(r"\w+=", text) else None)
    roots = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree else set()
    return tree if roots & {*MODULES, *VARIABLES} and any(chains(tree)) else None


def parsed(text: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # a regular expression is no Python, but may look like it
            return ast.parse(text)
    except SyntaxError:
        return None


def chains(tree: Any) -> Iterator[tuple[ast.Attribute, list[str]]]:
    """The outermost dotted names of the tree: ``s3.BucketEncryption.KMS``."""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            parts, base = [node.attr], node.value
            while isinstance(base, ast.Attribute):
                parts, base = [base.attr, *parts], base.value
            if isinstance(base, ast.Name):
                yield node, [base.id, *parts]


@cache
def module(alias: str) -> ModuleType:
    return importlib.import_module(MODULES[alias])


def resolved(parts: list[str]) -> Any:
    """What a dotted name stands for, without asking the kernel for static values. None: nothing can be said of it."""
    if parts[0] in VARIABLES:
        alias, class_ = VARIABLES[parts[0]].split(".")
        parts = [alias, class_, *parts[1:]]
    assert parts[0] in {*MODULES, ANY}, f"{'.'.join(parts)}: name it among MODULES or VARIABLES"
    if parts[0] == ANY:
        return None
    value: Any = module(parts[0])
    for part in parts[1:]:
        if isinstance(value, property):  # ``resource.node``: its members are another class's
            return None
        members = members_of(value)
        if not any(re.fullmatch(part.replace(ANY, r"\w+"), member) for member in members):
            raise AssertionError(f"{'.'.join(parts)}: there is no '{part}'")
        if ANY in part:
            return None
        value = getattr(value, part) if isinstance(value, ModuleType) else inspect.getattr_static(value, part)
    return value


def members_of(value: Any) -> set[str]:
    """The names that a module or a class has, statics included."""
    classes = [*value.__mro__, *type(value).__mro__] if inspect.isclass(value) else [value]
    return {name for class_ in classes for name in vars(class_)}


def check_code(tree: Any) -> None:
    """Every dotted name of the tree exists, and every keyword of a call to one."""
    known = {id(node): resolved(parts) for node, parts in chains(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and known.get(id(node.func)) is not None:
            check_keywords(node, known[id(node.func)])


def check_keywords(call: ast.Call, called: Any) -> None:
    function = inspect.unwrap(called.__init__ if inspect.isclass(called) else getattr(called, "__func__", called))
    parameters = inspect.signature(function).parameters
    for keyword in call.keywords:
        if keyword.arg in (None, ANY):
            continue
        assert keyword.arg in parameters, f"{ast.unparse(call.func)} has no '{keyword.arg}'"
        described = re.search(rf":param {keyword.arg}: *\(deprecated\)", function.__doc__ or "")
        assert not described, f"{ast.unparse(call.func)}: '{keyword.arg}' is deprecated"


@pytest.mark.skipif(CDK < (2, 270), reason="remedies are for today's aws-cdk-lib")
@pytest.mark.parametrize("text", advised())
def test_the_code_that_rules_advise_exists(text: str) -> None:
    check_code(code_of(text))


@pytest.mark.parametrize("rule", all_rules().values(), ids=list(all_rules()))
def test_a_remedy_is_code_or_a_sentence(rule: Rule) -> None:
    app = App()
    Template(load(rule.bad.template), app=app)
    settings = example_settings(rule, rule.bad)
    found = engine.run(app, [rule], settings, Suppressions(settings.today), fix=False).findings
    for finding in found:
        remedy = finding.remedy
        assert remedy.endswith(".") or code_of(remedy) or remedy.startswith("Guardrails("), remedy


@pytest.mark.parametrize(
    "text",
    [
        "s3.Bucket(..., versionned=True)",
        "s3.Buckets(...)",
        "s3.Bucket(..., encryption=s3.BucketEncryption.KMSS)",
        "bucket.grant(role)",
        "dynamodb.Table(..., point_in_time_recovery=True)",
    ],
)
def test_what_does_not_exist_is_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        check_code(code_of(text))


def test_there_is_something_to_check() -> None:
    assert len(advised()) >= len(all_rules()) / 2
