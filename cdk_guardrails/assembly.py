"""A cloud assembly on disk (``cdk.out``), told in the form in which the bridge tells a running app.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-app
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.own_findings import own
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.template.nested import NESTED_STACK, name_of, relink

MANIFEST: Final = "manifest.json"

_STACK: Final = "aws:cloudformation:stack"
_ASSEMBLY: Final = "cdk:cloud-assembly"
_LOGICAL_ID: Final = "aws:cdk:logicalId"
_CREATION_STACK: Final = "aws:cdk:creationStack"
_ACKNOWLEDGED: Final = "aws:cdk:acknowledged-rules"
_SUPPRESSED: Final = "cdk-guardrails:suppress"
_TEMPLATE_FILE: Final = "aws:cdk:templateFile"
_PATH: Final = "aws:cdk:path"
_ASSET_PATH: Final = "aws:asset:path"

_FRAME: Final = re.compile(r"\((.+\.py):(\d+)")
"""A line of a stack trace as jsii writes it: ``__init__ (app.py:15)``."""

_OURS: Final = re.compile(r"(cdk-guardrails|annotation)::|[^:]*$", re.IGNORECASE)
"""The ids of suppressions that do not name another plugin."""

_ENVIRONMENT: Final = re.compile(r"aws://([^/]+)/([^/]+)")
_UNKNOWN: Final = ("unknown-account", "unknown-region")
_MAX_DEPTH: Final = 20
"""Assemblies in assemblies: a Stage in a Stage in an app."""


class AssemblyError(GuardrailsError):
    """A folder is no cloud assembly, or a file of it is damaged."""


def is_assembly(folder: Path) -> bool:
    """Whether ``folder`` is meant to be a cloud assembly: CDK's manifest is in it."""
    manifest = folder / MANIFEST
    return manifest.is_file() and (manifest.parent.joinpath("cdk.out").is_file() or _has_artifacts(manifest))


def _has_artifacts(manifest: Path) -> bool:
    try:
        return b'"artifacts"' in read_bytes(manifest)
    except OSError as error:
        raise AssemblyError(f"{manifest}: cannot be read: {error.strerror}") from None


def describe(folder: Path) -> dict[str, Any]:
    """The templates of the assembly, its nested stacks and Stages, with all that is known beside them.

    ``templates``: by file, each with ``path``, ``account``, ``region`` and ``elements`` (by logical id the construct's
    ``path`` and the author's ``source``). ``suppressions``: those of constructs. Raises AssemblyError.
    """
    templates: dict[str, Any] = {}
    suppressions: list[dict[str, Any]] = []
    for stack in _stacks(folder, folder, 0):
        for path, file in stack.templates.items():
            templates[str(stack.folder / file)] = {"path": path, **stack.environment, "elements": stack.elements(path)}
        suppressions += stack.suppressions()
    return {"templates": templates, "assets": {}, "suppressions": suppressions}


def read_templates(described: Mapping[str, Any], app: App) -> list[Finding]:
    """Adds the templates as they were written to ``app``. One that is missing is an error, never a pass."""
    missing = []
    for file, stack in described["templates"].items():
        if not Path(file).is_file():
            text = "the template of this stack was not written, so it could not be judged"
            missing.append(own("stage-uncovered", text, stack["path"]))
            continue
        data = {"Resources": {}, **json_of(Path(file))}
        origins = origins_of(stack["elements"])
        Template(data, name=stack["path"], origins=origins, app=app, file=file, **environment_of(stack))
    relink(app)
    return missing


def origins_of(elements: Mapping[str, Mapping[str, Any]]) -> dict[str, Origin]:
    """Where resources come from, by logical id; files below the current folder are named from there."""
    here = os.getcwd() + os.sep
    return {id_: Origin(item["path"], item["source"].removeprefix(here)) for id_, item in elements.items()}


def environment_of(stack: Mapping[str, Any]) -> dict[str, str]:
    """The account and region that a stack is rendered for, as far as the host knows them."""
    return {"account": stack.get("account", ""), "region": stack.get("region", "")}


def json_of(file: Path) -> dict[str, Any]:
    """The JSON object in ``file``. Raises AssemblyError that names it."""
    try:
        data = json.loads(read_bytes(file).decode("utf-8-sig"))
    except OSError as error:
        raise AssemblyError(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise AssemblyError(f"{file}: expected JSON: {error}; synthesize the app again") from None
    if not isinstance(data, dict):
        raise AssemblyError(f"{file}: expected a JSON object, found a {type(data).__name__}")
    return data


def _stacks(folder: Path, root: Path, depth: int) -> Iterator[_Stack]:
    """The stacks of the assembly in ``folder``, which is ``root`` or one that is nested in it."""
    manifest = folder / MANIFEST
    artifacts = json_of(manifest).get("artifacts")
    if not isinstance(artifacts, dict):
        raise AssemblyError(f"{manifest}: expected the manifest of a cloud assembly, with 'artifacts'")
    if depth > _MAX_DEPTH:
        raise AssemblyError(f"{manifest}: assemblies are nested more than {_MAX_DEPTH} levels deep")
    for name, artifact in artifacts.items():
        properties = _mapping(_mapping(artifact).get("properties"))
        if _mapping(artifact).get("type") == _STACK and isinstance(properties.get("templateFile"), str):
            _check_within(root, folder, properties["templateFile"])
            _check_within(root, folder, artifact.get("additionalMetadataFile"))
            yield _Stack(folder, name, artifact)
        elif _mapping(artifact).get("type") == _ASSEMBLY and isinstance(properties.get("directoryName"), str):
            _check_within(root, folder, properties["directoryName"])
            yield from _stacks(folder / properties["directoryName"], root, depth + 1)


def _check_within(root: Path, folder: Path, file: object) -> None:
    """What the CDK writes is below ``root``: a manifest that names a file elsewhere was not written by it."""
    top = os.path.abspath(root)
    if isinstance(file, str) and os.path.commonpath([top, os.path.abspath(folder / file)]) != top:
        raise AssemblyError(f"{folder / MANIFEST}: expected files of this assembly, {file} is outside of {root}")


@dataclass
class _Stack:
    """A stack of the manifest, with the stacks that are nested in it."""

    folder: Path
    name: str
    artifact: Mapping[str, Any]
    _resources: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The construct path."""
        return str(self.artifact.get("displayName") or self.name)

    @property
    def environment(self) -> dict[str, str]:
        """Account and region, "" for what only the deployment knows."""
        match = _ENVIRONMENT.fullmatch(str(self.artifact.get("environment")))
        known = ["" if value in _UNKNOWN else value for value in (match.groups() if match else ("", ""))]
        return {"account": known[0], "region": known[1]}

    @cached_property
    def metadata(self) -> dict[str, list[Mapping[str, Any]]]:
        """The entries of each construct, by its path."""
        file = self.artifact.get("additionalMetadataFile")
        beside = json_of(self.folder / file) if isinstance(file, str) else {}
        found: dict[str, list[Mapping[str, Any]]] = {}
        for path, entries in [*_mapping(self.artifact.get("metadata")).items(), *beside.items()]:
            known = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
            found.setdefault(path.removeprefix("/"), []).extend(known)
        return found

    @cached_property
    def templates(self) -> dict[str, str]:
        """The template files of the stack and of those nested in it, by construct path."""
        found = {self.path: str(self.artifact["properties"]["templateFile"])}
        pending = [self.path]
        while pending:
            nested = {path: file for path, file in self._nested(pending.pop(), found) if path not in found}
            found |= nested
            pending += nested
        return found

    def _nested(self, path: str, templates: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The stacks that the template of the stack at ``path`` makes of files of the assembly."""
        file = self.folder / templates[path]
        resources = _mapping(json_of(file).get("Resources")) if file.is_file() else {}
        self._resources[path] = resources
        named = {path: file for path, (file, *_) in self._all(_TEMPLATE_FILE).items()}
        for id_, resource in resources.items():
            if _mapping(resource).get("Type") != NESTED_STACK:
                continue
            inner = name_of(self._construct_path(path, id_))
            asset = _mapping(resource.get("Metadata")).get(_ASSET_PATH, named.get(inner))
            if inner and isinstance(asset, str):
                yield inner, asset

    def elements(self, path: str) -> dict[str, dict[str, str]]:
        """The constructs of a template's resources, by logical id."""
        paths = {id_: self._construct_path(path, id_) for id_ in self._resources.get(path, {})}
        return {id_: {"path": path, "source": self._sources.get(path, "")} for id_, path in paths.items()}

    def _construct_path(self, stack: str, logical_id: str) -> str:
        resource = _mapping(self._resources[stack].get(logical_id))
        path = _mapping(resource.get("Metadata")).get(_PATH)
        if isinstance(path, str):
            return path
        within = [path for path in self._paths.get(logical_id, ()) if path.startswith(f"{stack}/")]
        return min(within, key=len, default="")

    @cached_property
    def _paths(self) -> dict[str, list[str]]:
        """The construct paths that have a logical id: stacks that are nested in this one may use it, too."""
        found: dict[str, list[str]] = {}
        for path, ids in self._all(_LOGICAL_ID).items():
            for id_ in ids:
                found.setdefault(str(id_), []).append(path)
        return found

    @cached_property
    def _sources(self) -> dict[str, str]:
        """The author's ``file:line`` that made each construct, where traces were on."""
        return {path: source for path, (trace, *_) in self._all(_CREATION_STACK).items() if (source := _source(trace))}

    def suppressions(self) -> Iterator[dict[str, Any]]:
        """What `suppress` and CDK's own `acknowledge` noted on constructs of the stack."""
        for path, data in self._all(_SUPPRESSED).items():
            yield from ({"path": path, "form": "suppress", **item} for item in data if isinstance(item, dict))
        for path, data in self._all(_ACKNOWLEDGED).items():
            for id_, reason in (pair for item in data for pair in _mapping(item).items()):
                if _OURS.match(id_):
                    yield {"path": path, "form": "acknowledge", "id": id_, "reason": reason}

    def _all(self, type_: str) -> dict[str, list[Any]]:
        """The data of all entries of a type, by construct path."""
        found = {
            path: [entry.get("data") for entry in entries if entry.get("type") == type_]
            for path, entries in self.metadata.items()
        }
        return {path: data for path, data in found.items() if data}


def _source(trace: Any) -> str:
    for frame in trace if isinstance(trace, list) else ():
        match = _FRAME.search(str(frame))
        if match and "site-packages" not in match[1]:
            return f"{match[1]}:{match[2]}"
    return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
