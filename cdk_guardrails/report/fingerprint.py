"""What makes a finding the same one in the next run: rule, place and property; no line, no message, no count."""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path
from typing import Final, NamedTuple

from cdk_guardrails.report.model import FindingEntry, Place
from cdk_guardrails.template import Origin

_INDEX: Final = re.compile(r"\[\d+\]")
_DIGITS: Final = 16


class Identity(NamedTuple):
    """The parts of a fingerprint in the clear.

    ``rule`` has the detail. ``file`` and ``logical_id`` are empty where there is a construct path. ``property_path``
    starts below the resource and says ``[]`` for any element of a list, since a new element moves those after it.
    """

    rule: str
    construct_path: str
    file: str
    logical_id: str
    property_path: str


def identity(entry: FindingEntry) -> Identity:
    """What stays of ``entry`` when lines move, messages are reworded and elements are added to lists."""
    return identity_at(entry.rule, entry.place)


def identity_at(rule: str, place: Place) -> Identity:
    """The same of a rule, with its detail, and a place."""
    named = (place.construct_path, "", "") if place.construct_path else ("", _file(place), place.logical_id)
    return Identity(rule, *named, _INDEX.sub("[]", below_resource(place)))


def fingerprint(entry: FindingEntry) -> str:
    """Sixteen hexadecimal digits for the `identity` of ``entry``, the same in every run and on every machine.

    Findings of one rule at several places of a Python file share theirs: only lines tell them apart.
    """
    text = "\0".join(identity(entry))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


def below_resource(place: Place) -> str:
    """The property path without ``Resources.LogicalId``: ``Properties.BucketEncryption``."""
    head = f"Resources.{place.logical_id}"
    path = place.property_path
    if not place.logical_id or path == head:
        return "" if path == head else path
    return path.removeprefix(f"{head}.")


def _file(place: Place) -> str:
    """The file, seen from the current folder when it is below that; of another one only the name."""
    name = (place.template or Origin(source=place.source).place[0]).replace("\\", "/")
    if not name or name == "-":
        return name
    if Path(name).is_absolute():
        path = Path(name)
        here = Path.cwd()
        return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
    return posixpath.normpath(name)
