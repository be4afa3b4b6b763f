"""Puts programs in the place of the linters, for tests of what becomes of their outcome."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cdk_guardrails.source import programs


def put(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Every program that is started is Python that runs ``code``."""
    script = folder / "fake_program.txt"
    script.write_text(f"import os, sys, time\n{code}\n", encoding="utf-8")
    monkeypatch.setattr(programs, "command", lambda name: [sys.executable, str(script)])
