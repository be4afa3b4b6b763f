"""The modules of a project: which files they are, what is read of them, what cannot be read."""

from __future__ import annotations

import ast
import os
import sys
import warnings
from pathlib import Path

import pytest

from cdk_guardrails.errors import SourceError
from cdk_guardrails.source.project import MAX_DEPTH, MAX_FILE_BYTES, Module, Project, python_files, shown

PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str | bytes = "") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def found(*paths: str) -> list[str]:
    return [shown(path) for path in python_files([Path(path) for path in paths])]


def only(text: str | bytes) -> Module:
    [module] = Project([write("app.py", text)]).modules
    return module


def unread(text: str | bytes) -> str:
    project = Project([write("app.py", text)])
    assert project.modules == []
    [(place, reason)] = project.unread
    return f"{place} {reason}"


class TestFiles:
    def test_a_folder_is_read_in_order_each_file_once(self) -> None:
        for path in ("b.py", "a/z.py", "a/a.py", "a/note.txt", "stub.pyi"):
            write(path)
        assert found(".", "b.py", "a") == ["b.py", "a/a.py", "a/z.py"]

    def test_a_file_that_is_named_is_read_wherever_it_is(self) -> None:
        write("build/made.py")
        write("stub.pyi")
        assert found("build/made.py", "stub.pyi") == ["build/made.py", "stub.pyi"]

    @pytest.mark.parametrize(
        "path",
        [
            ".venv/lib/a.py",
            ".git/hooks/a.py",
            "venv/a.py",
            "cdk.out/asset.1/a.py",
            "node_modules/x/a.py",
            "asset.8a3f/a.py",
            "__pycache__/a.py",
            "lib/site-packages/a.py",
            "dist/a.py",
        ],
    )
    def test_what_is_not_the_app_s_is_left_out(self, path: str) -> None:
        write(path)
        write("app.py")
        assert found(".") == ["app.py"]

    @pytest.mark.parametrize("mark", ["pyvenv.cfg", "cdk.out"])
    def test_virtual_environments_and_assemblies_of_any_name(self, mark: str) -> None:
        write(f"synth/{mark}")
        write("synth/deep/a.py")
        assert found(".") == []
        assert found("synth") == ["synth/deep/a.py"], "the folder that was asked for is read"

    @pytest.mark.parametrize("path", ["distribution/a.py", "builder/a.py", "environments/a.py", "layer/venvs.py"])
    def test_what_only_sounds_like_it_is_read(self, path: str) -> None:
        write(path)
        assert found(".") == [path]

    def test_what_pip_has_put_beside_a_function_is_left_out(self) -> None:
        record = "requests/__init__.py,sha256=x,1\r\nsix.py,,\r\nrequests-2.dist-info/RECORD,,\r\n../bin/tool,,\r\n"
        write("layer/python/requests-2.dist-info/RECORD", record)
        for path in ("requests/__init__.py", "six.py", "ours/__init__.py", "handler.py"):
            write(f"layer/python/{path}")
        assert found(".") == ["layer/python/handler.py", "layer/python/ours/__init__.py"]

    def test_a_broken_record_leaves_nothing_out(self) -> None:
        write("layer/a-1.dist-info/RECORD", b'\xff\x00,,\n"')
        write("layer/b-1.dist-info/METADATA")
        write("layer/a.py")
        assert found(".") == ["layer/a.py"]

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("gone", "gone: there is no such file or folder"),
            ("gone/app.py", "gone/app.py: there is no such file or folder"),
            ("template.yaml", "template.yaml: expected a Python file (.py) or a folder"),
        ],
    )
    def test_a_path_that_is_no_python_is_an_error(self, path: str, message: str) -> None:
        write("template.yaml")
        with pytest.raises(SourceError) as error:
            found(path)
        assert str(error.value) == message

    def test_links_are_read_once_and_not_followed_into_folders(self, tmp_path: Path) -> None:
        write("app.py")
        write("elsewhere/b.py")
        Path("again.py").symlink_to("app.py")
        Path("loop.py").symlink_to("loop.py")
        Path("folder").symlink_to(tmp_path, target_is_directory=True)
        project = Project(python_files([Path(".")]))
        assert [module.path for module in project.modules] == ["app.py", "elsewhere/b.py"]
        assert [place for place, _ in project.unread] == ["loop.py:1"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_folder_that_cannot_be_listed_is_said(self) -> None:
        write("closed/a.py").parent.chmod(0)
        try:
            project = Project(python_files([Path(".")]))
        finally:
            Path("closed").chmod(0o700)
        assert project.unread == [("closed:1", "cannot be read: Permission denied")]

    def test_a_pipe_is_not_waited_for(self) -> None:
        os.mkfifo("pipe.py")
        assert Project([Path("pipe.py")]).unread == [("pipe.py:1", "cannot be read: it is no file")]


class TestUnread:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("def f(:\n", f"app.py:1 not valid {PYTHON}: invalid syntax"),
            ("a = 1\n\nprint 'x'\n", f"app.py:3 not valid {PYTHON}: Missing parentheses in call to 'print'"),
            (b"a = '\xe4'\n", "app.py:1 cannot be read: "),
            (b"# coding: no-such-thing\n", "app.py:1 cannot be read: its encoding is unknown or not as declared"),
            (b"# coding: hex\n", "app.py:1 cannot be read: "),
            ("a = 1\0\n", f"app.py:1 not valid {PYTHON}: "),
            ("(" * 5000, f"app.py:1 not valid {PYTHON}: "),
            ("a = " + "-" * 100_000 + "1", "app.py:1 "),
            ("a = " + "+".join(["'b'"] * 5000), "app.py:1 "),
            (b"#" * (MAX_FILE_BYTES + 1), "app.py:1 too large to be linted (1,048,577 bytes, the limit is 1,048,576)"),
        ],
    )
    def test_hostile_files_are_said_not_fatal(self, text: str | bytes, expected: str) -> None:
        assert unread(text).startswith(expected)

    def test_nothing_of_the_file_is_quoted(self) -> None:
        assert "TempPass123" not in unread(b"password = 'TempPass123!\xff'\n")
        assert "TempPass123" not in unread("password = 'TempPass123!\n")

    def test_the_other_files_are_read(self) -> None:
        project = Project([write("a.py", "a ="), write("b.py", "b = 1")])
        assert [module.path for module in project.modules] == ["b.py"]

    def test_one_that_has_gone_meanwhile(self) -> None:
        assert Project([Path("gone.py")]).unread == [("gone.py:1", "cannot be read: No such file or directory")]

    def test_a_path_with_colons(self) -> None:
        assert Project([write("a: b:2.py", "a =")]).unread[0][0] == "a: b:2.py:1"


class TestModule:
    @pytest.mark.parametrize(
        "text", ["", "\ufeffa = 1\n", "a = 1\r\nb = 2\r\n", "a = '\\d'\n", "# coding: latin-1\n", "a = 1\x0c\nb = 2"]
    )
    def test_what_python_takes_is_read(self, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert isinstance(only(text).tree, ast.Module)

    def test_the_declared_encoding_holds(self) -> None:
        module = only("# coding: latin-1\na = '\xe4'\n".encode("latin-1"))
        assert "a = '\xe4'" in module.text

    def test_nodes_come_in_the_order_of_the_text(self) -> None:
        module = only("a = f(1, [2], b=3)\nc = 4\n")
        assert [node.value for node in module.nodes if isinstance(node, ast.Constant)] == [1, 2, 3, 4]
        assert {type(module.parents[node]) for node in module.nodes if isinstance(node, ast.keyword)} == {ast.Call}

    def test_a_deep_tree_is_read(self) -> None:
        module = only("a = " + " + ".join(["'b'"] * 900))
        assert len(module.nodes) > 900
        assert MAX_DEPTH >= 900

    def test_lines_are_those_that_python_counts(self) -> None:
        module = only("a = '\x0b\u2028'\nb = 1\n")
        [_, b] = [node for node in module.nodes if isinstance(node, ast.Assign)]
        assert module.lines[b.lineno - 1] == "b = 1"

    @pytest.mark.parametrize(("text", "column"), [("a = b(c)", 7), ("\xe4 = b(c)", 7), ("'\U0001f600'; b(c)", 8)])
    def test_columns_are_characters(self, text: str, column: int) -> None:
        module = only(text)
        name = next(node for node in module.nodes if isinstance(node, ast.Name) and node.id == "c")
        assert module.column(name.lineno, name.col_offset) == column

    def test_paths_are_shown_from_here(self, tmp_path: Path) -> None:
        inside, outside = write("a/b.py"), write("../elsewhere/c.py").resolve()
        assert [module.path for module in Project([inside, outside]).modules] == ["a/b.py", str(outside)]

    @pytest.mark.parametrize(
        ("path", "is_test"),
        [
            ("test_app.py", True),
            ("app_test.py", True),
            ("conftest.py", True),
            ("tests/helpers.py", True),
            ("infra/test/stack.py", True),
            ("testing.py", False),
            ("contest.py", False),
            ("latest/app.py", False),
            ("app.py", False),
        ],
    )
    def test_tests_are_known(self, path: str, is_test: bool) -> None:
        [module] = Project([write(path)]).modules
        assert module.is_test is is_test

    def test_folders_above_say_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files = [write("tests/app/app.py"), write("tests/app/more/stack.py")]
        monkeypatch.chdir(tmp_path / "tests" / "app")
        files = [tmp_path / file for file in files]
        assert [module.is_test for module in Project(files).modules] == [False, False]
        monkeypatch.chdir("/")
        assert [module.is_test for module in Project(files).modules] == [True, True], "below the current folder"


def test_the_root_and_the_cache() -> None:
    project = Project([write("a/b/c.py"), write("a/d.py")])
    assert project.root == Path("a").resolve()
    assert Project([]).root == Path.cwd()
    assert project.cached("key", lambda: [1]) is project.cached("key", lambda: [2])
