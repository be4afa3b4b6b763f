"""What a Python handler calls: the functions of the author's modules that it reaches, found without running them.

Names lead to functions, classes and variables, in this module or in one that it imports. Whatever attribute is used may
be a method of any class that is reached, so that instances need not be followed. That finds too much rather than too
little.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from cdk_guardrails.lambda_code.bundle import MAX_FILE_BYTES, UnreadError
from cdk_guardrails.lambda_code.python import NotPythonError, PythonBundle
from cdk_guardrails.lambda_code.runtimes import INLINE, SDK, standard_library
from cdk_guardrails.lambda_code.scopes import Scope, Unit, scope_of
from cdk_guardrails.lambda_code.trees import Mentions, last_name, root_name

LIBRARIES: Final = SDK | INLINE | {"aws_lambda_powertools", "aws_xray_sdk", "crhelper"}
"""Modules that are no author's, wherever they lie."""

MAX_MODULES: Final = 2_000
"""Modules of the author's that are followed from one handler."""

PLAIN_BASES: Final = frozenset(
    {"ABC", "BaseException", "Enum", "Exception", "Generic", "IntEnum", "NamedTuple", "Protocol"}
    | {"StrEnum", "TypedDict", "dict", "list", "object", "str"}
)
"""Base classes from libraries that call none of a class's methods by themselves."""

WRAPPERS: Final = frozenset(
    {"capture_lambda_handler", "capture_method", "catch", "inject_lambda_context", "log_metrics"}
    | {"measure", "time", "timer"}
)
"""Methods that, as decorators, wrap a function; those of other objects register it: ``@app.get("/orders")``."""


class Sources:
    """The author's modules in a function's bundle and its layers, each parsed once.

    ``has_unknown_layers``: modules may come from elsewhere too.
    """

    def __init__(self, bundles: Iterable[PythonBundle], has_unknown_layers: bool = False) -> None:
        self.bundles = list(bundles)
        self.has_unknown_layers = has_unknown_layers
        self._made: dict[str, Scope | None] = {}
        self._own: set[str] = set()
        self.unread: set[str] = set()
        """Modules that are there, or may be, and cannot be read."""

    def scope(self, name: str) -> Scope | None:
        """The names of the author's module ``name``; None when there is none that can be read."""
        if name not in self._made:
            self._made[name] = self._read(name)
        return self._made[name]

    def start(self, module: str) -> Scope | None:
        """The same for a handler's module. Raises UnreadError when it is there and cannot be read."""
        top, code = module.partition(".")[0], self.bundles[0]
        path = code.find(module)
        if path is None or not path.endswith(".py"):
            return None
        code.starts_at(path)
        if top not in self._own:
            self._own.add(top)
            self._made = {name: made for name, made in self._made.items() if made or name.partition(".")[0] != top}
        try:
            code.parse(module, path)
        except NotPythonError as error:
            raise UnreadError(f"{path} is no Python: {error}") from None
        return self.scope(module)

    def _read(self, name: str) -> Scope | None:
        top = name.partition(".")[0]
        for source in self.bundles:
            path = source.find(name)
            if path is not None:
                is_own = path.endswith(".py") and top not in LIBRARIES
                is_own = is_own and not source.is_library(path, top if top in self._own else "")
                if source.bundle.files.get(path, 0) > MAX_FILE_BYTES:
                    self.unread.add(name)
                return self._parsed(source, name, path) if is_own else None
        if self.has_unknown_layers and top not in LIBRARIES and top not in self._standard:
            self.unread |= {name, top}
        return None

    @cached_property
    def _standard(self) -> frozenset[str]:
        return standard_library(self.bundles[0].version) or frozenset(sys.stdlib_module_names)

    def _parsed(self, source: PythonBundle, name: str, path: str) -> Scope | None:
        try:
            module = source.parse(name, path)
            with source.bundle.at_work():
                return scope_of(module)
        except (UnreadError, NotPythonError):
            self.unread.add(name)
            return None


class Program:
    """The author's modules that a handler imports, directly or not."""

    def __init__(self, sources: Sources, module: str) -> None:
        self.sources = sources
        self.scopes: dict[str, Scope] = {}
        self._bound: dict[tuple[str, str], list[Unit]] = {}
        if sources.start(module):
            self._load(module)

    def _load(self, first: str) -> None:
        pending = [first]
        while pending and len(self.scopes) < MAX_MODULES:
            name = pending.pop()
            scope = None if name in self.scopes else self.sources.scope(name)
            if scope is None:
                continue
            self.scopes[name] = scope
            for module, names in scope.wanted.items():
                pending.append(module)
                pending += [f"{module}.{item}" for item in names if self._is_module(f"{module}.{item}")]

    def _is_module(self, name: str) -> bool:
        return any(source.find(name) is not None for source in self.sources.bundles)

    def bound(self, scope: Scope, name: str) -> list[Unit]:
        """What a name of a module stands for, wherever that is defined."""
        key = (scope.module.path, name)
        if key not in self._bound:
            self._bound[key] = self._looked_up(scope, name)
        return self._bound[key]

    def _looked_up(self, scope: Scope, name: str) -> list[Unit]:
        pending, seen, found = [(scope, name)], set(), dict[Unit, None]()
        while pending:
            at, wanted = pending.pop()
            if (at, wanted) in seen:
                continue
            seen.add((at, wanted))
            found.update(dict.fromkeys(at.units.get(wanted, ())))
            if wanted in at.imports:
                module, attribute = at.imports[wanted]
                pending += [(self.scopes[module], attribute)] if attribute and module in self.scopes else []
            elif wanted not in at.units:
                pending += [(self.scopes[star], wanted) for star in at.stars if star in self.scopes]
        return list(found)

    def at_chain(self, scope: Scope, chain: tuple[str, ...]) -> list[Unit]:
        """What ``orders.store.save`` stands for, when it leads through modules."""
        if chain[0] not in scope.imports:
            return []
        module, attribute = scope.imports[chain[0]]
        at = f"{module}.{attribute}" if attribute else module
        for name in chain[1:]:
            if at in self.scopes and (found := self.bound(self.scopes[at], name)):
                return found
            at = f"{at}.{name}"
        return []

    def is_unread(self, scope: Scope, name: str) -> bool:
        """Whether a name comes from a module that cannot be read, so that anything may be behind it."""
        if name not in scope.imports:
            return False
        module, attribute = scope.imports[name]
        return bool({module, f"{module}.{attribute}"} & self.sources.unread)

    def targets(self, scope: Scope, mentioned: Mentions) -> list[Unit]:
        """What the names and dotted names in ``mentioned`` stand for."""
        found: dict[Unit, None] = {}
        for name in sorted(mentioned.names):
            found.update(dict.fromkeys(self.bound(scope, name)))
        for chain in sorted(mentioned.chains):
            found.update(dict.fromkeys(self.at_chain(scope, chain)))
        return list(found)

    @cached_property
    def registered(self) -> dict[Unit, list[Unit]]:
        """The functions that a decorator registers, by the object that it registers them with."""
        found: dict[Unit, list[Unit]] = {}
        for scope in self.scopes.values():
            for unit in scope.functions():
                for owner in self._registering(unit):
                    found.setdefault(owner, []).append(unit)
        return found

    def _registering(self, unit: Unit) -> Iterator[Unit]:
        for decorator in unit.function.decorator_list if unit.function else ():
            name, root = last_name(decorator), root_name(decorator)
            if root and name != root and name not in WRAPPERS:
                yield from self.bound(unit.scope, root)


class Reach:
    """All that is reached from ``start``; with ``failing``, from inside of an ``except`` too.

    ``is_unread``: something is called that cannot be read.
    """

    def __init__(self, program: Program, start: Iterable[Unit], *, failing: bool) -> None:
        self.program = program
        self.failing = failing
        self.units: dict[Unit, None] = {}
        self.is_unread = False
        self.methods: dict[str, list[Unit]] = {}
        """The methods of all classes that are reached, by name."""
        self._attributes: set[str] = set()
        self._pending = list(start)
        while self._pending:
            unit = self._pending.pop()
            if unit not in self.units:
                self.units[unit] = None
                self._follow(unit)

    @property
    def scopes(self) -> list[Scope]:
        """The modules of all that is reached."""
        return list(dict.fromkeys(unit.scope for unit in self.units))

    def _follow(self, unit: Unit) -> None:
        usual, failing = unit.mentions
        for mentioned in (usual, failing) if self.failing else (usual,):
            self._pending += self.program.targets(unit.scope, mentioned)
            self._use(mentioned.attributes)
            self._look_for_unknown(unit, mentioned)
        self._pending += self.program.registered.get(unit, ())
        if unit.is_class:
            self._add_class(unit, usual)

    def _use(self, attributes: frozenset[str]) -> None:
        for name in sorted(attributes - self._attributes):
            self._attributes.add(name)
            self._pending += self.methods.get(name, ())

    def _look_for_unknown(self, unit: Unit, mentioned: Mentions) -> None:
        is_dynamic = bool({"import_module", "__import__"} & (mentioned.names | mentioned.attributes))
        if is_dynamic or any(self.program.is_unread(unit.scope, name) for name in mentioned.names):
            self.is_unread = True
        if "getattr" in mentioned.names and unit.owner:
            self._pending += [method for methods in unit.owner.methods.values() for method in methods]
        if "globals" in mentioned.names:
            self._pending += [each for units in unit.scope.units.values() for each in units]

    def _add_class(self, unit: Unit, mentioned: Mentions) -> None:
        """Its methods are reached when their names are used, and those that Python or a library calls at once."""
        is_called = self._has_library_base(unit)
        for name, methods in unit.methods.items():
            self.methods.setdefault(name, []).extend(methods)
            if is_called or name in self._attributes or (name.startswith("__") and name.endswith("__")):
                self._pending += methods

    def _has_library_base(self, unit: Unit) -> bool:
        bases = getattr(unit.nodes[0], "bases", ())
        names = [(last_name(base), root_name(base)) for base in bases]
        return any(
            name not in PLAIN_BASES and not any(found.is_class for found in self.program.bound(unit.scope, root))
            for name, root in names
            if name
        )
