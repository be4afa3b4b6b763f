"""Writes what the examples' reports look like in every format, into tests/report/golden.

``--synth`` makes the reports anew first, by a synth of the examples (needs Node.js). ``--check`` only fails when a file
is out of date.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cdk_guardrails.report.json_format import from_json
from cdk_guardrails.report.output import render

ROOT: Final = Path(__file__).resolve().parent.parent
GOLDEN: Final = ROOT / "tests" / "report" / "golden"
EXAMPLES: Final = ("serverless_api", "full_stack")
SUFFIXES: Final = {
    "table": ".txt",
    "sarif": ".sarif",
    "junit": ".junit.xml",
    "markdown": ".md",
    "github": ".github.txt",
    "html": ".html",
}
"""The formats and what their files end in."""


def wanted() -> dict[Path, str]:
    """Every golden file and what it should hold."""
    files: dict[Path, str] = {}
    for example in EXAMPLES:
        report = from_json((GOLDEN / f"{example}.json").read_text("utf-8"), example)
        with _repository(example):
            files |= {GOLDEN / f"{example}{suffix}": render(report, name) for name, suffix in SUFFIXES.items()}
    return files


def stale() -> list[Path]:
    """Golden files that are missing or differ from what they should hold."""
    return [path for path, text in wanted().items() if not path.exists() or path.read_bytes() != text.encode()]


@contextlib.contextmanager
def _repository(example: str) -> Iterator[None]:
    """The current folder is the example's in a repository of the same form, wherever this one lies."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "examples", example)
        folder.mkdir(parents=True)
        Path(root, ".git").mkdir()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def _synth(example: str) -> None:
    """Findings fail the synth, after all files are written."""
    folder = ROOT / "examples" / example
    with tempfile.TemporaryDirectory() as outdir:
        environment = {**os.environ, "CDK_OUTDIR": outdir, "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [sys.executable, "app_guarded.py"], cwd=folder, env=environment, capture_output=True, check=False
        )
        text = Path(outdir, "guardrails-report.json").read_text("utf-8")
    if str(ROOT) in text:
        sys.exit(f"{example}: the report names {ROOT}: {json.dumps(text[text.index(str(ROOT)) :][:200])}")
    (GOLDEN / f"{example}.json").write_text(text, "utf-8")


def main(arguments: list[str]) -> int:
    """0 when all is up to date, or has been written."""
    if "--synth" in arguments:
        for example in EXAMPLES:
            _synth(example)
    paths = stale()
    for path in paths:
        print(f"{'out of date' if '--check' in arguments else 'written'}: {path.relative_to(ROOT)}")
    if "--check" in arguments:
        return 1 if paths else 0
    files = wanted()
    for path in paths:
        path.write_bytes(files[path].encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
