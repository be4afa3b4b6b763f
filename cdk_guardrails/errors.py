"""The errors of the library: one base class; a message names the thing, what was expected and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GuardrailsError(Exception):
    """Base class of every error that cdk_guardrails raises on purpose."""


class SettingsError(GuardrailsError):
    """A setting has an unknown key, a wrong type or a value that is not allowed."""


class SuppressionError(GuardrailsError):
    """A suppression has no reason, no such rule, or names a rule that may not be suppressed."""


class TemplateError(GuardrailsError):
    """A file or a mapping is not a CloudFormation template."""


class SourceError(GuardrailsError):
    """A path that is to be linted is not there, or a file is no Python."""


class EditError(GuardrailsError):
    """An edit cannot be applied where it points to, for example below an intrinsic function."""


class RuleError(GuardrailsError):
    """A rule is not well formed: no id, a duplicate id, a field that is missing."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for an error message: `` Did you mean 'x'?``, or nothing when no known name is close."""
    matches = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f" Did you mean '{matches[0]}'?" if matches else ""
