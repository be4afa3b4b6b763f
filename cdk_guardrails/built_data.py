"""Data of other packages that build_support writes as JSON when the package is built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cdk_guardrails.errors import GuardrailsError


def read(path: Path) -> Any:
    """What the file holds. Raises GuardrailsError when it was never made."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GuardrailsError(
            f"{path.name} is missing: it is made when the package is built."
            " In a checkout, run `make` or `pip install -e .`"
        ) from None
