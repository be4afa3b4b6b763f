"""The model that rules read: a Template over plain CloudFormation data, and the App that it is part of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

from cdk_guardrails.errors import EditError, TemplateError
from cdk_guardrails.template import edits
from cdk_guardrails.template.edits import Edit
from cdk_guardrails.template.graph import ReferenceGraph
from cdk_guardrails.template.intrinsics import Reference, references, target
from cdk_guardrails.template.resource import Origin, Resource

_T = TypeVar("_T")

TEMPLATE = "Template"
"""The resource type of the template itself, for rules about outputs, counts or order."""

APP = "App"
"""The resource type of the whole app, for rules that look across templates."""


MAX_RESOURCES: Final = 500
"""Resources in one template. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

RESERVED: Final = 10
"""Resources up to the limit that no edit takes: for what the CDK adds after the Aspects (its metadata, providers)."""


@dataclass(eq=False)
class App:
    """The templates that are judged together, in the order of synthesis.

    ``asset_sources``: the author's folder or file that an asset was made from, by the asset's hash, as far as the host
    knows them.
    """

    templates: list[Template] = field(default_factory=list)
    asset_sources: Mapping[str, str] = field(default_factory=dict)
    _cache: dict[object, Any] = field(default_factory=dict)

    def cached(self, key: object, make: Callable[[], _T]) -> _T:
        """What ``make`` says of something beside the templates, which no edit changes: asked once."""
        if key not in self._cache:
            self._cache[key] = make()
        value: _T = self._cache[key]
        return value


class Template:
    """A CloudFormation template over plain data.

    ``data`` is read, and changed by `apply` only. ``name`` is the stack's construct path or the file. ``origins`` maps
    logical ids to `Origin`. ``account`` and ``region`` are those that the stack is rendered for, "" when only the
    deployment knows them. ``file`` is where the template lies, when it was read from there: what else the assembly
    holds is found beside it. Raises TemplateError when ``data`` is no template.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        name: str = "template",
        origins: Mapping[str, Origin] | None = None,
        app: App | None = None,
        account: str = "",
        region: str = "",
        file: str = "",
    ) -> None:
        self.data = _checked(data, name)
        self.name = name
        self.account = account
        self.region = region
        self.file = file
        self._origins = dict(origins or {})
        self.app = app or App()
        self.app.templates.append(self)
        section = self.data["Resources"]
        self._resources = {id_: Resource(self, id_, item) for id_, item in section.items() if isinstance(item, dict)}
        self._by_type: dict[str, list[Resource]] = {}
        for resource in self._resources.values():
            self._by_type.setdefault(resource.type, []).append(resource)
        self._graph: ReferenceGraph | None = None
        self._cache: dict[str, tuple[Any, tuple[str, ...]]] = {}

    @property
    def resources(self) -> Mapping[str, Resource]:
        """Resources by logical id, in the template's order."""
        return self._resources

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of the given types, type by type, in the template's order."""
        return [resource for type_ in types for resource in self._by_type.get(type_, ())]

    @cached_property
    def whole(self) -> Resource:
        """The template itself as a resource of type `TEMPLATE`, for rules about the template."""
        return Resource(self, "", {"Type": TEMPLATE, "Properties": self.data})

    def origin(self, logical_id: str) -> Origin:
        """Where the resource comes from; the CDK's ``aws:cdk:path`` metadata when the host gave nothing better.

        With the logical id "", where the template itself does: the construct of its name, if no host says otherwise.
        """
        if logical_id in self._origins:
            return self._origins[logical_id]
        if not logical_id:
            return Origin(self.name)
        path = edits.value_at(self.data, ("Resources", logical_id, "Metadata", "aws:cdk:path"))
        return Origin(path if isinstance(path, str) else "")

    @property
    def outputs(self) -> dict[str, Any]:
        """The Outputs section as written."""
        return self._section("Outputs")

    @property
    def parameters(self) -> dict[str, Any]:
        """The Parameters section as written."""
        return self._section("Parameters")

    @property
    def conditions(self) -> dict[str, Any]:
        """The Conditions section as written."""
        return self._section("Conditions")

    def _section(self, name: str) -> dict[str, Any]:
        value = self.data.get(name)
        return value if isinstance(value, dict) else {}

    def resource_of(self, value: Any) -> Resource | None:
        """The resource of THIS template that ``value`` (a Ref, GetAtt or one-variable Sub) stands for."""
        return self.resources.get(target(value) or "")

    def cached(self, name: str, make: Callable[[Template], _T], *types: str) -> _T:
        """What ``make`` says of this template, asked once until the next edit. ``name`` is the caller's own.

        With ``types``, until the next edit of a resource of these types: of others ``make`` asks nothing that changes.
        """
        if name not in self._cache:
            self._cache[name] = (make(self), types)
        value: _T = self._cache[name][0]
        return value

    @property
    def graph(self) -> ReferenceGraph:
        """Who refers to whom, kept up to date by `apply`."""
        if self._graph is None:
            self._graph = ReferenceGraph()
            for id_, resource in self._resources.items():
                self._graph.update(id_, resource.data)
        return self._graph

    def references_from(self, logical_id: str) -> list[Reference]:
        """The references that a resource makes, its DependsOn aside; the paths start inside the resource."""
        return self.graph.made_by.get(logical_id, [])

    def references_to(self, logical_id: str) -> list[tuple[str, Reference]]:
        """Who refers to a logical id: (logical id of the referring resource, the reference). DependsOn aside."""
        referrers = self.graph.referrers.get(logical_id, {})
        return [(id_, ref) for id_ in referrers for ref in self.graph.made_by[id_] if ref.logical_id == logical_id]

    def referring(self, resource: Resource, *types: str) -> Iterator[Resource]:
        """The resources of the given types that refer to ``resource``, each once."""
        for id_ in self.graph.referrers.get(resource.logical_id, {}):
            if id_ != resource.logical_id and self.resources[id_].type in types:
                yield self.resources[id_]

    # Edits on the template.

    def add(self, logical_id: str, type_: str, properties: Mapping[str, Any], **attributes: Any) -> Edit:
        """Add a resource. ``attributes`` are DependsOn, DeletionPolicy, Condition ...; None ones are left out."""
        given = {name: value for name, value in attributes.items() if value is not None}
        return Edit("set", ("Resources", logical_id), {"Type": type_, **given, "Properties": dict(properties)})

    def add_output(self, logical_id: str, value: Any, description: str, condition: str | None = None) -> Edit:
        """Add an output."""
        output = {"Description": description, "Value": value}
        if condition:
            output["Condition"] = condition
        return Edit("set", ("Outputs", logical_id), output)

    def apply(self, edit: Edit) -> Any:
        """Applies an edit and returns what stood there before. Raises EditError and leaves the template as it was."""
        before = edits.apply(self.data, edit)
        if edit.section == "Resources":
            self._refresh(edit, before)
        if self._cache:
            self._outdate(edit)
        return before

    def apply_all(self, changes: Sequence[Edit]) -> list[Any]:
        """Applies all of ``changes`` or, when one cannot be, raises EditError and leaves the template as it was.

        One that adds resources cannot be when the template would come near the number of resources that it may hold.
        """
        self.check_room(changes)
        if len(changes) > 1:
            edits.rehearse(self.data, changes)
        return [self.apply(edit) for edit in changes]

    def check_room(self, changes: Sequence[Edit]) -> None:
        """Raises EditError when ``changes`` add more resources than the template has room for."""
        added = sum(edit.adds_element and edit.section == "Resources" for edit in changes)
        if added and len(self.data["Resources"]) + added > MAX_RESOURCES - RESERVED:
            raise EditError(
                f"the template holds {len(self.data['Resources'])} of at most {MAX_RESOURCES} resources, "
                f"there is no room for {added} more: split the stack"
            )

    def _refresh(self, edit: Edit, before: Any) -> None:
        """Keeps the indexes true after an edit, at the cost of the one resource that it changed."""
        id_ = edit.logical_id
        if len(edit.path) == 2:
            self._forget(id_)
            if edit.op == "set":
                resource = self._resources[id_] = Resource(self, id_, self.data["Resources"][id_])
                self._by_type.setdefault(resource.type, []).append(resource)
        # A removal moves what stands behind it in a list; any other edit without references leaves them as they are.
        if self._graph is None:
            return
        if edit.op == "remove" or edit.adds_element or references(edit.value) or references(before):
            self._graph.update(id_, self.data["Resources"].get(id_, {}))

    def _outdate(self, edit: Edit) -> None:
        resource = self._resources.get(edit.logical_id) if edit.section == "Resources" else None
        for name, (_, types) in list(self._cache.items()):
            if not types or resource is None or resource.type in types:
                del self._cache[name]

    def _forget(self, id_: str) -> None:
        if resource := self._resources.pop(id_, None):
            self._by_type[resource.type].remove(resource)


def _checked(data: Any, name: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise TemplateError(f"{name}: a CloudFormation template is a mapping, this is a {type(data).__name__}")
    resources = data.get("Resources")
    if not isinstance(resources, dict):
        raise TemplateError(f"{name}: not a CloudFormation template: it has no 'Resources' mapping")
    return data


def unique_id(template: Template, wanted: str, taken: Iterable[str] = ()) -> str:
    """``wanted``, or with a number behind it when another element of the template has that logical id."""
    used = {*template.resources, *template.outputs, *template.parameters, *template.conditions, *taken}
    candidate, number = wanted, 2
    while candidate in used:
        candidate, number = f"{wanted}{number}", number + 1
    return candidate
