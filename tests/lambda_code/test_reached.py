"""What a Python handler calls."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.python import PythonBundle
from cdk_guardrails.lambda_code.reached import Program, Reach, Sources
from tests.lambda_code.handlers import Files


def sources(files: Mapping[str, str | bytes], layer: Mapping[str, str] | None = None, unknown: bool = False) -> Sources:
    bundles = [PythonBundle(Files(files), (3, 10))]
    if layer:
        bundles.append(PythonBundle(Files(layer), (3, 10), ("python/lib/python3.10/site-packages/", "python/")))
    return Sources(bundles, unknown)


def reached(
    files: str | Mapping[str, str | bytes], layer: Mapping[str, str] | None = None, *, failing: bool = True
) -> set[str]:
    """The names of the functions that ``app.handler`` reaches, with their module when it is another one."""
    given = {"app.py": files} if isinstance(files, str) else files
    program = Program(sources(given, layer), "app")
    reach = Reach(program, program.bound(program.scopes["app"], "handler"), failing=failing)
    found = {(unit.scope.module.name, unit.name) for unit in reach.units if unit.function}
    return {name if module == "app" else f"{module}:{name}" for module, name in found} - {"handler"}


IN_ONE_MODULE = {
    "a call": "def handler(e, c): return save(e)",
    "a callback": "def handler(e, c): return process(records=e, record_handler=save)",
    "partial": "from functools import partial\ndef handler(e, c): return map(partial(save, c), e)",
    "a decorator": "@save\ndef handler(e, c): return 1",
    "a decorator with arguments": "@save(retries=3)\ndef handler(e, c): return 1",
    "through another function": "def inner(): return save()\ndef handler(e, c): return inner()",
    "a table of functions": "ROUTES = {'/orders': save}\ndef handler(e, c): return ROUTES[e['path']](e)",
    "a table that is filled later": "ROUTES = {}\nROUTES['/'] = save\ndef handler(e, c): return ROUTES[e['path']](e)",
    "a context manager": "def handler(e, c):\n    with save():\n        return 1",
    "a lambda": "handler = lambda e, c: save(e)",
    "a wrapped handler": "def inner(e, c): return save(e)\nhandler = wrap(inner)",
    "an alias": "other = save\ndef handler(e, c): return other(e)",
    "async": "async def handler(e, c):\n    return await save(e)",
    "a comprehension": "def handler(e, c): return [save(each) for each in e]",
    "a nested function": "def handler(e, c):\n    def each(record): return save(record)\n    return map(each, e)",
    "match": "def handler(e, c):\n    match e:\n        case {'id': _}:\n            return save(e)",
    "a walrus": "def handler(e, c):\n    if (found := save(e)):\n        return found",
    "a default": "def handler(e, c, store=save): return store(e)",
    "globals()": "def handler(e, c): return globals()[e['action']](e)",
    "a function under an if": "import os\nif os.environ:\n    def inner(): save()\ndef handler(e, c): inner()",
}


@pytest.mark.parametrize("code", IN_ONE_MODULE.values(), ids=list(IN_ONE_MODULE))
def test_in_one_module(code: str) -> None:
    assert "save" in reached(f"def save(*a, **k): pass\n{code}\n")


NOT_REACHED = {
    "a function that nobody names": "def handler(e, c): return e",
    "an attribute of that name": "def handler(e, c): return e.save()",
    "a text": "def handler(e, c): return 'save'",
    "a parameter": "def handler(save, c): return save",
    "a keyword": "def handler(e, c): return e(save=1)",
    "what runs as a script": "def handler(e, c): return result\nif __name__ == '__main__':\n    result = save()",
    "a function of its own module that another one calls": "def other(): save()\ndef handler(e, c): return 1",
}


@pytest.mark.parametrize("code", NOT_REACHED.values(), ids=list(NOT_REACHED))
def test_not_reached(code: str) -> None:
    assert "save" not in reached(f"def save(*a, **k): pass\n{code}\n")


METHODS = """
class Base:
    def __init__(self):
        self.table = 1
    def save(self): pass
    def unused(self): pass
class Orders(Base):
    def store(self): return self.save()
    @property
    def size(self): pass
"""


@pytest.mark.parametrize(
    ("code", "methods"),
    [
        ("def handler(e, c): return Orders().store()", {"Orders.store", "Base.save", "Base.__init__"}),
        ("orders = Orders()\ndef handler(e, c): orders.store()", {"Orders.store", "Base.save", "Base.__init__"}),
        ("def handler(e, c): return Orders().size", {"Orders.size", "Base.__init__"}),
        ("def make(): return Orders()\ndef handler(e, c): make().store()", {"Orders.store", "make"}),
        ("handler = Orders().store", {"Orders.store", "Base.save"}),
        ("def handler(orders: Orders, c): orders.store()", {"Orders.store", "Base.save"}),
        ("def handler(e, c): return e.store()", set()),
    ],
)
def test_methods(code: str, methods: set[str]) -> None:
    found = reached(METHODS + code)
    assert methods <= found
    assert "Base.unused" not in found
    assert methods or not found


def test_a_library_calls_the_methods_of_a_class_that_inherits_from_it() -> None:
    code = "from batch import Processor\nclass Mine(Processor):\n    def success(self): pass\n"
    assert reached(f"{code}def handler(e, c): return Mine().process(e)") == {"Mine.success"}
    assert reached(f"{code.replace('Processor', 'ABC')}def handler(e, c): return Mine().process(e)") == set()


def test_getattr_may_mean_any_method_of_the_class() -> None:
    code = "class Api:\n    def __call__(self, e): return getattr(self, 'on_' + e)()\n    def on_get(self): pass\n"
    assert reached(f"{code}def handler(e, c): return Api()(e)") == {"Api.__call__", "Api.on_get"}


ROUTES = {
    "Powertools": (
        "app = APIGatewayRestResolver()\n@app.get('/x')\ndef save(): pass\ndef handler(e, c): app.resolve(e, c)"
    ),
    "FastAPI and Mangum": "app = FastAPI()\n@app.get('/x')\nasync def save(): pass\nhandler = Mangum(app)",
    "Chalice": "handler = Chalice()\n@handler.route('/x')\ndef save(): pass",
    "Flask": "app = Flask()\n@app.route('/x')\ndef save(): pass\ndef handler(e, c): return serve(app, e, c)",
    "crhelper": "helper = CfnResource()\n@helper.create\ndef save(e, c): pass\ndef handler(e, c): helper(e, c)",
    "a call": "app = Api()\napp.add_route('/x', save)\ndef handler(e, c): app(e, c)\ndef save(): pass",
    "singledispatch": "@singledispatch\ndef f(x): pass\n@f.register\ndef save(x: int): pass\ndef handler(e, c): f(e)",
}


@pytest.mark.parametrize("code", ROUTES.values(), ids=list(ROUTES))
def test_routes_of_an_object_that_the_handler_uses(code: str) -> None:
    assert "save" in reached(code)


@pytest.mark.parametrize(
    "decorator", ["logger.inject_lambda_context", "tracer.capture_method", "metrics.log_metrics()"]
)
def test_a_wrapper_registers_nothing(decorator: str) -> None:
    name = decorator.partition(".")[0]
    code = f"{name} = make()\n@{decorator}\ndef save(e, c): pass\n@{decorator}\ndef handler(e, c): {name}.use()"
    assert reached(code) == set()


IMPORTS: dict[str, tuple[dict[str, str], str]] = {
    "from": ({"app.py": "from store import save\ndef handler(e, c): save()"}, "store"),
    "as": ({"app.py": "from store import save as s\ndef handler(e, c): s()"}, "store"),
    "module": ({"app.py": "import store\ndef handler(e, c): store.save()"}, "store"),
    "module as": ({"app.py": "import store as s\ndef handler(e, c): s.save()"}, "store"),
    "in a function": ({"app.py": "def handler(e, c):\n    from store import save\n    save()"}, "store"),
    "star": ({"app.py": "from store import *\ndef handler(e, c): save()"}, "store"),
    "handler from elsewhere": (
        {"app.py": "from main import handler", "main.py": "import store\ndef handler(e, c): store.save()"},
        "store",
    ),
    "through a package": (
        {"app.py": "from lib import save\ndef handler(e, c): save()", "lib/__init__.py": "from store import save"},
        "store",
    ),
}


@pytest.mark.parametrize(("files", "module"), IMPORTS.values(), ids=list(IMPORTS))
def test_imports(files: dict[str, str], module: str) -> None:
    assert f"{module}:save" in reached({**files, "store.py": "def save(): pass"})


PACKAGE = {"app.py": "from orders.api import handler", "orders/__init__.py": "", "orders/db/__init__.py": ""}


@pytest.mark.parametrize(
    "code",
    [
        "from .db.table import save\ndef handler(e, c): save()",
        "from .db import table\ndef handler(e, c): table.save()",
        "from . import db\nfrom .db import table\ndef handler(e, c): db.table.save()",
        "import orders.db.table\ndef handler(e, c): orders.db.table.save()",
        "import orders.db.table as t\ndef handler(e, c): t.save()",
        "from orders.db.table import save\ndef handler(e, c): save()",
        "from ..orders.db.table import save\ndef handler(e, c): save()",
    ],
)
def test_imports_in_packages(code: str) -> None:
    found = reached({**PACKAGE, "orders/api.py": code, "orders/db/table.py": "def save(): pass"})
    assert ("orders.db.table:save" in found) == (not code.startswith("from ..orders"))


def test_a_layer_of_the_author() -> None:
    app = {"app.py": "from common.log import save\ndef handler(e, c): save()"}
    assert reached(app, {"python/common/log.py": "def save(): pass"}) == {"common.log:save"}


@pytest.mark.parametrize(
    "installed",
    [
        {"store.py": "def save(): pass", "store-1.0.dist-info/RECORD": "store.py,,\n"},
        {"store/__init__.py": "def save(): pass\n__version__ = '1'\n"},
        {"vendor/store.py": "def save(): pass"},
    ],
)
def test_a_library_is_not_followed(installed: dict[str, str]) -> None:
    code = "from store import save\ndef handler(e, c): save()"
    code = code.replace("store", "vendor.store") if "vendor/store.py" in installed else code
    assert reached({"app.py": code, **installed}) == set()


def test_circles_end() -> None:
    files = {
        "app.py": "import other\ndef handler(e, c): other.back(handler)\ndef a(): b()\ndef b(): a()",
        "other.py": "from app import *\nimport app\ndef back(f): app.a()",
    }
    assert reached(files) == {"other:back", "a", "b"}


def test_stars_in_a_circle() -> None:
    assert (
        reached({"app.py": "from other import *\ndef handler(e, c): missing()", "other.py": "from app import *"})
        == set()
    )


def test_inside_of_an_except_only() -> None:
    code = "def save(): pass\ndef handler(e, c):\n    try: return 1\n    except Exception: save()"
    assert reached(code) == {"save"}
    assert reached(code, failing=False) == set()


def test_a_handler_that_is_not_there() -> None:
    program = Program(sources({"app.py": "def other(): pass"}), "app")
    assert program.bound(program.scopes["app"], "handler") == []
    assert Program(sources({"app.py": ""}), "elsewhere").scopes == {}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def handler(:", "app.py is no Python: invalid syntax"),
        (b"x = '\x00'", None),
        (b"\xff\xfe\xff", None),
        ("x = " + "(" * 5_000 + ")" * 5_000, None),
        ("x" * 2_000_000, "app.py is too large to be read (2,000,000 bytes, the limit is 1,048,576)"),
    ],
)
def test_a_handler_that_cannot_be_read(code: str | bytes, message: str | None) -> None:
    with pytest.raises(UnreadError) as raised:
        Program(sources({"app.py": code}), "app")
    assert message is None or str(raised.value) == message


@pytest.mark.parametrize("other", ["def save(:", "x" * 2_000_000, b"\x00"])
def test_a_module_that_cannot_be_read_is_unknown(other: str | bytes) -> None:
    files: dict[str, str | bytes] = {"app.py": "from other import save\ndef handler(e, c): save()", "other.py": other}
    program = Program(sources(files), "app")
    assert Reach(program, program.bound(program.scopes["app"], "handler"), failing=True).is_unread


@pytest.mark.parametrize(
    ("name", "unknown", "is_unread"),
    [
        ("common", True, True),
        ("common.log", True, True),
        ("common", False, False),
        ("json", True, False),
        ("boto3", True, False),
        ("aws_lambda_powertools", True, False),
    ],
)
def test_a_layer_that_is_not_known(name: str, unknown: bool, is_unread: bool) -> None:
    code = f"from {name} import save\nimport {name}\ndef handler(e, c): save()"
    program = Program(sources({"app.py": code}, unknown=unknown), "app")
    assert Reach(program, program.bound(program.scopes["app"], "handler"), failing=True).is_unread == is_unread


def test_ten_thousand_functions() -> None:
    chain = "\n".join(f"def f{number}(): return f{number + 1}()" for number in range(10_000))
    assert len(reached(f"def handler(e, c): return f0()\n{chain}\ndef f10000(): return handler()")) == 10_001


def test_one_variable_in_ten_thousand_statements() -> None:
    lines = "\n".join(f"def f{number}(): pass\napp.add({number}, f{number})" for number in range(10_000))
    assert len(reached(f"app = Api()\ndef handler(e, c): app(e)\n{lines}")) == 10_000


@pytest.mark.parametrize(
    "code",
    [
        "def handler(e, c):\n    return e" + ".a()" * 2_000,
        "def handler(e, c):\n    return " + "+".join(["e"] * 3_000),
        "\n".join(f"{' ' * depth}def f{depth}():" for depth in range(90))
        + "\n"
        + " " * 90
        + "pass\ndef handler(e, c): f0()",
        "def handler(e, c):\n" + "\n".join(f"{' ' * depth}if e:" for depth in range(1, 90)) + "\n" + " " * 90 + "pass",
    ],
)
def test_deep_nesting(code: str) -> None:
    with contextlib.suppress(UnreadError):  # how deep the parser goes differs between versions of Python
        reached(code)
