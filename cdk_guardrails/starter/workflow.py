"""The GitHub Actions workflow: synthesizes the app and uploads what was found to code scanning, as SARIF."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cdk_guardrails.starter.app_file import CdkApp
from cdk_guardrails.starter.files import Change, Part, read_if_there

FILE: Final = ".github/workflows/cdk-guardrails.yml"
NAME: Final = "GitHub Actions workflow"

_IN_WORKFLOW: Final = re.compile(r"\.|\w[\w.+-]*(/[\w.+-]+)*/?", re.ASCII)
"""Paths that mean the same to YAML, a shell and an expression of GitHub's."""

_INSTALL: Final[Mapping[str, tuple[str, ...]]] = {
    "uv.lock": (
        "python -m pip install uv",
        "uv sync",
        "uv pip install cdk-guardrails",
        'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"',
    ),
    "poetry.lock": (
        "python -m pip install poetry",
        "poetry config virtualenvs.create false",
        "poetry install --no-root",
        "python -m pip install cdk-guardrails",
    ),
    "Pipfile.lock": (
        "python -m pip install pipenv",
        "pipenv install --system --deploy",
        "python -m pip install cdk-guardrails",
    ),
    "requirements.txt": ("python -m pip install -r requirements.txt cdk-guardrails",),
    "pyproject.toml": ("python -m pip install . cdk-guardrails",),
    "": ("python -m pip install cdk-guardrails",),
}
"""How the app's libraries are installed, by the file that lists them; the first that is there counts."""

_WORKFLOW: Final = """\
name: cdk-guardrails

on:
  pull_request:
  push:
    branches: [main, master]

permissions:
  contents: read

jobs:
  synth:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      actions: read # needed by upload-sarif in private repositories
      security-events: write # to upload to code scanning
@defaults@    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - uses: actions/setup-node@v6
        with:
          node-version: 24
      - name: Install
        run: |
@install@
      - name: Synthesize
        run: npx --yes aws-cdk@2 synth --quiet
      # A synth that failed is the one whose findings are wanted.
      - name: Render the findings
        if: ${{ !cancelled() && hashFiles('@inside@@out@/guardrails-report.json') != '' }}
        run: cdk-guardrails report @out@ --format sarif -o guardrails.sarif
      - name: Upload them to code scanning
        if: ${{ !cancelled() && hashFiles('@inside@guardrails.sarif') != '' }}
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: @inside@guardrails.sarif
          category: cdk-guardrails
"""

_DEFAULTS: Final = """\
    defaults:
      run:
        working-directory: {folder}
"""


def workflow_part(app: CdkApp) -> Part:
    """The workflow, unless one runs cdk-guardrails already or the repository is GitLab's."""
    if why_not := _why_not(app):
        return Part(NAME, why_not=why_not)
    return Part(NAME, Change(app.root / FILE, None, workflow(app)))


def workflow(app: CdkApp) -> str:
    """The workflow's text. Actions are pinned to their major versions."""
    inside = f"{app.folder}/" if app.folder != "." else ""
    values = {
        "defaults": _DEFAULTS.format(folder=app.folder) if inside else "",
        "install": "\n".join(f"          {line}" for line in _install(app.directory)),
        "inside": inside,
        "out": app.output.rstrip("/"),
    }
    return re.sub(r"@(\w+)@", lambda match: values[match[1]], _WORKFLOW)


def _why_not(app: CdkApp) -> str:
    workflows = app.root / ".github" / "workflows"
    for file in sorted([*workflows.glob("*.yml"), *workflows.glob("*.yaml")]):
        if file == app.root / FILE or "cdk-guardrails" in (read_if_there(file) or ""):
            return f"{file} is there, it stays as it is"
    if (app.root / ".gitlab-ci.yml").is_file() and not workflows.is_dir():
        return "not for a repository with .gitlab-ci.yml; the how-to for GitLab has the lines for it"
    for name in (app.folder, app.output):
        if not _IN_WORKFLOW.fullmatch(name) or ".." in name.split("/"):
            return f"write it by hand: '{name}' is no plain path below the repository"
    return ""


def _install(directory: Path) -> tuple[str, ...]:
    return next(lines for name, lines in _INSTALL.items() if not name or (directory / name).is_file())
