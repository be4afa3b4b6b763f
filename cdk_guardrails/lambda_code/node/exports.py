"""What one file exports, as far as that stands in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cdk_guardrails.lambda_code.node.parsing import FUNCTIONS, Script, walk, within

if TYPE_CHECKING:
    from tree_sitter import Node

_VALUES: Final = FUNCTIONS | {"class", "class_declaration"}
"""What has no property that is named like a handler, unless somebody gives it one."""

_OBJECTS: Final = re.compile(rb"\b(?:exports|module)\b")
_ESBUILD: Final = re.compile(rb"\b0\s*&&\s*\(module\.exports\s*=")
"""Where esbuild lists the exports that it puts together at runtime, for Node to find them."""

_READING: Final = frozenset({"binary_expression", "member_expression", "unary_expression"})


class Exports:
    """The names that a file exports. When it is not ``is_known``, there may be more."""

    def __init__(self, script: Script) -> None:
        self.names: set[str] = set()
        self.is_known = not script.is_broken and not any(node.type == "this" for node in within(script.root))
        self._script = script
        for node in script.root.named_children:
            if node.type == "export_statement":
                self._of_statement(node)
        self._read_objects()

    def lacks(self, name: str) -> bool:
        """Whether there is surely no export of this name."""
        return self.is_known and name not in self.names

    def _read_objects(self) -> None:
        """``exports`` and ``module`` of CommonJS, wherever they stand. Found in the text, since files may be huge."""
        for match in _OBJECTS.finditer(self._script.source):
            node = self._script.root.descendant_for_byte_range(match.start(), match.end())
            if node and node.type in ("identifier", "shorthand_property_identifier"):
                self._of_object(node)
            if not self.is_known:
                return

    def _of_statement(self, node: Node) -> None:
        """``export ...`` of an ES module."""
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        is_default = any(child.type == "default" for child in node.children)
        if is_default:
            self.names.add("default")
            exported = value or declaration
            self.is_known = self.is_known and exported is not None and exported.type in _VALUES
        elif declaration is not None:
            self.names.update(_declared(self._script, declaration))
        else:
            self._of_clause(node)

    def _of_clause(self, node: Node) -> None:
        """``export { a, b as c }``, ``export * from "./a"``, ``export * as a from "./a"``."""
        inner = [child for child in node.named_children if child.type in ("export_clause", "namespace_export")]
        self.is_known = self.is_known and bool(inner)
        for child in inner:
            items = child.named_children if child.type == "export_clause" else [child]
            for item in items:
                name = item.child_by_field_name("alias") or item.child_by_field_name("name") or item.named_children[-1]
                self.names.add(self._script.text(name).strip("\"'"))

    def _of_object(self, node: Node) -> None:
        """``exports`` or ``module`` of CommonJS, wherever it stands."""
        script, parent = self._script, node.parent
        at: Node = node
        if script.text(node) == "module":
            is_exports = parent is not None and script.text(parent.child_by_field_name("property")) == "exports"
            if parent is None or not is_exports:
                self.is_known = self.is_known and parent is not None and parent.type in _READING
                return
            at, parent = parent, parent.parent
        if parent is None or not self._is_plain(at, parent):
            self.is_known = False

    def _is_plain(self, at: Node, parent: Node) -> bool:
        """Whether the use of ``at``, which is all exports, is understood; adds the names that it exports."""
        if parent.type in ("member_expression", "subscript_expression") and parent.child_by_field_name("object") == at:
            key = parent.child_by_field_name("index")
            name = self._script.string(key) if key else self._script.text(parent.child_by_field_name("property"))
            if name:
                self.names.add(name)
            return bool(name)
        if parent.type == "arguments" and parent.parent is not None:
            return self._is_defined(at, parent.parent)
        if parent.type == "assignment_expression" and parent.child_by_field_name("left") == at:
            return self._is_object(parent.child_by_field_name("right"))
        return parent.type in ("binary_expression", "unary_expression")

    def _is_defined(self, at: Node, call: Node) -> bool:
        """``Object.defineProperty(exports, "handler", ...)``."""
        arguments = call.child_by_field_name("arguments")
        given = arguments.named_children if arguments else []
        name = self._script.string(given[1]) if len(given) > 1 and given[0] == at else None
        if not name or self._script.text(call.child_by_field_name("function")) != "Object.defineProperty":
            return False
        self.names.add(name)
        return True

    def _is_object(self, value: Node | None) -> bool:
        """The names in what is assigned to all exports: ``module.exports = { handler }``."""
        if value is None or value.type != "object":
            return value is not None and self._is_read_elsewhere(value)
        for item in value.named_children:
            key = item.child_by_field_name("key") or item.child_by_field_name("name")
            if item.type == "shorthand_property_identifier":
                self.names.add(self._script.text(item))
            elif key is None or key.type == "computed_property_name":
                if item.type != "comment":
                    return False
            else:
                self.names.add(self._script.text(key).strip("\"'"))
        return True

    def _is_read_elsewhere(self, value: Node) -> bool:
        """``module.exports = exports = ...``, a function, and what esbuild writes."""
        if value.type in _VALUES or value.type == "assignment_expression":
            return True
        called = self._script.text(value.child_by_field_name("function"))
        return called == "__toCommonJS" and bool(_ESBUILD.search(self._script.source))


def _declared(script: Script, declaration: Node) -> set[str]:
    """The names that ``export const {a, b: c} = ...``, ``export function d() {}`` declare."""
    if declaration.type in _VALUES:
        return {script.text(declaration.child_by_field_name("name"))}
    targets = [item.child_by_field_name("name") for item in declaration.named_children]
    kinds = ("identifier", "shorthand_property_identifier_pattern")
    return {script.text(node) for target in targets if target for node in walk(target) if node.type in kinds}
