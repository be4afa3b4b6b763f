"""What expressions of an app are: ``reveal(x)`` in a program says what is known of x. Unknown is "?"."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cdk_guardrails.linting import lint
from cdk_guardrails.settings import Settings
from cdk_guardrails.source.cdk_index import index
from cdk_guardrails.source.inference import types_of
from cdk_guardrails.source.project import Project
from cdk_guardrails.source.values import AppClass, AppObject, CdkClass, CdkModule, CdkObject, Items, Row, Value

HEAD = """\
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3, aws_ec2 as ec2, aws_lambda as lambda_
"""


def shown(value: Value | None) -> str:
    if isinstance(value, (CdkObject, CdkClass)):
        type_ = index().type(value.fqn)
        assert type_ is not None
        return type_.qualified if isinstance(value, CdkObject) else f"class {type_.qualified}"
    if isinstance(value, (AppObject, AppClass)):
        return value.of.node.name if isinstance(value, AppObject) else f"class {value.node.name}"
    if isinstance(value, Items):
        return f"{'{}' if value.keyed else '[]'} of {shown(value.of)}"
    if isinstance(value, Row):
        return f"({', '.join(map(shown, value.of))})"
    return f"module {value.name}" if isinstance(value, CdkModule) else "?" if value is None else type(value).__name__


def project_of(folder: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Project([folder / name for name in files])


def revealed(folder: Path, *texts: str, files: dict[str, str] | None = None) -> list[str]:
    """What ``reveal(...)`` is called with in the first program, in the order of the text."""
    project = project_of(folder, {"app.py": "\n".join(texts), **(files or {})})
    types, module = types_of(project), project.modules[0]
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    found = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "reveal"]
    found.sort(key=lambda call: call.lineno)
    return [shown(types.of(module, call.args[0])) for call in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reveal(s3)", "module aws_cdk.aws_s3"),
        ("reveal(cdk.aws_s3)", "module aws_cdk.aws_s3"),
        ("reveal(cdk.aws_s3.Bucket)", "class aws_s3.Bucket"),
        ("alias = s3\nreveal(alias.Bucket)", "class aws_s3.Bucket"),
        ("import aws_cdk.aws_sns\nreveal(aws_cdk.aws_sns.Topic)", "class aws_sns.Topic"),
        ("import aws_cdk.aws_sns as sns\nreveal(sns.Topic)", "class aws_sns.Topic"),
        ("from aws_cdk.aws_sns import Topic as T\nreveal(T)", "class aws_sns.Topic"),
        ("from aws_cdk.aws_sns import *\nreveal(Topic)", "class aws_sns.Topic"),
        ("from constructs import Construct\nreveal(Construct)", "class Construct"),
        ("reveal(s3.Buckett)", "?"),
        ("from aws_cdk import aws_foo\nreveal(aws_foo)", "?"),
        ("from boto3 import s3\nreveal(s3.Bucket)", "?"),
        ("reveal(s3.Bucket(x, 'B'))", "aws_s3.Bucket"),
        ("reveal(s3.Bucket.from_bucket_name(x, 'B', 'n'))", "aws_s3.IBucket"),
        ("reveal(s3.Bucket(x, 'B').bucket_name)", "?"),
        ("reveal(s3.Bucket(x, 'B').encryption_key)", "aws_kms.IKey"),
        ("reveal(s3.Bucket(x, 'B').grant_read(y))", "aws_iam.Grant"),
        ("reveal(s3.Bucket(x, 'B').encryption_key.grant(y).principal_statements)", "[] of aws_iam.PolicyStatement"),
        ("reveal(s3.BucketEncryption.KMS)", "aws_s3.BucketEncryption"),
        ("reveal(s3.CfnBucket.CorsRuleProperty)", "class aws_s3.CfnBucket.CorsRuleProperty"),
        ("reveal(s3.CfnBucket.CorsRuleProperty(allowed_methods=[]))", "aws_s3.CfnBucket.CorsRuleProperty"),
        ("reveal(lambda_.Runtime.PYTHON_3_13)", "aws_lambda.Runtime"),
        ("reveal(cdk.Stack.of(x))", "Stack"),
        ("reveal(s3.IBucket(x))", "?"),
        ("reveal(s3.Bucket.bucket_name)", "?"),
        ("reveal(s3.Bucket.add_lifecycle_rule(x))", "?"),
    ],
)
def test_the_cdk(tmp_path: Path, text: str, expected: str) -> None:
    assert revealed(tmp_path, HEAD, text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b = s3.Bucket(x, 'B')\nreveal(b)", "aws_s3.Bucket"),
        ("b = c = s3.Bucket(x, 'B')\nreveal(b)\nreveal(c)", "aws_s3.Bucket aws_s3.Bucket"),
        ("b: s3.IBucket = s3.Bucket(x, 'B')\nreveal(b)", "aws_s3.IBucket"),
        ("a, (b, c) = s3.Bucket(x, 'B'), (1, ec2.Vpc(x, 'V'))\nreveal(a)\nreveal(c)", "aws_s3.Bucket aws_ec2.Vpc"),
        ("a, *b = s3.Bucket(x, 'B'), 1, 2\nreveal(a)", "?"),
        ("for s in ec2.Vpc(x, 'V').private_subnets:\n    reveal(s)", "aws_ec2.ISubnet"),
        ("for b in [s3.Bucket(x, 'A'), s3.Bucket(x, 'B')]:\n    reveal(b)", "aws_s3.Bucket"),
        ("for n, b in [('a', s3.Bucket(x, 'A'))]:\n    reveal(b)", "aws_s3.Bucket"),
        ("for b in {'a': s3.Bucket(x, 'A')}:\n    reveal(b)", "?"),
        ("reveal([s3.Bucket(x, n) for n in 'ab'])", "[] of aws_s3.Bucket"),
        ("reveal([b.encryption_key for b in [s3.Bucket(x, 'B')]][0])", "aws_kms.IKey"),
        ("reveal(ec2.Vpc(x, 'V').private_subnets[0])", "aws_ec2.ISubnet"),
        ("reveal(ec2.Vpc(x, 'V').private_subnets[:2])", "[] of aws_ec2.ISubnet"),
        ("reveal((s3.Bucket(x, 'B'), 1)[0])", "aws_s3.Bucket"),
        ("reveal((s3.Bucket(x, 'B'), 1)[5])", "?"),
        ("if (b := s3.Bucket(x, 'B')):\n    reveal(b)", "aws_s3.Bucket"),
        ("reveal(s3.Bucket(x, 'B') if y else None)", "aws_s3.Bucket"),
        ("reveal(s3.Bucket(x, 'B') if y else ec2.Vpc(x, 'V'))", "?"),
        ("b = None\nb = b or s3.Bucket(x, 'B')\nreveal(b)", "?"),
        ("import typing\nreveal(typing.cast(s3.IBucket, x))", "?"),
        ("from typing import cast\nreveal(cast(s3.IBucket, x))", "aws_s3.IBucket"),
        ("with s3.Bucket(x, 'B') as b:\n    reveal(b)", "?"),
        ("b = s3.Bucket(x, 'B')\nb += 1\nreveal(b)", "?"),
        ("b = s3.Bucket(x, 'B')\ndel b\nreveal(b)", "?"),
        ("try:\n    pass\nexcept s3.Bucket as b:\n    reveal(b)", "?"),
        ("match y:\n    case s3:\n        reveal(s3.Bucket)", "?"),
    ],
)
def test_statements(tmp_path: Path, text: str, expected: str) -> None:
    assert " ".join(revealed(tmp_path, HEAD, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b = s3.Bucket(x, 'B')\nb = ec2.Vpc(x, 'V')\nreveal(b)", "?"),
        ("b = s3.Bucket(x, 'B')\nb = s3.Bucket.from_bucket_name(x, 'B', 'n')\nreveal(b)", "aws_s3.IBucket"),
        ("b = None\nif y:\n    b = s3.Bucket(x, 'B')\nreveal(b)", "aws_s3.Bucket"),
        ("b = s3.Bucket(x, 'B')\nb = load()\nreveal(b)", "?"),
        ("def f(s3):\n    reveal(s3.Bucket)", "?"),
        ("def f():\n    s3 = load()\n    reveal(s3.Bucket)", "?"),
        ("def f():\n    reveal(s3.Bucket)\n    for s3 in load():\n        pass", "?"),
        ("reveal([s3.Bucket for s3 in load()])", "[] of ?"),
        ("[s3 for s3 in load()]\nreveal(s3.Bucket)", "class aws_s3.Bucket"),
        ("f = lambda s3: reveal(s3.Bucket)", "?"),
        ("class A:\n    s3 = 1\n    def f(self):\n        reveal(s3.Bucket)", "class aws_s3.Bucket"),
        ("class A:\n    s3 = 1\n    reveal(s3.Bucket)", "?"),
        ("b = s3.Bucket(x, 'B')\ndef f():\n    global b\n    b = 1\nreveal(b)", "?"),
        (
            "def f():\n    b = s3.Bucket(x, 'B')\n    def g():\n        nonlocal b\n        reveal(b)\n        b = 1",
            "?",
        ),
        ("def f(b: int):\n    b = s3.Bucket(x, 'B')\n    reveal(b)", "?"),
        ("def cast(a, b):\n    return b\nreveal(cast(s3.Bucket, 1))", "?"),
        ("def super():\n    return s3\nreveal(super())", "module aws_cdk.aws_s3"),
    ],
)
def test_a_name_that_means_something_else_is_not_mistaken(tmp_path: Path, text: str, expected: str) -> None:
    assert revealed(tmp_path, HEAD, text) == [expected]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("s3.IBucket", "aws_s3.IBucket"),
        ("'s3.IBucket'", "aws_s3.IBucket"),
        ("'s3.IBucket | None'", "aws_s3.IBucket"),
        ("s3.IBucket | None", "aws_s3.IBucket"),
        ("None | s3.IBucket", "aws_s3.IBucket"),
        ("Optional[s3.IBucket]", "aws_s3.IBucket"),
        ("typing.Optional['s3.IBucket']", "aws_s3.IBucket"),
        ("Union[s3.IBucket, None]", "aws_s3.IBucket"),
        ("Union[s3.IBucket, s3.Bucket]", "aws_s3.IBucket"),
        ("Union[s3.IBucket, str]", "?"),
        ("s3.IBucket | str", "?"),
        ("list[s3.IBucket]", "[] of aws_s3.IBucket"),
        ("Sequence['s3.IBucket']", "[] of aws_s3.IBucket"),
        ("dict[str, s3.IBucket]", "{} of aws_s3.IBucket"),
        ("tuple[s3.IBucket, int]", "(aws_s3.IBucket, ?)"),
        ("tuple[s3.IBucket, ...]", "[] of aws_s3.IBucket"),
        ("Annotated[s3.IBucket, 'x']", "aws_s3.IBucket"),
        ("type[s3.Bucket]", "class aws_s3.Bucket"),
        ("'Own'", "Own"),
        ("Any", "?"),
        ("'not valid ['", "?"),
        ("''", "?"),
        ("1", "?"),
        ("'" + "list[" * 80 + "s3.Bucket" + "]" * 80 + "'", "?"),
    ],
)
def test_annotations(tmp_path: Path, annotation: str, expected: str) -> None:
    text = f"class Own: pass\ndef f(b: {annotation} = None):\n    reveal(b)"
    found = revealed(tmp_path, HEAD, text)
    assert found == [expected] or (expected == "?" and found[0].endswith("?"))


STACKS = """\
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from .base import BaseStack

class StorageStack(BaseStack):
    name: str
    shared: s3.IBucket

    def __init__(self, scope, id, vpc=None, **kwargs):
        super().__init__(scope, id, **kwargs)
        self.bucket = s3.Bucket(self, "B")
        self.vpc = vpc
        self.copy, self.other = self.bucket, 1
        self.late = None

    def build(self):
        self.late = s3.Bucket(self, "L")
        return self.bucket

    @property
    def key(self):
        return self.bucket.encryption_key

    @staticmethod
    def made() -> "StorageStack":
        return load()

    @classmethod
    def default(cls):
        return cls(None, "D")

    @decorated
    def odd(self):
        return self.bucket

    async def slow(self):
        return self.bucket

    def many(self):
        yield self.bucket
"""
BASE = """\
import aws_cdk as cdk
from aws_cdk import aws_sns as sns

class BaseStack(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        self.topic = sns.Topic(self, "T")
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("stack", "StorageStack"),
        ("stack.bucket", "aws_s3.Bucket"),
        ("stack.copy", "aws_s3.Bucket"),
        ("stack.other", "?"),
        ("stack.late", "aws_s3.Bucket"),
        ("stack.shared", "aws_s3.IBucket"),
        ("stack.vpc", "?"),
        ("stack.topic", "aws_sns.Topic"),
        ("stack.node", "Node"),
        ("stack.nested_stack_parent", "Stack"),
        ("stack.nothing", "?"),
        ("stack.build()", "aws_s3.Bucket"),
        ("stack.key", "aws_kms.IKey"),
        ("StorageStack.made().bucket", "aws_s3.Bucket"),
        ("StorageStack.default().bucket", "aws_s3.Bucket"),
        ("StorageStack.bucket", "aws_s3.Bucket"),
        ("stack.odd()", "?"),
        ("stack.slow()", "?"),
        ("stack.many()", "?"),
        ("cdk.Stack.of(stack)", "Stack"),
    ],
)
def test_attributes_of_classes_in_other_modules(tmp_path: Path, expression: str, expected: str) -> None:
    text = f"from stacks.storage import StorageStack\nstack = StorageStack(x, 'S')\nreveal({expression})"
    assert revealed(tmp_path, HEAD, text, files={"stacks/storage.py": STACKS, "stacks/base.py": BASE}) == [expected]


@pytest.mark.parametrize(
    ("imports", "expression"),
    [
        ("import stacks.storage as st", "st.StorageStack(x, 'S').bucket"),
        ("from stacks import storage", "storage.StorageStack(x, 'S').bucket"),
        ("from stacks import StorageStack", "StorageStack(x, 'S').bucket"),
        ("from stacks.storage import *", "StorageStack(x, 'S').bucket"),
        ("import stacks", "stacks.storage.StorageStack(x, 'S').bucket"),
        ("from stacks.storage import StorageStack as S", "S(x, 'S').bucket"),
    ],
)
def test_imports_of_app_modules(tmp_path: Path, imports: str, expression: str) -> None:
    text = f"{imports}\nreveal({expression})"
    package = {"stacks/__init__.py": "from .storage import StorageStack"}
    files = {**package, "stacks/storage.py": STACKS, "stacks/base.py": BASE}
    assert revealed(tmp_path, text, files=files) == ["aws_s3.Bucket"]


def test_a_source_folder(tmp_path: Path) -> None:
    text = "from shop.storage import StorageStack\nreveal(StorageStack(x, 'S').bucket)"
    files = {"src/shop/storage.py": STACKS, "src/shop/base.py": BASE}
    assert revealed(tmp_path, text, files=files) == ["aws_s3.Bucket"]


def test_a_folder_of_the_app_named_like_a_package(tmp_path: Path) -> None:
    text = "from constructs import Construct\nfrom constructs.store import Store\nreveal(Construct)\nreveal(Store(x).b)"
    init = "    def __init__(self):\n        self.b = aws_s3.Bucket(self, 'B')"
    files = {"constructs/store.py": f"from aws_cdk import aws_s3\nclass Store:\n{init}"}
    assert revealed(tmp_path, text, files=files) == ["class Construct", "aws_s3.Bucket"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n    return s3.Bucket(x, 'B')\nreveal(f())", "aws_s3.Bucket"),
        ("def f() -> s3.IBucket:\n    return load()\nreveal(f())", "aws_s3.IBucket"),
        ("def f(y):\n    if y:\n        return None\n    return s3.Bucket(x, 'B')\nreveal(f(1))", "aws_s3.Bucket"),
        ("def f(y):\n    if y:\n        return 1\n    return s3.Bucket(x, 'B')\nreveal(f(1))", "?"),
        ("def f():\n    return s3.Bucket(x, 'B'), ec2.Vpc(x, 'V')\na, b = f()\nreveal(b)", "aws_ec2.Vpc"),
        ("def f():\n    return f()\nreveal(f())", "?"),
        ("def f():\n    return g()\ndef g():\n    return f()\nreveal(f())", "?"),
        ("def f():\n    def g():\n        return 1\n    return s3.Bucket(x, 'B')\nreveal(f())", "aws_s3.Bucket"),
        ("f = lambda: s3.Bucket(x, 'B')\nreveal(f())", "?"),
        ("a = b\nb = a\nreveal(a)", "?"),
        ("class A(A): pass\nreveal(A().x)", "?"),
        ("class A(B): pass\nclass B(A): pass\nreveal(A().x)", "?"),
        ("class A(unknown, s3.Bucket): pass\nreveal(A().encryption_key)", "?"),
        ("class A(s3.Bucket):\n    encryption_key = 1\nreveal(A().encryption_key)", "?"),
        ("class A(s3.Bucket): pass\nreveal(A().encryption_key)", "aws_kms.IKey"),
        ("import abc\nclass A(abc.ABC, Generic[T], s3.Bucket): pass\nreveal(A().encryption_key)", "aws_kms.IKey"),
        ("class A:\n    class B(s3.Bucket): pass\nreveal(A.B())", "B"),
    ],
)
def test_functions_and_classes(tmp_path: Path, text: str, expected: str) -> None:
    assert revealed(tmp_path, HEAD, text) == [expected]


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    assert revealed(tmp_path, "from b import x\nreveal(x)", files={"b.py": "from app import x"}) == ["?"]
    text = "from b import make\nfrom aws_cdk import aws_s3\nkept = aws_s3.Bucket(None, 'B')\nreveal(make())"
    files = {"b.py": "import app\ndef make():\n    return app.kept"}
    assert revealed(tmp_path, text, files=files) == ["aws_s3.Bucket"]


HOSTILE = {
    "chain": "import aws_cdk as cdk\nreveal(cdk" + ".x" * 900 + ")",
    "calls": "import aws_cdk as cdk\nreveal(cdk" + ".x()" * 300 + ")",
    "sum": "reveal(" + "1 + " * 900 + "1)",
    "or": "reveal(" + "(" * 90 + "1" + " or 2)" * 90 + ")",
    "aliases": "from aws_cdk import aws_s3 as a0\n"
    + "".join(f"a{i + 1} = a{i}\n" for i in range(3000))
    + "reveal(a3000)",
    "functions": "".join(f"def f{i}():\n    return f{i + 1}()\n" for i in range(2000)) + "reveal(f0())",
    "classes": "".join(f"class C{i + 1}(C{i}): pass\n" for i in range(2000)) + "reveal(C2000().x)",
    "union": "def f(x: " + "int | " * 400 + "None): reveal(x)",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_programs_are_unknown(tmp_path: Path, text: str) -> None:
    project = project_of(tmp_path, {"app.py": text})
    outcome = lint(project, Settings.load({}))
    assert outcome.crashes == []
    assert revealed(tmp_path, text) == ["?"]
