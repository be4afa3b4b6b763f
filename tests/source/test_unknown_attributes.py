"""Attributes that nothing has, held against what may be there: by other modules, other classes, other code."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Module, Project
from cdk_guardrails.source.type_checker import ATTRIBUTE, Missing
from cdk_guardrails.source.unknown import Unknown
from cdk_guardrails.source.unknown_attributes import unknown_attributes

HEAD = "import aws_cdk as cdk\nfrom aws_cdk import aws_s3 as s3, aws_sns as sns\n"
USE = "def f(b: s3.Bucket): b.foo"


def judged(folder: Path, text: str, *of: str, name: str = "foo", **files: str) -> list[Unknown]:
    """What is made of the word that the last ``.foo`` of a program is not of the types ``of``."""
    for file, content in {"app": f"{HEAD}{text}\n", **files}.items():
        (folder / f"{file}.py").write_text(content if file == "app" else f"{HEAD}{content}\n")
    project = Project([folder / f"{file}.py" for file in ("app", *files)])
    module = project.modules[0]
    return list(unknown_attributes(types_of(project), module, [_missing(module, name, of or ("Bucket",))]))


def _missing(module: Module, name: str, of: tuple[str, ...]) -> Missing:
    lines = module.text.split("\n")
    line = max(number for number, text in enumerate(lines) if f".{name}" in text)
    owner = lines[line].rindex(f".{name}")
    start = max(lines[line].rfind(char, 0, owner) for char in " (,;=")
    return Missing(ATTRIBUTE, line + 1, start + 2, name, of)


def test_one_that_is_not_there(tmp_path: Path) -> None:
    assert judged(tmp_path, USE) == [Unknown((3, 24), "s3.Bucket has no attribute 'foo'", [])]


@pytest.mark.parametrize(
    ("text", "of"),
    [
        # set or looked for in this module
        (f"def g(b: s3.Bucket): b.foo = 1\n{USE}", "Bucket"),
        (f"hasattr(x, 'foo')\n{USE}", "Bucket"),
        (f"getattr(x, 'foo', None)\n{USE}", "Bucket"),
        (f"setattr(x, name(), 1)\n{USE}", "Bucket"),
        ("def f(b: s3.Bucket):\n    try: b.foo\n    except AttributeError: pass", "Bucket"),
        ("def f(b: s3.Bucket): del b.foo", "Bucket"),
        # had by something that it may be
        (f"class A(s3.Bucket):\n    foo = 1\n{USE}", "Bucket"),
        (f"class A(s3.Bucket):\n    def __init__(self): self.foo = 1\n{USE}", "Bucket"),
        (f"class A(load()):\n    foo = 1\n{USE}", "Bucket"),
        (f"import jsii\n@jsii.implements(s3.IBucket)\nclass A:\n    foo = 1\n{USE}", "Bucket"),
        # of classes of the app that may have anything
        ("@made\nclass A(s3.Bucket): pass\ndef f(a: A): a.foo", "A"),
        ("class A(s3.Bucket):\n    def f(self): vars(self).update()\ndef f(a: A): a.foo", "A"),
        ("class A(s3.Bucket):\n    def f(self): self.__dict__.update()\ndef f(a: A): a.foo", "A"),
        ("class A(s3.Bucket, Other): pass\ndef f(a: A): a.foo", "A"),
        ("class A: pass\ndef f(a: A): a.foo", "A"),
        ("class A(s3.Bucket): pass\ndef f(a: A): a.foo = 1", "A"),
        # of a class that cannot be told
        (USE, "Unheard"),
        (USE, ""),
        (USE, "list[Bucket]"),
    ],
)
def test_one_that_may_be_there(tmp_path: Path, text: str, of: str) -> None:
    assert judged(tmp_path, text, of) == []


@pytest.mark.parametrize(
    "text", ["def g(b: s3.Bucket): b.foo = 1", "def g(b): b.foo = 1", "class A(s3.Bucket): foo = 1"]
)
def test_another_module_gives_it(tmp_path: Path, text: str) -> None:
    assert judged(tmp_path, USE, other=text) == []


@pytest.mark.parametrize(
    "text", ["def g(t: sns.Topic): t.foo = 1", "class A(sns.Topic): foo = 1", "class A: foo = 1", "foo = 1", "x.foo"]
)
def test_another_module_gives_it_to_something_else(tmp_path: Path, text: str) -> None:
    assert len(judged(tmp_path, USE, other=text)) == 1


def test_of_several(tmp_path: Path) -> None:
    text = "def f(b: 's3.Bucket | sns.Topic'): b.foo"
    assert [each.message for each in judged(tmp_path, text, "Bucket", "Topic")] == [
        "s3.Bucket and sns.Topic have no attribute 'foo'"
    ]
    [unknown] = judged(tmp_path, text.replace("foo", "nod"), "Bucket", "Topic", name="nod")
    assert unknown.meant == ["node"]
    [unknown] = judged(tmp_path, text.replace("foo", "topic_nam"), "Bucket", "Topic", name="topic_nam")
    assert unknown.meant == [], "a bucket has no topic_name"


def test_tokens_aside(tmp_path: Path) -> None:
    text = "def f(c: s3.CfnBucket.CorsRuleProperty): c.foo"
    of = ("IResolvable", "CfnBucket.CorsRuleProperty")
    [unknown] = judged(tmp_path, text, *of)
    assert unknown.message == "s3.CfnBucket.CorsRuleProperty has no attribute 'foo'"
    assert judged(tmp_path, text, "IResolvable") == []


def test_what_the_checker_says_of_another_place_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(f"{HEAD}{USE}\n")
    project = Project([tmp_path / "app.py"])
    missing = [Missing(ATTRIBUTE, 99, 1, "foo", ("Bucket",)), Missing("bad-return", 3, 22, "foo", ("Bucket",))]
    assert list(unknown_attributes(types_of(project), project.modules[0], missing)) == []
