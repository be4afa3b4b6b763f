"""source-unknown-member."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.type_checker import PYREFLY
from cdk_guardrails.source.unknown import advice
from cdk_guardrails.source.unknown_attributes import unknown_attributes
from cdk_guardrails.source.unknown_keywords import unknown_keywords
from cdk_guardrails.source.unknown_names import unknown_names


class UnknownMember(SourceRule):
    """Code uses what the installed CDK has.

    Checks for methods, properties, values of enums, keywords, classes and modules that the installed aws-cdk-lib, or
    any other jsii package, does not have, and names those that it has and that come nearest. What an expression is
    comes from the type checker pyrefly, the members from the packages' manifests. A class of the app that inherits
    from one of the CDK is judged, too. There is no finding where a value may be of another class than its type says
    that has the member, where the app sets the attribute itself, asks for it with `hasattr`, or expects the error; nor
    where a comment says `# type: ignore`, or the same to pyrefly, pyright or ty.
    """

    id = "source-unknown-member"
    why = "It fails with an AttributeError, TypeError or ImportError when the app is synthesized."
    concern = Concern.MAINTAINABILITY
    answers = ("B1.2",)
    linters = (PYREFLY,)
    same_as = SameAs(aws=("https://docs.aws.amazon.com/cdk/api/v2/python/index.html",))
    bad = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3


class Orders(Stack):
    def __init__(self, scope, construct_id, role: iam.IRole):
        super().__init__(scope, construct_id)
        bucket = s3.Bucket(self, "Orders")
        bucket.grant(role, "s3:GetObject")
""")
    good = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3


class Orders(Stack):
    def __init__(self, scope, construct_id, role: iam.IRole):
        super().__init__(scope, construct_id)
        bucket = s3.Bucket(self, "Orders")
        bucket.grant_read(role)
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each place where a name stands for nothing."""
        types, found = types_of(module.project), PYREFLY.found(module)
        for judge in (unknown_attributes, unknown_keywords):
            for unknown in judge(types, module, found):
                yield self.finding(module, unknown.at, unknown.message, remedy=advice(unknown.meant))
        for unknown in unknown_names(types, module):
            yield self.finding(module, unknown.at, unknown.message, remedy=advice(unknown.meant))
