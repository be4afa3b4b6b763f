"""The lines about the code of functions: A2.1, A5.2, C2.3, C4.3."""

from __future__ import annotations

from tests.report_lines.code_lines import CodeLine, Files

LOGGED = """\
import json
import logging
import os

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    try:
        body = json.loads(event["body"])
        table.put_item(Item=body)
        logger.info("stored %s", body["id"], extra={"request_id": context.aws_request_id})
        return {"statusCode": 201, "body": json.dumps({"id": body["id"]})}
    except Exception:
        logger.exception("storing failed", extra={"request_id": context.aws_request_id})
        return {"statusCode": 500, "body": json.dumps({"error": "internal error"})}
"""

SILENT = """\
import json
import os

import boto3

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    try:
        for record in event["Records"]:
            key = record["s3"]["object"]["key"]
            s3.get_object(Bucket=os.environ["BUCKET_NAME"], Key=key)
            table.put_item(Item={"id": key})
        return {"statusCode": 200, "body": json.dumps("done")}
    except Exception as e:
        return {"statusCode": 500, "body": json.dumps({"error": str(e)})}
"""

POWERTOOLS = """\
from aws_lambda_powertools import Logger

logger = Logger()


@logger.inject_lambda_context
def handler(event, context):
    logger.info("order received")
    return {"statusCode": 200}
"""

THIRD_PARTY = """\
import json

import requests


def handler(event, context):
    answer = requests.get("https://example.com/rates", timeout=5)
    return {"statusCode": 200, "body": json.dumps(answer.json())}
"""


def distribution(folder: str, name: str, version: str, *, kilobytes: int = 400) -> Files:
    """A package as pip leaves it in a folder."""
    return {
        f"{folder}/{name}/__init__.py": "VALUE = 1\n",
        f"{folder}/{name}/data.py": "# data\n" * (kilobytes * 1024 // 7),
        f"{folder}/{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/{name}-{version}.dist-info/top_level.txt": f"{name}\n",
        f"{folder}/{name}-{version}.dist-info/RECORD": f"{name}/__init__.py,,\n{name}/data.py,,\n",
    }


USES_REQUESTS = "import requests\n\n\ndef handler(event, context):\n    return requests.VALUE\n"

LINES = (
    CodeLine(
        "A2.1",
        "functions",
        {"orders/app.py": THIRD_PARTY},
        ("lambda-missing-dependency[requests] @ orders/app.py:3",),
        (
            {"orders/app.py": THIRD_PARTY, **distribution("orders", "requests", "2.32.3")},
            {"orders/app.py": THIRD_PARTY, **distribution("layer/python", "requests", "2.32.3")},
            {"orders/app.py": THIRD_PARTY.replace("import requests", "import boto3 as requests")},
            {
                "orders/app.py": THIRD_PARTY.replace(
                    "import requests", "try:\n    import requests\nexcept ImportError:\n    requests = None"
                )
            },
        ),
        shows=("requests",),
    ),
    CodeLine(
        "A2.1",
        "functions",
        {"orders/app.py": SILENT},
        ("lambda-missing-dependency[boto3] @ orders/app.py:4",),
        (
            {
                "orders/app.py": SILENT,
                **distribution("layer/python", "boto3", "1.40.0"),
            },
            {"orders/app.py": "import json\n\n\ndef handler(event, context):\n    return json.dumps(event)\n"},
        ),
        issue="boto3-packaged",
        rules={"lambda-missing-dependency": {"require_packaged_boto3": True}},
    ),
    CodeLine(
        "A5.2",
        "functions",
        {"orders/app.py": SILENT},
        (
            "lambda-handler-logging[result] @ orders/app.py:10",
            "lambda-handler-logging[except] @ orders/app.py:17",
        ),
        (
            {"orders/app.py": LOGGED},
            {
                "orders/app.py": ("import orders\n\n\ndef handler(event, context):\n    return orders.store(event)\n"),
                "orders/orders.py": (
                    "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
                    "def store(event):\n    try:\n        result = event['id']\n    except Exception as error:\n"
                    "        logger.error('failed', exc_info=error)\n        raise\n"
                    "    logger.info('stored %s', result)\n    return result\n"
                ),
            },
        ),
    ),
    CodeLine(
        "C2.3",
        "functions",
        {
            "orders/app.py": USES_REQUESTS,
            **distribution("orders", "requests", "2.32.3"),
            "refunds/app.py": USES_REQUESTS,
            **distribution("refunds", "requests", "2.31.0"),
        },
        ("lambda-shared-layer[requests] @",),
        (
            {
                "orders/app.py": USES_REQUESTS,
                "refunds/app.py": USES_REQUESTS,
                **distribution("layer/python", "requests", "2.32.3"),
            },
            {
                "orders/app.py": USES_REQUESTS,
                **distribution("orders", "requests", "2.32.3"),
                "refunds/app.py": "def handler(event, context):\n    return event\n",
            },
            {
                "orders/app.py": USES_REQUESTS,
                **distribution("orders", "requests", "2.32.3"),
                "refunds/app.py": USES_REQUESTS.replace("requests", "httpx"),
                **distribution("refunds", "httpx", "0.28.1"),
            },
        ),
        shows=("2.31.0", "2.32.3"),
    ),
    CodeLine(
        "C4.3",
        "functions",
        {"orders/app.py": LOGGED.replace(', extra={"request_id": context.aws_request_id}', "")},
        ("lambda-correlation-id @ orders/app.py:12",),
        (
            {"orders/app.py": LOGGED},
            {"orders/app.py": POWERTOOLS, **distribution("layer/python", "aws_lambda_powertools", "3.0.0")},
        ),
    ),
)
