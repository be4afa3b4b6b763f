"""What the rules about DynamoDB tables share: the types, and where a table says what each of its replicas says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.template import UNKNOWN, Resource, is_no_value

Path = tuple[str | int, ...]

TABLE: Final = "AWS::DynamoDB::Table"
GLOBAL_TABLE: Final = "AWS::DynamoDB::GlobalTable"
SIMPLE_TABLE: Final = "AWS::Serverless::SimpleTable"


def places(table: Resource, path: Path) -> Iterator[tuple[str, Path]]:
    """Where ``path`` stands: in the table itself (named ""), or in each replica of a global one (named by region)."""
    if table.type != GLOBAL_TABLE:
        yield "", path
        return
    replicas = table.get("Replicas")
    for index, replica in enumerate(replicas if isinstance(replicas, list) else ()):
        if isinstance(replica, dict) and not is_no_value(replica):
            region: Any = table.get(("Replicas", index, "Region"))
            yield region if isinstance(region, str) else f"replica {index + 1}", ("Replicas", index, *path)


def is_provisioned(table: Resource) -> bool | None:
    """Whether the table's capacity is provisioned, which is the default but for SAM's; None when it is unknown."""
    if table.type == SIMPLE_TABLE:
        throughput = table.get("ProvisionedThroughput")
        return None if throughput is UNKNOWN else throughput is not None
    mode = table.get("BillingMode")
    return None if mode is UNKNOWN else mode != "PAY_PER_REQUEST"
