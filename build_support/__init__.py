"""What setup.py makes: the jsii tarball and the table of resource types. Never committed, never in the sdist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from build_support import jsii_tarball, resource_types

ROOT: Final = Path(__file__).resolve().parent.parent
_VERSION_LINE: Final = re.compile(r'^__version__\b.*=\s*"([^"]+)"', re.MULTILINE)


def version() -> str:
    """The version in ``cdk_guardrails/_version.py``, read without importing the package."""
    match = _VERSION_LINE.search((ROOT / "cdk_guardrails" / "_version.py").read_text(encoding="utf-8"))
    if match is None:
        raise ValueError('cdk_guardrails/_version.py has no line __version__ = "..."')
    return match[1]


def build(target: Path) -> list[Path]:
    """Writes both artefacts below ``target``, the folder that holds ``cdk_guardrails``; returns the files."""
    package = target / "cdk_guardrails"
    tarball = jsii_tarball.write(ROOT / "cdk_guardrails" / "bridge" / "js", package / "bridge" / "_jsii", version())
    types = package / "resource_types.json"
    resource_types.write(types)
    return [tarball, types]
