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
"""The rules that read code add less than this share to a synth: to what ``python app.py`` takes."""

ROUNDS: Final = 15


class Measured(NamedTuple):
    """Medians in seconds: the run of the app without these rules, ``app.synth()`` in it, and what they add to that."""

    run: float
    synth: float
    adds: float

    @property
    def share(self) -> float:
        """What they add, as a share of the run without them."""
        return self.adds / self.run


def measure(rounds: int = ROUNDS) -> Measured:
    """Both variants take turns."""
    pairs = [(_synth("off"), _synth("on")) for _ in range(rounds)]
    off, on = ([pair[number] for pair in pairs] for number in (0, 1))
    synth = statistics.median(seconds for _, seconds in off)
    adds = statistics.median(seconds for _, seconds in on) - synth
    return Measured(statistics.median(seconds for seconds, _ in off), synth, adds)


def _synth(rules: str) -> tuple[float, float]:
    """The seconds of one run of the app, and of ``app.synth()`` in it."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "PYTHONPATH": f"{ROOT}{os.pathsep}{EXAMPLE}"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.code", rules, folder]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"full_stack with these rules {rules} failed:\n{done.stderr[-4000:]}")
    return seconds, float(done.stdout.splitlines()[-1])


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
        "| examples/full_stack | the run without them | `app.synth()` in it | they add | share of the run |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        f"| the rules that read functions' code | {measured.run:.2f} s | {measured.synth:.2f} s "
        f"| {measured.adds * 1e3:.0f} ms | {measured.share:.1%} |"
    )


if __name__ == "__main__":
    print(run(*sys.argv[1:]) if len(sys.argv) > 1 else table(measure()))
