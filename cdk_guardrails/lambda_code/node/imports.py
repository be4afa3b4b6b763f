"""What a Node.js function requires and imports, from its handler's file on, and what of that is not there."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code import runtimes as layers_of_aws
from cdk_guardrails.lambda_code.bundle import Bundle, UnreadError
from cdk_guardrails.lambda_code.needs import Deployed, Fault, Missing, Needs, Place
from cdk_guardrails.lambda_code.node.files import OPT, TASK, NodeFiles, State, Target, package_of
from cdk_guardrails.lambda_code.node.modules import NodeBundle, NodeModule, is_library
from cdk_guardrails.lambda_code.node.requires import Wanted
from cdk_guardrails.lambda_code.node.runtimes import (
    FIRST_WITH_TYPESCRIPT,
    INLINE,
    OLD_SDK,
    is_built_in,
    is_shipped,
    major_of,
)

_HANDLER: Final = re.compile(r"([^.]*)\.(.+)")
"""How Lambda takes the part of a Handler behind the last slash apart: a file's name and what it exports.
https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js"""

_FILE: Final = "Put the file into the bundle, or correct the path."
_OLD: Final = "Use the AWS SDK that the runtime ships, or install aws-sdk into the bundle."

_SCRIPTS: Final = (".js", ".mjs", ".cjs")
_TYPESCRIPT: Final = (".ts", ".mts", ".cts")


class HandlerFile(NamedTuple):
    """What a Handler names: the file without its suffix, as a path at runtime, and the export."""

    stem: str
    export: str


class Step(NamedTuple):
    """A file on the way: its path at runtime, and the author's line that leads to it."""

    path: str
    via: Place | None = None


@dataclass
class Walk:
    """What one walk over the files came across."""

    missing: dict[str, Missing] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)


def node_bundle(bundle: Bundle) -> NodeBundle:
    """The JavaScript in a bundle: the same object for all who ask."""
    return bundle.cached("nodejs", lambda: NodeBundle(bundle))


def handler_file(handler: str) -> HandlerFile | None:
    """``src/orders/index.handler`` is ``handler`` of src/orders/index. None for what Lambda refuses.

    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
    """
    folder, _, name = handler.rpartition("/")
    match = _HANDLER.fullmatch(name)
    if match is None or ".." in handler:
        return None
    return HandlerFile(posixpath.normpath(posixpath.join(TASK, folder, match[1])), match[2])


class NodeImports:
    """The imports of the functions that have this code, these layers, this runtime. Raises UnreadError.

    The handler is each function's own: what one of them has looked up is there for the others.
    """

    def __init__(self, deployed: Deployed) -> None:
        major = major_of(deployed.runtime)
        if major is None:
            raise UnreadError(f"the modules of {deployed.runtime} are not known")
        self.major = major
        self.runtime = deployed.runtime
        self.code = node_bundle(deployed.bundle)
        self.files = NodeFiles(
            self.code, [node_bundle(layer) for layer in deployed.layers], major, deployed.search_path or ""
        )
        brought = {arn: layers_of_aws.modules_of_layer(arn) for arn in deployed.unknown_layers}
        self.unknown_layers = [arn for arn, modules in brought.items() if modules is None or modules]
        self._count = len(deployed.layers)
        self._is_unclear = deployed.search_path is None
        self._is_inline = deployed.is_inline

    def start(self, handler: str) -> tuple[HandlerFile | None, Target]:
        """What a Handler names, and the file that has it."""
        named = handler_file(handler)
        if named is None:
            return None, Target(State.MISSING)
        found = self.files.load(named.stem) if self.files.is_folder(named.stem) else self._file(named.stem)
        if found.state is State.MISSING:  # Lambda asks Node for a module of that name: a layer's, for instance
            found = self.files.resolve(posixpath.basename(named.stem) or ".", f"{TASK}/index.js")
            if found.state is State.UNKNOWN and self._typescript(named.stem):
                found = Target(State.MISSING)
        return named, found

    def _file(self, stem: str) -> Target:
        for suffix in ("", *_SCRIPTS):
            if self.files.is_file(f"{stem}{suffix}"):
                return Target(State.FOUND, f"{stem}{suffix}")
        runs_typescript = self.major >= FIRST_WITH_TYPESCRIPT
        if runs_typescript and any(self.files.is_file(f"{stem}{suffix}") for suffix in _TYPESCRIPT):
            return Target(State.UNKNOWN)
        return Target(State.MISSING)

    def needs(self, handler: str) -> Needs:
        """What the function with this handler imports and cannot have."""
        named, found = self.start(handler)
        if named is None:
            return Needs(
                faults=(Fault("handler", f"Handler is {handler}, which does not name a file and an export of it"),)
            )
        if found.state is State.MISSING:
            return self._no_file(handler, named)
        if found.state is State.UNKNOWN:
            return Needs()
        walk = self._walk(found.path)
        faults = tuple(self._without_export(handler, named, found.path))
        return Needs(tuple(walk.missing.values()), (), faults, tuple(walk.unread))

    def _walk(self, path: str) -> Walk:
        walk, seen = Walk(), {path}
        pending = deque([Step(path)])
        while pending:
            for step in self._steps(pending.popleft(), walk):
                if step.path not in seen:
                    seen.add(step.path)
                    pending.append(step)
        return walk

    def _steps(self, step: Step, walk: Walk) -> Iterator[Step]:
        found = self.files.at(step.path)
        if found is None or not step.path.endswith(_SCRIPTS):
            return
        bundle, path = found
        is_lib = is_library(step.path)
        module = _read(bundle, path, walk)
        if module is None or (is_lib and bundle.has_store):
            return
        if module.broken_at and not is_lib:
            walk.unread[f"{path}:{module.broken_at} is no JavaScript that the parser knows"] = None
        for wanted in module.requires:
            place = Place(bundle.bundle, path, wanted.line, step.via if is_lib else None)
            target = self._target(wanted, step, place, walk)
            if target.state is State.FOUND:
                yield Step(target.path, step.via if is_lib else place)

    def _target(self, wanted: Wanted, step: Step, place: Place, walk: Walk) -> Target:
        """Where an import leads. What must be there and is not is noted down."""
        if is_built_in(wanted.name):
            return Target(State.UNKNOWN)
        target = self.files.resolve(wanted.name, step.path)
        if target.state is not State.MISSING or not wanted.is_needed:
            return target
        name = _name(wanted.name)
        if self._is_there(name, step):
            return target
        if self._may_be_there(name, step):
            walk.unread[f"{name} may be in {self._where_else}"] = None
        else:
            walk.missing.setdefault(name, self._missing(name, wanted.name, step, place))
        return target

    def _is_there(self, name: str, step: Step) -> bool:
        if is_shipped(name, self.major) or (self._is_inline and name == INLINE):
            return True
        return is_library(step.path) and self.files.is_optional(name, step.path)

    def _may_be_there(self, name: str, step: Step) -> bool:
        """Whether it may be where nothing is known of: in a layer of others, in a folder of NODE_PATH."""
        if name.startswith("."):
            return bool(self.unknown_layers) and step.path.startswith(OPT)
        return bool(self.unknown_layers) or (self._is_unclear and not name.startswith("/"))

    @property
    def _where_else(self) -> str:
        return self.unknown_layers[0] if self.unknown_layers else "folders that NODE_PATH names at deployment"

    @property
    def _where(self) -> str:
        count = self._count
        layers = "" if not count else " or its layer" if count == 1 else f" or {count} layers"
        return f"its bundle{layers}"

    def _missing(self, name: str, written: str, step: Step, place: Place) -> Missing:
        if name.startswith((".", "/")):
            return Missing(
                name, place, f"but {self._where} has no such file{self._as_typescript(written, step)}", _FILE
            )
        if name == OLD_SDK or name.startswith("@aws-sdk/"):
            has = f"version 2, {OLD_SDK}" if name != OLD_SDK else "version 3, @aws-sdk/client-..."
            why = f"which is not in {self._where}; of the AWS SDK, {self.runtime} ships {has}"
            return Missing(name, place, why, _OLD if name == OLD_SDK else "")
        return Missing(name, place, f"which is neither in {self._where} nor part of Node.js or its runtime")

    def _as_typescript(self, name: str, step: Step) -> str:
        at = posixpath.normpath(posixpath.join(posixpath.dirname(step.path), name))
        return self._typescript(at.removesuffix(".js"))

    def _typescript(self, stem: str) -> str:
        for suffix in (*_TYPESCRIPT, ".tsx"):
            if self.files.is_file(f"{stem}{suffix}"):
                return f"; {posixpath.basename(stem)}{suffix} is TypeScript, which {self.runtime} does not run"
        return ""

    def _no_file(self, handler: str, named: HandlerFile) -> Needs:
        if self.unknown_layers or self._is_unclear:
            return Needs(unread=(f"{posixpath.basename(named.stem)} may be in {self._where_else}",))
        stem = named.stem.removeprefix(f"{TASK}/")
        says = f"Handler is {handler}, but there is no {stem}.js, {stem}.mjs or {stem}.cjs in its bundle"
        return Needs(faults=(Fault("handler", f"{says}{self._typescript(named.stem)}"),))

    def _without_export(self, handler: str, named: HandlerFile, path: str) -> Iterator[Fault]:
        found = self.files.at(path)
        if found is None or is_library(path) or not path.endswith(_SCRIPTS):
            return
        bundle, inner = found
        module = _read(bundle, inner, Walk())
        name = named.export.partition(".")[0]
        if module and module.exports and module.exports.lacks(name):
            near = difflib.get_close_matches(name, sorted(module.exports.names - {"__esModule"}), 1, 0)
            has = f"; it exports {near[0]}" if near else ""
            says = f"Handler is {handler}, but {bundle.bundle.shown(inner) or inner} does not export {name}{has}"
            yield Fault("handler", says, Place(bundle.bundle, inner, 1))


def _read(bundle: NodeBundle, path: str, walk: Walk) -> NodeModule | None:
    try:
        return bundle.module(path)
    except UnreadError as error:
        if not is_library(path):
            walk.unread[str(error)] = None
        return None


def _name(written: str) -> str:
    """What is missing: a package, or a file as it is written."""
    return written if written.startswith((".", "/")) else package_of(written)[0]
