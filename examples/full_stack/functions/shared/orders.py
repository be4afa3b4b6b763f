"""Orders: from a request's body, into the table, into the queue."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import boto3


def from_body(body: str) -> dict[str, Any]:
    """The order in a request. Raises ValueError for one without an article."""
    order = json.loads(body)
    if not isinstance(order, dict) or not order.get("article"):
        raise ValueError("an order names an article")
    return {"id": str(uuid.uuid4()), "article": str(order["article"]), "state": "waiting"}


def save(order: dict[str, Any]) -> None:
    """Writes the order to the table."""
    boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item=order)


def enqueue(order: dict[str, Any]) -> None:
    """Hands the order to shipping."""
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(order))
