"""The pack: findings through CDK's own validation, and what holds them back."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from cdk_guardrails import Guardrails, GuardrailsChecks, suppress
from cdk_guardrails.errors import SuppressionError
from cdk_guardrails.rules.registry import all_rules
from tests.hosts.conftest import CDK, only, since_262, synth

NewApp = Callable[..., cdk.App]
TODAY = datetime.date(2026, 11, 1)


def check(scope: cdk.App, *rules: str, **settings: Any) -> Guardrails:
    """Guardrails on ``scope`` that change nothing and know these rules."""
    guardrails = Guardrails(environment="prod", rules=only(*rules), mode="check", quiet=True, today=TODAY, **settings)
    cdk.Aspects.of(scope).add(guardrails)
    return guardrails


def bucket_app(app: cdk.App) -> s3.Bucket:
    return s3.Bucket(cdk.Stack(app, "Stack"), "Bucket")


def policy_app(app: cdk.App) -> cdk.Stack:
    stack = cdk.Stack(app, "Stack")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["s3:*", "sqs:*"], resources=["arn:aws:s3:::example"]))
    return stack


class TestFindings:
    @since_262
    def test_an_error_fails_the_synth_and_says_everything(self, app: cdk.App) -> None:
        bucket_app(app)
        check(app, "s3-versioning")
        result = synth(app)
        assert "ValidationFailed" in result.error
        for part in (
            "versioning is not enabled",
            "Stack/Bucket/Resource",
            f"{Path(__file__).name}:",
            "s3.Bucket(..., versioned=True)",
            "Acknowledge with 'cdk-guardrails::s3-versioning'",
        ):
            assert part in result.error, part

    def test_a_warning_does_not(self, app: cdk.App) -> None:
        bucket_app(app)
        rules = only("s3-versioning", **{"s3-versioning": "warning"})
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=rules, mode="check", quiet=True))
        result = synth(app)
        assert result.error == ""
        assert result.report["summary"]["warnings"] == 1

    @since_262
    def test_the_user_s_line_is_in_our_report_too(self, app: cdk.App) -> None:
        bucket_app(app)
        check(app, "s3-versioning")
        [finding] = synth(app).report["findings"]
        assert finding["source"].partition(":")[0].endswith("test_checks.py")

    def test_a_raw_override_of_another_aspect_is_seen(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("s3-versioning"), quiet=True))
        level1 = bucket.node.default_child
        assert isinstance(level1, s3.CfnBucket)
        cdk.Tags.of(app).add("Any", "tag")
        level1.add_property_override("VersioningConfiguration", {"Status": "Enabled"})
        assert synth(app).findings == []

    def test_the_pack_alone(self, app: cdk.App) -> None:
        bucket_app(app)
        cdk.Validations.of(app).add_plugins(
            GuardrailsChecks(app, environment="prod", rules=only("s3-versioning"), quiet=True)
        )
        result = synth(app)
        assert result.findings == ["s3-versioning @ Stack/Bucket/Resource"]
        assert "s3-versioning" in result.error
        assert result.of_type("Stack", "AWS::S3::Bucket") == [{}]

    @since_262
    def test_the_pack_beside_guardrails_reports_once(self, app: cdk.App) -> None:
        bucket_app(app)
        cdk.Validations.of(app).add_plugins(GuardrailsChecks(app, environment="prod", quiet=True))
        check(app, "s3-versioning")
        assert synth(app).error.count("Acknowledge with 'cdk-guardrails::s3-versioning'") == 1

    def test_a_nested_stack_in_a_stage_is_judged(self, app: cdk.App) -> None:
        stack = cdk.Stack(cdk.Stage(app, "Prod"), "Stack")
        s3.Bucket(cdk.NestedStack(stack, "Nested"), "Bucket")
        check(app, "s3-versioning")
        assert synth(app).findings == ["s3-versioning @ Prod/Stack/Nested/Bucket/Resource"]

    @since_262
    def test_nag_packs_by_name(self, app: cdk.App) -> None:
        bucket_app(app)
        check(app, "s3-versioning", packs=["AwsSolutions"])
        assert "AwsSolutions-S1" in synth(app).error

    @since_262
    def test_what_was_fixed_is_fixed_for_cdk_nag(self, new_app: NewApp) -> None:
        def reported(name: str, guarded: bool) -> str:
            app = new_app(name)
            bucket_app(app)
            if guarded:
                cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("s3-tls-only"), quiet=True))
            cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
            return synth(app).error

        assert "AwsSolutions-S10" in reported("before", guarded=False)
        assert "AwsSolutions-S10" not in reported("after", guarded=True)

    def test_no_environment_is_said(self, app: cdk.App) -> None:
        bucket_app(app)
        cdk.Aspects.of(app).add(Guardrails(rules=only("s3-versioning"), quiet=True))
        result = synth(app)
        assert result.findings == ["environment-unset @ "]
        assert result.error == ""

    def test_nothing_to_guard_is_said(self, app: cdk.App) -> None:
        bucket_app(app)
        empty = cdk.Stack(app, "Empty")
        check(empty, "s3-versioning")  # type: ignore[arg-type]
        assert synth(app).findings == ["nothing-to-guard @ Empty"]


class TestSuppressions:
    def test_a_function_a_construct_and_all_below_it(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        suppress(bucket.stack, "s3-versioning", reason="scratch data")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("s3-versioning"), quiet=True))
        result = synth(app)
        assert result.of_type("Stack", "AWS::S3::Bucket") == [{}], "the fix is held back, too"
        assert result.findings == []
        assert [held["reason"] for held in result.report["suppressed"]] == ["scratch data"]

    @pytest.mark.parametrize("id_", ["cdk-guardrails::s3-versioning", "s3-versioning"])
    def test_cdk_s_own_acknowledgement(self, app: cdk.App, id_: str) -> None:
        bucket = bucket_app(app)
        cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id=id_, reason="scratch data"))
        check(app, "s3-versioning")
        result = synth(app)
        assert result.findings == []
        assert result.error == ""
        assert [held["reason"] for held in result.report["suppressed"]] == ["scratch data"]

    @since_262
    def test_an_acknowledgement_lands_in_cdk_s_report(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        cdk.Validations.of(bucket).acknowledge(
            cdk.Acknowledgment(id="cdk-guardrails::s3-versioning", reason="scratch data")
        )
        check(app, "s3-versioning")
        written = json.loads((synth(app).folder / "validation-report.json").read_text())
        [plugin] = written["pluginReports"]
        assert plugin["conclusion"] == "success"
        assert [held["reason"] for held in plugin["suppressedViolations"]] == ["scratch data"]

    def test_a_template_s_metadata(self, app: cdk.App) -> None:
        level1 = s3.CfnBucket(cdk.Stack(app, "Stack"), "Bucket")
        level1.add_metadata("cdk-guardrails", {"suppress": [{"id": "s3-versioning", "reason": "scratch data"}]})
        check(app, "s3-versioning")
        result = synth(app)
        assert (result.findings, result.error) == ([], "")

    def test_an_acknowledgement_of_another_plugin_is_none_of_ours(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        for id_ in ("AwsSolutions-S1", "other::s3-versioning"):
            cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id=id_, reason="for them"))
        check(app, "s3-versioning")
        assert synth(app).findings == ["s3-versioning @ Stack/Bucket/Resource"]

    @pytest.mark.parametrize(
        ("id_", "left"),
        [
            ("iam-wildcard-action", []),
            ("iam-wildcard-action[s3:*]", ["iam-wildcard-action[sqs:*]"]),
        ],
    )
    def test_a_whole_rule_or_one_detail(self, app: cdk.App, id_: str, left: list[str]) -> None:
        stack = policy_app(app)
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=f"cdk-guardrails::{id_}", reason="needed"))
        check(app, "iam-wildcard-action")
        result = synth(app)
        assert [finding["rule"] for finding in result.report["findings"]] == left
        assert bool(result.error) == bool(left)

    def test_a_glob_over_construct_paths(self, app: cdk.App) -> None:
        bucket_app(app)
        suppress(app, "s3-versioning", reason="hashed names", path="Stack/Buck*/Resource")
        check(app, "s3-versioning")
        assert synth(app).findings == []

    def test_past_its_date_the_finding_is_back_and_says_so(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        suppress(bucket, "s3-versioning", reason="for now", until=TODAY - datetime.timedelta(days=1))
        check(app, "s3-versioning")
        assert sorted(synth(app).findings) == [
            "expired-suppression[s3-versioning] @ Stack/Bucket",
            "s3-versioning @ Stack/Bucket/Resource",
        ]

    def test_on_its_last_day_it_holds(self, app: cdk.App) -> None:
        suppress(bucket_app(app), "s3-versioning", reason="for now", until=TODAY)
        check(app, "s3-versioning")
        assert synth(app).findings == []

    def test_one_that_matches_nothing_is_said(self, app: cdk.App) -> None:
        suppress(bucket_app(app), "logs-retention", reason="no reason")
        check(app, "logs-retention")
        result = synth(app)
        assert result.findings == ["unused-suppression[logs-retention] @ Stack/Bucket"]
        assert result.error == "", "a warning"

    def test_one_that_another_scope_has_a_use_for_is_not_useless(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        s3.Bucket(cdk.Stack(app, "Other"), "Bucket")
        suppress(bucket, "s3-versioning", reason="scratch data")
        check(bucket.stack, "s3-versioning")  # type: ignore[arg-type]
        check(app, "s3-versioning")
        assert synth(app).findings == ["s3-versioning @ Other/Bucket/Resource"]

    def test_an_unknown_id_offers_the_nearest(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        with pytest.raises(SuppressionError, match="Did you mean 's3-versioning'"):
            suppress(bucket, "s3-version", reason="typo")
        cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id="cdk-guardrails::s3-version", reason="typo"))
        check(app, "s3-versioning")
        result = synth(app)
        assert "invalid-suppression[s3-version] @ Stack/Bucket" in result.findings
        assert "Did you mean 's3-versioning'" in result.error

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_without_a_reason_it_is_an_error(self, app: cdk.App, reason: str) -> None:
        bucket = bucket_app(app)
        with pytest.raises(SuppressionError, match="needs a reason"):
            suppress(bucket, "s3-versioning", reason=reason)
        level1 = bucket.node.default_child
        assert isinstance(level1, s3.CfnBucket)
        level1.add_metadata("cdk-guardrails", {"suppress": [{"id": "s3-versioning", "reason": reason}]})
        check(app, "s3-versioning")
        assert len(synth(app).findings) == 2

    def test_a_rule_that_may_not_be_suppressed(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id="cdk-guardrails::s3-versioning", reason="please"))
        check(app, "s3-versioning", unsuppressable=["s3-versioning"])
        result = synth(app)
        assert "s3-versioning @ Stack/Bucket/Resource" in result.findings
        assert "versioning is not enabled" in result.error, "CDK's own suppression does not hide it either"

    def test_an_audit_run_ignores_them(self, app: cdk.App) -> None:
        bucket = bucket_app(app)
        cdk.Validations.of(bucket).acknowledge(cdk.Acknowledgment(id="cdk-guardrails::s3-versioning", reason="please"))
        check(app, "s3-versioning", ignore_suppressions=True)
        result = synth(app)
        assert result.findings == ["s3-versioning @ Stack/Bucket/Resource"]
        assert "versioning is not enabled" in result.error


APP = """
import sys
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_guardrails import Guardrails

severity = sys.argv[1]
app = cdk.App()
s3.Bucket(cdk.Stack(app, "Stack"), "Bucket")
rules = {id_: "off" for id_ in __IDS__} | {"s3-versioning": severity}
cdk.Aspects.of(app).add(Guardrails(environment="prod", mode="check", rules=rules))
app.synth()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP.replace("__IDS__", repr(sorted(all_rules()))))
    return tmp_path


@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("warning", 0)])
def test_plain_python_exits_with(project: Path, severity: str, code: int, plain_env: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "app.py", severity], cwd=project, env=plain_env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == code, ran.stderr
    assert "versioning is not enabled" in ran.stderr
    assert CDK < (2, 262) or "app.py:9" in ran.stderr
    assert ran.stderr.count("cdk-guardrails: fixed 0, errors") == 1


@pytest.mark.cli
@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("warning", 0)])
def test_the_cdk_cli_exits_with(
    project: Path, severity: str, code: int, cdk_cli: Path, plain_env: dict[str, str]
) -> None:
    command = [str(cdk_cli), "synth", "--quiet", "--app", f"{sys.executable} app.py {severity}"]
    ran = subprocess.run(command, cwd=project, env=plain_env, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "versioning is not enabled" in ran.stdout + ran.stderr
    assert CDK < (2, 262) or "app.py:9" in ran.stdout + ran.stderr
