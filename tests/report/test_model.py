"""The Report: what the engine did, with what the rules say of themselves, and no secret."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.engine import Crash, Fix, Judged, Outcome, run
from cdk_guardrails.masking import MASKED
from cdk_guardrails.report.json_format import to_json
from cdk_guardrails.report.model import Place, Report
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, Severity
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import RuleSettings, Settings
from cdk_guardrails.suppressions import Suppression, Suppressions
from cdk_guardrails.template import Edit, Origin, Resource, Template

TODAY = datetime.date(2026, 11, 1)
ORIGIN = Origin("App/Logs", "app.py:2")


def report(fix: bool = True, **given: Any) -> Report:
    data: dict[str, Any] = {
        "Resources": {
            "Held": {"Type": "AWS::S3::Bucket"},
            "Logs": {"Type": "AWS::S3::Bucket"},
            "Group": {"Type": "AWS::Logs::LogGroup"},
        }
    }
    origins = {id_: Origin(f"App/{id_}", f"app.py:{line}") for line, id_ in enumerate(data["Resources"], 1)}
    template = Template(data, name="App", origins=origins)
    held = Suppression("s3-versioning", "scratch", "2027-01-31", path="App/Held")
    settings = Settings(environment="prod", tags={"Owner": "o"}, today=TODAY, **given)
    outcome = run(template.app, list(all_rules().values()), settings, Suppressions(TODAY, [held]), fix=fix)
    return Report.build([outcome], settings)


class Hardcoded(Rule):
    """A rule for these tests.

    It wants no plain PASSWORD.
    """

    id = "hardcoded"
    why = "Anybody can read it."
    resource_types = ("AWS::Lambda::Function",)
    concern = Concern.ENCRYPTION
    fix_safety = FixSafety.UNSAFE
    same_as = SameAs(cdk_nag=("AwsSolutions-X1",), checkov=("CKV_AWS_1", "CKV_AWS_2"), security_hub=("X.1",))
    bad = good = Example("")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        yield from ()


def entries(**outcome: Any) -> Report:
    return Report.build([Outcome(**outcome)], Settings(environment="prod"), rules={"hardcoded": Hardcoded()})


def finding(rule: str = "hardcoded", **given: Any) -> Finding:
    given = {"message": "m", "logical_id": "F", "template": "App", "origin": ORIGIN, **given}
    return Finding(rule, **given)


class TestFixes:
    def test_what_changed_where_and_what_it_resolves(self) -> None:
        [entry] = [fix for fix in report().fixes if fix.rule == "s3-versioning"]
        assert entry.title == all_rules()["s3-versioning"].title
        assert entry.place == Place(
            template="App",
            construct_path="App/Logs",
            logical_id="Logs",
            resource_type="AWS::S3::Bucket",
            property_path="Resources.Logs.Properties.VersioningConfiguration.Status",
            source="app.py:2",
        )
        assert (entry.op, entry.before, entry.after, entry.safety) == ("set", None, "Enabled", "safe")
        assert entry.resolves == {
            "cdk_nag": ("NIST.800.53.R5-S3BucketVersioningEnabled",),
            "checkov": ("CKV_AWS_21",),
            "security_hub": ("S3.14",),
        }

    def test_secrets_are_masked(self) -> None:
        path = ("Resources", "F", "Properties", "Environment", "Variables")
        change = Edit("set", path, {"DB_PASSWORD": "hunter2", "STAGE": "prod"})
        made = Fix(finding(), change, {"DB_PASSWORD": "hunter1"}, FixSafety.UNSAFE)
        [entry] = entries(fixes=[made]).fixes
        assert entry.before == {"DB_PASSWORD": MASKED}
        assert entry.after == {"DB_PASSWORD": MASKED, "STAGE": "prod"}
        leaf = Fix(finding(), Edit("set", (*path, "DB_PASSWORD"), "new"), "old", FixSafety.UNSAFE)
        assert "old" not in to_json(entries(fixes=[leaf]))

    def test_they_keep_the_order_in_which_they_were_applied(self) -> None:
        made = [
            Fix(finding(), Edit("set", ("Resources", "F", "Properties", key), 1), None, FixSafety.SAFE) for key in "ba"
        ]
        assert [fix.place.property_path[-1] for fix in entries(fixes=made).fixes] == ["b", "a"]


class TestFindings:
    def test_all_that_is_said_of_one(self) -> None:
        path = ("Resources", "F", "Properties", "Environment", "Variables", "A")
        found = finding(detail="A", path=path, remedy="use a secret", severity=Severity.WARNING, resource_type="T")
        [entry] = entries(findings=[found]).findings
        assert (entry.rule, entry.rule_id, entry.title) == ("hardcoded[A]", "hardcoded", "A rule for these tests")
        assert (entry.severity, entry.message, entry.remedy, entry.fix) == ("warning", "m", "use a secret", "unsafe")
        assert entry.place == Place(
            "App", "App/Logs", "F", "T", "Resources.F.Properties.Environment.Variables.A", "app.py:2"
        )
        assert entry.acknowledge == 'suppress(construct, "hardcoded[A]", reason="...")'
        assert entry.same_as["checkov"] == ("CKV_AWS_1", "CKV_AWS_2")

    def test_without_a_construct_metadata_suppresses(self) -> None:
        [entry] = entries(findings=[finding(origin=Origin("", "a.yaml:3"))]).findings
        assert entry.acknowledge == (
            'Metadata: {"cdk-guardrails": {"suppress": [{"id": "hardcoded", "reason": "..."}]}}'
        )

    def test_one_that_may_not_be_suppressed_says_no_how(self) -> None:
        settings = Settings(environment="prod", unsuppressable=frozenset({"hardcoded"}))
        assert Report.build([Outcome(findings=[finding()])], settings).findings[0].acknowledge == ""

    def test_by_place_each_once(self) -> None:
        first, second, third = finding(template="B"), finding(logical_id="Z"), finding(logical_id="A")
        made = entries(findings=[first, second, third, second])
        assert [(f.place.template, f.place.logical_id) for f in made.findings] == [
            ("App", "A"),
            ("App", "Z"),
            ("B", "F"),
        ]
        assert made.summary.errors == 3

    def test_what_the_library_says_of_itself_has_no_rule(self) -> None:
        [entry] = entries(findings=[finding("unused-suppression", logical_id="")]).findings
        assert (entry.title, entry.fix, entry.same_as["cdk_nag"]) == ("", "none", ())


def test_a_suppression_lands_in_the_report() -> None:
    [entry] = report().suppressed
    assert (entry.rule, entry.reason, entry.until, entry.where) == (
        "s3-versioning",
        "scratch",
        "2027-01-31",
        "App/Held",
    )
    assert entry.place.construct_path == "App/Held"


def test_crashes_and_fixes_that_failed_quote_no_secret() -> None:
    text = 'KeyError: DB_PASSWORD="hunter2"'
    crashed = finding("rule-crashed", message=text)
    made = entries(findings=[crashed], crashes=[Crash(crashed, f"Traceback\n{text}")], failed=[(finding(), text)])
    assert made.crashes[0].traceback == f'Traceback\nKeyError: DB_PASSWORD="{MASKED}"'
    assert made.failed_fixes[0].error == f'KeyError: DB_PASSWORD="{MASKED}"'
    assert "hunter2" not in to_json(made)
    assert (made.summary.crashed, made.summary.failed_fixes, made.summary.errors) == (1, 1, 1)


def test_what_was_not_reached_is_listed() -> None:
    made = entries(findings=[finding("stage-uncovered", logical_id="", template="Prod"), finding()])
    assert [entry.rule for entry in made.uncovered] == ["stage-uncovered"]
    assert (made.summary.uncovered, len(made.findings)) == (1, 2)


def test_the_run_as_a_whole() -> None:
    made = report(fix=False)
    counts = made.summary
    assert (made.schema_version, made.environment, made.profile, made.mode, made.settled) == (
        1,
        "prod",
        "prod",
        "fix",
        True,
    )
    assert (counts.fixed, counts.suppressed) == (0, 1)
    assert counts.errors + counts.warnings == len(made.findings) > 0
    assert counts.rules_run > 0
    assert Report.build([], Settings()).environment == "prod"
    assert not Report.build([Outcome(), Outcome(settled=False)], Settings()).settled


def test_several_outcomes_are_one_report() -> None:
    outcomes = [Outcome(findings=[finding(logical_id=id_)], rules_run=2) for id_ in "BA"]
    made = Report.build(outcomes, Settings())
    assert [entry.place.logical_id for entry in made.findings] == ["A", "B"]
    assert made.summary.rules_run == 4


class TestResources:
    def test_all_that_were_judged_clean_or_not(self) -> None:
        kind = "AWS::S3::Bucket"
        assert report(fix=False).resources == (
            Judged("App", "App/Group", "Group", "AWS::Logs::LogGroup"),
            Judged("App", "App/Held", "Held", kind),
            Judged("App", "App/Logs", "Logs", kind),
        )

    def test_those_that_fixes_added_too(self) -> None:
        added = {judged.logical_id for judged in report().resources} - {"Group", "Held", "Logs"}
        assert added == {
            fix.place.property_path.partition(".")[2]
            for fix in report().fixes
            if fix.place.property_path.count(".") == 1 and fix.place.property_path.startswith("Resources.")
        }
        assert added

    def test_those_of_several_outcomes_each_once_and_in_order(self) -> None:
        one, two, three = Judged("A", "A/1", "1", "T"), Judged("A", "A/2", "0", "T"), Judged("B", "B/0", "0", "T")
        outcomes = [Outcome(resources=[three, one]), Outcome(resources=[two, one])]
        assert Report.build(outcomes, Settings()).resources == (one, two, three)

    def test_none_that_no_rule_covers(self) -> None:
        template = Template({"Resources": {id_: {"Type": "AWS::S3::Bucket"} for id_ in "AB"}}, name="App")
        outcome = run(
            template.app,
            list(all_rules().values()),
            Settings(environment="prod"),
            Suppressions(TODAY, []),
            fix=False,
            covers=lambda _, id_, rule: id_ == "B" and rule.concern is Concern.TAGGING,
        )
        assert [judged.logical_id for judged in outcome.resources] == ["B"]


@pytest.mark.parametrize("fix", [True, False])
def test_the_same_bytes_whatever_the_hash_seed(root: Path, fix: bool) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/report'); import test_model, hashlib;"
        f"print(hashlib.sha256(test_model.to_json(test_model.report({fix})).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1
