"""What commands write: results to stdout, all else to stderr, in any encoding and to readers that go away."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

from cdk_guardrails.report.escaping import for_log, plain

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["PROGRAM", "plain", "print_text", "progress", "say", "working"]

_T = TypeVar("_T")

PROGRAM: Final = "cdk-guardrails"

PATIENCE: Final = 1.0
"""Seconds that a person waits before wondering; only then is a bar drawn."""


def print_text(text: str) -> None:
    """Writes a result to stdout, with escapes for what its encoding lacks.

    A reader that has gone away (``| head``) has read enough. Raises OSError for a full disk.
    """
    _escaping(sys.stdout)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # So that the interpreter does not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Writes a remark to stderr, with the program's name in front."""
    _escaping(sys.stderr)
    with suppress(OSError):  # on a full disk, say: the exit code still tells
        sys.stderr.write(for_log(f"{PROGRAM}: {text}\n"))


def open_streams() -> None:
    """Puts nothing in place of streams that are closed, as a service may be started: nobody waits for what they get."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open until the process ends


def _escaping(stream: TextIO) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def progress(items: Iterable[_T], label: str, total: int | None = None) -> Iterator[_T]:
    """``items``, with a bar on stderr while they are worked on, when that takes over a second at a terminal.

    ``total``: how many there are; None: nobody knows.
    """
    with _Bar(label, total) as bar:
        for number, item in enumerate(items, 1):
            yield item
            bar.done(number)


@contextmanager
def working(label: str) -> Iterator[None]:
    """The same for one thing that takes its time: a bar that only moves."""
    with _Bar(label, None):
        yield


class _Bar:
    """A bar that is drawn after a second, by a thread of its own."""

    def __init__(self, label: str, total: int | None) -> None:
        self._label, self._total, self._number = label, total, 0
        self._shown: Progress | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> _Bar:
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._shown:
                self._shown.stop()
            self._timer.finished.set()

    def done(self, number: int) -> None:
        self._number = number
        if self._shown:
            self._shown.update(self._shown.task_ids[0], completed=number)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        with self._lock:
            if self._timer.finished.is_set():
                return
            shown = Progress(console=Console(stderr=True), transient=True)
            shown.add_task(plain(self._label), total=self._total, completed=self._number)
            shown.start()
            self._shown = shown


def print_markdown(text: str) -> None:
    """Writes Markdown to stdout: laid out for a person at a terminal, as it is into a pipe."""
    if not sys.stdout.isatty():
        print_text(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    with console.capture() as laid_out:
        console.print(Markdown(text, hyperlinks=False))
    print_text(laid_out.get())
