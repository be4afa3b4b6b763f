"""Ships the orders that wait in the queue."""

from __future__ import annotations

import json
import logging
from typing import Any

from shared import orders

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    waiting = [json.loads(record["body"]) for record in event.get("Records", [])]
    for order in waiting:
        orders.save({**order, "state": "shipped"})
        logger.info("shipped", extra={"order": order["id"], "request_id": context.aws_request_id})
    return {"shipped": len(waiting)}
