"""A linter of others: started once, read once, and what is said when it finds nothing or not all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cdk_guardrails.source import programs
from cdk_guardrails.source.linters import Linter, Result, listed
from cdk_guardrails.source.programs import ProgramError, Run
from cdk_guardrails.source.project import Module, Project
from tests.source import fake_programs

STARTED: list[list[str]] = []


def _run(modules: Sequence[Module]) -> Run:
    STARTED.append([module.path for module in modules])
    return Run("tool", [], [str(module.file) for module in modules])


def _read(output: str, folder: Path) -> Result[str]:
    said = json.loads(output)
    return Result({Path(file): listed(found) for file, found in said["found"].items()}, [Path(x) for x in said["bad"]])


TOOL = Linter("tool", lambda project: project.modules, _run, _read)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    STARTED.clear()


def project(*names: str) -> Project:
    for name in names:
        if not Path(name).exists():
            Path(name).write_text("a = 1\n")
    return Project([Path(name) for name in names])


def says(monkeypatch: pytest.MonkeyPatch, folder: Path, found: dict[str, list[str]], bad: Sequence[str] = ()) -> None:
    """Lets the tool say this of files in ``folder``."""
    answer = {
        "found": {str(folder / name): each for name, each in found.items()},
        "bad": [str(folder / b) for b in bad],
    }
    fake_programs.put(monkeypatch, folder, f"print({json.dumps(answer)!r})")


def test_found_by_file_and_run_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    says(monkeypatch, tmp_path, {"a.py": ["x", "y"]})
    both = project("a.py", "b.py")
    TOOL.start(both)
    TOOL.start(both)
    a, b = both.modules
    assert (TOOL.found(a), TOOL.found(a), TOOL.found(b), TOOL.problem(both)) == (["x", "y"], ["x", "y"], [], None)
    assert STARTED == [["a.py", "b.py"]]
    assert TOOL.found(project("a.py").modules[0]) == ["x", "y"], "another project, another run"
    assert len(STARTED) == 2


def test_without_modules_it_is_not_started() -> None:
    empty = project()
    TOOL.start(empty)
    assert (TOOL.problem(empty), STARTED) == (None, [])


@pytest.mark.parametrize(
    "output",
    [
        "",
        "no json",
        "[]",
        "null",
        "{}",
        '{"found": {}',
        '{"found": [], "bad": []}',
        '{"found": {"a": {}}, "bad": []}',
        '{"found": {}, "bad": null}',
        '"text"',
        "1e999",
        "[" * 100_000,
    ],
)
def test_garbage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: str) -> None:
    (tmp_path / "answer").write_text(output)
    fake_programs.put(monkeypatch, tmp_path, f"print(open({str(tmp_path / 'answer')!r}).read())")
    one = project("a.py")
    problem = TOOL.problem(one)
    assert str(problem) == "tool wrote something else than its known versions do"
    assert problem is not None
    assert not problem.missing
    assert TOOL.found(one.modules[0]) == []


def test_one_that_is_missing_or_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "command", lambda name: [])
    one = project("a.py")
    TOOL.start(one)
    problem = TOOL.problem(one)
    assert (str(problem), problem and problem.missing, TOOL.found(one.modules[0])) == (
        "tool is not installed",
        True,
        [],
    )
    fake_programs.put(monkeypatch, tmp_path, "sys.exit(9)")
    assert str(TOOL.problem(project("a.py"))) == "tool failed with exit code 9"


class TestFilesThatItCannotRead:
    def test_those_that_it_names(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        says(monkeypatch, tmp_path, {"a.py": ["x"]}, ["c.py", "b.py"])
        three = project("a.py", "b.py", "c.py")
        problem = TOOL.problem(three)
        assert (str(problem), problem and problem.partly) == ("tool cannot read b.py, c.py", True)
        assert TOOL.found(three.modules[0]) == ["x"]

    def test_those_in_another_encoding_are_not_given_to_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        says(monkeypatch, tmp_path, {})
        Path("old.py").write_bytes(b"# -*- coding: latin-1 -*-\na = '\xe4'\n")
        Path("plain.py").write_bytes(b"# -*- coding: latin-1 -*-\na = 'a'\n")
        Path("new.py").write_text("a = 'ä'\n", encoding="utf-8")
        files = project("new.py", "old.py", "plain.py")
        problem = TOOL.problem(files)
        assert (str(problem), problem and problem.partly) == ("tool cannot read old.py", True)
        assert STARTED == [["new.py", "plain.py"]]

    def test_only_such_files(self) -> None:
        Path("old.py").write_bytes(b"# -*- coding: latin-1 -*-\na = '\xe4'\n")
        assert str(TOOL.problem(project("old.py"))) == "tool cannot read old.py"
        assert STARTED == []

    def test_a_failure_goes_before_them(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "sys.exit(9)")
        Path("old.py").write_bytes(b"# -*- coding: latin-1 -*-\na = '\xe4'\n")
        assert str(TOOL.problem(project("a.py", "old.py"))) == "tool failed with exit code 9"


def test_a_file_that_is_gone_is_not_given_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    says(monkeypatch, tmp_path, {})
    Path("a.py").write_text("a = 'ä'\n", encoding="utf-8")
    one = project("a.py")
    Path("a.py").unlink()
    assert str(TOOL.problem(one)) == "tool cannot read a.py"


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake_programs.put(monkeypatch, tmp_path, "print('{}')")

    def broken(output: str, folder: Path) -> Result[str]:
        raise AssertionError(output)

    with pytest.raises(AssertionError):
        Linter("tool", lambda project: project.modules, _run, broken).problem(project("a.py"))


def test_a_list_is_a_list() -> None:
    assert listed([1]) == [1]
    with pytest.raises(TypeError, match="a dict is no list"):
        listed({})


def test_the_error_says_which_program() -> None:
    assert str(ProgramError("tool", "is tired")) == "tool is tired"
