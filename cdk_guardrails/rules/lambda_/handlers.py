"""How functions log, for the rules about that: each handler is looked at once, however many rules and functions ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.logging_facts import HandlerLogs, Problem, Site
from cdk_guardrails.lambda_code.runtimes import layer_roots, modules_of_layer, version_of
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.code import Code, code_of, node_imports, python_of
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS
from cdk_guardrails.template import App, Resource

Key: TypeAlias = tuple[Site, str]
"""A problem: where it is and its kind."""


def _python(app: App, code: Code) -> HandlerLogs | None:
    from cdk_guardrails.lambda_code.logs import logs_of as python_logs  # what reads code is loaded for code only
    from cdk_guardrails.lambda_code.reached import Sources

    version = version_of(code.runtime)
    if version is None:
        return None
    unknown = any(modules_of_layer(arn) is None for arn in code.unknown_layers)

    def sources() -> Sources:
        layers = [python_of(app, layer, version, tuple(layer_roots(version))) for layer in code.layers]
        return Sources([python_of(app, code.bundle, version), *layers], unknown)

    return python_logs(
        app.cached(("python sources", code.bundle, code.layers, version, unknown), sources), code.handler
    )


def _node(app: App, code: Code) -> HandlerLogs | None:
    from cdk_guardrails.lambda_code.node.logs import logs_of as node_logs

    return node_logs(node_imports(app, code), code.handler)


LANGUAGES: Final[Mapping[str, Callable[[App, Code], HandlerLogs | None]]] = {"python": _python, "nodejs": _node}
"""What finds out how a handler logs, by language. Each returns None for a handler that it cannot find, and may raise
UnreadError."""


def logs_of(function: Resource) -> HandlerLogs | None:
    """How a function's handler logs; None when that is not known, and for the CDK's own functions."""
    if is_cdk_own(function):
        return None
    try:
        return _logs(function.template.app, code_of(function))
    except UnreadError:
        return None


def _logs(app: App, code: Code) -> HandlerLogs | None:
    """Raises UnreadError."""
    read = LANGUAGES.get(code.language)
    if read is None:
        return None
    key = ("handler logs", code.bundle, code.layers, code.unknown_layers, code.runtime, code.handler)
    made = app.cached(key, lambda: _tried(read, app, code))
    if isinstance(made, UnreadError):
        raise made
    return made


def _tried(read: Callable[[App, Code], HandlerLogs | None], app: App, code: Code) -> HandlerLogs | UnreadError | None:
    try:
        return read(app, code)
    except UnreadError as error:
        return error


class Shared(NamedTuple):
    """A problem that a function is to tell of, and how many other functions have it too."""

    problem: Problem
    others: int


def problems_of(function: Resource) -> Iterator[Shared]:
    """The problems of a function's code, without those that another function of the app tells of.

    Functions that share code share its problems: the first one that is asked tells of them.
    """
    app = function.template.app
    tellers = app.cached("tellers of problems in code", dict[Key, tuple[str, str]])
    sharers = app.cached("functions by problems in code", lambda: _sharers(app))
    logs = logs_of(function)
    for problem in logs.problems if logs else ():
        key = _key(problem)
        me = (function.template.name, function.logical_id)
        if tellers.setdefault(key, me) == me:
            yield Shared(problem, sharers.get(key, 1) - 1)


def _sharers(app: App) -> dict[Key, int]:
    counts: dict[Key, int] = {}
    for template in app.templates:
        for function in template.of_type(*FUNCTIONS):
            logs = logs_of(function)
            for key in {_key(problem) for problem in logs.problems} if logs else ():
                counts[key] = counts.get(key, 0) + 1
    return counts


def _key(problem: Problem) -> Key:
    return problem.site, problem.kind
