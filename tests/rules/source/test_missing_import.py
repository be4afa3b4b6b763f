"""source-missing-import."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.base import Example, Finding
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-missing-import"]


def findings(code: str, *, name: str = "app.py") -> list[Finding]:
    outcome = run_example(RULE, Example(""), {name: f"{code}\n"})
    assert outcome.crashes == []
    return outcome.findings


def said(code: str, *, name: str = "app.py") -> list[str]:
    return [f"{item.origin.source} {item.message} | {item.remedy}" for item in findings(code, name=name)]


class TestFound:
    def test_what_it_says(self) -> None:
        [finding] = findings("print(alarm)\naws_cloudwatch_actions.SnsAction(1)\naws_cloudwatch_actions.SnsAction(2)")[
            1:
        ]
        assert finding.message == "aws_cloudwatch_actions is used 2 times and never imported"
        assert finding.remedy == "Add `from aws_cdk import aws_cloudwatch_actions`."
        assert (finding.id, finding.severity.value, finding.origin.source) == (RULE.id, "error", "app.py:2:1")

    def test_what_it_says_of_a_name_that_is_none_of_the_cdk(self) -> None:
        assert said("ä = bucket_nam") == ["app.py:1:5 bucket_nam is used and never imported or defined | "]

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            # names of modules, and those that people give them
            ("aws_sns.Topic", "from aws_cdk import aws_sns"),
            ("sns.Topic", "from aws_cdk import aws_sns as sns"),
            ("lambda_.Function", "from aws_cdk import aws_lambda as lambda_"),
            ("_lambda.Function", "from aws_cdk import aws_lambda as _lambda"),
            ("cw_actions.SnsAction", "from aws_cdk import aws_cloudwatch_actions as cw_actions"),
            ("sfn.Pass", "from aws_cdk import aws_stepfunctions as sfn"),
            ("ddb.Table", "from aws_cdk import aws_dynamodb as ddb"),
            ("custom_resources.Provider", "from aws_cdk import custom_resources"),
            ("cdk.App()", "import aws_cdk as cdk"),
            ("core.App()", "import aws_cdk as core"),
            ("aws_cdk.App()", "import aws_cdk"),
            ("constructs.Construct", "import constructs"),
            ("cdk_nag.NagPack", "import cdk_nag"),
            # by what else is imported
            ("import aws_cdk.aws_events\ntargets.LambdaFunction", "from aws_cdk import aws_events_targets as targets"),
            ("from aws_cdk import aws_route53\ntargets.A", "from aws_cdk import aws_route53_targets as targets"),
            ("from aws_cdk import aws_lambda\nFunction", "from aws_cdk.aws_lambda import Function"),
            # types
            ("Stack", "from aws_cdk import Stack"),
            ("Construct", "from constructs import Construct"),
            ("Duration.days(1)", "from aws_cdk import Duration"),
            ("BucketEncryption.KMS", "from aws_cdk.aws_s3 import BucketEncryption"),
            ("IBucket", "from aws_cdk.aws_s3 import IBucket"),
            ("AwsSolutionsChecks", "from cdk_nag import AwsSolutionsChecks"),
            # where it stands
            ("def f(role: 'iam.IRole'): pass", "from aws_cdk import aws_iam as iam"),
            ("def f(role: 'list[iam.IRole] | None' = None): pass", "from aws_cdk import aws_iam as iam"),
            ("class A(Stack):\n    pass", "from aws_cdk import Stack"),
            ("def f():\n    return [s3.Bucket for _ in 'ab']", "from aws_cdk import aws_s3 as s3"),
            ("if x := 1:\n    s3.Bucket", "from aws_cdk import aws_s3 as s3"),
            ("s3.Bucket  # noqa: E501", "from aws_cdk import aws_s3 as s3"),
        ],
    )
    def test_the_import_is_named(self, code: str, line: str) -> None:
        assert [finding.remedy for finding in findings(code)] == [f"Add `{line}`."]

    @pytest.mark.parametrize(
        "code",
        [
            "targets.LambdaFunction",  # of events or of Route 53
            "Function",  # of aws_lambda, aws_cloudfront ...
            "boto3.client",
            "s33.Bucket",
            "bucket",
            "Buckett",
            "x = y",
            "del a",
            "def f():\n    return later",
            "[n for n in 'ab']\nn",
            "class A:\n    inside = 1\n    def f(self): return inside",
            "exec('a = 1')\na",
        ],
    )
    def test_no_import_is_made_up(self, code: str) -> None:
        [finding] = findings(code)
        assert finding.message.endswith(" is used and never imported or defined")
        assert finding.remedy == ""

    def test_each_name_once(self) -> None:
        assert [item.split(" |")[0] for item in said("a\nb\na\nb\na")] == [
            "app.py:1:1 a is used 3 times and never imported or defined",
            "app.py:2:1 b is used 2 times and never imported or defined",
        ]


@pytest.mark.parametrize(
    "code",
    [
        "from aws_cdk import aws_sns as sns\nsns.Topic",
        "import aws_cdk as cdk\ncdk.aws_sns.Topic",
        "import aws_cdk.aws_sns\naws_cdk.aws_sns.Topic",
        "from aws_cdk.aws_sns import *\nTopic",
        "from shop import *\nanything",
        "try:\n    sns\nexcept NameError:\n    sns = None",
        "sns = 1\nsns.Topic",
        "def f(sns): return sns.Topic",
        "for sns in []: sns",
        "with a_file as sns: sns".replace("a_file", "open(__file__)"),
        "import sys as sns\nsns",
        "lambda sns: sns",
        "[sns for sns in ()]",
        "match 1:\n    case sns: sns",
        "def f():\n    global sns\n    sns = 1\nsns",
        "if 0:\n    import sns\nsns",
        "def f(): return later\nlater = 1",
        "from __future__ import annotations\nclass A:\n    def f(self) -> A: pass",
        "class A:\n    def f(self) -> 'A': pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from aws_cdk import aws_sns\na: 'aws_sns.Topic'",
        "from typing import Literal\na: Literal['sns', 'aws_sns']",
        "'sns.Topic'",
        "# sns.Topic",
        "print(__file__, __name__, __doc__, print, ValueError)",
        "sns  # noqa",
        "sns  # noqa: F821",
        "# ruff: noqa\nsns",
        "",
    ],
)
def test_a_near_miss(code: str) -> None:
    assert said(code) == []


def test_tests_and_packages_are_judged_too() -> None:
    assert len(findings("sns", name="test_app.py")) == len(findings("sns", name="__init__.py")) == 1


@pytest.mark.parametrize(
    "code",
    ["\ufeffsns", "a = '\\ud800'\nsns", "\f\nsns", "if 1:\r\n    sns", "sns" + " + sns" * 800, "é" * 300 + " = sns"],
)
def test_odd_code_is_read(code: str) -> None:
    [finding] = findings(code)
    assert finding.remedy == "Add `from aws_cdk import aws_sns as sns`."
