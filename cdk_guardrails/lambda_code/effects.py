"""Whether Python code does more than compute: whether it may reach anything outside of its own process."""

from __future__ import annotations

from typing import Final

from cdk_guardrails.lambda_code.scopes import Unit

COMPUTES: Final = frozenset(
    {"__future__", "abc", "base64", "binascii", "calendar", "collections", "contextlib", "copy", "dataclasses"}
    | {"datetime", "decimal", "enum", "fractions", "functools", "hashlib", "hmac", "html", "http", "itertools"}
    | {"json", "logging", "math", "operator", "os", "random", "re", "secrets", "statistics", "string", "sys"}
    | {"textwrap", "time", "traceback", "types", "typing", "typing_extensions", "urllib.parse", "uuid", "zoneinfo"}
)
"""Modules that reach nothing else."""

_REACHES: Final = frozenset({"open", "input", "__import__", "exec", "eval"})

_OF_OS: Final = frozenset({"environ", "getenv", "path"})


def has_effects(unit: Unit) -> bool:
    """Whether a unit uses anything but modules that only compute."""
    for mentioned in unit.mentions:
        if mentioned.names & _REACHES:
            return True
        if any(chain[0] in ("os", "urllib") and chain[1] not in _OF_OS | {"parse"} for chain in mentioned.chains):
            return True
        used = (unit.scope.imports[name] for name in mentioned.names if name in unit.scope.imports)
        if any(not computes(module, name) for module, name in used):
            return True
    return False


def computes(module: str, name: str) -> bool:
    """Whether a module, or with ``name`` that of what is imported from it, reaches nothing else."""
    return (
        module in COMPUTES
        or module.partition(".")[0] in COMPUTES - {"os", "urllib", "http"}
        or (module == "urllib" and name in ("", "parse"))
    )
