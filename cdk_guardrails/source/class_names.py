"""Which class the type checker means by a name such as ``Bucket``: it does not say of which module."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from cdk_guardrails.source.app_modules import app_modules
from cdk_guardrails.source.cdk_types import CdkType
from cdk_guardrails.source.imported import imported
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Module, Project
from cdk_guardrails.source.values import AppClass, AppObject, CdkClass, CdkObject


def classes_called(types: Types, module: Module, node: ast.Attribute, name: str) -> CdkType | AppClass | None:
    """The class, of the CDK or of the app, that ``node.value`` is of; None when that is not certain.

    Where our own reading of the code comes to a class of that name, it is that one. Else, only a name that there is
    once in all that the app uses is certain, and only if nothing else that the module uses has the attribute: the
    value may be one of several things, of which the type checker names the one that lacks it.
    """
    name = name.removeprefix("type[").removesuffix("]")
    value = types.of(module, node.value)
    if isinstance(value, (CdkObject, CdkClass)):
        type_ = types.index.type(value.fqn)
        if type_ and type_.name == name:
            return type_
    own = value.of if isinstance(value, AppObject) else value
    if isinstance(own, AppClass) and own.node.name == name:
        return own
    found = _only_one(types, module.project, name)
    if found is None or (value is None and _others_have(types, module, found, node.attr)):
        return None
    return found


def _only_one(types: Types, project: Project, name: str) -> CdkType | AppClass | None:
    if name.partition(".")[0] in _foreign(types, project):
        return None
    own = [
        AppClass(module, node) for module in project.modules for node in _classes(types, module) if node.name == name
    ]
    of_cdk = types.index.called(name)
    if len(of_cdk) > 1:
        of_cdk = [type_ for type_ in of_cdk if type_.module in _used_modules(types, project)]
    found: list[CdkType | AppClass] = [*own, *of_cdk]
    return found[0] if len(found) == 1 else None


def _classes(types: Types, module: Module) -> list[ast.ClassDef]:
    return types.scopes(module).classes


def _others_have(types: Types, module: Module, found: CdkType | AppClass, attribute: str) -> bool:
    own = found.fqn if isinstance(found, CdkType) else ""
    others = types.index.with_member(attribute)
    if any(types.index.is_a(used, other) for used in _used_types(types, module) - {own} for other in others):
        return True
    return any(
        attribute in (*scope.bindings, *scope.attributes)
        for each in module.project.modules
        for scope in (types.scopes(each).owned[node] for node in _classes(types, each))
    )


def _used_types(types: Types, module: Module) -> frozenset[str]:
    """The jsii names of the classes of the CDK that a module names."""

    def find() -> Iterator[str]:
        for node in module.nodes:
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if name[:1].isupper() and isinstance(value := types.of(module, node), CdkClass):
                yield value.fqn

    return module.project.cached(("used types", module), lambda: frozenset(find()))


def _used_modules(types: Types, project: Project) -> frozenset[str]:
    """The Python modules of the CDK from which a project imports anything."""

    def find() -> Iterator[str]:
        for module in project.modules:
            for name in imported(module).names.values():
                yield name
                yield name.rpartition(".")[0]

    return project.cached("used modules", lambda: frozenset(find()))


def _foreign(types: Types, project: Project) -> frozenset[str]:
    """The names of what a project takes from packages that have nothing to do with jsii, or that are not known."""

    def find() -> Iterator[str]:
        tops = {name.partition(".")[0] for name in types.index.modules}
        for module in project.modules:
            outside = {
                local: full.rpartition(".")[2]
                for local, full in imported(module).names.items()
                if not _is_own(module, full.partition(".")[0], tops)
            }
            yield from outside.values()
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in outside:
                    yield node.attr

    return project.cached("foreign names", lambda: frozenset(find()))


def _is_own(module: Module, top: str, packages: Collection[str]) -> bool:
    """Whether the app or a jsii package is imported by a name that begins so; "" is a relative import."""
    return top in ("", *packages) or app_modules(module.project).has(module, top)
