"""The rules alone, without Node.js: how long all of them take over a template of some 500 resources.

``python -m tests.benchmarks.rules`` prints it as a multiple of what ``json.loads`` of the same file takes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from tests.benchmarks.settings import TAGS

LIMIT: Final = 20
"""All rules over a finished template take less than this many times ``json.loads`` of it."""

ROUNDS: Final = 15
SIZES: Final = {"guardrails": 110, "nothing": 340}
"""L2 constructs in one stack that make some 490 resources, by variant."""


@dataclass(frozen=True)
class Measured:
    """One template: resources, findings, and the best times of its reading and its judging, in seconds."""

    variant: str
    resources: int
    findings: int
    read: float
    judged: float

    @property
    def ratio(self) -> float:
        """How many times longer judging takes than reading."""
        return self.judged / self.read


def measure() -> list[Measured]:
    """A stack as Guardrails leave it, and one in which everything is wrong."""
    return [_measured(variant, _template(variant, size)) for variant, size in SIZES.items()]


def _template(variant: str, size: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        outdir = Path(folder) / "cdk.out"
        command = [sys.executable, "-m", "tests.benchmarks.one", str(size), variant, str(outdir), str(size)]
        subprocess.run(command, capture_output=True, check=True)
        [file] = outdir.glob("*.template.json")
        return file.read_text(encoding="utf-8")


def _measured(variant: str, text: str) -> Measured:
    rules = list(all_rules().values())
    settings = Settings(environment="prod", tags=TAGS)

    def judge() -> tuple[float, Any]:
        app = App()
        template = Template(json.loads(text), app=app)
        took, outcome = _timed(lambda: engine.run(app, rules, settings, Suppressions(settings.today), fix=False))
        return took, (len(template.resources), len(outcome.findings))

    read = min(_timed(lambda: json.loads(text))[0] for _ in range(ROUNDS))
    runs = [judge() for _ in range(ROUNDS)]
    resources, findings = runs[0][1]
    return Measured(variant, resources, findings, read, min(took for took, _ in runs))


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def table(measured: list[Measured]) -> str:
    """As Markdown."""
    names = {"guardrails": "as Guardrails leave it", "nothing": "with everything wrong"}
    lines = [
        "| a stack | resources | findings | `json.loads` | all rules | of `json.loads` |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in measured:
        times = f"{each.read * 1e3:.1f} ms | {each.judged * 1e3:.1f} ms | {each.ratio:.1f} x"
        lines.append(f"| {names[each.variant]} | {each.resources} | {each.findings} | {times} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure()))
