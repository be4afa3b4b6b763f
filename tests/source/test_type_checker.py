"""pyrefly: its findings by file, whatever settings the app has, and output that is not as it should be."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.source.project import Project
from cdk_guardrails.source.type_checker import ATTRIBUTE, KEYWORD, PYREFLY, Missing, _parts
from tests.source import fake_programs

HEAD = "from aws_cdk import aws_s3 as s3\n"
BAD = f"{HEAD}s3.Bucket.foo\ns3.Bucket(x, 'B', nam=1)\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def project(text: str = BAD, name: str = "app.py") -> Project:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)
    return Project([Path(name)])


def found(of: Project) -> list[Missing]:
    assert PYREFLY.problem(of) is None
    return [each for module in of.modules for each in PYREFLY.found(module)]


ALL = [
    Missing(ATTRIBUTE, 2, 1, "foo", ("Bucket",)),
    Missing(KEYWORD, 3, 19, "nam", ("aws_cdk.aws_s3.Bucket.__init__",)),
]


def test_what_it_finds() -> None:
    assert found(project()) == ALL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(b: s3.Bucket): b.foo", [("foo", ("Bucket",))]),
        ("def f(b: s3.Bucket | None): b.foo", [("foo", ("Bucket",))]),
        ("def f(b: s3.Bucket | s3.CfnBucket): b.foo", [("foo", ("Bucket", "CfnBucket"))]),
        ("def f(b: type[s3.Bucket]): b.foo", [("foo", ("Bucket",))]),
        ("def f(b: list[s3.Bucket]): b.foo", [("foo", ("list",))]),
        ("class A(s3.Bucket): pass\ndef f(a: A): a.foo = 1", [("foo", ("A",))]),
        ("ä = 'ü'; s3.Bucket.foo", [("foo", ("Bucket",))]),
        # not ours to say
        ("import os\nos.foo", []),
        ("1 + 'a'; int('a', 'b', 'c')", []),
        ("undefined", []),
        ("(lambda a: a)(b=1)", []),
        ("s3.Bucket.foo  # type: ignore", []),
        ("s3.Bucket.foo  # pyright: ignore", []),
    ],
)
def test_attributes(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(each.name, each.of) for each in found(project(f"{HEAD}{text}\n"))] == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyrefly.toml", 'project-excludes = ["**/*.py"]\n'),
        ("pyrefly.toml", "not toml ]["),
        ("pyproject.toml", "[tool.pyrefly]\nignore-missing-imports = ['*']\nreplace-imports-with-any = ['*']\n"),
        ("pyrightconfig.json", '{"exclude": ["**"]}'),
        (".gitignore", "*.py\n"),
    ],
)
def test_settings_of_the_app_do_not_count(name: str, text: str) -> None:
    Path(name).write_text(text)
    assert found(project()) == ALL


@pytest.mark.parametrize("name", ["a b/ä.py", "[x]/a*b.py", "-x.py", ".hidden/a.py", "build/a.py", "it's/a.py"])
def test_odd_names_of_files(name: str) -> None:
    assert found(project(name=name)) == ALL


def test_the_app_is_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), "", *sys.path])
    assert found(project()) == ALL


@pytest.mark.parametrize("text", ["import boto3\nboto3.foo\n", "", "a = 1\n"])
def test_it_is_not_started_for_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    fake_programs.put(monkeypatch, tmp_path, "sys.exit(9)")
    assert found(project(text)) == []


def error(text: str, name: str = ATTRIBUTE, **more: Any) -> dict[str, Any]:
    return {"name": name, "concise_description": text, "line": 1, "column": 1, "path": "x.py", **more}


class TestOutput:
    def problem(self, monkeypatch: pytest.MonkeyPatch, folder: Path, output: object) -> str:
        one = project()
        (folder / "answer").write_text(output if isinstance(output, str) else json.dumps(output))
        fake_programs.put(monkeypatch, folder, f"print(open({str(folder / 'answer')!r}).read())")
        return str(PYREFLY.problem(one) or "")

    @pytest.mark.parametrize(
        "errors",
        [
            [],
            [error("Anything", "bad-return")],
            [error("Object of class `A` has no attribute `b`"), error("Something new")],
            [error("No attribute `foo` in module `os`")],
            [error("Unexpected keyword argument `b`", KEYWORD)],
        ],
    )
    def test_as_known(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, errors: list[dict[str, Any]]) -> None:
        assert self.problem(monkeypatch, tmp_path, {"errors": errors}) == ""

    @pytest.mark.parametrize(
        "output",
        [
            "",
            "INFO 0 errors",
            "[]",
            "{}",
            '{"errors": {}}',
            '{"errors": null}',
            '{"errors": [1]}',
            {"errors": [{"name": ATTRIBUTE}]},
            {"errors": [error("Object of class `A` has no attribute `b`", line="x")]},
            {"errors": [error("Object of class `A` has no attribute `b`", path=None)]},
            {"errors": [error("`A.b` does not exist"), error("`A.c` does not exist")]},
            {"errors": [error("`b` is no parameter", KEYWORD)]},
        ],
    )
    def test_of_another_version_or_garbage(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: object
    ) -> None:
        said = self.problem(monkeypatch, tmp_path, output)
        assert said == "pyrefly wrote something else than its known versions do"

    def test_of_a_crash_nothing_is_quoted(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        one = project()
        fake_programs.put(monkeypatch, tmp_path, "print('panicked at TempPass', file=sys.stderr)\nsys.exit(101)")
        assert str(PYREFLY.problem(one)) == "pyrefly failed with exit code 101"


@pytest.mark.parametrize(
    ("union", "parts"),
    [
        ("A", ["A"]),
        ("A | None", ["A"]),
        ("dict[str, A | B] | None | C", ["dict[str, A | B]", "C"]),
        ("((a: A | B) -> C) | D", ["((a: A | B) -> C)", "D"]),
        ("None", []),
        ("NoneType", []),
        ("", []),
        ("]]A | B", []),
    ],
)
def test_the_parts_of_a_union(union: str, parts: list[str]) -> None:
    assert list(_parts(union)) == parts
