"""A document as a tree of nodes that know where they stand in the text: for line numbers and exact edits.

YAML is read as CloudFormation reads it: version 1.1, short-form functions (``!GetAtt a.b``), dates and keys as text
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html). Aliases and merge keys, which
the AWS CLI and SAM resolve before they deploy, are resolved here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cdk_guardrails.errors import TemplateError

MAX_DEPTH: Final = 100
"""Nesting that no template needs (templates nest some 20 deep)."""

_TAG_PREFIX = "tag:yaml.org,2002:"


@dataclass(eq=False, slots=True)
class Node:
    """A value and its place: ``text[start:end]``, tag and anchor included, trailing comments and blank lines not."""

    kind: Literal["mapping", "sequence", "scalar", "alias"]
    start: int
    end: int
    tag: str = ""
    flow: bool = False
    style: str = ""
    text: str = ""
    anchor: str | None = None
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    target: Node | None = None
    _by_name: dict[str, tuple[Node, Node]] | None = None

    @property
    def is_merge(self) -> bool:
        """Whether this is the key ``<<``."""
        return self.kind == "scalar" and not self.style and self.text == "<<"

    def entry(self, name: str) -> tuple[Node, Node] | None:
        """The key of this name and its value, in a tree that is complete: ``<<`` and what it brings aside."""
        if self._by_name is None:
            self._by_name = {key.text: (key, value) for key, value in self.entries if not key.is_merge}
        return self._by_name.get(name)

    def children(self) -> list[Node]:
        """The values directly below."""
        return self.items or [value for _, value in self.entries]


Token = tuple[Literal["open", "leaf", "close"], Node]


def read_yaml(text: str, name: str) -> Node | None:
    """The tree of a YAML document, None when it is empty. Raises TemplateError with file and line."""
    import yaml  # 30 ms to import: only paid for when a YAML file is read

    try:
        return _tree(_yaml_tokens(text, name), text, name)
    except yaml.reader.ReaderError as error:
        where = line_of(text, error.position)
        raise TemplateError(f"{name}:{where}: expected a text file of YAML, found a control character") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = mark.line + 1 if mark else 1
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise TemplateError(f"{name}:{where}: expected YAML: {said}") from None


def _yaml_tokens(text: str, name: str) -> Iterator[Token]:
    import yaml
    from yaml import events

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    opened: list[Node] = []
    documents = 0
    stream: Iterator[Any] = yaml.parse(text, Loader=loader)
    for event in stream:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, events.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise TemplateError(f"{name}:{line_of(text, start)}: expected one document, a second one begins here")
        elif isinstance(event, events.AliasEvent):
            yield "leaf", Node("alias", start, end, text=event.anchor or "")
        elif isinstance(event, events.ScalarEvent):
            style = event.style or ""
            tag = _short_tag(event.tag)
            if style in ("|", ">"):
                end = _end_of_block_scalar(text, start, end)
            yield "leaf", Node("scalar", start, end, tag, style=style, text=event.value, anchor=event.anchor)
        elif isinstance(event, events.CollectionStartEvent):
            kind: Any = "mapping" if isinstance(event, events.MappingStartEvent) else "sequence"
            opened.append(Node(kind, start, end, _short_tag(event.tag), bool(event.flow_style), anchor=event.anchor))
            yield "open", opened[-1]
        elif isinstance(event, events.CollectionEndEvent):
            opened[-1].end = end
            yield "close", opened.pop()


def _short_tag(tag: str | None) -> str:
    """``!Ref`` as it is, ``tag:yaml.org,2002:str`` as ``!!str``, the non-specific ``!`` too."""
    if not tag:
        return ""
    if tag.startswith(_TAG_PREFIX):
        return f"!!{tag.removeprefix(_TAG_PREFIX)}"
    return "!!str" if tag == "!" else tag


def _end_of_block_scalar(text: str, start: int, end: int) -> int:
    """Parsers place the end at the next token; blank lines belong to the value only with ``+``."""
    header = text[start:end].split("\n", 1)[0].split("#")[0]
    if "+" in header:
        return end - (2 if text[start:end].endswith("\r\n") else 1 if text[start:end].endswith("\n") else 0)
    return start + len(text[start:end].rstrip())


_JSON_TOKEN = re.compile(r'[ \t\r\n:,]*("(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\],:"]+)')


def read_json(text: str, name: str) -> Node:
    """The tree of a text that `json.loads` has accepted. Raises TemplateError for a key that appears twice."""
    return _tree(_json_tokens(text), text, name) or Node("scalar", 0, 0)


def _json_tokens(text: str) -> Iterator[Token]:
    opened: list[Node] = []
    for match in _JSON_TOKEN.finditer(text):
        found, start, end = match[1], match.start(1), match.end(1)
        if found in "{[":
            opened.append(Node("mapping" if found == "{" else "sequence", start, end, flow=True))
            yield "open", opened[-1]
        elif found in "}]":
            opened[-1].end = end
            yield "close", opened.pop()
        else:
            quoted = found[0] == '"'
            value = (json.loads(found) if "\\" in found else found[1:-1]) if quoted else found
            yield "leaf", Node("scalar", start, end, style='"' if quoted else "json", text=value)


@dataclass(slots=True)
class _Frame:
    """A collection that is still open: the key that waits for its value, and where each key was seen."""

    node: Node
    key: Node | None = None
    seen: dict[str, int] = field(default_factory=dict)


def _tree(tokens: Iterator[Token], text: str, name: str) -> Node | None:
    """Puts tokens together: keys once per mapping, aliases bound to what they stand for, depth bounded."""
    root: Node | None = None
    stack: list[_Frame] = []
    anchors: dict[str, Node] = {}
    for step, node in tokens:
        if step != "close":
            root = root or node
            if node.kind == "alias":
                node.target = _anchored(node, anchors, text, name)
            if stack:
                _attach(stack[-1], node, text, name)
        if step == "open":
            stack.append(_Frame(node))
            if len(stack) > MAX_DEPTH:
                raise TemplateError(f"{name}:{line_of(text, node.start)}: nested more than {MAX_DEPTH} levels deep")
        elif step == "close":
            stack.pop()
            if not node.flow and node.children():
                node.end = node.children()[-1].end
        if step != "open" and node.anchor:  # only now: an alias inside its own anchor would have no end
            anchors[node.anchor] = node
    return root


def _anchored(node: Node, anchors: dict[str, Node], text: str, name: str) -> Node:
    if node.text not in anchors:
        raise TemplateError(f"{name}:{line_of(text, node.start)}: expected an anchor '&{node.text}' before this alias")
    return anchors[node.text]


def _attach(parent: _Frame, node: Node, text: str, name: str) -> None:
    """Hangs ``node`` below ``parent``, as an item, as a key, or as the value of the key that waits."""
    if parent.node.kind == "sequence":
        parent.node.items.append(node)
    elif parent.key is not None:
        parent.node.entries.append((parent.key, node))
        parent.key = None
    elif node.kind != "scalar":
        raise TemplateError(f"{name}:{line_of(text, node.start)}: expected a name as the key, found a {node.kind}")
    elif node.text in parent.seen and not node.is_merge:
        line, first = line_of(text, node.start), line_of(text, parent.seen[node.text])
        raise TemplateError(f"{name}:{line}: the key '{node.text}' appears twice in one mapping, first on line {first}")
    else:
        parent.seen[node.text] = node.start
        parent.key = node


def line_of(text: str, offset: int) -> int:
    """The line, from 1, that holds the character at ``offset``."""
    return text.count("\n", 0, offset) + 1
