"""The examples, as they are and with the one line: what comes out is the same each time, deployable, and better."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint

from cdk_guardrails.report.json_format import from_json
from cdk_guardrails.report.model import Report
from tests.hosts.conftest import since_262

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EXAMPLE = EXAMPLES / "serverless_api"
FULL_STACK = EXAMPLES / "full_stack"
LEFT = {"ec2-open-ingress[tcp:22]", "lambda-timeout[rest-api]", "lambda-timeout[visibility]", "sns-encryption"}
FIXED_SERVICES = {"apigw", "cloudtrail", "cognito", "dynamodb", "kms", "lambda", "s3", "sfn", "sns", "sqs", "vpc"}
WITH_NAG = """
import sys
import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks
from cdk_guardrails import Guardrails
from stack import OrdersStack

app = cdk.App()
OrdersStack(app, "Orders")
if sys.argv[1] == "guarded":
    tags = {"Owner": "o", "Project": "p", "Department": "d"}
    cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, quiet=True))
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
"""


def synthesize(outdir: Path, environment: dict[str, str], *command: str) -> Path:
    """Runs the example into ``outdir``; findings may fail it once all is written."""
    example = FULL_STACK if outdir.name.startswith("full stack") else EXAMPLE
    variables = {**environment, "CDK_OUTDIR": str(outdir), "PYTHONPATH": f"{environment['PYTHONPATH']}:{example}"}
    ran = subprocess.run(
        [sys.executable, *command], cwd=example, env=variables, capture_output=True, text=True, check=False
    )
    assert (outdir / "manifest.json").exists(), ran.stderr
    return outdir


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The examples naive and guarded, the first with two hash seeds and with cdk-nag, side by side."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    kept |= {"PYTHONPATH": str(EXAMPLES.parent), "CDK_VALIDATION": "true"}
    folder = tmp_path_factory.mktemp("example")
    runs: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
        "naive": (kept, ("app.py",)),
        "seed 0": (kept | {"PYTHONHASHSEED": "0"}, ("app_guarded.py",)),
        "seed 7": (kept | {"PYTHONHASHSEED": "7"}, ("app_guarded.py",)),
        "full stack naive": (kept, ("app.py",)),
        "full stack guarded": (kept, ("app_guarded.py",)),
        "nag naive": (kept, ("-c", WITH_NAG, "naive")),
        "nag guarded": (kept, ("-c", WITH_NAG, "guarded")),
    }
    with ThreadPoolExecutor(2) as pool:
        done = {name: pool.submit(synthesize, folder / name, env, *command) for name, (env, command) in runs.items()}
    return {name: run.result() for name, run in done.items()}


def reported(outdir: Path, plugin: str) -> set[tuple[str, str]]:
    """Rule and construct of what a plugin reported as an error, or as fatal."""
    report = json.loads((outdir / "validation-report.json").read_text())
    [found] = [entry for entry in report["pluginReports"] if entry["pluginName"] == plugin] or [{"violations": []}]
    return {
        (violation["ruleName"], construct["constructPath"])
        for violation in found["violations"]
        for construct in violation["violatingConstructs"]
    }


def errors_of(outdir: Path, plugin: str) -> set[str]:
    """The rules by which a plugin found errors."""
    report = json.loads((outdir / "validation-report.json").read_text())
    violations = [
        item for entry in report["pluginReports"] if entry["pluginName"] == plugin for item in entry["violations"]
    ]
    return {item["ruleName"] for item in violations if item["severity"] in ("error", "fatal")}


def ledger(outdir: Path) -> Report:
    """What Guardrails wrote beside the templates."""
    return from_json((outdir / "guardrails-report.json").read_text(encoding="utf-8"))


def test_the_hash_seed_changes_no_byte(synthesized: dict[str, Path]) -> None:
    def contents(outdir: Path) -> dict[str, Any]:
        # An old CDK writes absolute paths of templates and of its own modules into these.
        cdk_s_own = ("policy-validation-report.json", ".metadata.json")
        files = sorted(file for file in outdir.rglob("*") if file.is_file() and not file.name.endswith(cdk_s_own))
        return {str(file.relative_to(outdir)): file.read_bytes() for file in files}

    assert contents(synthesized["seed 0"]) == contents(synthesized["seed 7"])


def cfn_lint_errors(outdir: Path) -> set[tuple[str, str]]:
    """What cfn-lint calls errors in the templates of an assembly."""
    matches = [match for file in outdir.glob("*.template.json") for match in lint(file.read_text())]
    return {(match.rule.id, match.message) for match in matches if match.rule.id.startswith("E")}


def test_cfn_lint_finds_no_error(synthesized: dict[str, Path]) -> None:
    assert cfn_lint_errors(synthesized["seed 0"]) == set()
    assert cfn_lint_errors(synthesized["full stack guarded"]) == set()


@since_262
def test_cdk_s_own_validation_finds_nothing_new(synthesized: dict[str, Path]) -> None:
    plugin = "CloudFormation Validate"
    assert reported(synthesized["seed 0"], plugin) <= reported(synthesized["naive"], plugin)
    assert reported(synthesized["full stack guarded"], plugin) <= reported(synthesized["full stack naive"], plugin)
    assert errors_of(synthesized["full stack guarded"], plugin) == set()


@since_262
def test_what_is_left_of_the_full_stack_is_for_a_person(synthesized: dict[str, Path]) -> None:
    before = {finding.rule.partition("[")[0] for finding in ledger(synthesized["full stack guarded"]).fixes}
    left = {f.rule for f in ledger(synthesized["full stack guarded"]).findings if f.severity == "error"}
    assert left == LEFT
    assert {service.partition("-")[0] for service in before} >= FIXED_SERVICES


@since_262
def test_cdk_nag_no_longer_reports_what_was_fixed(synthesized: dict[str, Path]) -> None:
    """Real L1 properties were set: raw overrides would be invisible to it."""
    before, after = (
        {rule for rule, _ in reported(synthesized[name], "AwsSolutions")} for name in ("nag naive", "nag guarded")
    )
    fixed = {"AwsSolutions-S10", "AwsSolutions-DDB3", "AwsSolutions-APIG1"}
    assert fixed <= before
    assert not fixed & after
