"""source-one-file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, SameAs, Severity, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.builders import Builder, builder, others
from cdk_guardrails.source.project import Module

_ELSEWHERE: Final = 0.1
"""The share of an app's resources that may be made in other files, and it is still all in one."""


class SourceOneFile(SourceRule):
    """An app's stacks and constructs are not all in one file.

    Checks whether one module makes the resources of an app, nine in ten or more, and is too long for that, or makes too
    many. Resources are the calls that make constructs of the CDK's service modules; a stack or construct of another
    module counts as one more there. An app is the folder with a `cdk.json`, and all below it: files of it count, also
    when they are not among those that are judged.

    Left alone: an app that is divided into modules, however long one of them is; and a file whose resources are made in
    three or more methods or functions of their own, besides `__init__`.
    """

    id = "source-one-file"
    why = "What is all in one file cannot be reused, tested or changed in parts, and everybody changes that file."
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("C2.2",)
    same_as = SameAs(aws=("https://docs.aws.amazon.com/cdk/v2/guide/best-practices.html",))
    options = (
        Option("max_lines", 300, "Number of lines that such a file may have.", minimum=1),
        Option("max_resources", 20, "Number of resources that such a file may make.", minimum=1),
    )
    bad = Example(
        """\
import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs


class ShopStack(cdk.Stack):
    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        self.orders = dynamodb.Table(self, "Orders", partition_key=key)
        self.images = s3.Bucket(self, "Images")
        self.payments = sqs.Queue(self, "Payments")


app = cdk.App()
ShopStack(app, "Shop")
app.synth()
""",
        options={"max_resources": 2},
    )
    good = Example(
        """\
import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from shop.images import Images
from shop.orders import Orders


class ShopStack(cdk.Stack):
    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.orders = Orders(self, "Orders")
        self.images = Images(self, "Images")
        self.payments = sqs.Queue(self, "Payments")


app = cdk.App()
ShopStack(app, "Shop")
app.synth()
""",
        options={"max_resources": 2},
    )

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        found = builder(module)
        if found is None or not found.resources:
            return
        too_much = _too_much(found, settings["max_lines"], settings["max_resources"])
        if too_much and not found.is_divided(settings["max_resources"]) and _is_all(found):
            yield self.finding(
                module,
                found.classes[0] if found.classes else (1, 1),
                f"all stacks and constructs of the app are in this one file, which {too_much}",
                remedy="Move what belongs together, such as an API or the data, to a construct in a module of its own.",
            )


def _too_much(found: Builder, max_lines: int, max_resources: int) -> str:
    said = []
    if found.lines > max_lines:
        said.append(f"has {found.lines} lines (the limit is {max_lines})")
    if found.resources > max_resources:
        said.append(f"makes {found.resources} resources (the limit is {max_resources})")
    return " and ".join(said)


def _is_all(found: Builder) -> bool:
    """Whether next to nothing of the app is made in other modules. A stack or construct counts as a resource."""
    elsewhere = sum(other.resources + len(other.classes) for other in others(found))
    return elsewhere <= _ELSEWHERE * (found.resources + elsewhere)
