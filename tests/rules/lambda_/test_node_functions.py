"""The rules that read code, about functions in Node.js."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

MISSING = "lambda-missing-dependency"
LOGGING = "lambda-handler-logging"
IDS = "lambda-correlation-id"

NOWHERE = "which is neither in its bundle nor part of Node.js or its runtime"
OLD = "which is not in its bundle; of the AWS SDK, nodejs22.x ships version 3, @aws-sdk/client-..."
UNSEEN = "what came of an invocation, and that it went well, is not to be seen"

POWERTOOLS = (
    "const { Logger } = require('@aws-lambda-powertools/logger');\nconst logger = new Logger();\n"
    "exports.handler = async () => { logger.info('done') };"
)

GOOD = """\
const { S3Client, GetObjectCommand } = require("@aws-sdk/client-s3");
const s3 = new S3Client();
exports.handler = async (event) => {
  try {
    const found = await s3.send(new GetObjectCommand({ Bucket: "orders", Key: event.key }));
    console.info("order read", { key: event.key, size: found.ContentLength });
    return found.ContentLength;
  } catch (error) {
    console.error("cannot read the order", error);
    throw error;
  }
};
"""


def template(code: Any, **properties: Any) -> dict[str, Any]:
    base = {"Runtime": "nodejs22.x", "Handler": "index.handler", "Code": {"ZipFile": code}}
    return {"Resources": {"Handler": {"Type": "AWS::Lambda::Function", "Properties": {**base, **properties}}}}


@pytest.mark.parametrize("rule", [MISSING, LOGGING, IDS])
@pytest.mark.parametrize("runtime", ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"])
def test_a_good_function(rule: str, runtime: str) -> None:
    assert_clean(template(GOOD, Runtime=runtime), rule)
    assert_clean(template(GOOD, Runtime=runtime, LoggingConfig={"LogFormat": "JSON"}), rule)


def test_missing_packages() -> None:
    code = f"const axios = require('axios');\nconst AWS = require('aws-sdk');\n{GOOD}"
    found = assert_flags(template(code), MISSING)
    assert [(finding.id, finding.severity, finding.message) for finding in found] == [
        (
            f"{MISSING}[axios]",
            Severity.ERROR,
            f"line 1 of its inline code imports axios, {NOWHERE}",
        ),
        (
            f"{MISSING}[aws-sdk]",
            Severity.ERROR,
            f"line 2 of its inline code imports aws-sdk, {OLD}",
        ),
    ]
    assert found[0].remedy == "Install what provides axios into the bundle, or into a layer of the function."
    assert found[1].remedy == "Use the AWS SDK that the runtime ships, or install aws-sdk into the bundle."


def test_the_sdk_of_the_runtime_need_not_be_packaged() -> None:
    assert_clean(template(GOOD), MISSING, options={"require_packaged_boto3": True})


def test_cfn_response() -> None:
    assert_clean(template(f"const response = require('cfn-response');\n{GOOD}"), MISSING)


def test_a_handler_that_is_not_exported() -> None:
    message = "Handler is index.main, but index.js does not export main; it exports handler"
    [finding] = assert_flags(template(GOOD, Handler="index.main"), MISSING, path="Handler", message=message)
    assert finding.id == f"{MISSING}[handler]"


def test_how_a_handler_logs() -> None:
    code = (
        "exports.handler = async (event) => {\n  try {\n    await f();\n  } catch (err) {\n    return null;\n  }\n};\n"
    )
    found = assert_flags(template(code), LOGGING)
    assert [(finding.id, finding.severity, finding.message) for finding in found] == [
        (
            f"{LOGGING}[result]",
            Severity.ERROR,
            f"line 1 of the inline code: the handler `handler` logs nothing: {UNSEEN}",
        ),
        (
            f"{LOGGING}[except]",
            Severity.ERROR,
            "line 4 of the inline code: `catch (err)` neither logs the error nor throws it again",
        ),
    ]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "const log = require('pino')();\nexports.handler = async () => { log.info('done') };",
            "no log call carries a correlation id, and Lambda adds none to lines that console does not write",
        ),
        (
            "exports.handler = async () => { process.stdout.write('done') };",
            "no log call carries a correlation id, and Lambda adds none to what is written to a stream",
        ),
        (
            POWERTOOLS,
            "Powertools' Logger adds no request id to its lines without addContext or injectLambdaContext",
        ),
    ],
)
def test_lines_without_an_id(code: str, says: str) -> None:
    [finding] = assert_flags(template(code), IDS, path="Handler")
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith(f" of the inline code: {says}")
    assert finding.remedy.startswith("Log with console, whose lines carry Lambda's request id, or with the Logger of ")


@pytest.mark.parametrize("runtime", ["nodejs", "nodejs99", "provided.al2023"])
def test_runtimes_that_are_not_known(runtime: str) -> None:
    for rule in (MISSING, LOGGING, IDS):
        assert_clean(template("exports.handler = async () => { require('axios') }", Runtime=runtime), rule)


def checked(folder: Path, *functions: dict[str, Any]) -> list[Finding]:
    """What the rules that read code say of functions with the code in ``folder``/code."""
    asset = {"source": {"path": "../code"}, "destinations": {"here": {"bucketName": "b", "objectKey": "code.zip"}}}
    assembly = folder / "cdk.out"
    assembly.mkdir()
    (assembly / "Stack.assets.json").write_text(json.dumps({"files": {"code": asset}}))
    code = {"Code": {"S3Bucket": "b", "S3Key": "code.zip"}, "Runtime": "nodejs22.x"}
    resources = {
        f"Function{number}": {"Type": "AWS::Lambda::Function", "Properties": {**code, **function}}
        for number, function in enumerate(functions)
    }
    app = App(asset_sources={"code": str(folder / "code")})
    Template({"Resources": resources}, name="Stack", app=app, file=str(assembly / "Stack.template.json"))
    rules = [rule for rule in all_rules().values() if rule.id in (MISSING, LOGGING, IDS)]
    settings = Settings.load({})
    outcome = engine.run(app, rules, settings, Suppressions(settings.today), fix=False)
    assert outcome.crashes == []
    return outcome.findings


def test_findings_name_the_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    orders = tmp_path / "code" / "src" / "orders"
    (orders / "lib").mkdir(parents=True)
    (orders / "index.mjs").write_text(
        "import { save } from './lib/db.js';\n\nexport const handler = async (event) => {\n"
        "  console.log(await save(event));\n};\n"
    )
    (orders / "lib" / "db.js").write_text(
        "import pg from 'pg';\nexport async function save(event) {\n  try {\n    await pg.query(event);\n"
        "  } catch (error) {\n  }\n}\n"
    )
    found = checked(tmp_path, {"Handler": "src/orders/index.handler"}, {"Handler": "src/orders/index.handler"})
    assert [(finding.id, finding.origin.source) for finding in found if finding.logical_id == "Function0"] == [
        (f"{LOGGING}[except]", "code/src/orders/lib/db.js:5"),
        (f"{MISSING}[pg]", "code/src/orders/lib/db.js:1"),
    ]
    message = (
        "code/src/orders/lib/db.js:1 imports pg, which is neither in its bundle nor part of Node.js or its runtime"
    )
    assert message in [finding.message for finding in found]


def test_what_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "index.js").write_text("def handler(event, context):\n    return 1\n")
    found = checked(tmp_path, {"Handler": "index.handler"}, {"Handler": "index.handler"})
    assert [finding.id for finding in found] == [f"{MISSING}[unread]"]
    assert "Function0, Function1 (index.js:1 is no JavaScript that the parser knows)" in found[0].message
