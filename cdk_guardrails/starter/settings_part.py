"""The settings file that a repository begins with."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.settings.files import FILE, PROFILES, TABLE, find
from cdk_guardrails.settings.values import ENVIRONMENT_NAME
from cdk_guardrails.starter.app_file import CdkApp
from cdk_guardrails.starter.files import Change, Part, appended, read_if_there

BASELINE_FILE: Final = "guardrails-baseline.json"

NAME: Final = "settings"

SETTINGS: Final = f"""\
# Settings of cdk-guardrails. `cdk-guardrails rules` lists the rules, `cdk-guardrails explain ID` shows one.

# What the app is deployed for: dev, staging or prod, the strictest profile. The tag Environment has this value, too.
# For another in one synth: cdk synth -c cdk-guardrails='{{"environment": "dev"}}'
environment = "@environment@"

# Known findings that do not fail the synth, each with a reason and a date. `cdk-guardrails baseline` writes the file.
baseline = "{BASELINE_FILE}"

# Tags for every resource that can have them.
# [tags]
# Owner = "payments"

# What holds for one rule: a severity ("off", "warning", "error"), or a table with its options.
# [rules]
# s3-access-logs = "warning"
# lambda-timeout = {{ severity = "warning", max_seconds = 120 }}

# What holds in one environment only. It is stronger than what stands above.
# [environments.dev.rules]
# s3-versioning = "off"

# An environment with a name of your own takes the profile that you give it, prod if you give none.
# [environments.qa]
# profile = "staging"
"""


def settings_part(app: CdkApp, environment: str) -> Part:
    """``[tool.cdk-guardrails]`` in the app's pyproject.toml when it has one, else guardrails.toml.

    Raises GuardrailsError when pyproject.toml is not TOML, or written so that no table can be added, and for an
    ``environment`` that is no name.
    """
    if not ENVIRONMENT_NAME.fullmatch(environment):
        raise GuardrailsError(f"--environment: expected a name, such as {', '.join(PROFILES)}, not {environment!r}")
    settings = SETTINGS.replace("@environment@", environment)
    if found := find(app.directory):
        return Part(NAME, why_not=f"{found[0]} is there, it stays as it is")
    project = app.directory / "pyproject.toml"
    before = read_if_there(project)
    if before is None:
        return Part(NAME, Change(app.directory / FILE, None, settings))
    after = appended(before, _as_tool(settings))
    _check(project, before, after)
    return Part(NAME, Change(project, before, after))


def _as_tool(settings: str) -> str:
    """The same settings below ``[tool.cdk-guardrails]``."""
    comment, _, rest = settings.partition("\n\n")
    return f"{comment}\n[tool.{TABLE}]\n{rest.replace('# [', f'# [tool.{TABLE}.')}"


def _check(project: Path, before: str, after: str) -> None:
    """Raises GuardrailsError unless ``after`` is TOML that says what ``before`` does, and the settings."""
    toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        old = toml.loads(before.removeprefix("\ufeff"))
    except ValueError as error:
        raise GuardrailsError(f"{project}: expected TOML: {error}") from None
    try:
        new = toml.loads(after.removeprefix("\ufeff"))
        del new["tool"][TABLE]
    except (ValueError, KeyError):
        new = None
    if new not in (old, {**old, "tool": {}}):
        raise GuardrailsError(f"{project}: [tool.{TABLE}] cannot be added to it: make a {FILE} beside it")
