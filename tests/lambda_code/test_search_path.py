"""Which folders code puts on sys.path."""

from __future__ import annotations

import ast

import pytest

from cdk_guardrails.lambda_code.import_statements import statements_of
from cdk_guardrails.lambda_code.search_path import on_path

HERE = "here = os.path.dirname(os.path.realpath(__file__))\n"


@pytest.mark.parametrize(
    ("code", "folders"),
    [
        ('sys.path.append("vendored")', ["/var/task/vendored"]),
        ('sys.path.insert(0, "./vendored")', ["/var/task/vendored"]),
        ('sys.path.insert(0, "/opt/lib")', ["/opt/lib"]),
        ('sys.path.append("..")', ["/var/task/.."]),
        ("sys.path.append(os.path.dirname(__file__))", ["/var/task/src"]),
        ('sys.path.append(os.path.join(os.path.dirname(__file__), "lib", "x"))', ["/var/task/src/lib/x"]),
        (HERE + 'sys.path.append(os.path.join(here, "./vendored"))', ["/var/task/src/vendored"]),
        (HERE + 'LIB = os.path.join(here, "lib")\ndef f():\n    sys.path.append(LIB)', ["/var/task/src/lib"]),
        ("sys.path.insert(0, str(Path(__file__).parent))", ["/var/task/src"]),
        ('sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))', ["/var/task/src/lib"]),
        ("sys.path.insert(0, Path(__file__).parents[1].as_posix())", ["/var/task"]),
        ('sys.path.insert(0, str(pathlib.Path(__file__).parent.joinpath("a", "b")))', ["/var/task/src/a/b"]),
        ('sys.path.append(os.environ["LAMBDA_TASK_ROOT"] + "/lib")', ["/var/task/lib"]),
        ('sys.path.append(os.path.join(os.getenv("LAMBDA_TASK_ROOT"), "lib"))', ["/var/task/lib"]),
        ('sys.path.append(os.environ.get("LAMBDA_TASK_ROOT", "."))', ["/var/task"]),
        ('sys.path.append(f"{os.getcwd()}/lib")', ["/var/task/lib"]),
        ("sys.path.append(os.path.join(os.path.dirname(__file__), os.pardir))", ["/var/task"]),
        ('sys.path.extend(["a", "b"])', ["/var/task/a", "/var/task/b"]),
        ('sys.path += ["a"]', ["/var/task/a"]),
        ('sys.path = ["a"] + sys.path', ["/var/task/a"]),
        ('sys.path[0:0] = ["a", "b"]', ["/var/task/a", "/var/task/b"]),
        ('site.addsitedir("lib")', ["/var/task/lib"]),
        ('if x:\n    sys.path.append("a")', ["/var/task/a"]),
        ('sys.path.append("/tmp/deps")', ["/tmp/deps"]),
        ('sys.path.append("/mnt/efs")', ["/mnt/efs"]),
    ],
)
def test_known(code: str, folders: list[str]) -> None:
    statements = statements_of(ast.parse(code), "/var/task/src/app.py")
    normal = [folder.replace("/var/task/..", "/var") for folder in folders]
    assert (list(statements.folders), statements.is_unclear) == (normal, False)


@pytest.mark.parametrize(
    "code",
    [
        "sys.path.append(folder)",
        "def f(folder):\n    sys.path.append(folder)",
        'sys.path.append(os.environ["LIB"])',
        "sys.path.append(find())",
        "sys.path.append(7)",
        "sys.path.append()",
        "sys.path.extend(more)",
        "sys.path += more",
        "sys.path = more",
        "sys.path.extend(glob.glob('x/*'))",
        "sys.path.append(os.path.join(base, 'x'))",
        "sys.path.append(f'{base}/x')",
        "sys.meta_path.append(finder)",
        "sys.meta_path.insert(0, finder)",
        "sys.path_hooks.append(hook)",
        "site.addsitedir(x)",
        "x = x\nsys.path.append(x)",
        "a = b\nb = a\nsys.path.append(a)",
        "sys.path.append(" + "os.path.dirname(" * 50 + "__file__" + ")" * 50 + ")",
    ],
)
def test_unclear(code: str) -> None:
    statements = statements_of(ast.parse(code), "/var/task/src/app.py")
    assert statements.is_unclear
    assert not statements.folders


@pytest.mark.parametrize(
    "code",
    [
        "sys.path.remove('x')",
        "sys.path.pop(0)",
        "print(sys.path)",
        "self.path.append('x')",
        "path.append('x')",
        "os.path.join('a', 'b')",
        "x.meta_path.append(y)",
        "paths = sys.path",
        "sys.path_importer_cache.clear()",
        'if __name__ == "__main__":\n    sys.path.append(find())',
        "sys.argv.append(x)",
    ],
)
def test_no_change(code: str) -> None:
    statements = statements_of(ast.parse(code), "/var/task/src/app.py")
    assert not statements.is_unclear
    assert not statements.folders


@pytest.mark.parametrize(
    ("variable", "folders"),
    [
        ("", []),
        ("/var/task/src", ["/var/task/src"]),
        ("/var/task/src:/opt/lib", ["/var/task/src", "/opt/lib"]),
        ("src::./lib", ["/var/task/src", "/var/task/lib"]),
        ("$LAMBDA_TASK_ROOT/src", ["/var/task/src"]),
    ],
)
def test_the_variable(variable: str, folders: list[str]) -> None:
    assert on_path(variable) == folders
