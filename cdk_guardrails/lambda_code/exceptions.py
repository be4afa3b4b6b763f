"""The places in Python code that catch exceptions, and what is known of the exceptions that they catch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cdk_guardrails.lambda_code.effects import computes
from cdk_guardrails.lambda_code.flows import names_in
from cdk_guardrails.lambda_code.reached import Program
from cdk_guardrails.lambda_code.scopes import Unit
from cdk_guardrails.lambda_code.trees import ERROR_HANDLERS, FUNCTIONS, Function, dotted, last_name, root_name, walk

ANY: Final = frozenset({"", "BaseException", "BaseExceptionGroup", "Exception", "ExceptionGroup"})
"""What catches everything."""

VAGUE: Final = ANY | frozenset(
    {"Boto3Error", "BotoCoreError", "CalledProcessError", "ClientError", "DatabaseError"}
    | {"EnvironmentError", "Error", "HTTPError", "IOError", "InterfaceError", "OSError", "OperationalError"}
    | {"RequestException", "RuntimeError", "SMTPException", "URLError"}
)
"""Exceptions that do not say by their type alone what went wrong."""

EXPECTED: Final = frozenset(
    {"ArithmeticError", "AttributeError", "BlockingIOError", "CancelledError"}
    | {"ConditionalCheckFailedException", "DecodeError", "EOFError", "Empty", "FileExistsError"}
    | {"FileNotFoundError", "Full", "GeneratorExit", "ImportError", "IndexError", "InvalidOperation"}
    | {"JSONDecodeError", "KeyError", "KeyboardInterrupt", "LookupError", "ModuleNotFoundError"}
    | {"NameError", "NoResultFound", "NotImplementedError", "OverflowError", "ProcessLookupError"}
    | {"QueueEmpty", "QueueFull", "StopAsyncIteration", "StopIteration", "TypeError", "UnboundLocalError"}
    | {"UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "ValidationError", "ValueError"}
    | {"ZeroDivisionError", "ZoneInfoNotFoundError"}
)
"""Exceptions that are often no failure but one of the answers: nothing there, not a number, not JSON."""

_EXPECTED: Final = re.compile(
    r"Not(Found|Exists?|Supported)|DoesNotExist|NoSuch|Already|ConditionalCheck|Expired|Conflict|Unknown|Unsupported"
)

_CLEANUPS: Final = frozenset(
    {"cancel", "close", "disconnect", "kill", "remove", "removedirs", "rmdir", "rmtree", "shutdown"}
    | {"terminate", "unlink"}
)

_CONVERSIONS: Final = frozenset(
    {"Decimal", "UUID", "b64decode", "bool", "decode", "dict", "dumps", "encode", "endswith", "findall", "float"}
    | {"fromisoformat", "fromtimestamp", "fullmatch", "get", "group", "int", "isinstance", "items", "keys", "len"}
    | {"list", "literal_eval", "loads", "lower", "match", "max", "min", "replace", "round", "search", "split"}
    | {"splitlines", "startswith", "str", "strip", "strptime", "tuple", "unquote", "upper", "urlparse", "values"}
)
"""What reads a value out of another one."""

_ERROR_KEYS: Final = frozenset({"error", "errormessage", "errors", "errortype"})

_CLIENT: Final = range(400, 600)
_NOT_FOUND: Final = 404
"""As often the answer as not."""


@dataclass(frozen=True)
class Clause:
    """An ``except``, a ``with suppress(...)``, or a function that is registered as a handler of exceptions.

    ``types`` are dotted names, with "" for everything; ``names`` the variables that hold the exception.
    """

    label: str
    line: int
    types: tuple[tuple[str, ...], ...]
    names: frozenset[str]
    body: tuple[ast.stmt, ...]
    tried: tuple[ast.stmt, ...]

    def catches(self, types: frozenset[str]) -> bool:
        """Whether one of these is among what it catches."""
        return any(chain[-1] in types for chain in self.types)


def clauses_in(unit: Unit, program: Program) -> Iterator[Clause]:
    """The clauses of a function."""
    for node, _ in unit.walk():
        if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            yield from _excepts(node, unit, program)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield from _suppressed(node, unit, program)
        elif isinstance(node, FUNCTIONS):
            yield from _registered(node, unit, program)


def is_expected(clause: Clause, unit: Unit, program: Program) -> bool:
    """Whether all that it catches may well be no failure: see `EXPECTED`, or an exception of the author's own.

    What only reads a value, and has another one for when that fails, expects the failure whatever it catches.
    """
    if _converts(clause, unit):
        return True
    return bool(clause.types) and all(_is_expected(chain, unit, program) for chain in clause.types)


def is_best_effort(clause: Clause) -> bool:
    """Whether nothing depends on what it tries: to clean up, of which only the system can keep it; to import."""
    if all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in clause.tried):
        return bool(clause.tried)
    return not clause.catches(ANY) and all(
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and _cleans_up(statement.value)
        for statement in clause.tried
    )


def answers_with_error(clause: Clause) -> bool:
    """Whether it makes an answer that tells the caller of an error: a status of 400 or more, a key ``error``."""
    nodes = [node for node, _ in walk(clause.body)]
    statuses = {node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) is int}
    if _NOT_FOUND in statuses:
        return False
    if any(status in _CLIENT for status in statuses) or any(_is_named_status(node) for node in nodes):
        return True
    returned = [node.value for node in nodes if isinstance(node, ast.Return) and node.value]
    return any(_is_error_key(node) for node, _ in walk(returned))


def _excepts(node: ast.AST, unit: Unit, program: Program) -> Iterator[Clause]:
    for handler in getattr(node, "handlers", ()):
        types = _types([handler.type] if handler.type else [], unit, program) or ((),)
        types = tuple(chain or ("",) for chain in types)
        label = f"`except {_shown(types)}`" if handler.type else "`except:`"
        names = frozenset({handler.name} if handler.name else ())
        yield Clause(label, handler.lineno, types, names, tuple(handler.body), tuple(getattr(node, "body", ())))


def _suppressed(node: ast.With | ast.AsyncWith, unit: Unit, program: Program) -> Iterator[Clause]:
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and dotted(call.func) in (("contextlib", "suppress"), ("suppress",)):
            types = _types(call.args, unit, program)
            if types and ("?",) not in types:
                yield Clause(f"`suppress({_shown(types)})`", node.lineno, types, frozenset(), (), tuple(node.body))


def _registered(node: Function, unit: Unit, program: Program) -> Iterator[Clause]:
    for decorator in node.decorator_list:
        name = last_name(decorator)
        if name in ERROR_HANDLERS and isinstance(decorator, ast.Call):
            types = tuple(chain for chain in _types(decorator.args, unit, program) if chain)
            arguments = [
                each.arg for each in (*node.args.posonlyargs, *node.args.args) if each.arg not in ("self", "cls")
            ]
            label = f"`@{name}({_shown(types)})`"
            yield Clause(label, node.lineno, types, frozenset(arguments[:2]), tuple(node.body), ())


def _types(given: list[ast.expr], unit: Unit, program: Program) -> tuple[tuple[str, ...], ...]:
    """The dotted names of exception types, those in tuples included; of what is no name, nothing."""
    found: list[tuple[str, ...]] = []
    pending, rounds = list(reversed(given)), 0
    while pending and rounds < 100:
        rounds += 1
        node = pending.pop()
        if isinstance(node, (ast.Tuple, ast.List)):
            pending += reversed(node.elts)
        elif isinstance(node, ast.Name) and (value := _constant(node.id, unit, program)):
            pending += reversed(value.elts)
        else:
            found.append(dotted(node) or (last_name(node) and ("", last_name(node))) or ("?",))
    return tuple(found)


def _constant(name: str, unit: Unit, program: Program) -> ast.Tuple | None:
    """The tuple that a variable of a module is."""
    for found in program.bound(unit.scope, name):
        for node in found.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
                return node.value
    return None


def _shown(types: tuple[tuple[str, ...], ...]) -> str:
    names = [chain[-1] for chain in types]
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"({shown})" if len(names) > 1 else shown


def _is_expected(chain: tuple[str, ...], unit: Unit, program: Program) -> bool:
    name = chain[-1]
    if name in VAGUE:
        return False
    if name in EXPECTED or _EXPECTED.search(name):
        return True
    if len(chain) > 2 and chain[-2] == "exceptions" and chain[0] not in unit.scope.imports:
        return True  # client.exceptions.NoSuchKey: one error of one service
    return any(found.is_class for found in program.bound(unit.scope, chain[0]))


def _converts(clause: Clause, unit: Unit) -> bool:
    """Whether it tries to read a number, a date, JSON ... out of a value, and does something when that fails."""
    calls = [node for node, _ in walk(clause.tried) if isinstance(node, ast.Call)]
    does_something = any(not isinstance(statement, ast.Pass) for statement in clause.body)
    return does_something and bool(clause.tried) and all(_is_conversion(call, unit) for call in calls)


def _is_conversion(call: ast.Call, unit: Unit) -> bool:
    if last_name(call.func) not in _CONVERSIONS:
        return False
    root = root_name(call.func)
    if root in unit.scope.imports:
        return computes(*unit.scope.imports[root])
    return root not in ("self", "cls") and (isinstance(call.func, ast.Name) or root not in unit.scope.units)


def _cleans_up(call: ast.Call) -> bool:
    return last_name(call.func) in _CLEANUPS


def _is_named_status(node: ast.AST) -> bool:
    """``HTTPStatus.BAD_REQUEST``, ``status.HTTP_400_BAD_REQUEST``"""
    if not isinstance(node, ast.Attribute):
        return False
    if node.attr.startswith(("HTTP_4", "HTTP_5")):
        return not node.attr.startswith("HTTP_404")
    return dotted(node)[-2:-1] == ("HTTPStatus",) and node.attr not in (
        "OK",
        "CREATED",
        "ACCEPTED",
        "NO_CONTENT",
        "NOT_FOUND",
    )


def _is_error_key(node: ast.AST) -> bool:
    if isinstance(node, ast.Dict):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        return any(str(key).lower().replace("_", "") in _ERROR_KEYS for key in keys)
    return isinstance(node, ast.keyword) and (node.arg or "").lower().replace("_", "") in _ERROR_KEYS


def raises(clause: Clause) -> bool:
    """Whether the error, or another one, goes on from here, on some path."""
    return any(
        isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _leaves(last_name(node.func)))
        for node, _ in walk(clause.body)
    )


def _leaves(name: str) -> bool:
    return name in ("exit", "_exit", "abort", "reraise", "set_exception") or name.startswith("raise")


def hands_over(call: ast.Call, names: frozenset[str], unit: Unit) -> bool:
    """Whether a library's function is given the exception, and tells somebody of it: a tracker, CloudFormation ..."""
    parts = re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", last_name(call.func)).lower())
    tells = last_name(call.func) in _REPORTS or bool(_TELLING & {*parts} and _ERRORS & {*parts})
    tells = tells or dotted(call.func) == ("cfnresponse", "send")
    tells = tells or (dotted(call.func) == ("send",) and unit.scope.imports.get("send", ("",))[0] == "cfnresponse")
    return tells and bool(names_in([*call.args, *(word.value for word in call.keywords)]) & names)


_TELLING: Final = frozenset({"capture", "notify", "record", "report", "track"})
_ERRORS: Final = frozenset({"error", "exc", "exception", "failure"})
_REPORTS: Final = frozenset(
    {"add_exception", "init_failure", "put_job_failure_result", "put_third_party_job_failure_result"}
    | {"send_task_failure"}
)
