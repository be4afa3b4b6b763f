"""Which calls in Python code are log calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code.scopes import Scope, Unit
from cdk_guardrails.lambda_code.trees import FUNCTIONS, dotted, last_name, root_name

LEVELS: Final = frozenset(
    {"critical", "debug", "error", "exception", "fatal", "info", "log", "msg", "notice", "success"}
    | {"trace", "warn", "warning"}
)

FAILURES: Final = frozenset({"critical", "error", "exception", "fatal"})
"""Levels at which nobody logs that something went well."""

FACTORIES: Final = frozenset(
    {"ContextLogger", "LambdaLogger", "Logger", "LoggerAdapter", "bind", "contextualize", "getChild"}
    | {"getLogger", "get_child", "get_logger", "new", "opt", "patch"}
)
"""What returns a logger: of logging, structlog, loguru, Powertools."""

PRINTS: Final = frozenset({"pp", "pprint", "print"})

TRACEBACKS: Final = frozenset({"print_exc", "print_exception", "print_last", "print_stack"})

MATHEMATICS: Final = frozenset({"cmath", "jax", "math", "np", "numpy", "scipy", "sympy", "tf", "torch"})
"""Where ``log`` is a logarithm."""

NO_LOGS: Final = frozenset({"log_metrics"})
"""``metrics.log_metrics`` of Powertools writes metrics."""

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class LogCall(NamedTuple):
    """A call that writes to the log. ``fails``: it tells of an error, by its level or standing in an ``except``."""

    node: ast.expr
    is_print: bool
    fails: bool

    @property
    def arguments(self) -> list[ast.expr]:
        """What is logged."""
        if not isinstance(self.node, ast.Call):
            return []
        return [*self.node.args, *(keyword.value for keyword in self.node.keywords)]


class LogNames(NamedTuple):
    """What the author's modules call their loggers, their aliases (``info = logger.info``), and all their functions."""

    loggers: frozenset[str]
    aliases: frozenset[str]
    defined: frozenset[str]


def log_names(scopes: Iterable[Scope]) -> LogNames:
    """The names of loggers and functions in ``scopes``."""
    each = [scope.cached("log names", partial(_log_names, scope)) for scope in scopes]
    loggers, aliases, defined = (frozenset().union(*names) for names in zip(*each, strict=True))
    return LogNames(loggers - {""}, aliases - {""}, defined)


def _log_names(scope: Scope) -> LogNames:
    loggers = {name for name, (module, _) in scope.imports.items() if module in ("logging", "loguru")}
    aliases: set[str] = set()
    for value, target in _assignments(scope.module.tree):
        if isinstance(value, ast.Call) and last_name(value) in FACTORIES:
            loggers.add(last_name(target))
        elif isinstance(value, ast.Attribute) and value.attr in LEVELS and is_logger(value.value, frozenset()):
            aliases.add(last_name(target))
    defined = frozenset(unit.name.rpartition(".")[2] for unit in scope.functions())
    return LogNames(frozenset(loggers), frozenset(aliases), defined)


def _assignments(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((node.value, target) for target in node.targets)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
            yield node.value, node.target


def words(name: str) -> list[str]:
    """``["order", "logger"]`` for ``order_logger`` and ``orderLogger``."""
    return [word.lower() for word in _WORDS.findall(name)]


def log_calls(nodes: Iterable[tuple[ast.AST, bool]], names: LogNames, scope: Scope) -> Iterator[LogCall]:
    """The log calls among ``nodes``, each with whether it stands in an ``except``, in no order."""
    for node, failing in nodes:
        if isinstance(node, ast.Call) and (kind := _kind(node, names, scope)):
            yield LogCall(node, kind == "print", failing or kind == "fails")
        elif isinstance(node, FUNCTIONS):
            for decorator in node.decorator_list:
                if not isinstance(decorator, ast.Call) and _is_named_log(decorator, names, scope):
                    yield LogCall(decorator, False, failing)


def log_calls_in(unit: Unit, names: LogNames) -> list[LogCall]:
    """The log calls of a unit."""
    return unit.cached(("log calls", names), lambda: list(log_calls(unit.walk(), names, unit.scope)))


def _kind(call: ast.Call, names: LogNames, scope: Scope) -> str:
    """``print``, ``logs``, ``fails`` (logs at a level for errors), or "" for no log call."""
    if _is_print(call, scope):
        return "print"
    if isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS and is_logger(call.func.value, names.loggers):
        return "fails" if call.func.attr in FAILURES or _is_at_error(call) else "logs"
    if isinstance(call.func, ast.Name) and _is_alias(call.func.id, names, scope):
        return "fails" if scope.imports.get(call.func.id, ("", ""))[1] in FAILURES else "logs"
    if last_name(call.func) == "inject_lambda_context":
        return "logs" if any(word.arg == "log_event" and _is_true(word.value) for word in call.keywords) else ""
    return "logs" if _is_named_log(call.func, names, scope) else ""


def _is_print(call: ast.Call, scope: Scope) -> bool:
    chain = dotted(call.func)
    if len(chain) == 1:
        is_own = chain[0] in scope.units
        return not is_own and (chain[0] in PRINTS or chain[0] in TRACEBACKS)
    return (chain[:1] in (("pprint",), ("traceback",)) and chain[-1] in PRINTS | TRACEBACKS) or (
        chain[:2] in (("sys", "stdout"), ("sys", "stderr")) and chain[-1] in ("write", "writelines")
    )


def is_logger(node: ast.expr, loggers: frozenset[str]) -> bool:
    """Whether an expression is a logger: made by what makes loggers, kept under such a name, or named like one."""
    while isinstance(node, ast.Call):
        if last_name(node.func) in FACTORIES or {"log", "logger"} & set(words(last_name(node.func))):
            return True
        if not isinstance(node.func, ast.Attribute):
            return False
        node = node.func.value
    name = last_name(node)
    return name in loggers or bool({"log", "logger", "logging", "loguru"} & set(words(name)))


def _is_alias(name: str, names: LogNames, scope: Scope) -> bool:
    """Whether a plain name is a logger's method."""
    return name in names.aliases or (scope.imports.get(name, ("", ""))[0] == "logging" and name in LEVELS)


def _is_named_log(function: ast.expr, names: LogNames, scope: Scope) -> bool:
    """Whether a function that cannot be read is named as one that logs: ``log_error``, ``audit_log``."""
    name = last_name(function)
    parts = words(name)
    if name in names.defined or name in NO_LOGS or not parts or "log" not in (parts[0], parts[-1]):
        return False
    root = root_name(function)
    if isinstance(function, ast.Name):
        return scope.imports.get(name, ("math", ""))[0].partition(".")[0] not in MATHEMATICS
    return bool(root) and root not in MATHEMATICS and parts[0] == "log"


def _is_at_error(call: ast.Call) -> bool:
    """``logger.log(logging.ERROR, ...)``"""
    return last_name(call.func) == "log" and bool(call.args) and last_name(call.args[0]).lower() in FAILURES


def _is_true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and not node.value)
