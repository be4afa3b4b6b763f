"""What the expressions of an app are: light inference, without regard to the order in which code runs.

A name that is bound to things of different kinds is unknown, and so is all that this does not understand: None. It
follows imports, aliases, calls of classes and functions (of the CDK by its manifests, of the app by annotation, else by
what is returned), attributes that the app's classes assign in any of its modules, loops over lists, and annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from cdk_guardrails.source import expressions, type_hints
from cdk_guardrails.source.app_modules import app_modules
from cdk_guardrails.source.cdk_index import Index, Signature, index
from cdk_guardrails.source.cdk_types import CdkType, Member
from cdk_guardrails.source.project import Module, Project
from cdk_guardrails.source.scope_reader import Scopes
from cdk_guardrails.source.scopes import FUNCTIONS, Binding, Scope, name_of
from cdk_guardrails.source.values import (
    AppClass,
    AppFunction,
    AppModule,
    AppObject,
    CdkClass,
    CdkInitializer,
    CdkMethod,
    CdkModule,
    CdkObject,
    Super,
    Value,
    within,
)

MAX_DEPTH: Final = 60
"""How many expressions deep one is followed: far more than any app needs, far less than Python's stack has."""


WITHOUT_MEMBERS: Final = frozenset({"ABC", "Generic", "Protocol", "object"})
"""Bases of Python's own that add nothing to what a class of the app has."""


class Types:
    """The types of a project's expressions, each found when first asked for. `types_of` makes one for a project."""

    def __init__(self, project: Project, known: Index) -> None:
        self.index = known
        self.cached = project.cached
        self._modules = app_modules(project)
        self._scopes: dict[Module, Scopes] = {}
        self._found: dict[ast.AST, Value | None] = {}
        self._named: dict[tuple[Scope, str], Value | None] = {}
        self._parsed: dict[ast.Constant, ast.expr | None] = {}
        self._depth = 0

    def scopes(self, module: Module) -> Scopes:
        """The scopes of a module of the project."""
        if module not in self._scopes:
            self._scopes[module] = Scopes(module)
        return self._scopes[module]

    def of(self, module: Module, expression: ast.AST) -> Value | None:
        """What an expression of ``module`` is; None when that is not known."""
        if expression in self._found:
            return self._found[expression]
        infer = expressions.INFER.get(type(expression))
        if infer is None or self._depth >= MAX_DEPTH:
            return None
        self._found[expression] = None  # for the case that what it refers to refers back to it
        self._depth += 1
        try:
            found = infer(self, module, expression)
        finally:
            self._depth -= 1
        self._found[expression] = found
        return found

    def annotated(self, module: Module, annotation: ast.expr, scope: Scope) -> Value | None:
        """What a value with this annotation is."""
        if self._depth >= MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return type_hints.value_of(self, module, annotation, scope)
        finally:
            self._depth -= 1

    def parsed(self, module: Module, annotation: ast.Constant, scope: Scope) -> ast.expr | None:
        """The expression in an annotation that is a string; its names are looked up where the annotation stands.

        The names in it are from then on among those of the module, all at the place of the string.
        """
        if annotation not in self._parsed:
            self._parsed[annotation] = type_hints.parsed(annotation)
            if tree := self._parsed[annotation]:
                self.scopes(module).read(tree, scope)
        return self._parsed[annotation]

    def member(self, module: Module, node: ast.Attribute) -> tuple[str, Member] | None:
        """The member of the CDK that ``node`` reads or calls, and the type by which it is had; None when it is none."""
        return self.member_of(self.of(module, node.value), node.attr)

    def member_of(self, owner: Value | None, name: str) -> tuple[str, Member] | None:
        """The member ``name`` of ``owner`` where the CDK, and no class of the app, defines it."""
        for base in self.lineage(owner):
            if isinstance(base, AppClass):
                if self.defines(base, name):
                    return None
            elif base is None:
                return None
            elif (found := self.index.member(base.fqn, name)) and (found.static or not isinstance(owner, CdkClass)):
                return base.fqn, found
        return None

    def shown(self, module: Module, type_: CdkType) -> str:
        """The name of a type as ``module`` would write it: by its import of the type or of the type's module."""
        top = self.scopes(module).top
        for name in top.bindings:
            value = self.named(module, top, name)
            if value == CdkClass(type_.fqn):
                return name
            if value == CdkModule(type_.module):
                return f"{name}.{type_.name}"
        return type_.qualified

    def signature(self, module: Module, call: ast.Call) -> tuple[Signature, str] | None:
        """What the function of the CDK that is called takes, and how people write its name; None when it is none."""
        callee = self.of(module, call.func)
        if isinstance(callee, CdkMethod):
            owner = self.index.type(callee.fqn)
            return self.index.signature(callee.member), f"{owner.qualified if owner else ''}.{callee.member.name}"
        type_ = self.index.type(self.made(callee) or "")
        signature = self.index.constructor(type_.fqn) if type_ else None
        return (signature, type_.qualified) if signature and type_ else None

    def made(self, callee: Value | None) -> str | None:
        """The type of the CDK whose initializer a call of ``callee`` runs, by jsii name."""
        if isinstance(callee, CdkInitializer):
            return callee.fqn
        for base in self.lineage(callee) if isinstance(callee, (CdkClass, AppClass)) else ():
            if not isinstance(base, AppClass):
                return base.fqn if base else None
            if self.defines(base, "__init__") or self.defines(base, "__new__") or base.node.decorator_list:
                return None
        return None

    def lineage(self, value: Value | None) -> Iterator[AppClass | CdkClass | None]:
        """The class of ``value`` (or itself, when it is one) and its bases; None stands for one that is not known."""
        own = value.of if isinstance(value, (AppObject, Super)) else value
        if isinstance(own, CdkObject):
            yield CdkClass(own.fqn)
        elif isinstance(own, CdkClass):
            yield own
        elif isinstance(own, AppClass):
            yield from self._app_lineage(own, not isinstance(value, Super))

    def _app_lineage(self, of: AppClass, itself: bool) -> Iterator[AppClass | CdkClass | None]:
        seen: set[Value] = set() if itself else {of}
        waiting: list[Value | None] = [of] if itself else self._bases(of)
        while waiting:
            base = waiting.pop(0)
            if base is None:
                yield None
            elif base not in seen and isinstance(base, (AppClass, CdkClass)):
                seen.add(base)
                yield base
                waiting = (self._bases(base) if isinstance(base, AppClass) else []) + waiting

    def _bases(self, of: AppClass) -> list[Value | None]:
        told = (base for base in of.node.bases if name_of(base) not in WITHOUT_MEMBERS)
        return [self.of(of.module, base) for base in told]

    def defines(self, of: AppClass, name: str) -> bool:
        """Whether a class of the app itself has an attribute, by its body or by what its methods assign."""
        scope = self.scopes(of.module).owned[of.node]
        return name in scope.bindings or name in scope.attributes

    def own_attribute(self, of: AppClass, name: str) -> Value | None:
        """What the class itself says of its attribute."""
        scope = self.scopes(of.module).owned[of.node]
        bindings = [*scope.attributes.get(name, ()), *scope.bindings.get(name, ())]
        return self._joined(of.module, name, bindings)

    def top_level(self, module: Module, name: str) -> Value | None:
        """What ``name`` is in a module of the app, or a module of it when that is a package."""
        below = self._modules.below(module, name)
        return self.named(module, self.scopes(module).top, name) or (AppModule(below) if below else None)

    def named(self, module: Module, scope: Scope, name: str) -> Value | None:
        """What ``name`` is in ``scope``."""
        found = scope.find(name)
        key = (found[0] if found else scope.module, name)
        if key not in self._named:
            self._named[key] = None
            self._named[key] = self._joined(module, name, found[1]) if found else self._starred(module, scope, name)
        return self._named[key]

    def _starred(self, module: Module, scope: Scope, name: str) -> Value | None:
        stars = reversed(scope.module.stars)
        return next((value for star in stars if (value := self._imported(module, star, name))), None)

    def _joined(self, module: Module, name: str, bindings: Iterable[Binding]) -> Value | None:
        said = [binding for binding in bindings if not _is_nothing(binding)]
        return self.joined(self._bound(module, name, binding) for binding in said)

    def joined(self, values: Iterable[Value | None]) -> Value | None:
        """What all of ``values`` are: the same, or objects of which one's type is a base of the others'."""
        found = list(dict.fromkeys(values))
        if None in found or not found:
            return None
        if len(found) == 1:
            return found[0]
        names = [value.fqn for value in found if isinstance(value, CdkObject)]
        if len(names) < len(found):
            return None
        bases = (name for name in names if all(self.index.is_a(other, name) for other in names))
        return next((CdkObject(name) for name in bases), None)

    def _bound(self, module: Module, name: str, binding: Binding) -> Value | None:
        node, scope = binding.node, binding.scope
        if binding.annotation is not None and (said := self.annotated(module, binding.annotation, scope)):
            return said
        if binding.value is not None:
            return within(self.of(module, binding.value), binding.path)
        if binding.role and isinstance(scope.owner, ast.ClassDef):
            own = AppClass(module, scope.owner)
            return own if binding.role == "cls" else AppObject(own)
        if isinstance(node, ast.ClassDef):
            return AppClass(module, node)
        if isinstance(node, FUNCTIONS):
            return AppFunction(module, node)
        return self._from_import(module, node, name)

    def _from_import(self, module: Module, node: ast.AST, name: str) -> Value | None:
        if isinstance(node, ast.ImportFrom):
            names = (alias.name for alias in node.names if name in (alias.asname or alias.name,))
            return self._imported(module, node, next(names, name))
        if isinstance(node, ast.alias):
            whole = node.name if node.asname else node.name.partition(".")[0]
            if self.index.is_module(whole) or self.index.is_above(whole):
                return CdkModule(whole)
            found = self._modules.absolute(module, whole)
            return AppModule(found) if found else None
        return None

    def _imported(self, module: Module, node: ast.ImportFrom, name: str) -> Value | None:
        """What ``from ... import name`` gives; a package of the CDK goes before a folder of the app."""
        origin = node.module or ""
        if node.level:
            source = self._modules.relative(module, node.level, origin)
            below = self._modules.relative(module, node.level, f"{origin}.{name}".lstrip("."))
        else:
            if found := expressions.attribute(self, CdkModule(origin), name):
                return found
            source = self._modules.absolute(module, origin)
            below = self._modules.absolute(module, f"{origin}.{name}")
        value = self.top_level(source, name) if source and source is not module else None
        return value or (AppModule(below) if below else None)


def types_of(project: Project) -> Types:
    """The types of ``project``, by the packages that are installed here."""
    return project.cached("types", lambda: Types(project, index()))


def _is_nothing(binding: Binding) -> bool:
    """``x = None`` says nothing of what x is when there is more to it than None."""
    value = binding.value
    return isinstance(value, ast.Constant) and value.value is None and binding.annotation is None
