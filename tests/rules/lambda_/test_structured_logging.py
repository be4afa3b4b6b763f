"""lambda-structured-logging."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-structured-logging"
MESSAGE = "it logs text, not JSON"
JSON = {"LogFormat": "JSON"}
FIXED = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
PYTHON_LAYER = "arn:aws:lambda:${AWS::Region}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:20"
NODE_LAYER = "arn:aws:lambda:eu-west-1:094274105915:layer:AWSLambdaPowertoolsTypeScriptV2:38"
OWN_LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:shared:1"


def template(
    *, type_: str = "AWS::Lambda::Function", more: dict[str, Any] | None = None, **properties: Any
) -> dict[str, Any]:
    properties = {"Runtime": "python3.13", **properties}
    given = {name: value for name, value in properties.items() if value is not None}
    return {"Resources": {"Function": {"Type": type_, "Properties": given}, **(more or {})}}


def variables(**values: Any) -> dict[str, Any]:
    return {"Variables": values}


def flagged_only(data: dict[str, Any], why: str, **settings: Any) -> None:
    assert_flags(data, RULE, message=f"{MESSAGE}; not fixed, since {why}", **settings)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE, **settings)


@pytest.mark.parametrize(
    "runtime", ["python3.8", "python3.14", "nodejs16.x", "nodejs24.x", "java21", "java8.al2", "dotnet8"]
)
def test_format_and_levels(runtime: str) -> None:
    before = template(Runtime=runtime)
    found = assert_flags(before, RULE, path="LoggingConfig.LogFormat", message=MESSAGE)
    assert [finding.id for finding in found] == [RULE]
    assert_fixed(before, template(Runtime=runtime, LoggingConfig=FIXED), RULE)


def test_what_the_author_has_set_stays() -> None:
    config = {"LogGroup": "/orders", "ApplicationLogLevel": "WARN"}
    after = template(LoggingConfig={**config, "LogFormat": "JSON", "SystemLogLevel": "INFO"})
    assert_fixed(template(LoggingConfig=config), after, RULE)


def test_levels_are_options() -> None:
    options = {"application_level": "DEBUG", "system_level": "WARN"}
    after = template(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN"})
    assert_fixed(
        template(Environment=variables(LOG_LEVEL="DEBUG")), after_with(after, LOG_LEVEL="DEBUG"), RULE, options=options
    )


def after_with(data: dict[str, Any], **values: Any) -> dict[str, Any]:
    data["Resources"]["Function"]["Properties"]["Environment"] = variables(**values)
    return data


@pytest.mark.parametrize(
    "runtime",
    [
        None,
        "python3.7",
        "python2.7",
        "nodejs14.x",
        "java8",
        "dotnet6",
        "dotnetcore3.1",
        "ruby3.4",
        "go1.x",
        "provided.al2023",
        {"Ref": "Runtime"},
        "",
    ],
)
def test_runtimes_that_cannot_or_are_unknown(runtime: Any) -> None:
    assert_clean(template(Runtime=runtime), RULE)


@pytest.mark.parametrize(
    "config",
    [JSON, {"LogFormat": {"Ref": "Format"}}, {"Ref": "Config"}, {"Fn::If": ["Prod", JSON, {"Ref": "AWS::NoValue"}]}],
)
def test_json_or_unknown(config: Any) -> None:
    assert_clean(template(LoggingConfig=config), RULE)


def test_text_that_the_author_chose() -> None:
    flagged_only(template(LoggingConfig={"LogFormat": "Text"}), "its author chose that")


def metric_filter(group: Any, pattern: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::MetricFilter", "Properties": {"LogGroupName": group, "FilterPattern": pattern}}


GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/orders"}}
RETENTION = {"Type": "Custom::LogRetention", "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Function}"}}}


@pytest.mark.parametrize("pattern", ["ERROR", "[time, id, level=ERROR, message]", {"Ref": "Pattern"}, None])
@pytest.mark.parametrize(
    ("config", "group"),
    [
        ({"LogGroup": {"Ref": "Group"}}, {"Ref": "Group"}),
        ({"LogGroup": {"Ref": "Group"}}, "/orders"),
        ({"LogGroup": "/shared"}, "/shared"),
        (None, {"Fn::Sub": "/aws/lambda/${Function}"}),
        (None, {"Fn::GetAtt": ["Retention", "LogGroupName"]}),
    ],
)
def test_a_metric_filter_that_may_parse_text(config: Any, group: Any, pattern: Any) -> None:
    more = {"Group": GROUP, "Retention": RETENTION, "Errors": metric_filter(group, pattern)}
    flagged_only(template(LoggingConfig=config, more=more), "Errors may parse the text")


@pytest.mark.parametrize(
    ("group", "pattern"),
    [
        ({"Ref": "Group"}, '{ $.level = "ERROR" }'),
        ({"Ref": "Group"}, ""),
        ("/aws/lambda/other", "ERROR"),
        ({"Ref": "Name"}, "ERROR"),
    ],
)
def test_filters_that_do_not_mind(group: Any, pattern: Any) -> None:
    more = {"Group": GROUP, "Errors": metric_filter(group, pattern)}
    config = {"LogGroup": {"Ref": "Group"}}
    after = template(LoggingConfig={**config, **FIXED}, more=more)
    assert_fixed(template(LoggingConfig=config, more=more), after, RULE)


def test_a_subscription_may_parse_text() -> None:
    subscription = metric_filter({"Ref": "Group"}, "") | {"Type": "AWS::Logs::SubscriptionFilter"}
    more = {"Group": GROUP, "Shipping": subscription}
    flagged_only(template(LoggingConfig={"LogGroup": {"Ref": "Group"}}, more=more), "Shipping may parse the text")


@pytest.mark.parametrize("name", ["LOG_LEVEL", "POWERTOOLS_LOG_LEVEL"])
def test_logs_that_lambda_would_drop(name: str) -> None:
    service = {"POWERTOOLS_SERVICE_NAME": "orders"}
    for level in ("DEBUG", "debug", "TRACE"):
        data = template(Environment=variables(**{name: level}, **service))
        flagged_only(data, f"{name} is {level}, and Lambda would drop what is below INFO")
    data = template(Environment=variables(**{name: {"Ref": "Level"}}, **service))
    flagged_only(data, f"{name} asks for a level that is not known, and Lambda would drop what is below INFO")


@pytest.mark.parametrize("level", ["INFO", "WARNING", "CRITICAL", "verbose", 20])
def test_levels_that_lambda_keeps(level: Any) -> None:
    environment = variables(LOG_LEVEL=level)
    assert_fixed(template(Environment=environment), template(Environment=environment, LoggingConfig=FIXED), RULE)


def test_a_level_that_the_author_gave_lambda_decides() -> None:
    environment = variables(LOG_LEVEL="DEBUG")
    config = {"ApplicationLogLevel": "DEBUG"}
    after = template(Environment=environment, LoggingConfig={**config, "LogFormat": "JSON", "SystemLogLevel": "INFO"})
    assert_fixed(template(Environment=environment, LoggingConfig=config), after, RULE)


def test_functions_that_are_not_judged() -> None:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": "edgelambda.amazonaws.com"}}}
    edge = {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}
    assert_clean(template(Role={"Fn::GetAtt": ["Role", "Arn"]}, more=edge), RULE)
    data = template()
    data["Resources"]["LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A"] = data["Resources"].pop("Function")
    assert_clean(data, RULE)


def test_sam() -> None:
    sam = "AWS::Serverless::Function"
    assert_fixed(template(type_=sam), template(type_=sam, LoggingConfig=FIXED), RULE)
    inherited = {"Globals": {"Function": {"Runtime": "python3.13", "LoggingConfig": JSON}}}
    assert_clean({**template(type_=sam, Runtime=None), **inherited}, RULE)


def test_powertools_variables() -> None:
    before = template(LoggingConfig=JSON, Environment=variables(POWERTOOLS_METRICS_NAMESPACE="shop"))
    message = "Powertools lacks POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL"
    found = assert_flags(before, f"{RULE}[powertools]", path="Environment.Variables", message=message)
    assert [finding.remedy for finding in found] == ['function.add_environment("POWERTOOLS_SERVICE_NAME", ...)']
    after = variables(
        POWERTOOLS_METRICS_NAMESPACE="shop",
        POWERTOOLS_SERVICE_NAME={"Ref": "AWS::StackName"},
        POWERTOOLS_LOG_LEVEL="INFO",
    )
    assert_fixed(before, template(LoggingConfig=JSON, Environment=after), RULE)
    after["Variables"]["POWERTOOLS_SERVICE_NAME"] = "orders"
    assert_fixed(
        before, template(LoggingConfig=JSON, Environment=after), RULE, options={"powertools_service": "orders"}
    )


def test_the_level_that_lambda_keeps_is_powertools_too() -> None:
    config = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN"}
    layers = [{"Ref": "PowertoolsLayer"}]
    after = variables(POWERTOOLS_SERVICE_NAME={"Ref": "AWS::StackName"}, POWERTOOLS_LOG_LEVEL="WARN")
    before = template(LoggingConfig=config, Layers=layers)
    assert_fixed(before, template(LoggingConfig=config, Layers=layers, Environment=after), RULE)


@pytest.mark.parametrize(
    "environment",
    [
        variables(POWERTOOLS_SERVICE_NAME="a", POWERTOOLS_LOG_LEVEL="INFO"),
        variables(POWERTOOLS_SERVICE_NAME={"Ref": "Service"}, LOG_LEVEL={"Ref": "Level"}),
        variables(TABLE="orders"),
        {"Ref": "Environment"},
        {"Variables": {"Fn::If": ["Prod", {"POWERTOOLS_DEV": "1"}, {}]}},
        None,
    ],
)
def test_powertools_that_lack_nothing_or_are_unknown(environment: Any) -> None:
    assert_clean(template(LoggingConfig=JSON, Environment=environment), RULE)


SET = variables(POWERTOOLS_SERVICE_NAME={"Ref": "AWS::StackName"}, POWERTOOLS_LOG_LEVEL="INFO")


@pytest.mark.parametrize(
    ("layer", "properties"),
    [
        (PYTHON_LAYER, {"Architectures": ["arm64"]}),
        (NODE_LAYER, {"Runtime": "nodejs22.x"}),
        (OWN_LAYER, {"Runtime": "nodejs22.x"}),
        (OWN_LAYER, {"Layers": [NODE_LAYER.replace("Powertools", "Other")]}),
    ],
)
def test_a_layer_that_fits(layer: str, properties: dict[str, Any]) -> None:
    before = template(LoggingConfig=JSON, **properties)
    message = "Powertools lacks the layer and POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL"
    assert_flags(before, f"{RULE}[powertools]", message=message, options={"powertools_layer": layer})
    value = {"Fn::Sub": layer} if "${" in layer else layer
    after = {**properties, "Layers": [*properties.get("Layers", []), value], "Environment": SET}
    assert_fixed(before, template(LoggingConfig=JSON, **after), RULE, options={"powertools_layer": layer})


@pytest.mark.parametrize(
    ("layer", "properties"),
    [
        (PYTHON_LAYER, {}),  # x86_64
        (PYTHON_LAYER, {"Architectures": {"Ref": "Architectures"}}),
        (PYTHON_LAYER, {"Architectures": ["arm64"], "Runtime": "python3.12"}),
        (PYTHON_LAYER, {"Architectures": ["arm64"], "Runtime": "nodejs22.x"}),
        (NODE_LAYER, {}),
        (OWN_LAYER, {"Runtime": "java21"}),
        (OWN_LAYER, {"Runtime": None, "PackageType": "Image"}),
        (OWN_LAYER, {"Layers": {"Ref": "Layers"}}),
        (OWN_LAYER, {"Layers": [f"{OWN_LAYER}{number}".replace("shared", "x") for number in range(5)]}),
    ],
)
def test_a_layer_that_does_not_fit(layer: str, properties: dict[str, Any]) -> None:
    assert_clean(template(LoggingConfig=JSON, **properties), RULE, options={"powertools_layer": layer})


def test_a_layer_that_is_there() -> None:
    before = template(LoggingConfig=JSON, Layers=[PYTHON_LAYER], Environment=variables(LOG_LEVEL="INFO"))
    message = "Powertools lacks POWERTOOLS_SERVICE_NAME"
    assert_flags(before, RULE, message=message, options={"powertools_layer": NODE_LAYER})


def test_only_the_layer_is_missing() -> None:
    options = {"powertools_layer": OWN_LAYER}
    before = template(LoggingConfig=JSON, Environment=SET)
    assert_flags(before, RULE, path="Layers", message="Powertools lacks the layer", options=options)
    assert_fixed(before, template(LoggingConfig=JSON, Environment=SET, Layers=[OWN_LAYER]), RULE, options=options)


@pytest.mark.parametrize(
    ("path", "found"), [("App/Logs/Group", "; not fixed, since Errors may parse the text"), ("X", "")]
)
def test_a_filter_beside_the_log_group_in_another_stack(path: str, found: str) -> None:
    app, settings = App(), Settings(environment="prod")
    group = {"Fn::ForeignRef": {"Path": path, "LogicalId": "Group", "Attribute": "Ref"}}
    logs = {"Group": GROUP, "Errors": metric_filter({"Ref": "Group"}, "ERROR")}
    origins = {"Group": Origin("App/Logs/Group")}
    Template({"Resources": logs}, name="App/Logs", app=app, origins=origins)
    Template(template(LoggingConfig={"LogGroup": group}), name="App/Api", app=app)
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=False)
    assert [finding.message for finding in outcome.findings] == [f"it logs text, not JSON{found}"]
