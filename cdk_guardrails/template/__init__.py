"""The model: a Template over plain CloudFormation data, references, what is unknown, and edits."""

from cdk_guardrails.template.edits import Edit, format_path
from cdk_guardrails.template.intrinsics import (
    UNKNOWN,
    Reference,
    is_intrinsic,
    is_no_value,
    is_unknown,
    known,
    references,
    target,
)
from cdk_guardrails.template.model import APP, MAX_RESOURCES, TEMPLATE, App, Template, unique_id
from cdk_guardrails.template.resource import Origin, Resource

__all__ = [
    "APP",
    "MAX_RESOURCES",
    "TEMPLATE",
    "UNKNOWN",
    "App",
    "Edit",
    "Origin",
    "Reference",
    "Resource",
    "Template",
    "format_path",
    "is_intrinsic",
    "is_no_value",
    "is_unknown",
    "known",
    "references",
    "target",
    "unique_id",
]
