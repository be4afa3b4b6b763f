"""lambda_runtimes: the table is made from cfn-lint's data, the same each time, and every entry can be read."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from build_support import lambda_runtimes as build
from cdk_guardrails import lambda_runtimes
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.lambda_runtimes import Lifecycle, lifecycle


def test_a_deprecated_runtime() -> None:
    known = lifecycle("python3.8")
    assert known is not None
    assert known.deprecated == datetime.date(2024, 10, 14)
    assert known.update_block is not None
    assert known.update_block > known.deprecated
    assert known.successor.startswith("python3.")


@pytest.mark.parametrize("runtime", ["python9.9", "cobol", "", "provided.al2099"])
def test_a_runtime_that_the_table_does_not_have(runtime: str) -> None:
    assert lifecycle(runtime) is None


def test_every_entry_can_be_read_and_leads_to_the_newest() -> None:
    entries = {runtime: lifecycle(runtime) for runtime in lambda_runtimes._entries()}
    assert len(entries) > 30
    for runtime, known in entries.items():
        assert isinstance(known, Lifecycle)
        newest = lifecycle(known.successor) if known.successor else known
        assert newest is not None, f"{runtime}: {known.successor} is not in the table"
        assert newest.successor == ""


def test_dates_that_aws_has_not_set_are_unknown() -> None:
    known = lifecycle("dotnet9")  # for container images only
    assert known is not None
    assert known.update_block is None


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    build.write(first)
    build.write(str(second))
    assert first.read_bytes() == second.read_bytes()
    data = json.loads(first.read_text())
    assert list(data) == sorted(data)
    assert first.read_text() == json.dumps(data, separators=(",", ":")) + "\n"


def test_a_missing_table_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lambda_runtimes, "_DATA", tmp_path / "lambda_runtimes.json")
    lambda_runtimes._entries.cache_clear()
    lifecycle.cache_clear()
    try:
        with pytest.raises(GuardrailsError, match=r"^lambda_runtimes\.json is missing: .* `pip install -e \.`$"):
            lifecycle("python3.13")
    finally:
        monkeypatch.undo()
        lambda_runtimes._entries.cache_clear()
        lifecycle.cache_clear()
    assert lifecycle("python3.13") is not None
