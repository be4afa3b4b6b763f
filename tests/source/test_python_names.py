"""Names as jsii spells them in Python, at the edges; `test_cdk_index` compares with the installed classes."""

from __future__ import annotations

import pytest

from cdk_guardrails.source.python_names import identifier, modules, snake_case, split_type
from tests.source.jsii_packages import MANIFEST


@pytest.mark.parametrize(
    ("jsii", "python"),
    [
        ("bucketName", "bucket_name"),
        ("pointInTimeRecoverySpecification", "point_in_time_recovery_specification"),
        ("s3UrlForObject", "s3_url_for_object"),
        ("toJSON", "to_json"),
        ("metricHTTPCodeTarget", "metric_http_code_target"),
        ("sizeInGiB", "size_in_gib"),
        ("memoryLimitMiB", "memory_limit_mib"),
        ("memoryMiBReserved", "memory_mib_reserved"),
        ("ephemeralStorageGiBs", "ephemeral_storage_gi_bs"),
        ("oauth2ProviderConfig", "oauth2_provider_config"),
        ("addIPv6Rule", "add_i_pv6_rule"),
        ("ADD_ALL", "add_all"),
        ("x", "x"),
        ("X", "x"),
        ("", ""),
        ("from", "from_"),
        ("lambda", "lambda_"),
        ("id", "id"),
        ("print", "print"),
    ],
)
def test_members(jsii: str, python: str) -> None:
    assert snake_case(jsii) == python


def test_reserved_words() -> None:
    assert [identifier(word) for word in ("None", "Handler", "async", "match")] == [
        "None_",
        "Handler",
        "async_",
        "match",
    ]


def test_modules() -> None:
    found = modules(MANIFEST)
    assert found == {
        "shop-lib": "shop_lib",
        "shop-lib.lambda": "shop_lib.lambda_",
        "shop-lib.orders": "shop_lib.orders",
    }


@pytest.mark.parametrize(
    ("fqn", "split"),
    [
        ("shop-lib.orders.Order", ("shop_lib.orders", "Order")),
        ("shop-lib.orders.Order.Line", ("shop_lib.orders", "Order.Line")),
        ("shop-lib.lambda.None", ("shop_lib.lambda_", "None_")),
        ("shop-lib.Color", ("shop_lib", "Color")),
        ("other.Color", ("", "other.Color")),
    ],
)
def test_types(fqn: str, split: tuple[str, str]) -> None:
    assert split_type(fqn, modules(MANIFEST)) == split
