"""Who refers to whom in a template."""

from __future__ import annotations

from typing import Any

from cdk_guardrails.template.intrinsics import Reference, references


class ReferenceGraph:
    """References by the resource that makes them, and referrers by the logical id referred to (ordered, each once)."""

    def __init__(self) -> None:
        self.made_by: dict[str, list[Reference]] = {}
        self.referrers: dict[str, dict[str, None]] = {}

    def update(self, id_: str, data: dict[str, Any]) -> None:
        """Takes in a resource anew, after an edit or the first time; an empty mapping when it is gone."""
        for reference in self.made_by.get(id_, ()):
            self.referrers[reference.logical_id].pop(id_, None)
        self.made_by[id_] = references(data)
        for reference in self.made_by[id_]:
            self.referrers.setdefault(reference.logical_id, {})[id_] = None
