"""The code of a function as it will be deployed: its bundle, the bundles of its layers, its runtime and handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cdk_guardrails.lambda_code.assets import Asset, assets_beside, bundle_at, unbundled_beside
from cdk_guardrails.lambda_code.bundle import Bundle, TextBundle, UnreadError
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.lambda_.functions import FUNCTION, FUNCTIONS, SAM_FUNCTION, setting
from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import App, Origin, Resource, Template, is_intrinsic
from cdk_guardrails.template.edits import value_at

if TYPE_CHECKING:
    from cdk_guardrails.lambda_code.node.imports import NodeImports
    from cdk_guardrails.lambda_code.python import PythonBundle

_T = TypeVar("_T")

LAYER: Final = "AWS::Lambda::LayerVersion"
SAM_LAYER: Final = "AWS::Serverless::LayerVersion"

_CODE: Final = {FUNCTION: "Code", SAM_FUNCTION: "CodeUri", LAYER: "Content", SAM_LAYER: "ContentUri"}
_INLINE: Final = {FUNCTION: "Code.ZipFile", SAM_FUNCTION: "InlineCode"}
_ASSET_PATH: Final = "aws:asset:path"
_IS_BUNDLED: Final = "aws:asset:is-bundled"
"""What the CDK writes beside a resource that is made from an asset, the only trace of it with older synthesizers:
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/assets.ts"""

_WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"
_SEARCH_PATHS: Final = ("PYTHONPATH", "NODE_PATH")
_SUFFIX: Final = {"python": ".py", "nodejs": ".js"}


@dataclass(frozen=True)
class Code:
    """What runs when a function is invoked.

    ``unknown_layers`` are layers that lie outside of the app: their ARNs, or a phrase where not even that is known.
    ``search_path`` is the value of PYTHONPATH or NODE_PATH ("" for none); None when only the deployment, or a wrapper,
    knows it.
    """

    bundle: Bundle
    layers: tuple[Bundle, ...]
    unknown_layers: tuple[str, ...]
    runtime: str
    handler: str
    search_path: str | None = ""

    @property
    def is_inline(self) -> bool:
        """Whether the code stands in the template."""
        return isinstance(self.bundle, TextBundle)

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
    path = _search_path(function)
    return Code(_bundle(function, runtime), tuple(layers), tuple(unknown), runtime, handler, path)


def python_of(app: App, bundle: Bundle, version: tuple[int, int], roots: tuple[str, ...] = ("",)) -> PythonBundle:
    """The Python in a bundle, or in a layer with these ``roots``: the same object for all rules and functions."""
    from cdk_guardrails.lambda_code.python import PythonBundle  # what reads code is loaded for code only
    from cdk_guardrails.lambda_code.search_path import LAYERS, TASK

    mount = TASK if roots == ("",) else LAYERS
    key = ("python", bundle, version, roots)
    return app.cached(key, lambda: PythonBundle(bundle, version, roots, mount))


def node_imports(app: App, code: Code) -> NodeImports:
    """The imports of Node.js functions with this code, these layers, this runtime. Raises UnreadError."""
    from cdk_guardrails.lambda_code.node.imports import NodeImports

    key = ("nodejs", code.bundle, code.layers, code.unknown_layers, code.runtime, code.search_path)
    return app.cached(key, lambda: NodeImports(code))


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
    if inline is not None and resource.raw(_INLINE[resource.type]) is not None:
        raise UnreadError("its inline code is put together at deployment")
    asset = _asset(resource)
    app = resource.template.app
    source = app.asset_sources.get(asset.hash) or _unstaged(asset, resource.template)
    return _once(app, asset.path.resolve(), lambda: bundle_at(asset.path, source))


def _unstaged(asset: Asset, template: Template) -> str:
    """The author's own folder or file, where a template names it (SAM), or an assembly does instead of a copy.

    That is one of ``cdk synth --no-staging``. Nothing in an assembly says what its copies were made from.
    """
    own, folder = asset.path.resolve(), Path(template.file).resolve().parent
    is_copy = asset.path.name.startswith("asset.") or own.is_relative_to(folder)
    return "" if asset.hash and is_copy else str(own)


def _asset(resource: Resource) -> Asset:
    """Where the code lies: an asset of the assembly, or (SAM, `aws cloudformation package`) beside the template."""
    template = resource.template
    code = setting(resource, _CODE[resource.type])
    if isinstance(code, str) and not code.startswith(("s3://", "http")):
        if template.file:
            return Asset("", Path(template.file).parent / code)
        raise UnreadError("where its template lies is not known")
    path = value_at(resource.data, ("Metadata", _ASSET_PATH))
    if isinstance(path, str) and _is_unbundled(resource, path):
        raise UnreadError("the CDK has not bundled it in this run")
    keys = [setting(resource, f"{_CODE[resource.type]}.{name}") for name in ("S3Key", "Key")]
    found = next((_assets(template)[key] for key in keys if isinstance(key, str) and key in _assets(template)), None)
    if found is None and isinstance(path, str) and template.file:
        found = Asset(Path(path).name.removeprefix("asset.").partition(".")[0], Path(template.file).parent / path)
    if found is None:
        raise UnreadError("its code is not in the cloud assembly")
    return found


def _is_unbundled(resource: Resource, path: str) -> bool:
    """Whether what is to be bundled was left as it is, as the CDK does in stacks that it was not asked for."""
    is_bundled = value_at(resource.data, ("Metadata", _IS_BUNDLED))
    if is_bundled is True:
        return Path(path).is_absolute()
    file = resource.template.file
    if is_bundled is not False or not file:
        return False
    unbundled = resource.template.app.cached(("unbundled", str(Path(file).parent)), lambda: unbundled_beside(file))
    return resource.origin.construct_path.removesuffix("/Resource") in unbundled


def _search_path(function: Resource) -> str | None:
    variables = setting(function, "Environment.Variables")
    if variables is None:
        return ""
    if not isinstance(variables, dict) or is_intrinsic(variables):
        return None
    if _WRAPPER in variables:  # a program that starts the runtime, or something else, as it likes
        return None
    given = [variables[name] for name in _SEARCH_PATHS if name in variables]
    return None if any(not isinstance(value, str) for value in given) else "".join(given)


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
        return _arn(item, template) or "a layer that is known at deployment only"
    try:
        return bundle_of_layer(layer)
    except UnreadError as error:
        return f"{layer.logical_id}: {error}"


def _arn(item: Any, template: Template) -> str:
    """The ARN of a layer, perhaps with ``${AWS::Region}`` in it; of a mapping by region, one that has the same name."""
    lookup = item.get("Fn::FindInMap") if isinstance(item, dict) else None
    if isinstance(lookup, list) and lookup and isinstance(lookup[0], str):
        named = {text.rpartition(":layer:")[2].partition(":")[0]: text for text in _texts_in(template, lookup[0])}
        return next(iter(named.values())) if len(named) == 1 else ""
    parameter = (
        template.parameters.get(item["Ref"]) if isinstance(item, dict) and isinstance(item.get("Ref"), str) else None
    )
    if str(value_at(parameter, ("Type",))).startswith("AWS::SSM::Parameter::Value"):
        return str(value_at(parameter, ("Default",)))
    return rendered(item) or ""


def _texts_in(template: Template, mapping: str) -> Iterator[str]:
    pending = [value_at(template.data, ("Mappings", mapping))]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            pending += node.values()
        elif isinstance(node, str):
            yield node


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


def bundles_of(app: App) -> dict[Bundle, str]:
    """Every bundle of the app that can be read, layers included, with the name of a resource that has it."""
    found: dict[Bundle, str] = {}
    for template in app.templates:
        for resource in template.of_type(*FUNCTIONS, LAYER, SAM_LAYER):
            bundle = _tried(partial(_bundle, resource, str(setting(resource, "Runtime"))))
            if isinstance(bundle, Bundle):
                found.setdefault(bundle, name_of(resource))
    return found


def property_of(function: Resource) -> str:
    """The property that has a function's code."""
    inline = _INLINE[function.type]
    return inline if function.raw(inline) is not None else _CODE[function.type]


def name_of(resource: Resource) -> str:
    """How a function or layer is called among others: by its construct, else by its logical id."""
    return resource.origin.construct_path.removesuffix("/Resource") or resource.logical_id
