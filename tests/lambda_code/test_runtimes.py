"""What Python runtimes and public layers bring."""

from __future__ import annotations

import sys

import pytest

from cdk_guardrails.lambda_code.runtimes import (
    CLIENT,
    SDK,
    layer_roots,
    left_standard_library,
    modules_of_layer,
    shipped,
    standard_library,
    version_of,
)


@pytest.mark.parametrize(
    ("runtime", "version"),
    [
        ("python3.13", (3, 13)),
        ("python3.9", (3, 9)),
        ("python3.15", (3, 15)),
        ("python2.7", None),
        ("python", None),
        ("nodejs22.x", None),
        ("", None),
        ("provided.al2023", None),
        ("python3.13 ", None),
    ],
)
def test_versions(runtime: str, version: tuple[int, int] | None) -> None:
    assert version_of(runtime) == version


@pytest.mark.parametrize(
    ("module", "first", "last"),
    [
        ("json", 6, 14),
        ("__future__", 6, 14),
        ("_thread", 6, 14),
        ("_json", 6, 14),
        ("dataclasses", 7, 14),
        ("graphlib", 9, 14),
        ("zoneinfo", 9, 14),
        ("tomllib", 11, 14),
        ("distutils", 6, 11),
        ("imp", 6, 11),
        ("asyncore", 6, 11),
        ("cgi", 6, 12),
        ("telnetlib", 6, 12),
        ("annotationlib", 14, 14),
    ],
)
def test_the_standard_library_is_that_of_the_version(module: str, first: int, last: int) -> None:
    """Not that of the Python that runs the check."""
    has = [minor for minor in range(6, 15) if module in (standard_library((3, minor)) or ())]
    assert has == list(range(first, last + 1))


def test_what_is_not_in_any_of_them() -> None:
    for minor in range(6, 15):
        found = standard_library((3, minor))
        assert found is not None
        assert not found & {"requests", "yaml", "boto3", "six", "setuptools", "pip", "typing_extensions"}


def test_a_version_that_is_not_known() -> None:
    assert standard_library((3, 99)) is None
    assert standard_library((2, 99)) is None


def test_modules_that_are_gone() -> None:
    assert left_standard_library("imp", (3, 12))
    assert left_standard_library("cgi", (3, 13))
    assert not left_standard_library("requests", (3, 13))


def test_what_a_runtime_ships() -> None:
    for minor in range(6, 15):
        assert shipped((3, minor)) > SDK | CLIENT
    assert {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"} == SDK
    assert "pkg_resources" in shipped((3, 11))
    assert "pkg_resources" not in shipped((3, 12))
    assert "docutils" in shipped((3, 8))
    assert "docutils" not in shipped((3, 9))


def arn(name: str, account: str = "017000801446", region: str = "eu-west-1") -> str:
    return f"arn:aws:lambda:{region}:{account}:layer:{name}"


@pytest.mark.parametrize(
    ("layer", "has", "lacks"),
    [
        (arn("AWSLambdaPowertoolsPythonV3-python313-arm64:7"), "pydantic", "requests"),
        (arn("AWSLambdaPowertoolsPythonV2:79", region="${AWS::Region}"), "aws_lambda_powertools", "pandas"),
        (arn("AWSLambdaPowertoolsPythonV2-Arm64:79"), "aws_xray_sdk", "pandas"),
        ("/aws/service/powertools/python/x86_64/python3.13/latest", "aws_lambda_powertools", "pandas"),
        ("{{resolve:ssm:/aws/service/powertools/python/x86_64/python3.13/latest}}", "fastjsonschema", "pandas"),
        (arn("AWSSDKPandas-Python313:1", "336392948345"), "pandas", "sklearn"),
        (arn("AWSSDKPandas-Python312-Arm64:1", "336392948345"), "awswrangler", "sklearn"),
        (arn("AWSDataWrangler-Python39:1"), "numpy", "sklearn"),
        (arn("AWSLambda-Python38-SciPy1x:107"), "scipy", "pandas"),
    ],
)
def test_public_layers(layer: str, has: str, lacks: str) -> None:
    modules = modules_of_layer(layer)
    assert modules is not None
    assert has in modules
    assert lacks not in modules


@pytest.mark.parametrize(
    "name",
    [
        "LambdaInsightsExtension:38",
        "LambdaInsightsExtension-Arm64:38",
        "AWS-AppConfig-Extension:1",
        "AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:11",
        "LambdaAdapterLayerX86:25",
    ],
)
def test_extensions_bring_no_modules(name: str) -> None:
    assert modules_of_layer(arn(name)) == frozenset()


@pytest.mark.parametrize(
    "layer",
    [
        arn("Datadog-Python313:100"),
        arn("Klayers-p313-requests:1"),
        arn("my-AWSLambdaPowertoolsPythonV3:1"),
        "",
        "Fn",
        "AWSOpenTelemetryDistroPython:8",
        "a layer that is known at deployment only",
        "{{resolve:ssm:/my/layer}}",
    ],
)
def test_any_other_layer_is_unknown(layer: str) -> None:
    assert modules_of_layer(layer) is None


def test_roots_of_a_layer() -> None:
    assert list(layer_roots((3, 13))) == ["python/lib/python3.13/site-packages/", "python/"]


def test_the_lists_agree_with_the_running_python() -> None:
    ours = standard_library((sys.version_info.major, sys.version_info.minor))
    assert ours is not None
    assert {name for name in sys.stdlib_module_names if not name.startswith("_")} <= ours | {"tomllib"}
