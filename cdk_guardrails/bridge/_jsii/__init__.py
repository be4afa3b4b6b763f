"""Loads the jsii assembly of the bridge into the kernel. The tarball beside this file is made by setup.py."""

from __future__ import annotations

# The kernel must know what the assembly depends on.
import aws_cdk._jsii  # noqa: F401
import constructs._jsii  # noqa: F401
from jsii import JSIIAssembly

from cdk_guardrails._version import __version__

ASSEMBLY = JSIIAssembly.load(
    "cdk-guardrails", __version__, "cdk_guardrails.bridge", f"cdk-guardrails@{__version__}.jsii.tgz"
)
