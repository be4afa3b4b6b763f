"""source-missing-import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.cdk_index import index
from cdk_guardrails.source.import_lines import import_line
from cdk_guardrails.source.imported import imported
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.ruff import RUFF, UNDEFINED_NAME, Violation

_NAME: Final = re.compile(r"`([^`]+)`")


class MissingImport(SourceRule):
    """Every name that is used is imported or defined.

    Checks for names that stand for nothing, by ruff's rule F821, each once in a file. Where the name is that of a
    module or class of an installed jsii package, or one under which such a module is usually imported (`cw_actions`,
    `ddb`, `sfn`), the import is named. There is no finding where a comment says `# noqa`.
    """

    id = "source-missing-import"
    why = "It fails with a NameError, at the latest when that line runs."
    concern = Concern.MAINTAINABILITY
    answers = ("B1.1",)
    linters = (RUFF,)
    same_as = SameAs(aws=("https://docs.aws.amazon.com/cdk/v2/guide/work-with-cdk-python.html",))
    bad = Example("""\
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns


def notify(alarm: cloudwatch.Alarm, topic: sns.ITopic) -> None:
    alarm.add_alarm_action(aws_cloudwatch_actions.SnsAction(topic))
""")
    good = Example("""\
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions
from aws_cdk import aws_sns as sns


def notify(alarm: cloudwatch.Alarm, topic: sns.ITopic) -> None:
    alarm.add_alarm_action(aws_cloudwatch_actions.SnsAction(topic))
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for the first use of each name that is not defined."""
        uses: dict[str, list[Violation]] = {}
        for violation in RUFF.found(module):
            if violation.code == UNDEFINED_NAME and (match := _NAME.search(violation.message)):
                uses.setdefault(match[1], []).append(violation)
        for name, found in uses.items():
            first = min(found, key=lambda violation: (violation.line, violation.column))
            more = f" {len(found)} times" if len(found) > 1 else ""
            line = import_line(index(), name, _in_use(module))
            message = f"{name} is used{more} and never imported{'' if line else ' or defined'}"
            remedy = f"Add `{line}`." if line else ""
            yield self.finding(module, (first.line, first.column), message, remedy=remedy)


def _in_use(module: Module) -> set[str]:
    """The full names of what is imported, and of the modules from which it is."""
    names = imported(module).names.values()
    whole = (alias.name for node in module.nodes if isinstance(node, ast.Import) for alias in node.names)
    return {*names, *(name.rpartition(".")[0] for name in names), *whole}
