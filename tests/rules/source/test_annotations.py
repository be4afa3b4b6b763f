"""source-annotations."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.base import Example
from cdk_guardrails.rules.registry import source_rules
from cdk_guardrails.testing.source import run_example

RULE = source_rules()["source-annotations"]
HEAD = "from aws_cdk import Stack\n"


def said(files: str | dict[str, str]) -> list[str]:
    """What the rule says of ``app.py``, which imports the CDK, or of files as they are."""
    texts = {"app.py": f"{HEAD}{files}\n"} if isinstance(files, str) else files
    outcome = run_example(RULE, Example(""), texts)
    assert outcome.crashes == []
    return [f"{item.origin.source} {item.message} | {item.remedy}" for item in outcome.findings]


def test_what_it_says() -> None:
    [finding] = run_example(RULE, Example(f"{HEAD}class A(Stack):\n    def make(self, scope): pass\n")).findings
    assert finding.message == "make has no annotation for scope and what it returns"
    assert finding.remedy == "Write `scope: Construct`, `-> None`."
    assert (finding.id, finding.severity.value, finding.origin.source) == (RULE.id, "warning", "app.py:3:5")


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        ("def f(a): return a", "a and what it returns", ""),
        ("def f(a) -> int: pass", "a", ""),
        ("def f(a: int): return a", "what it returns", ""),
        ("def f(a, /, b, *c, d, **e) -> int: pass", "a, b and d", ""),
        (
            "def f(scope, construct_id): return",
            "scope, construct_id and what it returns",
            "`scope: Construct`, `construct_id: str`, `-> None`",
        ),
        ("def f(id, id_, name) -> None: pass", "id, id_ and name", "`id: str`, `id_: str`"),
        ("async def f(a) -> None: pass", "a", ""),
        ("@cached\ndef f(a) -> None: pass", "a", ""),
        ("if 1:\n    def f(a) -> None: pass", "a", ""),
        ("class A:\n    class B:\n        def f(self, a) -> None: pass", "a", ""),
        ("class A:\n    def f(this, a) -> None: pass", "a", ""),
        ("class A:\n    @staticmethod\n    def f(a) -> None: pass", "a", ""),
        ("class A:\n    @classmethod\n    def f(cls): pass", "what it returns", "`-> None`"),
        ("class A:\n    @property\n    def f(self): return 1", "what it returns", ""),
        ("class A:\n    def _f(self): return 1", "what it returns", ""),
        ("class A:\n    def f(self, *, a=None) -> None: pass", "a", ""),
    ],
)
def test_found(code: str, message: str, remedy: str) -> None:
    [found] = said(code)
    said_of = found.partition(" ")[2].lstrip("_")
    assert said_of == f"f has no annotation for {message} | {f'Write {remedy}.' if remedy else ''}"


def test_special_methods() -> None:
    code = (
        "class A:\n    def __init__(self, scope): pass\n    def __str__(self): return ''\n    def __eq__(self, o): pass"
    )
    assert said(code) == [
        "app.py:3:5 __init__ has no annotation for scope | Write `scope: Construct`.",
        "app.py:4:5 __str__ has no annotation for what it returns | ",
        "app.py:5:5 __eq__ has no annotation for o and what it returns | Write `-> None`.",
    ]


@pytest.mark.parametrize(
    ("body", "is_none"),
    [
        ("pass", True),
        ("return", True),
        ("return None", True),
        ("'''Nothing.'''", True),
        ("f(lambda: 1)", True),
        ("if 1:\n        raise KeyError\n    g()", True),
        ("def g(): return 1", True),
        ("class A:\n        def g(self): return 1", True),
        ("return g()", False),
        ("return 0", False),
        ("for _ in 'ab':\n        if 1:\n            return 'a'", False),
        ("yield", False),
        ("yield from ()", False),
        ("x = yield", False),
        # to be overridden, or only a shape
        ("...", False),
        ("'''Makes it.'''\n    raise NotImplementedError", False),
    ],
)
def test_none_is_advised_where_nothing_else_can_be_returned(body: str, is_none: bool) -> None:
    [found] = said(f"def f():\n    {body}")
    assert found.partition(" | ")[2] == ("Write `-> None`." if is_none else "")


@pytest.mark.parametrize(
    "code",
    [
        "def f() -> None: pass",
        "def f(a: int, /, b: str, *, c: 'Stack') -> Stack: pass",
        "class A(Stack):\n    def __init__(self, scope: Stack, id: str, **kwargs): pass",
        "class A(Stack):\n    def __init__(self, *args, **kwargs): pass",
        "class A:\n    def f(self) -> None: pass",
        "class A:\n    @classmethod\n    def f(cls, a: int) -> None: pass",
        # within functions
        "def f() -> None:\n    def g(a): return a",
        "class A:\n    def f(self) -> None:\n        async def g(a): pass",
        "def f() -> None:\n    class A:\n        def g(self, a): pass",
        "f = lambda a: a",
        "sorted([], key=lambda a: a)",
        # said to be meant
        "def f(a): pass  # noqa",
        "def f(a) -> None: pass  # noqa: ANN001",
        "def f(): pass  # noqa: ANN201",
        "# ruff: noqa\ndef f(a): pass",
        "",
    ],
)
def test_a_near_miss(code: str) -> None:
    assert said(code) == []


class TestWhichModules:
    BARE = "def f(a): return a\n"

    @pytest.mark.parametrize("name", ["test_app.py", "app_test.py", "conftest.py"])
    def test_not_tests(self, name: str) -> None:
        assert said({name: HEAD + self.BARE}) == []

    def test_those_that_import_the_cdk_and_what_they_import(self) -> None:
        files = {
            "app.py": "import aws_cdk\nfrom helpers import f\n",
            "helpers.py": f"import names\n{self.BARE}",
            "names.py": self.BARE,
        }
        assert [each.partition(":")[0] for each in said(files)] == ["helpers.py", "names.py"]

    def test_not_the_code_of_functions_beside_them(self) -> None:
        assert said({"app.py": HEAD, "handler.py": self.BARE, "other.py": f"import handler\n{self.BARE}"}) == []

    def test_all_where_none_imports_it(self) -> None:
        assert len(said({"a.py": self.BARE, "b.py": self.BARE})) == 2

    def test_modules_that_import_each_other(self) -> None:
        assert len(said({"a.py": f"{HEAD}import b\n{self.BARE}", "b.py": f"import a\n{self.BARE}"})) == 2


@pytest.mark.parametrize(
    "code",
    [
        "def f(ä, ö): return 'ü'",
        "x = 'ä'; f = 1\ndef f(a,\n      b=(1,\n         2)): return 1",
        "def f(a): return (" + "(" * 90 + "1" + ")" * 90 + ")",
        "def f(" + ", ".join(f"a{number}" for number in range(2000)) + "): return 1",
    ],
)
def test_odd_code_is_one_finding_a_function(code: str) -> None:
    assert len(said(code)) == 1
