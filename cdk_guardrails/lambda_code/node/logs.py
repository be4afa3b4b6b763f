"""How a Node.js handler logs: its result, the errors that it catches, and what tells its requests apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cdk_guardrails.lambda_code.logging_facts import HandlerLogs, Problem, Site
from cdk_guardrails.lambda_code.node.caught import Judge
from cdk_guardrails.lambda_code.node.files import State
from cdk_guardrails.lambda_code.node.imports import NodeImports
from cdk_guardrails.lambda_code.node.log_calls import LogCall, formats, has_id, log_calls, log_names
from cdk_guardrails.lambda_code.node.modules import is_library
from cdk_guardrails.lambda_code.node.program import Program
from cdk_guardrails.lambda_code.node.units import Source, Unit

if TYPE_CHECKING:
    from tree_sitter import Node

LOG_RESULT: Final = 'Log what came of each invocation: console.info("order stored", { orderId }).'


def logs_of(imports: NodeImports, handler: str) -> HandlerLogs | None:
    """How ``handler`` logs, as a function's Handler names it; None when it cannot be found. Raises UnreadError."""
    named, found = imports.start(handler)
    if named is None or found.state is not State.FOUND or is_library(found.path) or "." in named.export:
        return None
    program = Program(imports, found.path)
    with imports.code.bundle.at_work():
        start = program.start(named.export)
        return _facts(program, start) if start else None


def _facts(program: Program, start: Unit) -> HandlerLogs | None:
    everything = program.reached(start, failing=True)
    functions = program.functions_of(start)
    if not any(unit.has_function for unit in everything):
        return None
    names = log_names(program.sources.values())
    calls = {unit: list(log_calls(unit, names)) for unit in everything}
    loud = _Loud(program, calls)
    judge = Judge(names, frozenset(node.id for _, node in functions), loud.is_loud)
    problems = [problem for unit in everything for problem in judge.problems(unit)]
    problems = sorted({(item.site, item.kind): item for item in problems}.values(), key=_order)
    logged = [call for unit in everything for call in calls[unit]]
    return HandlerLogs(
        _site(start, functions),
        (*_result(program, start, functions, calls), *problems),
        formats(program.sources.values(), logged),
        has_id(program.sources.values(), logged),
    )


def _result(
    program: Program, start: Unit, functions: list[tuple[Source, Node]], calls: dict[Unit, list[LogCall]]
) -> Iterator[Problem]:
    """The problem that nothing but errors is logged, if that is so."""
    usual = program.reached(start, failing=False)
    made = [call for unit in usual for call in calls[unit]]
    is_unknown = program.is_open or program.has_unknown_wrapper(start)
    if is_unknown or any(not call.fails for call in made) or all(_does_nothing(node) for _, node in functions):
        return
    says = f"the handler `{start.name}` logs nothing{' but errors' if made else ''}"
    what = "what came of an invocation, and that it went well, is not to be seen"
    is_minor = not any(unit.has_effects for unit in usual)
    yield Problem("result", _site(start, functions), f"{says}: {what}", LOG_RESULT, is_minor)


class _Loud:
    """The functions that log or throw when they are called, or call one that does."""

    def __init__(self, program: Program, calls: dict[Unit, list[LogCall]]) -> None:
        self._program = program
        self._loud = {unit for unit in calls if unit.has_function and (calls[unit] or unit.throws)}
        names = {unit.name for unit in self._loud}
        self._loud |= {unit for unit in calls if unit.has_function and unit.mentions[0] & names}

    def is_loud(self, source: Source, name: str) -> bool:
        """Whether what ``name`` stands for in ``source`` is one of them."""
        return any(unit in self._loud for unit in self._program.called(source, name))


def _site(start: Unit, functions: list[tuple[Source, Node]]) -> Site:
    return functions[0][0].site(functions[0][1]) if functions else start.site


def _does_nothing(function: Node) -> bool:
    """Whether a function is empty, only throws, or returns nothing."""
    body = function.child_by_field_name("body")
    if body is None or body.type != "statement_block":
        return False
    statements = [item for item in body.named_children if item.type != "comment"]
    return all(
        item.type == "throw_statement" or (item.type == "return_statement" and not item.named_children)
        for item in statements
    )


def _order(problem: Problem) -> tuple[str, int]:
    return problem.site.path, problem.site.line
