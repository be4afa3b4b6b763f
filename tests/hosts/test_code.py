"""The code of functions through the real CDK: assets in stacks, Stages, nested stacks and layers; what is unread."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_guardrails import Guardrails
from tests.hosts.conftest import HAS_LINES, Synth, only, synth

NewApp = Callable[..., cdk.App]
RULE = "lambda-missing-dependency"
USES_REQUESTS = "import json\n\nimport requests\n\n\ndef handler(event, context):\n    return json.dumps(event)\n"


@pytest.fixture(autouse=True)
def _in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("orders/app.py", USES_REQUESTS)
    write("layer/python/requests/__init__.py", "")


def asset(path: str) -> lambda_.AssetCode:
    """An absolute path: the one Node.js process of the tests stays in the folder that it was started in."""
    return lambda_.Code.from_asset(str(Path(path).resolve()))


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def function(scope: Construct, name: str = "Orders", **more: Any) -> lambda_.Function:
    given = {"handler": "app.handler", "code": asset("orders"), **more}
    return lambda_.Function(scope, name, runtime=lambda_.Runtime.PYTHON_3_13, **given)


def checked(app: cdk.App) -> Synth:
    cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only(RULE, **{RULE: {}}), mode="check", quiet=True))
    return synth(app)


def places(result: Synth) -> list[str]:
    """``id @ construct path (file:line)`` of every finding."""
    found = result.report["findings"]
    return sorted(f"{item['rule']} @ {item['construct_path']} ({item['source']})" for item in found)


def test_the_finding_is_at_the_line_of_the_source(app: cdk.App) -> None:
    function(cdk.Stack(app, "Stack"))
    assert places(checked(app)) == [f"{RULE}[requests] @ Stack/Orders/Resource (orders/app.py:3)"]


def test_stages_and_nested_stacks_are_read(app: cdk.App) -> None:
    function(cdk.NestedStack(cdk.Stack(app, "Stack"), "Nested"))
    function(cdk.Stack(cdk.Stage(app, "Prod"), "Stack"))
    assert places(checked(app)) == [
        f"{RULE}[requests] @ Prod/Stack/Orders/Resource (orders/app.py:3)",
        f"{RULE}[requests] @ Stack/Nested/Orders/Resource (orders/app.py:3)",
    ]


def test_a_layer_of_the_app_provides(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    layer = lambda_.LayerVersion(stack, "Layer", code=asset("layer"))
    function(stack, layers=[layer])
    assert places(checked(app)) == []


def test_a_layer_of_another_stack_provides(app: cdk.App) -> None:
    layer = lambda_.LayerVersion(cdk.Stack(app, "Layers"), "Layer", code=asset("layer"))
    function(cdk.Stack(app, "Stack"), layers=[layer])
    assert places(checked(app)) == []


def test_a_zip_file_is_read(app: cdk.App) -> None:
    with zipfile.ZipFile("orders.zip", "w") as archive:
        archive.writestr("app.py", USES_REQUESTS)
    function(cdk.Stack(app, "Stack"), code=asset("orders.zip"))
    [found] = places(checked(app))
    assert found.startswith(f"{RULE}[requests] @ Stack/Orders/Resource")


def test_inline_code_is_read(app: cdk.App) -> None:
    function(cdk.Stack(app, "Stack"), code=lambda_.Code.from_inline(USES_REQUESTS), handler="index.handler")
    [found] = places(checked(app))
    assert found.startswith(f"{RULE}[requests] @ Stack/Orders/Resource (")
    assert f"{Path(__file__).name}:" in found or not HAS_LINES


def test_what_cannot_be_read_is_said_once(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    write("image/Dockerfile", "FROM scratch\n")
    lambda_.DockerImageFunction(
        stack, "Image", code=lambda_.DockerImageCode.from_image_asset(str(Path("image").resolve()))
    )
    bucket = s3.Bucket.from_bucket_name(stack, "Elsewhere", "elsewhere")
    function(stack, "Bought", code=lambda_.Code.from_bucket(bucket, "bought.zip"))
    function(cdk.Stack(app, "Other"), "Sold", code=lambda_.Code.from_bucket(bucket, "sold.zip"))
    result = checked(app)
    [found] = result.report["findings"]
    assert (found["rule"], found["severity"]) == (f"{RULE}[unread]", "warning")
    for part in ("3 functions", "container image", "not in the cloud assembly"):
        assert part in found["message"]
    assert result.error == ""
