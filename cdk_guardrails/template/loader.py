"""Reads templates, JSON or YAML, into plain data with line numbers, and writes edits back into the author's text."""

from __future__ import annotations

import bisect
import dataclasses
import json
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from cdk_guardrails.errors import EditError, TemplateError
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.template import edits, writing
from cdk_guardrails.template.edits import Edit
from cdk_guardrails.template.json_lines import resource_lines
from cdk_guardrails.template.model import App, Template
from cdk_guardrails.template.nodes import MAX_DEPTH, Node, read_json, read_yaml
from cdk_guardrails.template.plain import function_name, to_plain
from cdk_guardrails.template.resource import Origin
from cdk_guardrails.template.writing import Splice, same, spliced, style_of

Format = Literal["json", "yaml"]

BYTE_ORDER_MARK: Final = "\ufeff"

_FORMATS: Final[dict[str, Format]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


class Source:
    """A template and the text that it was read from.

    ``data`` is plain CloudFormation data, every function in its long form (``!GetAtt a.b`` is
    ``{"Fn::GetAtt": ["a", "b"]}``). It may be changed freely: line numbers and `dump` go by ``text``, which lacks the
    byte order ``mark`` that a file may begin with.
    """

    def __init__(self, name: str, text: str, format_: Format, data: dict[str, Any], root: Node | None = None) -> None:
        self.name = name
        self.text = text
        self.mark = ""
        self.format = format_
        self.data = data
        self._root = root

    @cached_property
    def root(self) -> Node:
        """The document's tree of places; for JSON made only when it is asked for."""
        return self._root or read_json(self.text, self.name)

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line, from 1, at which ``path`` (of the long form) stands.

        Of a path that the document lacks, the line of the deepest part that it has; None when it lacks the first.
        """
        offset = _offset(self.root, path)
        return None if offset is None else self.spot(offset)[0]

    def spot(self, offset: int) -> tuple[int, int]:
        """The line and the column, both from 1, of the character at ``offset`` of ``text``."""
        line = bisect.bisect_left(self._line_ends, offset)
        return line + 1, offset - (self._line_ends[line - 1] + 1 if line else 0) + 1

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.text)]

    def template(self, app: App | None = None) -> Template:
        """A Template of a copy of ``data``, named as the source, whose resources know their ``file:line``."""
        data = self.plain()
        lines = resource_lines(self.text) if self.format == "json" else {}
        origins = {id_: self._origin(id_, item, lines.get(id_)) for id_, item in data["Resources"].items()}
        itself = {"": Origin("", f"{self.name}:1")}  # a file is no construct
        return Template(data, name=self.name, origins=itself | origins, app=app)

    def _origin(self, logical_id: str, resource: Any, line: int | None) -> Origin:
        construct_path = edits.value_at(resource, ("Metadata", "aws:cdk:path"))
        line = line or self.line(("Resources", logical_id))
        return Origin(construct_path if isinstance(construct_path, str) else "", f"{self.name}:{line}")

    def plain(self) -> dict[str, Any]:
        """The data afresh from the text."""
        is_json = self.format == "json"
        plain: dict[str, Any] = json.loads(self.text) if is_json else to_plain(self.root, self.name, self.text)
        return plain


def load(path: str | Path) -> Source:
    """Reads a template file; the format follows from ``.json``, ``.yaml``, ``.yml``, else from the text.

    Raises TemplateError when the file cannot be read or is no template.
    """
    name = str(path)
    try:
        text = read_bytes(path).decode("utf-8")
    except OSError as error:
        raise TemplateError(f"{name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise TemplateError(f"{name}: expected UTF-8 text, byte {error.start + 1} is something else") from None
    return loads(text, name, fmt=_FORMATS.get(Path(path).suffix.lower()))


def loads(text: str, name: str = "template", *, fmt: Format | None = None) -> Source:
    """Reads a template from ``text``; ``name`` stands for it in messages. Raises TemplateError with name and line."""
    source = _parse(text.removeprefix(BYTE_ORDER_MARK), name, fmt)
    source.mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    _check_is_template(source)
    return source


def yaml_to_dict(text: str) -> Any:
    """YAML (or JSON, which is YAML) as plain data, functions in their long form. It need not be a whole template."""
    return to_plain(read_yaml(text, "text"), "text", text)


def dump(source: Source, changes: Iterable[Edit]) -> str:
    """The source's text with ``changes`` applied in order.

    What no edit touches keeps every byte: order, comments, tags, quotes, blank lines, line endings. Raises EditError
    when an edit cannot be applied or the document cannot be written so that it reads back as the edited data.
    """
    return source.mark + spliced(source.text, splices(source, changes))


def splices(source: Source, changes: Iterable[Edit]) -> list[Splice]:
    """What `dump` splices into the source's ``text``: in order, no two of them touch. Raises EditError as it does."""
    wanted = source.plain()
    for edit in changes:
        edits.apply(wanted, edit)
    style = style_of(source.text, source.root, is_json=source.format == "json")
    for literal, resolve_aliases in ((True, False), (False, False), (False, True)):
        attempt = dataclasses.replace(style, literal=literal)
        found = writing.splices(source.text, source.root, wanted, attempt, resolve_aliases=resolve_aliases)
        if _reads_as(spliced(source.text, found), wanted, source):
            return found
    raise EditError(f"{source.name}: the changes cannot be written into this document's layout; nothing was changed")


def _reads_as(text: str, data: Any, source: Source) -> bool:
    try:
        return same(_parse(text, source.name, source.format).data, data)
    except TemplateError:
        return False


def _parse(text: str, name: str, fmt: Format | None) -> Source:
    if fmt == "json" or (fmt is None and text.lstrip()[:1] == "{"):
        try:
            return _parse_json(text, name)
        except _NotJsonError as error:
            if fmt == "json":
                raise TemplateError(str(error)) from None
            try:
                return _parse_yaml(text, name)
            except TemplateError:
                raise TemplateError(str(error)) from None
    return _parse_yaml(text, name)


class _NotJsonError(Exception):
    """The text is no JSON at all, but may be YAML that begins with a brace."""


def _parse_json(text: str, name: str) -> Source:
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except _TwiceError:
        read_json(text, name)  # raises, with the line
        raise TemplateError(f"{name}: a key appears twice in one mapping") from None
    except json.JSONDecodeError as error:
        raise _NotJsonError(f"{name}:{error.lineno}: expected JSON: {error.msg}, column {error.colno}") from None
    except RecursionError:
        raise TemplateError(f"{name}: nested more than {MAX_DEPTH} levels deep") from None
    except ValueError as error:
        raise TemplateError(f"{name}: expected JSON: {error}") from None
    if _too_deep(data):
        raise TemplateError(f"{name}: nested more than {MAX_DEPTH} levels deep")
    return Source(name, text, "json", data)


class _TwiceError(Exception):
    """A JSON object has a key twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _TwiceError
    return data


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number")


def _too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _parse_yaml(text: str, name: str) -> Source:
    root = read_yaml(text, name)
    if root is None:
        raise TemplateError(f"{name}: expected a CloudFormation template, the text is empty")
    return Source(name, text, "yaml", to_plain(root, name, text), root)


def _check_is_template(source: Source) -> None:
    data: Any = source.data
    name = source.name
    if not isinstance(data, dict):
        found = {list: "a list", str: "text", type(None): "nothing"}.get(type(data), type(data).__name__)
        raise TemplateError(f"{name}:1: expected a CloudFormation template, a mapping with 'Resources'; found {found}")
    if "Resources" not in data:
        near = [key for key in data if key.lower().startswith("resource")]
        hint = f"; is '{near[0]}' meant to be it?" if near else ""
        raise TemplateError(f"{name}:1: expected a CloudFormation template, a mapping with 'Resources'{hint}")
    if not isinstance(data["Resources"], dict):
        line = source.line(("Resources",))
        raise TemplateError(f"{name}:{line}: expected 'Resources' to be a mapping from logical ids to resources")


def _offset(root: Node, path: Sequence[str | int]) -> int | None:
    """Where the deepest existing part of ``path`` begins: at its key, its item or its value."""
    offset, node = root.start if not path else None, root
    parts = list(path)
    while parts:
        node = node.target or node
        part = parts.pop(0)
        if node.tag.startswith("!") and not node.tag.startswith("!!"):
            if part != function_name(node.tag) or not parts:
                break
            part = parts.pop(0)
        found = _child(node, part)
        if found is None:
            break
        offset, node = found
    return offset


def _child(node: Node, part: str | int) -> tuple[int, Node] | None:
    if isinstance(part, int):
        return (node.items[part].start, node.items[part]) if 0 <= part < len(node.items) else None
    if entry := node.entry(part):
        return entry[0].start, entry[1]
    for key, value in node.entries:
        merged = value.target or value
        if key.is_merge and merged.kind == "mapping" and (found := _child(merged, part)):
            return found
    return None
