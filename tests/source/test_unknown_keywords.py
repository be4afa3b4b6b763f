"""Keywords that a function of the CDK does not take, by the word of the type checker and of the manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Project
from cdk_guardrails.source.type_checker import ATTRIBUTE, KEYWORD, Missing
from cdk_guardrails.source.unknown import Unknown
from cdk_guardrails.source.unknown_keywords import unknown_keywords

INIT = "aws_cdk.aws_s3.Bucket.__init__"


def judged(folder: Path, keyword: str, function: str, kind: str = KEYWORD) -> list[Unknown]:
    """What is made of the word that ``function`` has no such keyword, where it stands in a call."""
    (folder / "app.py").write_text(f"from aws_cdk import aws_s3 as s3\ns3.f({keyword}=1)\n")
    project = Project([folder / "app.py"])
    return list(unknown_keywords(types_of(project), project.modules[0], [Missing(kind, 2, 6, keyword, (function,))]))


@pytest.mark.parametrize(
    ("keyword", "function", "message", "meant"),
    [
        ("bucketName", INIT, "s3.Bucket takes no argument 'bucketName'", "bucket_name"),
        ("encryptionkey", INIT, "s3.Bucket takes no argument 'encryptionkey'", "encryption_key"),
        ("max_agee", "aws_cdk.aws_s3.CorsRule.__init__", "s3.CorsRule takes no argument 'max_agee'", "max_age"),
        (
            "expire",
            "aws_cdk.aws_s3.Bucket.add_lifecycle_rule",
            "s3.Bucket.add_lifecycle_rule takes no argument 'expire'",
            "expiration",
        ),
        ("valu", "aws_cdk.CfnOutput.__init__", "CfnOutput takes no argument 'valu'", "value"),
    ],
)
def test_said_with_what_comes_nearest(tmp_path: Path, keyword: str, function: str, message: str, meant: str) -> None:
    [unknown] = judged(tmp_path, keyword, function)
    assert (unknown.at, unknown.message, unknown.meant[0]) == ((2, 6), message, meant)


@pytest.mark.parametrize(
    ("keyword", "function"),
    [
        # the manifest has it: the checker does not know the newest
        ("bucket_name", INIT),
        ("scope", INIT),
        ("id", INIT),
        # not of the CDK
        ("name", "shop.Bucket.__init__"),
        ("name", "shop.f"),
        ("name", "f"),
        ("name", ""),
        ("name", "."),
        ("name", "aws_cdk.aws_s3"),
        ("name", "aws_cdk.aws_s3.Buckett.__init__"),
        ("name", "aws_cdk.aws_s3.Bucket.unheard"),
        ("name", "aws_cdk.aws_s3.Bucket.bucket_name"),
        ("name", "aws_cdk.aws_s3.IBucket.__init__"),
    ],
)
def test_nothing_is_said(tmp_path: Path, keyword: str, function: str) -> None:
    assert judged(tmp_path, keyword, function) == []


def test_of_an_attribute_nothing_is_said(tmp_path: Path) -> None:
    assert judged(tmp_path, "bucketName", INIT, ATTRIBUTE) == []


def test_of_another_place_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("s3.f(**{'bucketName': 1})\n")
    project = Project([tmp_path / "app.py"])
    found = [Missing(KEYWORD, 1, 6, "bucketName", (INIT,))]
    assert list(unknown_keywords(types_of(project), project.modules[0], found)) == []
