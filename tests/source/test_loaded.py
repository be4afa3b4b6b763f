"""Which loaded modules are the app's own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

from cdk_guardrails.source import loaded
from cdk_guardrails.source.loaded import loaded_files, loaded_project


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(loaded, "_last", {})


def load(monkeypatch: pytest.MonkeyPatch, path: str, name: str = "") -> Path:
    """Notes a module as loaded from this file."""
    file = Path(path).absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a = 1\n")
    module = ModuleType(name or path)
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return file


@pytest.mark.parametrize("path", ["stack.py", "shop/__init__.py", "src/shop/orders.py", "infra/cdk/app.py"])
def test_what_lies_below_the_current_folder(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert loaded_files() == []
    file = load(monkeypatch, path)
    assert loaded_files() == [file]


@pytest.mark.parametrize(
    "path",
    [
        ".venv/lib/python3.13/site-packages/a.py",
        "env/lib/a.py",
        "vendor/site-packages/a.py",
        ".hidden/a.py",
        "cdk.out/asset.1/a.py",
        "asset.12/a.py",
        "node_modules/a.py",
        "tests/unit/helper.py",
        "test_stack.py",
        "conftest.py",
        "compiled.pyc",
        "extension.so",
        "../elsewhere/a.py",
    ],
)
def test_what_is_not_the_app_s(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    Path("env").mkdir()
    Path("env/pyvenv.cfg").touch()
    load(monkeypatch, path)
    assert loaded_files() == []


def test_an_app_in_a_virtual_environment_s_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyvenv.cfg").touch()
    load(monkeypatch, "lib/python3.13/site-packages/a.py")
    file = load(monkeypatch, "app.py")
    assert loaded_files() == [file]


def test_ours_and_the_standard_library_are_nobody_s_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    files = loaded_files()
    standard = os.path.realpath(sysconfig.get_path("stdlib"))
    assert [file for file in files if file.is_relative_to(standard) or "site-packages" in file.parts] == []
    assert [file for file in files if "cdk_guardrails" in file.parts and "tests" not in file.parts] == []


def test_odd_modules_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lazy(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"{name} was asked for")

    nameless = ModuleType("nameless")
    nameless.__file__ = None
    odd = {"lazy": Lazy("lazy"), "object": object(), "none": None, "nameless": nameless}
    for name, module in odd.items():
        monkeypatch.setitem(sys.modules, name, module)  # type: ignore[arg-type]
    assert loaded_files() == []


def test_a_module_whose_file_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, "gone.py").unlink()
    load(monkeypatch, "app.py")
    assert [module.path for module in loaded_project().modules] == ["app.py"]


def test_a_file_that_two_modules_name_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, "app.py", "app")
    load(monkeypatch, "app.py", "again")
    assert [module.path for module in loaded_project().modules] == ["app.py"]


def test_the_project_is_kept_until_a_file_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    file = load(monkeypatch, "app.py")
    first = loaded_project()
    assert loaded_project() is first
    file.write_text("changed = 1\n")
    assert loaded_project().modules[0].text == "changed = 1\n"
    load(monkeypatch, "more.py")
    assert len(loaded_project().modules) == 2


@pytest.mark.parametrize(
    ("command", "folder", "expected"),
    [
        (["app.py"], "app", ["app.py", "shop/stack.py"]),
        (["app/app.py"], ".", ["app/app.py", "app/shop/stack.py"]),
        (["../app/app.py"], "other", ["app/app.py", "app/shop/stack.py"]),
        (["-m", "app"], "app", ["app.py", "shop/stack.py"]),
        (["-c", "import app"], "app", ["app.py", "shop/stack.py"]),
    ],
)
def test_a_real_process(tmp_path: Path, root: Path, command: list[str], folder: str, expected: list[str]) -> None:
    code = (
        "import shop.stack\nfrom cdk_guardrails.source.loaded import loaded_files\nprint(*loaded_files(), sep='\\n')\n"
    )
    for name, text in {"app/app.py": code, "app/shop/stack.py": "", "app/unused.py": "", "other/x.py": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path / folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [path.endswith(end) for path, end in zip(done.stdout.split(), expected, strict=True)] == [True] * len(
        expected
    )
