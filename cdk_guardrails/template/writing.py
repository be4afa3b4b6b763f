"""Writes changed data back into a document: only the text of what changed is touched, all else stays byte for byte."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from cdk_guardrails.template.fragments import Style, indented
from cdk_guardrails.template.nodes import Node
from cdk_guardrails.template.plain import to_plain

_SHORT_FORM = re.compile(r"!(Ref|Sub|GetAtt|If|Join|Select|FindInMap|ImportValue|Base64)\b")
_LONG_FORM = re.compile(r"\b(Fn::\w+|Ref)\"?:\s")


class Splice(NamedTuple):
    """A part of a text, from ``start`` to before ``end``, and what is to stand there."""

    start: int
    end: int
    text: str


def splices(text: str, root: Node, data: Any, style: Style, *, resolve_aliases: bool = False) -> list[Splice]:
    """What to splice into ``text`` so that its ``root`` reads as ``data``: in order, no two of them touch.

    With ``resolve_aliases`` what is fragile (aliases, merge keys, a block scalar that runs into the end of the file) is
    written out in full, for documents in which a change at one place would show at another.
    """
    writer = _Writer(text, style, resolve_aliases)
    writer.reconcile(root, data)
    return _joined(writer.splices)


def spliced(text: str, changes: Iterable[Splice]) -> str:
    """``text`` with ``changes``, which are in order, made."""
    parts, position = [], 0
    for start, end, new in changes:
        parts += [text[position:start], new]
        position = end
    return "".join(parts) + text[position:]


def _joined(changes: Iterable[Splice]) -> list[Splice]:
    """In the order of the text, with those that touch made one."""
    joined: list[Splice] = []
    for change in sorted(changes, key=lambda splice: splice[:2]):
        if joined and joined[-1].end == change.start:
            change = Splice(joined[-1].start, change.end, joined.pop().text + change.text)
        joined.append(change)
    return joined


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from True and from 1.0."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(*pair) for pair in zip(left, right, strict=True))
    return type(left) is type(right) and bool(left == right)


def style_of(text: str, root: Node, *, is_json: bool) -> Style:
    """The style of the document ``text``."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if is_json:
        return _json_style(text, root, newline)
    nested = [value.entries[0][0] for _, value in root.entries if value.entries and not value.flow]
    step = _column(text, nested[0].start) - _column(text, root.start) if nested else 2
    dash = _first_dash(text, root)
    short = _SHORT_FORM.search(text) is not None or _LONG_FORM.search(text) is None
    return Style(False, " " * step, " " * (step if dash is None else dash), short, newline=newline)


def _json_style(text: str, root: Node, newline: str) -> Style:
    key, value = root.entries[0]
    before = text[root.start + 1 : key.start]
    indent = before.rsplit("\n", 1)[1] if "\n" in before else None
    colon = text[key.end : value.start]
    colon = ": " if "\n" in colon else colon
    return Style(True, indent or None, colon=colon, ascii=text.isascii(), newline=newline)


def _column(text: str, offset: int) -> int:
    return offset - (text.rfind("\n", 0, offset) + 1)


def _first_dash(text: str, node: Node) -> int | None:
    """How far the first block list below a key is set in."""
    for key, value in node.entries:
        if value.kind == "sequence" and value.items and not value.flow:
            return _column(text, _dash(text, value, 0)) - _column(text, key.start)
        found = None if value.flow else _first_dash(text, value)
        if found is not None:
            return found
    for item in node.items:
        if (found := _first_dash(text, item)) is not None:
            return found
    return None


def _dash(text: str, node: Node, index: int) -> int:
    """Where the dash of a block list's item stands: the last one before it that is not in a comment."""
    position = node.items[index].start
    while True:
        position = text.rindex("-", 0, position)
        if "#" not in text[text.rfind("\n", 0, position) + 1 : position]:
            return position


class _Writer:
    def __init__(self, text: str, style: Style, resolve_aliases: bool) -> None:
        self.text, self.style, self.resolve_aliases = text, style, resolve_aliases
        self.splices: list[Splice] = []

    def splice(self, start: int, end: int, new: str = "") -> None:
        self.splices.append(Splice(start, end, new))

    def reconcile(self, node: Node, new: Any) -> bool:
        """Makes the inside of ``node`` read as ``new``; False when it must be replaced as a whole."""
        if same(to_plain(node), new) and not (self.resolve_aliases and self._fragile_inside(node)):
            return True
        if node.tag or not node.children() or not new or (self.resolve_aliases and self._fragile(node)):
            return False
        if node.kind == "mapping" and isinstance(new, dict) and not self._merge_lost(node, new):
            return self._mapping(node, new)
        if node.kind == "sequence" and isinstance(new, list):
            return self._sequence(node, new)
        return False

    def _fragile(self, node: Node) -> bool:
        merges = any(key.is_merge for key, _ in node.entries)
        unended = node.style in ("|", ">") and node.end == len(self.text)
        return node.kind == "alias" or merges or unended

    def _fragile_inside(self, node: Node) -> bool:
        return self._fragile(node) or any(self._fragile_inside(child) for child in node.children())

    @staticmethod
    def _merge_lost(node: Node, new: dict[str, Any]) -> bool:
        """Whether a key that comes from ``<<`` is to go, which only writing the mapping out can do."""
        return any(key.is_merge for key, _ in node.entries) and not to_plain(node).keys() <= new.keys()

    # Mappings

    def _mapping(self, node: Node, new: dict[str, Any]) -> bool:
        kept = [index for index, (key, _) in enumerate(node.entries) if key.is_merge or key.text in new]
        if not kept:
            return False
        for key, value in (node.entries[index] for index in kept):
            if not key.is_merge and not self.reconcile(value, new[key.text]):
                self._replace_value(node, key, value, new[key.text])
        starts = [key.start for key, _ in node.entries]
        self._remove(node, starts, [value.end for _, value in node.entries], kept)
        standing = self._standing(node, new)
        self._add_entries(node, {key: item for key, item in new.items() if key not in standing})
        return True

    @staticmethod
    def _standing(node: Node, new: dict[str, Any]) -> set[str]:
        """The keys that need no new entry: those written here, and those that ``<<`` brings with the right value."""
        own = {key.text for key, _ in node.entries}
        if not any(key.is_merge for key, _ in node.entries):
            return own
        return own | {key for key, item in to_plain(node).items() if key in new and same(item, new[key])}

    def _add_entries(self, node: Node, added: dict[str, Any]) -> None:
        key, value = node.entries[-1]
        for name, item in added.items():
            if node.flow:
                prefix = self._own_line(key.start)
                text = self.style.key(name) + self.style.colon + self.style.flow(item, prefix)
                self._add_flow(value.end, prefix, text)
            else:
                lines = indented(self.style.entry(name, item), " " * _column(self.text, key.start))
                blank = [""] if self._blank_before(key) and len(node.entries) > 1 else []
                self._add_lines(value.end, blank + lines)

    def _replace_value(self, parent: Node, key: Node, node: Node, new: Any) -> None:
        if parent.flow:
            self.splice(node.start, node.end, self.style.flow(new, self._own_line(key.start)))
            return
        colon = self.text.index(":", key.end) + 1
        head, *lines = self.style.entry("x", new)
        inline = head.removeprefix("x:")
        if lines:
            self.splice(colon, node.end, inline)
            self._add_lines(node.end, indented(lines, " " * _column(self.text, key.start)))
        elif "\n" in self.text[colon : node.start] or node.start == node.end:
            self.splice(colon, node.end, inline)
        else:
            self.splice(node.start, node.end, inline.strip())

    # Lists

    def _sequence(self, node: Node, new: list[Any]) -> bool:
        pairs = _pairs([to_plain(item) for item in node.items], new)
        for index, item in pairs.items():
            if not self.reconcile(node.items[index], item):
                self._replace_item(node, index, item)
        starts = [item.start if node.flow else _dash(self.text, node, index) for index, item in enumerate(node.items)]
        self._remove(node, starts, [item.end for item in node.items], sorted(pairs))
        for item in new[len(pairs) :]:
            self._add_item(node, item)
        return True

    def _replace_item(self, node: Node, index: int, new: Any) -> None:
        old = node.items[index]
        if node.flow:
            self.splice(old.start, old.end, self.style.flow(new, self._own_line(old.start)))
            return
        dash = _dash(self.text, node, index)
        first, *rest = self.style.item(new)
        self.splice(dash, old.end, first)
        self._add_lines(old.end, indented(rest, " " * _column(self.text, dash)))

    def _add_item(self, node: Node, item: Any) -> None:
        last = node.items[-1]
        if node.flow:
            prefix = self._own_line(last.start)
            self._add_flow(last.end, prefix, self.style.flow(item, prefix))
        else:
            dash = _dash(self.text, node, len(node.items) - 1)
            self._add_lines(last.end, indented(self.style.item(item), " " * _column(self.text, dash)))

    # Both

    def _remove(self, node: Node, starts: list[int], ends: list[int], kept: list[int]) -> None:
        """Takes out the children that are not ``kept`` (at least one is), with their commas or their lines."""
        standing = set(kept)
        for index in range(len(starts)):
            if index in standing:
                continue
            if index < kept[0]:
                self.splice(starts[index], starts[index + 1])
            elif not node.flow:
                self.splice(self._end_of_line(ends[index - 1]), self._end_of_line(ends[index]))
            else:
                self.splice(ends[index - 1], ends[index])

    def _add_lines(self, after: int, lines: list[str]) -> None:
        if lines:
            position = self._end_of_line(after)
            text = "".join(self._newline_at(position) + line for line in lines)
            self.splice(position, position, text)

    def _newline_at(self, position: int) -> str:
        """How the line ends that ends here: files that several programs wrote have ends of both kinds."""
        end = self.text[position : position + 2]
        return end if end == "\r\n" else end[:1] or self.style.newline

    def _add_flow(self, after: int, prefix: str | None, text: str) -> None:
        space = self.style.newline + prefix if prefix is not None else "" if self.style.colon == ":" else " "
        self.splice(after, after, f",{space}{text}")

    def _end_of_line(self, position: int) -> int:
        end = self.text.find("\n", position)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1] == "\r" and end > position else end

    def _own_line(self, position: int) -> str | None:
        """The white space before ``position`` when it is the first on its line."""
        before = self.text[self.text.rfind("\n", 0, position) + 1 : position]
        return before if not before.strip() and "\n" in self.text[:position] else None

    def _blank_before(self, key: Node) -> bool:
        """Whether an empty line sets ``key`` apart from what is before it, comments of its own aside."""
        end = self.text.rfind("\n", 0, key.start)
        while end > 0:
            start = self.text.rfind("\n", 0, end) + 1
            line = self.text[start:end].strip()
            if not line.startswith("#"):
                return not line
            end = start - 1
        return False


def _pairs(old: list[Any], new: list[Any]) -> dict[int, Any]:
    """Which old item becomes which new one, in order; old ones without are removed, new ones beyond are appended."""
    before, after = ([json.dumps(item, sort_keys=True) for item in items] for items in (old, new))
    pairs: dict[int, Any] = {}
    for _, start, end, new_start, new_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if new_end - new_start > end - start and end < len(old):
            return dict(zip(range(len(old)), new, strict=False))  # an insertion amid old items: no edit makes one
        pairs.update(zip(range(start, end), new[new_start:new_end], strict=False))
    return pairs
