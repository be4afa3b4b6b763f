"""Until when AWS supports each Lambda runtime, and which one takes its place.

The data is cfn-lint's; build_support/lambda_runtimes.py writes it to lambda_runtimes.json when the package is built.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cdk_guardrails import built_data

_DATA: Final = Path(__file__).with_name("lambda_runtimes.json")


@dataclass(frozen=True)
class Lifecycle:
    """One runtime: from ``deprecated`` on it gets no patches, from ``update_block`` on Lambda refuses updates.

    ``successor`` is the newest runtime of its family ("" for that one itself); ``update_block`` may not be known yet.
    """

    deprecated: datetime.date
    update_block: datetime.date | None = None
    successor: str = ""


@functools.cache
def lifecycle(runtime: str) -> Lifecycle | None:
    """What is known of a runtime (``python3.13``); None for one that the table does not have.

    Raises GuardrailsError when the data was never built.
    """
    entry = _entries().get(runtime)
    if entry is None:
        return None
    block = entry.get("update_block")
    return Lifecycle(
        datetime.date.fromisoformat(entry["deprecated"]),
        datetime.date.fromisoformat(block) if block else None,
        entry.get("successor", ""),
    )


@functools.cache
def _entries() -> dict[str, dict[str, str]]:
    entries: dict[str, dict[str, str]] = built_data.read(_DATA)
    return entries
