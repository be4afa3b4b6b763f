"""What setup.py makes: the jsii tarball and tables of types, runtimes, actions. Never committed, not in the sdist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from build_support import iam_actions, jsii_tarball, lambda_runtimes, resource_types

ROOT: Final = Path(__file__).resolve().parent.parent
_VERSION_LINE: Final = re.compile(r'^__version__\b.*=\s*"([^"]+)"', re.MULTILINE)


def version() -> str:
    """The version in ``cdk_guardrails/_version.py``, read without importing the package."""
    match = _VERSION_LINE.search((ROOT / "cdk_guardrails" / "_version.py").read_text(encoding="utf-8"))
    if match is None:
        raise ValueError('cdk_guardrails/_version.py has no line __version__ = "..."')
    return match[1]


def build(target: Path) -> list[Path]:
    """Writes the artefacts below ``target``, the folder that holds ``cdk_guardrails``; returns the files."""
    package = target / "cdk_guardrails"
    tarball = jsii_tarball.write(ROOT / "cdk_guardrails" / "bridge" / "js", package / "bridge" / "_jsii", version())
    types = package / "resource_types.json"
    resource_types.write(types)
    runtimes = package / "lambda_runtimes.json"
    lambda_runtimes.write(runtimes)
    actions = package / "rules" / "iam" / "actions.json"
    iam_actions.write(actions)
    return [tarball, types, runtimes, actions]
