"""What the rules know of the account and Region that a stack is rendered for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from constructs import IConstruct

from cdk_guardrails import Guardrails
from tests.hosts.conftest import only, synth

NewApp = Callable[..., cdk.App]

HERE = cdk.Environment(account="111122223333", region="eu-west-1")
THERE = cdk.Environment(account="444455556666", region="us-east-1")
ON = {"hardcoded-region": {"fix": False}, "hardcoded-account": {"fix": False}}


class Spy(Guardrails):
    """Keeps what the bridge says."""

    def __init__(self) -> None:
        super().__init__(environment="prod", rules=only(), quiet=True)
        self.messages: list[dict[str, Any]] = []

    def process(self, scope: IConstruct, message: str) -> str:
        self.messages.append(json.loads(message))
        return super().process(scope, message)


def guard(app: cdk.App) -> None:
    cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("hardcoded-region", "hardcoded-account")))


def test_what_the_cdk_renders_for_a_stack_s_environment_is_not_hardcoded(new_app: NewApp) -> None:
    app = new_app()
    stack = cdk.Stack(app, "Stack", env=HERE)
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
    balancer = elbv2.ApplicationLoadBalancer(stack, "Balancer", vpc=vpc)
    balancer.log_access_logs(s3.Bucket(stack, "Logs"))  # lets in an account of AWS
    queue = sqs.Queue(stack, "Queue", queue_name=cdk.PhysicalName.GENERATE_IF_NEEDED)
    ssm.StringParameter(stack, "Arn", string_value=stack.format_arn(service="sns", resource="orders"))
    other = cdk.Stack(app, "Other", env=THERE)
    ssm.StringParameter(other, "Url", string_value=queue.queue_url)
    ssm.StringParameter(cdk.NestedStack(stack, "Nested"), "Arn", string_value=f"x:{stack.region}:{stack.account}:y")
    guard(app)
    result = synth(app)
    assert result.findings == []
    assert "156460612806" in json.dumps(result.of_type("Stack.", "AWS::S3::BucketPolicy"))


def test_another_environment_is_a_warning(new_app: NewApp) -> None:
    app = new_app()
    stack = cdk.Stack(app, "Stack", env=HERE)
    ssm.StringParameter(stack, "Arn", string_value="arn:aws:sns:us-east-1:444455556666:orders")
    cdk.Aspects.of(app).add(Guardrails(environment="prod", rules={**only(), **ON}, quiet=True))
    result = synth(app)
    assert result.error == ""
    assert result.findings == [
        "hardcoded-account[444455556666] @ Stack/Arn/Resource",
        "hardcoded-region[us-east-1] @ Stack/Arn/Resource",
    ]


def test_in_a_stack_without_an_environment_it_is_an_error(new_app: NewApp) -> None:
    app = new_app()
    stack = cdk.Stack(app, "Stack")
    ssm.StringParameter(stack, "Arn", string_value="arn:aws:sns:us-east-1:444455556666:orders")
    iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal(stack.account))
    guard(app)
    result = synth(app)
    assert len(result.findings) == 2
    assert result.error


def test_the_fixes_know_it_too(new_app: NewApp) -> None:
    app = new_app()
    for name, env in (("Here", HERE), ("Anywhere", None), ("Half", cdk.Environment(region="eu-west-1"))):
        sqs.Queue(cdk.Stack(app, name, env=env), "Queue")
    spy = Spy()
    cdk.Aspects.of(app).add(spy)
    synth(app)
    [message] = [message for message in spy.messages if message["event"] == "fix"]
    assert [(stack["account"], stack["region"]) for stack in message["stacks"]] == [
        ("111122223333", "eu-west-1"),
        ("", ""),
        ("", "eu-west-1"),
    ]
