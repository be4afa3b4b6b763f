"""lambda-concurrency-budget."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Template
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-concurrency-budget"


def template(*reserved: Any, type_: str = "AWS::Lambda::Function") -> dict[str, Any]:
    functions = {
        f"Fn{number}": {"Type": type_, "Properties": {} if value is None else {"ReservedConcurrentExecutions": value}}
        for number, value in enumerate(reserved, 1)
    }
    return {"Resources": functions}


def judged(
    stacks: dict[str, dict[str, Any]], places: dict[str, tuple[str, str]] | None = None, **options: int
) -> list[Finding]:
    app = App()
    for name, data in stacks.items():
        account, region = (places or {}).get(name, ("", ""))
        Template(data, name=name, app=app, account=account, region=region)
    settings = Settings(rules={RULE: RuleOverride(options=options)})
    outcome = engine.run(app, [all_rules()[RULE]], settings, Suppressions(settings.today), fix=False)
    assert not outcome.crashes
    return outcome.findings


def test_too_much() -> None:
    message = (
        "the functions of the app reserve 901 of 1000 concurrent executions, most of them Fn2 in template (900), "
        "Fn1 in template (1); 100 must remain unreserved, so 900 can be reserved at most"
    )
    [finding] = assert_flags(template(1, 900), RULE, message=message)
    assert finding.id == RULE
    assert "aws lambda get-account-settings" in finding.remedy


@pytest.mark.parametrize("type_", ["AWS::Lambda::Function", "AWS::Serverless::Function"])
def test_as_much_as_there_is(type_: str) -> None:
    assert_clean(template(400, "500", type_=type_), RULE)
    assert_flags(template(400, "501", type_=type_), RULE)


@pytest.mark.parametrize("unknown", [{"Ref": "Reserved"}, None, {"Ref": "AWS::NoValue"}, True, "many", -5, [], 0])
def test_what_is_unknown_or_nothing_is_not_counted(unknown: Any) -> None:
    assert_clean(template(900, unknown), RULE)


def test_the_quota_of_a_new_account() -> None:
    assert_flags(template(10), RULE, options={"account_concurrency": 10})
    assert_clean(template(None, 0), RULE, options={"account_concurrency": 10})


def test_a_raised_quota() -> None:
    assert_clean(template(5000), RULE, options={"account_concurrency": 10_000})


def test_each_function_has_what_globals_say() -> None:
    inherits = {"Globals": {"Function": {"ReservedConcurrentExecutions": 300}}}
    sam = template(None, None, None, None, type_="AWS::Serverless::Function")
    assert_flags(sam | inherits, RULE)
    assert_clean(template(None, None, None, None) | inherits, RULE)


def test_stacks_are_summed() -> None:
    assert not judged({"Api": template(500)})
    [finding] = judged({"Api": template(500), "Jobs": template(300, 150)})
    assert "reserve 950 of 1000 concurrent executions, most of them Fn1 in Api (500), Fn1 in Jobs (300)" in (
        finding.message
    )
    assert (finding.template, finding.logical_id) == ("Api", "")


def test_stages_are_accounts_of_their_own() -> None:
    assert not judged({"Dev/Api": template(500), "Prod/Api": template(500)})
    [finding] = judged({"Dev/Api": template(500), "Prod/Api": template(500), "Prod/Jobs": template(450)})
    assert finding.id == f"{RULE}[Prod]"
    assert finding.message.startswith("the functions of Prod reserve 950 of 1000")


def test_each_account_and_region_has_a_quota_of_its_own() -> None:
    stacks = {"Dev": template(500), "Prod": template(450), "Eu": template(500)}
    us, eu = ("111122223333", "us-east-1"), ("111122223333", "eu-west-1")
    places = {"Dev": ("444455556666", "us-east-1"), "Prod": us, "Eu": eu}
    assert not judged(stacks, places)
    [finding] = judged(stacks, places | {"Eu": us})
    assert finding.id == f"{RULE}[111122223333/us-east-1]"
    assert finding.message.startswith("the functions of 111122223333/us-east-1 reserve 950 of 1000")


def test_one_environment_needs_no_name() -> None:
    here = ("111122223333", "us-east-1")
    [finding] = judged({"Api": template(500), "Jobs": template(450)}, {"Api": here, "Jobs": here})
    assert finding.id == RULE
    stacks = {"Prod/Api": template(500), "Prod/Jobs": template(450), "Prod/Eu": template(500)}
    places = {"Prod/Api": here, "Prod/Jobs": here, "Prod/Eu": ("111122223333", "eu-west-1")}
    [finding] = judged(stacks, places)
    assert finding.id == f"{RULE}[Prod 111122223333/us-east-1]"


def test_a_stage_in_a_stage() -> None:
    [finding] = judged({"Shop/Dev/Api": template(500), "Shop/Prod/Api": template(950)})
    assert finding.id == f"{RULE}[Shop/Prod]"


def test_a_nested_stack_is_in_its_parents_account() -> None:
    [finding] = judged({"Api": template(500), "Api/Nested": template(200), "Jobs": template(250)})
    assert finding.id == RULE
    [finding] = judged({"Prod/Api": template(500), "Prod/Api/Nested": template(450), "Dev/Api": template(500)})
    assert finding.id == f"{RULE}[Prod]"


def test_an_app_without_functions() -> None:
    assert not judged({"Empty": {"Resources": {}}})
