"""Writes cdk_guardrails/lambda_runtimes.json from the lifecycle dates in cfn-lint, at build time only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cfnlint

_LIFECYCLE = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json"

# What cdk_guardrails/lambda_runtimes.py reads, and what cfn-lint calls it.
_FIELDS = {"deprecated": "deprecated", "update_block": "update-block", "successor": "successor"}


def write(path: str | Path) -> None:
    """Writes the JSON to ``path``: the same bytes for the same cfn-lint. What is not known yet is left out."""
    lifecycle: dict[str, dict[str, Any]] = json.loads(_LIFECYCLE.read_text(encoding="utf-8"))
    entries = {runtime: _entry(dates) for runtime, dates in lifecycle.items() if dates.get("deprecated")}
    Path(path).write_text(json.dumps(entries, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")


def _entry(dates: dict[str, Any]) -> dict[str, str]:
    return {name: dates[theirs] for name, theirs in _FIELDS.items() if dates.get(theirs)}


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "cdk_guardrails" / "lambda_runtimes.json")
