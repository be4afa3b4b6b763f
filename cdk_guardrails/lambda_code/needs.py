"""What a language's reader says of a function's imports; the rule lambda-missing-dependency asks one per language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cdk_guardrails.lambda_code.bundle import Bundle


class Deployed(Protocol):
    """The code of a function as a reader gets it: its bundle, its layers in their order, its runtime and handler.

    ``unknown_layers`` are the ARNs of layers that are not the app's, or phrases for them. ``search_path`` is the
    variable that adds to where modules are looked for, PYTHONPATH or NODE_PATH; None when its value is not known.
    ``is_inline``: the code stands in the template.
    """

    @property
    def bundle(self) -> Bundle:
        """Its own files."""

    @property
    def layers(self) -> tuple[Bundle, ...]:
        """The layers that are the app's."""

    @property
    def unknown_layers(self) -> tuple[str, ...]:
        """The others."""

    @property
    def runtime(self) -> str:
        """``python3.13``."""

    @property
    def handler(self) -> str:
        """Its Handler, as written."""

    @property
    def search_path(self) -> str | None:
        """Where else modules are."""

    @property
    def is_inline(self) -> bool:
        """Whether the code stands in the template."""


class Place(NamedTuple):
    """A line of a file in a bundle. ``via`` is the author's line through which a library's file is reached."""

    bundle: Bundle
    path: str
    line: int
    via: Place | None = None


class Missing(NamedTuple):
    """A module that is not there, with the first place that imports it.

    ``why`` is a clause behind ``imports yaml,``: ``which is neither in its bundle ...``. ``remedy`` is a sentence;
    without one it is the usual: to install the module.
    """

    module: str
    place: Place
    why: str
    remedy: str = ""


class Fault(NamedTuple):
    """What else keeps a function from starting. ``detail`` is ``handler`` or ``syntax``; ``message`` a whole one.

    ``handler`` is a Handler that would be right, if there is one.
    """

    detail: str
    message: str
    place: Place | None = None
    handler: str = ""


@dataclass(frozen=True)
class Needs:
    """The outcome. ``shipped`` are modules that nothing but the runtime itself has, the AWS SDK for instance.

    ``unread`` are reasons, as phrases, why more may be missing than is said.
    """

    missing: tuple[Missing, ...] = ()
    shipped: tuple[Missing, ...] = ()
    faults: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()
