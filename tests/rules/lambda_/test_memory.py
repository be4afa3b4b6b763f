"""lambda-memory."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-memory"
CHOOSE = (
    "with little CPU; choose it by measuring: AWS Lambda Power Tuning tries out sizes, "
    "Compute Optimizer recommends one after 14 days"
)


def template(type_: str = "AWS::Lambda::Function", id_: str = "Handler", **properties: Any) -> dict[str, Any]:
    return {"Resources": {id_: {"Type": type_, "Properties": {"Runtime": "python3.13", **properties}}}}


@pytest.mark.parametrize("type_", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
@pytest.mark.parametrize("unset", [{}, {"MemorySize": {"Ref": "AWS::NoValue"}}])
def test_nobody_chose(type_: str, unset: dict[str, Any]) -> None:
    message = f"MemorySize is not set, so it is 128 MB, {CHOOSE}"
    [finding] = assert_flags(template(type_, **unset), RULE, path="MemorySize", message=message)
    assert (finding.severity, finding.remedy) == (Severity.WARNING, "lambda_.Function(..., memory_size=512)")


@pytest.mark.parametrize("size", [128, "128"])
def test_the_least(size: Any) -> None:
    assert_flags(template(MemorySize=size), RULE, path="MemorySize", message=f"MemorySize is 128 MB, {CHOOSE}")


def test_images_have_the_same_default() -> None:
    assert_flags(template(PackageType="Image"), RULE)


@pytest.mark.parametrize("size", [129, 256, "1024", 10240, {"Ref": "Size"}, {"Fn::If": ["A", 128, 256]}, [], True, ""])
def test_another_size_or_an_unknown_one(size: Any) -> None:
    assert_clean(template(MemorySize=size), RULE)


def test_globals_are_inherited_by_sam_functions() -> None:
    inherits = {"Globals": {"Function": {"MemorySize": 512}}}
    assert_clean(template("AWS::Serverless::Function") | inherits, RULE)
    assert_flags(template("AWS::Serverless::Function", MemorySize=128) | inherits, RULE)
    assert_flags(template() | inherits, RULE)


@pytest.mark.parametrize(
    "id_",
    ["AWS679f53fac002430cb0da5b7982bd22872D164C4C", "AWSCDKCfnUtilsProviderCustomResourceProviderHandlerCF82AA57"],
)
def test_the_cdks_own_functions(id_: str) -> None:
    assert_clean(template(id_=id_), RULE)


def test_lambda_at_edge_has_no_more_for_viewer_events() -> None:
    services = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    data = {"Resources": {"Role": role, **template()["Resources"]}}
    data["Resources"]["Handler"]["Properties"]["Role"] = {"Fn::GetAtt": ["Role", "Arn"]}
    assert_clean(data, RULE)
    trust["Statement"][0]["Principal"] = {"Service": services[0]}
    assert_flags(data, RULE)
