"""The bridge on every kind of construct: what a template's edit becomes on the construct behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import cloudformation_include, pipelines
from constructs import Construct, IConstruct, IValidation

from cdk_guardrails import Guardrails
from tests.hosts.conftest import only, synth

NewApp = Callable[..., cdk.App]

VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}
VERSIONING = only("s3-versioning")


def versioning(**settings: Any) -> Guardrails:
    return Guardrails(environment="prod", rules=VERSIONING, quiet=True, **settings)


def function(scope: Construct, id_: str = "Function", **props: Any) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    return lambda_.Function(
        scope, id_, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code, **props
    )


def bucket_properties(result: Any, stack: str = "Stack") -> list[dict[str, Any]]:
    return list(result.of_type(stack, "AWS::S3::Bucket"))


class TestKindsOfConstruct:
    def test_a_typed_resource_gets_a_real_property(self, app: cdk.App) -> None:
        bucket = s3.Bucket(cdk.Stack(app, "Stack"), "Bucket")
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        assert bucket_properties(result) == [VERSIONED]
        level1 = bucket.node.default_child
        assert isinstance(level1, s3.CfnBucket)
        assert level1.versioning_configuration.status == "Enabled"  # type: ignore[union-attr]

    def test_a_generic_resource(self, app: cdk.App) -> None:
        cdk.CfnResource(cdk.Stack(app, "Stack"), "Bucket", type="AWS::S3::Bucket")
        cdk.CfnResource(
            cdk.Stack(app, "Other"), "Bucket", type="AWS::S3::Bucket", properties={"BucketName": cdk.Aws.ACCOUNT_ID}
        )
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        assert bucket_properties(result) == [VERSIONED]
        assert bucket_properties(result, "Other") == [{"BucketName": {"Ref": "AWS::AccountId"}, **VERSIONED}]

    def test_an_included_template(self, app: cdk.App, tmp_path: Path) -> None:
        template = tmp_path / "included.json"
        template.write_text(json.dumps({"Resources": {"Old": {"Type": "AWS::S3::Bucket"}}}))
        cloudformation_include.CfnInclude(cdk.Stack(app, "Stack"), "Included", template_file=str(template))
        cdk.Aspects.of(app).add(versioning())
        assert synth(app).template("Stack")["Resources"]["Old"]["Properties"] == VERSIONED

    def test_a_nested_stack(self, app: cdk.App) -> None:
        nested = cdk.NestedStack(cdk.Stack(app, "Stack"), "Nested")
        s3.Bucket(nested, "Bucket")
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        assert result.of_type("StackNested", "AWS::S3::Bucket") == [VERSIONED]
        assert result.findings == []

    def test_a_property_hidden_by_a_raw_override(self, app: cdk.App) -> None:
        level1 = s3.CfnBucket(cdk.Stack(app, "Stack"), "Bucket")
        level1.add_property_override("VersioningConfiguration.Status", "Suspended")
        cdk.Aspects.of(app).add(versioning())
        assert bucket_properties(synth(app)) == [VERSIONED]

    def test_a_lazy_property_is_merged_when_it_resolves(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        made = function(stack, environment={"NODE_OPTIONS": "--trace-warnings", "TABLE": "orders"})
        made.add_environment("NAME", stack.stack_name)
        rules = only("lambda-runtime-env")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=rules, quiet=True))
        [properties] = synth(app).of_type("Stack", "AWS::Lambda::Function")
        assert properties["Environment"] == {"Variables": {"NAME": "Stack", "TABLE": "orders"}}

    def test_a_policy_document_gets_a_statement_and_keeps_its_own(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        bucket = s3.Bucket(stack, "Bucket")
        bucket.grant_read(iam.AccountPrincipal("111111111111"))
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("s3-tls-only"), quiet=True))
        [policy] = synth(app).of_type("Stack", "AWS::S3::BucketPolicy")
        effects = [statement["Effect"] for statement in policy["PolicyDocument"]["Statement"]]
        assert effects == ["Allow", "Deny"]

    def test_a_lazy_that_is_asked_once_is_not_asked_too_early(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        names = ["first"]

        @jsii.implements(cdk.IStableStringProducer)
        class Names:
            def produce(self) -> str:
                return ",".join(names)

        s3.CfnBucket(stack, "Bucket", bucket_name=cdk.Lazy.string(Names()))
        cdk.Aspects.of(app).add(versioning())

        @jsii.implements(cdk.IAspect)
        class Late:
            def visit(self, node: IConstruct) -> None:
                if isinstance(node, s3.CfnBucket):
                    names.append("second")

        cdk.Aspects.of(app).add(Late(), priority=900)
        assert bucket_properties(synth(app))[0]["BucketName"] == "first,second"

    def test_author_and_unknown_values_stay(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        status = cdk.CfnParameter(stack, "Status")
        s3.CfnBucket(
            stack,
            "Bucket",
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status=status.value_as_string),
        )
        cdk.Aspects.of(app).add(versioning())
        assert bucket_properties(synth(app)) == [{"VersioningConfiguration": {"Status": {"Ref": "Status"}}}]


class TestReferences:
    def test_a_reference_to_another_stack_is_no_neighbour(self, app: cdk.App) -> None:
        """Twin stacks share logical ids: a plain Ref to the other one's bucket must not count as this one's."""

        class Twin(cdk.Stack):
            def __init__(self, scope: Construct, id_: str, other: s3.IBucket | None = None) -> None:
                super().__init__(scope, id_)
                self.bucket = s3.Bucket(self, "Bucket")
                if other:
                    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": other.bucket_arn}
                    s3.CfnBucketPolicy(
                        self, "Policy", bucket=other.bucket_name, policy_document={"Statement": [statement]}
                    )

        first = Twin(app, "First")
        Twin(app, "Second", first.bucket)
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("s3-tls-only"), quiet=True))
        result = synth(app)
        own = [p for p in result.of_type("Second", "AWS::S3::BucketPolicy") if "Ref" in p["Bucket"]]
        assert len(own) == 1, "the second stack's bucket has a policy of its own"
        foreign = [p for p in result.of_type("Second", "AWS::S3::BucketPolicy") if "Ref" not in p["Bucket"]]
        assert [len(p["PolicyDocument"]["Statement"]) for p in foreign] == [1]
        assert "Fn::ImportValue" in json.dumps(foreign)

    def test_an_edit_beside_a_cross_stack_reference_keeps_it(self, app: cdk.App) -> None:
        producer = cdk.Stack(app, "Producer")
        bucket = s3.Bucket(producer, "Bucket")
        function(cdk.Stack(app, "Consumer"), environment={"BUCKET": bucket.bucket_name, "NODE_OPTIONS": "--inspect"})
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("lambda-runtime-env"), quiet=True))
        [properties] = synth(app).of_type("Consumer", "AWS::Lambda::Function")
        assert list(properties["Environment"]["Variables"]) == ["BUCKET"]
        assert "Fn::ImportValue" in json.dumps(properties["Environment"])

    def test_an_added_resource_is_shared_and_referred_to(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        logs.LogGroup(stack, "One")
        logs.LogGroup(stack, "Two")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("logs-encryption"), quiet=True))
        result = synth(app)
        keys = [id_ for id_, r in result.template("Stack")["Resources"].items() if r["Type"] == "AWS::KMS::Key"]
        assert len(keys) == 1
        groups = result.of_type("Stack", "AWS::Logs::LogGroup")
        assert [group["KmsKeyId"] for group in groups] == [{"Fn::GetAtt": [keys[0], "Arn"]}] * 2
        assert stack.node.find_child("Guardrails").node.find_child(keys[0])

    def test_a_user_s_own_construct_called_guardrails_is_left_alone(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        logs.LogGroup(Construct(stack, "Guardrails"), "One")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("logs-encryption"), quiet=True))
        assert synth(app).of_type("Stack", "AWS::KMS::Key")
        assert stack.node.find_child("CdkGuardrails")


class TestStages:
    def test_stages_and_their_stages_are_covered(self, app: cdk.App) -> None:
        stage = cdk.Stage(app, "Prod")
        s3.Bucket(cdk.Stack(stage, "Stack"), "Bucket")
        s3.Bucket(cdk.Stack(cdk.Stage(stage, "Inner"), "Stack"), "Bucket")
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        assert bucket_properties(result, "ProdStack") == [VERSIONED]
        assert bucket_properties(result, "ProdInnerStack") == [VERSIONED]
        assert result.findings == []

    def test_a_stage_that_was_synthesized_early(self, app: cdk.App) -> None:
        stage = cdk.Stage(app, "Prod")
        s3.Bucket(cdk.Stack(stage, "Stack"), "Bucket")
        stage.synth()
        cdk.Aspects.of(app).add(versioning())
        assert bucket_properties(synth(app), "ProdStack") == [VERSIONED]

    def test_other_aspects_in_a_stage_visit_each_node_once(self, app: cdk.App) -> None:
        stage = cdk.Stage(app, "Prod")
        s3.Bucket(cdk.Stack(stage, "Stack"), "Bucket")
        visits: list[str] = []

        @jsii.implements(cdk.IAspect)
        class Count:
            def visit(self, node: IConstruct) -> None:
                visits.append(node.node.path)

        cdk.Aspects.of(stage).add(Count())
        cdk.Aspects.of(app).add(versioning())
        synth(app)
        assert len(visits) == len(set(visits)) == 4

    def test_a_nested_stack_in_a_stage_is_published_under_its_new_content(self, new_app: NewApp) -> None:
        def build(name: str, guarded: bool) -> tuple[Any, dict[str, Any]]:
            app = new_app(name)
            stage = cdk.Stage(app, "Prod")
            s3.Bucket(cdk.NestedStack(cdk.Stack(stage, "Stack"), "Nested"), "Bucket")
            if guarded:
                cdk.Aspects.of(app).add(versioning())
            result = synth(app)
            [manifest] = result.folder.rglob("*.assets.json")
            files = json.loads(manifest.read_text())["files"]
            return result, {file["source"]["path"]: hash_ for hash_, file in files.items()}

        _, old = build("before", guarded=False)
        after, new = build("after", guarded=True)
        nested = next(path for path in new if ".nested." in path)
        assert after.of_type("ProdStackNested", "AWS::S3::Bucket") == [VERSIONED]
        assert old[nested] != new[nested]
        [stack] = after.of_type("ProdStackD", "AWS::CloudFormation::Stack")
        assert new[nested] in json.dumps(stack["TemplateURL"])
        assert len(new) == len(old), "the old asset is gone from the manifest"

    def test_a_pipeline(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Pipeline")
        source = pipelines.CodePipelineSource.s3(s3.Bucket(stack, "Source"), "source.zip")
        pipeline = pipelines.CodePipeline(
            stack, "Pipeline", synth=pipelines.ShellStep("Synth", input=source, commands=["cdk synth"])
        )
        stage = cdk.Stage(app, "Prod")
        s3.Bucket(cdk.Stack(stage, "Stack"), "Bucket")
        pipeline.add_stage(stage)
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        assert bucket_properties(result, "ProdStack") == [VERSIONED]
        assert all(bucket.get("VersioningConfiguration") for bucket in bucket_properties(result, "Pipeline"))
        assert result.findings == []

    def test_a_stage_that_cannot_be_covered_is_an_error(self, app: cdk.App) -> None:
        stage = cdk.Stage(app, "Prod")
        stack = cdk.Stack(stage, "Stack")
        s3.Bucket(stack, "Bucket")

        @jsii.implements(IValidation)
        class ValidOnce:
            calls = 0

            def validate(self) -> list[str]:
                self.calls += 1
                return ["once was enough"] if self.calls > 1 else []

        stack.node.add_validation(ValidOnce())
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        assert "stage-uncovered @ Prod" in result.findings
        assert "once was enough" in " ".join(result.error.split())


class TestScopes:
    def test_the_closest_guardrails_win(self, app: cdk.App) -> None:
        first, second = cdk.Stack(app, "First"), cdk.Stack(app, "Second")
        for stack in (first, second):
            logs.CfnLogGroup(stack, "Group")
        far = {"logs-retention": {"days": 30}}
        near = {"logs-retention": {"days": 7}}
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("logs-retention", **far), quiet=True))
        cdk.Aspects.of(second).add(Guardrails(environment="prod", rules=only("logs-retention", **near), quiet=True))
        result = synth(app)
        assert result.of_type("First", "AWS::Logs::LogGroup") == [{"RetentionInDays": 30}]
        assert result.of_type("Second", "AWS::Logs::LogGroup") == [{"RetentionInDays": 7}]

    def test_a_stage_s_own_guardrails_win_over_the_app_s(self, app: cdk.App) -> None:
        stage = cdk.Stage(app, "Dev")
        logs.CfnLogGroup(cdk.Stack(stage, "Stack"), "Group")
        logs.CfnLogGroup(cdk.Stack(app, "Stack"), "Group")
        for scope, days in ((app, 30), (stage, 7)):
            rules = only("logs-retention", **{"logs-retention": {"days": days}})
            cdk.Aspects.of(scope).add(Guardrails(environment="prod", rules=rules, quiet=True))
        result = synth(app)
        assert result.of_type("Stack", "AWS::Logs::LogGroup") == [{"RetentionInDays": 30}]
        assert result.of_type("DevStack", "AWS::Logs::LogGroup") == [{"RetentionInDays": 7}]

    def test_a_stack_alone_and_a_construct_alone(self, app: cdk.App) -> None:
        one, two = cdk.Stack(app, "One"), cdk.Stack(app, "Two")
        s3.Bucket(one, "Bucket")
        chosen = s3.Bucket(two, "Chosen")
        s3.Bucket(two, "Other")
        cdk.Aspects.of(one).add(versioning())
        cdk.Aspects.of(chosen).add(versioning())
        result = synth(app)
        assert bucket_properties(result, "One") == [VERSIONED]
        assert bucket_properties(result, "Two") == [VERSIONED, {}]
        assert result.findings == [], "what lies outside the scopes is not judged"

    def test_one_object_on_two_scopes(self, app: cdk.App) -> None:
        guardrails = versioning()
        for name in ("One", "Two"):
            stack = cdk.Stack(app, name)
            s3.Bucket(stack, "Bucket")
            cdk.Aspects.of(stack).add(guardrails)
        result = synth(app)
        assert bucket_properties(result, "One") == bucket_properties(result, "Two") == [VERSIONED]

    def test_check_mode_changes_nothing(self, app: cdk.App) -> None:
        s3.Bucket(cdk.Stack(app, "Stack"), "Bucket")
        cdk.Aspects.of(app).add(versioning(mode="check"))
        result = synth(app)
        assert bucket_properties(result) == [{}]
        assert result.findings == ["s3-versioning @ Stack/Bucket/Resource"]
        assert "s3-versioning" in result.error


class TestOtherAspects:
    @pytest.mark.parametrize("before", [True, False])
    def test_what_another_aspect_adds_or_changes_is_treated(self, app: cdk.App, before: bool) -> None:
        stack = cdk.Stack(app, "Stack")
        s3.Bucket(stack, "Bucket")
        Construct(stack, "Last")

        @jsii.implements(cdk.IAspect)
        class AddsBelow:
            def visit(self, node: IConstruct) -> None:
                if node.node.id == "Last" and not node.node.children:
                    s3.Bucket(node, "Added")

        if before:
            cdk.Aspects.of(app).add(AddsBelow())
        cdk.Aspects.of(app).add(versioning())
        if not before:
            cdk.Aspects.of(app).add(AddsBelow())
        result = synth(app)
        assert bucket_properties(result) == [VERSIONED, VERSIONED]
        assert result.findings == []

    def test_a_sibling_that_is_added_behind_the_visits(self, app: cdk.App) -> None:
        """Without stabilization the CDK never visits it: it is not fixed, but it is found."""
        stack = cdk.Stack(app, "Stack")
        s3.Bucket(stack, "Bucket")

        @jsii.implements(cdk.IAspect)
        class AddsBeside:
            def visit(self, node: IConstruct) -> None:
                if isinstance(node, s3.CfnBucket) and not stack.node.try_find_child("Beside"):
                    s3.Bucket(stack, "Beside")

        cdk.Aspects.of(app).add(AddsBeside())
        cdk.Aspects.of(app).add(versioning())
        result = synth(app)
        stabilized = app.node.try_get_context("@aws-cdk/core:aspectStabilization")
        assert bucket_properties(result) == [VERSIONED, VERSIONED if stabilized else {}]
        assert result.findings == ([] if stabilized else ["s3-versioning @ Stack/Beside/Resource"])

    def test_tags_of_an_author_win(self, app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        s3.Bucket(stack, "Bucket")
        cdk.Tags.of(app).add("Owner", "author")
        tags = {"Owner": "settings", "Project": "p", "Department": "d"}
        cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, rules=only("required-tags"), quiet=True))
        [properties] = bucket_properties(synth(app))
        assert {tag["Key"]: tag["Value"] for tag in properties["Tags"]} == {
            "Department": "d",
            "Environment": "prod",
            "Owner": "author",
            "Project": "p",
        }

    def test_the_app_s_tags_reach_what_fixes_add(self, app: cdk.App) -> None:
        logs.CfnLogGroup(cdk.Stack(app, "Stack"), "Group")
        cdk.Tags.of(app).add("CostCenter", "42")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", rules=only("logs-encryption"), quiet=True))
        [key] = synth(app).of_type("Stack", "AWS::KMS::Key")
        assert key["Tags"] == [{"Key": "CostCenter", "Value": "42"}]

    def test_the_cdk_s_own_handlers_are_tagged(self, app: cdk.App) -> None:
        """The handler of bucket notifications is no typed L1, but keeps its tags in a TagManager all the same."""
        stack = cdk.Stack(app, "Stack")
        topic = sns.Topic(stack, "Topic")
        s3.Bucket(stack, "Bucket").add_event_notification(
            s3.EventType.OBJECT_CREATED, notifications.SnsDestination(topic)
        )
        tags = {"Owner": "o", "Project": "p", "Department": "d"}
        cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, rules=only("required-tags"), quiet=True))
        result = synth(app)
        assert result.findings == []
        [handler] = result.of_type("Stack", "AWS::Lambda::Function")
        assert {tag["Key"] for tag in handler["Tags"]} == {"Environment", *tags}


class TestRepetition:
    def test_synthesizing_twice_and_guarding_twice_change_nothing(self, new_app: NewApp) -> None:
        def build(name: str, *, times: int, guards: int) -> dict[str, bytes]:
            app = new_app(name)
            stack = cdk.Stack(app, "Stack")
            s3.Bucket(stack, "Bucket")
            logs.LogGroup(stack, "Group")
            function(stack, environment={"NODE_OPTIONS": "x"})
            tags = {"Owner": "o", "Project": "p", "Department": "d"}
            for _ in range(guards):
                cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=tags, quiet=True))
            for _ in range(times):
                result = synth(app, force=True)
            return result.bytes()

        # From one line of this file: the assembly names it.
        once, twice, guarded_twice = [
            build(name, times=times, guards=guards)
            for name, times, guards in (("once", 1, 1), ("twice", 2, 1), ("guarded-twice", 1, 2))
        ]
        assert twice == once
        # Rules about the app as a whole are asked by both.
        counted = re.compile(rb'"rules_run": \d+')
        uncounted = [{name: counted.sub(b"", text) for name, text in made.items()} for made in (guarded_twice, once)]
        assert uncounted[0] == uncounted[1]

    def test_the_ledger_survives_a_second_synthesis(self, app: cdk.App) -> None:
        s3.Bucket(cdk.Stack(app, "Stack"), "Bucket")
        cdk.Aspects.of(app).add(versioning())
        first = synth(app, force=True).report["fixes"]
        assert len(first) == 1
        assert synth(app, force=True).report["fixes"] == first
