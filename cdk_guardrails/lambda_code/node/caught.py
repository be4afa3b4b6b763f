"""The places in JavaScript that catch errors, and whether they log them or pass them on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cdk_guardrails.lambda_code.logging_facts import PRINTED, Problem
from cdk_guardrails.lambda_code.node.log_calls import LogNames, log_calls_in, words
from cdk_guardrails.lambda_code.node.parsing import FUNCTIONS, Script, walk, within
from cdk_guardrails.lambda_code.node.units import (
    NAMES,
    Source,
    Unit,
    chain_of,
    checked_error,
    last_name,
    names_in,
    rejection_handler,
)

if TYPE_CHECKING:
    from tree_sitter import Node

LOG_IT: Final = 'Write console.error("what failed", error) there, or throw the error again.'
NOT_WRITE: Final = 'Write console.error("what failed", error) in place of process.stdout.write.'

MAX_PROBLEMS: Final = 100
"""Clauses of one function that are told of: code with more is made by a program."""

_ROUNDS: Final = 4
"""Assignments in a row that an error is followed through."""

_PASSES_ON: Final = frozenset({"callback", "cb", "done", "fail", "next", "reject", "rejects"})
"""Functions that make their first argument, if it is one, the error of somebody else."""

_TELLING: Final = frozenset({"capture", "notify", "record", "report", "track"})
_ERRORS: Final = frozenset({"error", "exception", "failure", "fault"})
_REPORTS: Final = re.compile(r"sendTaskFailure|SendTaskFailure|[pP]utJobFailure|\bFAILED\b|process\.exit\b")
"""What tells Step Functions, CodePipeline or CloudFormation of the failure, or ends the process."""

_LANGUAGE: Final = (
    "Array BigInt Boolean Buffer Date JSON Number Object RegExp String URL URLSearchParams atob btoa decodeURI"
    " decodeURIComponent encodeURI encodeURIComponent parseFloat parseInt"
)
_ASKS: Final = frozenset(_LANGUAGE.split())
"""Functions and classes of the language, which fail only for what they are given."""

_ATTEMPTS: Final = (
    "abort access accessSync close closeSync destroy disconnect end existsSync import kill lstat lstatSync quit release"
    " removeListener require rm rmSync rmdir rmdirSync stat statSync terminate unlink unlinkSync"
)
_TRIES: Final = frozenset(_ATTEMPTS.split())
"""Functions that clean up, or ask whether something is there."""

_METHODS: Final = (
    "concat filter find get has includes indexOf join map match pop push replace replaceAll set shift slice split"
    " startsWith endsWith substring test toLowerCase toString toUpperCase trim"
)
_PLAIN: Final = frozenset(_METHODS.split())
"""Methods of texts and lists."""

_EXPECTED: Final = re.compile(
    r"NotFound|NotExists?|DoesNotExist|NoSuch|Already|ConditionalCheck|ENOENT|EEXIST|Expired|Conflict|\b404\b|\b409\b"
)
"""What code asks an error for that is one of the answers."""

_ERROR_KEYS: Final = frozenset({"error", "errormessage", "errors", "errortype"})


@dataclass(frozen=True, eq=False)
class Clause:
    """A ``catch``, the function of a ``.catch(...)``, or the branch of a callback that has got an error.

    ``names`` are the variables that have the error, ``tried`` what may have failed.
    """

    label: str
    node: Node
    names: frozenset[str]
    body: Node
    tried: Node | None


def clauses_in(unit: Unit) -> Iterator[Clause]:
    """The clauses of a unit."""
    script = unit.source.script
    for node, _ in unit.walk():
        if node.type == "catch_clause":
            yield from _caught(node, script)
        elif node.type == "call_expression":
            yield from _rejected(node, script)
        elif node.type == "if_statement":
            yield from _given(node, script)


def _caught(node: Node, script: Script) -> Iterator[Clause]:
    parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
    tried = node.parent.child_by_field_name("body") if node.parent else None
    if body is not None:
        label = f"`catch ({script.text(parameter)})`" if parameter else "`catch`"
        yield Clause(label, node, names_in(parameter, script), body, tried)


def _rejected(node: Node, script: Script) -> Iterator[Clause]:
    handler = rejection_handler(node, script)
    body = handler.child_by_field_name("body") if handler and handler.type in FUNCTIONS else None
    if handler is not None and body is not None:
        label = f"`.{last_name(node, script)}(...)`"
        yield Clause(label, handler, _first_parameter(handler, script), body, node.child_by_field_name("function"))


def _given(node: Node, script: Script) -> Iterator[Clause]:
    """``if (err) { ... }`` in a function that is called back with an error first."""
    name, body = checked_error(node, script), node.child_by_field_name("consequence")
    function = _enclosing(node)
    if name and body is not None and function is not None and name in _first_parameter(function, script):
        yield Clause(f"`if ({name})`", node, frozenset({name}), body, None)


def _first_parameter(function: Node, script: Script) -> frozenset[str]:
    single = function.child_by_field_name("parameter")
    parameters = function.child_by_field_name("parameters")
    return names_in(single or next(iter(parameters.named_children if parameters else ()), None), script)


def _enclosing(node: Node) -> Node | None:
    """The function that a node stands in."""
    at = node.parent
    while at is not None and at.type not in FUNCTIONS:
        at = at.parent
    return at


class Judge:
    """Judges the clauses of what a handler reaches.

    ``start`` are the ids of the handler's own functions, which return to nobody who would log; ``is_loud`` says whether
    a function of that name logs, throws, or may do so.
    """

    def __init__(self, names: LogNames, start: frozenset[int], is_loud: Callable[[Source, str], bool]) -> None:
        self._names = names
        self._start = start
        self._is_loud = is_loud

    def problems(self, unit: Unit) -> Iterator[Problem]:
        """What is caught in a unit and not logged."""
        for number, clause in enumerate(clauses_in(unit)):
            if number >= MAX_PROBLEMS:
                return
            says = self._judged(clause, unit)
            site = unit.source.site(clause.node)
            if says == _WRITES:
                yield Problem("print", site, f"{clause.label} {says}", NOT_WRITE, is_minor=True)
            elif says:
                yield Problem("except", site, f"{clause.label} {says}", LOG_IT)

    def _judged(self, clause: Clause, unit: Unit) -> str:
        script = unit.source.script
        names = _spread(clause.names, clause.body, script)
        logged = list(log_calls_in(clause.body, script, self._names))
        told = [call for call in logged if names & names_in(call.node, script)]
        if any(call.kind != PRINTED for call in told):
            return ""
        if self._passes_on(clause, names, unit) or self._is_carried(clause, names, unit):
            return ""
        if told:
            return _WRITES
        if logged:
            return "logs that something failed, but not the error"
        if _is_expected(clause, script):
            return "answers with an error that it does not log" if _answers_with_error(clause.body, script) else ""
        return "neither logs the error nor throws it again"

    def _passes_on(self, clause: Clause, names: frozenset[str], unit: Unit) -> bool:
        """Whether the error, or another one, goes on from here, on some path."""
        script = unit.source.script
        if _REPORTS.search(script.text(clause.body)):
            return True
        return any(
            node.type == "throw_statement"
            or (node.type in ("call_expression", "new_expression") and self._hands_over(node, names, unit))
            for node in walk(clause.body)
        )

    def _hands_over(self, call: Node, names: frozenset[str], unit: Unit) -> bool:
        script, name = unit.source.script, last_name(call, unit.source.script)
        arguments = call.child_by_field_name("arguments")
        given = [item for item in arguments.named_children if item.type != "comment"] if arguments else []
        if name in _PASSES_ON:
            return bool(given) and script.text(given[0]) not in ("null", "undefined")
        if self._is_loud(unit.source, name):
            return True
        parts = {*words(name)}
        tells = parts & _TELLING or (parts & _ERRORS and name not in self._names.defined and {"add", "handle"} & parts)
        return bool(tells) and bool(names & names_in(arguments, script))

    def _is_carried(self, clause: Clause, names: frozenset[str], unit: Unit) -> bool:
        """Whether the error is returned to a caller, or kept in what is logged or thrown after the clause."""
        script, function = unit.source.script, _enclosing(clause.body)
        kept = _kept(clause.body, names, script)
        is_start = function is not None and function.id in self._start
        if function is not None and not is_start and clause.node.type != "catch_clause":
            is_start = (
                (outer := _enclosing(clause.node)) is not None and outer.id in self._start and not _is_value(clause)
            )
        if not is_start and (kept or _is_returned(clause, names, script)):
            return True
        return bool(kept) and self._is_told(function, kept, script)

    def _is_told(self, function: Node | None, kept: frozenset[str], script: Script) -> bool:
        if function is None:
            return False
        if any(kept & names_in(call.node, script) for call in log_calls_in(function, script, self._names)):
            return True
        return any(node.type == "throw_statement" and kept & names_in(node, script) for node in walk(function))


_WRITES: Final = "writes its error to the stream: without a level and the request id, no filter and no alarm finds it"


def _is_value(clause: Clause) -> bool:
    """Whether the function of a ``.catch`` is an expression: its value goes on with the promise."""
    return clause.body.type != "statement_block"


def _spread(names: frozenset[str], body: Node, script: Script) -> frozenset[str]:
    """``names`` and the variables that get something of theirs."""
    found = set(names)
    for _ in range(_ROUNDS):
        before = len(found)
        for node in walk(body):
            if node.type == "variable_declarator" and found & names_in(node.child_by_field_name("value"), script):
                found |= names_in(node.child_by_field_name("name"), script)
        if len(found) == before:
            break
    return frozenset(found)


def _kept(body: Node, names: frozenset[str], script: Script) -> frozenset[str]:
    """The variables and properties that get the error, or something that is made of it."""
    found: set[str] = set()
    for node in walk(body):
        if node.type in ("assignment_expression", "augmented_assignment_expression"):
            if names & names_in(node.child_by_field_name("right"), script):
                found.update(chain_of(node.child_by_field_name("left"), script))
        elif node.type == "call_expression" and last_name(node, script) in ("push", "unshift", "add", "set", "append"):
            if names & names_in(node.child_by_field_name("arguments"), script):
                found.update(chain_of(node.child_by_field_name("function"), script)[1:])
    return frozenset(found - {"this", ""})


def _is_returned(clause: Clause, names: frozenset[str], script: Script) -> bool:
    if _is_value(clause):
        return bool(names & names_in(clause.body, script))
    return any(node.type == "return_statement" and names & names_in(node, script) for node in within(clause.body))


def _is_expected(clause: Clause, script: Script) -> bool:
    """Whether what was tried may well fail, or the clause asks for an error that is one of the answers."""
    if _EXPECTED.search(script.text(clause.body)):
        return True
    if clause.tried is None:
        return False
    calls = [node for node in walk(clause.tried) if node.type in ("call_expression", "new_expression")]
    chains = [chain_of(call, script) or ["import"] for call in calls]
    if not all(chain[0] in _ASKS | _TRIES | _PLAIN or chain[-1] in _ASKS for chain in chains):
        return False
    return bool(calls) and not any(node.type == "throw_statement" for node in walk(clause.tried))


def _answers_with_error(body: Node, script: Script) -> bool:
    """Whether it makes an answer that tells the caller of an error: a status of 400 or more, a key ``error``."""
    numbers = {script.text(node) for node in walk(body) if node.type == "number"}
    if "404" in numbers:
        return False
    if any(re.fullmatch(r"[45]\d\d", number) for number in numbers):
        return True
    keys = {
        script.text(node).lower()
        for node in walk(body)
        if node.type in NAMES and node.parent and node.parent.type == "pair"
    }
    return bool(_ERROR_KEYS & keys)
