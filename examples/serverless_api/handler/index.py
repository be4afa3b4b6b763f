"""The function behind the API: stores an order and its receipt, or lists the orders."""

from __future__ import annotations

import json
import os
import uuid

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
BUCKET = boto3.resource("s3").Bucket(os.environ["BUCKET_NAME"])


def handler(event, context):
    if event["httpMethod"] == "POST":
        order = {"id": str(uuid.uuid4()), **json.loads(event["body"])}
        TABLE.put_item(Item=order)
        BUCKET.put_object(Key=f"receipts/{order['id']}.json", Body=json.dumps(order))
        return {"statusCode": 201, "body": json.dumps(order)}
    return {"statusCode": 200, "body": json.dumps(TABLE.scan()["Items"], default=str)}
