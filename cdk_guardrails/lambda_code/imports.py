"""What a Python function imports, from its handler's module on, and what of that is not there."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from cdk_guardrails.lambda_code.bundle import Bundle, UnreadError
from cdk_guardrails.lambda_code.environment import Environment, Found, Kind
from cdk_guardrails.lambda_code.gaps import Gap, Words
from cdk_guardrails.lambda_code.import_statements import Statements, Wanted, functions_in, may_define
from cdk_guardrails.lambda_code.needs import Deployed, Fault, Missing, Needs, Place
from cdk_guardrails.lambda_code.python import NotPythonError, PythonBundle, handler_of, package_of
from cdk_guardrails.lambda_code.runtimes import (
    INLINE,
    SDK,
    layer_roots,
    modules_of_layer,
    shipped,
    standard_library,
    version_of,
)
from cdk_guardrails.lambda_code.search_path import on_path

_MAX_CHANGES: Final = 3
"""How often the search path is changed and everything looked up anew: code that is found so may change it again."""

Opened: TypeAlias = Callable[[Bundle, tuple[int, int], tuple[str, ...]], PythonBundle]
"""Makes the PythonBundle of a bundle, its version and roots; the same one for all that ask for the same."""


_Module: TypeAlias = tuple[Environment, PythonBundle, str]


class Step(NamedTuple):
    """A module on the way: its name, where it is, the author's line that leads to it, whether it must work."""

    name: str
    bundle: PythonBundle
    path: str
    via: Place | None
    is_needed: bool


@dataclass
class Walk:
    """What one walk over the modules came across."""

    gaps: dict[str, Gap] = field(default_factory=dict)
    shipped: dict[str, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    is_unclear: bool = False

    def add(self, library: Walk, via: Place | None) -> None:
        """Takes over what was come across in a library, to which ``via`` leads."""
        for name, gap in library.gaps.items():
            self.gaps.setdefault(name, gap._replace(place=gap.place._replace(via=via)))
        for name, place in library.shipped.items():
            self.shipped.setdefault(name, place._replace(via=via))
        self.unread.update(library.unread)


class PythonImports:
    """The imports of the functions that have this code, these layers, this runtime. Raises UnreadError.

    The handler is each function's own: what one of them has looked up is there for the others.
    """

    def __init__(self, deployed: Deployed, opened: Opened) -> None:
        version = version_of(deployed.runtime)
        library = standard_library(version) if version else None
        if version is None or library is None:
            raise UnreadError(f"the modules of {deployed.runtime} are not known")
        self.version = version
        self.code = opened(deployed.bundle, version, ("",))
        self.layers = [opened(layer, version, tuple(layer_roots(version))) for layer in deployed.layers]
        brought = {arn: modules_of_layer(arn) for arn in deployed.unknown_layers}
        self.unknown_layers = [arn for arn, modules in brought.items() if modules is None]
        known = library.union(*(modules for modules in brought.values() if modules is not None))
        if deployed.is_inline:
            known |= INLINE
        folders = on_path(deployed.search_path or "")
        self._start = Environment(self.code, self.layers, known, shipped(version), folders=folders)
        self._is_unclear = deployed.search_path is None or self._start.is_unclear
        self._environments = {(self._start.folders, self._start.made): self._start}
        self.words = Words(self.code, self.layers, version)
        self.own = ""
        self._libraries: dict[_Module, tuple[Walk, list[Step]]] = {}
        self._modules: dict[_Module, tuple[Walk, list[Step]]] = {}

    def needs(self, handler: str) -> Needs:
        """What the function with this handler imports and cannot have."""
        module, function = handler_of(handler)
        if not module or not function:
            return Needs(faults=(Fault("handler", f"Handler is {handler}, which names no module and function in it"),))
        self.own = module.partition(".")[0]
        environment = self._start
        found = environment.resolve(module)
        if found.kind is not Kind.MODULE and found.kind is not Kind.PACKAGE:
            return self._no_module(handler, module, found)
        bundle, path = found.places[0]
        bundle.starts_at(path)
        walk = self._walk(environment, module, bundle, path)
        for _ in range(_MAX_CHANGES):
            changed = self._changed(environment, walk)
            if changed is environment:
                break
            environment, walk = changed, self._walk(changed, module, bundle, path)
        walk.faults += self._without_function(handler, module, function, bundle, path)
        return self._outcome(environment, walk)

    def _changed(self, environment: Environment, walk: Walk) -> Environment:
        changed = environment.with_changes(walk.folders, walk.made)
        return self._environments.setdefault((changed.folders, changed.made), changed)

    def _walk(self, environment: Environment, module: str, bundle: PythonBundle, path: str) -> Walk:
        """From the handler's module on, first what must work: an import that may fail leads to no finding."""
        walk = Walk()
        first = [Step(name, *place, None, True) for name, place in _packages(environment, module)]
        pending, later = deque([*first, Step(module, bundle, path, None, True)]), deque[Step]()
        seen: set[tuple[PythonBundle, str]] = set()
        while pending or later:
            step = pending.popleft() if pending else later.popleft()
            if (step.bundle, step.path) in seen:
                continue
            seen.add((step.bundle, step.path))
            if not step.bundle.is_library(step.path, self.own):
                for following in self._steps(environment, step, walk, is_library=False):
                    (pending if following.is_needed else later).append(following)
            elif step.is_needed:
                pending.extend(self._through(environment, step, walk))
        return walk

    def _through(self, environment: Environment, step: Step, walk: Walk) -> list[Step]:
        """The author's modules that a library leads to. Libraries are looked through once for all functions."""
        key = (environment, step.bundle, step.path)
        if key not in self._libraries:
            self._libraries[key] = self._library(environment, step)
        found, own = self._libraries[key]
        walk.add(found, step.via)
        return [item._replace(via=step.via) for item in own]

    def _library(self, environment: Environment, first: Step) -> tuple[Walk, list[Step]]:
        walk, own, pending = Walk(), list[Step](), deque([first])
        seen = {(first.bundle, first.path)}
        while pending:
            step = pending.popleft()
            found, following = self._module(environment, step)
            walk.add(found, None)
            for item in following:
                if (item.bundle, item.path) not in seen:
                    seen.add((item.bundle, item.path))
                    (pending if item.bundle.is_library(item.path) else own).append(item)
        return walk, own

    def _module(self, environment: Environment, step: Step) -> tuple[Walk, list[Step]]:
        """What one module of a library comes across, and where it leads."""
        key = (environment, step.bundle, step.path)
        if key not in self._modules:
            walk = Walk()
            self._modules[key] = walk, list(self._steps(environment, step._replace(via=None), walk, is_library=True))
        return self._modules[key]

    def _steps(self, environment: Environment, step: Step, walk: Walk, *, is_library: bool) -> Iterator[Step]:
        statements = self._statements(step, is_library, walk)
        walk.folders.update(statements.folders)
        walk.made.update(statements.made)
        walk.is_unclear |= statements.is_unclear
        for wanted in statements.wanted:
            failing = _failing(environment, step, wanted) if step.is_needed else None
            via = step.via if is_library else Place(step.bundle.bundle, step.path, wanted.line)
            for name, found, _ in _reached(environment, step, wanted):
                if found.kind is Kind.MISSING and failing:
                    self._miss(environment, step, failing, walk, is_library)
                elif found.kind is Kind.SHIPPED and failing:
                    place = Place(step.bundle.bundle, step.path, wanted.line, step.via)
                    walk.shipped.setdefault(name.partition(".")[0], place)
                elif found.kind in (Kind.MODULE, Kind.PACKAGE):
                    yield Step(name, *found.places[0], via, failing is not None)

    def _miss(self, environment: Environment, step: Step, wanted: Wanted, walk: Walk, is_library: bool) -> None:
        name, above = _gap(environment, step, wanted) or (wanted.module, None)
        if not (is_library and self._is_fine(step, wanted, name)):
            place = Place(step.bundle.bundle, step.path, wanted.line, step.via)
            walk.gaps.setdefault(name, Gap(name, place, above))

    def _statements(self, step: Step, is_library: bool, walk: Walk) -> Statements:
        try:
            return step.bundle.statements(step.name, step.path, is_library=is_library)
        except UnreadError as error:
            walk.unread[str(error)] = None
        except NotPythonError as error:
            if step.is_needed:
                walk.faults.append(self.words.not_python(Place(step.bundle.bundle, step.path, error.line), error))
        return Statements()

    def _is_fine(self, step: Step, wanted: Wanted, name: str) -> bool:
        """Whether a library does without a module: an extension module, or an import in a docstring only."""
        is_extension = name.rpartition(".")[2].startswith("_")
        return is_extension or not step.bundle.is_certain(step.name, step.path, wanted.line)

    def _no_module(self, handler: str, module: str, found: Found) -> Needs:
        if found.kind in (Kind.COMPILED, Kind.UNKNOWN, Kind.BUILT_IN, Kind.SHIPPED):
            return Needs()
        if self.unknown_layers or self._is_unclear:
            return Needs(unread=(self._why_unknown(module),))
        return Needs(faults=(self.words.no_module(handler, module),))

    def _without_function(
        self, handler: str, module: str, function: str, bundle: PythonBundle, path: str
    ) -> Iterator[Fault]:
        if bundle.is_library(path, self.own):
            return
        try:
            tree = bundle.parse(module, path).tree
        except (UnreadError, NotPythonError):
            return
        if not may_define(tree, function):
            near = difflib.get_close_matches(function, functions_in(tree), 1, 0)
            yield self.words.no_function(handler, Place(bundle.bundle, path, 1), near)

    def _outcome(self, environment: Environment, walk: Walk) -> Needs:
        is_unclear = walk.is_unclear or self._is_unclear or environment.is_unclear
        missing, unread = [], dict(walk.unread)
        for gap in walk.gaps.values():
            is_certain = gap.parent is not None and gap.parent.kind is Kind.PACKAGE
            if is_certain or gap.module.startswith(".") or not (is_unclear or self.unknown_layers):
                missing.append(self.words.missing(gap))
            else:
                unread[self._why_unknown(gap.module)] = None
        own = [Missing(name, place, "") for name, place in walk.shipped.items() if name in SDK]
        return Needs(tuple(missing), tuple(own), tuple(walk.faults), tuple(unread))

    def _why_unknown(self, module: str) -> str:
        if self.unknown_layers:
            return f"{module} may be in {self.unknown_layers[0]}"
        return f"{module} may be where the code, or a variable, puts the search path"


def _packages(environment: Environment, module: str) -> Iterator[tuple[str, tuple[PythonBundle, str]]]:
    """The packages that a module is in: they are imported before it."""
    for at, character in enumerate(module):
        if character == ".":
            found = environment.resolve(module[:at])
            if found.kind is Kind.PACKAGE:
                yield module[:at], found.places[0]


def _absolute(step: Step, module: str) -> str | None:
    """The dotted name that an import means; None for a relative one that leads out of its top-level package."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return name
    package = package_of(step.name, step.path).split(".")
    base = package[: len(package) - level + 1]
    return ".".join([*base, name] if name else base) if base and base[0] else None


def _failing(environment: Environment, step: Step, wanted: Wanted) -> Wanted | None:
    """The import that fails if this one does: itself when it must work, or the first that it stands in for in vain."""
    if wanted.is_needed:
        return wanted
    return next((first for first in wanted.unless if _gap(environment, step, first)), None)


def _gap(environment: Environment, step: Step, wanted: Wanted) -> tuple[str, Found | None] | None:
    """The first module of an import that is not there, with the package above it."""
    reached = _reached(environment, step, wanted)
    return next(((name, above) for name, found, above in reached if found.kind is Kind.MISSING), None)


def _reached(environment: Environment, step: Step, wanted: Wanted) -> Iterator[tuple[str, Found, Found | None]]:
    """What an import loads, package by package, up to the first that is not there; with the package above."""
    name = _absolute(step, wanted.module)
    if name is None:
        named = wanted.names[0] if wanted.names and wanted.module.endswith(".") else ""
        yield f"{wanted.module}{named}", Found(Kind.MISSING), None
        return
    above: Found | None = None
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        found = environment.resolve(".".join(parts[:count]))
        yield ".".join(parts[:count]), found, above
        if found.kind not in (Kind.MODULE, Kind.PACKAGE, Kind.NAMESPACE):
            return
        above = found
    if above is not None and above.kind is not Kind.MODULE:
        for taken in wanted.names:
            inner = environment.child(above, taken)
            if inner is not None:
                yield f"{name}.{taken}", inner, above
            elif above.kind is Kind.NAMESPACE and taken != "*":
                yield f"{name}.{taken}", environment.resolve(f"{name}.{taken}"), above
