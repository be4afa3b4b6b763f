"""The version, written here and nowhere else: setup.py, the jsii assembly and the reports read it."""

from __future__ import annotations

from typing import Final

__version__: Final = "0.1.0"
