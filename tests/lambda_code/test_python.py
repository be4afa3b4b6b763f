"""The Python of a bundle: where names lead, what is parsed, whose a module is."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.lambda_code import bundle as bundles
from cdk_guardrails.lambda_code.bundle import FolderBundle, UnreadError
from cdk_guardrails.lambda_code.python import OURS, NotPythonError, PythonBundle, handler_of

OLD = (3, 10)
NEWER = (OURS[0], OURS[1] + 1)


def python(folder: Path, files: dict[str, str | bytes], version: tuple[int, int] = OLD, **given: Any) -> PythonBundle:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return PythonBundle(FolderBundle(folder, given.pop("source", "")), version, **given)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("app", "app.py"),
        ("orders", "orders/__init__.py"),
        ("orders.store", "orders/store.py"),
        ("orders.none", None),
        ("shared", "shared/"),
        ("shared.db", "shared/db.py"),
        ("both", "both/__init__.py"),
        ("fast", "fast.cpython-313-x86_64-linux-gnu.so"),
        ("abi", "abi.abi3.so"),
        ("twice", "twice.so"),
        ("compiled", "compiled.pyc"),
        ("compiled_package", "compiled_package/__init__.pyc"),
        ("cached", None),
        ("orders.fast", "orders/fast.so"),
        ("yaml", None),
        ("", None),
    ],
)
def test_where_names_lead(tmp_path: Path, name: str, path: str | None) -> None:
    files = ["app.py", "orders/__init__.py", "orders/store.py", "orders/fast.so", "shared/db.py", "both.py", "twice.py"]
    files += ["both/__init__.py", "fast.cpython-313-x86_64-linux-gnu.so", "abi.abi3.so", "twice.so", "compiled.pyc"]
    files += ["compiled_package/__init__.pyc", "__pycache__/cached.cpython-313.pyc"]
    assert python(tmp_path, dict.fromkeys(files, "")).find(name) == path


def test_roots_of_a_layer(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "python/a.py": "",
        "python/b.py": "",
        "python/lib/python3.10/site-packages/b.py": "",
        "python/ns/x.py": "",
        "c.py": "",
    }
    layer = python(tmp_path, files, roots=("python/lib/python3.10/site-packages/", "python"))
    assert layer.find("a") == "python/a.py"
    assert layer.find("b") == "python/lib/python3.10/site-packages/b.py"
    assert layer.find("ns") == "python/ns/"
    assert layer.find("c") is None


def test_a_package_comes_before_a_folder_of_a_root_before_it(tmp_path: Path) -> None:
    layer = python(tmp_path, {"one/x/readme.txt": "", "two/x.py": ""}, roots=("one", "two"))
    assert layer.find("x") == "two/x.py"


def test_a_module_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = python(tmp_path, {"app.py": "import json\n", "bad.py": "def"})
    parsed: list[object] = []
    parse = ast.parse

    def counted(*given: Any, **also: Any) -> Any:
        parsed.append(given)
        return parse(*given, **also)

    monkeypatch.setattr(ast, "parse", counted)
    for _ in range(3):
        assert source.parse("app", "app.py").name == "app"
        with pytest.raises(NotPythonError):
            source.parse("bad", "bad.py")
    assert len(parsed) == 2


def test_packages(tmp_path: Path) -> None:
    source = python(tmp_path, {"a/__init__.py": "", "a/b.py": "", "c.py": ""})
    assert source.parse("a", "a/__init__.py").package == "a"
    assert source.parse("a.b", "a/b.py").package == "a"
    assert source.parse("c", "c.py").package == ""


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\nprint 'x'\n", 2, "Missing parentheses in call to 'print'. Did you mean print(...)?"),
        ("def handler(event, context)\n  return 1\n", 1, "expected ':'"),
        ("x = (\n", 1, "'(' was never closed"),
        (b"# -*- coding: nonsense -*-\n", 1, "unknown encoding: nonsense"),
        ("<!DOCTYPE html>\n", 1, "invalid syntax"),
    ],
)
def test_what_is_no_python(tmp_path: Path, text: str | bytes, line: int, message: str) -> None:
    with pytest.raises(NotPythonError) as caught:
        python(tmp_path, {"app.py": text}).parse("app", "app.py")
    assert (caught.value.line, str(caught.value)) == (line, message)


@pytest.mark.parametrize("text", [b"x = '\xff\xfe'\n", b"\0\0\0\0", b"x = 1\0\n", b"\x7fELF\x02\x01\x01"])
def test_bytes_that_are_no_text(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(NotPythonError):
        python(tmp_path, {"app.py": text}).parse("app", "app.py")


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeffx = 1\n", "x = 'é'\r\n", "# -*- coding: latin-1 -*-\nx = 1\n"])
def test_what_is_python(tmp_path: Path, text: str) -> None:
    assert python(tmp_path, {"app.py": text}).parse("app", "app.py").tree


def test_the_grammar_is_that_of_the_runtime(tmp_path: Path) -> None:
    match = "match x:\n    case 1: pass\n"
    assert python(tmp_path, {"app.py": match}, (3, 10)).parse("app", "app.py").tree
    with pytest.raises(NotPythonError, match=r"only supported in Python 3\.10 and greater"):
        python(tmp_path, {"app.py": match}, (3, 9)).parse("app", "app.py")
    with pytest.raises(NotPythonError, match=r"only supported in Python 3\.8 and greater"):
        python(tmp_path, {"app.py": "(x := 1)\n"}, (3, 6)).parse("app", "app.py")


@pytest.mark.parametrize(
    "text",
    [
        "x = f'{d['a']}' ?\n",
        "x = (\n    f'{a}' ?\n)\n",
        "t = t'{x}' ?\n",
        "def f[T: int = str](x): ?\n",
        "class A[T]: ?\n",
        "type X = int ?\n",
        "try:\n    pass\nexcept A, B: ?\n    pass\n",
        "try:\n    pass\nexcept* A: ?\n    pass\n",
    ],
)
def test_code_newer_than_the_running_python_is_unknown(tmp_path: Path, text: str) -> None:
    ours, theirs = (f"{major}.{minor}" for major, minor in (OURS, NEWER))
    with pytest.raises(UnreadError, match=f"Python {ours}, which runs this check, cannot parse code for {theirs}"):
        python(tmp_path, {"app.py": text}, NEWER).parse("app", "app.py")


@pytest.mark.parametrize(
    "text",
    [
        "def handler(event, context)\n  print('hello, world')\n",
        "print 'x'\n",
        "x = (\n",
        "import yaml\n\nx = = 1\n\n\ny = f'{a}'\n",
        "<html>",
        "format x = 1\n",
    ],
)
def test_what_no_newer_python_takes_either(tmp_path: Path, text: str) -> None:
    """The function's version may be newer than the Python that runs the check, which is the usual case."""
    with pytest.raises(NotPythonError):
        python(tmp_path, {"app.py": text}, NEWER).parse("app", "app.py")


def test_code_for_a_newer_python_that_ours_takes(tmp_path: Path) -> None:
    assert python(tmp_path, {"app.py": "x = 1\n"}, NEWER).parse("app", "app.py").tree


@pytest.mark.parametrize("text", ["(" * 5_000 + ")" * 5_000, "x = " + "-" * 200_000 + "1"])
def test_deep_nesting_is_no_crash(tmp_path: Path, text: str) -> None:
    with pytest.raises((UnreadError, NotPythonError)):
        python(tmp_path, {"app.py": text}).parse("app", "app.py")


def test_a_long_sum_is_no_crash(tmp_path: Path) -> None:
    """Some Pythons parse this into a tree that is deeper than they can recurse."""
    source = python(tmp_path, {"app.py": "import sys\nsys.path = " + " + ".join(["[]"] * 900) + "\n"})
    try:
        assert source.statements("app", "app.py", is_library=False).wanted
    except UnreadError as error:
        assert "nested too deeply" in str(error)


def test_a_large_module(tmp_path: Path) -> None:
    source = python(tmp_path, {"data.py": b"x = 1\n" * 3_500_000})
    with pytest.raises(UnreadError, match="data.py is too large to be read"):
        source.parse("data", "data.py")
    with pytest.raises(UnreadError, match="data.py is too large to be read"):
        source.statements("data", "data.py", is_library=False)
    assert source.statements("data", "data.py", is_library=True).wanted == ()


def test_the_time_is_used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = python(tmp_path, {"a.py": "import json\n" * 100, "b.py": "import json\n"})
    monkeypatch.setattr(source.bundle, "_left_seconds", 0.000001)
    with pytest.raises(UnreadError, match=f"reading it takes more than {bundles.MAX_SECONDS:g} s"):
        source.parse("b", "b.py")
        source.parse("a", "a.py")


def test_a_module_of_a_library(tmp_path: Path) -> None:
    text = '"""Doc.\n\nimport in_docstring\n"""\nimport a\ntry:\n    import b\nexcept ImportError:\n    pass\n'
    source = python(tmp_path, {"lib.py": text + "def f():\n    import c\n"})
    library = source.statements("lib", "lib.py", is_library=True)
    assert [item.module for item in library.wanted] == ["in_docstring", "a"]
    assert not source.is_certain("lib", "lib.py", 3), "a line of the docstring"
    assert source.is_certain("lib", "lib.py", 5)
    own = source.statements("lib", "lib.py", is_library=False)
    assert [(item.module, item.is_needed) for item in own.wanted] == [("a", True), ("b", False), ("c", True)]


def test_nothing_is_certain_of_what_cannot_be_parsed(tmp_path: Path) -> None:
    assert not python(tmp_path, {"lib.py": "import a\nprint 'x'\n"}).is_certain("lib", "lib.py", 1)


RECORD = "yaml/__init__.py,sha256=x,1\nsix.py,,\nyaml-6.0.dist-info/RECORD,,\n../../bin/x,,\n"


def test_installed_modules_are_a_library_s(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"yaml/__init__.py": "", "six.py": "", "app.py": "", "orders/__init__.py": ""}
    source = python(tmp_path, files | {"yaml-6.0.dist-info/RECORD": RECORD})
    assert {path for path in files if source.is_library(path)} == {"yaml/__init__.py", "six.py"}
    assert source.is_library("six.py", own="six"), "the handler itself may be installed"


def test_a_distribution_of_the_author_s_own(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"orders/__init__.py": "", "orders-1.0.dist-info/RECORD": "orders/__init__.py,,\n"}
    assert python(tmp_path / "a", files).is_library("orders/__init__.py")
    files["orders-1.0.dist-info/direct_url.json"] = '{"url": "file:///src/orders", "dir_info": {}}'
    assert not python(tmp_path / "b", files).is_library("orders/__init__.py")


@pytest.mark.parametrize(
    ("files", "path", "is_library"),
    [
        ({"x/__init__.py": "__version__ = '1.0'\n"}, "x/y.py", True),
        ({"x/__init__.py": "from .version import __version__\n"}, "x/y.py", True),
        ({"x/__init__.py": "def f():\n    __version__ = 1\n"}, "x/y.py", False),
        ({"x/__init__.py": "", "x/py.typed": ""}, "x/y.py", True),
        ({"x/__init__.py": "", "x/_c.abi3.so": ""}, "x/deep/y.py", True),
        ({"x/__init__.py": ""}, "x/y.py", False),
        ({"x.py": '__author__ = "Jo"\n'}, "x.py", True),
        ({"x.py": "import json\n"}, "x.py", False),
        ({"vendor/x.py": ""}, "vendor/x.py", True),
        ({"lib/site-packages/x.py": ""}, "lib/site-packages/x.py", True),
        ({"xy/__init__.py": "", "x/__init__.py": "__version__ = 1"}, "xy/y.py", False),
    ],
)
def test_packages_that_look_published(tmp_path: Path, files: dict[str, str], path: str, is_library: bool) -> None:
    source = python(tmp_path, {"app.py": "", **files, path: files.get(path, "")})
    assert source.is_library(path) is is_library


def test_the_handler_s_own_package_is_the_author_s_whatever_it_looks_like(tmp_path: Path) -> None:
    source = python(tmp_path, {"x/__init__.py": "__version__ = 1", "x/y.py": "", "app.py": "__author__ = 'Jo'"})
    assert not source.is_library("x/y.py", own="x")
    assert not source.is_library("app.py", own="app")
    assert source.is_library("app.py", own="ap")


def test_what_the_author_s_folder_does_not_have_was_installed(tmp_path: Path) -> None:
    author = tmp_path / "src"
    for name in ("app.py", "orders.py"):
        author.mkdir(exist_ok=True)
        (author / name).write_text("")
    source = python(tmp_path / "asset", {"app.py": "", "orders.py": "", "stripped.py": ""}, source=str(author))
    assert not source.is_library("stripped.py"), "the folders may be arranged in another way"
    source.starts_at("app.py")
    assert source.is_library("stripped.py")
    assert not source.is_library("orders.py")


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("index.handler", ("index", "handler")),
        ("orders/app.handle", ("orders.app", "handle")),
        ("orders.app.handle", ("orders.app", "handle")),
        ("./app.handler", ("app", "handler")),
        ("handler", ("", "handler")),
        ("", ("", "")),
        ("app.", ("app", "")),
    ],
)
def test_handlers(handler: str, expected: tuple[str, str]) -> None:
    assert handler_of(handler) == expected


def test_folders(tmp_path: Path) -> None:
    assert python(tmp_path, {"a/b/c.py": "", "d.py": ""}).folders == {"a/", "a/b/"}


def test_nothing_of_the_code_is_run(tmp_path: Path) -> None:
    source = python(tmp_path, {"boom.py": "import sys\nsys.modules['boom_ran'] = 1\nraise SystemExit\n"})
    assert source.parse("boom", "boom.py").tree
    assert "boom" not in sys.modules
    assert "boom_ran" not in sys.modules
