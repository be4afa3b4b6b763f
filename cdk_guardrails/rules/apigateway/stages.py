"""Stages of REST, HTTP and WebSocket APIs: where each type keeps the settings of its methods and routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_intrinsic, is_no_value, known
from cdk_guardrails.template.edits import value_at

STAGE: Final = "AWS::ApiGateway::Stage"
DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
V2_STAGE: Final = "AWS::ApiGatewayV2::Stage"
SAM_API: Final = "AWS::Serverless::Api"
SAM_HTTP_API: Final = "AWS::Serverless::HttpApi"

STAGE_TYPES: Final = (STAGE, SAM_API, V2_STAGE, SAM_HTTP_API, DEPLOYMENT)
"""All types that make a stage. What a Deployment says of its stage holds when that stage is made and is not to be
changed later ("StageDescription cannot be specified when stage referenced by StageName already exists"), so it is
judged, and never fixed."""

V2_TYPES: Final = (V2_STAGE, SAM_HTTP_API)

USE_STAGE: Final = (
    "Give the stage a resource of its own, apigateway.Stage(...): "
    "StageDescription cannot change a stage that is deployed already."
)
"""What to do about a stage that a Deployment makes."""

ALL: Final = {"HttpMethod": "*", "ResourcePath": "/*"}
"""What stands in an entry of MethodSettings for all methods."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Scope:
    """The settings of all methods of a stage (``target`` ""), or of one method or route: ``GET /pets``.

    ``path`` is where they stand, or the list that they are to be appended to.
    """

    target: str
    path: Path
    values: Mapping[str, Any]
    appended: bool = False

    def get(self, name: str) -> Any:
        """One setting: None when absent, UNKNOWN when it is an intrinsic."""
        return known(self.values.get(name))

    def edits(self, resource: Resource, wanted: Mapping[str, Any]) -> Iterator[Edit]:
        """Sets the ``wanted`` settings, each for itself; an entry that is not there yet is appended."""
        if self.appended:
            yield resource.append(self.path, {**ALL, **wanted})
        else:
            for name, value in wanted.items():
                yield resource.set((*self.path, name), value)


def scopes(resource: Resource, template: Template) -> Iterator[Scope]:
    """The settings of each method or route that has any, and those of all methods, which may be empty.

    What an intrinsic or the Globals of a SAM template decide is left out.
    """
    if resource.type in V2_TYPES:
        yield from _route_scopes(resource)
    elif resource.type == DEPLOYMENT:
        yield from _deployment_scopes(resource, template)
    else:
        entries, complete = _entries(resource, ("MethodSettings",))
        yield from entries
        if complete and not any(scope.target == "" for scope in entries):
            yield Scope("", ("MethodSettings",), {}, appended=True)


def makes_stage(deployment: Resource, template: Template) -> bool:
    """Whether a Deployment makes a stage that no Stage resource of the template describes."""
    name = deployment.get("StageName")
    if name is None or name == "":
        return False
    for stage in template.of_type(STAGE):
        if stage.raw("RestApiId") == deployment.raw("RestApiId"):
            same = stage.raw("StageName") == deployment.raw("StageName")
            if same or name is UNKNOWN or stage.get("StageName") is UNKNOWN:
                return False
    return True


def in_globals(resource: Resource, name: str) -> bool:
    """Whether the Globals section of a SAM template may give this property to ``resource``.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    section = {SAM_API: "Api", SAM_HTTP_API: "HttpApi"}.get(resource.type)
    return section is not None and value_at(resource.template.data, ("Globals", section, name)) is not None


def kind_of(resource: Resource, template: Template) -> str | None:
    """``REST``, ``HTTP`` or ``WEBSOCKET``; None when the API stands elsewhere, or the stage is not to be changed."""
    if resource.type != V2_STAGE:
        return {STAGE: "REST", SAM_API: "REST", SAM_HTTP_API: "HTTP"}.get(resource.type)
    if resource.get("StageName") == "$default":  # WebSocket APIs have no such stage
        return "HTTP"
    api = template.resource_of(resource.raw("ApiId"))
    if api is None:
        return None
    protocol = api.get("ProtocolType")
    if api.type == SAM_HTTP_API or (protocol is None and (api.raw("Body") or api.raw("BodyS3Location"))):
        return "HTTP"  # an OpenAPI definition is for HTTP APIs only
    return protocol if protocol is not UNKNOWN and protocol in ("HTTP", "WEBSOCKET") else None


def is_true(value: Any) -> bool:
    """Whether a boolean property is true, as a boolean or as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _entries(resource: Resource, path: Path) -> tuple[list[Scope], bool]:
    """The entries of a MethodSettings list, and whether it is known what all of them are about."""
    listed = resource.get(path)
    if listed is None:
        return [], not in_globals(resource, "MethodSettings")
    if not isinstance(listed, list):
        return [], False
    found, complete = [], not in_globals(resource, "MethodSettings")
    for index, entry in enumerate(listed):
        if isinstance(entry, dict) and not is_intrinsic(entry):
            target = _target(entry)
            complete = complete and target is not None
            found.append(Scope(f"MethodSettings.{index}" if target is None else target, (*path, index), entry))
        elif not is_no_value(entry):
            complete = False
    return found, complete


def _target(entry: Mapping[str, Any]) -> str | None:
    """What an entry is about: "" for all methods, ``GET /pets`` for ``/~1pets`` and GET, None when it is unknown."""
    path, method = known(entry.get("ResourcePath")), known(entry.get("HttpMethod"))
    if not isinstance(path, str) or not isinstance(method, str):
        return None
    path = path.removeprefix("/").replace("~1", "/").replace("~0", "~")
    path = path if path.startswith("/") else f"/{path}"
    return "" if (path, method) == ("/*", "*") else f"{method} {path}"


def _deployment_scopes(resource: Resource, template: Template) -> Iterator[Scope]:
    """StageDescription's own settings are those of all methods, as an entry for all methods is."""
    description = resource.get("StageDescription")
    if not makes_stage(resource, template) or not isinstance(description, dict | None):
        return
    entries, complete = _entries(resource, ("StageDescription", "MethodSettings"))
    yield from (scope for scope in entries if scope.target)
    if complete:
        values = {name: value for scope in entries if not scope.target for name, value in scope.values.items()}
        yield Scope("", ("StageDescription",), {**values, **(description or {})})


def _route_scopes(resource: Resource) -> Iterator[Scope]:
    default = resource.get("DefaultRouteSettings")
    if isinstance(default, dict | None) and not in_globals(resource, "DefaultRouteSettings"):
        yield Scope("", ("DefaultRouteSettings",), default or {})
    routes = resource.get("RouteSettings")
    for route, values in routes.items() if isinstance(routes, dict) else ():
        if isinstance(values, dict) and not is_intrinsic(values):
            yield Scope(str(route), ("RouteSettings", route), values)
