"""The examples' reports in every format: a change of what people see shows as a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.report.output import FORMATS
from tools.golden_reports import GOLDEN, SUFFIXES, wanted


@pytest.fixture(scope="module")
def files() -> dict[Path, str]:
    return wanted()


@pytest.mark.parametrize("example", ["serverless_api", "full_stack"])
@pytest.mark.parametrize("suffix", SUFFIXES.values())
def test_as_it_was(example: str, suffix: str, files: dict[Path, str]) -> None:
    """If the change is meant: ``python -m tools.golden_reports``."""
    path = GOLDEN / f"{example}{suffix}"
    assert path.read_bytes().decode("utf-8") == files[path]


def test_every_format_is_there() -> None:
    assert {*SUFFIXES, "json"} == {*FORMATS}
