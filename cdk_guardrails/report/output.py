"""Writing: the formats by name, and files that are there whole or not at all."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
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
    """Writes several files so. No file is replaced before all of them are on the disk; permissions stay as they are."""
    drafts: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            target = path.resolve()
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = drafts[target] = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
            # A lone surrogate, which JSON can hold and UTF-8 cannot, becomes its JSON escape.
            draft.write_bytes(text.encode("utf-8", "backslashreplace"))
            if target.exists():
                shutil.copymode(target, draft)
        for target, draft in drafts.items():
            os.replace(draft, target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def write_all(texts: Mapping[Path, str]) -> None:
    """`write_texts` for commands. Raises GuardrailsError that names the file, or the folder of several."""
    try:
        write_texts(texts)
    except OSError as error:
        where = next(iter(texts)) if len(texts) == 1 else os.path.commonpath([path.parent for path in texts])
        said = f"{where}: cannot be written: {error.strerror or error}; nothing was changed"
        raise GuardrailsError(said) from None
