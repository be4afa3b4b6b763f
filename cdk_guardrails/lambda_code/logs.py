"""How a Python handler logs: its result, the errors that it catches, and what tells its requests apart."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.caught import Excepts
from cdk_guardrails.lambda_code.effects import has_effects
from cdk_guardrails.lambda_code.log_calls import LogCall, LogNames, log_calls_in, log_names
from cdk_guardrails.lambda_code.logging_facts import HandlerLogs, Problem, Site
from cdk_guardrails.lambda_code.python import handler_of
from cdk_guardrails.lambda_code.reached import Program, Reach, Sources
from cdk_guardrails.lambda_code.request_ids import formats, has_id
from cdk_guardrails.lambda_code.scopes import Unit

LOG_RESULT: Final = 'Log what came of each invocation: logger.info("order stored", extra={"order_id": order_id}).'


def logs_of(sources: Sources, handler: str) -> HandlerLogs | None:
    """How ``handler`` logs, as a function's Handler names it; None when it cannot be found. Raises UnreadError."""
    module, function = handler_of(handler)
    program = Program(sources, module)
    scope = program.scopes.get(module)
    start = program.bound(scope, function) if scope else []
    if scope is None or not start:
        return None
    with scope.module.bundle.at_work():
        try:
            return _facts(program, start)
        except RecursionError:
            raise UnreadError("it is nested too deeply to be followed") from None


def _facts(program: Program, start: list[Unit]) -> HandlerLogs | None:
    everything = Reach(program, start, failing=True)
    if not any(unit.function for unit in everything.units):
        return None
    names = log_names(program.scopes.values())
    calls = [(unit, call) for unit in everything.units if unit.function for call in log_calls_in(unit, names)]
    problems = [*_result(program, start, names), *Excepts(everything, names, start).problems()]
    return HandlerLogs(
        _site(start[0]),
        tuple(sorted(problems, key=_order)),
        formats(everything.scopes, [call for _, call in calls]),
        has_id(everything.units, calls),
    )


def _order(problem: Problem) -> tuple[bool, str, int]:
    return problem.kind != "result", problem.site.path, problem.site.line


def _site(unit: Unit) -> Site:
    module = unit.scope.module
    return Site(module.bundle, module.path, getattr(unit.nodes[0], "lineno", 1))


def _result(program: Program, start: list[Unit], names: LogNames) -> Iterable[Problem]:
    """The problem that nothing but errors is logged, if that is so."""
    usual = Reach(program, start, failing=False)
    calls: list[LogCall] = []
    for unit in usual.units:
        calls += log_calls_in(unit, names) if unit.function else ()
    if usual.is_unread or any(not call.fails for call in calls) or all(_does_nothing(unit) for unit in start):
        return
    unit = start[0]
    says = "logs nothing but errors" if calls else "logs nothing"
    yield Problem(
        "result",
        _site(unit),
        f"the handler `{unit.name}` {says}: what came of an invocation, and that it went well, is not to be seen",
        LOG_RESULT,
        is_minor=not any(has_effects(unit) for unit in usual.units),
    )


def _does_nothing(unit: Unit) -> bool:
    """Whether a function is empty, or only raises."""
    if unit.function is None:
        return False
    for statement in unit.function.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_none = isinstance(statement, ast.Return) and (
            statement.value is None or (isinstance(statement.value, ast.Constant) and statement.value.value is None)
        )
        if not (is_text or is_none or isinstance(statement, (ast.Pass, ast.Raise))):
            return False
    return True
