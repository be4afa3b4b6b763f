"""Names that a module of a jsii package does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.cdk_index import index
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Project
from cdk_guardrails.source.unknown_names import unknown_names
from tests.source.jsii_packages import install


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDK_GUARDRAILS_CACHE_DIR", str(tmp_path / "cache"))
    install(tmp_path / "site")
    return tmp_path


def said(folder: Path, text: str) -> list[str]:
    (folder / "app.py").write_text(f"{text}\n")
    project = Project([folder / "app.py"])
    assert project.unread == []
    types = Types(project, index([str(folder / "site")]))
    return [f"{each.at} {each.message} {list(each.meant)}" for each in unknown_names(types, project.modules[0])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from shop_lib import Colour", "(1, 22) shop_lib has no 'Colour' ['shop_lib.Color']"),
        ("from shop_lib import Color, Orders", "(1, 29) shop_lib has no 'Orders' ['shop_lib.orders']"),
        ("from shop_lib.orders import Ordr", "(1, 29) shop_lib.orders has no 'Ordr' ['orders.Order']"),
        ("import shop_lib.order", "(1, 8) shop_lib has no 'order' ['shop_lib.orders']"),
        ("from shop_lib.order import Order", "(1, 28) shop_lib has no 'order' ['shop_lib.orders']"),
        ("import shop_lib as s\ns.Colour", "(2, 3) shop_lib has no 'Colour' ['s.Color']"),
        (
            "import shop_lib as s\ns.orders.Ordr",
            "(2, 10) shop_lib.orders has no 'Ordr' ['orders.Order']",
        ),
        ("import shop_lib\n(shop_lib\n  .Colour)", "(3, 4) shop_lib has no 'Colour' ['shop_lib.Color']"),
        ("import shop_lib\nä = shop_lib.Colour", "(2, 14) shop_lib has no 'Colour' ['shop_lib.Color']"),
        ("from shop_lib import xyz", "(1, 22) shop_lib has no 'xyz' []"),
    ],
)
def test_not_there(folder: Path, text: str, expected: str) -> None:
    assert said(folder, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "from shop_lib import Color, orders",
        "from shop_lib import *",
        "from shop_lib import thing_alpha, _private, __version__, asset_cli, lambda_layer_x",
        "import shop_lib.orders as o\no.Order.Line",
        "from shop_lib.orders.Order import Line",
        "from other_lib import Colour",
        "from . import shop_lib\nshop_lib.Colour",
        "from .shop_lib import Colour",
        "import shop_lib\nshop_lib.Colour = 1",
        "import shop_lib\ndel shop_lib.Colour",
        "import shop_lib\nhasattr(shop_lib, 'Colour') and shop_lib.Colour",
        "import shop_lib\ntry:\n    shop_lib.Colour\nexcept (KeyError, AttributeError):\n    pass",
        "try:\n    from shop_lib import Colour\nexcept ImportError:\n    Colour = None",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop_lib import Colour",
        "import typing as t\nif t.TYPE_CHECKING:\n    from shop_lib import Colour",
        "import shop_lib\nshop_lib = load()\nshop_lib.Colour",
        "import shop_lib\ndef f(shop_lib): shop_lib.Colour",
    ],
)
def test_nothing_is_said(folder: Path, text: str) -> None:
    assert said(folder, text) == []


def test_one_that_lies_in_the_folder_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(said(folder, "from shop_lib import extra")) == 1
    (folder / "site" / "shop_lib" / "extra.py").write_text("")
    monkeypatch.syspath_prepend(str(folder / "site"))
    assert said(folder, "from shop_lib import extra") == []
