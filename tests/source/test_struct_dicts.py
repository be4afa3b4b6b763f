"""Dicts that stand where a struct of the CDK is meant, and how jsii will read their keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Project
from cdk_guardrails.source.struct_dicts import Reading, StructDict, spelt, struct_dicts

HEAD = """\
import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway, aws_ec2 as ec2, aws_s3 as s3, aws_iam as iam
"""


def found(folder: Path, text: str) -> list[StructDict]:
    (folder / "app.py").write_text(f"{HEAD}{text}\n")
    project = Project([folder / "app.py"])
    assert project.unread == []
    return struct_dicts(types_of(project), project.modules[0])


def said(folder: Path, text: str) -> list[str]:
    """Each as ``how it is read, struct, where it is given, keys``; a key that is not read has a question mark."""
    return [
        f"{each.reading.value} {each.struct.name} {each.given_as} "
        + ",".join(key.name + ("" if key.member else "?") for key in each.keys)
        for each in found(folder, text)
    ]


API = "apigateway.RestApi(x, 'A', deploy_options={})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (API.format("{'stage_name': 1}"), ["python StageOptions deploy_options stage_name"]),
        (API.format("{'stageName': 1, 'x': 2}"), ["python StageOptions deploy_options stageName?,x?"]),
        (API.format("dict(stage_name=1)"), ["python StageOptions deploy_options stage_name"]),
        (API.format("{}"), ["python StageOptions deploy_options "]),
        (API.format("{**x, 'stage_name': 1, y: 2, 3: 4}"), ["python StageOptions deploy_options stage_name"]),
        (
            API.format("{'method_options': {'/*/*': {'cachingEnabled': 1}}}"),
            [
                "python StageOptions deploy_options method_options",
                "javascript MethodDeploymentOptions method_options cachingEnabled",
            ],
        ),
        (
            "s3.Bucket(x, 'B', cors=[{'maxAge': 1}, {'max_age': 2}, *more])",
            ["javascript CorsRule cors maxAge", "javascript CorsRule cors max_age?"],
        ),
        ("s3.Bucket(x, 'B', cors=({'maxAge': 1},))", ["javascript CorsRule cors maxAge"]),
        ("s3.Bucket(x, 'B', **{'bucket_name': 1, 'b': 2})", ["unpacked BucketProps ** bucket_name,b?"]),
        ("s3.Bucket(**{'scope': x, 'id': 'B'})", ["unpacked BucketProps ** "]),
        (
            "s3.Bucket(x, 'B', **{'cors': [{'maxAge': 1}]})",
            ["unpacked BucketProps ** cors", "javascript CorsRule cors maxAge"],
        ),
        (
            "s3.CfnBucket(x, 'B', versioning_configuration={'status': 1})",
            ["javascript CfnBucket.VersioningConfigurationProperty versioning_configuration status"],
        ),
        (
            "b = s3.CfnBucket(x, 'B')\nb.versioning_configuration = {'Status': 1}",
            ["javascript CfnBucket.VersioningConfigurationProperty versioning_configuration Status?"],
        ),
        # through names
        (f"o = {{'stage_name': 1}}\n{API.format('o')}", ["python StageOptions deploy_options stage_name"]),
        (
            f"o = {{'stage_name': 1}}\np = o\n{API.format('p if x else None')}",
            ["python StageOptions deploy_options stage_name"],
        ),
        (f"o = {{'a': 1}}\n{API.format('o')}\n{API.format('o')}", ["python StageOptions deploy_options a?"]),
        (f"o = {{'a': 1}}\no = {{'b': 1}}\n{API.format('o')}", []),
        (f"for o in [{{'a': 1}}]:\n    {API.format('o')}", []),
        (f"o, p = {{'a': 1}}, 2\n{API.format('o')}", []),
        # other things
        ("cdk.Stack(x, 'S', tags={'a': 'b'})", []),
        ("iam.PolicyDocument.from_json({'a': 1})", []),
        ("load()(deploy_options={'a': 1})", []),
        (API.format("set()"), []),
        (API.format("dict({'a': 1})"), []),
    ],
)
def test_found(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert said(tmp_path, text) == expected


def test_nested_ones_know_it(tmp_path: Path) -> None:
    outer, inner = found(tmp_path, API.format("{'method_options': {'/*/*': {}}}"))
    assert (outer.nested, inner.nested) == (False, True)


def test_the_keys_that_there_may_be(tmp_path: Path) -> None:
    [python] = found(tmp_path, API.format("{'stage_name': 1}"))
    assert "stage_name" in python.names
    assert "stageName" not in python.names
    [javascript] = found(tmp_path, "s3.Bucket(x, 'B', cors=[{}])")
    assert {"allowedMethods", "maxAge", "id"} <= javascript.names.keys()
    member = javascript.names["maxAge"]
    assert [spelt(member, reading) for reading in Reading] == ["max_age", "maxAge", "max_age", "max_age"]


def test_those_of_bases_too(tmp_path: Path) -> None:
    [each] = found(tmp_path, API.format("{'stage_name': 1, 'metrics_enabled': 2}"))
    assert all(key.member for key in each.keys), "metrics_enabled is one of MethodDeploymentOptions"


@pytest.mark.parametrize(
    "text",
    [
        API.format("{'method_options': {'a': " * 40 + "1" + "}}" * 40),
        API.format("x if y else " * 300 + "{'a': 1}"),
        f"o = o\n{API.format('o')}",
        f"o = {{'stage_name': o}}\n{API.format('o')}",
        f"o = {{'method_options': {{'a': o}}}}\n{API.format('o')}",
        API.format("[[[[{'a': 1}]]]]"),
    ],
)
def test_odd_code_ends(tmp_path: Path, text: str) -> None:
    assert len(found(tmp_path, text)) <= 60
