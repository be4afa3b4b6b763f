"""What stands on the other side of a nested stack is seen in the finished templates, too."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from cdk_guardrails import Guardrails
from tests.hosts.conftest import only, synth

NewApp = Callable[..., cdk.App]


@pytest.mark.parametrize("alarms_are_inside", [True, False])
def test_alarms_on_the_other_side_of_a_nested_stack(new_app: NewApp, alarms_are_inside: bool) -> None:
    app = new_app()
    stack = cdk.Stack(app, "Stack")
    nested = cdk.NestedStack(stack, "Nested")
    watching, working = (nested, stack) if alarms_are_inside else (stack, nested)
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    runtime = lambda_.Runtime.PYTHON_3_13
    function = lambda_.Function(working, "Handler", runtime=runtime, handler="index.handler", code=code)
    for metric in (function.metric_errors(), function.metric_throttles(), function.metric_duration()):
        cloudwatch.Alarm(watching, str(metric.metric_name), metric=metric, threshold=1, evaluation_periods=1)
    cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("lambda-alarms"), quiet=True))
    assert not synth(app).error
