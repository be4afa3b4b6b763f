"""Functions of both kinds, Lambda's and SAM's: what they inherit, which one a value means, and who refers to one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, references
from cdk_guardrails.template.edits import parse_path, value_at

FUNCTION: Final = "AWS::Lambda::Function"
SAM_FUNCTION: Final = "AWS::Serverless::Function"
FUNCTIONS: Final = (FUNCTION, SAM_FUNCTION)

QUALIFIERS: Final = ("AWS::Lambda::Version", "AWS::Lambda::Alias")
"""Types that stand for a function wherever it may be named."""


class Event(NamedTuple):
    """An entry of a SAM function's Events: its name, its type (SQS, Api ...), its properties as written."""

    name: str
    type: str
    properties: Mapping[str, Any]

    @property
    def path(self) -> tuple[str, ...]:
        """The property path of its properties."""
        return ("Events", self.name, "Properties")


def setting(function: Resource, path: str | Sequence[str | int]) -> Any:
    """What ``function.get(path)`` says; of a SAM function that says nothing, what it inherits from Globals.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    value = function.get(path)
    if value is None and function.type == SAM_FUNCTION:
        inherited = value_at(function.template.data, ("Globals", "Function"))
        return Resource(function.template, "", {"Properties": inherited}).get(path)
    return value


def number(value: Any, default: int = 0) -> int | None:
    """A whole number, perhaps written as text; ``default`` when there is none, None when it is unknown or no number."""
    if value is None:
        return default
    if value is UNKNOWN or isinstance(value, bool) or not str(value).isdecimal():
        return None
    return int(value)


def is_false(value: Any) -> bool:
    """Whether a value is false, as a template may write it."""
    return value is False or value in ("false", "False")


def events(function: Resource) -> Iterator[Event]:
    """The Events of a SAM function that can be read."""
    given = function.raw("Events")
    if function.type != SAM_FUNCTION or not isinstance(given, dict) or is_intrinsic(given):
        return
    for name, event in given.items():
        if isinstance(event, dict) and isinstance(event.get("Type"), str):
            properties = event.get("Properties")
            yield Event(str(name), event["Type"], properties if isinstance(properties, dict) else {})


def function_of(value: Any, template: Template) -> Resource | None:
    """The one function of the template that ``value`` names or has in it; None for none, several or an unknown one."""
    found = functions_in(value, template)
    return found[0] if len(found) == 1 else None


def functions_in(value: Any, template: Template) -> list[Resource]:
    """The functions of the template that ``value`` refers to, perhaps through a version or an alias, each once.

    A value without a reference to a resource may mean a function by its FunctionName, alone or in an ARN.
    """
    direct, found = _referred(value, template), {}
    for resource in direct:
        owners = [resource]
        if resource.type in QUALIFIERS:
            of = resource.raw("FunctionName")
            owners = _referred(of, template) or _named(of, template)
        found.update({owner.logical_id: owner for owner in owners if owner.type in FUNCTIONS})
    return list(found.values()) if direct else _named(value, template)


def referring(function: Resource, template: Template, *types: str) -> list[Resource]:
    """The resources of the given types that refer to ``function``, to a version of it or to an alias, each once."""
    handles = [function, *template.referring(function, *QUALIFIERS)]
    found = {item.logical_id: item for handle in handles for item in template.referring(handle, *types)}
    return list(found.values())


def used_at(function: Resource, template: Template, places: Mapping[str, str]) -> list[Resource]:
    """The resources that refer to ``function``, a version or an alias of it, at the property path of their type.

    ``places`` are those paths by resource type; ``*`` stands for any item of a list.
    """
    found = {}
    for handle in (function, *template.referring(function, *QUALIFIERS)):
        for id_, reference in template.references_to(handle.logical_id):
            resource = template.resources[id_]
            if _is_at(reference.path[1:], places.get(resource.type)):
                found[id_] = resource
    return list(found.values())


def permissions(function: Resource, template: Template) -> Iterator[tuple[str, Resource]]:
    """The permissions to invoke ``function``, each with the service or account that it is for ("" if unknown)."""
    for permission in template.cached("permissions by function", _permissions, "AWS::Lambda::Permission").get(
        function.logical_id, ()
    ):
        yield rendered(permission.raw("Principal")) or "", permission


def _permissions(template: Template) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for permission in template.of_type("AWS::Lambda::Permission"):
        for function in functions_in(permission.raw("FunctionName"), template):
            found.setdefault(function.logical_id, []).append(permission)
    return found


def _is_at(path: Sequence[str | int], place: str | None) -> bool:
    """Whether ``path`` is ``place`` or leads below it."""
    parts = parse_path(place) if place else ()
    return 0 < len(parts) <= len(path) and all(part in ("*", at) for part, at in zip(parts, path, strict=False))


def _referred(value: Any, template: Template) -> list[Resource]:
    """The resources that ``value`` refers to. SAM makes a ``Handler.Version`` and a ``Handler.Alias`` of Handler."""
    ids = [reference.logical_id for reference in references(value)]
    found = [template.resources.get(id_) or template.resources.get(id_.partition(".")[0]) for id_ in ids]
    return [resource for resource in found if resource is not None]


def _named(value: Any, template: Template) -> list[Resource]:
    named = template.cached("functions by name", _by_name).get(name_in(value))
    return [named] if named is not None else []


def name_in(value: Any) -> str:
    """The function name in a name or an ARN, as `rendered`, without its qualifier."""
    text = (rendered(value) or "").rpartition(":function:")[2]
    match = re.fullmatch(r"((?:\$\{[^}]*\}|[^:])+)(?::[^:]*)?", text)
    return match[1] if match else ""


def _by_name(template: Template) -> dict[str, Resource]:
    named = ((rendered(function.raw("FunctionName")), function) for function in template.of_type(*FUNCTIONS))
    return {name: function for name, function in named if name}
