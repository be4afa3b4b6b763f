"""What belongs to a VPC, in its own template and in others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import Resource, Template, references, target

VPC: Final = "AWS::EC2::VPC"
SUBNET: Final = "AWS::EC2::Subnet"


def belonging(owner: Resource, template: Template, type_: str, name: str = "VpcId") -> list[Resource]:
    """The resources of a type whose property ``name`` is this VPC, or another owner."""
    return [item for item in template.referring(owner, type_) if target(item.raw(name)) == owner.logical_id]


def meaning(resource: Resource, type_: str, name: str) -> Iterator[Resource]:
    """The resources of a type, in any template of the app, whose property ``name`` refers to ``resource`` at all."""
    for template in resource.template.app.templates:
        if template is resource.template:
            for item in template.referring(resource, type_):
                if any(reference.logical_id == resource.logical_id for reference in references(item.raw(name))):
                    yield item
        else:
            yield from (item for item in template.of_type(type_) if refers_across(item.raw(name), resource))
