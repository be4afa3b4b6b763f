"""Calls between Python and Node are what an Aspect costs: their number must not grow with the app."""

from __future__ import annotations

from collections.abc import Callable

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
