"""``python -m tests.benchmarks``: all variants at all sizes, interleaved round by round; writes docs/performance.md.

Exits 1 when Guardrails add more to synth than one empty Aspect does, at any size, when all rules together take 20
times as long as reading a template, when reading functions' code adds 5 % to a synth, when linting takes three times
as long as the linters that it asks, or when a check of 50 resources ends after cfn-lint has printed its version.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from cdk_guardrails import __version__
from tests.benchmarks import check, code, lint, rules

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PAGE: Final = ROOT / "docs" / "performance.md"
VARIANTS: Final = {
    "nothing": "nothing",
    "empty": "one empty Python Aspect",
    "guardrails": "Guardrails, prod",
    "guardrails_dev": "Guardrails, dev",
    "by_hand": "the same fixes as Python Aspects",
    "cdk_nag": "cdk-nag AwsSolutionsChecks",
}
INTRODUCTION: Final = """\
# Performance

Written by `make bench`. An app of N L2 constructs (buckets, tables, log groups, functions, queues, topics, roles and
REST APIs, `tests/benchmarks/apps.py`) is built and synthesized in a process of its own, with
`CDK_VALIDATION=false`: the CDK's built-in validation takes the same time in all. The variants take turns, round by
round. *synth* is the wall time of `app.synth()`, *process* that of the whole Python process, *adds* the median of
what a variant took more than "nothing" did in the same round, *trips* the messages from Python to the jsii kernel
during synth.

The Aspects written by hand are in `tests/benchmarks/by_hand.py`. Guardrails also check the finished
templates and write `guardrails-report.json`; the Aspects by hand do not, and fix what a few of the rules fix. cdk-nag
only checks; it runs in JavaScript.

In prod nearly everything in this app is wrong, and nearly three times as many resources come out as went in, mostly
alarms: the CDK's own time for them is part of what Guardrails add.
"""
RULES_ALONE: Final = """\
The engine and all rules of the profile prod over the template of one stack, in check mode, without Node.js; the best of
15 runs each. Where everything is wrong, making the findings takes most of the time."""
CODE: Final = """\
`examples/full_stack` with the rules that read the code of functions, and without, in turns; each run in a process
of its own. Runs differ by some 20 ms, about as much as these rules take."""

LINT: Final = """\
A generated app, linted by all source rules, against ruff and pyrefly alone, called as the rules call them and one after
the other; each a process of its own. *The first time* includes the index of the installed CDK, which is kept."""

CHECKING: Final = """\
One template of this app, as the CDK writes it, judged by `cdk-guardrails check` with the profile prod, by cfn-lint and
by Checkov (`--skip-download`), beside what cfn-lint takes to print its version; in turns, each a process of its
own."""


@dataclass(frozen=True)
class Row:
    """The medians of one variant at one size. Times are seconds."""

    variant: str
    synth: float
    adds: float
    process: float
    round_trips: int
    nodes: int
    resources: int


def measure(size: int, variant: str) -> dict[str, Any]:
    """One run; adds ``process``, the wall time of the whole process."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "PYTHONHASHSEED": "0", "JSII_DEPRECATED": "quiet"}
    for noisy in ("PYTEST_VERSION", "PYTEST_CURRENT_TEST", "CDK_OUTDIR", "CDK_CONTEXT_JSON"):
        environment.pop(noisy, None)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.one", str(size), variant, str(Path(folder) / "cdk.out")]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        process = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{variant} at {size} failed:\n{done.stderr[-4000:]}")
    return {**json.loads(done.stdout.splitlines()[-1]), "process": process}


def rows(size: int, rounds: int, variants: Sequence[str]) -> list[Row]:
    """Measures every variant in every round; the first of ``variants`` is what the others are compared with."""
    taken: dict[str, list[dict[str, Any]]] = {variant: [] for variant in variants}
    for number in range(rounds):
        for variant in variants if number % 2 == 0 else list(variants)[::-1]:
            taken[variant].append(measure(size, variant))
            print(f"{size} {variant} {taken[variant][-1]['synth']:.2f} s", file=sys.stderr)
    return [_row(variant, runs, taken[variants[0]]) for variant, runs in taken.items()]


def _row(variant: str, runs: list[dict[str, Any]], base: list[dict[str, Any]]) -> Row:
    return Row(
        variant,
        statistics.median(run["synth"] for run in runs),
        statistics.median(run["synth"] - nothing["synth"] for run, nothing in zip(runs, base, strict=True)),
        statistics.median(run["process"] for run in runs),
        runs[0]["round_trips"],
        runs[0]["nodes"],
        sum(runs[0]["resources"]),
    )


def table(measured: Iterable[Row]) -> str:
    """The rows of one size as Markdown, with what each adds as a multiple of what the empty Aspect adds."""
    measured = list(measured)
    empty = next(row.adds for row in measured if row.variant == "empty")
    lines = [
        "| with | synth | adds | of an empty Aspect | process | trips | resources |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in measured:
        adds = "" if row.variant == "nothing" else f"{row.adds:.2f} s"
        ratio = f"{row.adds / empty:.1f} x" if adds and empty > 0 else ""
        lines.append(
            f"| {VARIANTS[row.variant]} | {row.synth:.2f} s | {adds} | {ratio} | {row.process:.2f} s "
            f"| {row.round_trips:,} | {row.resources:,} |"
        )
    return "\n".join(lines)


def machine(node: str) -> str:
    """Cores and versions, and nothing that names the machine."""
    listed = ", ".join(f"{name} {version(name)}" for name in ("aws-cdk-lib", "cdk-nag", "jsii"))
    cores = f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}"
    return f"{cores}, Python {platform.python_version()}, Node.js {node}, {listed}, cdk-guardrails {__version__}."


def _node_version() -> str:
    command = [os.environ.get("JSII_NODE", "node"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().lstrip("v")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, writes the page unless ``--no-page``, and judges."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 500, 2000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-page", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    parts, slow = [INTRODUCTION, f"{options.rounds} rounds; {machine(_node_version())}"], []
    for size in options.sizes:
        measured = rows(size, options.rounds, list(VARIANTS))
        adds = {row.variant: row.adds for row in measured}
        if adds["guardrails"] > adds["empty"]:
            slow.append(size)
        parts += [f"## {size:,} L2 constructs ({measured[0].nodes:,} nodes)", table(measured)]
    alone = rules.measure()
    parts += ["## The rules alone", RULES_ALONE, rules.table(alone)]
    reading = code.measure()
    parts += ["## Reading the code of functions", CODE, code.table(reading)]
    linting = lint.measure()
    parts += ["## Linting the app's own source", LINT, lint.table(linting)]
    checking = check.measure()
    parts += ["## Checking a template", CHECKING, check.table(checking)]
    page = "\n\n".join(parts) + "\n"
    print(page)
    if not options.no_page:
        PAGE.write_text(page, encoding="utf-8")
    missed = [f"Guardrails add more than one empty Aspect at {slow}"] if slow else []
    if alone[0].ratio >= rules.LIMIT:
        missed.append(f"all rules take {alone[0].ratio:.0f} times json.loads")
    if reading.share >= code.LIMIT:
        missed.append(f"reading code adds {reading.share:.0%} to a synth")
    if linting.ratio >= lint.LIMIT:
        missed.append(f"linting takes {linting.ratio:.1f} times ruff and pyrefly alone")
    if checking.ratio >= check.LIMIT:
        missed.append(f"a check takes {checking.ratio:.1f} times {check.VERSION}")
    print("\n".join(missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
