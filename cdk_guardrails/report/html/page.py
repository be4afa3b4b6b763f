"""What the HTML page shows, worked out from the Report: stacks, in them groups by rule, in them entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_guardrails.report.html.entries import Entry, Fact, entries_of, name_of
from cdk_guardrails.report.html.map import Cell, Map, service_of
from cdk_guardrails.report.model import Place, Report

KINDS: Final = ("error", "warning", "fixed", "suppressed")
"""What an entry can be, in the order in which a person wants to see them."""

_SECTIONS: Final = (("Left to do", ("error", "warning")), ("Fixed", ("fixed",)), ("Suppressed", ("suppressed",)))
_NO_END: Final = "9999"
_NO_RESOURCE: Final = "AWS::CDK::Metadata"
"""What the CDK counts its users by: in every stack, and nothing that a person wants in the picture."""


@dataclass
class Group:
    """What one rule says in one section of a stack; ``facts`` are those that all entries share."""

    first: Entry
    entries: list[Entry]
    facts: list[Fact]


@dataclass
class Section:
    """Left to do, fixed, or suppressed."""

    title: str
    number: int
    groups: list[Group]


@dataclass
class Stack:
    """A stack, or "" for what is about the app and its code. ``number`` counts in the order of the page."""

    name: str
    number: int = -1
    entries: list[Entry] = field(default_factory=list)
    cells: dict[str, Cell] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[str, int]:
        """Entries by kind, those that there are."""
        counted = Counter(entry.kind for entry in self.entries)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    @property
    def map(self) -> Map:
        """Its resources by service."""
        return Map(list(self.cells.values()))


@dataclass
class Page:
    """The whole page. ``data`` is for its script: by the number of an entry, what it is found by."""

    stacks: list[Stack]
    counts: Mapping[str, int]
    choices: Mapping[str, Sequence[tuple[str, int]]]
    states: Map
    data: Mapping[str, Any]

    @classmethod
    def of(cls, report: Report) -> Page:
        """The page of ``report``."""
        stacks = _stacks(report)
        entries = _numbered(stacks)
        cells = [cell for stack in stacks for _, cells in stack.map.services for cell in cells]
        choices = {
            "rule": _counted(entry.rule_id for _, entry in entries),
            "service": _counted(service_of(entry.place) for _, entry in entries),
            "stack": [(stack.name, len(stack.entries)) for stack in stacks],
        }
        counts = Counter(entry.kind for _, entry in entries)
        return cls(stacks, {kind: counts[kind] for kind in KINDS}, choices, Map(cells), _data(entries, choices, cells))


def _stacks(report: Report) -> list[Stack]:
    """The stacks by name, the app first; every entry in the stack that it is about."""
    stacks = {name: Stack(name) for name in sorted({place.template for place in _places(report)} | {""})}
    for entry in entries_of(report):
        stacks[_home(entry.place, stacks)].entries.append(entry)
    for judged in report.resources:
        if judged.resource_type == _NO_RESOURCE:
            continue
        place = Place(judged.template, judged.construct_path, judged.logical_id, judged.resource_type, "", "")
        stacks[judged.template].cells[judged.logical_id] = Cell(name_of(place), place)
    for stack in stacks.values():
        _fill(stack)
    shown = [stack for stack in stacks.values() if stack.entries or stack.cells]
    for number, stack in enumerate(shown):
        stack.number = number
    return shown


def _places(report: Report) -> Iterator[Any]:
    """What tells which stacks there are: resources, and entries about one."""
    yield from report.resources
    places = (entry.place for entries in (report.fixes, report.findings, report.suppressed) for entry in entries)
    yield from (place for place in places if place.logical_id)


def _home(place: Place, stacks: Mapping[str, Stack]) -> str:
    """The stack that ``place`` lies in; what the library says of itself names a construct for its template."""
    name = place.template
    while name and name not in stacks:
        name = name.rpartition("/")[0]
    return name


def _fill(stack: Stack) -> None:
    for entry in stack.entries:
        if id_ := entry.place.logical_id:
            stack.cells.setdefault(id_, Cell(entry.name, entry.place)).entries.append(entry)
        changed = entry.place.property_path.split(".")[1:2]
        if entry.kind == "fixed" and changed != [id_] and (other := stack.cells.get("".join(changed))):
            other.entries.append(entry)
    for title, kinds in _SECTIONS:
        chosen = [entry for entry in stack.entries if entry.kind in kinds]
        if chosen:
            stack.sections.append(Section(title, len(chosen), _groups(chosen)))


def _groups(entries: Iterable[Entry]) -> list[Group]:
    """By rule: errors first, then the rules that say the most."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.kind, entry.rule_id), []).append(entry)
    ordered = sorted(groups.items(), key=lambda item: (KINDS.index(item[0][0]), -len(item[1]), item[0][1]))
    return [_group(sorted(group, key=lambda entry: entry.until or _NO_END)) for _, group in ordered]


def _group(entries: list[Entry]) -> Group:
    """Facts that all share are said once."""
    shared = [fact for fact in entries[0].facts if all(fact in entry.facts for entry in entries)]
    shared = shared if len(entries) > 1 else []
    for entry in entries:
        entry.facts = [fact for fact in entry.facts if fact not in shared]
    return Group(entries[0], entries, shared)


def _numbered(stacks: Iterable[Stack]) -> list[tuple[int, Entry]]:
    """Every entry in the order of the page, with the number of its stack."""
    found = [
        (stack.number, entry)
        for stack in stacks
        for section in stack.sections
        for group in section.groups
        for entry in group.entries
    ]
    for number, (_, entry) in enumerate(found):
        entry.number = number
    return found


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items())


def _data(entries: Sequence[tuple[int, Entry]], choices: Mapping[str, Any], cells: Sequence[Cell]) -> dict[str, Any]:
    """For the script: lists of names, and for every entry a place in each."""
    numbers = {key: {name: at for at, (name, _) in enumerate(choices[key])} for key in ("rule", "service")}
    return {
        "kind": KINDS,
        **{key: [name for name, _ in choices[key]] for key in choices},
        "entries": [
            [
                KINDS.index(entry.kind),
                numbers["rule"][entry.rule_id],
                numbers["service"][service_of(entry.place)],
                stack,
            ]
            for stack, entry in entries
        ],
        "cells": [[cell.place.logical_id, [entry.number for entry in cell.entries]] for cell in cells],
    }
