"""CDK Aspects that fix and flag misconfigured AWS resources at synth time.

The names are loaded on first use (PEP 562), so that importing a rule or the settings starts no Node process.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from cdk_guardrails._version import __version__

if TYPE_CHECKING:
    from cdk_guardrails.aspects import (
        Alarms,
        Capacity,
        DataProtection,
        DeployOrder,
        Encryption,
        Guardrails,
        Identity,
        Logging,
        Maintainability,
        Outputs,
        PublicAccess,
        RemovalPolicies,
        Tagging,
        Throttling,
        Tracing,
        suppress,
    )
    from cdk_guardrails.checks import GuardrailsChecks
    from cdk_guardrails.errors import GuardrailsError

__all__ = [
    "Alarms",
    "Capacity",
    "DataProtection",
    "DeployOrder",
    "Encryption",
    "Guardrails",
    "GuardrailsChecks",
    "GuardrailsError",
    "Identity",
    "Logging",
    "Maintainability",
    "Outputs",
    "PublicAccess",
    "RemovalPolicies",
    "Tagging",
    "Throttling",
    "Tracing",
    "__version__",
    "suppress",
]

_ELSEWHERE = {"GuardrailsChecks": "checks", "GuardrailsError": "errors"}

_SOURCE_LINES = "JSII_HOST_STACK_TRACES"
# jsii reads this at every call; with it CDK's reports name the user's file and line. A user's own choice is kept.
_source_lines_are_ours = _SOURCE_LINES not in os.environ
os.environ.setdefault(_SOURCE_LINES, "1")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, 'aspects')}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
