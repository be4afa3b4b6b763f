"""A resource of a template, read through property paths, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cdk_guardrails.template import edits
from cdk_guardrails.template.edits import Edit, Path, parse_path
from cdk_guardrails.template.intrinsics import UNKNOWN, is_intrinsic, is_no_value, known

if TYPE_CHECKING:
    from cdk_guardrails.template.model import Template

_SOURCE: Final = re.compile(r"(.*?):(\d+)(?::(\d+))?", re.DOTALL)


@dataclass(frozen=True)
class Origin:
    """Where something comes from: its construct path and the user's ``file:line`` (of code ``file:line:column``).

    Either may be unknown ("").
    """

    construct_path: str = ""
    source: str = ""

    @property
    def place(self) -> tuple[str, int, int]:
        """The file, line and column of ``source``; 0 for what it does not say."""
        match = _SOURCE.fullmatch(self.source)
        return (match[1], int(match[2]), int(match[3] or 0)) if match else (self.source, 0, 0)


class Resource:
    """One resource of a template, read through property paths (``"TracingConfig.Mode"``). It never changes anything."""

    __slots__ = ("data", "logical_id", "template", "type")

    def __init__(self, template: Template, logical_id: str, data: dict[str, Any]) -> None:
        self.template = template
        self.logical_id = logical_id
        self.data = data
        self.type = str(data.get("Type", ""))
        """The CloudFormation type, ``AWS::S3::Bucket``."""

    @property
    def properties(self) -> dict[str, Any]:
        """The Properties mapping as written, or an empty one (a copy: writing to it has no effect)."""
        value = self.data.get("Properties")
        return value if isinstance(value, dict) else {}

    @property
    def condition(self) -> str | None:
        """The name of the Condition under which the resource exists."""
        value = self.data.get("Condition")
        return value if isinstance(value, str) else None

    @property
    def origin(self) -> Origin:
        """Construct path and source line, when the host knows them."""
        return self.template.origin(self.logical_id)

    @property
    def depends_on(self) -> list[str]:
        """The explicit DependsOn as a list."""
        value = self.data.get("DependsOn", [])
        return [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []

    def raw(self, path: str | Sequence[str | int] = "") -> Any:
        """The property at ``path`` as written, intrinsics included; None when absent."""
        return edits.value_at(self.properties, parse_path(path))

    def get(self, path: str | Sequence[str | int]) -> Any:
        """The property at ``path``: None when absent (or AWS::NoValue), UNKNOWN when it or a parent is an intrinsic."""
        node: Any = self.data.get("Properties")
        for part in parse_path(path):
            if isinstance(node, dict):
                if len(node) == 1 and is_intrinsic(node):
                    return None if is_no_value(node) else UNKNOWN
                node = node.get(part)
            else:
                node = edits.value_at(node, (part,))
            if node is None:
                return None
        return known(node)

    def items(self, path: str | Sequence[str | int]) -> list[Any]:
        """The list at ``path`` as written ([] when absent or unknown); a single mapping counts as a list of one."""
        value = self.raw(path)
        if isinstance(value, list):
            return value
        return [value] if isinstance(value, dict) and value and not is_intrinsic(value) else []

    @property
    def root(self) -> Path:
        """The template path at which this resource's property paths start."""
        return ("Resources", self.logical_id, "Properties") if self.logical_id else ()

    def path(self, path: str | Sequence[str | int]) -> Path:
        """The template path of a property path."""
        return (*self.root, *parse_path(path))

    # Edits: each returns what to change; the engine applies it.

    def set(self, path: str | Sequence[str | int], value: Any) -> Edit:
        """Set the property at ``path``."""
        return Edit("set", self.path(path), value)

    def append(self, path: str | Sequence[str | int], value: Any) -> Edit:
        """Append ``value`` to the list at ``path``."""
        return Edit("append", self.path(path), value)

    def remove(self, path: str | Sequence[str | int]) -> Edit:
        """Remove the property at ``path``."""
        return Edit("remove", self.path(path))

    def set_attribute(self, name: str, value: Any) -> Edit:
        """Set a resource attribute: DeletionPolicy, UpdateReplacePolicy ..."""
        return Edit("set", ("Resources", self.logical_id, name), value)

    def depend_on(self, logical_id: str) -> Edit:
        """Add a DependsOn."""
        return Edit("append", ("Resources", self.logical_id, "DependsOn"), logical_id)

    def ref(self) -> dict[str, str]:
        """``{"Ref": id}`` to this resource."""
        return {"Ref": self.logical_id}

    def get_att(self, attribute: str) -> dict[str, list[str]]:
        """``{"Fn::GetAtt": [id, attribute]}`` to this resource."""
        return {"Fn::GetAtt": [self.logical_id, attribute]}

    def __repr__(self) -> str:
        return f"<{self.type} {self.logical_id}>"
