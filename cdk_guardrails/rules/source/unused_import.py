"""source-unused-import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, Severity, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.cdk_index import index
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.ruff import RUFF, UNUSED_IMPORT
from cdk_guardrails.source.unknown import is_tried
from cdk_guardrails.source.unknown_names import IMPORT_ERRORS

_Import: TypeAlias = ast.Import | ast.ImportFrom


class UnusedImport(SourceRule):
    """What is imported of the CDK is used.

    Checks for imports of aws-cdk-lib, constructs, cdk-nag and every other jsii package that nothing in the file uses,
    by ruff's rule F401. Other imports are left to a linter. A warning, since the app does the same without it. There is
    no finding in an `__init__.py`, for what `__all__` names or what is imported `as` its own name, in a `try` that
    expects an ImportError, and where a comment says `# noqa`.
    """

    id = "source-unused-import"
    why = "It tells of resources that are not there: a reader looks for event sources where none are set up."
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("A1.1",)
    linters = (RUFF,)
    same_as = SameAs(aws=("https://docs.aws.amazon.com/cdk/v2/guide/work-with-cdk-python.html",))
    bad = Example("""\
from aws_cdk import aws_lambda_event_sources
from aws_cdk import aws_s3 as s3
from constructs import Construct


def make_bucket(scope: Construct) -> s3.Bucket:
    return s3.Bucket(scope, "Orders")
""")
    good = Example("""\
from aws_cdk import aws_s3 as s3
from constructs import Construct


def make_bucket(scope: Construct) -> s3.Bucket:
    return s3.Bucket(scope, "Orders")
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each import."""
        places = {(each.line, each.column) for each in RUFF.found(module) if each.code == UNUSED_IMPORT}
        if not places or module.file.name == "__init__.py":
            return
        packages = {name.partition(".")[0] for name in index().modules}
        for node, alias in _imports(module):
            full = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            ours = full.partition(".")[0] in packages
            if ours and not places.isdisjoint(_places(module, alias)) and not _is_meant(module, node, alias):
                name = f"{full} as {alias.asname}" if alias.asname else full
                yield self.finding(module, alias, f"{name} is imported and never used", remedy="Remove the import.")


def _imports(module: Module) -> Iterator[tuple[_Import, ast.alias]]:
    for node in module.nodes:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level):
            yield from ((node, alias) for alias in node.names)


def _places(module: Module, alias: ast.alias) -> Iterator[tuple[int, int]]:
    """Where ruff may point to: what is imported, or the name behind ``as``."""
    yield alias.lineno, module.column(alias.lineno, alias.col_offset)
    if alias.asname and alias.end_lineno and alias.end_col_offset:
        yield alias.end_lineno, module.column(alias.end_lineno, alias.end_col_offset - len(alias.asname.encode()))


def _is_meant(module: Module, node: _Import, alias: ast.alias) -> bool:
    return alias.asname == alias.name or is_tried(module, node, IMPORT_ERRORS)
