"""What the imports of a module say: which must work, which may fail."""

from __future__ import annotations

import ast
import textwrap

import pytest

from cdk_guardrails.lambda_code.import_statements import (
    Wanted,
    functions_in,
    may_define,
    quick_imports,
    statements_of,
)


def wanted(code: str) -> list[Wanted]:
    return list(statements_of(ast.parse(textwrap.dedent(code)), "/var/task/app.py").wanted)


def needed(code: str) -> list[str]:
    return [item.module for item in wanted(code) if item.is_needed]


def optional(code: str) -> list[str]:
    return [item.module for item in wanted(code) if not item.is_needed]


def test_statements() -> None:
    code = """\
        import yaml, os.path as p
        from a.b import c, d as e
        from . import x
        from ..y import *
        """
    assert wanted(code) == [
        Wanted(1, "yaml"),
        Wanted(1, "os.path"),
        Wanted(2, "a.b", ("c", "d")),
        Wanted(3, ".", ("x",)),
        Wanted(4, "..y", ("*",)),
    ]


@pytest.mark.parametrize(
    "code",
    [
        'importlib.import_module("yaml")',
        'x = importlib.import_module("yaml", package=None)',
        'from_ = [import_module("yaml")]',
        '__import__("yaml")',
        'handler = lambda: __import__("yaml").load',
        "def f():\n    import yaml",
        "async def f():\n    import yaml",
        "class A:\n    import yaml",
        "class A:\n    def f(self):\n        import yaml",
        "def main():\n    import yaml",
        "def latest():\n    import yaml",
        "with open(x) as y:\n    import yaml",
        "for x in y:\n    import yaml",
        "if event:\n    import yaml",
        "if x == 1:\n    pass\nelif y:\n    import yaml",
        "try:\n    import yaml\nfinally:\n    pass",
        "try:\n    import yaml\nexcept ValueError:\n    pass",
        "try:\n    import yaml\nexcept ImportError:\n    raise",
        "try:\n    import yaml\nexcept ImportError as e:\n    print(e)\n    raise RuntimeError from e",
        "try:\n    import yaml\nexcept ImportError:\n    sys.exit(1)",
        "try:\n    pass\nexcept ValueError:\n    import yaml",
        "try:\n    pass\nexcept Exception:\n    import yaml",
        "with contextlib.suppress(KeyError):\n    import yaml",
        "match x:\n    case 1:\n        import yaml",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import yaml",
        'if __name__ == "__main__":\n    pass\nelse:\n    import yaml',
    ],
)
def test_needed(code: str) -> None:
    assert needed(code) == ["yaml"]
    assert not optional(code)


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None",
        "try:\n    import yaml\nexcept ModuleNotFoundError:\n    pass",
        "try:\n    import yaml\nexcept (KeyError, ImportError):\n    pass",
        "try:\n    import yaml\nexcept Exception:\n    pass",
        "try:\n    import yaml\nexcept builtins.BaseException:\n    pass",
        "try:\n    import yaml\nexcept:\n    pass",
        "try:\n    if x:\n        import yaml\nexcept ImportError:\n    pass",
        "try:\n    def f():\n        import yaml\nexcept ImportError:\n    pass",
        "try:\n    x = importlib.import_module('yaml')\nexcept ImportError:\n    pass",
        "try:\n    import yaml\nexcept ImportError:\n    if strict:\n        raise",
        "try:\n    import yaml\nexcept ImportError:\n    try:\n        yaml = 1\n    except X:\n        raise",
        "with contextlib.suppress(ImportError):\n    import yaml",
        "with suppress(Exception):\n    import yaml",
        "if TYPE_CHECKING:\n    import yaml",
        "if typing.TYPE_CHECKING:\n    from yaml import x",
        "if sys.version_info < (3, 8):\n    import yaml",
        "if sys.version_info >= (3, 8):\n    pass\nelse:\n    import yaml",
        "if sys.platform == 'win32':\n    import yaml",
        "if platform.system() == 'Windows':\n    import yaml",
        "if importlib.util.find_spec('yaml'):\n    import yaml",
        "if find_spec('yaml') is not None:\n    import yaml",
        "if os.environ.get('LOCAL'):\n    import yaml",
        "if 'yaml' in sys.modules:\n    import yaml",
        "def f():\n    if HAS_YAML:\n        import yaml",
        "if is_local:\n    import yaml",
        "if DEBUG:\n    import yaml",
        "if YAML_AVAILABLE:\n    import yaml",
        "if False:\n    import yaml",
        "if 0:\n    import yaml",
        "x = __import__('yaml') if HAS_YAML else None",
        "def test_it():\n    import yaml",
        "def run_local():\n    import yaml",
    ],
)
def test_optional(code: str) -> None:
    assert optional(code) == ["yaml"]
    assert not needed(code)


@pytest.mark.parametrize(
    "code",
    [
        'if __name__ == "__main__":\n    import yaml',
        "import_module(name)",
        "import_module()",
        "import_module('not a name')",
        "importlib.import_module(f'{x}.y')",
        '"""import yaml"""',
        "# import yaml",
        "x.load('yaml')",
        "import_module('')",
    ],
)
def test_not_looked_at(code: str) -> None:
    assert wanted(code) == []


def test_what_an_import_stands_in_for() -> None:
    code = "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\n"
    [first, second] = wanted(code)
    assert first == Wanted(2, "tomllib", is_needed=False)
    assert second == Wanted(4, "tomli", is_needed=False, unless=(Wanted(2, "tomllib"),))


def test_three_ways() -> None:
    code = """\
        try:
            import a
        except ImportError:
            try:
                import b
            except ImportError:
                import c
        """
    assert [(item.module, [before.module for before in item.unless]) for item in wanted(code)] == [
        ("a", []),
        ("b", ["a"]),
        ("c", []),
    ], "of three ways the last is not asked for"


def test_else_of_a_try_needs_what_was_tried() -> None:
    assert optional("try:\n    import a\nexcept ImportError:\n    pass\nelse:\n    import a.b") == ["a", "a.b"]


@pytest.mark.skipif(not hasattr(ast, "TryStar"), reason="from Python 3.11 on")
def test_exception_groups() -> None:
    assert optional("try:\n    import yaml\nexcept* ImportError:\n    pass") == ["yaml"]


def test_modules_that_code_makes_up() -> None:
    tree = ast.parse('sys.modules["fake"] = x\nsys.modules[name] = x\nmodules["y"] = x\nsys.modules["a.b"] = c = 1')
    assert statements_of(tree, "/var/task/app.py").made == {"fake", "a.b"}


def test_deep_code_is_walked() -> None:
    code = "x = " + "+".join(["1"] * 800) + "\n" + "".join("    " * depth + "if x:\n" for depth in range(90))
    assert needed(code + "    " * 90 + "import yaml\n") == ["yaml"]


def quick(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(item.line, item.module, item.names) for item in quick_imports(text)]


def test_quick() -> None:
    text = (
        '"""Doc."""\nfrom __future__ import annotations\nimport a, b.c as d  # why\nfrom . import e\n'
        "from .f import (  # one)\n    g,\n    h as i,\n)\nfrom j import \\\n    k\nimport l; import m\n"
    )
    assert quick(text) == [
        (2, "__future__", ("annotations",)),
        (3, "a", ()),
        (3, "b.c", ()),
        (4, ".", ("e",)),
        (5, ".f", ("g", "h")),
        (9, "j", ("k",)),
        (11, "l", ()),
        (11, "m", ()),
    ]


def test_quick_takes_what_runs_in_any_case_only() -> None:
    text = "if x:\n    import a\ntry:\n    import b\nexcept ImportError:\n    pass\ndef f():\n    import c\n"
    assert quick(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "from the beginning it was",
        "from here import there's one",
        "import antly\n",
        "importing x",
        "from x import (\n a,",
        "from import x",
        "imports = 1",
        "from_x = 1",
        "import",
        "from x import",
        "import x.",
        "from x import\ny",
    ],
)
def test_quick_and_prose(text: str) -> None:
    assert quick(text) in ([], [(1, "antly", ())])


def test_quick_and_line_ends() -> None:
    assert quick("import a\r\nfrom b import (\r\n    c,\r\n)\r\nimport d\r\n") == [
        (1, "a", ()),
        (2, "b", ("c",)),
        (5, "d", ()),
    ]


def test_quick_is_quick() -> None:
    """Nothing backtracks: each of these would take minutes if it did."""
    for text in ("from x import (" + "a, " * 100_000, "import " + "\\\n" * 100_000, "import" + " " * 300_000):
        assert quick(text) == []


@pytest.mark.parametrize(
    "code",
    [
        "def handler(e, c): pass",
        "async def handler(e, c): pass",
        "class handler: pass",
        "handler = wrap(f)",
        "handler: object = f",
        "a, handler = f()",
        "a = handler = f",
        "[a, *handler] = f()",
        "(handler := f)",
        "import handler",
        "import handler.x",
        "import x as handler",
        "from x import handler",
        "from x import y as handler",
        "from x import *",
        "if x:\n    def handler(): pass",
        "try:\n    from x import handler\nexcept ImportError:\n    pass",
        "with x as handler: pass",
        "for handler in x: pass",
        "globals()['handler'] = f",
        "setattr(sys.modules[__name__], 'handler', f)",
        "exec(code)",
        "vars().update(handler=f)",
        "def __getattr__(name): pass",
        "def f():\n    global handler\n    handler = 1",
        "def f():\n    globals()['handler'] = 1",
        "match x:\n    case {'a': handler}: pass",
        "del handler",
    ],
)
def test_it_may_be_defined(code: str) -> None:
    assert may_define(ast.parse(code), "handler")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "def main(e, c): pass",
        "def f():\n    handler = 1",
        "def f():\n    def handler(): pass",
        "class A:\n    def handler(self): pass",
        "class A:\n    handler = 1",
        "print(handler)",
        "x.handler = 1",
        "x['handler'] = 1",
        "from handler import x",
        "import x.handler",
        "import handler as x",
        "handlers = 1",
        "f(handler=1)",
    ],
)
def test_it_is_not_defined(code: str) -> None:
    assert not may_define(ast.parse(code), "handler")


def test_functions() -> None:
    tree = ast.parse("def a(): pass\nasync def b(): pass\nclass C:\n    def d(self): pass\n")
    assert functions_in(tree) == ["a", "b"]
