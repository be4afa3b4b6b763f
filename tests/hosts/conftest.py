"""Synthesizing small apps with real CDK constructs, and looking at what came out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest

from cdk_guardrails.rules.registry import all_rules

CDK = tuple(int(part) for part in version("aws-cdk-lib").split(".")[:2])
since_262 = pytest.mark.skipif(CDK < (2, 262), reason="CDK's own reporting; before 2.262 cdk-nag's packs do not run")
HAS_LINES = CDK >= (2, 262)
"""Whether this CDK keeps the lines of Python that made a construct."""

STABILIZED = "@aws-cdk/core:aspectStabilization"


@pytest.fixture
def plain_env() -> dict[str, str]:
    """The environment of a user's shell: pytest's own variables change how CDK reports."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


@dataclass
class Synth:
    """What a synthesis left: the folder, what it raised (CDK raises under pytest when a finding is an error)."""

    folder: Path
    error: str

    def template(self, name: str) -> dict[str, Any]:
        """The template file whose name starts with ``name``, nested assemblies included."""
        files = sorted(file for file in self.folder.rglob("*.template.json") if file.name.startswith(name))
        assert len(files) == 1, f"{name}: {[file.name for file in files]}"
        return dict(json.loads(files[0].read_text()))

    def of_type(self, name: str, type_: str) -> list[dict[str, Any]]:
        """The properties of the template's resources of a type."""
        resources = self.template(name)["Resources"].values()
        return [resource.get("Properties", {}) for resource in resources if resource["Type"] == type_]

    @property
    def report(self) -> dict[str, Any]:
        """guardrails-report.json."""
        return dict(json.loads((self.folder / "guardrails-report.json").read_text()))

    @property
    def findings(self) -> list[str]:
        """``id @ construct path`` of every finding."""
        return [f"{finding['rule']} @ {finding['construct_path']}" for finding in self.report["findings"]]

    def bytes(self) -> dict[str, bytes]:
        """Every template, and our report. (CDK itself adds a metadata entry at each synthesis.)"""
        names = ("template.json", "guardrails-report.json")
        files = sorted(file for file in self.folder.rglob("*.json") if file.name.endswith(names))
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """CDK's own validation takes seconds; the tests that are about it switch it on."""
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture(params=[True, False], ids=["stabilized", "one-pass"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> cdk.App:
    """An app with and without the feature flag for aspect stabilization."""
    return cdk.App(outdir=str(tmp_path / "cdk.out"), context={STABILIZED: request.param})


@pytest.fixture
def new_app(tmp_path: Path) -> Callable[..., cdk.App]:
    """Makes apps with the flag on, each in a folder of its own."""

    def make(name: str = "cdk.out", **context: Any) -> cdk.App:
        return cdk.App(outdir=str(tmp_path / name), context={STABILIZED: True, **context})

    return make


def synth(app: cdk.App, **options: Any) -> Synth:
    """Synthesizes; an error of the validation is kept for the test to look at."""
    try:
        app.synth(**options)
        error = ""
    except (RuntimeError, jsii.errors.JSIIError) as raised:
        error = str(raised)
    return Synth(Path(app.outdir), error)


def only(*ids: str, **options: Any) -> dict[str, Any]:
    """Settings in which these rules alone are on."""
    return {id_: "off" for id_ in all_rules() if id_ not in ids} | {id_: options.get(id_, "error") for id_ in ids}
