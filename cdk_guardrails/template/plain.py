"""Nodes as plain data: scalars by the rules of YAML 1.1, short-form functions in their long form, aliases followed."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from cdk_guardrails.errors import TemplateError
from cdk_guardrails.template.nodes import MAX_DEPTH, Node, line_of

MAX_ALIASED: Final = 100_000
"""Values that aliases may stand for in all, so that a few lines cannot stand for billions ("billion laughs")."""

_TEXT_FUNCTIONS: Final = ("!Ref", "!Condition", "!Sub", "!GetAtt", "!GetAZs", "!ImportValue")


def to_plain(node: Node | None, name: str = "template", text: str = "") -> Any:
    """The value as plain data: functions in their long form, aliases as copies.

    Raises TemplateError for aliases without end, a tag that is no CloudFormation function, a merge of no mapping.
    """
    return _Plain(name, text).value(node) if node else None


class _Plain:
    def __init__(self, name: str, text: str) -> None:
        self.name, self.text, self.aliased, self.depth, self.in_alias = name, text, 0, 0, 0

    def value(self, node: Node) -> Any:
        self.depth += 1
        self.aliased += bool(self.in_alias)
        if self.depth > MAX_DEPTH + 1 or self.aliased > MAX_ALIASED:
            raise self._error(node, f"aliases stand for more than {MAX_ALIASED:,} values or nest too deep")
        try:
            return self._function(node, self._untagged(node))
        finally:
            self.depth -= 1

    def _untagged(self, node: Node) -> Any:
        if node.target is not None:
            self.in_alias += 1
            value = self.value(node.target)
            self.in_alias -= 1
            return value
        if node.kind == "sequence":
            return [self.value(item) for item in node.items]
        if node.kind == "mapping":
            return self._mapping(node)
        if node.style == "json":
            return json.loads(node.text)
        return node.text if node.style or node.tag in ("!!str", *_TEXT_FUNCTIONS) else resolve(node.text)

    def _mapping(self, node: Node) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key, value in node.entries:
            if key.is_merge:
                for source in self._merge_sources(value):
                    merged = source | merged
        own = {key.text: self.value(value) for key, value in node.entries if not key.is_merge}
        return merged | own

    def _merge_sources(self, node: Node) -> list[dict[str, Any]]:
        value = self.value(node)
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise self._error(node, "expected a mapping, or a list of mappings, after '<<'")
        return sources

    def _function(self, node: Node, value: Any) -> Any:
        tag = node.tag
        if not tag or tag in ("!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq"):
            return value
        if not re.fullmatch(r"![A-Za-z][\w:]*", tag):
            raise self._error(node, f"expected a CloudFormation function such as !Ref, found the tag '{tag}'")
        if tag == "!GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {function_name(tag): value}

    def _error(self, node: Node, said: str) -> TemplateError:
        return TemplateError(f"{self.name}:{line_of(self.text, node.start)}: {said}")


def function_name(tag: str) -> str:
    """The long form's name: ``Ref`` of ``!Ref``, ``Fn::Sub`` of ``!Sub``."""
    return tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"


_BOOLEANS = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}
_NULLS = ("", "~", "null", "Null", "NULL")
_INTEGER = re.compile(r"[-+]?(0b[01]+|0x[0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")


def resolve(text: str) -> Any:
    """A plain scalar's value by YAML 1.1, but dates, ``12:30`` and ``.inf`` stay text: JSON has nothing for them."""
    if text in _NULLS:
        return None
    if text.lower() in _BOOLEANS and text in (text.lower(), text.upper(), text.capitalize()):
        return _BOOLEANS[text.lower()]
    digits = text.replace("_", "") if text[0] != "_" else text
    if len(text) < 300 and _INTEGER.fullmatch(digits):
        return _integer(digits)
    if len(text) < 300 and _FLOAT.fullmatch(digits):
        return float(digits) if math.isfinite(float(digits)) else text
    return text


def _integer(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if digits.startswith("0") and digits[1:].isdigit():
        return sign * int(digits, 8)
    return sign * int(digits, 0)
