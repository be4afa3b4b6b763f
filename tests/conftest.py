"""What all tests share: a Node.js that jsii supports, the folder of the checkout, the CDK CLI."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import node  # noqa: E402

node.use()

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def cdk_cli(root: Path) -> Path:
    """The real CDK CLI; skips without it, except in CI, where it must be there."""
    cli = root / ".cdk-cli" / "node_modules" / ".bin" / "cdk"
    if not cli.exists():
        missing = "the CDK CLI is not installed: `make test` does it, with npm"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return cli
