"""The words that people name environments by."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.environments import family, forms, is_deployed_to, placed, placed_at_edge, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("prod-orders", ["prod", "orders"]),
        ("ProdOrders", ["prod", "orders"]),
        ("PRODOrders", ["prod", "orders"]),
        ("orders_PROD", ["orders", "prod"]),
        ("/prod/api2/url", ["prod", "api", "url"]),
        ("products", ["products"]),
        ("", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ("prod", ("prod", "production", "prd")),
        ("Production", ("production", "prod", "prd")),
        ("dev", ("dev", "development")),
        ("sandbox-eu", ("sandbox-eu",)),
    ],
)
def test_forms(environment: str, found: tuple[str, ...]) -> None:
    assert forms(environment) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Prod/Api", ("prod", "{env}/Api")),
        ("Shop-Dev-Api", ("dev", "Shop-{env}-Api")),
        ("ApiProduction", ("prod", "Api{env}")),
        ("Dev/ProdTools", ("dev", "{env}/ProdTools")),
        ("Products/Device", None),
        ("", None),
    ],
)
def test_placed(text: str, found: tuple[str, str] | None) -> None:
    assert placed(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("prod-orders", ("prod", "{env}-orders")),
        ("OrdersDevelopment", ("dev", "Orders{env}")),
        ("shop-dev-orders", None),
        ("test-orders", None),
        ("prod", None),
        ("", None),
    ],
)
def test_placed_at_edge(text: str, found: tuple[str, str] | None) -> None:
    assert placed_at_edge(text) == found


@pytest.mark.parametrize(("environment", "found"), [("Production", "prod"), ("qa", "test"), ("eu", ""), ("", "")])
def test_family(environment: str, found: str) -> None:
    assert family(environment) == found


def test_words_that_may_mean_something_else() -> None:
    assert is_deployed_to("prod")
    assert is_deployed_to("stg")
    assert not any(map(is_deployed_to, ("test", "stage", "orders")))
