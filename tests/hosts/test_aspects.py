"""Guardrails and the Aspect classes per concern: arguments, settings, at once and at synthesis, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

import cdk_guardrails
from cdk_guardrails import DataProtection, Encryption, Guardrails, Logging, RemovalPolicies, Tagging
from cdk_guardrails.errors import GuardrailsError, SettingsError
from cdk_guardrails.rules.base import Concern, Finding, Rule
from cdk_guardrails.rules.registry import all_rules
from tests.hosts.conftest import only, synth

TAGS = {"Owner": "orders", "Project": "shop", "Department": "sales"}


def stack_with_bucket_and_logs(app: cdk.App) -> cdk.Stack:
    stack = cdk.Stack(app, "Stack")
    s3.CfnBucket(stack, "Bucket")
    logs.CfnLogGroup(stack, "Group")
    return stack


class TestConcerns:
    @pytest.mark.parametrize("concern", list(Concern))
    def test_every_concern_has_its_class(self, concern: Concern) -> None:
        class_ = getattr(cdk_guardrails, concern.value)
        assert class_.concerns == frozenset({concern})
        assert issubclass(class_, Guardrails)

    def test_one_concern_changes_what_is_its_own(self, app: cdk.App) -> None:
        stack_with_bucket_and_logs(app)
        cdk.Aspects.of(app).add(Logging(environment="prod", rules={"s3-access-logs": "off"}, quiet=True))
        result = synth(app)
        assert result.of_type("Stack", "AWS::S3::Bucket") == [{}]
        assert result.of_type("Stack", "AWS::Logs::LogGroup") == [{"RetentionInDays": 90}]
        assert {fix["rule"] for fix in result.report["fixes"]} == {"logs-retention"}
        assert result.findings == [], "only its own concern is judged, too"

    def test_what_one_concern_adds_another_treats(self, app: cdk.App) -> None:
        """The key that Encryption adds is tagged by Tagging, whichever comes first."""
        stack_with_bucket_and_logs(app)
        cdk.Aspects.of(app).add(Tagging(environment="prod", tags=TAGS, quiet=True))
        cdk.Aspects.of(app).add(Encryption(environment="prod", quiet=True))
        [key] = synth(app).of_type("Stack", "AWS::KMS::Key")
        assert {tag["Key"] for tag in key["Tags"]} == {"Environment", *TAGS}

    def test_all_concerns_together_are_guardrails(self, app: cdk.App, tmp_path: Path) -> None:
        def build(name: str, aspects: list[Any]) -> dict[str, Any]:
            context = {key: app.node.try_get_context(key) for key in ("@aws-cdk/core:aspectStabilization",)}
            made = cdk.App(outdir=str(tmp_path / name), context=context)
            stack_with_bucket_and_logs(made)
            for aspect in aspects:
                cdk.Aspects.of(made).add(aspect(environment="prod", tags=TAGS, quiet=True))
            return synth(made).template("Stack")["Resources"]

        one_by_one = [getattr(cdk_guardrails, concern.value) for concern in Concern]
        assert build("each", one_by_one) == build("all", [Guardrails])


class TestAtOnce:
    def test_a_concern_is_applied_to_a_construct_at_once(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        bucket, other = s3.Bucket(stack, "Bucket"), s3.Bucket(stack, "Other")
        DataProtection(environment="prod", quiet=True).apply_to(bucket)
        level1 = bucket.node.default_child
        assert isinstance(level1, s3.CfnBucket)
        assert level1.versioning_configuration is not None
        result = synth(app)
        assert result.of_type("Stack", "AWS::S3::Bucket") == [
            {"VersioningConfiguration": {"Status": "Enabled"}},
            {},
        ]
        assert other.node.path not in str(result.findings)
        assert [fix["construct_path"] for fix in result.report["fixes"]] == ["Stack/Bucket/Resource"]

    def test_a_whole_app_with_its_stages_at_once(self, app: cdk.App) -> None:
        s3.CfnBucket(cdk.Stack(cdk.Stage(app, "Prod"), "Stack"), "Bucket")
        DataProtection(environment="prod", quiet=True).apply_to(app)
        assert synth(app).of_type("ProdStack", "AWS::S3::Bucket") == [
            {"VersioningConfiguration": {"Status": "Enabled"}}
        ]

    @pytest.mark.parametrize("nothing", [None, "Stack/Bucket", 7])
    def test_what_is_no_construct_is_refused(self, nothing: Any) -> None:
        with pytest.raises(GuardrailsError, match=r"Encryption\(\)\.apply_to\(\) needs a construct"):
            Encryption(environment="prod").apply_to(nothing)


class TestSettings:
    def test_arguments_win_over_context_over_files(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: cdk.App
    ) -> None:
        (tmp_path / "guardrails.toml").write_text(
            'environment = "dev"\n[tags]\nOwner = "file"\nProject = "file"\nDepartment = "file"\n'
        )
        monkeypatch.chdir(tmp_path)
        context = {"cdk-guardrails": {"tags": {"Owner": "context", "Project": "context", "Department": "context"}}}
        monkeypatch.setenv("CDK_CONTEXT_JSON", json.dumps(context))
        made = cdk.App(outdir=str(tmp_path / "out"))
        s3.CfnBucket(cdk.Stack(made, "Stack"), "Bucket")
        rules = only("required-tags")
        cdk.Aspects.of(made).add(Guardrails(rules=rules, tags=TAGS | {"Owner": "argument"}, quiet=True))
        [bucket] = synth(made).of_type("Stack", "AWS::S3::Bucket")
        tags = {tag["Key"]: tag["Value"] for tag in bucket["Tags"]}
        assert (tags["Owner"], tags["Environment"]) == ("argument", "dev")

    def test_the_app_s_own_context_is_read(self, tmp_path: Path) -> None:
        app = cdk.App(outdir=str(tmp_path / "out"), context={"cdk-guardrails": {"tags": TAGS}})
        s3.CfnBucket(cdk.Stack(app, "Stack"), "Bucket")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("required-tags"), quiet=True))
        [bucket] = synth(app).of_type("Stack", "AWS::S3::Bucket")
        assert {tag["Key"]: tag["Value"] for tag in bucket["Tags"]} == {"Environment": "prod", **TAGS}

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({"environment": "prd"}, "prod"),
            ({"tags": {"aws:owner": "me"}}, "aws:owner"),
            ({"tags": {"Owner": 7}}, "Owner"),
            ({"rules": {"s3-version": "off"}}, "s3-versioning"),
            ({"rules": {"s3-versioning": "of"}}, "off"),
            ({"rules": {"logs-retention": {"day": 14}}}, "days"),
            ({"rules": {"logs-retention": {"days": 15}}}, "15"),
            ({"mode": "fixing"}, "fix"),
            ({"packs": ["AwsSolution"]}, "AwsSolutions"),
            ({"unsuppressable": ["s3-tls"]}, "s3-tls-only"),
        ],
    )
    def test_what_is_wrong_is_said_at_once_with_the_nearest(self, arguments: dict[str, Any], said: str) -> None:
        with pytest.raises(SettingsError) as raised:
            Guardrails(**{"environment": "prod", **arguments})
        assert said in str(raised.value)

    def test_a_wrong_context_is_said_plainly(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        app = cdk.App(outdir=str(tmp_path / "out"), context={"cdk-guardrails": {"tag": TAGS}})
        s3.CfnBucket(cdk.Stack(app, "Stack"), "Bucket")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", quiet=True))
        assert "tags" in synth(app).error
        assert "cdk-guardrails: " in capfd.readouterr().err

    def test_profiles(self, app: cdk.App) -> None:
        dev, prod = cdk.Stack(app, "Dev"), cdk.Stack(app, "Prod")
        for stack, environment in ((dev, "dev"), (prod, "prod")):
            s3.CfnBucket(stack, "Bucket").apply_removal_policy(cdk.RemovalPolicy.DESTROY)
            rules = only("s3-versioning", "removal-policy")
            del rules["s3-versioning"], rules["removal-policy"]
            cdk.Aspects.of(stack).add(Guardrails(environment=environment, rules=rules, quiet=True))
        result = synth(app)
        assert result.template("Dev")["Resources"]["Bucket"]["DeletionPolicy"] == "Delete"
        assert result.template("Prod")["Resources"]["Bucket"]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert result.of_type("Dev", "AWS::S3::Bucket") == [{}]

    def test_an_l2_s_own_validation_does_not_stop_the_synth(self, app: cdk.App) -> None:
        """A bucket with auto_delete_objects insists on the removal policy that the fix takes away."""
        stack = cdk.Stack(app, "Stack")
        s3.Bucket(stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)
        cdk.Aspects.of(app).add(RemovalPolicies(environment="prod", quiet=True))
        result = synth(app)
        buckets = [r for r in result.template("Stack")["Resources"].values() if r["Type"] == "AWS::S3::Bucket"]
        assert [bucket["DeletionPolicy"] for bucket in buckets] == ["RetainExceptOnCreate"]


class TestFaults:
    def test_a_rule_that_raises_is_an_error_and_the_others_go_on(
        self, app: cdk.App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: Any) -> list[Finding]:
            raise ZeroDivisionError("boom")

        stack_with_bucket_and_logs(app)
        rule: Rule = all_rules()["s3-versioning"]
        monkeypatch.setattr(type(rule), "check", crash)
        rules = only("s3-versioning", "logs-retention")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=rules, quiet=True))
        result = synth(app)
        assert "rule-crashed[s3-versioning] @ Stack/Bucket" in result.findings
        assert "boom" in result.error
        assert result.of_type("Stack", "AWS::Logs::LogGroup")[0]["RetentionInDays"]
        assert "ZeroDivisionError" in result.report["crashes"][0]["traceback"]

    def test_a_fault_of_the_engine_is_an_error_not_a_lost_synth(
        self, app: cdk.App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError("boom")

        stack_with_bucket_and_logs(app)
        monkeypatch.setattr("cdk_guardrails.session.run", crash)
        cdk.Aspects.of(app).add(Guardrails(environment="prod", quiet=True))
        result = synth(app)
        assert "ValidationFailed" in result.error
        assert "ZeroDivisionError: boom" in result.error

    def test_a_report_that_cannot_be_written_hides_no_finding(
        self, app: cdk.App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        stack_with_bucket_and_logs(app)
        monkeypatch.setattr("cdk_guardrails.checks.write", full)
        monkeypatch.setattr("cdk_guardrails.checks.to_json", full)
        rules = only("s3-versioning")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=rules, mode="check", quiet=True))
        error = synth(app).error
        assert "guardrails-report.json could not be written: OSError: [Errno 28] No space left" in error
        assert "versioning is not enabled" in error

    def test_a_construct_that_cannot_be_resolved_is_named(self, app: cdk.App) -> None:
        @jsii.implements(cdk.IStringProducer)
        class Moody:
            calls = 0

            def produce(self, context: cdk.IResolveContext) -> str:
                self.calls += 1
                if self.calls == 1:
                    raise ValueError("not yet")
                return "name"

        stack = stack_with_bucket_and_logs(app)
        s3.CfnBucket(stack, "Moody", bucket_name=cdk.Lazy.uncached_string(Moody()))
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("s3-versioning"), quiet=True))
        result = synth(app)
        assert "unresolved-construct @ Stack/Moody" in result.findings
        assert "not yet" in " ".join(result.error.split())
        assert {"VersioningConfiguration": {"Status": "Enabled"}} in result.of_type("Stack", "AWS::S3::Bucket")
