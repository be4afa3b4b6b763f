"""Which modules build the app, and which only lie beside them: the code of its functions, jobs and containers."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.source.app_modules import app_modules
from cdk_guardrails.source.imported import imported
from cdk_guardrails.source.project import Module, Project


def builds_the_app(module: Module) -> bool:
    """Whether a module imports the CDK, or one that does imports it. Where none does, all are taken for the app's."""
    building = module.project.cached("modules that build the app", lambda: _building(module.project))
    return not building or module in building


def _building(project: Project) -> set[Module]:
    waiting = [module for module in project.modules if imported(module).has_cdk]
    found = set(waiting)
    while waiting:
        new = set(_imported_by(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _imported_by(module: Module) -> Iterator[Module]:
    modules = app_modules(module.project)
    for full in imported(module).names.values():
        name = full.lstrip(".")
        level = len(full) - len(name)
        for each in (name, name.rpartition(".")[0]):
            found = modules.relative(module, level, each) if level else modules.absolute(module, each)
            if found:
                yield found
