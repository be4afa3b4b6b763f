"""Imports point one way (pyproject.toml, `tool.importlinter`), and most of the library starts no Node process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

WITHOUT_CDK = (
    "cdk_guardrails",
    "cdk_guardrails.template.loader",
    "cdk_guardrails.rules.s3.versioning",
    "cdk_guardrails.engine",
    "cdk_guardrails.settings",
    "cdk_guardrails.session",
    "cdk_guardrails.report",
    "cdk_guardrails.testing",
    "cdk_guardrails.docs_pages",
)
LOADED_CDK = "print(sorted({'aws_cdk', 'constructs', 'cdk_nag', 'jsii'} & set(sys.modules)))"


def test_the_contracts_hold(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(str(root / "pyproject.toml"), no_cache=True, no_logo=True)
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("module", WITHOUT_CDK)
def test_importing_it_loads_no_cdk(module: str, root: Path) -> None:
    assert run(f"import sys, {module}; {LOADED_CDK}", root) == "[]"


def test_all_rules_can_be_listed_without_the_cdk(root: Path) -> None:
    code = f"import sys; from cdk_guardrails.rules.registry import all_rules; assert all_rules(); {LOADED_CDK}"
    assert run(code, root) == "[]"


def test_the_public_names_are_loaded_when_used(root: Path) -> None:
    code = "import sys, cdk_guardrails; print(*dir(cdk_guardrails), 'aws_cdk' in sys.modules)"
    *names, loaded = run(code, root).split()
    assert {"Guardrails", "GuardrailsChecks", "suppress", "Tagging"} <= set(names)
    assert loaded == "False"


def test_every_public_name_exists() -> None:
    import cdk_guardrails

    assert [name for name in cdk_guardrails.__all__ if getattr(cdk_guardrails, name, None) is None] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    import cdk_guardrails

    with pytest.raises(AttributeError, match="no attribute 'Guardrail'"):
        _ = cdk_guardrails.Guardrail


def run(code: str, root: Path) -> str:
    """What ``code`` prints in a process in which no Node.js can be started."""
    environment = {**os.environ, "PYTHONPATH": str(root), "JSII_NODE": str(root / "no-such-node"), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
