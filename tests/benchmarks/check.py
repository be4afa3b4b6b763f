"""What ``cdk-guardrails check`` of a template takes beside cfn-lint and Checkov, each a process of its own.

``python -m tests.benchmarks.check`` prints it. Checkov is looked for on the PATH or in the environment variable
``CHECKOV`` and is left out where there is none; the others are those of this Python.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent.parent

SIZE: Final = 30
"""L2 constructs that make some 50 resources."""

ROUNDS: Final = 9

LIMIT: Final = 1.0
"""A check ends in less than this share of the time in which cfn-lint prints its version."""

CHECK: Final = "cdk-guardrails check"
VERSION: Final = "cfn-lint --version"

_JUDGED: Final = {CHECK: (0, 1), VERSION: (0,), "cfn-lint": (0, *range(2, 15, 2)), "checkov": (0, 1)}
"""What they end with when they have judged: cfn-lint adds up 2 for errors, 4 for warnings and 8 for remarks."""


class Time(NamedTuple):
    """Medians in seconds: on the clock, and of the processor, which does not grow when others use it, too."""

    wall: float
    cpu: float


class Measured(NamedTuple):
    """The times by command."""

    resources: int
    times: Mapping[str, Time]

    @property
    def ratio(self) -> float:
        """The check in multiples of ``cfn-lint --version``, by the clock."""
        return self.times[CHECK].wall / self.times[VERSION].wall


def measure(rounds: int = ROUNDS, template: str = "") -> Measured:
    """Every round runs all, in turns. ``template``: its text; "": one with some 50 resources, as CDK writes it."""
    text = template or _template()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.template.json"
        file.write_text(text, encoding="utf-8")
        commands = _commands(str(file))
        for name, command in commands.items():  # so that all have their bytecode and are in the disk's cache
            run(name, command, folder)
        taken = [{name: run(name, command, folder) for name, command in commands.items()} for _ in range(rounds)]
    times = {name: _median([each[name] for each in taken]) for name in commands}
    return Measured(len(json.loads(text)["Resources"]), times)


def _template() -> str:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.one", str(SIZE), "nothing", f"{folder}/cdk.out"]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "CDK_VALIDATION": "false"}, capture_output=True, check=True
        )
        [file] = Path(folder).glob("cdk.out/*.template.json")
        return file.read_text(encoding="utf-8")


def _commands(file: str) -> dict[str, list[str]]:
    cfn_lint = shutil.which("cfn-lint", path=sysconfig.get_path("scripts")) or "cfn-lint"
    commands = {
        CHECK: [sys.executable, "-m", "cdk_guardrails", "check", file],
        VERSION: [cfn_lint, "--version"],
        "cfn-lint": [cfn_lint, file],
    }
    checkov = os.environ.get("CHECKOV") or shutil.which("checkov")
    if checkov:
        commands["checkov"] = [checkov, "--framework", "cloudformation", "--compact", "--skip-download", "--file", file]
    return commands


def run(name: str, command: Sequence[str], cwd: str) -> Time:
    """The times of a process in the folder ``cwd``. Raises RuntimeError when it fails, findings aside."""
    # Bytecode is kept, as for a person: without it, starting Python is all that would be measured.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    before, started = _processor(), time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    taken = Time(time.perf_counter() - started, _processor() - before)
    if done.returncode not in _JUDGED[name] or "Traceback" in done.stderr:
        raise RuntimeError(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return taken


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _median(times: Sequence[Time]) -> Time:
    return Time(*(statistics.median(each) for each in zip(*times, strict=True)))


def table(measured: Measured) -> str:
    """As Markdown."""
    version = measured.times[VERSION].wall
    lines = [
        f"| {measured.resources} resources | time | of the processor | of `{VERSION}` |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, taken in measured.times.items():
        lines.append(f"| `{name}` | {taken.wall:.2f} s | {taken.cpu:.2f} s | {taken.wall / version:.1f} x |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure()))
