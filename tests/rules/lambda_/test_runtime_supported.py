"""lambda-runtime-supported."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.base import Finding, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_flags

RULE = "lambda-runtime-supported"
SAYS = (
    "AWS {} deprecated python3.9 on 2025-12-15 and refuses updates of such functions from 2027-03-03 on; "
    "python3.14 is the newest of its kind"
)


def function(runtime: Any = None, type_: str = "AWS::Lambda::Function", **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": {"Runtime": runtime, **properties}}


def judged(
    resource: dict[str, Any],
    today: str,
    options: dict[str, Any] | None = None,
    id_: str = "Handler",
    path: str = "",
    globals_: Any = None,
) -> list[Finding]:
    app = App()
    Template({"Resources": {id_: resource}, "Globals": {"Function": globals_}}, app=app, origins={id_: Origin(path)})
    day = datetime.date.fromisoformat(today)
    settings = Settings(today=day, rules={RULE: RuleOverride(options=options or {})})
    outcome = engine.run(app, [all_rules()[RULE]], settings, Suppressions(day), fix=False)
    assert not outcome.crashes
    return outcome.findings


def test_a_deprecated_runtime_is_an_error() -> None:
    [finding] = judged(function("python3.9"), "2026-01-10")
    assert finding.severity is Severity.ERROR
    assert finding.location == "Properties.Runtime"
    assert finding.message == SAYS.format("has")
    assert finding.remedy == 'lambda_.Function(..., runtime=lambda_.Runtime("python3.14"))'


def test_it_is_deprecated_from_that_day_on() -> None:
    assert [finding.severity for finding in judged(function("python3.9"), "2025-12-15")] == [Severity.ERROR]
    assert [finding.severity for finding in judged(function("python3.9"), "2025-12-14")] == [Severity.WARNING]


def test_notice_comes_before() -> None:
    [finding] = judged(function("python3.9"), "2025-06-18")
    assert (finding.severity, finding.message) == (
        Severity.WARNING,
        SAYS.replace("deprecated", "deprecate", 1).format("will"),
    )
    assert not judged(function("python3.9"), "2025-06-17")


@pytest.mark.parametrize(("days", "found"), [(0, 0), (30, 1)])
def test_the_notice_is_an_option(days: int, found: int) -> None:
    assert len(judged(function("python3.9"), "2025-12-01", {"notice_days": days})) == found


def test_the_newest_of_its_family_has_no_successor() -> None:
    [finding] = judged(function("python3.14"), "2035-01-01")
    assert "newest" not in finding.message
    assert finding.remedy == "Move the function to a runtime that AWS supports."


@pytest.mark.parametrize("runtime", ["go1.x", "provided", "nodejs4.3-edge", "dotnetcore3.1", "java8", "ruby2.7"])
def test_every_family(runtime: str) -> None:
    assert_flags({"Resources": {"Handler": function(runtime)}}, RULE, path="Runtime")


@pytest.mark.parametrize(
    "resource",
    [
        function("python3.14"),
        function("provided.al2023"),
        function("python9.9"),
        function("cobol"),
        function(),
        function({"Ref": "Runtime"}),
        function({"Fn::If": ["IsNew", "python3.14", "python3.9"]}),
        function({"Ref": "AWS::NoValue"}),
        function(["python3.9"]),
        function("python3.9", PackageType="Image"),
        function(type_="AWS::Serverless::Function", PackageType="Image"),
        function("python3.9", type_="AWS::Lambda::Version"),
    ],
)
def test_what_is_left_alone(resource: dict[str, Any]) -> None:
    assert not judged(resource, "2026-11-21")


def test_a_runtime_from_globals() -> None:
    old = {"Runtime": "python3.9"}
    bare = {"Type": "AWS::Serverless::Function"}
    assert len(judged(bare, "2026-01-10", globals_=old)) == 1
    assert not judged(function("python3.14", "AWS::Serverless::Function"), "2026-01-10", globals_=old)
    assert not judged({"Type": "AWS::Lambda::Function"}, "2026-01-10", globals_=old), "Globals are for SAM"


@pytest.mark.parametrize(
    "id_",
    [
        "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A",
        "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
        "ProvframeworkonEvent4D295293",
    ],
)
def test_only_the_cdk_can_change_its_own(id_: str) -> None:
    [finding] = judged(function("python3.9"), "2026-01-10", id_=id_)
    assert finding.severity is Severity.WARNING
    assert finding.message == SAYS.format("has") + "; the CDK adds this function"
    assert finding.remedy == "Upgrade aws-cdk-lib: only the CDK can change the runtime of this function."


def test_the_cdks_nested_stacks_are_its_own() -> None:
    path = "Shop/@aws-cdk--aws-dynamodb.ReplicaProvider/OnEventHandler/Resource"
    [finding] = judged(function("python3.9"), "2026-01-10", id_="OnEventHandler42BEBAE0", path=path)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("id_", ["MyCustomResourceProviderHandler9D90184F", "OnEventHandler42BEBAE0"])
def test_the_users_own_handlers_are_not_the_cdks(id_: str) -> None:
    [finding] = judged(function("python3.9"), "2026-01-10", id_=id_, path="Shop/Provider/OnEventHandler/Resource")
    assert finding.severity is Severity.ERROR
