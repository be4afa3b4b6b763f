"""What the index says of types: of a small package, and of a sample of the installed CDK, class by class."""

from __future__ import annotations

import functools
import importlib
import inspect
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.source import cdk_index
from cdk_guardrails.source.cdk_index import Index, index
from cdk_guardrails.source.cdk_store import FOLDER
from cdk_guardrails.source.cdk_types import CdkType, Kind, Ref
from cdk_guardrails.source.manifests import Manifest
from tests.source.jsii_packages import MANIFEST, install

SAMPLE = 400
STRIPPED = "aws_cdk.cloud_assembly_schema"
"""Of this package, the Python classes are made without what its manifest calls deprecated."""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    install(tmp_path)
    return index([str(tmp_path)])


class TestSmallPackage:
    def test_types_by_both_names(self, shop: Index) -> None:
        order = shop.type("shop-lib.orders.Order")
        assert order is not None
        assert (order.python, order.qualified, order.kind) == ("shop_lib.orders.Order", "orders.Order", Kind.CLASS)
        assert shop.named("shop_lib.orders.Order") is order
        assert shop.in_module("shop_lib.orders", "Order") is order
        assert shop.named("shop_lib.lambda_.Handler") == shop.type("shop-lib.lambda.Handler")

    @pytest.mark.parametrize("name", ["shop_lib", "shop_lib.Nothing", "shop_lib.nothing.Order", "other.Order", "", "."])
    def test_what_there_is_not(self, shop: Index, name: str) -> None:
        assert shop.named(name) is None
        assert shop.type(name) is None
        assert shop.members(name) == {}
        assert shop.module_members(name) == (["Color", "lambda_", "orders"] if name == "shop_lib" else [])

    def test_nested_types(self, shop: Index) -> None:
        order, line = shop.type("shop-lib.orders.Order"), shop.named("shop_lib.orders.Order.Line")
        assert order is not None
        assert line is not None
        assert shop.nested(order, "Line") is line
        assert shop.module_members("shop_lib.orders") == ["Order", "OrderProps"]

    def test_members(self, shop: Index) -> None:
        names = ["_add_tags", "DEFAULT_ARN", "from_", "items", "size_in_gib", "to_json"]
        assert sorted(shop.members("shop-lib.orders.Order"), key=str.lower) == names
        assert shop.members("shop-lib.orders.Order.Line") == shop.members("shop-lib.orders.Order")

    def test_of_two_names_that_python_spells_alike_the_one_that_is_not_deprecated_counts(self, shop: Index) -> None:
        member = shop.member("shop-lib.orders.Order", "to_json")
        assert member is not None
        assert (member.jsii_name, member.deprecated) == ("toJson", None)

    def test_types_of_members(self, shop: Index) -> None:
        members = shop.members("shop-lib.orders.Order")
        assert members["items"].ref == Ref("map", "", (Ref("primitive", "any"),))
        assert members["from_"].ref == Ref("type", "shop-lib.orders.Order")
        assert [members[name].static for name in ("from_", "DEFAULT_ARN", "items")] == [True, True, False]

    def test_a_constructor(self, shop: Index) -> None:
        signature = shop.constructor("shop-lib.orders.Order.Line")
        assert signature is not None
        assert signature.names == ["scope", "order_name_", "order_name", "old_name"]
        assert signature.struct == "shop-lib.orders.OrderProps"
        assert signature.keywords["old_name"].deprecated == "use `orderName` instead"
        assert signature.takes("order_name_")
        assert not signature.takes("props")
        assert signature.ref("order_name") == Ref("primitive", "string")
        assert signature.ref("nothing") is None

    def test_a_struct_takes_its_keywords(self, shop: Index) -> None:
        signature = shop.constructor("shop-lib.orders.OrderProps")
        assert signature is not None
        assert signature.names == ["order_name", "old_name"]

    def test_variadic_parameters(self, shop: Index) -> None:
        signature = shop.signature(shop.members("shop-lib.orders.Order")["_add_tags"])
        assert (signature.names, signature.variadic) == (["tags"], True)

    def test_an_enum(self, shop: Index) -> None:
        color = shop.type("shop-lib.Color")
        assert color is not None
        assert (list(color.members), color.deprecated) == (["RED", "None_"], "")
        assert color.members["None_"].deprecated == "no color"
        assert color.members["RED"].ref == Ref("type", "shop-lib.Color")
        assert shop.constructor("shop-lib.Color") is None

    def test_a_base_of_another_package_that_is_not_installed(self, tmp_path: Path, shop: Index) -> None:
        types = {**MANIFEST["types"], "shop-lib.Stack": {**_class("Stack"), "base": "gone.Stack"}}
        install(tmp_path / "b", {**MANIFEST, "types": types})
        other = index([str(tmp_path / "b")])
        assert other.lineage("shop-lib.Stack") == ["shop-lib.Stack"]
        assert not other.knows_all_of("shop-lib.Stack")
        assert other.knows_all_of("shop-lib.orders.Order.Line")

    def test_a_cycle_of_bases_ends(self, tmp_path: Path, shop: Index) -> None:
        types = {f"shop-lib.{a}": {**_class(a), "base": f"shop-lib.{b}"} for a, b in (("A", "B"), ("B", "A"))}
        install(tmp_path / "b", {**MANIFEST, "types": types})
        assert index([str(tmp_path / "b")]).lineage("shop-lib.A") == ["shop-lib.A", "shop-lib.B"]

    def test_a_broken_package_is_named_and_the_others_are_known(self, tmp_path: Path, shop: Index) -> None:
        install(tmp_path / "b", b"{")
        install(tmp_path / "b", module="other", file="other@1.0.0.jsii.tgz")
        found = index([str(tmp_path / "b")])
        assert found.named("shop_lib.orders.Order") is not None
        assert len(found.unread) == 1
        assert found.unread[0].endswith("the jsii manifest cannot be read: JSONDecodeError")

    def test_a_package_that_is_deprecated_as_a_whole(self, tmp_path: Path, shop: Index) -> None:
        assert shop.module_deprecated("shop_lib") is None
        install(tmp_path / "b", {**MANIFEST, "docs": {"deprecated": "moved"}})
        assert index([str(tmp_path / "b")]).module_deprecated("shop_lib.orders") == "moved"


def _class(name: str) -> dict[str, Any]:
    return {"assembly": "shop-lib", "fqn": f"shop-lib.{name}", "kind": "class"}


class TestSuggestions:
    @pytest.mark.parametrize(
        ("type_", "name", "nearest"),
        [
            ("aws_s3.Bucket", "grant", ["grant_read", "grant_read_write", "grant_write"]),
            ("aws_s3.Bucket", "grantReadWrite", ["grant_read_write"]),
            ("aws_s3.Bucket", "bucketName", ["bucket_name"]),
            ("aws_s3.Bucket", "grant_raed", ["grant_read"]),
            ("aws_lambda.Runtime", "PYTHON_3_99", ["PYTHON_3_9"]),
            ("aws_s3.Bucket", "frobnicate", []),
        ],
    )
    def test_members(self, type_: str, name: str, nearest: list[str]) -> None:
        found = index().named(f"aws_cdk.{type_}")
        assert found is not None
        assert index().nearest_members(found.fqn, name)[: max(1, len(nearest))] == nearest

    @pytest.mark.parametrize(
        ("module", "name", "nearest"),
        [
            ("aws_cdk.aws_s3", "Buckett", "Bucket"),
            ("aws_cdk.aws_s3", "bucket", "Bucket"),
            ("aws_cdk", "aws_lamda", "aws_lambda"),
            ("aws_cdk", "aws_cloudwatch_action", "aws_cloudwatch_actions"),
        ],
    )
    def test_modules(self, module: str, name: str, nearest: str) -> None:
        assert index().nearest_in_module(module, name)[0] == nearest

    def test_keywords(self) -> None:
        table = index().named("aws_cdk.aws_dynamodb.Table")
        assert table is not None
        signature = index().constructor(table.fqn)
        assert signature is not None
        assert index().nearest_keywords(signature, "billingMode")[0] == "billing_mode"


@functools.cache
def everything() -> list[CdkType]:
    known = index()
    modules = [module for module in known.modules if not module.startswith(STRIPPED)]
    return [type_ for module in sorted(modules) for type_ in _types(known, module)]


def _types(known: Index, module: str) -> Iterator[CdkType]:
    for name in known.module_members(module):
        if type_ := known.in_module(module, name):
            yield type_


def sample(kind: Kind) -> list[CdkType]:
    """Some types of a kind: always the same ones of one version."""
    fitting = [type_ for type_ in everything() if type_.kind is kind]
    return random.Random(4).sample(fitting, min(SAMPLE, len(fitting)))


def class_of(type_: CdkType) -> Any:
    value = importlib.import_module(type_.module)
    for part in type_.name.split("."):
        value = getattr(value, part)
    return value


def parameters(function: Any) -> list[str]:
    found = inspect.signature(inspect.unwrap(function)).parameters.values()
    return [parameter.name for parameter in found if parameter.name not in ("self", "cls", "self_")]


def public(names: Iterable[str]) -> set[str]:
    return {name for name in names if not name.startswith("_") and not name.startswith("jsii_")}


def own_names(class_: type) -> list[str]:
    """The names of the members that jsii made, without those of classes within the class."""
    bases = [base for base in class_.__mro__ if hasattr(base, "__jsii_type__")]
    return [name for base in bases for name, value in vars(base).items() if not inspect.isclass(value)]


class TestInstalledClasses:
    """The names that the index gives are those of the Python classes that jsii made."""

    @pytest.mark.parametrize("kind", Kind)
    def test_members(self, kind: Kind) -> None:
        for type_ in sample(kind):
            class_ = class_of(type_)
            names = class_.__members__ if kind is Kind.ENUM else own_names(class_)
            known = public(index().members(type_.fqn))
            assert known == public(names) if kind is Kind.ENUM else known >= public(names), type_.python
            assert all(hasattr(class_, name) for name in known), type_.python

    @pytest.mark.parametrize("kind", [Kind.CLASS, Kind.STRUCT])
    def test_constructors(self, kind: Kind) -> None:
        for type_ in sample(kind):
            signature = index().constructor(type_.fqn)
            if signature is not None:
                assert sorted(parameters(class_of(type_).__init__)) == sorted(signature.names), type_.python

    @pytest.mark.parametrize("kind", [Kind.CLASS, Kind.INTERFACE])
    def test_methods(self, kind: Kind) -> None:
        for type_ in sample(kind):
            for member in index().members(type_.fqn).values():
                if member.method:
                    function = inspect.getattr_static(class_of(type_), member.name)
                    names = parameters(getattr(function, "__func__", function))
                    assert sorted(names) == sorted(index().signature(member).names), f"{type_.python}.{member.name}"

    def test_deprecated_members_say_so_in_their_docstrings(self) -> None:
        checked = 0
        for type_ in sample(Kind.CLASS):
            for member in type_.members.values():
                if member.deprecated and not member.static:
                    text = inspect.getdoc(inspect.getattr_static(class_of(type_), member.name)) or ""
                    assert "deprecated" in text, f"{type_.python}.{member.name}"
                    checked += 1
        assert checked


def test_the_manifests_of_the_installed_packages_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    index()  # builds what is not there
    cdk_index._index.cache_clear()
    monkeypatch.setattr(Manifest, "read", lambda *_: pytest.fail("read again"))
    assert index().named("aws_cdk.aws_s3.Bucket")
