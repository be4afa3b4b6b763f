"""Which class the type checker means by a name, when there may be several."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cdk_guardrails.source.cdk_types import CdkType
from cdk_guardrails.source.class_names import classes_called
from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Project

S3 = "from aws_cdk import aws_s3 as s3\n"


def meant(folder: Path, text: str, name: str, **files: str) -> str:
    """The class that is meant by ``name`` at the only ``.foo`` of a program, "" when that is not certain."""
    for file, content in {"app": text, **files}.items():
        (folder / f"{file}.py").write_text(f"{content}\n")
    project = Project([folder / f"{file}.py" for file in ("app", *files)])
    module = project.modules[0]
    [node] = [node for node in module.nodes if isinstance(node, ast.Attribute) and node.attr == "foo"]
    found = classes_called(types_of(project), module, node, name)
    if isinstance(found, CdkType):
        return found.qualified
    return f"{found.module.path.rpartition('/')[2]} {found.node.name}" if found else ""


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        # by our own reading
        (f"{S3}def f(b: s3.Bucket): b.foo", "Bucket", "aws_s3.Bucket"),
        (f"{S3}s3.Bucket.foo", "Bucket", "aws_s3.Bucket"),
        (f"{S3}s3.Bucket.foo", "type[Bucket]", "aws_s3.Bucket"),
        (f"{S3}def f(b: s3.CfnBucket.CorsRuleProperty): b.foo", "CfnBucket.CorsRuleProperty", "aws_s3.CfnBucket.CorsR"),
        ("class A: pass\ndef f(a: A): a.foo", "A", "app.py A"),
        ("class A: pass\nA.foo", "type[A]", "app.py A"),
        ("from aws_cdk import aws_lambda\ndef f(b: aws_lambda.Function): b.foo", "Function", "aws_lambda.Function"),
        # by there being only one
        (f"{S3}load().foo", "BucketEncryption", "aws_s3.BucketEncryption"),
        ("from aws_cdk import aws_lambda\nload().foo", "Function", "aws_lambda.Function"),
        ("class A: pass\nload().foo", "A", "app.py A"),
        # of several
        ("from aws_cdk import aws_lambda, aws_cloudfront\nload().foo", "Function", ""),
        (f"{S3}class Bucket: pass\nload().foo", "Bucket", ""),
        (f"{S3}from shop import Bucket\nload().foo", "Bucket", ""),
        (f"{S3}import shop\nshop.Bucket\nload().foo", "Bucket", ""),
        ("class A: pass\nclass A: pass\nload().foo", "A", ""),
        # of none
        (f"{S3}load().foo", "Unheard", ""),
        (f"{S3}load().foo", "", ""),
        (f"{S3}load().foo", "list[Bucket]", ""),
        (f"{S3}load().foo", "type[", ""),
    ],
)
def test_by_name(tmp_path: Path, text: str, name: str, expected: str) -> None:
    found = meant(tmp_path, text, name)
    assert found.startswith(expected)
    assert bool(found) is bool(expected)


def test_something_else_in_use_has_the_attribute(tmp_path: Path) -> None:
    text = f"{S3}class A:\n    foo_of_a = 1\nload().foo"
    assert meant(tmp_path, text, "BucketEncryption") == "aws_s3.BucketEncryption"
    assert meant(tmp_path, text.replace("foo_of_a", "foo"), "BucketEncryption") == ""
    assert meant(tmp_path, f"{S3}load().foo", "BucketEncryption", other="class B:\n    foo = 1") == ""


def test_a_class_of_another_module(tmp_path: Path) -> None:
    assert meant(tmp_path, "from shop import A\ndef f(a: A): a.foo", "A", shop="class A: pass") == "shop.py A"
    assert meant(tmp_path, "load().foo", "A", shop="class A: pass") == "shop.py A"
    assert meant(tmp_path, "load().foo", "A", shop="class A: pass", other="class A: pass") == ""
