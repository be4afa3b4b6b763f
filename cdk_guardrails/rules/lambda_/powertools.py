"""Powertools for AWS Lambda: which functions have it, what they lack of it, and which layer fits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.base import Option
from cdk_guardrails.rules.lambda_.functions import setting
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, is_intrinsic

SERVICE: Final = "POWERTOOLS_SERVICE_NAME"
LEVEL: Final = "POWERTOOLS_LOG_LEVEL"

LEVEL_VARIABLES: Final = (LEVEL, "LOG_LEVEL")
"""The variables that Powertools reads its log level from, the stronger first:
https://docs.aws.amazon.com/powertools/python/latest/core/logger/"""

LANGUAGES: Final = {"python": "python", "typescript": "nodejs", "nodejs": "nodejs"}
"""What the name of a layer has in it, and the runtimes that the layer is then for."""

MAX_LAYERS: Final = 5
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

OPTIONS: Final = (
    Option(
        "powertools_layer",
        None,
        "ARN of a Powertools layer version; ${AWS::Region} in it is filled in. Its name says which functions get it, "
        "by language (Python, TypeScript) and, where it names them, version and architecture: "
        "https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/.",
    ),
    Option(
        "powertools_service",
        None,
        f"The value for {SERVICE}. Not set: the stack's name. "
        "https://docs.aws.amazon.com/powertools/python/latest/core/logger/.",
    ),
)

REMEDY: Final = f'function.add_environment("{SERVICE}", ...)'


class Runtime(NamedTuple):
    """A managed runtime: its name (``python3.13``), family and version, which of Python is the minor one."""

    name: str
    family: str
    version: int


def runtime_of(function: Resource) -> Runtime | None:
    """The runtime of a function; None for a container image, an OS-only runtime or an unknown one."""
    name = setting(function, "Runtime")
    if not isinstance(name, str):
        return None
    match = re.match(r"(python(?=3\.)|nodejs|java|dotnet(?!core)|ruby)(?:3\.)?([0-9]+)", name)
    return Runtime(name, match[1], int(match[2])) if match else None


def variables_of(function: Resource) -> Mapping[str, Any] | None:
    """The variables of a function, {} when it has none; None when they are unknown."""
    variables = setting(function, "Environment.Variables")
    if variables is None:
        return {} if setting(function, "Environment") is not UNKNOWN else None
    return variables if isinstance(variables, dict) and not is_intrinsic(variables) else None


def missing(function: Resource, settings: RuleSettings) -> tuple[Any, list[str]]:
    """The layer that a function lacks (None if it does not) and the variables, none for one without Powertools."""
    variables, layers = variables_of(function), setting(function, "Layers")
    if variables is None or layers is UNKNOWN:
        return None, []
    wanted, there = settings["powertools_layer"], json.dumps(layers, default=str).lower()
    has_layer = "powertools" in there or (wanted is not None and wanted.lower() in there)
    layer = None if has_layer else _fitting_layer(function, wanted)
    if isinstance(layers, list) and len(layers) >= MAX_LAYERS:
        layer = None
    if not (layer or has_layer or any(str(name).startswith("POWERTOOLS_") for name in variables)):
        return None, []
    lacking = [] if SERVICE in variables else [SERVICE]
    return layer, lacking if any(name in variables for name in LEVEL_VARIABLES) else [*lacking, LEVEL]


def edits(function: Resource, settings: RuleSettings) -> Iterator[Edit]:
    """The layer and the variables that are missing."""
    layer, lacking = missing(function, settings)
    level = setting(function, "LoggingConfig.ApplicationLogLevel")
    values = {
        SERVICE: settings["powertools_service"] or {"Ref": "AWS::StackName"},
        LEVEL: level if isinstance(level, str) else settings["application_level"],
    }
    if layer:
        yield function.append("Layers", layer)
    for name in lacking:
        yield function.set(("Environment", "Variables", name), values[name])


def _fitting_layer(function: Resource, arn: str | None) -> Any:
    """The layer as a property value, when the function can use it."""
    runtime = runtime_of(function)
    if not arn or runtime is None or runtime.family not in LANGUAGES.values():
        return None
    name = arn.rpartition(":layer:")[2].lower()
    families = {family for word, family in LANGUAGES.items() if word in name}
    versions = re.findall(r"python3([0-9]+)", name)
    architecture = re.search(r"arm64|x86_64", name)
    architectures = setting(function, "Architectures")
    if families and runtime.family not in families:
        return None
    if versions and runtime.family == "python" and str(runtime.version) not in versions:
        return None
    if architecture and (architectures is UNKNOWN or architecture[0] not in (architectures or ["x86_64"])):
        return None
    return {"Fn::Sub": arn} if "${" in arn else arn
