"""Where a module uses something that an installed package calls deprecated."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.cdk_index import index
from cdk_guardrails.source.deprecations import deprecated_uses
from cdk_guardrails.source.inference import Types
from cdk_guardrails.source.project import Project
from tests.source.jsii_packages import install

HEAD = "import shop_lib\nfrom shop_lib import orders\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDK_GUARDRAILS_CACHE_DIR", str(tmp_path / "cache"))
    install(tmp_path / "site")
    return tmp_path


def uses(folder: Path, text: str) -> list[str]:
    (folder / "app.py").write_text(f"{HEAD}{text}\n")
    project = Project([folder / "app.py"])
    assert project.unread == []
    found = deprecated_uses(Types(project, index([str(folder / "site")])), project.modules[0])
    return [f"{use.node.lineno} {use.what}: {use.text}" for use in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders.OrderProps(old_name=1)", "3 the keyword old_name of orders.OrderProps: use `orderName` instead"),
        ("orders.Order(x, 'O', old_name=1)", "3 the keyword old_name of orders.Order: use `orderName` instead"),
        ("orders.Order(x, 'O', **{'old_name': 1})", "3 the property old_name of orders.OrderProps: use `orderName` in"),
        ("def f(p: orders.OrderProps): p.old_name", "3 orders.OrderProps.old_name: use `orderName` instead"),
        ("shop_lib.Color", "3 Color: "),
        ("shop_lib.Color.RED", "3 Color: "),
        ("from shop_lib import Color", "3 Color: "),
        ("from shop_lib import Color as C\nC.RED", "4 Color: "),
        ("def f(c: 'shop_lib.Color'): pass", "3 Color: "),
        ("class A(orders.Order): pass\nA(x, 'O', old_name=1)", "4 the keyword old_name of orders.Order: use `orderNam"),
        ("orders.Order.Line(x, 'O', old_name=1)", "3 the keyword old_name of orders.Order.Line: use `orderName` inst"),
    ],
)
def test_used(folder: Path, text: str, expected: str) -> None:
    [found] = uses(folder, text)
    assert found.startswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        "orders.OrderProps(order_name=1)",
        "orders.Order(x, 'O', order_name=1)",
        "orders.Order(x, 'O').to_json()",
        "def f(p): p.old_name",
        "old_name = 1",
        "f(old_name=1)",
        "shop_lib.Colour.RED",
        "from other_lib import Color",
        "from .shop_lib import Color",
        "'shop_lib.Color'",
        "",
    ],
)
def test_not_used(folder: Path, text: str) -> None:
    assert uses(folder, text) == []


def test_in_the_order_of_the_text(folder: Path) -> None:
    found = uses(folder, "orders.OrderProps(\n  old_name=shop_lib.Color.RED)\nshop_lib.Color.RED")
    assert [each.partition(" ")[0] for each in found] == ["4", "4", "5"]
