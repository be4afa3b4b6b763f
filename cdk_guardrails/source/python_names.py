"""How jsii names things in Python: ``pointInTimeRecovery`` is ``point_in_time_recovery``, ``from`` is ``from_``.

As in jsii-pacmak (lib/targets/python.ts, python/util.ts) and in its helpers codemaker (toSnakeCase) and decamelize.
"""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

KEYWORDS: Final = frozenset(keyword.kwlist)

_UNITS: Final = re.compile(r"(^|[^A-Z])([KMG]iB)(?=$|[^a-z])")
_LOWER_UPPER: Final = re.compile(r"([a-z\d])([A-Z])")
_UPPERS_WORD: Final = re.compile(r"([A-Z])([A-Z][a-z]+)")


def identifier(name: str) -> str:
    """``name``, or what jsii makes of a reserved word."""
    return f"{name}_" if name in KEYWORDS else name


@functools.lru_cache(maxsize=65536)
def snake_case(name: str) -> str:
    """The Python name of a method, property or parameter."""
    spelt = _UNITS.sub(lambda match: match[1] + match[2].capitalize(), name)
    words = _UPPERS_WORD.sub(r"\1_\2", _LOWER_UPPER.sub(r"\1_\2", spelt))
    return identifier(words.lower())


def modules(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The Python module of the package and of each of its submodules, by jsii name."""
    found = {manifest["name"]: _stated(manifest) or ""}
    submodules = manifest.get("submodules") or {}
    for name in sorted(submodules):
        parent, _, own = name.rpartition(".")
        found[name] = _stated(submodules[name]) or f"{found.get(parent, '')}.{_module_name(own)}"
    return found


def split_type(fqn: str, modules: Mapping[str, str]) -> tuple[str, str]:
    """The Python module of a type and its name in there, which has a dot when the type stands within another."""
    for at in _dots_from_the_end(fqn):
        if fqn[:at] in modules:
            return modules[fqn[:at]], ".".join(identifier(part) for part in fqn[at + 1 :].split("."))
    return "", fqn


def _stated(described: Mapping[str, Any]) -> str | None:
    target = (described.get("targets") or {}).get("python") or {}
    module: str | None = target.get("module")
    return module


def _module_name(name: str) -> str:
    """Keeps the underscore of a reserved word: ``cdk_nag.rules.lambda_``."""
    return identifier(snake_case(name))


def _dots_from_the_end(fqn: str) -> Iterator[int]:
    at = fqn.rfind(".")
    while at > 0:
        yield at
        at = fqn.rfind(".", 0, at)
