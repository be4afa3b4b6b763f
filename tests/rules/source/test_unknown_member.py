"""source-unknown-member."""

from __future__ import annotations

import textwrap

import pytest

from cdk_guardrails.rules.base import Example
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-unknown-member"]
HEAD = """\
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda_, aws_s3 as s3, aws_sns as sns
from constructs import Construct
"""
STACK = f"""{HEAD}
class Shop(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, role: iam.IRole) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(self, "Images")
"""


def said(code: str, head: str = HEAD, **files: str) -> list[str]:
    """What the rule says of ``code`` behind the usual imports; ``files`` are other modules, by name."""
    texts = {"app.py": f"{head}{code}\n", **{f"{name}.py": text for name, text in files.items()}}
    outcome = run_example(RULE, Example(""), texts)
    assert outcome.crashes == []
    assert {finding.severity.value for finding in outcome.findings} <= {"error"}
    return [f"{item.message} | {item.remedy}" for item in outcome.findings]


def in_stack(code: str, **files: str) -> list[str]:
    """Of code in the ``__init__`` of a stack that has a bucket and is given a role."""
    return said(textwrap.indent(code, " " * 8), STACK, **files)


class TestMembers:
    def test_the_line_of_the_report(self) -> None:
        [finding] = run_example(RULE, Example(f"{STACK}        self.bucket.grant(role, 's3:GetObject')\n")).findings
        assert finding.message == "s3.Bucket has no method 'grant'"
        assert finding.remedy == "Use grant_read, grant_read_write or grant_write."
        assert (finding.id, finding.severity.value) == (RULE.id, "error")
        assert finding.origin.source == "app.py:9:21", "the name, not what it is asked of"

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("self.bucket.grantRead(role)", "s3.Bucket has no method 'grantRead' | Use grant_read, grant_read_write "),
            ("self.bucket.bucketName", "s3.Bucket has no attribute 'bucketName' | Use bucket_name"),
            ("s3.Bucket.from_bucket_nam(self, 'C', 'n')", "s3.Bucket has no method 'from_bucket_nam' | Use from_buc"),
            ("s3.BucketEncryption.KMS_MANGED", "s3.BucketEncryption has no attribute 'KMS_MANGED' | Use KMS_MANAGED"),
            ("lambda_.Runtime.PYTHON_3_99", "lambda_.Runtime has no attribute 'PYTHON_3_99' | Use PYTHON_3_14"),
            ("cdk.RemovalPolicy.DELETE", "cdk.RemovalPolicy has no attribute 'DELETE' | "),
            ("s3.CfnBucket.CorsRulesProperty()", "s3.CfnBucket has no class 'CorsRulesProperty' | Use CorsRuleProper"),
            ("self.bucket.encryption_kind = 1", "s3.Bucket has no property 'encryption_kind': setting it changes no"),
            ("cdk.Stack.of(self).regoin", "cdk.Stack has no attribute 'regoin' | Use region."),
            ("role.grant_invoke(role)", "iam.IRole has no method 'grant_invoke' | "),
            ("sns.Topic(self, 'T').grant_read(role)", "sns.Topic has no method 'grant_read' | Use grant"),
            # of what inherits, through helpers, aliases and containers
            ("self.regoin", "Shop has no attribute 'regoin' | Use region."),
            ("self.buckets", "Shop has no attribute 'buckets' | Use bucket."),
            ("alias = self.bucket\nalias.grant(role)", "s3.Bucket has no method 'grant' | Use grant_read"),
            ("for b in [self.bucket]:\n    b.grant(role)", "s3.Bucket has no method 'grant' | Use grant_read"),
            ("def made(): return self.bucket\nmade().grant(role)", "s3.Bucket has no method 'grant' | Use grant_read"),
            ("Kind = s3.Bucket\nKind(self, 'C').grant(role)", "s3.Bucket has no method 'grant' | Use grant_read"),
            ("self.bucket.encryption_key.foo", "aws_kms.IKey has no attribute 'foo' | "),
            ("(self.bucket\n .grant_read(role)\n .foo())", "iam.Grant has no method 'foo' | "),
        ],
    )
    def test_found(self, code: str, expected: str) -> None:
        [found] = in_stack(code)
        assert found.startswith(expected)

    def test_suggestions_are_of_all_that_it_may_be(self) -> None:
        code = "it = self.bucket if role else sns.Topic(self, 'T')\nit.grant_foo(role)"
        [found] = in_stack(code)
        message, _, remedy = found.partition(" | ")
        assert message == "s3.Bucket and sns.Topic have no method 'grant_foo'"
        assert "grant_put" not in remedy, "only the bucket has that"

    def test_across_modules(self) -> None:
        shop = (
            f"{HEAD}class Images(s3.Bucket):\n    def __init__(self, scope: Construct): super().__init__(scope, 'I')\n"
        )
        [found] = said("from shop import Images\nImages(cdk.Stack()).grant(1)", shop=shop)
        assert found == "Images has no method 'grant' | Use grant_read, grant_read_write or grant_write."

    @pytest.mark.parametrize(
        "code",
        [
            # there
            "self.bucket.grant_read(role)",
            "self.bucket.bucket_name = 'x'",
            "self.node.try_get_context('a')",
            "self.bucket.node.default_child.add_override('a', 1)",
            "s3.CfnBucket.CorsRuleProperty",
            "cdk.Stack.of(self).region",
            "self.bucket.__class__.__name__",
            "self.bucket._physical_name",
            # looked for
            "getattr(self.bucket, 'grant', None)",
            "if hasattr(self.bucket, 'grant'):\n    self.bucket.grant(role)",
            "try:\n    self.bucket.grant(role)\nexcept AttributeError:\n    pass",
            # made by the app
            "setattr(self.bucket, 'label', 1)\nself.bucket.label",
            "self.bucket.label = 'x'\nself.bucket.label",
            "self.label = 1\nself.label",
            # may be something else
            "it = self.bucket if role else sns.Topic(self, 'T')\nit.grant_publish(role)",
            "b: s3.IBucket = self.bucket\nb.add_cors_rule(allowed_methods=[], allowed_origins=[])",
            "vpc: ec2.IVpc = ec2.Vpc(self, 'V')\nvpc.vpc_cidr_block",
            # not known
            "import shop\nshop.make(self).grant(role)",
            "def f(bucket): bucket.grant(role)",
            "class Bucket:\n    pass\nBucket().grant(role)",
            # said to be meant
            "self.bucket.grant(role)  # type: ignore",
            "self.bucket.grant(role)  # type: ignore[attr-defined]",
            "self.bucket.grant(role)  # pyrefly: ignore",
            "self.bucket.grant(role)  # pyright: ignore[reportAttributeAccessIssue]",
        ],
    )
    def test_a_near_miss(self, code: str) -> None:
        assert in_stack(code) == []


class TestKeywords:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            (
                "s3.Bucket(self, 'C', blockPublicAccess=None)",
                "s3.Bucket takes no argument 'blockPublicAccess' | Use block_public_access or public_read_access.",
            ),
            ("s3.Bucket(self, 'C', versionned=True)", "s3.Bucket takes no argument 'versionned' | Use versioned."),
            ("cdk.CfnOutput(self, 'O', value='', nam='')", "cdk.CfnOutput takes no argument 'nam' | "),
            (
                "s3.LifecycleRule(expiraton=1)",
                "s3.LifecycleRule takes no argument 'expiraton' | Use expiration or expiration_date.",
            ),
            (
                "self.bucket.add_lifecycle_rule(expire=1)",
                "s3.Bucket.add_lifecycle_rule takes no argument 'expire' | Use expiration.",
            ),
            ("sns.Topic(self, 'T', displayname='')", "sns.Topic takes no argument 'displayname' | Use display_name."),
        ],
    )
    def test_found(self, code: str, expected: str) -> None:
        assert in_stack(code) == [expected]

    @pytest.mark.parametrize(
        "code",
        [
            "s3.Bucket(scope=self, id='C', versioned=True)",
            "s3.Bucket(self, 'C', **{'version': True})",
            "s3.Bucket(self, 'C', **load())",
            "dict(versionned=True)",
            "def f(a: int) -> None: pass\nf(1, b=2)",
            "class A(s3.Bucket):\n    def __init__(self, *, label: str) -> None: pass\nA(label='x')",
            "s3.Bucket(self, 'C', versionned=True)  # type: ignore",
        ],
    )
    def test_a_near_miss(self, code: str) -> None:
        assert in_stack(code) == []


class TestNames:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("s3.Buckett(1)", "aws_cdk.aws_s3 has no 'Buckett' | Use s3.Bucket, s3.IBucket or s3.BucketGrants."),
            ("cdk.aws_s33.Bucket", "aws_cdk has no 'aws_s33' | Use cdk.aws_s3."),
            (
                "from aws_cdk.aws_s3 import Buckett",
                "aws_cdk.aws_s3 has no 'Buckett' | Use aws_s3.Bucket, aws_s3.IBucket or aws_s3.BucketGrants.",
            ),
            ("from aws_cdk.aws_s33 import Bucket", "aws_cdk has no 'aws_s33' | Use aws_cdk.aws_s3."),
            ("import aws_cdk.aws_s33", "aws_cdk has no 'aws_s33' | Use aws_cdk.aws_s3."),
            ("from aws_cdk import Stak", "aws_cdk has no 'Stak' | Use aws_cdk.Stack."),
            ("from aws_cdk import aws_foo", "aws_cdk has no 'aws_foo' | "),
            ("from cdk_nag import AwsSolutionChecks", "cdk_nag has no 'AwsSolutionChecks' | Use cdk_nag.AwsSolutions"),
            (
                "from aws_cdk import core",
                "aws_cdk has no 'core': that was version 1 of the CDK | Use `import aws_cdk as cdk`.",
            ),
        ],
    )
    def test_found(self, code: str, expected: str) -> None:
        [found] = said(code)
        assert found.startswith(expected)

    @pytest.mark.parametrize(
        "code",
        [
            "from aws_cdk import *",
            "from aws_cdk import aws_glue_alpha, lambda_layer_kubectl_v31, asset_awscli_v1",
            "import aws_cdk.aws_glue_alpha as glue",
            "from . import aws_foo",
            "from aws_cdkk import aws_foo",
            "try:\n    from aws_cdk import aws_foo\nexcept ImportError:\n    aws_foo = None",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from aws_cdk.aws_s3 import Buckett",
            "s3.__doc__; s3._private",
            "if hasattr(s3, 'Buckett'):\n    s3.Buckett",
            "try:\n    s3.Buckett\nexcept AttributeError:\n    pass",
            "def f(s3): s3.Buckett",
            "s3.Buckett = 1",
            "'s3.Buckett'  # s3.Buckett",
        ],
    )
    def test_a_near_miss(self, code: str) -> None:
        assert said(code) == []


def test_an_app_without_the_cdk_starts_no_type_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(name: str) -> list[str]:
        raise AssertionError(f"{name} was asked for")

    monkeypatch.setattr("cdk_guardrails.source.programs.command", never)
    assert said("import boto3\nboto3.foo.bar()", "") == []
