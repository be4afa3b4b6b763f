"""What the source rules take beside the linters of others: an app of 50 files, and ruff and pyrefly alone on it.

``python -m tests.benchmarks.lint`` prints it as a ratio. All are measured in turns, each as a process of its own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.source.cdk_store import FOLDER
from cdk_guardrails.source.linters import AnyLinter
from cdk_guardrails.source.project import Project, python_files
from cdk_guardrails.source.ruff import RUFF
from cdk_guardrails.source.type_checker import PYREFLY
from tests.benchmarks import lint_app

ROOT: Final = Path(__file__).resolve().parent.parent.parent

FILES: Final = 50
ROUNDS: Final = 7

LIMIT: Final = 3.0
"""Linting takes less than so many times what ruff and the type checker take, one after the other."""


class Measured(NamedTuple):
    """Medians in seconds. ``first`` is the lint that has to index the installed CDK, as after an upgrade."""

    files: int
    lines: int
    ruff: float
    pyrefly: float
    lint: float
    first: float

    @property
    def ratio(self) -> float:
        """The lint in multiples of the linters of others alone."""
        return self.lint / (self.ruff + self.pyrefly)


def measure(rounds: int = ROUNDS, files: int = FILES) -> Measured:
    """Every round measures all; the index is made before the first."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        app = Path(folder).resolve()
        lint_app.write(app, files)
        first = lint(app, {FOLDER: cache})
        taken = [(alone(RUFF, app), alone(PYREFLY, app), lint(app, {FOLDER: cache})) for _ in range(rounds)]
        lines = sum(file.read_text(encoding="utf-8").count("\n") for file in python_files([app]))
    ruff, pyrefly, ours = (statistics.median(each) for each in zip(*taken, strict=True))
    return Measured(files, lines, ruff, pyrefly, ours, first)


def alone(linter: AnyLinter, app: Path) -> float:
    """The seconds that a linter takes, called as the rules call it. Raises GuardrailsError when it fails."""
    project = Project(python_files([app]))
    _ = [module.text for module in project.modules]
    started = time.perf_counter()
    problem = linter.problem(project)
    if problem:
        raise problem
    return time.perf_counter() - started


def lint(app: Path, environment: Mapping[str, str]) -> float:
    """The seconds of ``cdk-guardrails lint``, with the start of Python. Raises GuardrailsError when it fails."""
    command = [sys.executable, "-m", "cdk_guardrails", "lint", str(app), "--format", "json"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=app, env=variables, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - started
    if done.returncode not in (0, 1) or '"findings"' not in done.stdout or "linter-" in done.stdout:
        raise GuardrailsError(f"lint ended with {done.returncode}:\n{done.stderr[-2000:]}{done.stdout[-2000:]}")
    return taken


def table(measured: Measured) -> str:
    """As Markdown."""
    return (
        "| an app of | ruff | pyrefly | `cdk-guardrails lint` | of both alone | the first time |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {measured.files} files, {measured.lines:,} lines | {measured.ruff:.2f} s | {measured.pyrefly:.2f} s "
        f"| {measured.lint:.2f} s | {measured.ratio:.1f} x | {measured.first:.2f} s |"
    )


if __name__ == "__main__":
    print(table(measure()))
