"""Nested stacks: their parameters and outputs, read as what they hand over.

A finished template names what stands on the other side of a nested stack by a parameter or an output. While the
construct tree is snapshot, the same thing is a reference to another stack; with `relink` it is one in both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cdk_guardrails.template.edits import value_at
from cdk_guardrails.template.intrinsics import FOREIGN_REF, get_att
from cdk_guardrails.template.model import App, Template
from cdk_guardrails.template.resource import Resource

NESTED_STACK: Final = "AWS::CloudFormation::Stack"

_RESOURCE = re.compile(r"(?P<around>.*/)?(?P<id>[^/]+)\.NestedStack/(?P=id)\.NestedStackResource")
"""The construct path that CDK gives to the resource of the nested stack ``<around>/<id>``."""

_MAX_HOPS: Final = 20
"""Nested stacks through which a value is followed."""

Links = Mapping[str, tuple[Template, Resource]]
"""The resource that makes a nested stack, and its template, by the nested stack's name."""


def relink(app: App) -> None:
    """Turns each Ref and GetAtt that stands for a resource of another template of ``app`` into a `FOREIGN_REF`.

    Only for templates that are named as the CDK names their constructs, and before anything is asked of them.
    """
    links = _links(app)
    stacks = {template.name: template for template in app.templates}
    for template in app.templates:
        if template.name in links or template.of_type(NESTED_STACK):
            _replace(template.data["Resources"], template, stacks, links)


def _links(app: App) -> Links:
    found = {}
    for template in app.templates:
        for resource in template.of_type(NESTED_STACK):
            if name := name_of(resource.origin.construct_path):
                found[name] = (template, resource)
    return found


def name_of(construct_path: str) -> str:
    """The construct path of the nested stack that the resource at ``construct_path`` makes; "" when it makes none."""
    match = _RESOURCE.fullmatch(construct_path)
    return f"{match['around'] or ''}{match['id']}" if match else ""


def _replace(node: Any, template: Template, stacks: Mapping[str, Template], links: Links) -> None:
    pending = [node]
    while pending:
        node = pending.pop()
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if isinstance(value, dict) and len(value) == 1 and (marker := _marker(value, template, stacks, links)):
                node[key] = marker
            elif isinstance(value, dict | list):
                pending.append(value)


def _marker(value: Any, template: Template, stacks: Mapping[str, Template], links: Links) -> dict[str, Any] | None:
    """What ``value`` stands for when that is a resource of another template."""
    here = template
    for _ in range(_MAX_HOPS):
        if not isinstance(value, dict) or len(value) != 1:
            return None
        if FOREIGN_REF in value:
            return value if here is not template else None
        id_, attribute = _named(value)
        resource = here.resources.get(id_)
        if resource is None and here.name in links and id_ in here.parameters:
            here, nested = links[here.name]
            value = value_at(nested.properties, ("Parameters", id_))
        elif resource is not None and resource.type == NESTED_STACK and attribute.startswith("Outputs."):
            if (inner := stacks.get(name_of(resource.origin.construct_path))) is None:
                return None
            here, value = inner, value_at(inner.outputs, (attribute.removeprefix("Outputs."), "Value"))
        elif resource is None or here is template:
            return None
        else:
            path = resource.origin.construct_path
            return {FOREIGN_REF: {"Path": path, "LogicalId": id_, "Attribute": attribute}}
    return None


def _named(value: Mapping[str, Any]) -> tuple[str, str]:
    """The logical id and the attribute of a Ref or a GetAtt."""
    if isinstance(value.get("Ref"), str):
        return value["Ref"], "Ref"
    return get_att(value.get("Fn::GetAtt"))
