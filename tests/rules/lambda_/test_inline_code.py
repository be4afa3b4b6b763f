"""lambda-inline-code."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-inline-code"
CODE = "def handler(event, context): pass"
TYPES = ("AWS::Lambda::Function", "AWS::Serverless::Function")


def template(code: Any, type_: str = TYPES[0], id_: str = "Handler") -> dict[str, Any]:
    given = {"Code": {"ZipFile": code}} if type_ == TYPES[0] else {"InlineCode": code}
    return {"Resources": {id_: {"Type": type_, "Properties": {"Runtime": "python3.13", **given}}}}


@pytest.mark.parametrize(("type_", "path"), [(TYPES[0], "Code.ZipFile"), (TYPES[1], "InlineCode")])
def test_inline_at_all(type_: str, path: str) -> None:
    message = "its code (33 bytes) stands in the template, where no tool checks it"
    [finding] = assert_flags(template(CODE, type_), RULE, path=path, message=message)
    assert (finding.id, finding.severity) == (RULE, Severity.WARNING)
    assert finding.remedy == 'lambda_.Function(..., code=lambda_.Code.from_asset("functions/handler"))'


@pytest.mark.parametrize(("type_", "path"), [(TYPES[0], "Code.ZipFile"), (TYPES[1], "InlineCode")])
def test_too_much(type_: str, path: str) -> None:
    message = "4,097 bytes of code stand in the template, 4,096 at most are to"
    [finding] = assert_flags(template("#" * 4097, type_), RULE, path=path, message=message)
    assert (finding.id, finding.severity) == (f"{RULE}[size]", Severity.ERROR)
    [finding] = assert_flags(template("#" * 4096, type_), RULE, path=path)
    assert finding.severity is Severity.WARNING


def test_bytes_are_counted_not_characters() -> None:
    assert_flags(template("ü" * 2049), f"{RULE}[size]")
    assert_flags(
        template("ü" * 2048), RULE, message="its code (4,096 bytes) stands in the template, where no tool checks it"
    )


def test_the_limit_is_an_option() -> None:
    assert_flags(template(CODE), f"{RULE}[size]", options={"max_bytes": 32})
    [finding] = assert_flags(template("#" * 9000), RULE, options={"max_bytes": 10_000})
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "code",
    [
        {"Fn::Join": ["\n", ["#" * 3000, {"Ref": "Table"}, "#" * 2000]]},
        {"Fn::Join": ["", [{"Fn::Sub": "#" * 3000}, "#" * 2000]]},
        {"Fn::Sub": "#" * 4000 + "${Table}" + "#" * 100},
        {"Fn::Sub": ["#" * 5000, {"Name": "x"}]},
    ],
)
def test_known_parts_are_counted(code: Any) -> None:
    assert_flags(template(code), f"{RULE}[size]")


def test_a_join_of_little() -> None:
    code = {"Fn::Join": ["\n", ["import os", {"Fn::GetAtt": ["Table", "Arn"]}]]}
    message = "its code (10 bytes) stands in the template, where no tool checks it"
    assert_flags(template(code), RULE, message=message)


@pytest.mark.parametrize(
    "code", [None, "", 7, [], {"Ref": "Code"}, {"Ref": "AWS::NoValue"}, {"Fn::If": ["A", "x", "y"]}]
)
def test_no_code_or_unknown(code: Any) -> None:
    assert_clean(template(code), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"Code": {"S3Bucket": "code", "S3Key": "handler.zip"}},
        {"Code": {"ImageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/handler"}},
        {"Code": {"Ref": "Code"}},
        {"Code": "handler.zip"},
        {},
    ],
)
def test_code_from_elsewhere(properties: dict[str, Any]) -> None:
    assert_clean({"Resources": {"Handler": {"Type": TYPES[0], "Properties": properties}}}, RULE)


def test_sam_code_from_elsewhere() -> None:
    assert_clean({"Resources": {"Handler": {"Type": TYPES[1], "Properties": {"CodeUri": "src/"}}}}, RULE)


@pytest.mark.parametrize("code", ["import cfnresponse\n", "const response = require('cfn-response');"])
def test_cfn_response_is_for_inline_code_only(code: str) -> None:
    assert_clean(template(code), RULE)
    assert_flags(template(code + "#" * 4096), f"{RULE}[size]")


def test_the_cdks_own_functions() -> None:
    own = "BucketNotificationsHandler050a0587b7544547bf325f094a3db8347ECC3691"
    assert_clean(template("#" * 5000, id_=own), RULE)
