"""A comparison for people, as lines with the name of a style each: of the colour that a terminal may give them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.report.plain_text import plain
from cdk_guardrails.trial.comparing import Comparison, Kind, PropertyChange, ResourceChange

WIDTH: Final = 120
"""Characters of a value that are shown."""

_AROUND: Final = 30
"""Of a long text that differs somewhere inside: what is shown in front of the difference."""

_STYLES: Final[dict[Kind, str]] = {
    "removed": "bold red",
    "replaced": "bold red",
    "renewed": "yellow",
    "changed": "yellow",
    "added": "green",
}


def lines(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Each line with its style. Names and values may hold anything: nothing in them is a command to a terminal."""
    for resource in comparison.resources:
        yield _headline(resource), _STYLES[resource.kind]
        for change in resource.changes:
            yield from _change(change)
    if comparison.others:
        listed = ", ".join(f"{plain(section)} {number}" for section, number in comparison.others.items())
        yield f"also differ: {listed}", ""
    yield counts(comparison), "bold"


def render(comparison: Comparison) -> str:
    """The lines without style."""
    return "".join(f"{line}\n" for line, _ in lines(comparison))


def counts(comparison: Comparison) -> str:
    """One line: how many resources a deployment changes, replaces, adds and removes."""
    changed = comparison.count("changed")
    said = [
        f"{changed} resource{'' if changed == 1 else 's'} changed in place",
        _at_risk(comparison, "replaced"),
        f"{comparison.count('added')} added",
    ]
    rare: tuple[Kind, ...] = ("renewed", "removed")
    return ", ".join([*said, *(_at_risk(comparison, kind) for kind in rare if comparison.count(kind))])


def _at_risk(comparison: Comparison, kind: Kind) -> str:
    stateful = comparison.count(kind, stateful=True)
    return f"{comparison.count(kind)} {kind}{f' ({stateful} with data)' if stateful else ''}"


def _headline(resource: ResourceChange) -> str:
    named = f"{resource.construct_path} ({resource.logical_id})" if resource.construct_path else resource.logical_id
    where = "" if resource.construct_path else f" in {resource.template}"
    data = ", holds data" if resource.stateful and resource.kind != "added" else ""
    return plain(f"{resource.kind} {resource.resource_type} {named}{where}{data}")


def _change(change: PropertyChange) -> Iterator[tuple[str, str]]:
    before, after = _shown(change.before, change.after)
    sign, said = "~", f"{before} -> {after}"
    if change.before is None:
        sign, said = "+", after
    elif change.after is None:
        sign, said = "-", before
    risk = "  (replaces the resource)" if change.replaces else ""
    yield f"    {sign} {plain(change.path)}: {plain(said)}{risk}", "red" if change.replaces else ""


def _shown(before: Any, after: Any) -> tuple[str, str]:
    """Both as JSON in one line; of long ones, what stands around the first difference."""
    old, new = (json.dumps(value, ensure_ascii=False, default=str) for value in (before, after))
    start = 0
    if before is not None and after is not None and max(len(old), len(new)) > WIDTH:
        equal = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
        start = max(0, equal - _AROUND)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    end = start + WIDTH
    return f"{'...' if start else ''}{text[start:end]}{'...' if len(text) > end else ''}"
