"""Whether log lines of Python handlers can be told apart by request."""

from __future__ import annotations

import pytest

from cdk_guardrails.lambda_code.logging_facts import OWN_FORMAT, POWERTOOLS, PRINTED, RUNTIME
from tests.lambda_code.handlers import known

WITH_ID = {
    "the context": "def handler(e, c): logger.info('x', extra={'rid': c.aws_request_id})",
    "printed": "def handler(e, c): print(json.dumps({'requestId': c.aws_request_id}))",
    "in a text": "def handler(e, c): logger.info(f'{c.aws_request_id} stored')",
    "a variable": "def handler(e, c):\n    rid = c.aws_request_id\n    logger.info('%s stored', rid)",
    "a dict": "def handler(e, c):\n    entry = {'correlationId': e['id']}\n    print(json.dumps(entry))",
    "a key of a dict": "def handler(e, c):\n    entry = {}\n    entry['request_id'] = 1\n    print(entry)",
    "the event": "def handler(e, c): logger.info(e['requestContext']['requestId'])",
    "a header": "def handler(e, c): logger.info('x', extra={'id': e['headers'].get('x-correlation-id')})",
    "the trace": "def handler(e, c): logger.info('x %s', os.environ['_X_AMZN_TRACE_ID'])",
    "an execution": "def handler(e, c): logger.info('x', extra={'execution_id': e['id']})",
    "a helper": "def note(text, **more): print(text, more)\ndef handler(e, c): note('x', request_id=1)",
    "in a helper": "def note(text, c): print(text, c.aws_request_id)\ndef handler(e, c): note('x', c)",
    "a function of the id": "def entry(c): return {'id': c.aws_request_id}\ndef handler(e, c): print(entry(c))",
    "Powertools": "@logger.inject_lambda_context\ndef handler(e, c): logger.info('x')",
    "Powertools with a path": (
        "@logger.inject_lambda_context(correlation_id_path='id')\ndef handler(e, c): logger.info('x')"
    ),
    "set_correlation_id": "def handler(e, c):\n    logger.set_correlation_id(e['id'])\n    logger.info('x')",
    "append_keys": "def handler(e, c):\n    logger.append_keys(request_id=c.aws_request_id)\n    logger.info('x')",
    "bind": "def handler(e, c):\n    log = logger.bind(request_id=c.aws_request_id)\n    log.info('x')",
    "contextvars": "def handler(e, c):\n    bind_contextvars(request_id=1)\n    logger.info('x')",
    "an adapter": "def handler(e, c):\n    log = logging.LoggerAdapter(logger, {'request_id': 1})\n    log.info('x')",
    "a filter": (
        "class Add(logging.Filter):\n    def filter(self, record):\n"
        "        record.request_id = current.get()\n        return True\n"
        "logger.addFilter(Add())\ndef handler(e, c): logger.info('x')"
    ),
    "a formatter": (
        "formatter = logging.Formatter('%(aws_request_id)s %(message)s')\n"
        "logger.handlers[0].setFormatter(formatter)\ndef handler(e, c): logger.info('x')"
    ),
    "in an except": (
        "def handler(e, c):\n    try:\n        save()\n    except Exception:\n"
        "        logger.exception('%s', c.aws_request_id)"
    ),
    "of a class": (
        "class H:\n    def __init__(self, c): self.meta = {'request_id': c.aws_request_id}\n"
        "    def run(self): logger.info('x', extra=self.meta)\ndef handler(e, c): H(c).run()"
    ),
}


@pytest.mark.parametrize("code", WITH_ID.values(), ids=list(WITH_ID))
def test_an_id_is_logged(code: str) -> None:
    assert known(f"import json, logging, os\nlogger = logging.getLogger()\n{code}").has_id


WITHOUT_ID = {
    "nothing": "def handler(e, c): logger.info('stored')",
    "the id is for others": "def handler(e, c):\n    save(c.aws_request_id)\n    logger.info('stored')",
    "returned": "def handler(e, c):\n    print('stored')\n    return {'requestId': c.aws_request_id}",
    "another function": "def handler(e, c): print('x')\ndef other(c): print(c.aws_request_id)",
    "an id of the business": "def handler(e, c): logger.info('order %s', e['order_id'])",
    "an id of a query": "def handler(e, c): print(e['QueryExecutionId'])",
    "as a script": "def handler(e, c): print(e)\nif __name__ == '__main__':\n    e = {'requestId': 1}\n    print(e)",
    "another variable of that name": (
        "def other(c):\n    x = c.aws_request_id\ndef handler(e, c):\n    x = 1\n    print(x)"
    ),
    "keys": "def handler(e, c):\n    logger.append_keys(order=1)\n    logger.info('x')",
}


@pytest.mark.parametrize("code", WITHOUT_ID.values(), ids=list(WITHOUT_ID))
def test_no_id_is_logged(code: str) -> None:
    assert not known(f"import json, logging, os\nlogger = logging.getLogger()\n{code}").has_id


@pytest.mark.parametrize(
    ("code", "formats"),
    [
        ("def handler(e, c): return 1", set()),
        ("def handler(e, c): print(1)", {PRINTED}),
        ("import logging\ndef handler(e, c): logging.info(1)", {RUNTIME}),
        ("import logging\ndef handler(e, c):\n    print(1)\n    logging.info(1)", {PRINTED, RUNTIME}),
        ("import logging\nlogging.basicConfig(level='INFO')\ndef handler(e, c): logging.info(1)", {RUNTIME}),
        ("import logging\nlogging.basicConfig(force=True)\ndef handler(e, c): logging.info(1)", {OWN_FORMAT}),
        ("import logging.config\nlogging.config.dictConfig({})\ndef handler(e, c): logging.info(1)", {OWN_FORMAT}),
        (
            (
                "import logging\nlogger = logging.getLogger()\nlogger.handlers.clear()\n"
                "def handler(e, c): logger.info(1)"
            ),
            {OWN_FORMAT},
        ),
        (
            (
                "import logging\nlogger = logging.getLogger()\nlogger.propagate = False\n"
                "def handler(e, c): logger.info(1)"
            ),
            {OWN_FORMAT},
        ),
        (
            (
                "import logging\nlogger = logging.getLogger()\nlogger.propagate = True\n"
                "def handler(e, c): logger.info(1)"
            ),
            {RUNTIME},
        ),
        (
            "from aws_lambda_powertools import Logger\nlogger = Logger()\ndef handler(e, c): logger.info(1)",
            {POWERTOOLS},
        ),
        (
            ("from aws_lambda_powertools.logging import Logger\nx = Logger()\ndef handler(e, c): x.info(1)"),
            {POWERTOOLS},
        ),
        ("from aws_lambda_powertools import Tracer\ndef handler(e, c): logger.info(1)", {RUNTIME}),
        ("from loguru import logger\ndef handler(e, c): logger.info(1)", {OWN_FORMAT}),
        ("import structlog\nlog = structlog.get_logger()\ndef handler(e, c): log.info(1)", {OWN_FORMAT}),
        ("from helper import logger\ndef handler(e, c): logger.info(1)", {POWERTOOLS}),
    ],
)
def test_formats(code: str, formats: set[str]) -> None:
    helper = "from aws_lambda_powertools import Logger\nlogger = Logger()"
    assert known(code, helper=helper).formats == formats
