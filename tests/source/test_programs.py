"""Programs of others: found, run in a folder of their own, ended, and what is said when they do not do their work."""

from __future__ import annotations

import gc
import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from cdk_guardrails.errors import SourceError
from cdk_guardrails.source import programs
from cdk_guardrails.source.programs import ProgramError, Run, command, missing_programs
from tests.source import fake_programs


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs leave behind would be seen."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def left(tmp_path: Path) -> Path:
    return tmp_path / "temporary"


class TestRun:
    @pytest.mark.parametrize("code", [0, 1])
    def test_its_output(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Path, code: int) -> None:
        fake_programs.put(
            monkeypatch, tmp_path, f"print('fünd', sys.argv[1:], os.listdir('.') != [])\nsys.exit({code})"
        )
        monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
        run = Run("ruff", ["check"], ["a.py"])
        assert run.folder.parent == left
        assert run.output() == "fünd ['check', '@arguments'] True\n"
        assert list(left.iterdir()) == []

    def test_arguments_and_settings_are_files(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "print(open('arguments').read() + open('tool.toml').read())")
        listed = ["/a b/ä.py", "-x.py", *(f"/{number}.py" for number in range(20_000))]
        output = Run("ruff", [], listed, [("tool.toml", "a = 1")]).output()
        assert output == "\n".join(listed) + "\na = 1\n"

    def test_names_that_are_not_utf8(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "print(open('arguments', 'rb').read())")
        assert Run("ruff", [], [os.fsdecode(b"/\xff.py")]).output() == "b'/\\xff.py\\n'\n"

    def test_settings_in_the_environment_do_not_count(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("RUFF_SELECT", "ruff_cache_dir", "PYREFLY_PYTHON_VERSION", "KEPT_RUFF"):
            monkeypatch.setenv(name, "x")
        fake_programs.put(monkeypatch, tmp_path, "print([n for n in os.environ if 'ruff' in n.lower() or 'PYR' in n])")
        assert Run("ruff", [], []).output() == "['KEPT_RUFF']\n"

    def test_much_output_does_not_stop_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "print('x' * 2_000_000)\nprint('y' * 2_000_000, file=sys.stderr)")
        assert len(Run("ruff", [], []).output()) == 2_000_001

    def test_it_reads_nothing_from_us(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "print(repr(sys.stdin.read()))")
        assert Run("ruff", [], []).output() == "''\n"

    def test_one_that_nobody_waits_for_is_ended(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Path
    ) -> None:
        fake_programs.put(monkeypatch, tmp_path, "time.sleep(60)")
        process = Run("ruff", [], [])._process
        gc.collect()
        assert process.poll() is not None
        assert list(left.iterdir()) == []


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("sys.exit(3)", "ruff failed with exit code 3"),
            ("os.abort()", "ruff failed with exit code -6"),
            ("print('secret', file=sys.stderr)\nsys.exit(101)", "ruff failed with exit code 101"),
            ("sys.exit(2)", "ruff failed with exit code 2"),
            (
                "print('error: unexpected argument --x\\nUsage', file=sys.stderr)\nsys.exit(2)",
                "ruff failed with exit code 2: error: unexpected argument --x",
            ),
            ("sys.stdout.buffer.write(b'\\xff\\xfe')", "ruff left no output: UnicodeDecodeError"),
            ("os.remove('output')", "ruff left no output: No such file or directory"),
        ],
    )
    def test_said_in_one_line(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Path, code: str, message: str
    ) -> None:
        fake_programs.put(monkeypatch, tmp_path, code)
        with pytest.raises(ProgramError) as error:
            Run("ruff", [], []).output()
        assert str(error.value) == message
        assert (error.value.name, error.value.missing, error.value.partly) == ("ruff", False, False)
        assert list(left.iterdir()) == []

    def test_a_long_usage_error_is_cut(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "print('e' * 5000, file=sys.stderr)\nsys.exit(2)")
        with pytest.raises(ProgramError) as error:
            Run("ruff", [], []).output()
        assert len(str(error.value)) < 250

    def test_one_that_hangs_is_ended(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Path) -> None:
        monkeypatch.setattr(programs, "TIME_LIMIT", 0.2)
        fake_programs.put(monkeypatch, tmp_path, "print('[]', flush=True)\ntime.sleep(60)")
        run = Run("ruff", [], [])
        with pytest.raises(ProgramError, match=r"^ruff did not end within 0 s$"):
            run.output()
        assert run._process.poll() is not None
        assert list(left.iterdir()) == []

    def test_one_that_is_missing(self, monkeypatch: pytest.MonkeyPatch, left: Path) -> None:
        monkeypatch.setattr(programs, "command", lambda name: [])
        with pytest.raises(ProgramError, match=r"^ruff is not installed$") as error:
            Run("ruff", [], [])
        assert error.value.missing
        assert isinstance(error.value, SourceError)
        assert list(left.iterdir()) == []

    def test_one_that_is_no_program(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Path) -> None:
        (tmp_path / "ruff").write_bytes(b"\x7fELF, not really")
        (tmp_path / "ruff").chmod(0o700)
        monkeypatch.setattr(programs, "command", lambda name: [str(tmp_path / "ruff")])
        with pytest.raises(ProgramError, match=r"^ruff cannot be started: Exec format error$"):
            Run("ruff", [], [])
        assert list(left.iterdir()) == []

    def test_no_place_for_its_folder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        fake_programs.put(monkeypatch, tmp_path, "")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
        with pytest.raises(ProgramError, match=r"^ruff cannot be started: No such file or directory$"):
            Run("ruff", [], [])

    def test_an_argument_that_no_system_takes(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: Path
    ) -> None:
        fake_programs.put(monkeypatch, tmp_path, "")
        with pytest.raises(ProgramError, match=r"^ruff cannot be started: ValueError$"):
            Run("ruff", ["\0"], [])
        assert list(left.iterdir()) == []


class TestCommand:
    def program(self, folder: Path) -> str:
        folder.mkdir(exist_ok=True)
        (folder / "ruff").write_text("#!/bin/sh\n")
        (folder / "ruff").chmod(0o700)
        return str(folder / "ruff")

    def test_that_of_our_environment_goes_first(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        ours, other = self.program(tmp_path / "ours"), self.program(tmp_path / "other")
        monkeypatch.setattr(sys, "executable", str(tmp_path / "ours" / "python"))
        monkeypatch.setenv("PATH", str(Path(other).parent))
        assert command("ruff") == [ours]

    def test_then_a_module_of_it_and_then_one_on_the_path(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        other = self.program(tmp_path / "other")
        python = str(tmp_path / "python")
        monkeypatch.setattr(sys, "executable", python)
        monkeypatch.setenv("PATH", str(Path(other).parent))
        assert command("pytest") == [python, "-m", "pytest"]

        def unknown(name: str) -> None:
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(metadata, "distribution", unknown)
        assert command("ruff") == [other]
        assert command("pyrefly") == []
        assert list(missing_programs()) == ["pyrefly"]
