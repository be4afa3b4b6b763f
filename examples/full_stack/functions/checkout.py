"""Takes an order: writes it to the table and hands it on."""

from __future__ import annotations

import json
import logging
from typing import Any

from shared import orders

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        order = orders.from_body(event.get("body") or "{}")
    except ValueError as error:
        logger.exception("not an order", extra={"request_id": context.aws_request_id})
        return {"statusCode": 400, "body": json.dumps({"error": str(error)})}
    orders.save(order)
    orders.enqueue(order)
    logger.info("order taken", extra={"order": order["id"], "request_id": context.aws_request_id})
    return {"statusCode": 202, "body": json.dumps(order)}
