"""Whether log lines of Python code can be told apart by request: what the code adds to them, and what Lambda adds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from cdk_guardrails.lambda_code.flows import flows_of, names_in
from cdk_guardrails.lambda_code.log_calls import FACTORIES, LogCall
from cdk_guardrails.lambda_code.logging_facts import OWN_FORMAT, POWERTOOLS, PRINTED, RUNTIME
from cdk_guardrails.lambda_code.scopes import Scope, Unit
from cdk_guardrails.lambda_code.trees import dotted, last_name, walk

_ID: Final = re.compile(
    r"re(quest|q)id|correlat|trace(id|parent|header)|amzntrace|span(id|context)|invocationid|(?<!query)execution(id|arn|name)"
    r"|transactionid|messageid|eventid"
)
"""Names of what tells requests, or the messages and executions behind them, apart; underscores aside."""

_SEPARATORS: Final = re.compile(r"[-_\s.$]")

_GIVES_ID: Final = frozenset(
    {"inject_lambda_context", "set_correlation_id", "LoggingInstrumentor", "inject_correlation_id"}
)
"""Functions that give every line an id by themselves."""

_BINDS: Final = FACTORIES | frozenset(
    {"append_context_keys", "append_keys", "bind_contextvars", "bound_contextvars", "configure"}
    | {"structure_logs", "thread_safe_append_keys", "update_context"}
)
"""Functions that add their arguments to lines that are logged later."""

_SHAPES: Final = frozenset({"LoggerAdapter", "addFilter", "setFormatter", "setLogRecordFactory"})
"""What lets a module's own code add to every line."""

_TAKES_OVER: Final = frozenset({"dictConfig", "fileConfig", "removeHandler"})
"""What takes the lines away from Lambda's own handler."""

MAX_TEXT: Final = 300
"""Characters of a text in which a name of an id is looked for."""


def has_id(units: Iterable[Unit], calls: Iterable[tuple[Unit, LogCall]]) -> bool:
    """Whether one of ``calls``, which the ``units`` make, or all of them, carry an id of the request."""
    units = list(units)
    scopes = list(dict.fromkeys(unit.scope for unit in units))
    if any(scope.cached("gives id", partial(_gives_id, scope)) for scope in scopes):
        return True
    logging = [(unit, call.node) for unit, call in calls]
    helpers = {unit.name.rpartition(".")[2] for unit, _ in logging if unit.function} - {""}
    binding = [(unit, node) for unit in units for node in unit.calls() if last_name(node.func) in _BINDS | helpers]
    for unit, node in [*logging, *binding]:
        whole = unit.owner or unit
        names = whole.cached("names with id", partial(_names_with_id, whole))
        if isinstance(node, ast.Call) and _carries_id(node, names):
            return True
    return False


def formats(scopes: Iterable[Scope], calls: Iterable[LogCall]) -> frozenset[str]:
    """What writes the lines that ``calls`` log in ``scopes``."""
    kinds = {call.is_print for call in calls}
    found = {PRINTED} if True in kinds else set()
    if False not in kinds:
        return frozenset(found)
    scopes = list(scopes)
    modules = {name for scope in scopes for name in scope.wanted}
    if any(name.startswith("aws_lambda_powertools") and _imports(scopes, name, "Logger") for name in modules):
        found.add(POWERTOOLS)
    if any(name.partition(".")[0] in ("loguru", "structlog") for name in modules) and "logging" not in modules:
        found.add(OWN_FORMAT)
    if not found & {POWERTOOLS, OWN_FORMAT}:
        found.add(
            OWN_FORMAT if any(scope.cached("takes over", partial(_takes_over, scope)) for scope in scopes) else RUNTIME
        )
    return frozenset(found)


def _imports(scopes: list[Scope], module: str, name: str) -> bool:
    return any(name in scope.wanted.get(module, ()) or "logging" in scope.wanted.get(module, ()) for scope in scopes)


def _gives_id(scope: Scope) -> bool:
    """Whether a module makes all of its lines, and those of others, carry an id."""
    shapes = mentions_id = False
    for node in ast.walk(scope.module.tree):
        name = last_name(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        if name in _GIVES_ID:
            return True
        shapes = shapes or name in _SHAPES
        mentions_id = mentions_id or _is_id(node)
    return shapes and mentions_id


def _carries_id(call: ast.Call, names: frozenset[str]) -> bool:
    given = [*call.args, *call.keywords]
    return any(_is_id(node) for node, _ in walk(given)) or bool(names_in(given) & names)


def _names_with_id(unit: Unit) -> frozenset[str]:
    """The variables of a function, or of a class and its methods, that get an id; functions that speak of one."""
    nodes = [node for node, _ in walk(unit.nodes)]
    flows = flows_of(nodes, [])
    ids = {name for flow in flows.flows for name in flow.sources | flow.targets if _has_id(name)}
    ids |= unit.scope.cached("functions with id", lambda: _functions_with_id(unit.scope))
    return flows.spread(ids | {name for node in nodes for name in _keyed(node)})


def _functions_with_id(scope: Scope) -> frozenset[str]:
    speaking = (each for each in scope.functions() if any(_is_id(node) for node, _ in each.walk()))
    return frozenset(f"{each.name.rpartition('.')[2]}()" for each in speaking)


def _keyed(node: ast.AST) -> Iterator[str]:
    """The variables that get a value in which an id stands as text: ``entry = {"requestId": rid}``."""
    if isinstance(node, ast.Assign) and any(_is_id(inner) for inner, _ in walk([node.value, *node.targets])):
        yield from ({last_name(target) or _root(target) for target in node.targets})


def _root(target: ast.expr) -> str:
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _is_id(node: ast.AST) -> bool:
    """Whether a name, an attribute, a keyword or a text is the name of an id."""
    if isinstance(node, ast.Name):
        return _has_id(node.id)
    if isinstance(node, ast.Attribute):
        return _has_id(node.attr)
    if isinstance(node, ast.keyword):
        return _has_id(node.arg or "")
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _has_id(node.value)


def _has_id(text: str) -> bool:
    return len(text) <= MAX_TEXT and bool(_ID.search(_SEPARATORS.sub("", text).lower()))


def _takes_over(scope: Scope) -> bool:
    """Whether a module puts its own in the place of the handler that Lambda gives to the root logger."""
    return any(_replaces(node) for node in ast.walk(scope.module.tree))


def _replaces(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        forces = name == "basicConfig" and any(word.arg == "force" and _is_true(word.value) for word in node.keywords)
        return name in _TAKES_OVER or forces or dotted(node.func)[-2:] == ("handlers", "clear")
    if isinstance(node, ast.Assign):
        names = {last_name(target) for target in node.targets}
        return "handlers" in names or ("propagate" in names and not _is_true(node.value))
    return False


def _is_true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and not node.value)
