"""Imports of what is not there, in words: where it was looked for, where it lies instead, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from cdk_guardrails.lambda_code.environment import Found
from cdk_guardrails.lambda_code.needs import Fault, Missing, Place
from cdk_guardrails.lambda_code.python import NotPythonError, PythonBundle, handler_of
from cdk_guardrails.lambda_code.runtimes import left_standard_library

_REQUIREMENTS: Final = (
    "Install requirements.txt when the bundle is made, with bundling=... of Code.from_asset or the PythonFunction of "
    "aws-cdk.aws-lambda-python-alpha: the CDK does not do it by itself."
)
_LAYER: Final = "Move what the layer has into a folder named python in it, the one that is on the search path."
_CORRECT: Final = "Correct the import, or put the module that it names into the bundle."


class Gap(NamedTuple):
    """An import of something that is not there. ``parent`` is the package that should have it, if that is there."""

    module: str
    place: Place
    parent: Found | None = None


class Words:
    """What is said of a function with this code, these layers, this version of Python."""

    def __init__(self, code: PythonBundle, layers: Sequence[PythonBundle], version: tuple[int, int]) -> None:
        self.code, self.layers, self.version = code, layers, version
        self.python = f"Python {version[0]}.{version[1]}"
        count = len(layers)
        self.where = "its bundle" + ("" if not count else " or its layer" if count == 1 else f" or its {count} layers")

    def missing(self, gap: Gap) -> Missing:
        """A finding about ``gap``."""
        return Missing(gap.module, gap.place, *self._why(gap))

    def _why(self, gap: Gap) -> tuple[str, str]:
        """Why it cannot be imported, and what to do ("" for the usual)."""
        if gap.module.startswith("."):
            return "but Lambda imports that file as a top-level module, which is in no package", _CORRECT
        if gap.parent is not None:
            package, _, name = gap.module.rpartition(".")
            return f"but the package {package} has no module {name}", _CORRECT
        if left_standard_library(gap.module, self.version):
            replaced = f"Replace {gap.module}: https://docs.python.org/3/whatsnew/ names what took its place."
            return f"which {self.python} no longer has, and which is not in {self.where}", replaced
        says = f"which is neither in {self.where} nor part of {self.python} or its runtime"
        lies, remedy = self._elsewhere(gap.module, gap.place.path)
        return says + lies, remedy or (_REQUIREMENTS if "requirements.txt" in self.code.bundle.files else "")

    def _elsewhere(self, module: str, importer: str) -> tuple[str, str]:
        """Where a module of that name lies without being found, beside its importer or in a folder of its own."""
        beside = importer.rpartition("/")[0]
        for bundle in (self.code, *self.layers):
            alone = [(path, at) for path, at in _named(bundle, module) if at == beside or not _is_package(bundle, at)]
            if alone and bundle is not self.code:
                return f"; {min(alone)[0]} of a layer is not on the search path", _LAYER
            if alone:
                path, at = min(alone, key=lambda item: len(item[0]))
                inside = f"{at.replace('/', '.')}.{module}"
                remedy = (
                    f"Import {inside}, or make {at} the folder that Code.from_asset takes, with a Handler to match."
                )
                return f"; {path} is not on the search path", remedy
        return "", ""

    def no_module(self, handler: str, module: str) -> Fault:
        """The Handler's module is not there."""
        says = f"Handler is {handler}, but there is no module {module} in {self.where}"
        paths = [path for path, _ in _named(self.code, module) if not self.code.is_library(path)]
        if not paths:
            return Fault("handler", says)
        path = min(paths, key=len)
        stem = path.removesuffix(".py").removesuffix("/__init__")
        return Fault("handler", f"{says}; it has {path}", handler=f"{stem}.{handler_of(handler)[1]}")

    def no_function(self, handler: str, place: Place, near: Sequence[str]) -> Fault:
        """The Handler's function is not there; ``near`` are functions that are."""
        module, _, function = handler.rpartition(".")
        shown = place.bundle.shown(place.path) or place.path
        has = f"; it has {near[0]}" if near else ""
        says = f"Handler is {handler}, but {shown} does not define {function}{has}"
        return Fault("handler", says, place, f"{module}.{near[0]}" if near else "")

    def not_python(self, place: Place, error: NotPythonError) -> Fault:
        """A file is no Python, or none of this version."""
        shown = place.bundle.shown(place.path) or place.path
        return Fault("syntax", f"{shown}:{place.line} is not valid {self.python}: {error}", place)


def _named(bundle: PythonBundle, module: str) -> list[tuple[str, str]]:
    """The files of modules or packages of that name, each with the folder that would have to be on the search path."""
    at = f"/{module.replace('.', '/')}"
    ends = (f"{at}.py", f"{at}/__init__.py")
    paths = [path for path in bundle.bundle.files if f"/{path}".endswith(ends)]
    return [(path, f"/{path}".rpartition(at)[0].strip("/")) for path in paths]


def _is_package(bundle: PythonBundle, folder: str) -> bool:
    return f"{folder}/__init__.py" in bundle.bundle.files
