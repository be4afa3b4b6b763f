"""New values as text, in the style of the document that they go into."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from cdk_guardrails.template.plain import resolve

_PLAIN = re.compile(r"[A-Za-z_/](?:[\w/.@+=*$-]|:(?! |$)| (?! |$))*", re.ASCII)
_ALSO_SPECIAL = ("y", "n")

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON takes as it is, but YAML does not, or takes for a line end."""


@dataclass(frozen=True)
class Style:
    """How a document is laid out, found out from its own text.

    ``indent`` is one level's white space, None when it is all on one line; ``dash`` the white space before a list's
    dashes, seen from the key; ``short`` whether functions are written as tags; ``colon`` what stands between a JSON key
    and its value; ``ascii`` whether other characters are escaped; ``newline`` ends the lines; ``literal`` allows blocks
    (``|``), which would swallow a comment below them that is set in as far.
    """

    json: bool
    indent: str | None = "  "
    dash: str = "  "
    short: bool = True
    colon: str = ": "
    ascii: bool = False
    newline: str = "\n"
    literal: bool = True

    def flow(self, value: Any, prefix: str | None = None) -> str:
        """``value`` in braces and brackets: over several lines that begin with ``prefix``, without it on one line."""
        if not self.json:
            return self._flow_yaml(value)
        indent = self.indent if prefix is not None else None
        separators = ("," if indent or self.colon == ":" else ", ", self.colon)
        text = json.dumps(value, ensure_ascii=self.ascii, indent=indent, separators=separators)
        return text.replace("\n", f"{self.newline}{prefix}") if indent else text

    def _flow_yaml(self, value: Any) -> str:
        if isinstance(value, dict) and value:
            return "{" + ", ".join(f"{self.key(key)}: {self._flow_yaml(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._flow_yaml(item) for item in value) + "]"
        return self.inline(value) or "null"

    def key(self, key: str) -> str:
        """``key`` as it is written before the colon."""
        return self._quoted(key) if self.json or not _is_plain(key) else key

    def _quoted(self, text: str) -> str:
        quoted = json.dumps(text, ensure_ascii=self.ascii)
        return quoted if self.json else _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)

    def inline(self, value: Any) -> str | None:
        """``value`` on the line of its key, or None when it needs lines of its own in block style."""
        if isinstance(value, str):
            return value if _is_plain(value) else self._quoted(value)
        if isinstance(value, dict | list) and value:
            return self._tagged(value)
        return json.dumps(value)

    def _tagged(self, value: Any) -> str | None:
        if not self.short or not isinstance(value, dict) or len(value) != 1:
            return None
        name, argument = next(iter(value.items()))
        if name == "Fn::GetAtt" and isinstance(argument, list) and all(isinstance(part, str) for part in argument):
            dotted = ".".join(argument)
            if len(argument) == 2 and "." not in argument[0] and _is_plain(dotted):
                return f"!GetAtt {dotted}"
        if name == "Ref" and isinstance(argument, str) and _is_plain(argument):
            return f"!Ref {argument}"
        if name == "Fn::Sub" and isinstance(argument, str):
            return f"!Sub {self._quoted(argument)}"
        return None

    def block(self, value: Any) -> list[str]:
        """A mapping or list in block style, as lines without the indentation of the place where they go."""
        if isinstance(value, dict):
            return [line for key, item in value.items() for line in self.entry(key, item)]
        return [line for item in value for line in self.item(item)]

    def entry(self, key: str, value: Any) -> list[str]:
        """One ``key: value`` of a block mapping."""
        head = f"{self.key(key)}:"
        if self.literal and isinstance(value, str) and _is_literal(value):
            return [f"{head} {_literal_header(value)}", *indented(value.rstrip("\n").split("\n"), self.indent or "  ")]
        if (text := self.inline(value)) is not None:
            return [f"{head} {text}"]
        return [head, *indented(self.block(value), self.dash if isinstance(value, list) else self.indent or "  ")]

    def item(self, value: Any) -> list[str]:
        """One ``- value`` of a block list."""
        if (text := self.inline(value)) is not None:
            return [f"- {text}"]
        first, *rest = self.block(value)
        return [f"- {first}", *indented(rest, "  ")]


def indented(lines: list[str], prefix: str) -> list[str]:
    """``lines`` behind ``prefix``; empty ones stay empty."""
    return [prefix + line if line else line for line in lines]


def _is_plain(text: str) -> bool:
    """Whether YAML 1.1 and 1.2 both read ``text`` as this very string without quotes, in any place."""
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _ALSO_SPECIAL and resolve(text) == text


def _is_literal(text: str) -> bool:
    """Whether ``text`` reads best as a literal block: several lines, none with characters that need escapes."""
    lines = text.rstrip("\n").split("\n")
    plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    return len(lines) > 1 and plain and not lines[0].startswith(" ") and bool(lines[0]) and not text.endswith("\n\n")


def _literal_header(text: str) -> str:
    return "|" if text.endswith("\n") else "|-"
