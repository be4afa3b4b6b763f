"""What the deprecation texts of manifests say, in Python's names."""

from __future__ import annotations

import pytest

from cdk_guardrails.source.cdk_index import index
from cdk_guardrails.source.cdk_types import CdkType
from cdk_guardrails.source.replacements import MAX_CHARACTERS, explained

BUCKET = "aws-cdk-lib.aws_s3.Bucket"
PROPS = "aws-cdk-lib.aws_s3.BucketProps"


@pytest.mark.parametrize(
    ("owner", "text", "reason", "names"),
    [
        (PROPS, "use `bucketName` instead", "use bucket_name instead", ["bucket_name"]),
        (PROPS, "use bucketName instead", "use bucket_name instead", ["bucket_name"]),
        (PROPS, "- Use `bucketName: foo`.", "Use bucket_name: foo", ["bucket_name=foo"]),
        (PROPS, "Use {@link Bucket.grantRead} instead", "Use aws_s3.Bucket.grant_read instead", None),
        (PROPS, "Use Bucket#grantRead()", "Use aws_s3.Bucket.grant_read()", ["aws_s3.Bucket.grant_read()"]),
        (PROPS, "Use Stack", "Use Stack", ["Stack"]),
        (PROPS, "use `lambda.Function`", "use aws_lambda.Function", ["aws_lambda.Function"]),
        (PROPS, "use `aws_lambda.Function`", "use aws_lambda.Function", ["aws_lambda.Function"]),
        (BUCKET, "use `fromBucketName`", "use aws_s3.Bucket.from_bucket_name", ["aws_s3.Bucket.from_bucket_name"]),
        (BUCKET, "use grantRead, or `grantWrite`", "use grant_read, or grant_write", ["grant_read", "grant_write"]),
        (
            "aws-cdk-lib.aws_ec2.SubnetType",
            "use `SubnetType.PRIVATE_WITH_EGRESS`",
            "use aws_ec2.SubnetType.PRIVATE_WITH_EGRESS",
            ["aws_ec2.SubnetType.PRIVATE_WITH_EGRESS"],
        ),
        # what is unknown stays, spelt as Python would
        (PROPS, "use `someThing.elseThing`", "use some_thing.else_thing", []),
        (PROPS, "use someThing", "use someThing", []),
        ("no.such.Type", "use `bucketName`", "use bucket_name", []),
        # plain words are no names
        (BUCKET, "use the encryption of your node or stack", "use the encryption of your node or stack", []),
        (
            BUCKET,
            "see grant-read, s3/bucketName and <bucketName>",
            "see grant-read, s3/bucketName and <bucketName>",
            [],
        ),
    ],
)
def test_names(owner: str, text: str, reason: str, names: list[str] | None) -> None:
    found = explained(index(), owner, text)
    assert found.reason == found.advice == reason
    assert list(found.names) == (["aws_s3.Bucket.grant_read"] if names is None else names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "")),
        ("  \n ", ("", "")),
        (".", ("", "")),
        ("This class has been deprecated.", ("", "")),
        ("the property is deprecated", ("", "")),
        ("It is slow.", ("It is slow", "")),
        ("It is slow. Use grantRead.", ("It is slow", "Use grant_read")),
        ("It is slow!\n\nMigrate to another", ("It is slow", "Migrate to another")),
        ("See the docs. Use grantRead", ("See the docs", "Use grant_read")),
        ("use x - https://example.com/a.b", ("use x", "use x")),
        ("use v1.2.3 e.g. here", ("use v1.2.3 e.g", "use v1.2.3 e.g")),
        ("a\n  b\tc", ("a b c", "")),
    ],
)
def test_sentences(text: str, expected: tuple[str, str]) -> None:
    assert explained(index(), BUCKET, text)[:2] == expected


@pytest.mark.parametrize(
    "text",
    [
        "{@link " * 5000,
        "{@link a}" * 2000,
        "`" * 5000,
        "aB." * 5000,
        "a" * 5000,
        "use " * 5000,
        "https://" * 2000,
        "x.\n\n" * 2000,
        "<b>`</b>\x1b[31m\0",
        "\ud800 bucketName",
        "- - - -",
    ],
)
def test_odd_texts_stay_short(text: str) -> None:
    found = explained(index(), BUCKET, text)
    assert len(found.reason) <= MAX_CHARACTERS + 4
    assert len(found.advice) <= MAX_CHARACTERS + 4
    assert found.reason != " ..."


def test_every_text_of_the_installed_cdk_comes_out_short() -> None:
    known = index()
    types: list[CdkType] = [
        type_
        for module in ("aws_cdk", "aws_cdk.aws_s3", "aws_cdk.aws_ec2", "aws_cdk.aws_rds", "aws_cdk.aws_dynamodb")
        for name in known.module_members(module)
        if (type_ := known.in_module(module, name))
    ]
    texts = [(type_.fqn, each.deprecated) for type_ in types for each in type_.members.values() if each.deprecated]
    assert len(texts) > 100
    for owner, text in texts:
        found = explained(known, owner, text)
        assert "{@link" not in found.reason + found.advice
        assert "`" not in found.reason + found.advice
