"""source-annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

from cdk_guardrails.rules.base import Concern, Example, Finding, SameAs, Severity, SourceRule
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.source.app_code import builds_the_app
from cdk_guardrails.source.project import Module
from cdk_guardrails.source.ruff import PARAMETER, RETURNS, RUFF

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

USUAL: Final = {"scope": "Construct", "id": "str", "id_": "str", "construct_id": "str"}
"""What the first parameters of every construct are."""


class Annotations(SourceRule):
    """Every function says which types it takes and returns.

    Checks for functions and methods with a parameter or a return value that has no annotation, by ruff's rules ANN001,
    ANN201, ANN202, ANN204, ANN205 and ANN206: one finding for each function, which names what has none. Judged are the
    modules that build the app: those that import the CDK, and what they import. There is no finding for `self`, `cls`,
    `*args` and `**kwargs` (which the CDK's own template leaves bare), for what `__init__` returns, for functions within
    functions, in tests, and where a comment says `# noqa`.
    """

    id = "source-annotations"
    why = "Without them neither an editor nor a type checker sees that a construct is given what it does not take."
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("C1.1",)
    linters = (RUFF,)
    same_as = SameAs(aws=("https://docs.aws.amazon.com/cdk/v2/guide/work-with-cdk-python.html",))
    bad = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito


class Users(Stack):
    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.pool = self._create_pool()

    def _create_pool(self):
        return cognito.UserPool(self, "Users")
""")
    good = Example("""\
from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct


class Users(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.pool = self._create_pool()

    def _create_pool(self) -> cognito.UserPool:
        return cognito.UserPool(self, "Users")
""")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        """Yields one finding for each function."""
        found = RUFF.found(module) if builds_the_app(module) and not module.is_test else ()
        bare = {(each.line, each.column) for each in found if each.code == PARAMETER}
        silent = {each.line for each in found if each.code in RETURNS}
        for function in module.nodes if bare or silent else ():
            if not isinstance(function, _Function) or _is_inner(module, function):
                continue
            parameters = [each.arg for each in _parameters(function) if _place(module, each) in bare]
            returns = function.lineno in silent and function.name != "__init__"
            if parameters or returns:
                message = f"{function.name} has no annotation for {_listed(parameters, returns)}"
                yield self.finding(module, function, message, remedy=_remedy(function, parameters, returns))


def _parameters(function: _Function) -> list[ast.arg]:
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _place(module: Module, node: ast.arg) -> tuple[int, int]:
    return node.lineno, module.column(node.lineno, node.col_offset)


def _is_inner(module: Module, function: _Function) -> bool:
    """Whether it stands within another function: a callback, which nothing else can call."""
    above = module.parents.get(function)
    while above is not None and not isinstance(above, _Function):
        above = module.parents.get(above)
    return above is not None


def _listed(parameters: list[str], returns: bool) -> str:
    said = [*parameters, *(["what it returns"] if returns else [])]
    return " and ".join([*([", ".join(said[:-1])] if said[1:] else []), said[-1]])


def _remedy(function: _Function, parameters: list[str], returns: bool) -> str:
    """What can be told without knowing more of the app."""
    said = [f"`{name}: {USUAL[name]}`" for name in parameters if name in USUAL]
    if returns and _returns_nothing(function):
        said.append("`-> None`")
    return f"Write {', '.join(said)}." if said else ""


def _returns_nothing(function: _Function) -> bool:
    """Whether it can only return None, by its own body; one that only raises or is ``...`` is to be overridden."""
    last = function.body[-1]
    if isinstance(last, ast.Raise) or (isinstance(last, ast.Expr) and _is(last.value, ...)):
        return False
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom) or (isinstance(node, ast.Return) and not _is(node.value, None)):
            return False
        if not isinstance(node, _Function | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
    return True


def _is(node: ast.expr | None, constant: object) -> bool:
    """Whether ``node`` is this constant, or nothing where the constant is None."""
    return (node is None and constant is None) or (isinstance(node, ast.Constant) and node.value is constant)
