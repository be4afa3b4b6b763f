"""lambda-handler-logging."""

from __future__ import annotations

import datetime
import textwrap
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-handler-logging"
TYPES = ("AWS::Lambda::Function", "AWS::Serverless::Function")

SILENT = """\
import boto3

def handler(event, context):
    try:
        return boto3.client("s3").list_buckets()
    except Exception:
        return None
"""

RESULT = (
    "line 3 of the inline code: the handler `handler` logs nothing: "
    "what came of an invocation, and that it went well, is not to be seen"
)
EXCEPT = "line 6 of the inline code: `except Exception` neither logs the error nor raises it again"


def template(code: Any, type_: str = TYPES[0], id_: str = "Handler", **properties: Any) -> dict[str, Any]:
    given = {"Code": {"ZipFile": code}} if type_ == TYPES[0] else {"InlineCode": code}
    base = {"Runtime": "python3.10", "Handler": "index.handler"}
    return {"Resources": {id_: {"Type": type_, "Properties": {**base, **given, **properties}}}}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def in_files(folder: Path, files: dict[str, str], functions: dict[str, dict[str, Any]]) -> list[Finding]:
    """The findings for SAM functions whose code lies in ``src`` beside their template."""
    for path, text in files.items():
        at = folder / "src" / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(textwrap.dedent(text), encoding="utf-8")
    app = App()
    base = {"Runtime": "python3.10", "CodeUri": "src", "Handler": "app.handler"}
    resources = {id_: {"Type": TYPES[1], "Properties": {**base, **given}} for id_, given in functions.items()}
    Template({"Resources": resources}, app=app, file=str(folder / "template.json"))
    outcome = engine.run(app, [rule_of(RULE)], Settings.load({}), Suppressions(datetime.date.min), fix=False)
    assert not outcome.crashes
    return outcome.findings


@pytest.mark.parametrize("type_", TYPES)
def test_neither_result_nor_error_is_logged(type_: str) -> None:
    found = assert_flags(template(SILENT, type_), RULE)
    assert [(finding.id, finding.message, finding.severity) for finding in found] == [
        (f"{RULE}[result]", RESULT, Severity.ERROR),
        (f"{RULE}[except]", EXCEPT, Severity.ERROR),
    ]
    assert [finding.location for finding in found] == ["Properties.Handler"] * 2
    assert found[1].remedy == 'Write logger.exception("what failed") there, or raise the error again.'


def test_minor_ones_are_warnings() -> None:
    code = "def handler(e, c):\n    try:\n        return e['a']()\n    except Exception as x:\n        print(x)\n"
    found = assert_flags(template(code), RULE)
    assert [(finding.id, finding.severity) for finding in found] == [
        (f"{RULE}[result]", Severity.WARNING),
        (f"{RULE}[print]", Severity.WARNING),
    ]
    assert found[1].message == (
        "line 4 of the inline code: `except Exception` prints its error: "
        "without a level, no filter and no alarm finds it"
    )


LOGGED = """\
import boto3, logging
logger = logging.getLogger()
def handler(event, context):
    try:
        found = boto3.client("s3").list_buckets()
    except Exception:
        logger.exception("cannot list")
        raise
    logger.info("listed", extra={"count": len(found)})
"""


@pytest.mark.parametrize(
    "properties",
    [
        {"Code": {"ZipFile": LOGGED}},
        {"Runtime": "java21"},
        {"Runtime": "python2.7"},
        {"Runtime": {"Ref": "Runtime"}},
        {"Runtime": "provided.al2023"},
        {"Handler": {"Ref": "Handler"}},
        {"Handler": "index.other"},
        {"Handler": "elsewhere.handler"},
        {"Handler": "handler"},
        {"Handler": ""},
        {"Code": {"S3Bucket": "code", "S3Key": "handler.zip"}},
        {"Code": {"ZipFile": {"Fn::Join": ["", ["def handler", {"Ref": "Rest"}]]}}},
        {"Code": {"ZipFile": "def handler(:"}},
        {"Code": {"ZipFile": "def handler(e, c): return '\0'"}},
        {"Code": {"ZipFile": "x = " + "(" * 10_000}},
        {"Code": {"ZipFile": "def handler(e, c): pass"}},
        {"Code": {"ZipFile": ""}},
        {"Code": {"ImageUri": "image"}, "PackageType": "Image"},
        {"Code": None},
    ],
)
def test_nothing_to_say(properties: dict[str, Any]) -> None:
    assert_clean(template(SILENT, **properties), RULE)


def test_functions_of_the_cdk_are_not_judged() -> None:
    assert_clean(template(SILENT, id_="CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F"), RULE)


def test_no_value_of_the_code_is_shown() -> None:
    code = (
        "import boto3\ndef handler(e, c):\n    try:\n        boto3.x('s3cr3t')\n    except f('s3cr3t'):\n        pass"
    )
    found = assert_flags(template(code), RULE)
    assert not any("s3cr3t" in str(finding) for finding in found)


def test_the_place_in_a_file(tmp_path: Path) -> None:
    files = {"app.py": "from orders.store import save\ndef handler(e, c):\n    print(save(e))\n"}
    files["orders/store.py"] = "def save(e):\n    try:\n        return e.put()\n    except Exception:\n        pass\n"
    [finding] = in_files(tmp_path, files, {"Save": {}})
    assert finding.message == "src/orders/store.py:4: `except Exception` neither logs the error nor raises it again"
    assert finding.origin.source == "src/orders/store.py:4"


def test_functions_that_share_code_share_its_problems(tmp_path: Path) -> None:
    files = {
        "one.py": "from shared import save\ndef handler(e, c): print(save(e))\n",
        "two.py": "from shared import save\ndef handler(e, c): print(save(e))\n",
        "three.py": "import boto3\nfrom shared import save\ndef handler(e, c): return boto3.client(save(e))\n",
        "shared.py": "def save(e):\n    try:\n        return e.put()\n    except Exception:\n        pass\n",
    }
    functions = {name: {"Handler": f"{name.lower()}.handler"} for name in ("One", "Two", "Three")}
    found = in_files(tmp_path, files, functions)
    assert [(finding.logical_id, finding.detail) for finding in found] == [("One", "except"), ("Three", "result")]
    assert found[0].message.endswith("nor raises it again; 2 other functions share this code")
    assert found[1].message.endswith("is not to be seen")


def test_two_functions_with_one_handler(tmp_path: Path) -> None:
    [finding] = in_files(tmp_path, {"app.py": "import boto3\ndef handler(e, c): return boto3.x()"}, {"A": {}, "B": {}})
    assert (finding.logical_id, finding.detail) == ("A", "result")
    assert finding.message.endswith("; 1 other function shares this code")


def test_two_problems_in_one_line(tmp_path: Path) -> None:
    code = "from contextlib import suppress\ndef handler(e, c):\n    print(e)\n"
    code += "    with suppress(Exception), suppress(OSError): save()\n"
    found = in_files(tmp_path, {"app.py": code}, {"Save": {}})
    assert [finding.message for finding in found] == [
        "src/app.py:4: `suppress(Exception)` neither logs the error nor raises it again",
        "src/app.py:4: `suppress(OSError)` neither logs the error nor raises it again",
    ]


def test_two_hundred_functions_share_a_bundle(tmp_path: Path) -> None:
    body = "".join(
        f"def f{number}(e):\n    try:\n        x()\n    except OSError as x:\n        log.error(x)\n"
        for number in range(500)
    )
    files = {"shared.py": body + "def save(e):\n    try:\n        x()\n    except Exception:\n        pass\n"}
    functions = {}
    for number in range(200):
        files[f"h{number}.py"] = (
            "import shared\ndef handler(e, c):\n    print(e)\n    shared.f1(e)\n    shared.save(e)\n"
        )
        functions[f"F{number}"] = {"Handler": f"h{number}.handler"}
    [finding] = in_files(tmp_path, files, functions)
    assert finding.message.endswith("; 199 other functions share this code")


def test_at_most_five_of_a_kind(tmp_path: Path) -> None:
    clause = "    try: save()\n    except Exception: pass\n"
    files = {"app.py": f"def handler(e, c):\n    print(e)\n{clause * 20}"}
    found = in_files(tmp_path, files, {"Save": {}})
    assert len(found) == 5
    lines = ", ".join(f"src/app.py:{number}" for number in range(14, 34, 2))
    assert found[4].message == (
        f"src/app.py:12: `except Exception` neither logs the error nor raises it again; the same at {lines} and 5 more"
    )
    assert found[3].message == "src/app.py:10: `except Exception` neither logs the error nor raises it again"


def test_a_layer_of_the_app(tmp_path: Path) -> None:
    layer = tmp_path / "layer" / "python"
    layer.mkdir(parents=True)
    (layer / "common.py").write_text("import logging\ndef failed(e): logging.error(e)\n")
    source = tmp_path / "src"
    source.mkdir()
    code = (
        "from common import failed\ndef handler(e, c):\n    print(e)\n    try:\n        x()\n"
        "    except Exception as e:\n        failed(e)\n"
    )
    (source / "app.py").write_text(code)
    properties = {"Runtime": "python3.10", "CodeUri": "src", "Handler": "app.handler"}

    def found(layers: Any) -> int:
        app = App()
        resources = {
            "Common": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layer"}},
            "Save": {"Type": TYPES[1], "Properties": {**properties, "Layers": layers}},
        }
        Template({"Resources": resources}, app=app, file=str(tmp_path / "template.json"))
        rules = [rule_of(RULE)]
        return len(engine.run(app, rules, Settings.load({}), Suppressions(datetime.date.min), fix=False).findings)

    assert found([{"Ref": "Common"}]) == 0
    assert found([]) == 1
    assert found(["arn:aws:lambda:eu-west-1:111122223333:layer:common:1"]) == 0
    assert found(["arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python310-x86_64:1"]) == 1
