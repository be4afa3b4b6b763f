"""source-deprecated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, Severity, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.deprecations import Use, deprecated_uses
from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.replacements import explained

_BEGINNINGS: Final = ("Calling", "Cannot", "Do", "Leave", "Legacy", "See", "Service", "The", "This", "Use", "Version")

V2_LIFECYCLE: Final = "https://docs.aws.amazon.com/cdk/v2/guide/versioning.html"


class Deprecated(SourceRule):
    """Nothing is used that the installed CDK calls deprecated.

    Checks for deprecated classes, members, values of enums, keywords and keys of dicts given for them, by the .jsii
    manifests inside the installed packages (aws-cdk-lib, constructs and every other jsii package), and names what the
    manifest says to use instead. A warning: what is deprecated goes on to work until the next major version, and the
    CDK itself only warns when it runs. Code of which the types are not known is not judged.
    """

    id = "source-deprecated"
    why = "What is deprecated gets no fixes and goes with the next major version; its successor often does more."
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("B1.3",)
    same_as = SameAs(aws=(V2_LIFECYCLE,))
    bad = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb


class Orders(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        dynamodb.Table(self, "Orders", partition_key=key, point_in_time_recovery=True)
""")
    good = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb


class Orders(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
        recovery = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
        dynamodb.Table(self, "Orders", partition_key=key, point_in_time_recovery_specification=recovery)
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each place where something deprecated is used."""
        types = types_of(module.project)
        for use in deprecated_uses(types, module):
            said = explained(types.index, use.owner, use.text)
            because = f": {_lower(said.reason)}" if said.reason else ""
            message = f"{use.what} is deprecated{because}"
            yield self.finding(module, _place(module, use), message, remedy=_remedy(said.advice, said.names))


def _place(module: Module, use: Use) -> tuple[int, int]:
    """Where the name stands: of a chain of calls over several lines, the line of the name itself."""
    node = use.node
    if isinstance(node, ast.Attribute) and node.end_lineno is not None and node.end_col_offset is not None:
        return node.end_lineno, module.column(node.end_lineno, node.end_col_offset - len(node.attr.encode()))
    return node.lineno, module.column(node.lineno, node.col_offset)


def _remedy(advice: str, names: tuple[str, ...]) -> str:
    if names:
        return f"Use {' or '.join(names)}."
    return f"{advice[:1].upper()}{advice[1:]}." if advice else ""


def _lower(text: str) -> str:
    """A sentence as it goes on after a colon: ``Use x`` is ``use x``, a name stays as it is."""
    return text[:1].lower() + text[1:] if text.partition(" ")[0] in _BEGINNINGS else text
