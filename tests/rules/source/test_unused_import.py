"""source-unused-import."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.base import Example
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-unused-import"]


def said(code: str, *, name: str = "app.py") -> list[str]:
    """What the rule says: of line 1 of app.py nothing but what is imported."""
    outcome = run_example(RULE, Example(""), {name: f"{code}\n"})
    assert outcome.crashes == []
    end = " is imported and never used"
    assert all(finding.message.endswith(end) for finding in outcome.findings)
    return [f"{item.origin.source} {item.message.removesuffix(end)}" for item in outcome.findings]


def test_what_it_says() -> None:
    outcome = run_example(RULE, Example(""), {"app.py": "from aws_cdk import aws_lambda_event_sources\n"})
    [finding] = outcome.findings
    assert finding.message == "aws_cdk.aws_lambda_event_sources is imported and never used"
    assert (finding.remedy, finding.severity.value) == ("Remove the import.", "warning")
    assert (finding.id, finding.origin.source) == (RULE.id, "app.py:1:21")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import aws_cdk", ["1:8 aws_cdk"]),
        ("import aws_cdk as cdk", ["1:8 aws_cdk as cdk"]),
        ("import aws_cdk.aws_s3", ["1:8 aws_cdk.aws_s3"]),
        ("import aws_cdk.aws_s3 as s3, os", ["1:8 aws_cdk.aws_s3 as s3"]),
        ("import os, aws_cdk as cdk", ["1:12 aws_cdk as cdk"]),
        ("from aws_cdk import aws_sns as sns", ["1:21 aws_cdk.aws_sns as sns"]),
        ("from aws_cdk import aws_sns, aws_sqs\naws_sns", ["1:30 aws_cdk.aws_sqs"]),
        ("from aws_cdk import aws_sns as a, aws_sqs as b\na", ["1:35 aws_cdk.aws_sqs as b"]),
        (
            "from aws_cdk import (\n    aws_s3 as s3,  # buckets\n    aws_sns,\n)",
            ["2:5 aws_cdk.aws_s3 as s3", "3:5 aws_cdk.aws_sns"],
        ),
        ("from aws_cdk import aws_s3 \\\n    as s3", ["1:21 aws_cdk.aws_s3 as s3"]),
        ("from aws_cdk.aws_s3 import Bucket", ["1:28 aws_cdk.aws_s3.Bucket"]),
        ("from constructs import Construct", ["1:24 constructs.Construct"]),
        ("from cdk_nag import AwsSolutionsChecks", ["1:21 cdk_nag.AwsSolutionsChecks"]),
        ("ä = 'ü'; from aws_cdk import aws_s3", ["1:30 aws_cdk.aws_s3"]),
        ("def f():\n    from aws_cdk import aws_s3", ["2:25 aws_cdk.aws_s3"]),
        # something else of that name is used
        ("from aws_cdk import aws_s3\ndef f(aws_s3): return aws_s3", ["1:21 aws_cdk.aws_s3"]),
        ("from aws_cdk import aws_s3\n'aws_s3.Bucket'  # aws_s3", ["1:21 aws_cdk.aws_s3"]),
        ("from aws_cdk import aws_s3\na.aws_s3 = 1", ["1:21 aws_cdk.aws_s3"]),
        # for types only, and not even there
        ("import typing\nif typing.TYPE_CHECKING:\n    from aws_cdk import aws_s3", ["3:25 aws_cdk.aws_s3"]),
        ("try:\n    from aws_cdk import aws_s3\nfinally:\n    pass", ["2:25 aws_cdk.aws_s3"]),
        ("try:\n    from aws_cdk import aws_s3\nexcept KeyError:\n    pass", ["2:25 aws_cdk.aws_s3"]),
        ("from aws_cdk import aws_s3  # noqa: E501", ["1:21 aws_cdk.aws_s3"]),
        ("from aws_cdk import aws_foo", ["1:21 aws_cdk.aws_foo"]),
    ],
)
def test_found(code: str, expected: list[str]) -> None:
    assert said(code) == [f"app.py:{each}" for each in expected]
    assert said(code, name="test_app.py") == [f"test_app.py:{each}" for each in expected]


@pytest.mark.parametrize(
    "code",
    [
        # used
        "import aws_cdk as cdk\ncdk.App()",
        "import aws_cdk.aws_s3\nimport aws_cdk.aws_sns\naws_cdk.aws_s3.Bucket",
        "from aws_cdk import aws_s3\ndef f(a: aws_s3.Bucket): pass",
        "from aws_cdk import aws_s3\ndef f(a: 'aws_s3.Bucket'): pass",
        "from aws_cdk import aws_s3\ndef f():\n    return aws_s3",
        "from aws_cdk import aws_s3\nf'{aws_s3}'",
        "from aws_cdk import aws_s3\ndel aws_s3",
        "from aws_cdk import Stack\nclass A(Stack): pass",
        "from typing import cast\nfrom aws_cdk import aws_s3\ncast('aws_s3.Bucket', 1)",
        # for other modules
        "from aws_cdk import aws_s3\n__all__ = ['aws_s3']",
        "from aws_cdk import aws_s3\n__all__ = []\n__all__ += ['aws_s3']",
        "from aws_cdk import aws_s3 as aws_s3",
        "from aws_cdk import *",
        # tried
        "try:\n    from aws_cdk import aws_s3\nexcept ImportError:\n    pass",
        "try:\n    import aws_cdk\nexcept (ValueError, ModuleNotFoundError):\n    pass",
        "try:\n    import aws_cdk\nexcept:\n    pass",
        # said to be meant
        "from aws_cdk import aws_s3  # noqa",
        "from aws_cdk import aws_s3  # noqa: F401",
        "from aws_cdk import (  # noqa: F401\n    aws_s3,\n)",
        "# ruff: noqa\nfrom aws_cdk import aws_s3",
        # not of the CDK
        "import os, json as j",
        "from . import aws_cdk",
        "from .aws_cdk import aws_s3",
        "from aws_cdk_lib import aws_s3",
        "import shop.aws_cdk",
        "from __future__ import annotations",
        "",
    ],
)
def test_a_near_miss(code: str) -> None:
    assert said(code) == []


def test_not_in_an_init() -> None:
    assert said("from aws_cdk import aws_s3", name="__init__.py") == []


def test_many_imports_take_no_time() -> None:
    names = ", ".join(f"aws_{number} as a{number}" for number in range(3000))
    assert len(said(f"from aws_cdk import {names}")) == 3000
