"""lambda-missing-dependency."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.distributions import Distribution, distributions_in, version_of
from cdk_guardrails.lambda_code.needs import Fault, Missing, Needs, Place
from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.code import (
    Code,
    at_line,
    bundles_of,
    code_of,
    functions_with_code,
    name_of,
    node_imports,
    property_of,
    python_of,
)
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, SAM_FUNCTION
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import APP, App, Resource, Template

PAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/python-package.html"

MAX_GROUPS: Final = 5
"""Reasons that the finding about what is not known names."""

MAX_NAMES: Final = 3
"""Functions that it names for each of them."""


def _of_python(code: Code, app: App) -> Needs:
    """What a Python function needs. Raises UnreadError."""
    from cdk_guardrails.lambda_code.imports import PythonImports  # what reads code is loaded for code only

    key = ("imports", code.bundle, code.layers, code.unknown_layers, code.runtime, code.search_path)
    imports = app.cached(key, lambda: PythonImports(code, lambda *asked: python_of(app, *asked)))
    return imports.needs(code.handler)


def _of_node(code: Code, app: App) -> Needs:
    """What a Node.js function needs. Raises UnreadError."""
    return node_imports(app, code).needs(code.handler)


READERS: Final[Mapping[str, Callable[[Code, App], Needs]]] = {
    "python": _of_python,
    "nodejs": _of_node,
}
"""What reads the imports of a function, by the language of its runtime. Each may raise UnreadError."""

_UNBUILT: Final = ("requirements.txt", "package.json")
"""Files by which `sam build` knows what to install into a bundle, or a layer, before it is deployed."""


_COMPILED: Final = ("go", "provided", "provided.al")
"""Runtimes of programs that have in them what they need."""


class MissingDependency(Rule):
    """All that a function imports is in its bundle, its layers or its runtime.

    Follows the imports from the module of the Handler on, through the author's modules and into the libraries that they
    use. Checks that each module is in the bundle, in a layer, in the standard library of the function's own runtime or
    among what that ships; that the Handler's module is there and defines its function; that the author's modules are
    valid for the runtime's version.
    Imports that may fail count for nothing: those in a `try` that catches the error, under TYPE_CHECKING or a question
    about the platform, and those that a library makes when one of its functions is called. Where modules may come from
    an unknown layer or from folders that the code puts on the search path, none is called missing.
    In Node.js that is `require`, `import` and `export ... from`, as Node looks them up, and what the Handler names must
    be exported; *require_packaged_boto3* is about Python. Of what a bundler has put together, only what stands outside
    of functions counts.
    A warning for the whole app names the functions whose code is not known: container images, code that is not in the
    cloud assembly.
    """

    id = "lambda-missing-dependency"
    why = "The deployment succeeds, and then each invocation fails with Runtime.ImportModuleError."
    resource_types = (*FUNCTIONS, APP)
    concern = Concern.MAINTAINABILITY
    answers = ("A2.1",)
    options = (
        Option(
            "require_packaged_boto3",
            False,
            "Whether the AWS SDK and its dependencies (boto3, botocore, urllib3 ...) must be in the bundle or a layer, "
            f"as AWS advises for control over their versions, though the runtime has them. {PAGE}",
        ),
    )
    same_as = SameAs(
        aws=(
            PAGE,
            "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html",
        ),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code:
        ZipFile: |
          import requests
          def handler(event, context):
              return requests.get(event["url"]).json()
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code:
        ZipFile: |
          import json
          import urllib3
          def handler(event, context):
              return json.loads(urllib3.request("GET", event["url"]).data)
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each missing module, which is its detail; for the app, one about what is not known."""
        if resource.type == APP:
            yield from self._unread(resource)
        elif not is_cdk_own(resource):
            yield from self._missing(resource, settings)

    def _missing(self, function: Resource, settings: RuleSettings) -> Iterator[Finding]:
        code = code_if_known(function)
        needs = _needs(function, code) if code else None
        if code is None or not isinstance(needs, Needs):
            return
        for fault in needs.faults:
            yield self._fault(function, fault)
        for missing in needs.missing:
            says = f"{_shown(missing.place)} imports {missing.module}, {missing.why}{_reached(missing.place)}"
            yield self._at(function, missing, says, _remedy(missing, code, function.template.app))
        for missing in needs.shipped if settings["require_packaged_boto3"] else ():
            says = f"{_shown(missing.place)} imports {missing.module}, {_SHIPPED}"
            yield self._at(function, missing, says, _INSTALL.format(missing.module))

    def _fault(self, function: Resource, fault: Fault) -> Finding:
        path = "Handler" if fault.detail == "handler" else property_of(function)
        remedy = _HANDLER.format(fault.handler) if fault.handler else _FAULTS[fault.detail]
        found = self.finding(function, fault.message, path, remedy=remedy, detail=fault.detail)
        return at_line(found, *fault.place[:3]) if fault.place else found

    def _at(self, function: Resource, missing: Missing, says: str, remedy: str) -> Finding:
        found = self.finding(function, says, property_of(function), remedy=remedy, detail=missing.module)
        return at_line(found, *missing.place[:3])

    def _unread(self, stand_in: Resource) -> Iterator[Finding]:
        """One finding for all functions of templates that lie in a cloud assembly: of others nothing can be known."""
        reasons: dict[str, list[str]] = {}
        count = 0
        for function, code in functions_with_code(stand_in.template.app):
            if function.template.file and not is_cdk_own(function):
                count += 1
                if reason := _reason(function, code):
                    reasons.setdefault(reason, []).append(name_of(function))
        if unread := sum(map(len, reasons.values())):
            says = f"the imports of {unread} of {count} functions are not known, or not all of them: {_listed(reasons)}"
            yield self.finding(stand_in, says, remedy=_LOOK, detail="unread", severity=Severity.WARNING)


_SHIPPED: Final = "which only the runtime has, in a version that AWS changes at any time"
_INSTALL: Final = "Install what provides {} into the bundle, or into a layer of the function."
_LOOK: Final = "Test these functions where they are deployed, or suppress this finding."
_HANDLER: Final = 'lambda_.Function(..., handler="{}")'
_FAULTS: Final = {
    "handler": 'Name a module that is in the bundle and a function in it: handler="index.handler" for index.py.',
    "syntax": "Correct the code, or choose the runtime that it is written for.",
}


def code_if_known(function: Resource) -> Code | None:
    """The code of a function; None when it is not known."""
    try:
        return code_of(function)
    except UnreadError:
        return None


def _needs(function: Resource, code: Code) -> Needs | UnreadError:
    key = (code.bundle, code.layers, code.unknown_layers, code.runtime, code.handler, code.search_path)
    app = function.template.app
    needs = app.cached(("needs", key), lambda: _asked(code, app))
    return _as_before_build(needs) if isinstance(needs, Needs) and _is_unbuilt(function, code) else needs


def _asked(code: Code, app: App) -> Needs | UnreadError:
    reader = READERS.get(code.language)
    if reader is None:
        return UnreadError(f"code for {code.runtime} is not read")
    try:
        return reader(code, app)
    except UnreadError as error:
        return error


def _is_unbuilt(function: Resource, code: Code) -> bool:
    """Whether `sam build` will install what the bundle says it needs."""
    is_built = ".aws-sam" in function.template.file
    return (
        function.type == SAM_FUNCTION
        and not is_built
        and any(name in bundle.files for bundle in (code.bundle, *code.layers) for name in _UNBUILT)
    )


def _as_before_build(needs: Needs) -> Needs:
    if not needs.missing:
        return needs
    return dataclasses.replace(needs, missing=(), unread=(*needs.unread, "`sam build` installs what it requires"))


def _reason(function: Resource, code: Code | UnreadError) -> str:
    """Why not all that a function needs is known; "" when it is."""
    if isinstance(code, Code) and code.language in _COMPILED:
        return ""
    needs = _needs(function, code) if isinstance(code, Code) else code
    return str(needs) if isinstance(needs, UnreadError) else next(iter(needs.unread), "")


def _listed(reasons: Mapping[str, list[str]]) -> str:
    parts = []
    for reason, names in list(reasons.items())[:MAX_GROUPS]:
        more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
        parts.append(f"{', '.join(names[:MAX_NAMES])}{more} ({reason})")
    left = sum(len(names) for names in list(reasons.values())[MAX_GROUPS:])
    return "; ".join(parts) + (f"; and {left} more" if left else "")


def _shown(place: Place) -> str:
    shown = place.bundle.shown(place.path)
    return f"{shown}:{place.line}" if shown else f"line {place.line} of its inline code"


def _reached(place: Place) -> str:
    return f"; the import at {_shown(place.via)} leads there" if place.via else ""


def _remedy(missing: Missing, code: Code, app: App) -> str:
    """What to do, naming the distribution when another function or layer of the app has the module."""
    for holder, distribution in _installed(app):
        if distribution.key[0] == code.language and distribution.provides(missing.module):
            known = f"{distribution.title} {version_of(distribution)}".strip()
            return f"Install {known}, which {holder} has, into the bundle too, or into a layer that both have."
    return missing.remedy or _INSTALL.format(missing.module)


def _installed(app: App) -> list[tuple[str, Distribution]]:
    """All distributions of the app's bundles and layers, each with the name of a resource that has it."""
    return app.cached(
        "installed",
        lambda: [(holder, item) for bundle, holder in bundles_of(app).items() for item in distributions_in(bundle)],
    )
