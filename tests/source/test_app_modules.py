"""Which module of the app an import means."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.source.app_modules import AppModules, app_modules
from cdk_guardrails.source.project import Module, Project


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def modules(*names: str) -> tuple[AppModules, dict[str, Module]]:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("")
    project = Project([Path(name) for name in names])
    return app_modules(project), {module.path: module for module in project.modules}


def path(module: Module | None) -> str:
    return module.path if module else ""


@pytest.mark.parametrize(
    ("importing", "name", "expected"),
    [
        ("app.py", "shop", "shop/__init__.py"),
        ("app.py", "shop.orders", "shop/orders.py"),
        ("app.py", "shop.data", "shop/data/__init__.py"),
        ("app.py", "tools", "src/tools.py"),
        ("app.py", "plain.a", "plain/a.py"),
        ("shop/orders.py", "shop.data", "shop/data/__init__.py"),
        # the nearest folder above goes first
        ("shop/data/tables.py", "names", "shop/data/names.py"),
        ("shop/orders.py", "names", "names.py"),
        ("app.py", "names", "names.py"),
        # none
        ("app.py", "plain", ""),
        ("app.py", "orders", ""),
        ("app.py", "shop.gone", ""),
        ("app.py", "shop.orders.inside", ""),
        ("app.py", "boto3", ""),
        ("app.py", "", ""),
        ("app.py", "..", ""),
    ],
)
def test_absolute(importing: str, name: str, expected: str) -> None:
    found, by_path = modules(
        "app.py",
        "names.py",
        "src/tools.py",
        "plain/a.py",
        "shop/__init__.py",
        "shop/orders.py",
        "shop/data/__init__.py",
        "shop/data/tables.py",
        "shop/data/names.py",
    )
    assert path(found.absolute(by_path[importing], name)) == expected


@pytest.mark.parametrize(
    ("importing", "level", "name", "expected"),
    [
        ("shop/orders.py", 1, "names", "shop/names.py"),
        ("shop/orders.py", 1, "", "shop/__init__.py"),
        ("shop/__init__.py", 1, "names", "shop/names.py"),
        ("shop/data/tables.py", 2, "names", "shop/names.py"),
        ("shop/data/tables.py", 2, "data.tables", "shop/data/tables.py"),
        ("shop/data/tables.py", 1, "names", ""),
        ("shop/orders.py", 2, "shop.names", "shop/names.py"),
        ("shop/orders.py", 99, "names", ""),
    ],
)
def test_relative(importing: str, level: int, name: str, expected: str) -> None:
    names = ("shop/__init__.py", "shop/orders.py", "shop/names.py", "shop/data/__init__.py", "shop/data/tables.py")
    found, by_path = modules(*names)
    assert path(found.relative(by_path[importing], level, name)) == expected


def test_below_a_package() -> None:
    found, by_path = modules("shop/__init__.py", "shop/orders.py", "shop/data/__init__.py")
    package, module = by_path["shop/__init__.py"], by_path["shop/orders.py"]
    assert path(found.below(package, "orders")) == "shop/orders.py"
    assert path(found.below(package, "data")) == "shop/data/__init__.py"
    assert path(found.below(package, "gone")) == path(found.below(module, "data")) == ""


@pytest.mark.parametrize(
    ("top", "expected"),
    [("shop", True), ("names", True), ("tools", True), ("src", True), ("boto3", False), ("orders", False)],
)
def test_what_is_of_the_app(top: str, expected: bool) -> None:
    found, by_path = modules("app.py", "names.py", "src/tools/a.py", "shop/orders.py")
    assert found.has(by_path["app.py"], top) is expected


def test_two_apps_do_not_mix() -> None:
    found, by_path = modules("one/app.py", "one/shop.py", "two/app.py", "two/shop.py")
    assert path(found.absolute(by_path["one/app.py"], "shop")) == "one/shop.py"
    assert path(found.absolute(by_path["two/app.py"], "shop")) == "two/shop.py"


def test_prepared_once() -> None:
    project = Project([])
    assert app_modules(project) is app_modules(project)
