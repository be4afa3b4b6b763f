"""lambda-runtime-env."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.rules.lambda_.runtime_env import VARIABLES
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-runtime-env"


def function(runtime: Any = "python3.13", variables: Any = None, **properties: Any) -> dict[str, Any]:
    properties = {"Environment": {"Variables": variables or {}}, **properties}
    if runtime:
        properties["Runtime"] = runtime
    return {"Resources": {"Handler": {"Type": "AWS::Lambda::Function", "Properties": properties}}}


def test_node_options_on_python() -> None:
    before = function(variables={"NODE_OPTIONS": "--enable-source-maps", "TABLE": {"Ref": "Table"}})
    found = assert_flags(
        before,
        RULE,
        path="Environment.Variables.NODE_OPTIONS",
        message="NODE_OPTIONS is read by Node.js only, and this function runs on Python",
    )
    assert [(item.id, item.remedy, item.severity) for item in found] == [
        ("lambda-runtime-env[NODE_OPTIONS]", "Remove NODE_OPTIONS from the function's environment.", Severity.ERROR)
    ]
    assert_fixed(before, function(variables={"TABLE": {"Ref": "Table"}}), RULE)


@pytest.mark.parametrize(
    ("runtime", "variables", "wrong"),
    [
        ("python3.9", {"AWS_NODEJS_CONNECTION_REUSE_ENABLED": "1", "NODE_EXTRA_CA_CERTS": "x"}, 2),
        ("python3.13", {"JAVA_TOOL_OPTIONS": "-Xmx1g", "DOTNET_STARTUP_HOOKS": "x", "RUBYOPT": "-w"}, 3),
        ("python3.13", {"NODE_PATH": {"Ref": "Path"}}, 1),
        ("nodejs22.x", {"PYTHONPATH": "/opt", "PYTHONUNBUFFERED": "1", "AWS_SDK_JS_X": "1"}, 2),
        ("java21", {"NODE_OPTIONS": "x", "JAVA_TOOL_OPTIONS": "x"}, 1),
        ("java8.al2", {"PYTHONPATH": "x"}, 1),
        ("ruby3.3", {"GEM_PATH": "x", "CORECLR_ENABLE_PROFILING": "1"}, 1),
        ("dotnet8", {"DOTNET_X": "x", "COMPlus_X": "x", "ASPNETCORE_ENVIRONMENT": "x", "GEM_HOME": "x"}, 1),
        ("dotnetcore3.1", {"COMPlus_X": "x", "_JAVA_OPTIONS": "x"}, 1),
    ],
)
def test_variables_of_other_runtimes(runtime: str, variables: dict[str, Any], wrong: int) -> None:
    assert len(assert_flags(function(runtime, variables), RULE)) == wrong


def test_all_go_at_once() -> None:
    before = function("nodejs22.x", {"A": "1", "PYTHONPATH": "x", "JAVA_TOOL_OPTIONS": "x", "B": "2"})
    assert_fixed(before, function("nodejs22.x", {"A": "1", "B": "2"}), RULE)


def test_the_last_one_leaves_an_empty_mapping() -> None:
    assert_fixed(function(variables={"NODE_OPTIONS": "x"}), function(), RULE)


@pytest.mark.parametrize(
    ("runtime", "family"),
    [
        ("nodejs22.x", "nodejs"),
        ("python3.13", "python"),
        ("java21", "java"),
        ("ruby3.4", "ruby"),
        ("dotnet8", "dotnet"),
    ],
)
def test_a_runtimes_own_variables(runtime: str, family: str) -> None:
    assert_clean(function(runtime, dict.fromkeys(VARIABLES[family], "1")), RULE)


@pytest.mark.parametrize(
    "variables",
    [
        {"NODE_ENV": "production"},
        {"PYTHON_SERVICE_URL": "https://example.com", "NODE_SERVICE": "x", "JAVA_HOME": "/opt/java"},
        {"MY_NODE_OPTIONS": "x", "NODE_OPTIONS_EXTRA": "x", "node_options": "x"},
        {"GOMAXPROCS": "2", "GODEBUG": "x"},
        {"UV_THREADPOOL_SIZE": "8"},
        {"NODE_OPTIONS": {"Ref": "AWS::NoValue"}},
        {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper", "NODE_OPTIONS": "x"},
        {"POWERTOOLS_SERVICE_NAME": "orders", "TZ": "UTC", "LD_LIBRARY_PATH": "/opt/lib"},
        {},
        {"Ref": "Variables"},
        {"Fn::If": ["IsProd", {"NODE_OPTIONS": "x"}, {}]},
        "text",
    ],
)
def test_what_applications_and_all_runtimes_read(variables: Any) -> None:
    assert_clean(function(variables=variables), RULE)


@pytest.mark.parametrize(
    "runtime",
    [
        "provided",
        "provided.al2023",
        "go1.x",
        {"Ref": "Runtime"},
        {"Fn::If": ["New", "python3.13", "nodejs22.x"]},
        "",
        None,
        7,
    ],
)
def test_other_and_unknown_runtimes(runtime: Any) -> None:
    assert_clean(function(runtime, {"NODE_OPTIONS": "x", "PYTHONPATH": "x"}), RULE)


def test_a_container_image() -> None:
    assert_clean(function(None, {"NODE_OPTIONS": "x"}, PackageType="Image", Code={"ImageUri": "x"}), RULE)


@pytest.mark.parametrize("environment", [None, {}, {"Ref": "Environment"}, {"Variables": None}, []])
def test_no_or_unknown_environment(environment: Any) -> None:
    assert_clean(function(Environment=environment), RULE)


@pytest.mark.parametrize(
    "layers", [["arn:aws:lambda:eu-west-1:111122223333:layer:jre:1"], [{"Ref": "Layer"}], {"Ref": "Layers"}]
)
def test_a_layer_may_bring_another_runtime_along(layers: Any) -> None:
    template = function(variables={"JAVA_TOOL_OPTIONS": "x"}, Layers=layers)
    found = assert_flags(
        template,
        RULE,
        message="JAVA_TOOL_OPTIONS is read by Java only, and this function runs on Python; "
        "not fixed, since its layers may bring Java along",
    )
    assert [finding.severity for finding in found] == [Severity.WARNING]
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)


@pytest.mark.parametrize("layers", [[], {"Ref": "AWS::NoValue"}])
def test_no_layers(layers: Any) -> None:
    after = function(Layers=layers)
    assert_fixed(function(variables={"JAVA_TOOL_OPTIONS": "x"}, Layers=layers), after, RULE)


def sam(variables: dict[str, Any], globals_: dict[str, Any], **properties: Any) -> dict[str, Any]:
    properties["Environment"] = {"Variables": variables}
    handler = {"Type": "AWS::Serverless::Function", "Properties": properties}
    return {"Globals": {"Function": globals_}, "Resources": {"Handler": handler}}


def test_sam_functions_inherit_runtime_and_layers() -> None:
    python = {"Runtime": "python3.13"}
    assert_fixed(sam({"NODE_OPTIONS": "x"}, python), sam({}, python), RULE)
    assert_fixed(sam({"NODE_OPTIONS": "x"}, {}, **python), sam({}, {}, **python), RULE)
    assert_clean(sam({"NODE_OPTIONS": "x"}, python, Runtime="nodejs22.x"), RULE)
    assert_clean(sam({"NODE_OPTIONS": "x"}, {"Runtime": {"Ref": "Runtime"}}), RULE)
    layered = sam({"NODE_OPTIONS": "x"}, python | {"Layers": ["arn"]})
    assert [finding.severity for finding in assert_flags(layered, RULE)] == [Severity.WARNING]
