"""What of a table's provisioned capacity scales: the table itself and its global secondary indexes, reads and writes.

https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-dynamodb.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from cdk_guardrails.rules.dynamodb.tables import SIMPLE_TABLE, TABLE, Path, is_provisioned
from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_no_value

TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"

KINDS: Final = ("Read", "Write")
THROUGHPUT: Final[Path] = ("ProvisionedThroughput",)


@dataclass(frozen=True)
class Capacity:
    """The provisioned capacity of a table (``index`` is "") or of an index, and the ``kinds`` of it that do not scale.

    ``path`` is where ProvisionedThroughput stands, ``index_name`` the index's name as written.
    """

    table: Resource
    path: Path
    index: str = ""
    index_name: Any = None
    kinds: tuple[str, ...] = KINDS

    def units(self, kind: str) -> int | None:
        """The capacity units for ``Read`` or ``Write``; None when the template does not say."""
        value: Any = self.table.get((*self.path, f"{kind}CapacityUnits"))
        text = "" if value is UNKNOWN or isinstance(value, bool) else str(value)
        return int(text) if text.isdecimal() else None

    def dimension(self, kind: str) -> str:
        """The ScalableDimension."""
        return f"dynamodb:{'index' if self.index else 'table'}:{kind}CapacityUnits"

    @property
    def suffix(self) -> str:
        """What stands behind the table's name in the ResourceId, as rendered text."""
        return f"/index/{rendered(self.index_name)}" if self.index else ""

    @property
    def resource_id(self) -> dict[str, Any]:
        """The ResourceId, as the CDK renders it."""
        parts: list[Any] = ["table/", self.table.ref()]
        if isinstance(self.index_name, str):
            parts.append(f"/index/{self.index_name}")
        elif self.index:
            parts += ["/index/", self.index_name]
        return {"Fn::Join": ["", parts]}


def unscaled(table: Resource, template: Template) -> Iterator[Capacity]:
    """What of the capacity of ``table`` surely does not scale."""
    if not is_provisioned(table):
        return
    for capacity in _capacities(table):
        kinds = tuple(kind for kind in KINDS if not _scales(capacity, kind, template))
        if kinds and table.get(capacity.path) is not None:
            yield replace(capacity, kinds=kinds)


def _capacities(table: Resource) -> Iterator[Capacity]:
    yield Capacity(table, THROUGHPUT)
    indexes = table.get("GlobalSecondaryIndexes")
    for number, index in enumerate(indexes if isinstance(indexes, list) else ()):
        name = index.get("IndexName") if isinstance(index, dict) else None
        if rendered(name) and not is_no_value(name):
            shown = name if isinstance(name, str) else f"index {number + 1}"
            yield Capacity(table, ("GlobalSecondaryIndexes", number, *THROUGHPUT), shown, name)


def _scales(capacity: Capacity, kind: str, template: Template) -> bool:
    """Whether some template of the app has a target for this capacity, or may have one."""
    table, dimension = capacity.table, capacity.dimension(kind)
    own = (*template.referring(table, TARGET), *_loose_targets(template))
    if any(_is_for(target, capacity, dimension) for target in own):
        return True
    others = (other for other in template.app.templates if other is not template)
    return any(_is_across(target, capacity, dimension) for other in others for target in _loose_targets(other))


def _loose_targets(template: Template) -> list[Resource]:
    """The scalable targets that refer to no table of their own template."""
    return template.cached("loose scalable targets", _find_loose_targets, TARGET)


def _find_loose_targets(template: Template) -> list[Resource]:
    found = []
    for target in template.of_type(TARGET):
        mentioned = (template.resources.get(id_) for id_ in _mentioned(target))
        if not any(resource and resource.type in (TABLE, SIMPLE_TABLE) for resource in mentioned):
            found.append(target)
    return found


def _mentioned(target: Resource) -> list[str]:
    made = target.template.references_from(target.logical_id)
    return [reference.logical_id for reference in made if reference.path[:2] == ("Properties", "ResourceId")]


def _is_for(target: Resource, capacity: Capacity, dimension: str) -> bool:
    """Whether a target of the table's own template is for ``capacity``, or may be."""
    if target.get("ScalableDimension") not in (dimension, UNKNOWN):
        return False
    table, suffix, text = capacity.table, capacity.suffix, rendered(target.raw("ResourceId"))
    names = [rendered(table.ref()), rendered(table.raw("TableName"))]
    if text in [f"table/{name}{suffix}" for name in names if name]:
        return True
    if table.logical_id in _mentioned(target):
        return text is None
    # A generated name is known to nothing but a reference.
    has_name = table.get("TableName") is not None
    return has_name and target.get("ResourceId") is UNKNOWN and (text is None or text.endswith(suffix))


def _is_across(target: Resource, capacity: Capacity, dimension: str) -> bool:
    """Whether a target of another template is for ``capacity``, or may be."""
    if target.get("ScalableDimension") not in (dimension, UNKNOWN):
        return False
    id_, table, suffix = target.raw("ResourceId"), capacity.table, capacity.suffix
    if isinstance(name := table.get("TableName"), str) and target.get("ResourceId") == f"table/{name}{suffix}":
        return True
    text = rendered(id_)
    return (text is None or text.endswith(suffix)) and any(refers_across(part, table) for part in _mappings(id_))


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in ``value``, at any depth."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(item)
