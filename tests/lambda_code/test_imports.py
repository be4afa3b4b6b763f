"""What a Python function imports and cannot have."""

from __future__ import annotations

import ast
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.lambda_code import bundle as bundles
from cdk_guardrails.lambda_code.bundle import Bundle, FolderBundle, UnreadError, ZipBundle
from cdk_guardrails.lambda_code.imports import PythonImports
from cdk_guardrails.lambda_code.needs import Needs
from cdk_guardrails.lambda_code.python import OURS, PythonBundle

HANDLER = "\ndef handler(event, context): pass\n"
MINE = "arn:aws:lambda:eu-west-1:111122223333:layer:mine:1"
POWERTOOLS = "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python310-x86_64:1"
ELSEWHERE = "which is neither in its bundle nor part of Python 3.10 or its runtime"

Files = dict[str, str]


@dataclass
class Given:
    """The code of a function, as a rule hands it over."""

    bundle: Bundle
    layers: tuple[Bundle, ...] = ()
    unknown_layers: tuple[str, ...] = ()
    runtime: str = "python3.10"
    handler: str = "app.handler"
    search_path: str | None = ""
    is_inline: bool = False
    opened: dict[Any, PythonBundle] = field(default_factory=dict)

    def imports(self) -> PythonImports:
        return PythonImports(self, self._open)

    def _open(self, bundle: Bundle, version: tuple[int, int], roots: tuple[str, ...]) -> PythonBundle:
        mount = "/var/task" if roots == ("",) else "/opt"
        return self.opened.setdefault((bundle, roots), PythonBundle(bundle, version, roots, mount))


Made = Callable[..., Given]


@pytest.fixture
def given(tmp_path: Path) -> Made:
    def folder(files: Files) -> FolderBundle:
        root = tmp_path / f"asset{len(list(tmp_path.iterdir()))}"
        root.mkdir()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return FolderBundle(root)

    def made(files: Files, *layers: Files, **more: Any) -> Given:
        return Given(folder(files), tuple(folder(layer) for layer in layers), **more)

    return made


def needs(code: Given) -> Needs:
    return code.imports().needs(code.handler)


def missing(code: Given) -> list[str]:
    found = needs(code)
    assert not found.faults
    return [f"{item.place.path}:{item.place.line} {item.module}" for item in found.missing]


def is_fine(code: Given) -> bool:
    found = needs(code)
    return not (found.missing or found.faults or found.unread)


# What is missing


def test_a_module_that_is_nowhere(given: Made) -> None:
    found = needs(given({"app.py": "import json\nimport yaml" + HANDLER}))
    [item] = found.missing
    assert (item.module, item.place.path, item.place.line, item.place.via) == ("yaml", "app.py", 2, None)
    assert item.why == ELSEWHERE
    assert item.remedy == ""


def test_each_module_once_where_it_is_first_imported(given: Made) -> None:
    code = given(
        {"app.py": "import yaml.nodes\nfrom yaml import x\nimport a\nimport b.c" + HANDLER, "a.py": "import yaml"}
    )
    assert missing(code) == ["app.py:1 yaml", "app.py:4 b"]


def test_through_modules_of_the_author(given: Made) -> None:
    files = {
        "app.py": "from orders import store" + HANDLER,
        "orders/__init__.py": "from . import log\nfrom .deep.er import x",
        "orders/store.py": "import yaml",
        "orders/log.py": "def f():\n    import structlog",
        "orders/deep/er.py": "from ..other import y",
        "orders/other.py": "import attr",
        "unused.py": "import unused_library",
    }
    found = needs(given(files)).missing
    assert [(item.module, item.place.path) for item in found] == [
        ("structlog", "orders/log.py"),
        ("yaml", "orders/store.py"),
        ("attr", "orders/other.py"),
    ] or {item.module for item in found} == {"structlog", "yaml", "attr"}
    [store] = [item for item in found if item.module == "yaml"]
    assert store.place.via is not None
    assert (store.place.via.path, store.place.via.line) == ("app.py", 1)


def test_through_a_library(given: Made) -> None:
    files = {
        "app.py": "import orders" + HANDLER,
        "orders.py": "\nimport requests",
        "requests/__init__.py": "__version__ = '1'\nimport urllib3\nfrom . import models",
        "requests/models.py": "import idna\ndef f():\n    import chardet\ntry:\n    import socks\nexcept ImportError: pass",
    }
    [item] = needs(given(files)).missing
    assert (item.module, item.place.path, item.place.line) == ("idna", "requests/models.py", 1)
    assert item.place.via is not None
    assert (item.place.via.path, item.place.via.line) == ("orders.py", 2)


def test_a_submodule_that_is_not_there(given: Made) -> None:
    files = {"app.py": "import orders.store\nfrom orders.log import x\nfrom orders import anything" + HANDLER}
    found = needs(given(files | {"orders/__init__.py": ""})).missing
    assert [(item.module, item.why) for item in found] == [
        ("orders.store", "but the package orders has no module store"),
        ("orders.log", "but the package orders has no module log"),
    ]
    assert found[0].remedy == "Correct the import, or put the module that it names into the bundle."


def test_a_name_that_is_not_in_a_folder_without_init(given: Made) -> None:
    """A folder has no names of its own."""
    code = given({"app.py": "from shared import db, log\nfrom shared import *" + HANDLER, "shared/db.py": ""})
    assert missing(code) == ["app.py:1 shared.log"]


def test_relative_imports_in_a_handler_that_is_in_no_package(given: Made) -> None:
    found = needs(
        given({"app.py": "from .x import y\nfrom . import z\nfrom .. import w" + HANDLER, "x.py": ""})
    ).missing
    assert [item.module for item in found] == [".x", ".z", "..w"]
    assert found[0].why == "but Lambda imports that file as a top-level module, which is in no package"


def test_relative_imports_in_a_folder_or_package(given: Made) -> None:
    files = {"src/app.py": "from .x import y\nfrom . import x" + HANDLER, "src/x.py": ""}
    assert is_fine(given(files, handler="src/app.handler"))
    assert is_fine(given(files | {"src/__init__.py": ""}, handler="src.app.handler"))
    assert missing(given({"src/app.py": "from ..x import y" + HANDLER, "x.py": ""}, handler="src.app.handler")) == [
        "src/app.py:1 ..x"
    ]


def test_a_module_beside_a_handler_in_a_folder(given: Made) -> None:
    files = {"src/__init__.py": "", "src/app.py": "import store" + HANDLER, "src/store.py": ""}
    [item] = needs(given(files, handler="src/app.handler")).missing
    assert item.why == f"{ELSEWHERE}; src/store.py is not on the search path"
    assert item.remedy == (
        "Import src.store, or make src the folder that Code.from_asset takes, with a Handler to match."
    )


def test_a_module_of_that_name_in_a_library_is_no_hint(given: Made) -> None:
    files = {"app.py": "import utils, yaml" + HANDLER, "yaml/__init__.py": "", "yaml/utils.py": ""}
    [item] = needs(given(files)).missing
    assert item.why == ELSEWHERE


def test_a_layer_without_a_python_folder(given: Made) -> None:
    code = given({"app.py": "import yaml" + HANDLER}, {"yaml/__init__.py": ""})
    [item] = needs(code).missing
    assert item.why == (
        "which is neither in its bundle or its layer nor part of Python 3.10 or its runtime; "
        "yaml/__init__.py of a layer is not on the search path"
    )
    assert item.remedy.startswith("Move what the layer has into a folder named python in it")


def test_requirements_that_nobody_installed(given: Made) -> None:
    [item] = needs(given({"app.py": "import yaml" + HANDLER, "requirements.txt": "PyYAML"})).missing
    assert item.remedy.startswith("Install requirements.txt when the bundle is made")


@pytest.mark.parametrize(("version", "expected"), [("3.11", []), ("3.12", ["app.py:1 imp"])])
def test_the_standard_library_is_that_of_the_runtime(given: Made, version: str, expected: list[str]) -> None:
    code = given({"app.py": "import imp" + HANDLER}, runtime=f"python{version}")
    assert missing(code) == expected
    if expected:
        assert needs(code).missing[0].why == "which Python 3.12 no longer has, and which is not in its bundle"
        assert needs(code).missing[0].remedy == (
            "Replace imp: https://docs.python.org/3/whatsnew/ names what took its place."
        )


def test_what_stands_in_for_a_module(given: Made) -> None:
    either = "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib" + HANDLER
    assert is_fine(given({"app.py": either}, runtime="python3.11"))
    assert is_fine(given({"app.py": either, "tomli.py": ""}))
    code = given({"app.py": either})
    assert missing(code) == ["app.py:2 tomllib"], "the import that was wanted"


def test_what_stands_in_is_looked_into(given: Made) -> None:
    either = "try:\n    import fast\nexcept ImportError:\n    import slow" + HANDLER
    assert missing(given({"app.py": either, "slow.py": "import yaml"})) == ["slow.py:1 yaml"]
    assert is_fine(given({"app.py": either, "slow.py": "import yaml", "fast.py": ""}))


def test_a_module_under_an_optional_import_may_lack_anything(given: Made) -> None:
    code = "try:\n    import extra\nexcept ImportError:\n    extra = None" + HANDLER
    assert is_fine(given({"app.py": code, "extra.py": "import yaml\nx = ("}))


def test_import_module_and_import(given: Made) -> None:
    code = 'import importlib\nx = importlib.import_module("yaml.nodes")\ny = __import__("attr")'
    assert missing(given({"app.py": code + HANDLER})) == ["app.py:2 yaml", "app.py:3 attr"]


def test_an_extension_of_a_library_is_its_own_affair(given: Made) -> None:
    files = {
        "app.py": "import markupsafe" + HANDLER,
        "markupsafe/__init__.py": "__version__ = '1'\nfrom ._speedups import escape\nimport _cffi_backend",
    }
    assert is_fine(given(files))


def test_a_submodule_that_a_library_needs(given: Made) -> None:
    lib = {"lib/__init__.py": "__version__ = '1'\nfrom .core import x", "lib/core/__init__.py": "from .gone import y"}
    assert missing(given({"app.py": "import lib" + HANDLER} | lib)) == ["lib/core/__init__.py:1 lib.core.gone"]


def test_a_library_s_docstring_is_no_import(given: Made) -> None:
    text = '"""Use it so::\n\nimport yaml\n"""\n__version__ = "1"\nimport json\n'
    assert is_fine(given({"app.py": "import lib" + HANDLER, "lib.py": text}))


def test_a_library_in_another_s_python_is_read_as_far_as_it_goes(given: Made) -> None:
    assert is_fine(given({"app.py": "import lib" + HANDLER, "lib.py": "__version__ = '1'\nimport json\nprint 'x'\n"}))


# Where modules may be


@pytest.mark.parametrize("name", ["boto3", "botocore.exceptions", "urllib3", "six.moves.urllib", "dateutil.parser"])
def test_what_the_runtime_ships(given: Made, name: str) -> None:
    found = needs(given({"app.py": f"import os.path, {name}" + HANDLER}))
    assert not found.missing
    assert [(item.module, item.place.line) for item in found.shipped] == [(name.partition(".")[0], 1)]


def test_what_is_packaged_is_not_only_shipped(given: Made) -> None:
    assert not needs(given({"app.py": "import boto3" + HANDLER, "boto3/__init__.py": ""})).shipped
    assert not needs(given({"app.py": "import simplejson" + HANDLER})).shipped, "no part of the SDK"


@pytest.mark.parametrize("place", ["python/yaml.py", "python/lib/python3.10/site-packages/yaml/__init__.py"])
def test_layers(given: Made, place: str) -> None:
    assert is_fine(given({"app.py": "import yaml" + HANDLER}, {"x": ""}, {place: "import json"}))


@pytest.mark.parametrize(
    "place", ["yaml.py", "lib/yaml.py", "python/lib/python3.9/site-packages/yaml.py", "python/x/yaml.py"]
)
def test_other_folders_of_a_layer(given: Made, place: str) -> None:
    assert missing(given({"app.py": "import yaml" + HANDLER}, {place: ""})) == ["app.py:1 yaml"]


def test_a_layer_s_module_is_looked_into(given: Made) -> None:
    code = given({"app.py": "import shared" + HANDLER}, {"python/shared.py": "def f():\n    import yaml"})
    assert missing(code) == ["python/shared.py:2 yaml"]


def test_a_layer_imports_from_the_bundle(given: Made) -> None:
    assert is_fine(given({"app.py": "import shared" + HANDLER, "own.py": ""}, {"python/shared.py": "import own"}))


def test_the_bundle_hides_a_package_of_a_layer(given: Made) -> None:
    files = {"app.py": "import shared.db" + HANDLER, "shared/__init__.py": ""}
    assert missing(given(files, {"python/shared/__init__.py": "", "python/shared/db.py": ""})) == ["app.py:1 shared.db"]


def test_folders_without_init_are_put_together(given: Made) -> None:
    files = {"app.py": "import google.cloud.storage\nfrom google import auth" + HANDLER, "google/auth/__init__.py": ""}
    layer = {"python/google/cloud/storage/__init__.py": ""}
    assert is_fine(given(files, layer))
    assert missing(given(files)) == ["app.py:1 google.cloud"]


def test_a_folder_of_data_hides_no_module(given: Made) -> None:
    files = {"app.py": "import json, yaml" + HANDLER, "json/data.txt": "", "yaml/data.txt": ""}
    assert is_fine(given(files, {"python/yaml.py": ""}))


def test_a_package_that_extends_its_path(given: Made) -> None:
    path = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)"
    files = {"app.py": "import ns.a, ns.b, ns.c" + HANDLER, "ns/__init__.py": path, "ns/a.py": ""}
    assert is_fine(given(files, {"python/ns/__init__.py": path, "python/ns/b.py": ""})), "c may be anywhere"


@pytest.mark.parametrize(
    "text", ["import sys\nsys.modules['lib.x'] = 1", "__path__.append(y)", "sys.meta_path.append(z)"]
)
def test_a_package_that_makes_up_its_modules(given: Made, text: str) -> None:
    assert is_fine(given({"app.py": "import lib.x.y" + HANDLER, "lib/__init__.py": f"__version__ = '1'\n{text}"}))


def test_modules_of_a_module(given: Made) -> None:
    """requests.packages is a file that puts modules into sys.modules."""
    files = {"requests/__init__.py": "__version__ = '1'", "requests/packages.py": ""}
    assert is_fine(given({"app.py": "from requests.packages.urllib3.util import Retry" + HANDLER} | files))


def test_a_module_that_the_code_makes_up(given: Made) -> None:
    code = "import sys\nsys.modules['fake'] = object()\nimport fake\nimport fake.x"
    assert is_fine(given({"app.py": code + HANDLER}))


@pytest.mark.parametrize(
    "name", ["yaml.cpython-310-x86_64-linux-gnu.so", "yaml.pyc", "yaml/__init__.pyc", "yaml.abi3.so"]
)
def test_compiled_modules(given: Made, name: str) -> None:
    assert is_fine(given({"app.py": "import yaml, yaml.x" + HANDLER, name: ""}))


def test_inline_code_has_cfnresponse(given: Made) -> None:
    files = {"index.py": "import cfnresponse" + HANDLER}
    assert is_fine(given(files, handler="index.handler", is_inline=True))
    assert missing(given(files, handler="index.handler")) == ["index.py:1 cfnresponse"]


def test_public_layers(given: Made) -> None:
    code = given({"app.py": "import pydantic, aws_lambda_powertools, yaml" + HANDLER}, unknown_layers=(POWERTOOLS,))
    assert missing(code) == ["app.py:1 yaml"]


def test_unknown_layers(given: Made) -> None:
    files = {"app.py": "import yaml\nimport json\nimport orders.gone" + HANDLER, "orders/__init__.py": ""}
    found = needs(given(files, unknown_layers=(POWERTOOLS, MINE)))
    assert [item.module for item in found.missing] == ["orders.gone"], "a layer adds nothing to a package of the bundle"
    assert found.unread == (f"yaml may be in {MINE}",)
    assert is_fine(given({"app.py": "import json" + HANDLER}, unknown_layers=(MINE,)))


def test_the_search_path_leads_to_a_folder_of_the_bundle(given: Made) -> None:
    path = "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), 'lib'))\nimport yaml, gone"
    assert missing(given({"app.py": path + HANDLER, "lib/yaml.py": "import json"})) == ["app.py:3 gone"]


def test_the_search_path_is_changed_by_a_module_that_is_imported(given: Made) -> None:
    files = {
        "app.py": "import setup_path\nimport yaml" + HANDLER,
        "setup_path.py": "import sys\nsys.path.append('lib')",
    }
    assert is_fine(given(files | {"lib/yaml.py": "import more_path\nimport attr"} | MORE))


MORE = {"lib/more_path.py": "import sys\nsys.path.insert(0, '/var/task/more')", "more/attr.py": ""}


def test_an_optional_module_changes_the_search_path(given: Made) -> None:
    """As serverless-python-requirements has it, which unpacks libraries to /tmp."""
    code = "try:\n    import unzip_requirements\nexcept ImportError:\n    pass\nimport pandas" + HANDLER
    files = {"app.py": code, "unzip_requirements.py": "import sys\npkgdir = '/tmp/req'\nsys.path.insert(0, pkgdir)"}
    found = needs(given(files))
    assert not found.missing
    assert found.unread == ("pandas may be where the code, or a variable, puts the search path",)


@pytest.mark.parametrize("folder", ["find()", "'/mnt/efs/lib'", "'/tmp/x'", "'deps.zip'", "os.environ['X']"])
def test_the_search_path_is_not_known(given: Made, folder: str) -> None:
    code = f"import os, sys\nsys.path.append({folder})\nimport yaml" + HANDLER
    found = needs(given({"app.py": code, "deps.zip": "PK"}))
    assert not found.missing
    assert found.unread


@pytest.mark.parametrize("folder", ["'..'", "'/var/runtime'", "'/usr/lib/python3'", "'nothing'", "'/'"])
def test_the_search_path_leads_nowhere(given: Made, folder: str) -> None:
    code = f"import sys\nsys.path.append({folder})\nimport yaml" + HANDLER
    assert missing(given({"app.py": code})) == ["app.py:3 yaml"]


def test_the_search_path_leads_to_a_folder_of_a_layer(given: Made) -> None:
    code = given({"app.py": "import sys\nsys.path.append('/opt/lib')\nimport yaml" + HANDLER}, {"lib/yaml.py": ""})
    assert is_fine(code)


def test_the_variable(given: Made) -> None:
    files = {"app.py": "import yaml, shared" + HANDLER, "src/yaml.py": ""}
    layer = {"lib/shared.py": ""}
    assert is_fine(given(files, layer, search_path="/var/task/src:/opt/lib"))
    assert missing(given(files, layer, search_path="/var/task/src")) == ["app.py:1 shared"]
    assert not needs(given(files, layer, search_path=None)).missing
    assert not needs(given(files, layer, search_path="/mnt/lib")).missing


def test_pth_files(given: Made) -> None:
    files = {"app.py": "import yaml" + HANDLER, "lib/yaml.py": ""}
    assert is_fine(given(files | {"x.pth": "# a comment\n\nimport site\nlib\n"}))
    assert missing(given(files | {"x.pth": "other\n"})) == ["app.py:1 yaml"]
    assert missing(given(files | {"deep/x.pth": "lib\n"})) == ["app.py:1 yaml"]
    found = needs(given({"app.py": "import yaml" + HANDLER, "__editable__.x.pth": "import __editable___x_finder\n"}))
    assert not found.missing
    assert found.unread


def test_setuptools_has_distutils(given: Made) -> None:
    files = {"app.py": "import distutils.util" + HANDLER}
    assert missing(given(files, runtime="python3.12")) == ["app.py:1 distutils"]
    assert is_fine(given(files | {"distutils-precedence.pth": "import os"}, runtime="python3.12"))


def test_cyclic_imports(given: Made) -> None:
    files = {"app.py": "import a" + HANDLER, "a.py": "import b", "b.py": "import a, app, b, yaml"}
    assert missing(given(files)) == ["b.py:1 yaml"]
    library = {"a.py": "__version__ = 1\nimport b", "b.py": "__version__ = 1\nimport a, app, attr"}
    assert missing(given({"app.py": "import a" + HANDLER} | library)) == ["b.py:2 attr"]


def test_a_library_that_leads_back_to_the_author(given: Made) -> None:
    files = {"app.py": "import lib" + HANDLER, "lib.py": "__version__ = 1\nimport settings"}
    assert missing(given(files | {"settings.py": "def f():\n    import yaml"})) == ["settings.py:2 yaml"]


def test_a_name_of_many_parts(given: Made) -> None:
    assert is_fine(given({"app.py": f"import {'.'.join('a' * 5_000)}" + HANDLER, "a/a/a.py": ""}))


# The handler


@pytest.mark.parametrize("handler", ["app.handler", "./app.handler", "src/main.run", "src.main.run"])
def test_handlers(given: Made, handler: str) -> None:
    assert is_fine(given({"app.py": HANDLER, "src/main.py": "def run(e, c): pass"}, handler=handler))


def test_a_handler_without_module_or_function(given: Made) -> None:
    for handler in ("handler", "", "app.", ".handler"):
        [fault] = needs(given({"app.py": HANDLER}, handler=handler)).faults
        assert fault.message == f"Handler is {handler}, which names no module and function in it"


def test_the_handler_s_module_is_not_there(given: Made) -> None:
    [fault] = needs(given({"app.py": HANDLER}, handler="index.handler")).faults
    assert (fault.detail, fault.message, fault.place, fault.handler) == (
        "handler",
        "Handler is index.handler, but there is no module index in its bundle",
        None,
        "",
    )


def test_the_handler_s_module_is_in_another_folder(given: Made) -> None:
    files = {"src/orders/__init__.py": "", "src/orders/index.py": HANDLER, "lib/deep/down/index.py": ""}
    [fault] = needs(given(files, {"x": ""}, handler="index.handler")).faults
    assert fault.message == (
        "Handler is index.handler, but there is no module index in its bundle or its layer; it has src/orders/index.py"
    )
    assert fault.handler == "src/orders/index.handler"


def test_the_handler_s_function_is_not_there(given: Made) -> None:
    [fault] = needs(given({"app.py": "def lambda_handler(e, c): pass\ndef x(): pass"})).faults
    assert fault.message == "Handler is app.handler, but app.py does not define handler; it has lambda_handler"
    assert fault.handler == "app.lambda_handler"
    assert fault.place is not None
    assert (fault.place.path, fault.place.line) == ("app.py", 1)
    [fault] = needs(given({"app.py": "x = 1"})).faults
    assert (fault.message, fault.handler) == ("Handler is app.handler, but app.py does not define handler", "")


def test_a_handler_of_a_package_or_a_layer(given: Made) -> None:
    assert is_fine(given({"app/__init__.py": HANDLER}))
    assert is_fine(given({"x.py": ""}, {"python/app.py": HANDLER}))


def test_a_handler_in_an_unknown_layer(given: Made) -> None:
    found = needs(given({"app.py": HANDLER}, unknown_layers=(MINE,), handler="datadog_lambda.handler.handler"))
    assert not found.faults
    assert found.unread == (f"datadog_lambda.handler may be in {MINE}",)


def test_a_handler_that_a_wrapper_decides_on(given: Made) -> None:
    assert not needs(given({"run.sh": ""}, handler="run.sh", search_path=None)).faults


def test_a_handler_that_was_installed(given: Made) -> None:
    files = {
        "datadog_lambda/__init__.py": "",
        "datadog_lambda/handler.py": "import yaml\nhandler = make()\n",
        "datadog_lambda-1.0.dist-info/RECORD": "datadog_lambda/__init__.py,,\ndatadog_lambda/handler.py,,\n",
    }
    assert missing(given(files, handler="datadog_lambda.handler.handler")) == ["datadog_lambda/handler.py:1 yaml"]


@pytest.mark.parametrize("name", ["app.so", "app.cpython-310-aarch64-linux-gnu.so", "app.pyc"])
def test_a_compiled_handler_is_not_looked_into(given: Made, name: str) -> None:
    assert is_fine(given({name: ""}))


def test_the_package_of_a_handler_is_imported_too(given: Made) -> None:
    files = {"src/__init__.py": "import yaml", "src/app.py": HANDLER}
    assert missing(given(files, handler="src/app.handler")) == ["src/__init__.py:1 yaml"]


# What is no Python


def test_syntax(given: Made) -> None:
    files = {"app.py": "import orders" + HANDLER, "orders.py": "x = 1\nprint 'x'\n"}
    [fault] = needs(given(files)).faults
    assert fault.detail == "syntax"
    assert fault.message == (
        "orders.py:2 is not valid Python 3.10: Missing parentheses in call to 'print'. Did you mean print(...)?"
    )
    assert fault.place is not None
    assert (fault.place.path, fault.place.line) == ("orders.py", 2)


def test_syntax_of_the_handler_s_module(given: Made) -> None:
    [fault] = needs(given({"app.py": "def handler(e, c)\n  pass"})).faults
    assert fault.message == "app.py:1 is not valid Python 3.10: expected ':'"


def test_syntax_of_the_runtime_s_version(given: Made) -> None:
    match = "def handler(e, c):\n    match e:\n        case 1: pass\n"
    assert is_fine(given({"app.py": match}))
    [fault] = needs(given({"app.py": match}, runtime="python3.9")).faults
    assert " is not valid Python 3.9: Pattern matching is only supported in Python 3.10 and" in fault.message


def test_code_newer_than_the_running_python_is_unknown(given: Made) -> None:
    if OURS >= (3, 14):
        pytest.skip("no newer version is known")
    found = needs(given({"app.py": "def handler(e, c):\n    t'{e}' ?\n"}, runtime=f"python3.{OURS[1] + 1}"))
    assert not found.faults
    assert found.unread == (f"Python 3.{OURS[1]}, which runs this check, cannot parse code for 3.{OURS[1] + 1}",)


@pytest.mark.parametrize("runtime", ["python2.7", "python3.99", "python", "python3.13t"])
def test_runtimes_that_are_not_known(given: Made, runtime: str) -> None:
    with pytest.raises(UnreadError, match=f"the modules of {runtime} are not known"):
        given({"app.py": HANDLER}, runtime=runtime).imports()


# Bounds


def test_a_generated_module_is_unknown(given: Made) -> None:
    found = needs(given({"app.py": "import data, yaml" + HANDLER, "data.py": "x = 1\n" * 3_500_000}))
    assert [item.module for item in found.missing] == ["yaml"]
    assert found.unread == ("data.py is too large to be read (21,000,000 bytes, the limit is 1,048,576)",)


def test_a_generated_module_of_a_library_is_left_alone(given: Made) -> None:
    lib = {"lib/__init__.py": "__version__ = 1\nfrom . import data", "lib/data.py": "x = 1\n" * 400_000}
    assert is_fine(given({"app.py": "import lib" + HANDLER} | lib))


def test_the_time_is_used_up(given: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_SECONDS", 0.000001)
    found = needs(given({"app.py": "import yaml" + HANDLER}))
    assert not found.missing
    assert found.unread == ("reading it takes more than 1e-06 s",)


def test_more_than_a_bundle_may_have_read(given: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 100)
    found = needs(given({"app.py": "import big, yaml" + HANDLER, "big.py": "#" * 200}))
    assert [item.module for item in found.missing] == ["yaml"]
    assert found.unread == ("more than 0 MB would have to be read",)


@pytest.mark.parametrize("text", ["\0", "(" * 3_000, "x = '" + "a" * 500_000, "\x7fELF", "<html>", "if x:\n" * 200])
def test_hostile_code_is_no_crash(given: Made, text: str) -> None:
    found = needs(given({"app.py": "import hostile" + HANDLER, "hostile.py": text}))
    assert found.faults or found.unread


def test_a_bundle_of_nothing(given: Made) -> None:
    [fault] = needs(given({})).faults
    assert fault.detail == "handler"


def test_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("app.py", "import yaml\nimport orders" + HANDLER)
        archive.writestr("orders/__init__.py", "from . import store")
        archive.writestr("orders/store.py", "import attr")
        archive.writestr("../yaml.py", "")
    assert missing(Given(ZipBundle(tmp_path / "code.zip"))) == ["app.py:1 yaml", "orders/store.py:1 attr"]


# Many functions


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file is read, and ``ast.parse`` asked."""
    counted: Counter[str] = Counter()
    read, parse = FolderBundle._content, ast.parse

    def reading(self: FolderBundle, path: str) -> bytes:
        counted[path] += 1
        return read(self, path)

    def parsing(*given: Any, **also: Any) -> Any:
        counted["ast.parse"] += 1
        return parse(*given, **also)

    monkeypatch.setattr(FolderBundle, "_content", reading)
    monkeypatch.setattr(ast, "parse", parsing)
    return counted


def test_functions_that_share_a_bundle_cost_one_read_and_one_parse(given: Made, reads: Counter[str]) -> None:
    library = {f"lib/m{number}.py": f"from . import m{(number + 1) % 300}" for number in range(300)}
    own = {f"h{number}.py": "import shared" + HANDLER for number in range(200)}
    files = {"shared.py": "import lib.m0, lib.m7, yaml", "lib/__init__.py": "__version__ = '1'\n"}
    code = given(files | library | own)
    imports = code.imports()
    for number in range(200):
        assert [item.module for item in imports.needs(f"h{number}.handler").missing] == ["yaml"]
    modules = {path: count for path, count in reads.items() if path.endswith(".py")}
    assert set(modules.values()) == {1}
    assert len(modules) == 502
    # One for each of the author's modules, one for each line of a library's that looks like an import.
    assert reads["ast.parse"] == 201 + 300
