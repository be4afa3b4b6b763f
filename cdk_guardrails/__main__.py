"""``python -m cdk_guardrails`` is the command ``cdk-guardrails``."""

from __future__ import annotations

import sys

from cdk_guardrails.cli import main

if __name__ == "__main__":
    sys.exit(main())
