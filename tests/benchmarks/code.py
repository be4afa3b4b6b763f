"""What reading the code of functions adds to a synth: ``examples/full_stack`` with those rules and without.

``python -m tests.benchmarks.code`` prints it as a share of the synth. One run is a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent.parent
EXAMPLE: Final = ROOT / "examples" / "full_stack"
RULES: Final = (
    "lambda-correlation-id",
    "lambda-handler-logging",
    "lambda-missing-dependency",
    "lambda-shared-layer",
)

LIMIT: Final = 0.05
"""The rules that read code add less than this share to the synth."""

ROUNDS: Final = 9


class Measured(NamedTuple):
    """Medians in seconds: the synth without these rules, and what they add to it in the same round."""

    without: float
    adds: float

    @property
    def share(self) -> float:
        """What they add, as a share of the synth without them."""
        return self.adds / self.without


def measure(rounds: int = ROUNDS) -> Measured:
    """Both variants take turns."""
    pairs = [(_synth("off"), _synth("on")) for _ in range(rounds)]
    without = statistics.median(off for off, _ in pairs)
    return Measured(without, statistics.median(on - off for off, on in pairs))


def _synth(rules: str) -> float:
    environment = {**os.environ, "CDK_VALIDATION": "false", "PYTHONPATH": f"{ROOT}{os.pathsep}{EXAMPLE}"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.code", rules, folder]
        done = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"full_stack with these rules {rules} failed:\n{done.stderr[-4000:]}")
    return float(done.stdout.splitlines()[-1])


def run(rules: str, outdir: str) -> float:
    """The seconds of one ``app.synth()``, in this process."""
    import aws_cdk as cdk
    from shop import make_stacks

    from cdk_guardrails import Guardrails

    off = dict.fromkeys(RULES, "off") if rules == "off" else {}
    app = cdk.App(outdir=outdir)
    make_stacks(app)
    cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=off, quiet=True))
    return _timed(app.synth)


def _timed(synth: Callable[[], object]) -> float:
    started = time.perf_counter()
    with contextlib.suppress(RuntimeError):  # findings fail the synth, when all is written
        synth()
    return time.perf_counter() - started


def table(measured: Measured) -> str:
    """As Markdown."""
    return (
        "| examples/full_stack | synth without them | they add | share |\n"
        "| --- | ---: | ---: | ---: |\n"
        f"| the rules that read functions' code | {measured.without:.2f} s | {measured.adds * 1e3:.0f} ms "
        f"| {measured.share:.1%} |"
    )


if __name__ == "__main__":
    print(run(*sys.argv[1:]) if len(sys.argv) > 1 else table(measure()))
