"""How Python handlers log: what came of their invocations."""

from __future__ import annotations

import pytest

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.logging_facts import PRINTED
from tests.lambda_code.handlers import kinds, known, logs

EFFECT = "import boto3\ntable = boto3.resource('dynamodb').Table('orders')\n"

NO_RESULT = {
    "nothing": "def handler(e, c): return table.get_item(Key=e)",
    "another function": "def handler(e, c): return table.scan()\ndef other(): print(1)",
    "only in an except": (
        "def handler(e, c):\n    try:\n        table.scan()\n    except Exception:\n        log.exception('x')"
    ),
    "an error only": "def handler(e, c):\n    if not e:\n        logger.error('empty')\n    return table.scan()",
    "metrics and traces": (
        "@tracer.capture_lambda_handler\n"
        "@metrics.log_metrics(capture_cold_start_metric=True)\n"
        "def handler(e, c): return table.scan()"
    ),
    "without the event": "@logger.inject_lambda_context\ndef handler(e, c): return table.scan()",
    "not the event": "@logger.inject_lambda_context(log_event=False)\ndef handler(e, c): return table.scan()",
    "at import": "print('cold start')\nsize = print('x')\ndef handler(e, c): return table.scan()",
    "as a script": "def handler(e, c): return table.scan()\nif __name__ == '__main__':\n    print(handler({}, None))",
    "no logger": "def handler(e, c): return catalog.info(dialog.error(table.scan(math.log(2))))",
    "a helper in an except only": (
        "def note(x): print(x)\ndef handler(e, c):\n    try:\n        table.scan()\n"
        "    except OSError as x:\n        note(x)\n        raise"
    ),
    "an error at a level": "def handler(e, c):\n    logger.log(logging.ERROR, 'x')\n    return table.scan()",
    "a level is set": "def handler(e, c):\n    logger.setLevel('INFO')\n    return table.scan()",
}


@pytest.mark.parametrize("code", NO_RESULT.values(), ids=list(NO_RESULT))
def test_no_result_is_logged(code: str) -> None:
    assert kinds(EFFECT + code) == ["result"]


RESULT = {
    "logging": "def handler(e, c): logger.info(table.scan())",
    "print": "def handler(e, c): print(table.scan())",
    "warning": "def handler(e, c): logging.warning(table.scan())",
    "debug": "def handler(e, c): log.debug(table.scan())",
    "the event": "@logger.inject_lambda_context(log_event=True)\ndef handler(e, c): return table.scan()",
    "a function": "def save(e): logger.info(table.scan())\ndef handler(e, c): save(e)",
    "a decorator": (
        "def logged(f):\n    def wrapper(*a):\n        result = f(*a)\n"
        "        LOGGER.info(result)\n        return result\n    return wrapper\n@logged\n"
        "def handler(e, c): return table.scan()"
    ),
    "a library's decorator": "from log_tools import log_calls\n@log_calls\ndef handler(e, c): return table.scan()",
    "an alias": "info = logger.info\ndef handler(e, c): info(table.scan())",
    "an odd name": "x = logging.getLogger()\ndef handler(e, c): x.info(table.scan())",
    "an odd name elsewhere": "from helper import x\ndef handler(e, c): x.info(table.scan())",
    "structlog": "import structlog\nx = structlog.get_logger()\ndef handler(e, c): x.msg('done', n=table.scan())",
    "loguru": "from loguru import logger as x\ndef handler(e, c): x.success(table.scan())",
    "on self": "class H:\n    def __call__(self, e, c): self.logger.info(table.scan())\nhandler = H()",
    "of the class": (
        "class H:\n    log = make()\n    @classmethod\n"
        "    def run(cls, e): cls.log.info(table.scan())\ndef handler(e, c): H.run(e)"
    ),
    "finally": "def handler(e, c):\n    try:\n        table.scan()\n    finally:\n        _logger.info('done')",
    "else": (
        "def handler(e, c):\n    try:\n        table.scan()\n    except OSError:\n"
        "        raise\n    else:\n        LOG.info('done')"
    ),
    "a function that logs by name": "from helpers import log_event\ndef handler(e, c): log_event(table.scan())",
    "stdout": "import sys\ndef handler(e, c): sys.stdout.write(str(table.scan()))",
    "a nested function": (
        "def handler(e, c):\n    def each(x): logger.info(x)\n    return list(map(each, table.scan()))"
    ),
    "imported levels": "from logging import info\ndef handler(e, c): info(table.scan())",
    "Chalice": "app = Chalice()\n@app.route('/')\ndef index(): app.log.info(table.scan())\nhandler = app",
    "async": "async def handler(e, c):\n    async for item in table.scan():\n        logger.info(item)",
    "a generator": (
        "def items():\n    for each in table.scan():\n        logger.info(each)\n"
        "        yield each\ndef handler(e, c): return list(items())"
    ),
}


@pytest.mark.parametrize("code", RESULT.values(), ids=list(RESULT))
def test_a_result_is_logged(code: str) -> None:
    assert kinds(EFFECT + code, helper="import logging\nx = logging.getLogger()") == []


def test_the_message_of_no_result() -> None:
    [problem] = known(
        f"{EFFECT}\n\n@tracer.capture_lambda_handler\ndef handler(e, c):\n    return table.scan()"
    ).problems
    assert problem.says == (
        "the handler `handler` logs nothing: what came of an invocation, and that it went well, is not to be seen"
    )
    assert problem.remedy == (
        'Log what came of each invocation: logger.info("order stored", extra={"order_id": order_id}).'
    )
    assert (problem.site.line, problem.is_minor) == (6, False)
    code = f"{EFFECT}def handler(e, c):\n    log.error(1)\n    return table.scan()"
    assert known(code).problems[0].says.startswith("the handler `handler` logs nothing but errors: ")


@pytest.mark.parametrize(
    ("code", "is_minor"),
    [
        ("def handler(e, c): return {'statusCode': 200, 'body': 'hello'}", True),
        ("import json, os\ndef handler(e, c): return json.dumps({'region': os.environ['AWS_REGION']})", True),
        ("from urllib.parse import quote\nimport base64\ndef handler(e, c): return quote(base64.b64decode(e))", True),
        ("from http import HTTPStatus\ndef handler(e, c): return HTTPStatus.OK", True),
        ("import requests\ndef handler(e, c): return requests.get(e)", False),
        ("import urllib.request\ndef handler(e, c): return urllib.request.urlopen(e)", False),
        ("from http.client import HTTPSConnection\ndef handler(e, c): return HTTPSConnection(e)", False),
        ("import os\ndef handler(e, c): os.system(e)", False),
        ("def handler(e, c): return open('/tmp/x').read()", False),
        ("from helper import save\ndef handler(e, c): save(e)", False),
    ],
)
def test_a_handler_that_only_computes_is_minor(code: str, is_minor: bool) -> None:
    [problem] = known(code, helper="import boto3\ndef save(e): boto3.client('s3').put_object()").problems
    assert (problem.kind, problem.is_minor) == ("result", is_minor)


@pytest.mark.parametrize(
    "code",
    [
        "def handler(e, c): pass",
        "def handler(e, c):\n    '''Later.'''\n    ...",
        "def handler(e, c): return",
        "def handler(e, c): return None",
        "def handler(e, c): raise NotImplementedError",
    ],
)
def test_a_handler_that_does_nothing(code: str) -> None:
    assert kinds(code) == []


@pytest.mark.parametrize(
    "code",
    [
        "from common import save\ndef handler(e, c): return save(e)",
        "import importlib\ndef handler(e, c): return importlib.import_module(e['module']).run(e)",
    ],
)
def test_what_cannot_be_read_may_log(code: str) -> None:
    found = logs(code, unknown=True)
    assert found is not None
    assert found.problems == ()


def test_what_cannot_be_read_may_log_errors() -> None:
    code = (
        "from common import failed\ndef handler(e, c):\n    print(e)\n    try:\n"
        "        run()\n    except Exception:\n        failed()"
    )
    found = logs(code, unknown=True)
    assert found is not None
    assert found.problems == ()
    assert kinds(code) == ["except"]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "def other(e, c): pass",
        "from powertools import handler",
        "handler = Mangum(app)",
        "handler = None",
        "import handler",
    ],
)
def test_a_handler_that_cannot_be_found(code: str) -> None:
    assert logs(code) is None


@pytest.mark.parametrize("handler", ["", "app", "app.", ".handler", "other.handler", "app.Class.handler"])
def test_a_handler_that_is_not_there(handler: str) -> None:
    assert logs("def handler(e, c): pass", handler=handler) is None


def test_a_handler_in_a_package() -> None:
    modules = {
        "orders__api": "from .db import save\ndef handler(e, c): save()",
        "orders__db": "def save(): print(1)",
    }
    found = logs("", modules, handler="orders/api.handler")
    assert found is not None
    assert found.problems == ()
    assert found.formats == {PRINTED}


@pytest.mark.parametrize("code", ["def handler(:", "x = '\0'"])
def test_a_handler_that_is_no_python(code: str) -> None:
    with pytest.raises(UnreadError):
        logs(code)


def test_problems_are_in_order() -> None:
    code = """
        import boto3
        from helper import save
        def handler(event, context):
            try: boto3.x()
            except Exception: pass
            save()
    """
    helper = "def save():\n    try:\n        x()\n    except Exception: pass"
    found = [(problem.kind, problem.site.path, problem.site.line) for problem in known(code, helper=helper).problems]
    assert found == [("result", "app.py", 4), ("except", "app.py", 6), ("except", "helper.py", 4)]
