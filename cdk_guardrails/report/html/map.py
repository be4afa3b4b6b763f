"""The picture of the resources: a cell each, by service, coloured by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_guardrails.report.model import Place

STATES: Final = ("error", "warning", "suppressed", "fixed", "clean")
"""What a resource can be; of several the first that is true."""

_SAID: Final = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "suppressed": ("suppressed", "suppressed"),
    "fixed": ("fix", "fixes"),
}


@dataclass
class Cell:
    """A resource with what is said of it."""

    name: str
    place: Place
    entries: list[Any] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[str, int]:
        """Entries by kind."""
        return Counter(entry.kind for entry in self.entries)

    @property
    def state(self) -> str:
        """One of `STATES`."""
        kinds = {entry.kind for entry in self.entries}
        return next((state for state in STATES if state in kinds), "clean")

    @property
    def label(self) -> str:
        """The cell in words."""
        counts = self.counts
        said = [f"{counts[kind]} {_SAID[kind][counts[kind] > 1]}" for kind in _SAID if counts[kind]]
        return f"{self.name}, {self.place.resource_type}: {', '.join(said) or 'clean'}"

    @property
    def target(self) -> int:
        """The number of the first entry on the page that is about it, -1 for none."""
        return min((entry.number for entry in self.entries), default=-1)


@dataclass
class Map:
    """Resources, by service and by state."""

    cells: list[Cell]

    @property
    def services(self) -> list[tuple[str, list[Cell]]]:
        """Each service with its cells, by name."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(service_of(cell.place), []).append(cell)
        return sorted(found.items())

    @property
    def states(self) -> list[tuple[str, int]]:
        """How many are in each state, in the order of `STATES`."""
        counts = Counter(cell.state for cell in self.cells)
        return [(state, counts[state]) for state in STATES]


def service_of(place: Place) -> str:
    """``S3``, or ``App`` for what is no resource."""
    return short_type(place.resource_type).partition(" ")[0]


def short_type(resource_type: str) -> str:
    """``S3 Bucket`` for ``AWS::S3::Bucket``; the first word is the service."""
    parts = resource_type.removeprefix("AWS::").split("::")
    return " ".join(part.replace(" ", "_") for part in parts if part) or "App"
