"""The words that people name environments by."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.environments import forms, is_deployed_to, placed, words


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


def test_words_that_may_mean_something_else() -> None:
    assert is_deployed_to("prod")
    assert is_deployed_to("stg")
    assert not any(map(is_deployed_to, ("test", "stage", "orders")))
