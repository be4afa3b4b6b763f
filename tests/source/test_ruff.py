"""ruff: its findings by file, whatever settings the app has, and output that is not as it should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdk_guardrails.source import ruff
from cdk_guardrails.source.project import Project, python_files
from cdk_guardrails.source.ruff import CODES, RUFF, Violation
from tests.source import fake_programs

BAD = "import os\n\n\ndef f(a):\n    return undefined\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def project(text: str | bytes = BAD, name: str = "app.py") -> Project:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return Project(python_files([Path(".")]))


def found(of: Project) -> list[tuple[str, int, int]]:
    assert RUFF.problem(of) is None
    return [(each.code, each.line, each.column) for module in of.modules for each in RUFF.found(module)]


ALL = [("F401", 1, 8), ("ANN201", 4, 5), ("ANN001", 4, 7), ("F821", 5, 12)]


def test_what_it_finds() -> None:
    one = project()
    assert sorted(found(one)) == sorted(ALL)
    messages = {each.code: each.message for each in RUFF.found(one.modules[0])}
    assert messages["F821"] == "Undefined name `undefined`"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ruff.toml", 'exclude = ["*.py"]\n'),
        (".ruff.toml", "not toml ]["),
        (
            "pyproject.toml",
            '[tool.ruff.lint]\nignore = ["F", "ANN"]\n[tool.ruff.lint.per-file-ignores]\n"*" = ["ALL"]\n',
        ),
        (".gitignore", "*.py\n"),
    ],
)
def test_settings_of_the_app_do_not_count(name: str, text: str) -> None:
    Path(name).write_text(text)
    assert sorted(found(project())) == sorted(ALL)


def test_it_leaves_nothing_in_the_app() -> None:
    found(project())
    assert [path.name for path in Path(".").iterdir()] == ["app.py"]


@pytest.mark.parametrize("name", ["a b/ä.py", "[x]/a*b?.py", "-x.py", "@a.py", "it's\"/a.py", "{a,b}/!c.py"])
def test_odd_names_of_files(name: str) -> None:
    assert sorted(found(project(name=name))) == sorted(ALL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ä = 'üü'; b = c", [("F821", 1, 15)]),
        ("x = '🎉'; b = c", [("F821", 1, 14)]),
        ("\ufeffb = c", [("F821", 1, 5)]),
        ("a = 1\r\nb = c\r\n", [("F821", 2, 5)]),
        ("a = 1\rb = c\r", [("F821", 2, 5)]),
        ("\f\nb = c", [("F821", 2, 5)]),
        ("a = '''\n\n'''; b = c", [("F821", 3, 10)]),
        ("", []),
    ],
)
def test_places_are_counted_in_characters(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert found(project(text)) == expected


class TestWhatItCannotRead:
    def answer(self, monkeypatch: pytest.MonkeyPatch, folder: Path, output: object) -> Project:
        one = project()
        text = output if isinstance(output, str) else json.dumps(output)
        (folder / "answer").write_text(text)
        fake_programs.put(monkeypatch, folder, f"print(open({str(folder / 'answer')!r}).read())")
        return one

    @pytest.mark.parametrize("code", [None, "E902", "invalid-syntax", "E999"])
    def test_a_syntax_that_it_does_not_know(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str | None
    ) -> None:
        said = {"code": code, "filename": str(tmp_path / "app.py"), "location": {"row": 1, "column": 1}, "message": ""}
        problem = RUFF.problem(self.answer(monkeypatch, tmp_path, [said]))
        assert (str(problem), problem and problem.partly) == ("ruff cannot read app.py", True)

    @pytest.mark.parametrize(
        "output",
        [
            "{}",
            '""',
            "All checks passed!",
            "[1]",
            '[{"code": "F821"}]',
            '[{"code": "F821", "filename": "a", "location": null}]',
            '[{"code": "F821", "filename": null, "location": {}, "message": ""}]',
            '[{"code": "F821", "filename": "a", "location": {"row": "x", "column": 1}, "message": ""}]',
        ],
    )
    def test_of_another_version_or_garbage(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: str) -> None:
        problem = RUFF.problem(self.answer(monkeypatch, tmp_path, output))
        assert str(problem) == "ruff wrote something else than its known versions do"

    def test_rules_that_it_does_not_know(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ruff, "CODES", (*CODES, "XYZ999"))
        problem = RUFF.problem(project())
        assert str(problem).startswith("ruff failed with exit code 2: Cause: ")
        assert "XYZ999" in str(problem)


def test_a_violation_is_a_plain_tuple() -> None:
    assert Violation("F821", 1, 2, "m") == ("F821", 1, 2, "m")
