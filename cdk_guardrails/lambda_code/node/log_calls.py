"""Which calls in JavaScript are log calls, and what writes their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from cdk_guardrails.lambda_code.logging_facts import OWN_FORMAT, POWERTOOLS, PRINTED, RUNTIME
from cdk_guardrails.lambda_code.node.parsing import Script
from cdk_guardrails.lambda_code.node.units import Source, Unit, chain_of, last_name, required, walk_failing

if TYPE_CHECKING:
    from tree_sitter import Node

FAILURES: Final = frozenset({"alert", "crit", "critical", "emerg", "emergency", "error", "exception", "fatal"})
LEVELS: Final = FAILURES | frozenset(
    {
        "dir",
        "debug",
        "http",
        "info",
        "log",
        "notice",
        "silly",
        "success",
        "table",
        "trace",
        "verbose",
        "warn",
        "warning",
    }
)
"""Methods of loggers that write a line."""

_CONSOLE: Final = frozenset({"debug", "error", "fatal", "info", "log", "trace", "warn"})
"""Methods of console that Lambda replaces by its own, which add the request id, in text and in JSON:
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html"""

_LIBRARIES: Final = frozenset(
    {"bunyan", "consola", "debug", "lambda-log", "log4js", "loglevel", "npmlog", "pino", "roarr", "signale", "tslog"}
    | {"winston", "@dazn/lambda-powertools-logger", "@aws-lambda-powertools/logger", "electron-log", "lambda-logger"}
)

_FACTORIES: Final = frozenset({"Logger", "bunyan", "createLogger", "debug", "getLogger", "pino", "winston"})
_MAKES: Final = frozenset(
    {"add", "build", "child", "config", "configure", "create", "get", "has", "init", "inject"}
) | {
    *("is", "make", "new", "of", "set", "setup", "should", "to", "use", "with"),
}
"""First words of functions that make a logger, or do something with one, and log nothing."""

_LOG_WORDS: Final = frozenset({"log", "logger", "logging", "console", "pino", "winston", "bunyan"})
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_ID: Final = re.compile(
    r"re(quest|q)[-_ ]?(id|tracker)|correlat|trace[-_ ]?(id|parent|header)|amzn[-_]trace|span[-_ ]?(id|context)"
    r"|invocation[-_ ]?id|execution[-_ ]?(id|arn|name)|transaction[-_ ]?id|message[-_ ]?id|event[-_ ]?id"
    r"|injectlambdacontext|addcontext|pino-lambda|withcontext",
    re.IGNORECASE,
)
"""Names of what tells requests, or the messages and executions behind them, apart."""

_GIVEN: Final = (["context"], ["ctx"], ["fastify"], ["req"], ["request"])
"""Last words of the names of what frameworks give to each request."""

_LOG_EVENT: Final = re.compile(r"logEvent\s*:\s*true")


class LogCall(NamedTuple):
    """A call that writes to the log. ``fails``: it tells of an error, by its level or by where it stands.

    ``is_given``: its logger is one that a framework gives to each request, ``context.logger`` or ``req.log``.
    """

    node: Node
    kind: str
    fails: bool
    is_given: bool = False


class LogNames(NamedTuple):
    """What the author's files call their loggers, and all of their functions."""

    loggers: frozenset[str]
    defined: frozenset[str]


def log_names(sources: Iterable[Source]) -> LogNames:
    """The names of loggers and functions in ``sources``."""
    loggers: set[str] = set()
    defined: set[str] = set()
    for source in sources:
        defined.update(name for name, units in source.units.items() if any(unit.is_function for unit in units))
        loggers.update(name for name, module in source.aliases.items() if module in _LIBRARIES)
        loggers.update(name for name, units in source.units.items() if any(_makes_logger(unit) for unit in units))
    return LogNames(frozenset(loggers), frozenset(defined))


def _makes_logger(unit: Unit) -> bool:
    value = unit.node.child_by_field_name("value") if unit.node.type == "variable_declarator" else None
    script = unit.source.script
    return value is not None and (
        bool(_FACTORIES.intersection(chain_of(value, script))) or required(value, script) in _LIBRARIES
    )


def words(name: str) -> list[str]:
    """``["order", "logger"]`` for ``orderLogger`` and ``order_logger``."""
    return [word.lower() for word in _WORDS.findall(name)]


def log_calls(unit: Unit, names: LogNames) -> Iterator[LogCall]:
    """The log calls of a unit."""
    return log_calls_in(unit.node, unit.source.script, names)


def log_calls_in(node: Node, script: Script, names: LogNames) -> Iterator[LogCall]:
    """The log calls in ``node``."""
    for at, failing in walk_failing(node, script):
        if at.type == "call_expression" and (kind := _kind(at, script, names)):
            chain = chain_of(at, script)
            is_given = len(chain) > 2 and words(chain[-1])[-1:] in _GIVEN
            yield LogCall(at, kind, failing or chain[0] in FAILURES, is_given)
        elif at.type == "arguments":
            for item in at.named_children:
                if item.type == "member_expression" and _is_method(item, script, names):  # .catch(console.error)
                    yield LogCall(
                        item, _kind_of(chain_of(item, script)), failing or last_name(item, script) in FAILURES
                    )


def _kind(call: Node, script: Script, names: LogNames) -> str:
    """What writes its line, one of the four formats; "" for no log call."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    chain = chain_of(function, script)
    if function.type == "member_expression":
        if chain[:1] == ["write"] and chain[1:3] in (["stdout", "process"], ["stderr", "process"]):
            return PRINTED
        if _is_method(function, script, names):
            return _kind_of(chain)
    if chain[:1] in (["injectLambdaContext"], ["logEventIfEnabled"]):
        return POWERTOOLS if _LOG_EVENT.search(script.text(call)) or chain[0] != "injectLambdaContext" else ""
    return OWN_FORMAT if chain and _is_named_log(chain, function, names) else ""


def _is_method(function: Node, script: Script, names: LogNames) -> bool:
    """``console.log``, ``this.logger.info``, ``logger.child({...}).warn``."""
    chain = chain_of(function, script)
    return len(chain) > 1 and chain[0] in LEVELS and any(_is_logger(name, names) for name in chain[1:])


def _is_logger(name: str, names: LogNames) -> bool:
    return name in names.loggers or bool(_LOG_WORDS.intersection(words(name)))


def _kind_of(chain: list[str]) -> str:
    if chain[-1] == "console":
        return RUNTIME if chain[0] in _CONSOLE else PRINTED
    return OWN_FORMAT


def _is_named_log(chain: list[str], function: Node, names: LogNames) -> bool:
    """Whether a function that cannot be read is named as one that logs: ``logError``, ``log``, ``auditLog``."""
    name = chain[0]
    parts = words(name)
    if not parts or name in names.defined or "Math" in chain or parts[0] in _MAKES or "login" in parts:
        return False
    if function.type == "identifier":
        return name in names.loggers or parts[0] in ("log", "logger") or parts[-1] in ("log", "logger")
    return parts[0] == "log" and len(parts) > 1


def formats(sources: Iterable[Source], calls: Iterable[LogCall]) -> frozenset[str]:
    """What writes the lines of ``calls``."""
    found = {call.kind for call in calls}
    modules = {module for source in sources for module in source.aliases.values()}
    if OWN_FORMAT in found and "@aws-lambda-powertools/logger" in modules:
        found = found - {OWN_FORMAT} | {POWERTOOLS}
    return frozenset(found)


def has_id(sources: Iterable[Source], calls: Iterable[LogCall]) -> bool:
    """Whether something tells the lines of requests apart. Lambda puts its id into what console writes."""
    if any(call.kind == RUNTIME or call.is_given for call in calls):
        return True
    return any(_ID.search(text) for source in sources for text in source.texts)
