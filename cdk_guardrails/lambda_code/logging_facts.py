"""What is known of how a function logs: the same facts for every language."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from cdk_guardrails.lambda_code.bundle import Bundle

RUNTIME: Final = "runtime"
"""Log calls that Lambda's own handler formats: of Python's logging module, of JavaScript's console."""

POWERTOOLS: Final = "powertools"
PRINTED: Final = "printed"
"""Text on stdout, to which nothing is added."""

OWN_FORMAT: Final = "own format"
"""Log calls that something else formats: another library, a handler or formatter of the author's."""


class Site(NamedTuple):
    """A line in a bundle."""

    bundle: Bundle
    path: str
    line: int

    def __str__(self) -> str:
        shown = self.bundle.shown(self.path)
        return f"{shown}:{self.line}" if shown else f"line {self.line} of the inline code"


class Problem(NamedTuple):
    """Something that is not logged as it should be.

    ``result``: nothing tells what came of an invocation. ``except``: an error is caught and not logged. ``print``: an
    error is printed instead. ``says`` is the message, without the place. ``is_minor``: a warning is enough.
    """

    kind: Literal["result", "except", "print"]
    site: Site
    says: str
    remedy: str
    is_minor: bool = False


class HandlerLogs(NamedTuple):
    """How a handler, which stands at ``site``, and all that it calls, logs.

    ``formats`` are those of the four above that its log calls have; without any there is no log call. ``has_id``: at
    least one log call carries something that tells requests apart.
    """

    site: Site
    problems: tuple[Problem, ...] = ()
    formats: frozenset[str] = frozenset()
    has_id: bool = False
