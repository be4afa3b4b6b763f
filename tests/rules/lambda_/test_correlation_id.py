"""lambda-correlation-id."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-correlation-id"
TYPES = ("AWS::Lambda::Function", "AWS::Serverless::Function")

PRINTS = "def handler(event, context):\n    print('stored')\n"
LOGS = "import logging\n\ndef handler(event, context):\n    logging.info('stored')\n"
OWN = "from loguru import logger\n\ndef handler(event, context):\n    logger.info('stored')\n"
POWERTOOLS = (
    "from aws_lambda_powertools import Logger\nlogger = Logger()\n"
    "def handler(event, context):\n    logger.info('stored')\n"
)

JSON: dict[str, Any] = {"LoggingConfig": {"LogFormat": "JSON"}}
TEXT: dict[str, Any] = {"LoggingConfig": {"LogFormat": "Text"}}


def template(code: Any, type_: str = TYPES[0], id_: str = "Handler", **properties: Any) -> dict[str, Any]:
    given = {"Code": {"ZipFile": code}} if type_ == TYPES[0] else {"InlineCode": code}
    base = {"Runtime": "python3.10", "Handler": "index.handler"}
    return {"Resources": {id_: {"Type": type_, "Properties": {**base, **given, **properties}}}}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("format_", [{}, JSON, TEXT])
def test_what_is_printed_has_no_id(type_: str, format_: dict[str, Any]) -> None:
    message = "line 1 of the inline code: what is printed carries no correlation id, and Lambda adds none to it"
    [finding] = assert_flags(template(PRINTS, type_, "Handler", **format_), RULE, path="Handler", message=message)
    assert (finding.id, finding.severity) == (RULE, Severity.WARNING)
    assert finding.remedy.startswith("Log with the Logger of Powertools for AWS Lambda and decorate the handler")


@pytest.mark.parametrize("format_", [{}, TEXT])
def test_text(format_: dict[str, Any]) -> None:
    message = (
        "line 3 of the inline code: no log call carries a correlation id, "
        "and in text Lambda's own request id is no field to search by"
    )
    [finding] = assert_flags(template(LOGS, **format_), RULE, message=message)
    assert finding.remedy == "lambda_.Function(..., logging_format=lambda_.LoggingFormat.JSON)"


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("format_", [JSON, {"LoggingConfig": {"LogFormat": {"Ref": "Format"}}}])
def test_lambda_adds_its_request_id_to_json(type_: str, format_: dict[str, Any]) -> None:
    assert_clean(template(LOGS, type_, **format_), RULE)
    assert_clean(template(f"{LOGS}    print('x')\n", type_, **format_), RULE)


@pytest.mark.parametrize("code", [OWN, f"{LOGS}logging.basicConfig(force=True)\n"])
def test_what_others_write_has_no_id_in_json_either(code: str) -> None:
    code = code.replace("import logging\n", "import logging\nlogging.config.dictConfig({})\n")
    [finding] = assert_flags(template(code, **JSON), RULE)
    assert finding.message.endswith("and Lambda adds none to lines that its own handler does not write")


def test_powertools() -> None:
    message = (
        "line 3 of the inline code: Powertools' Logger adds no request id to its lines without inject_lambda_context"
    )
    given: tuple[dict[str, Any], ...] = ({}, JSON, {"TracingConfig": {"Mode": "PassThrough"}})
    for properties in given:
        assert_flags(template(POWERTOOLS, **properties), RULE, message=message)
    assert_clean(template(POWERTOOLS.replace("def ", "@logger.inject_lambda_context\ndef ")), RULE)
    assert_clean(template(POWERTOOLS, TracingConfig={"Mode": "Active"}), RULE)
    assert_clean(template(POWERTOOLS, TracingConfig={"Mode": {"Ref": "Mode"}}), RULE)
    assert_clean(template(POWERTOOLS, TYPES[1], Tracing="Active"), RULE)
    assert_flags(template(POWERTOOLS, TYPES[1]), RULE)


@pytest.mark.parametrize("code", [PRINTS, LOGS, OWN])
def test_an_id_in_a_log_call(code: str) -> None:
    assert_clean(template(code.replace("'stored'", "f'stored for {context.aws_request_id}'")), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"Code": {"ZipFile": "def handler(event, context): return 1"}},
        {"Code": {"ZipFile": "def handler(:"}},
        {"Code": {"S3Bucket": "code", "S3Key": "handler.zip"}},
        {"Handler": "index.other"},
        {"Handler": {"Ref": "Handler"}},
        {"Runtime": "java21"},
        {"PackageType": "Image", "Code": {"ImageUri": "image"}},
    ],
)
def test_nothing_to_say(properties: dict[str, Any]) -> None:
    assert_clean(template(PRINTS, **properties), RULE)


def test_functions_of_the_cdk_are_not_judged() -> None:
    assert_clean(template(PRINTS, id_="CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F"), RULE)


def test_functions_at_the_edge_are_not_judged() -> None:
    data = template(PRINTS)
    data["Resources"]["Site"] = {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "DefaultCacheBehavior": {
                    "LambdaFunctionAssociations": [{"LambdaFunctionARN": {"Ref": "Version"}}],
                }
            }
        },
    }
    assert_flags(data, RULE)
    data["Resources"]["Version"] = {
        "Type": "AWS::Lambda::Version",
        "Properties": {"FunctionName": {"Ref": "Handler"}},
    }
    assert_clean(data, RULE)
