"""Writing: the formats by name, and files that are there whole or not at all."""

from __future__ import annotations

import importlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cdk_guardrails.errors import GuardrailsError, nearest
from cdk_guardrails.report.model import Report

FORMATS: Final[Mapping[str, str]] = {
    "console": "cdk_guardrails.report.console",
    "json": "cdk_guardrails.report.json_format",
}
"""The module of each format. It has ``render(report) -> str``, and is imported when the format is asked for."""


def render(report: Report, format_: str) -> str:
    """``report`` in the format of this name. Raises GuardrailsError that offers the nearest one."""
    if format_ not in FORMATS:
        known = ", ".join(FORMATS)
        raise GuardrailsError(
            f"there is no report format '{format_}': expected one of {known}.{nearest(format_, FORMATS)}"
        )
    text: str = importlib.import_module(FORMATS[format_]).render(report)
    return text


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Writes a UTF-8 file with a rename at the end: a reader sees the old file or the new one, never a half.

    Makes the folder when it is missing. Raises OSError and leaves an old file as it was.
    """
    target = Path(path).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        # A lone surrogate, which JSON can hold and UTF-8 cannot, becomes its JSON escape.
        draft.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
