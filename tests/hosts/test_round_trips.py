"""Calls between Python and Node are what an Aspect costs: their number must not grow with the app."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from jsii._kernel.providers.process import _NodeProcess

from cdk_guardrails import Guardrails
from tests.hosts.conftest import synth


def test_round_trips_do_not_grow_with_the_number_of_resources(
    new_app: Callable[..., cdk.App], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = 0
    send = _NodeProcess.send

    def counting(*args: object, **kwargs: object) -> object:
        nonlocal sent
        sent += 1
        return send(*args, **kwargs)  # type: ignore[arg-type]

    def round_trips(resources: int) -> int:
        nonlocal sent
        app = new_app(f"out{resources}")
        stack = cdk.Stack(app, "Stack")
        for number in range(resources):
            s3.Bucket(stack, f"Bucket{number}")
            logs.LogGroup(stack, f"Group{number}")  # brings a key, and outputs
        tags = {"Owner": "o", "Project": "p", "Department": "d"}
        cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, quiet=True))
        sent = 0
        synth(app)
        return sent

    monkeypatch.setattr(_NodeProcess, "send", counting)
    few = round_trips(2)
    assert round_trips(40) == few
    assert few < 30


def test_a_synth_loads_only_what_it_needs(tmp_path: Path, plain_env: dict[str, str]) -> None:
    code = """
import sys
import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from cdk_guardrails import Guardrails, suppress
app = cdk.App(outdir="cdk.out")
stack = cdk.Stack(app, "Shop")
key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
suppress(dynamodb.Table(stack, "Orders", partition_key=key), "dynamodb-billing", reason="steady traffic")
tags = {"Owner": "payments", "Project": "shop", "Department": "retail"}
cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags))
app.synth()
heavy = ("cdk_guardrails.source", "cdk_guardrails.rules.source.", "detect_secrets", "jinja2", "rich", "tree_sitter")
print([name for name in sys.modules if name.startswith(heavy)])
"""
    environment = {**plain_env, "CDK_VALIDATION": "false"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["[]"]), done.stderr
