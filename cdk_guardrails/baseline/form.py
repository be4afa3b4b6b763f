"""The form of a baseline file: an entry a line, sorted, strictly read.

An entry says in the clear what it is about, by the parts that the fingerprint of a finding is made from: rule with
detail, construct path (of a plain template: file and logical id), property. No counts, lines, messages or values.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.errors import SettingsError, nearest
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.report.fingerprint import Identity
from cdk_guardrails.report.plain_text import plain

FILE: Final = "guardrails-baseline.json"
"""The usual name."""

VERSION: Final = 1
"""The version of the form. It grows when a key changes its meaning, or when an older release must not read the file."""

COMMAND: Final = "cdk-guardrails baseline"

_PLACES: Final = {"construct": "construct_path", "file": "file", "resource": "logical_id", "property": "property_path"}
"""The keys of an entry that say where, and the part of an `Identity` that each gives."""

_KEYS: Final = ("rule", *_PLACES, "reason", "until")
_LONGEST_QUOTE: Final = 60


class BaselineError(SettingsError):
    """A baseline cannot be read, or an entry of it is not right."""


@dataclass(frozen=True)
class Entry:
    """A known finding. ``until`` is the last day on which it is held back."""

    identity: Identity
    reason: str
    until: datetime.date

    def expired(self, today: datetime.date) -> bool:
        """Whether its last day has passed."""
        return self.until < today


def told(identity: Identity) -> str:
    """What an identity is about, in one line: rule, place, property."""
    place = identity.construct_path or ", ".join(part for part in (identity.file, identity.logical_id) if part)
    where = ", ".join(part for part in (place or "the whole app", identity.property_path) if part)
    return plain(f"{identity.rule} at {where}")


def render(entries: Iterable[Entry]) -> str:
    """The file for these entries: by place, an entry a line, so that a diff shows what came and went."""
    rows = ",\n".join(f"  {_line(entry)}" for entry in sorted(entries, key=lambda entry: _order(entry.identity)))
    listed = f"[\n{rows}\n ]" if rows else "[]"
    return f'{{\n "version": {VERSION},\n "entries": {listed}\n}}\n'


def _order(identity: Identity) -> tuple[str, ...]:
    return (*identity[1:4], identity.rule, identity.property_path)


def in_order(identities: Iterable[Identity]) -> list[Identity]:
    """As the file has them: by place, then by rule."""
    return sorted(identities, key=_order)


def _line(entry: Entry) -> str:
    parts = entry.identity._asdict()
    where = {key: parts[part] for key, part in _PLACES.items() if parts[part]}
    if "construct" not in where and "file" not in where:
        where = {"construct": "", **where}  # the whole app
    row = {"rule": entry.identity.rule, **where, "reason": entry.reason, "until": f"{entry.until.isoformat()}"}
    return "".join(map(_visible, json.dumps(row, ensure_ascii=False)))


def _visible(char: str) -> str:
    """A reviewer must see what an entry says: what turns the direction of text, say, is escaped."""
    return char if char.isprintable() else json.dumps(char)[1:-1]


def entries_in(text: str, name: str) -> Iterator[Entry]:
    """The entries of a file's text; ``name`` stands for it in messages.

    Raises BaselineError: no JSON, no baseline, one of a later release, an entry that is not right or is there twice.
    """
    data = _parsed(text, name)
    _only(data, ("version", "entries"), name)
    if not isinstance(data.get("entries"), list):
        raise BaselineError(f"{name}: not a baseline: expected a list 'entries'")
    first: dict[Identity, int] = {}
    for number, row in enumerate(data["entries"], 1):
        entry = _entry(row, f"{name}: entry {number}")
        if entry.identity in first:
            said = f"entry {number} ({told(entry.identity)}) is the same as entry {first[entry.identity]}"
            raise BaselineError(f"{name}: {said}: keep one of them")
        first[entry.identity] = number
        yield entry


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        data = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{name}: not a baseline: expected JSON: {error}") from None
    version = data.get("version") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise BaselineError(f"{name}: not a baseline: expected an object with a 'version': {COMMAND} writes one")
    if version > VERSION:
        raise BaselineError(
            f"{name}: written by a newer cdk-guardrails (version {version}, this one reads {VERSION});"
            " upgrade cdk-guardrails to read it"
        )
    return dict(data)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        rules = [value for key, value in pairs if key == "rule"]
        near = f", in an entry about {_quoted(rules[0])}" if rules else ""
        raise ValueError(f"the key {_quoted(twice)} is there twice{near}")
    return found


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


def _only(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in known:
            hint = nearest(key, known) or f" Expected one of {', '.join(known)}."
            raise BaselineError(f"{where}: there is no key {_quoted(key)}.{hint}")


def _entry(row: Any, where: str) -> Entry:
    if not isinstance(row, dict):
        raise BaselineError(f"{where}: expected an object with rule, construct or file, reason and until")
    where += _named(row)
    _only(row, _KEYS, where)
    for key, value in row.items():
        if not isinstance(value, str):
            raise BaselineError(f"{where}: {key}: expected a string, not {_quoted(value)}")
    parts = {part: row.get(key, "") for key, part in _PLACES.items()}
    _check_place(row, where)
    reason = row.get("reason", "").strip()
    if not reason:
        raise BaselineError(f"{where}: it has no 'reason': say why this is not fixed yet")
    return Entry(Identity(rule=_rule(row, where), **parts), reason, _date(row.get("until"), where))


def _named(row: Mapping[str, Any]) -> str:
    """What names an entry in a message: its rule and place, as far as it has them."""
    rule, place = row.get("rule"), row.get("construct") or row.get("file")
    said = [plain(text) for text in (rule, place) if isinstance(text, str) and text]
    return f" ({' at '.join(said)})" if said else ""


def _rule(row: Mapping[str, str], where: str) -> str:
    rule = row.get("rule", "")
    if not rule:
        raise BaselineError(f"{where}: it has no 'rule': expected a rule's id, such as s3-versioning")
    if rule.partition("[")[0] in OWN_IDS:
        raise BaselineError(f"{where}: no baseline holds {plain(rule)}: it is not a rule, but what could not be done")
    return rule


def _check_place(row: Mapping[str, str], where: str) -> None:
    if ("construct" in row) == ("file" in row):
        raise BaselineError(f"{where}: expected either 'construct' (a construct path) or 'file'")
    if "resource" in row and "construct" in row and row["construct"]:
        raise BaselineError(f"{where}: 'resource' (a logical id) belongs to a 'file', not to a 'construct'")


def _date(text: str | None, where: str) -> datetime.date:
    if text is None:
        raise BaselineError(f"{where}: it has no 'until': give its last day, such as 2027-01-31")
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        date = None
    if date is None or date.isoformat() != text:  # later Pythons take other forms, too
        raise BaselineError(f"{where}: until: expected a date such as 2027-01-31, not {_quoted(text)}")
    return date
