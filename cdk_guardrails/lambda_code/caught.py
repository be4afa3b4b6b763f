"""Whether what Python code catches is logged: with the exception, in place or by what it calls or returns to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code.exceptions import (
    VAGUE,
    Clause,
    answers_with_error,
    clauses_in,
    hands_over,
    is_best_effort,
    is_expected,
    raises,
)
from cdk_guardrails.lambda_code.flows import CURRENT, Flows, flows_of, names_in
from cdk_guardrails.lambda_code.log_calls import TRACEBACKS, LogCall, LogNames, log_calls, log_calls_in
from cdk_guardrails.lambda_code.logging_facts import Problem, Site
from cdk_guardrails.lambda_code.reached import Reach
from cdk_guardrails.lambda_code.scopes import Unit
from cdk_guardrails.lambda_code.trees import dotted, last_name, mentions, walk

MAX_PROBLEMS: Final = 100
"""Clauses of one function that are told of: code with more is made by a program."""

MAX_CALLERS: Final = 50
"""Functions through which a returned exception is followed."""

LOG_IT: Final = 'Write logger.exception("what failed") there, or raise the error again.'

NOT_PRINT: Final = 'Write logger.exception("what failed") in place of the print.'


class Loud(NamedTuple):
    """The functions and classes that, when called, log or raise, and the names of methods that do."""

    units: frozenset[Unit]
    methods: frozenset[str]
    names: frozenset[str]


class Excepts:
    """The judge of all clauses in what a handler reaches; ``start`` is where it does."""

    def __init__(self, reach: Reach, names: LogNames, start: list[Unit]) -> None:
        self.reach = reach
        self.program = reach.program
        self.names = names
        self.start = start
        self._flows: dict[Unit, Flows] = {}

    def problems(self) -> Iterator[Problem]:
        """What is caught and not logged, or printed."""
        for unit in self.reach.units:
            if unit.function:
                yield from self._problems(unit)

    def _problems(self, unit: Unit) -> Iterator[Problem]:
        module = unit.scope.module
        for number, clause in enumerate(clauses_in(unit, self.program)):
            if number >= MAX_PROBLEMS:
                return
            kind, says = self._judged(clause, unit)
            site = Site(module.bundle, module.path, clause.line)
            if kind == "print":
                yield Problem("print", site, f"{clause.label} {says}", NOT_PRINT, is_minor=True)
            elif kind:
                yield Problem("except", site, f"{clause.label} {says}", LOG_IT)

    def _judged(self, clause: Clause, unit: Unit) -> tuple[str, str]:
        logged = list(log_calls(walk(clause.body, failing=True), self.names, unit.scope))
        local = self._local(clause)
        names = local.spread(clause.names | {CURRENT})
        told = [call for call in logged if _tells(call, names)]
        if any(not call.is_print for call in told) or self._calls_loud(clause, unit):
            return "", ""
        if not told and (self._hands_over(clause, unit, names) or self._is_carried(clause, unit, local, names)):
            return "", ""
        says_enough = bool(logged) and not clause.catches(VAGUE)
        is_answer = is_expected(clause, unit, self.program) and not answers_with_error(clause)
        if told or (says_enough and not is_answer and all(call.is_print for call in logged)):
            return "print", "prints its error: without a level, no filter and no alarm finds it"
        if says_enough or is_answer or raises(clause) or is_best_effort(clause) or self._is_told_below(clause, unit):
            return "", ""
        if logged:
            return "except", "logs that something failed, but not the exception"
        if is_expected(clause, unit, self.program):
            return "except", "answers with an error that it does not log"
        return "except", "neither logs the error nor raises it again"

    def _calls_loud(self, clause: Clause, unit: Unit) -> bool:
        """Whether it calls a function that logs, or one that may, since it cannot be read."""
        mentioned = mentions(clause.body)
        if any(target in self.loud.units for target in self.program.targets(unit.scope, mentioned)):
            return True
        if any(self.program.is_unread(unit.scope, name) for name in mentioned.names):
            return True
        functions = [call.func for call in _calls(clause.body)]
        return any(isinstance(function, ast.Attribute) and function.attr in self.loud.methods for function in functions)

    def _is_told_below(self, clause: Clause, unit: Unit) -> bool:
        """Whether all that is tried is one call, of a function that logs its errors before it raises them."""
        calls = list(_calls(clause.tried))
        if len(calls) != 1:
            return False
        function = calls[0].func
        if isinstance(function, ast.Name):
            called = self.program.bound(unit.scope, function.id)
        else:
            chain = dotted(function)
            found = self.program.at_chain(unit.scope, chain) if chain else []
            called = found or self.reach.methods.get(last_name(function), [])
        return bool(called) and all(self._tells_and_raises(each) for each in called)

    def _tells_and_raises(self, unit: Unit) -> bool:
        clauses = unit.cached("clauses", lambda: list(clauses_in(unit, self.program)))
        return any(raises(clause) and self._tells_here(clause, unit) for clause in clauses)

    def _tells_here(self, clause: Clause, unit: Unit) -> bool:
        names = self._local(clause).spread(clause.names | {CURRENT})
        return any(_tells(call, names) for call in log_calls(walk(clause.body), self.names, unit.scope))

    def _hands_over(self, clause: Clause, unit: Unit, names: frozenset[str]) -> bool:
        return any(hands_over(call, names, unit) for call in _calls(clause.body))

    def _is_carried(self, clause: Clause, unit: Unit, local: Flows, names: frozenset[str]) -> bool:
        """Whether the exception is kept, and logged or raised after the clause or by a caller."""
        flows = self._flows_of(unit)
        kept = flows.spread(names - clause.names - {CURRENT})
        if flows.tells(kept):
            return True
        attributes = frozenset(name for name in kept if name.startswith("."))
        if attributes and unit.owner:
            methods = [method for methods in unit.owner.methods.values() for method in methods]
            if any(self._flows_of(method).tells(self._flows_of(method).spread(attributes)) for method in methods):
                return True
        return (local.returns(names) or flows.returns(kept)) and self._is_told_by_callers(unit)

    def _is_told_by_callers(self, unit: Unit) -> bool:
        pending, seen = [unit], {unit}
        while pending and len(seen) <= MAX_CALLERS:
            name = pending.pop().name.rpartition(".")[2]
            for caller in self._callers.get(name, ()):
                flows = self._flows_of(caller)
                got = flows.spread({f"{name}()"})
                if flows.tells(got):
                    return True
                if caller not in seen and flows.returns(got):
                    seen.add(caller)
                    pending.append(caller)
        return False

    def _local(self, clause: Clause) -> Flows:
        return flows_of((node for node, _ in walk(clause.body)), [])

    def _flows_of(self, unit: Unit) -> Flows:
        if unit not in self._flows:
            logged = [names_in(call.arguments) for call in log_calls_in(unit, self.names)]
            loud = [call for call in unit.calls() if last_name(call.func) in self.loud.names]
            logged += [names_in([*call.args, *(word.value for word in call.keywords)]) for call in loud]
            self._flows[unit] = flows_of((node for node, _ in unit.walk()), logged)
        return self._flows[unit]

    @cached_property
    def _callers(self) -> dict[str, list[Unit]]:
        """The functions by the names that they mention."""
        found: dict[str, list[Unit]] = {}
        for unit in self.reach.units:
            for name in frozenset().union(*(part.names | part.attributes for part in unit.mentions)):
                found.setdefault(name, []).append(unit)
        return found

    @cached_property
    def loud(self) -> Loud:
        """What logs, or ends in raising, itself or by what it calls."""
        pending = [unit for unit in self.reach.units if self._is_loud(unit)]
        loud = set(pending)
        while pending:
            unit = pending.pop()
            for caller in self._calling(unit):
                if caller not in loud:
                    loud.add(caller)
                    pending.append(caller)
        methods = frozenset(unit.name.rpartition(".")[2] for unit in loud if unit.owner)
        names = frozenset(unit.name.rpartition(".")[2] for unit in loud)
        return Loud(frozenset(loud), methods, names)

    def _is_loud(self, unit: Unit) -> bool:
        if unit.function is None:
            return False
        return isinstance(unit.function.body[-1], ast.Raise) or bool(log_calls_in(unit, self.names))

    def _calling(self, unit: Unit) -> Iterator[Unit]:
        """The functions that call ``unit``, and the class that it makes the objects of."""
        yield from self._references.get(unit, ())
        name = unit.name.rpartition(".")[2]
        if unit.owner and name.startswith("__"):
            yield unit.owner
        elif unit.owner:
            yield from (caller for caller in self._callers.get(name, ()) if caller.function)

    @cached_property
    def _references(self) -> dict[Unit, list[Unit]]:
        """The functions by the functions and classes that they refer to by name."""
        found: dict[Unit, list[Unit]] = {}
        for unit in self.reach.units:
            if unit.function:
                for part in unit.mentions:
                    for target in self.program.targets(unit.scope, part):
                        found.setdefault(target, []).append(unit)
        return found


def _calls(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    return (node for node, _ in walk(nodes) if isinstance(node, ast.Call))


def _tells(call: LogCall, names: frozenset[str]) -> bool:
    """Whether a log call writes the exception."""
    if not isinstance(call.node, ast.Call):
        return False
    function = call.node.func
    if not call.is_print and last_name(function) == "exception":
        return True
    if last_name(function) in TRACEBACKS or names_in(call.arguments) & names:
        return True
    words = [word for node, _ in walk([call.node]) if isinstance(node, ast.Call) for word in node.keywords]
    return any(word.arg in ("exc_info", "exception") and not _is_false(word.value) for word in words)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value
