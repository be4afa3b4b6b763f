"""Writing: the formats by name, and files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import secrets
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from cdk_guardrails.errors import GuardrailsError, nearest
from cdk_guardrails.report.model import Report

FORMATS: Final[Mapping[str, str]] = {
    "table": "cdk_guardrails.report.table",
    "json": "cdk_guardrails.report.json_format",
    "sarif": "cdk_guardrails.report.sarif",
    "junit": "cdk_guardrails.report.junit",
    "markdown": "cdk_guardrails.report.markdown",
    "github": "cdk_guardrails.report.github",
    "html": "cdk_guardrails.report.html",
}
"""The module of each format. It has ``render(report) -> str``, and is imported when the format is asked for."""

WITH_FIXES: Final = ("sarif",)
"""The formats that show what fixes would write: `FindingEntry.replacements` is worked out for them alone."""


_LONGEST: Final = 50
"""Letters of a file's name in that of its draft: a name may have 255 bytes."""


def render(report: Report, format_: str, stream: TextIO | None = None) -> str:
    """``report`` in the format of this name. Raises GuardrailsError that offers the nearest one.

    ``stream``: what the text is for, if it is for people at once: some formats then take its width and colours.
    """
    if format_ not in FORMATS:
        known = ", ".join(FORMATS)
        raise GuardrailsError(
            f"there is no report format '{format_}': expected one of {known}.{nearest(format_, FORMATS)}"
        )
    module = importlib.import_module(FORMATS[format_])
    text: str = module.for_stream(report, stream) if stream and hasattr(module, "for_stream") else module.render(report)
    return text


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Writes a UTF-8 file with a rename at the end: a reader sees the old file or the new one, never a half.

    Makes the folder when it is missing. Raises OSError and leaves an old file as it was.
    """
    write_texts({Path(path): text})


def write_texts(texts: Mapping[Path, str]) -> None:
    """Writes several files so. No file is replaced before all of them are on the disk; permissions stay as they are.

    Raises OSError that names the file. What is no file, a pipe or a device, is written to and never replaced.
    """
    drafts: dict[Path, Path] = {}
    path = Path()
    try:
        for path, text in texts.items():
            # A lone surrogate, which JSON can hold and UTF-8 cannot, becomes its JSON escape.
            data = text.encode("utf-8", "backslashreplace")
            if _takes_a_stream(path):
                _stream(data, path)
            else:
                _write_draft(data, path, drafts)
        for path, draft in drafts.items():
            os.replace(draft, os.path.realpath(path))
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    finally:
        for draft in drafts.values():
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)


def _write_draft(data: bytes, path: Path, drafts: dict[Path, Path]) -> None:
    target = Path(os.path.realpath(path))  # the file that a link stands for
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = drafts[path] = target.with_name(f".{target.name[:_LONGEST]}.{secrets.token_hex(8)}.tmp")
    draft.write_bytes(data)
    if target.exists():
        shutil.copymode(target, draft)


def _takes_a_stream(path: Path) -> bool:
    """Whether there is a pipe or a device at ``path``. Raises OSError for a folder, and for links in a circle."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return not stat.S_ISREG(mode)


def _stream(data: bytes, path: Path) -> None:
    """Writes to a pipe or a device; a pipe that nobody reads is an error, and not waited on."""
    handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "wb") as file:
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        file.write(data)


def write_all(texts: Mapping[Path, str]) -> None:
    """`write_texts` for commands. Raises GuardrailsError that names the file, or the folder of several."""
    try:
        write_texts(texts)
    except OSError as error:
        where = next(iter(texts)) if len(texts) == 1 else os.path.commonpath([path.parent for path in texts])
        said = f"{where}: cannot be written: {error.strerror or error}; nothing was changed"
        raise GuardrailsError(said) from None
