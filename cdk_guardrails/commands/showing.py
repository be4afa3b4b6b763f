"""What `fix` and `init` show: documents byte for byte, differences, and a question."""

from __future__ import annotations

import os
import re
import sys
from typing import Final

import typer

from cdk_guardrails.commands.terminal import PROGRAM, plain, print_text

_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def print_document(text: str) -> None:
    """Writes a file's text to stdout as the file would hold it: in UTF-8, whatever the terminal's encoding.

    Raises OSError for a full disk.
    """
    stream = sys.stdout
    try:
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "backslashreplace"))
        stream.buffer.flush()
    except BrokenPipeError:
        # So that the interpreter does not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_diff(text: str) -> None:
    """Writes a difference to stdout: byte for byte into a pipe, coloured and without control characters to a person."""
    if not sys.stdout.isatty():
        print_document(text)
        return
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print_text("".join(_shown(line, colour) for line in re.findall(r"[^\n]*\n|[^\n]+", text)))


def _shown(line: str, colour: bool) -> str:
    said = "\t".join(plain(part) for part in line.rstrip("\r\n").split("\t"))
    return (typer.style(said, fg=_COLOURS.get(line[:1])) if colour else said) + "\n"


def agreed(question: str) -> bool:
    """Whether the person at the terminal says yes; anything else is a no."""
    sys.stderr.write(f"{PROGRAM}: {question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
