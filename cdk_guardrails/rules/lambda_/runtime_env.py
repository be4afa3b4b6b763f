"""lambda-runtime-env."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, is_intrinsic, is_no_value, known
from cdk_guardrails.template.edits import value_at

VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "dotnet": ("ASPNETCORE_", "COMPlus_", "CORECLR_", "DOTNET_", "LAMBDA_NET_SERIALIZER_DEBUG"),
    "java": ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
    "nodejs": (
        "AWS_NODEJS_",
        "AWS_SDK_JS_",
        "NODE_DEBUG",
        "NODE_EXTRA_CA_CERTS",
        "NODE_NO_WARNINGS",
        "NODE_OPTIONS",
        "NODE_PATH",
        "NODE_PENDING_DEPRECATION",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "NODE_V8_COVERAGE",
    ),
    "python": (
        "PYTHONASYNCIODEBUG",
        "PYTHONBREAKPOINT",
        "PYTHONDEVMODE",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONFAULTHANDLER",
        "PYTHONHASHSEED",
        "PYTHONHOME",
        "PYTHONIOENCODING",
        "PYTHONMALLOC",
        "PYTHONNODEBUGRANGES",
        "PYTHONNOUSERSITE",
        "PYTHONOPTIMIZE",
        "PYTHONPATH",
        "PYTHONPROFILEIMPORTTIME",
        "PYTHONPYCACHEPREFIX",
        "PYTHONSAFEPATH",
        "PYTHONSTARTUP",
        "PYTHONTRACEMALLOC",
        "PYTHONUNBUFFERED",
        "PYTHONUTF8",
        "PYTHONVERBOSE",
        "PYTHONWARNINGS",
    ),
    "ruby": ("BUNDLE_GEMFILE", "BUNDLE_PATH", "BUNDLE_WITHOUT", "GEM_HOME", "GEM_PATH", "RUBYLIB", "RUBYOPT"),
}
"""The variables that a language's runtime or SDK reads, by runtime family; a name that ends in ``_`` is a prefix.

Only what no other language reads: names that applications choose for themselves (NODE_ENV) are left out, and so are
Go's, since any function may start a program that was written in Go.
"""

WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"


class RuntimeEnv(Rule):
    """Functions have no environment variables of another runtime.

    Checks the names of the variables against those that only another language's runtime or SDK reads, such as
    NODE_OPTIONS on Python. The fix removes them. A function with layers is warned about and not fixed, since a layer
    may bring that other runtime along; one with a wrapper script (AWS_LAMBDA_EXEC_WRAPPER), a container image or an
    OS-only runtime (provided.*) may start anything and is not judged.
    """

    id = "lambda-runtime-env"
    why = "A variable that the runtime never reads looks like a setting that is in force, and is none."
    resource_types = ("AWS::Lambda::Function", "AWS::Serverless::Function")
    concern = Concern.MAINTAINABILITY
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. Nothing in the function reads the variable."
    answers = ("A1.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
        ),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      Environment:
        Variables:
          NODE_OPTIONS: --enable-source-maps
          TABLE: orders
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "exports.handler = async () => {}"}
      Handler: index.handler
      Runtime: nodejs22.x
      Role: arn:aws:iam::111122223333:role/handler
      Environment:
        Variables:
          NODE_OPTIONS: --enable-source-maps
          TABLE: orders
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each variable, with its name as the detail."""
        family = _family(resource, template)
        layers = _has_layers(resource, template)
        for name in _variables(resource) if family else ():
            reader = _reader(name)
            if reader not in ("", family):
                says = f"{name} is read by {_NAMES[reader]} only, and this function runs on {_NAMES[family]}"
                yield self.finding(
                    resource,
                    f"{says}; not fixed, since its layers may bring {_NAMES[reader]} along" if layers else says,
                    ("Environment", "Variables", name),
                    remedy=f"Remove {name} from the function's environment.",
                    detail=name,
                    severity=Severity.WARNING if layers else None,
                )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Removes the variable."""
        if not _has_layers(resource, template):
            yield resource.remove(("Environment", "Variables", finding.detail))


_NAMES: Final = {"dotnet": ".NET", "java": "Java", "nodejs": "Node.js", "python": "Python", "ruby": "Ruby"}


def _family(function: Resource, template: Template) -> str:
    """The runtime's family, ``python`` for ``python3.13``; "" when it is unknown or may run anything."""
    runtime = _with_globals(function, template, "Runtime")
    match = re.match(r"(dotnet|java|nodejs|python|ruby)(?:core)?[0-9.]", runtime) if isinstance(runtime, str) else None
    return match[1] if match else ""


def _has_layers(function: Resource, template: Template) -> bool:
    return _with_globals(function, template, "Layers") not in (None, [])


def _with_globals(function: Resource, template: Template, name: str) -> object:
    """A property, which SAM functions inherit from Globals."""
    value: object = function.get(name)
    if value is None and function.type == "AWS::Serverless::Function":
        return known(value_at(template.data, ("Globals", "Function", name)))
    return value


def _variables(function: Resource) -> list[str]:
    """The names of the function's own variables; none when it has a wrapper or they are unknown."""
    variables = function.get("Environment.Variables")
    if not isinstance(variables, dict) or is_intrinsic(variables) or WRAPPER in variables:
        return []
    return [name for name, value in variables.items() if isinstance(name, str) and not is_no_value(value)]


def _reader(variable: str) -> str:
    """The family whose runtime alone reads a variable, or ""."""
    for family, entries in VARIABLES.items():
        if any(variable.startswith(entry) if entry.endswith("_") else variable == entry for entry in entries):
            return family
    return ""
