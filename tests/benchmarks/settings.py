"""What all benchmarks give to Guardrails."""

from __future__ import annotations

from typing import Final

TAGS: Final = {"Environment": "prod", "Owner": "payments", "Project": "orders", "Department": "retail"}
