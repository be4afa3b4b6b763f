"""lambda-log-group."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "lambda-log-group"
MESSAGE = "it logs to a group that Lambda makes, which never expires"
ROLE_ARN = {"Fn::GetAtt": ["Role", "Arn"]}
BASIC = {
    "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}]
}
OWN = {"LogGroup": {"Ref": "GuardrailsFunctionLogGroup"}}
CONDITIONS = {"Conditions": {"Prod": {"Fn::Equals": ["a", "a"]}}}


def function(config: Any = None, name: Any = None, role: Any = ROLE_ARN, **attributes: Any) -> dict[str, Any]:
    given = {"Role": role, "LoggingConfig": config, "FunctionName": name}
    properties = {key: value for key, value in given.items() if value is not None}
    return {"Type": "AWS::Lambda::Function", **attributes, "Properties": properties}


def role(**properties: Any) -> dict[str, Any]:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


def group(name: Any = None, type_: str = "AWS::Logs::LogGroup", **attributes: Any) -> dict[str, Any]:
    return {"Type": type_, **attributes, "Properties": {} if name is None else {"LogGroupName": name}}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def may_log(resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": resource}


def inline(resource: Any) -> dict[str, Any]:
    return {"Policies": [{"PolicyDocument": {"Statement": [may_log(resource)]}}]}


def flagged_only(data: dict[str, Any], why: str) -> None:
    assert_flags(data, RULE, message=f"{MESSAGE}; not fixed, since {why}")
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


def test_a_function_gets_a_log_group() -> None:
    before = template(Role=role(**BASIC), Function=function())
    found = assert_flags(before, RULE, path="LoggingConfig.LogGroup", message=MESSAGE)
    assert [finding.remedy for finding in found] == ["lambda_.Function(..., log_group=log_group)"]
    after = template(Role=role(**BASIC), Function=function(OWN), GuardrailsFunctionLogGroup=group())
    assert_fixed(before, after, RULE)


def test_the_rest_of_the_configuration_stays() -> None:
    before = template(Role=role(**BASIC), Function=function({"LogFormat": "JSON"}, name="orders"))
    after = template(
        Role=role(**BASIC),
        Function=function({"LogFormat": "JSON", **OWN}, name="orders"),
        GuardrailsFunctionLogGroup=group(),
    )
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:logs:*:*:*",
        {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"},
        {"Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"},
        {"Fn::Join": ["", ["arn:aws:logs:eu-west-1:", {"Ref": "AWS::AccountId"}, ":log-group:*:*"]]},
        ["arn:aws:s3:::b", "arn:aws:logs:*:*:log-group:*:log-stream:*"],
    ],
)
def test_a_role_that_may_log_everywhere(resource: Any) -> None:
    logger = role(**inline(resource))
    after = template(Role=logger, Function=function(OWN), GuardrailsFunctionLogGroup=group())
    assert_fixed(template(Role=logger, Function=function()), after, RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        inline("arn:aws:logs:*:*:log-group:/aws/lambda/*"),
        inline({"Fn::Sub": "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Function}:*"}),
        inline({"Fn::FindInMap": ["Arns", "a", "b"]}),
        {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaRole"]},
    ],
)
def test_a_role_that_may_log_elsewhere_may_log_there_too(properties: dict[str, Any]) -> None:
    statement = may_log({"Fn::GetAtt": ["GuardrailsFunctionLogGroup", "Arn"]})
    policy: dict[str, Any] = {
        "PolicyName": "GuardrailsRoleLogging",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "Roles": [{"Ref": "Role"}],
    }
    after = template(
        Role=role(**properties),
        Function=function(OWN, DependsOn=["GuardrailsRoleLogging"]),
        GuardrailsFunctionLogGroup=group(),
        GuardrailsRoleLogging={"Type": "AWS::IAM::Policy", "Properties": policy},
    )
    assert_fixed(template(Role=role(**properties), Function=function()), after, RULE)


def test_the_condition() -> None:
    conditional = role(**BASIC) | {"Condition": "Prod"}
    before = template(Role=conditional, Function=function(Condition="Prod"))
    after = template(
        Role=conditional,
        Function=function(OWN, Condition="Prod"),
        GuardrailsFunctionLogGroup=group(Condition="Prod"),
    )
    assert_fixed({**before, **CONDITIONS}, {**after, **CONDITIONS}, RULE)


@pytest.mark.parametrize(
    "config",
    [
        {"LogGroup": {"Ref": "Group"}},
        {"LogGroup": "/shared"},
        {"LogGroup": {"Ref": "GroupName"}},
        {"LogGroup": {"Fn::ImportValue": "group"}},
        {"Ref": "Config"},
        {"Fn::If": ["Prod", {"LogGroup": "/shared"}, {"Ref": "AWS::NoValue"}]},
    ],
)
def test_a_log_group_of_the_author_or_an_unknown_one(config: Any) -> None:
    assert_clean(template(Role=role(**BASIC), Group=group(), Function=function(config)), RULE)


@pytest.mark.parametrize(
    ("function_name", "group_name"),
    [
        (None, {"Fn::Join": ["", ["/aws/lambda/", {"Ref": "Function"}]]}),
        (None, {"Fn::Sub": "/aws/lambda/${Function}"}),
        ("orders", {"Fn::Sub": "/aws/lambda/${Function}"}),
        ("orders", "/aws/lambda/orders"),
        ({"Fn::Sub": "${Stage}-orders"}, {"Fn::Join": ["", ["/aws/lambda/", {"Ref": "Stage"}, "-orders"]]}),
        (
            {"Fn::FindInMap": ["Names", "a", "b"]},
            {"Fn::Join": ["", ["/aws/lambda/", {"Fn::FindInMap": ["N", "a", "b"]}]]},
        ),
    ],
)
@pytest.mark.parametrize("type_", ["AWS::Logs::LogGroup", "Custom::LogRetention"])
def test_the_group_that_lambda_would_make_is_declared(function_name: Any, group_name: Any, type_: str) -> None:
    data = template(Role=role(**BASIC), Function=function(name=function_name), Group=group(group_name, type_))
    assert_clean(data, RULE)


@pytest.mark.parametrize("name", [None, "/aws/lambda/other", {"Fn::Sub": "/aws/lambda/${Other}"}, {"Ref": "GroupName"}])
def test_another_group(name: Any) -> None:
    data = template(Role=role(**BASIC), Function=function(name="orders"), Other=function(OWN), Group=group(name))
    assert_flags(data, RULE, message=MESSAGE)


def test_a_group_in_another_stack() -> None:
    settings = Settings(environment="prod")
    for name, found in (
        ("/aws/lambda/orders", 0),
        ("/aws/lambda/other", 1),
        ({"Fn::Sub": "/aws/lambda/${Function}"}, 1),
    ):
        app = App()
        Template(template(Role=role(**BASIC), Function=function(name="orders")), name="app", app=app)
        Template(template(Group=group(name)), name="logs", app=app)
        outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=False)
        assert len(outcome.findings) == found


@pytest.mark.parametrize("type_", ["MetricFilter", "SubscriptionFilter"])
@pytest.mark.parametrize("name", ["/aws/lambda/orders", {"Fn::Sub": "/aws/lambda/${Function}"}])
def test_a_group_that_somebody_reads(type_: str, name: Any) -> None:
    reader = {"Type": f"AWS::Logs::{type_}", "Properties": {"LogGroupName": name, "FilterPattern": "ERROR"}}
    data = template(Role=role(**BASIC), Function=function(name="orders"), Errors=reader)
    flagged_only(data, "Errors reads that group")


def test_a_sam_function_reads_it() -> None:
    event = {"Type": "CloudWatchLogs", "Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Function}"}}}
    reader = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"LoggingConfig": {"LogGroup": "/x"}, "Events": {"E": event}},
    }
    flagged_only(template(Role=role(**BASIC), Function=function(), Reader=reader), "Reader reads that group")


def test_what_cannot_be_permitted() -> None:
    flagged_only(template(Function=function(role={"Ref": "RoleArn"})), "its role is not in this template")
    limited = template(Role=role(**BASIC, PermissionsBoundary={"Ref": "Boundary"}), Function=function())
    flagged_only(limited, "a permissions boundary or a Deny may limit its role Role")


def test_functions_that_are_not_judged() -> None:
    own = "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F"
    assert_clean(template(Role=role(**BASIC), **{own: function()}), RULE)
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": ["edgelambda.amazonaws.com"]}}}
    edge = role(**BASIC, AssumeRolePolicyDocument=trust)
    assert_clean(template(Role=edge, Function=function()), RULE)


def test_sam() -> None:
    def sam(**properties: Any) -> dict[str, Any]:
        return template(Function={"Type": "AWS::Serverless::Function", "Properties": properties})

    after = sam(Handler="app.handler", LoggingConfig=OWN)
    after["Resources"]["GuardrailsFunctionLogGroup"] = group()
    assert_fixed(sam(Handler="app.handler"), after, RULE)
    assert_clean({**sam(), "Globals": {"Function": {"LoggingConfig": {"LogGroup": "/shared"}}}}, RULE)
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": "edgelambda.amazonaws.com"}}}
    assert_clean(sam(AssumeRolePolicyDocument=trust), RULE)


GROUP_NAME = {"Fn::Join": ["", ["/aws/lambda/", {"Ref": "Function"}]]}


@pytest.mark.parametrize(
    "properties",
    [
        {"LogGroupNames": [GROUP_NAME]},
        {"LogGroupNames": [{"Fn::Sub": "/aws/lambda/${Function}"}]},
        {"DashboardBody": {"Fn::Join": ["", ['{"query": "SOURCE \'/aws/lambda/', {"Ref": "Function"}, "' | fields"]]}},
        {"Arn": {"Fn::Sub": ["arn:${P}:logs:*:*:log-group:/aws/lambda/${Function}:*", {"P": "aws"}]}},
    ],
)
def test_a_group_that_something_names(properties: dict[str, Any]) -> None:
    user = {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}
    flagged_only(template(Role=role(**BASIC), Function=function(), Query=user), "Query names that group")


@pytest.mark.parametrize(
    "properties",
    [
        {"LogGroupNames": [{"Fn::Join": ["/", ["/aws/lambda", "other", {"Ref": "Function"}]]}]},
        {"LogGroupNames": [{"Fn::Join": ["", ["/aws/lambda/x-", {"Ref": "Function"}]]}, {"Ref": "Function"}]},
        {"LogGroupNames": [{"Fn::Join": ["", [{"Ref": "Function"}, "/aws/lambda/"]]}]},
        {"LogGroupNames": [{"Fn::Sub": "/aws/lambda/${Other}-${Function}"}]},
    ],
)
def test_what_names_another(properties: dict[str, Any]) -> None:
    user = {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}
    assert_flags(template(Role=role(**BASIC), Function=function(), Query=user), RULE, message=MESSAGE)


def test_the_roles_own_policy_may_name_it() -> None:
    """It lets the function log there, and is not what somebody would look into."""
    arn = {"Fn::Join": ["", ["arn:aws:logs:*:*:log-group:/aws/lambda/", {"Ref": "Function"}, ":*"]]}
    document = {"Statement": [may_log(arn)]}
    policy: dict[str, Any] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "p", "PolicyDocument": document, "Roles": [{"Ref": "Role"}]},
    }
    assert_flags(template(Role=role(), Function=function(), Policy=policy), RULE, message=MESSAGE)
    policy["Properties"]["Roles"] = [{"Ref": "Reader"}]
    data = template(Role=role(), Reader=role(), Function=function(), Policy=policy)
    flagged_only(data, "Policy names that group")


FOREIGN = {"Fn::ForeignRef": {"Path": "App/Api/Function", "LogicalId": "Function", "Attribute": "Ref"}}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ({"Fn::Join": ["", ["/aws/lambda/", FOREIGN]]}, "; not fixed, since Errors reads that group"),
        ("/aws/lambda/orders", "; not fixed, since Errors reads that group"),
        ({"Fn::Join": ["", ["/aws/lambda/", {"Fn::ForeignRef": FOREIGN["Fn::ForeignRef"] | {"Path": "App/X"}}]]}, ""),
        ({"Fn::Sub": "/aws/lambda/${Function}"}, ""),
        ("/aws/lambda/other", ""),
    ],
)
def test_another_stack_reads_it(name: Any, why: str) -> None:
    app, settings = App(), Settings(environment="prod")
    origins = {"Function": Origin("App/Api/Function")}
    data = template(Role=role(**BASIC), Function=function(name="orders"))
    Template(data, name="App/Api", app=app, origins=origins)
    reader = {"Type": "AWS::Logs::MetricFilter", "Properties": {"LogGroupName": name, "FilterPattern": "ERROR"}}
    Template(template(Errors=reader), name="App/Watch", app=app)
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=False)
    assert [finding.message for finding in outcome.findings] == [MESSAGE + why]


def test_functions_that_share_a_role_share_its_policy_until_it_is_full() -> None:
    """IAM takes 10,240 characters of inline policies for a role, and 6,144 for each managed one."""
    names = [f"Function{number}" for number in range(120)]
    app, settings = App(), Settings(environment="prod")
    made = Template(template(Role=role(), **{name: function() for name in names}), app=app)
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=True)
    assert not outcome.failed
    policies = made.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    assert [(policy.logical_id, policy.type) for policy in policies] == [
        ("GuardrailsRoleLogging", "AWS::IAM::Policy"),
        *((f"GuardrailsRoleLogging{number}", "AWS::IAM::ManagedPolicy") for number in range(2, 6)),
    ]
    statements = [item for policy in policies for item in policy.items("PolicyDocument.Statement")]
    assert len(statements) == len(names)
    for name in names:
        [waits_for] = made.resources[name].depends_on
        allowed = {"Fn::GetAtt": [f"Guardrails{name}LogGroup", "Arn"]}
        assert allowed in [s["Resource"] for s in made.resources[waits_for].items("PolicyDocument.Statement")]
