"""Which metrics the alarms of an app watch, and whether those of a resource are among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, is_unknown, known, references, target
from cdk_guardrails.template.edits import value_at
from cdk_guardrails.template.intrinsics import FOREIGN_REF

ALARM: Final = "AWS::CloudWatch::Alarm"
API_GATEWAY: Final = "AWS/ApiGateway"

_INSIGHTS = re.compile(r"""SELECT\s+\w+\(\s*["']?(\w+)["']?\s*\)\s+FROM\s+(?:SCHEMA\(\s*)?["']?([\w/]+)""", re.I)
"""A query over all metrics of a name in a namespace, which an alarm may watch as well:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html"""


@dataclass(frozen=True)
class Dimension:
    """A dimension of a resource's metrics: the value that an added alarm gives it, and how others may write the same.

    ``chosen``: the value is the author's, so that a parameter may have it, too; a generated name is known to none.
    """

    name: str
    value: Any
    same: frozenset[str]
    chosen: bool


@dataclass(frozen=True)
class Source:
    """What has metrics: their namespace, their dimensions, and the resources by which an alarm may refer to them.

    An alarm on a part of it counts when that part is told by ``parts`` (``Operation``), else it does not. Without
    the ``first`` of the dimensions there is no such metric; Lambda alone has metrics of all functions together.
    """

    namespace: str
    dimensions: tuple[Dimension, ...]
    resources: tuple[Resource, ...]
    parts: tuple[str, ...] = ()
    also_together: bool = False

    @property
    def first(self) -> Dimension:
        """The dimension that names the resource."""
        return self.dimensions[0]

    def rendered(self, more: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """The Dimensions of an alarm."""
        pairs = [(dimension.name, dimension.value) for dimension in self.dimensions]
        return [{"Name": name, "Value": value} for name, value in (*pairs, *(more or {}).items())]


class Watched(NamedTuple):
    """A metric that an alarm watches, as written; without dimensions (None) when they are unknown or all are meant."""

    namespace: Any
    name: Any
    dimensions: Mapping[str, Any] | None


def named_by(name: str, resource: Resource, path: str = "") -> Dimension:
    """The dimension whose value is what Ref gives of ``resource``, which the property at ``path`` may say as well."""
    own = resource.raw(path) if path else None
    same = {f"${{{resource.logical_id}}}", rendered(own) or ""} - {""}
    return Dimension(name, resource.ref(), frozenset(same), chosen=not _is_absent(own))


def copied(name: str, value: Any) -> Dimension | None:
    """The dimension whose value stands in a property as ``value``; None when an alarm could not repeat it."""
    if _is_absent(value) or FOREIGN_REF in str(value) or not isinstance(value, str | dict):
        return None
    return Dimension(name, value, frozenset({rendered(value) or ""} - {""}), chosen=True)


def _is_absent(value: Any) -> bool:
    return known(value) in (None, "")


def is_watched(metric: str, source: Source) -> bool:
    """Whether an alarm of the app watches ``metric`` of ``source``, or may do so."""
    template = source.resources[0].template
    if any(_is_it(found, metric, source, template) for found in _candidates(source, template)):
        return True
    return any(_is_it(found, metric, source, None) for found in _elsewhere(source, template))


def watched(alarm: Resource) -> Iterator[Watched]:
    """The metrics that an alarm of either form watches: one, or those that an expression takes."""
    properties = alarm.properties
    if "MetricName" in properties:
        yield _watched(properties)
    for query in alarm.items("Metrics"):
        metric = value_at(query, ("MetricStat", "Metric"))
        if isinstance(metric, dict):
            yield _watched(metric)
        elif isinstance(query, dict) and (found := _INSIGHTS.search(rendered(query.get("Expression")) or "")):
            yield Watched(found[2], found[1], None)


def _watched(metric: Mapping[str, Any]) -> Watched:
    dimensions = known(metric.get("Dimensions"))
    if dimensions is UNKNOWN:
        return Watched(metric.get("Namespace"), metric.get("MetricName"), None)
    items = dimensions if isinstance(dimensions, list) else []
    pairs = {str(item.get("Name")): item.get("Value") for item in items if isinstance(item, dict)}
    return Watched(metric.get("Namespace"), metric.get("MetricName"), pairs)


def _candidates(source: Source, template: Template) -> Iterator[Watched]:
    """What is watched by alarms that refer to the source's resources, and by those that write names."""
    seen: set[str] = set()
    for resource in source.resources:
        for alarm in template.referring(resource, ALARM):
            if alarm.logical_id not in seen:
                seen.add(alarm.logical_id)
                yield from watched(alarm)
    yield from template.cached("metrics watched by name", _by_name, ALARM)


def _by_name(template: Template) -> list[Watched]:
    """What is watched without a reference to a resource. Alarms that rules add refer to theirs, some on APIs aside."""
    alarms = [
        alarm
        for alarm in template.of_type(ALARM)
        if not alarm.logical_id.startswith("Guardrails") or alarm.raw("Namespace") == API_GATEWAY
    ]
    found = (item for alarm in alarms for item in watched(alarm))
    return [item for item in found if not any(target(value) in template.resources for value in _values(item))]


def _values(found: Watched) -> Iterable[Any]:
    return (found.dimensions or {}).values()


def _is_it(found: Watched, metric: str, source: Source, template: Template | None) -> bool:
    """Whether a watched metric is this one; ``template``: that in which it is watched, None for one elsewhere."""
    for value, wanted in ((found.namespace, source.namespace), (found.name, metric)):
        if value != wanted and not is_unknown(value):
            return False
    if found.dimensions is None:
        return True
    wanted_names = {dimension.name: dimension for dimension in source.dimensions}
    if not set(found.dimensions) <= {*wanted_names, *source.parts}:
        return False
    if source.first.name not in found.dimensions and not (source.also_together and not found.dimensions):
        return False
    return all(
        _means(value, wanted_names[name], source, template)
        for name, value in found.dimensions.items()
        if name in wanted_names and name not in source.parts
    )


def _means(value: Any, dimension: Dimension, source: Source, template: Template | None) -> bool:
    """Whether ``value`` is that of ``dimension``, or may be at deployment."""
    text = rendered(value)
    if value == dimension.value or (text is not None and text in dimension.same):
        return True
    if not is_unknown(value):
        return False
    if template is None:
        return True  # it was found by what it refers to
    own = {resource.logical_id for resource in source.resources}
    if any(reference.logical_id in own for reference in references(value)):
        return True
    of_another = target(value) in template.resources or (text or "").startswith("${!")
    return dimension.chosen and not of_another


def _elsewhere(source: Source, template: Template) -> Iterator[Watched]:
    """What alarms of other stacks watch of the source: by a CDK reference, an import, or a literal name."""
    if len(template.app.templates) < 2:
        return
    exports = template.cached("names of exports", _exports)
    keys = {f"name:{name}" for name in source.first.same if "${" not in name}
    for resource in source.resources:
        keys |= {f"import:{name}" for name in exports.get(resource.logical_id, ())}
        if path := resource.origin.construct_path:
            keys.add(f"path:{path}")
    for other in template.app.templates:
        if other is not template:
            index = other.cached("metrics of other stacks", _foreign)
            yield from (found for key in keys for found in index.get(key, ()))


def _exports(template: Template) -> dict[str, list[str]]:
    """The names under which the values of resources are exported, by logical id."""
    found: dict[str, list[str]] = {}
    for output in template.outputs.values():
        name = rendered(value_at(output, ("Export", "Name")))
        if name and (id_ := target(value_at(output, ("Value",)))):
            found.setdefault(id_, []).append(name)
    return found


def _foreign(template: Template) -> dict[str, list[Watched]]:
    """What is watched of other stacks' resources, by what it is found by.

    Alarms that rules add are about their own stack, also where they name an API as its twin in another stack is named.
    """
    index: dict[str, list[Watched]] = {}
    for alarm in template.of_type(ALARM):
        for found in () if alarm.logical_id.startswith("Guardrails") else watched(alarm):
            for value in _values(found):
                if key := _key(value):
                    index.setdefault(key, []).append(found)
    return index


def _key(value: Any) -> str:
    if isinstance(value, str):
        return f"name:{value}"
    if not is_intrinsic(value):
        return ""
    function, argument = next(iter(value.items()))
    if function == FOREIGN_REF and isinstance(argument, dict):
        return f"path:{argument.get('Path')}"
    return f"import:{rendered(argument)}" if function == "Fn::ImportValue" else ""
