"""apigw-api-key."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cdk_guardrails.rules.apigateway.usage_plans import lacks, serving
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "apigw-api-key"
KEYLESS = "{} needs neither an authorizer nor an API key, so its callers have no quota"
NO_PLAN = "methods need an API key, and no usage plan gives callers one for this stage"
QUOTA = {"Limit": 10000, "Period": "MONTH"}
SERVES = [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}]


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::ApiGateway::{type_}", "Properties": properties}


def api(**properties: Any) -> dict[str, Any]:
    return resource("RestApi", Name="pets", **properties)


def method(verb: str = "GET", **properties: Any) -> dict[str, Any]:
    given = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": verb,
        "AuthorizationType": "NONE",
    }
    return resource("Method", **{**given, **properties})


def stage(**properties: Any) -> dict[str, Any]:
    return resource("Stage", **{"RestApiId": {"Ref": "Api"}, "StageName": "prod", **properties})


def plan(*stages: Any, **properties: Any) -> dict[str, Any]:
    return resource("UsagePlan", ApiStages=list(stages or SERVES), **properties)


def plan_key(plan: Any = None) -> dict[str, Any]:
    return resource("UsagePlanKey", KeyId={"Ref": "K"}, KeyType="API_KEY", UsagePlanId=plan or {"Ref": "Plan"})


def template(**resources: Any) -> dict[str, Any]:
    return copy.deepcopy({"Resources": {"Api": api(), **resources}})


WITH_KEY = {"Method": method(ApiKeyRequired=True), "Stage": stage()}


def added(**condition: str) -> dict[str, Any]:
    limits = {"Quota": QUOTA, "Throttle": {"RateLimit": 100.0, "BurstLimit": 50}}
    key = {"KeyId": {"Ref": "GuardrailsStageApiKey"}, "KeyType": "API_KEY"}
    return {
        "GuardrailsStageUsagePlan": {**resource("UsagePlan", ApiStages=SERVES, **limits), **condition},
        "GuardrailsStageApiKey": {**resource("ApiKey", Enabled=True), **condition},
        "GuardrailsStageUsagePlanKey": {
            **resource("UsagePlanKey", **key, UsagePlanId={"Ref": "GuardrailsStageUsagePlan"}),
            **condition,
        },
    }


def test_a_method_without_key() -> None:
    for found in (method(), method("ANY", ApiKeyRequired=False), method(Integration={"Type": "MOCK"})):
        message = KEYLESS.format(f"{found['Properties']['HttpMethod']} /")
        assert len(assert_flags(template(Method=found), RULE, path="ApiKeyRequired", message=message)) == 1


def test_an_operation_and_an_event_without_key() -> None:
    body: dict[str, Any] = {"paths": {"/pets": {"get": {}, "post": {"security": [{"users": []}]}}}}
    path = "Body.paths./pets.get.security"
    assert_flags(template(Api=api(Body=body)), f"{RULE}[GET /pets]", path=path, message=KEYLESS.format("GET /pets"))
    events = {"Pets": {"Type": "Api", "Properties": {"Method": "get", "Path": "/pets"}}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Events": events}}
    path = "Events.Pets.Properties.Auth.ApiKeyRequired"
    assert_flags(template(F=function), RULE, path=path, message=KEYLESS.format("GET /pets"))


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ({}, NO_PLAN),
        ({"Plan": plan({"ApiId": {"Ref": "Api"}, "Stage": "dev"}, Quota=QUOTA), "Key": plan_key()}, NO_PLAN),
        ({"Plan": resource("UsagePlan", Quota=QUOTA), "Key": plan_key()}, NO_PLAN),
        ({"Plan": plan(Quota=QUOTA)}, "methods need an API key, and usage plan Plan has no key"),
        ({"Plan": plan(), "Key": plan_key()}, "methods need an API key, and usage plan Plan has no quota"),
        ({"Plan": plan()}, "methods need an API key, and usage plan Plan has no key and no quota"),
    ],
)
def test_a_stage_without_a_complete_usage_plan(resources: dict[str, Any], message: str) -> None:
    assert len(assert_flags(template(**WITH_KEY, **resources), f"{RULE}[usage-plan]", message=message)) == 1


@pytest.mark.parametrize(
    "data",
    [
        template(Method=method(AuthorizationType="AWS_IAM"), Stage=stage()),
        template(Method=method(AuthorizationType={"Ref": "Type"}), Stage=stage()),
        template(Method=method("OPTIONS"), Stage=stage()),
        template(Method=method(ApiKeyRequired={"Ref": "Needed"}), Stage=stage()),
        template(Method=method(RestApiId={"Fn::ImportValue": "api"})),
        template(Method=method(), Api=api(EndpointConfiguration={"Types": ["PRIVATE"]})),
        template(Api=api(Body={"paths": {"/pets": {"options": {}}}}), Stage=stage()),
        template(Api=api(BodyS3Location={"Bucket": "b", "Key": "k"}), Stage=stage()),
        template(**WITH_KEY, Plan=plan(Quota=QUOTA), Key=plan_key()),
        template(**WITH_KEY, Plan=plan({"ApiId": {"Ref": "Api"}, "Stage": "prod"}, Quota=QUOTA), Key=plan_key()),
        template(**WITH_KEY, Plan=plan(Quota={"Ref": "Quota"}), Key=plan_key()),
        template(**WITH_KEY, Plan=plan({"Ref": "Stage"}, Quota=QUOTA)),
        template(**WITH_KEY, Plan=plan({"ApiId": {"Ref": "Id"}, "Stage": "prod"})),
        template(**WITH_KEY, Plan=plan({"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Name"}})),
        template(**WITH_KEY, Plan=resource("UsagePlan", ApiStages={"Fn::If": ["A", [], []]})),
        template(**WITH_KEY, Bare=plan(), Plan=plan(Quota=QUOTA), Key=plan_key()),
    ],
)
def test_keys_that_are_needed_or_may_be(data: dict[str, Any]) -> None:
    assert_clean(data, RULE)


def test_the_fix_needs_a_key_and_makes_the_plan() -> None:
    before = template(Method=method(), Options=method("OPTIONS"), Stage=stage())
    after = template(Method=method(ApiKeyRequired=True), Options=method("OPTIONS"), Stage=stage(), **added())
    assert_fixed(before, after, RULE, unsafe_fixes=True)


def test_what_is_added_has_the_stages_condition() -> None:
    resources = {**WITH_KEY, "Stage": {**stage(), "Condition": "IsProd"}}
    after = template(**resources, **added(Condition="IsProd"))
    assert_fixed(template(**resources), after, RULE, unsafe_fixes=True)


def test_the_fix_completes_the_authors_plan() -> None:
    before = template(**WITH_KEY, Plan=plan(Throttle={"RateLimit": 5}))
    key = {"KeyId": {"Ref": "GuardrailsPlanApiKey"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}}
    after = template(
        **WITH_KEY,
        Plan=plan(Throttle={"RateLimit": 5}, Quota={"Limit": 7, "Period": "DAY"}),
        GuardrailsPlanApiKey=resource("ApiKey", Enabled=True),
        GuardrailsPlanUsagePlanKey=resource("UsagePlanKey", **key),
    )
    assert_fixed(before, after, RULE, options={"quota_limit": 7, "quota_period": "DAY"}, unsafe_fixes=True)


def test_it_is_only_fixed_when_asked_for() -> None:
    data = template(Method=method())
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


@pytest.mark.parametrize(
    ("elsewhere", "found"),
    [
        ({"Plan": plan({"ApiId": {"Fn::ImportValue": "api"}, "Stage": "prod"})}, None),
        ({"Plan": plan({"Ref": "Stage"})}, None),
        ({"Plan": plan(), "Api": api()}, []),
        ({"Plan": resource("UsagePlan")}, []),
        ({}, []),
    ],
)
def test_usage_plans_of_other_stacks_may_serve_the_stage(elsewhere: dict[str, Any], found: list[Any] | None) -> None:
    app = App()
    first = Template(template(**WITH_KEY), name="a", app=app)
    Template({"Resources": copy.deepcopy(elsewhere)}, name="b", app=app)
    assert serving(first.resources["Stage"], first) == found


def test_keys_of_other_stacks_may_be_the_plans() -> None:
    app = App()
    first = Template(template(**WITH_KEY, Plan=plan(Quota=QUOTA)), name="a", app=app)
    Template({"Resources": {"Key": plan_key({"Fn::ImportValue": "plan"})}}, name="b", app=app)
    assert lacks(first.resources["Plan"], first) == []
