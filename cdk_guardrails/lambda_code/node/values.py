"""What a script's exports are: the value of one, as it stands in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_guardrails.lambda_code.node.parsing import Script, walk

if TYPE_CHECKING:
    from tree_sitter import Node


def exported_value(script: Script, export: str) -> Node | None:
    """The value that a file exports by a name: the last one that it is given."""
    found: Node | None = None
    for node in walk(script.root):
        if node.type == "assignment_expression":
            found = _assigned(script, node, export) or found
        elif node.type == "export_statement":
            found = _from_statement(script, node, export) or found
    return found


def _assigned(script: Script, node: Node, export: str) -> Node | None:
    """``exports.handler = ...``, ``module.exports = { handler }``."""
    left, right = script.text(node.child_by_field_name("left")), node.child_by_field_name("right")
    if right is None or right.type == "undefined" or script.text(right) == "void 0":
        return None
    if left in (f"exports.{export}", f"module.exports.{export}"):
        while right is not None and right.type == "assignment_expression":
            right = right.child_by_field_name("right")
        return right
    if left != "module.exports" or right.type != "object":
        return None
    for item in right.named_children:
        key = script.text(item.child_by_field_name("key") or item.child_by_field_name("name") or item).strip("\"'")
        if key == export:
            return item.child_by_field_name("value") or (item if item.type == "method_definition" else _as_name(item))
    return None


def _as_name(item: Node) -> Node | None:
    return item if item.type == "shorthand_property_identifier" else None


def _from_statement(script: Script, node: Node, export: str) -> Node | None:
    """``export const handler = ...``, ``export { main as handler }``."""
    if node.child_by_field_name("source"):
        return None
    declaration = node.child_by_field_name("declaration")
    is_default = any(child.type == "default" for child in node.children)
    if is_default:
        return (node.child_by_field_name("value") or declaration) if export == "default" else None
    for item in declaration.named_children if declaration else ():
        if item.type == "variable_declarator" and script.text(item.child_by_field_name("name")) == export:
            return item.child_by_field_name("value")
    if declaration is not None and script.text(declaration.child_by_field_name("name")) == export:
        return declaration
    for item in walk(node):
        if item.type == "export_specifier":
            name = item.child_by_field_name("name")
            if script.text(item.child_by_field_name("alias") or name) == export:
                return name
    return None
