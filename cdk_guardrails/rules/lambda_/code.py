"""The code of a function as it will be deployed: its bundle, the bundles of its layers, its runtime and handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from cdk_guardrails.lambda_code.assets import Asset, assets_beside, bundle_at
from cdk_guardrails.lambda_code.bundle import Bundle, TextBundle, UnreadError
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.lambda_.functions import FUNCTION, FUNCTIONS, SAM_FUNCTION, setting
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import App, Origin, Resource, Template

_T = TypeVar("_T")

LAYER: Final = "AWS::Lambda::LayerVersion"
SAM_LAYER: Final = "AWS::Serverless::LayerVersion"

_CODE: Final = {FUNCTION: "Code", SAM_FUNCTION: "CodeUri", LAYER: "Content", SAM_LAYER: "ContentUri"}
_INLINE: Final = {FUNCTION: "Code.ZipFile", SAM_FUNCTION: "InlineCode"}
_SUFFIX: Final = {"python": ".py", "nodejs": ".js"}


@dataclass(frozen=True)
class Code:
    """What runs when a function is invoked.

    ``unknown_layers`` are layers that lie outside of the app: their ARNs, or a phrase where not even that is known.
    """

    bundle: Bundle
    layers: tuple[Bundle, ...]
    unknown_layers: tuple[str, ...]
    runtime: str
    handler: str

    @property
    def language(self) -> str:
        """``python``, ``nodejs``, ``java`` ...: the runtime without its version."""
        return self.runtime.rstrip("0123456789.x")


def code_of(function: Resource) -> Code:
    """The code of a function. Raises UnreadError, with the reason, when it cannot be known before the deployment."""
    if setting(function, "PackageType") == "Image" or function.raw("Code.ImageUri") or function.raw("ImageUri"):
        raise UnreadError("it is a container image")
    runtime, handler = setting(function, "Runtime"), setting(function, "Handler")
    if not isinstance(runtime, str) or not isinstance(handler, str):
        raise UnreadError("its runtime or handler is known at deployment only")
    layers, unknown = _layers(function)
    return Code(_bundle(function, runtime), tuple(layers), tuple(unknown), runtime, handler)


def at_line(finding: Finding, bundle: Bundle, path: str, line: int) -> Finding:
    """``finding`` with the place in the author's code; of inline code, with the line that makes the function."""
    shown = bundle.shown(path)
    return finding._replace(origin=Origin(finding.origin.construct_path, f"{shown}:{line}")) if shown else finding


def bundle_of_layer(layer: Resource) -> Bundle:
    """The files of a layer version of the app. Raises UnreadError."""
    return _bundle(layer, "")


def _bundle(resource: Resource, runtime: str) -> Bundle:
    inline = resource.get(_INLINE[resource.type]) if resource.type in _INLINE else None
    if isinstance(inline, str):
        suffix = _SUFFIX.get(runtime.rstrip("0123456789.x"), "")
        return _once(resource.template.app, inline, lambda: TextBundle("inline code", f"index{suffix}", inline))
    if inline is not None:
        raise UnreadError("its inline code is put together at deployment")
    asset = _asset(resource)
    app = resource.template.app
    return _once(app, asset.path.resolve(), lambda: bundle_at(asset.path, app.asset_sources.get(asset.hash, "")))


def _asset(resource: Resource) -> Asset:
    """Where the code lies: an asset of the assembly, or (SAM, `aws cloudformation package`) beside the template."""
    template = resource.template
    code = setting(resource, _CODE[resource.type])
    if isinstance(code, str) and not code.startswith(("s3://", "http")):
        if template.file:
            return Asset("", Path(template.file).parent / code)
        raise UnreadError("where its template lies is not known")
    key = setting(resource, f"{_CODE[resource.type]}.S3Key") or setting(resource, f"{_CODE[resource.type]}.Key")
    found = _assets(template).get(key) if isinstance(key, str) else None
    if found is None:
        raise UnreadError("its code is not in the cloud assembly")
    return found


def _assets(template: Template) -> dict[str, Asset]:
    if not template.file:
        return {}
    folder = str(Path(template.file).parent)
    return template.app.cached(("assets", folder), lambda: assets_beside(template.file))


def _layers(function: Resource) -> tuple[list[Bundle], list[str]]:
    """The bundles of its layers, and those that cannot be read."""
    value = setting(function, "Layers")
    items = value if isinstance(value, list) else [value] if value is not None else []
    read = [_read(item, function.template) for item in items]
    return [layer for layer in read if isinstance(layer, Bundle)], [name for name in read if isinstance(name, str)]


def _read(item: Any, template: Template) -> Bundle | str:
    layer = _layer(item, template)
    if layer is None:
        return item if isinstance(item, str) else "a layer that is known at deployment only"
    try:
        return bundle_of_layer(layer)
    except UnreadError as error:
        return f"{layer.logical_id}: {error}"


def _layer(item: Any, template: Template) -> Resource | None:
    """The layer of the app that ``item`` refers to, in this template or in another one."""
    own = template.resource_of(item)
    if own is not None:
        return own if own.type in _CODE else None
    others = (layer for other in template.app.templates for layer in other.of_type(LAYER, SAM_LAYER))
    return next((layer for layer in others if refers_across(item, layer)), None)


def _once(app: App, key: object, make: Callable[[], Bundle]) -> Bundle:
    """The same bundle for all that share it, so that it is read once; the same error when it cannot be read."""
    made = app.cached(("bundle", key), lambda: _tried(make))
    if isinstance(made, UnreadError):
        raise made
    return made


def _tried(make: Callable[[], _T]) -> _T | UnreadError:
    try:
        return make()
    except UnreadError as error:
        return error


def functions_with_code(app: App) -> Iterator[tuple[Resource, Code | UnreadError]]:
    """Every function of the app with its code, or why it is not known."""
    for template in app.templates:
        for function in template.of_type(*FUNCTIONS):
            yield function, _tried(partial(code_of, function))
