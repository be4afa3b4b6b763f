"""Whether what Python handlers catch is logged."""

from __future__ import annotations

import textwrap

import pytest

from cdk_guardrails.lambda_code.logs import logs_of
from cdk_guardrails.lambda_code.python import PythonBundle
from cdk_guardrails.lambda_code.reached import Sources
from tests.lambda_code.handlers import Files, kinds, known


def caught(
    body: str, exception: str = "Exception as e", before: str = "", after: str = "", **modules: str
) -> list[str]:
    """The kinds of problems of an ``except`` with this body, in a handler that logs its result."""
    code = f"""\
import boto3, cfnresponse, contextlib, json, logging, os, sys, traceback
from http import HTTPStatus
from botocore.exceptions import ClientError
logger = logging.getLogger()
table = boto3.resource("dynamodb").Table("orders")
{textwrap.dedent(before)}
def handler(event, context):
    errors = []
    try:
        item = table.get_item(Key=event["key"])
    except {exception}:
{textwrap.indent(textwrap.dedent(body), " " * 8)}
    logger.info("done")
{textwrap.indent(textwrap.dedent(after), " " * 4)}
"""
    return kinds(code, **modules)


LOGGED = [
    "logger.exception('failed')",
    "logger.exception('failed'); return {'statusCode': 500}",
    "logger.error('failed', exc_info=True)",
    "logger.error('failed', exc_info=e)",
    "logger.error('failed: %s', e)",
    "logger.error(f'failed: {e}')",
    "logger.error('failed: ' + str(e))",
    "logger.warning({'error': repr(e)})",
    "logger.error('failed', extra={'error': str(e)})",
    "logger.error(e.response['Error']['Message'])",
    "logger.error(traceback.format_exc())",
    "logger.log(logging.ERROR, 'failed %s', e)",
    "logging.exception('failed')",
    "logging.getLogger(__name__).error(e)",
    "logger.bind(order=1).exception('failed')",
    "logger.opt(exception=True).error('failed')",
    "message = f'failed: {e}'\nlogger.error(message)",
    "code = e.response['Error']['Code']\nif code == 'X':\n    return None\nlogger.error(code)",
    "kind, value, tb = sys.exc_info()\nlogger.error('%s', value)",
    "if event.get('quiet'):\n    return None\nlogger.exception('failed')",
    "self.logger.error(e)",
    "context.log(e)\nlog_error(e)",
    "sentry_sdk.capture_exception(e)\nreturn None",
    "cfnresponse.send(event, context, cfnresponse.FAILED, {'Error': str(e)})",
    "raise",
    "raise ValueError('no such order') from e",
    "if event['strict']:\n    raise\nreturn None",
    "sys.exit(1)",
    "os._exit(1)",
    "future.set_exception(e)",
    "sfn.send_task_failure(taskToken='t', cause=str(e))",
]


@pytest.mark.parametrize("body", LOGGED)
def test_logged_or_raised(body: str) -> None:
    assert caught(body) == []


SILENT = [
    "pass",
    "...",
    "return None",
    "return {'statusCode': 500, 'body': str(e)}",
    "return {'statusCode': 500, 'body': json.dumps({'error': 'internal'})}",
    "item = {}",
    "errors.append(e)",
    "metrics.add_metric(name='Failures', value=1, unit='Count')",
    "table.put_item(Item={'error': str(e)})",
    "sns.publish(Message=str(e))",
    "logger.error('failed')",
    "logger.error('failed', exc_info=False)",
    "logger.info('order %s', event['id'])",
    "print('failed')",
    "cfnresponse.send(event, context, cfnresponse.FAILED, {})",
    "e = None\nlogger.error('failed')",
    "warnings.warn('failed')",
    "math.log(2)",
    "catalog.error",
]


@pytest.mark.parametrize("body", SILENT)
def test_not_logged(body: str) -> None:
    assert caught(body) == ["except"]


@pytest.mark.parametrize(
    ("exception", "label"),
    [
        ("Exception", "`except Exception`"),
        ("Exception as e", "`except Exception`"),
        ("(ClientError, Exception)", "`except (ClientError, Exception)`"),
        ("BaseException", "`except BaseException`"),
        ("ClientError", "`except ClientError`"),
        ("(KeyError, ClientError)", "`except (KeyError, ClientError)`"),
        ("requests.exceptions.RequestException", "`except RequestException`"),
        ("TimeoutError", "`except TimeoutError`"),
        ("(A, B, C, ClientError)", "`except (A, B, C, ...)`"),
        ("", "`except:`"),
    ],
)
def test_what_is_caught(exception: str, label: str) -> None:
    code = f"""
        import boto3, requests
        from botocore.exceptions import ClientError
        def handler(event, context):
            print("start")
            try:
                boto3.client("s3").list_buckets()
            except {exception}:
                pass
    """
    [problem] = known(code).problems
    assert (problem.kind, problem.site.path, problem.site.line) == ("except", "app.py", 8)
    assert problem.says == f"{label} neither logs the error nor raises it again"
    assert problem.remedy == 'Write logger.exception("what failed") there, or raise the error again.'
    assert not problem.is_minor


EXPECTED = [
    "KeyError",
    "(KeyError, IndexError, TypeError)",
    "ValueError",
    "json.JSONDecodeError",
    "StopIteration",
    "ImportError",
    "FileNotFoundError",
    "queue.Empty",
    "asyncio.CancelledError",
    "table.meta.client.exceptions.ConditionalCheckFailedException",
    "s3.exceptions.NoSuchKey",
    "ResourceNotFoundException",
    "NotThere",
]


@pytest.mark.parametrize("exception", EXPECTED)
@pytest.mark.parametrize("body", ["pass", "item = {}", "return None", "return {'statusCode': 404}", "print('none')"])
def test_exceptions_that_are_answers(exception: str, body: str) -> None:
    assert caught(body, exception, before="class NotThere(Exception): pass") == []


@pytest.mark.parametrize("exception", EXPECTED)
@pytest.mark.parametrize(
    "body",
    [
        "return {'statusCode': 400, 'body': 'bad request'}",
        "return respond(400, 'bad request')",
        "return {'statusCode': HTTPStatus.BAD_REQUEST}",
        "return {'error': 'bad request'}",
        "item = {'statusCode': 422}",
    ],
)
def test_but_not_when_the_answer_is_an_error(exception: str, body: str) -> None:
    before = "class NotThere(Exception): pass\ndef respond(status, body): return {'statusCode': status, 'body': body}"
    assert caught(body, exception, before=before) == ["except"]
    assert caught(f"logger.info('bad request')\n{body}", exception, before=before) == []


def test_the_message_of_an_answer() -> None:
    code = """
        import json
        def handler(event, context):
            try:
                body = json.loads(event["body"])
            except ValueError:
                return {"statusCode": 400}
            print(body)
    """
    [problem] = known(code).problems
    assert problem.says == "`except ValueError` answers with an error that it does not log"


@pytest.mark.parametrize("exception", ["TimeoutError", "stripe.error.CardError", "KeyError", "s3.exceptions.NoSuchKey"])
def test_a_type_that_says_what_went_wrong_needs_no_exception_in_the_log(exception: str) -> None:
    assert caught("logger.warning('no order')", exception) == []


def test_the_message_of_a_log_without_the_exception() -> None:
    [problem] = known(
        "import boto3\ndef handler(e, c):\n    log.info(e)\n    try:\n        boto3.x()\n"
        "    except Exception:\n        log.error('no')"
    ).problems
    assert problem.says == "`except Exception` logs that something failed, but not the exception"


CONVERSIONS = [
    "float(event['size'])",
    "json.loads(event['body'])",
    "event['a']['b']",
    "int(event.get('n', '').strip())",
]


@pytest.mark.parametrize("tried", CONVERSIONS)
@pytest.mark.parametrize("exception", ["", " Exception", " BaseException"])
def test_a_default_for_a_value_that_cannot_be_read(tried: str, exception: str) -> None:
    code = "import json\ndef handler(event, c):\n    print(event)\n    try:\n        x = {}\n    except{}:\n        {}"
    assert kinds(code.format(tried, exception, "x = 0")) == []
    assert kinds(code.format(tried, exception, "pass")) == ["except"]
    assert kinds(code.format(tried, exception, "return {'statusCode': 400}")) == ["except"]


@pytest.mark.parametrize(
    "tried", ["requests.get(url)", "table.get(1)", "self.cache.get(1)", "redis.get('x')", "load(event)"]
)
def test_what_reaches_out_is_no_conversion(tried: str) -> None:
    code = f"""
        import requests
        redis = connect()
        table = connect()
        def handler(self, event):
            print(event)
            try:
                x = {tried}
            except Exception:
                x = None
    """
    assert kinds(code) == ["except"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("try:\n    os.remove('/tmp/x')\nexcept OSError:\n    pass", []),
        ("try:\n    file.close()\n    shutil.rmtree(path)\nexcept (OSError, ValueError):\n    pass", []),
        ("try:\n    os.remove('/tmp/x')\nexcept Exception:\n    pass", ["except"]),
        ("try:\n    save()\nexcept OSError:\n    pass", ["except"]),
        ("try:\n    import orjson\nexcept Exception:\n    orjson = None", []),
        ("with contextlib.suppress(KeyError):\n    save()", []),
        ("with suppress(OSError):\n    os.unlink(path)", []),
        ("with contextlib.suppress(Exception):\n    save()", ["except"]),
        ("with suppress(KeyError, ClientError):\n    save()", ["except"]),
        ("async with suppress(Exception):\n    save()", ["except"]),
        ("with other.suppress(Exception):\n    save()", []),
        ("with suppress(*errors):\n    save()", []),
        ("try:\n    save()\nfinally:\n    pass", []),
        ("for each in e:\n    try:\n        save()\n    except Exception:\n        continue", ["except"]),
        (
            (
                "try:\n    save()\nexcept Exception as x:\n    try:\n        undo()\n"
                "    except Exception:\n        log.exception('no')"
            ),
            [],
        ),
        ("try:\n    save()\nexcept ERRORS:\n    pass", ["except"]),
        ("try:\n    save()\nexcept USUAL:\n    pass", []),
    ],
)
def test_other_clauses(code: str, found: list[str]) -> None:
    given = (
        "import contextlib, os, shutil\nfrom contextlib import suppress\n"
        "ERRORS = (KeyError, ClientError)\nUSUAL = (KeyError,)\n"
    )
    assert kinds(f"{given}async def handler(e, c):\n    print(e)\n{textwrap.indent(code, '    ')}") == found


def test_the_message_of_suppress() -> None:
    code = (
        "from contextlib import suppress\ndef handler(e, c):\n    print(e)\n"
        "    with suppress(Exception):\n        save()"
    )
    [problem] = known(code).problems
    assert (problem.says, problem.site.line) == ("`suppress(Exception)` neither logs the error nor raises it again", 4)


@pytest.mark.skipif("sys.version_info < (3, 11)")
def test_exception_groups() -> None:
    code = "def handler(e, c):\n    print(e)\n    try:\n        save()\n    except* OSError:\n        {}"
    files = {"app.py": code.format("pass")}
    found = logs_of(Sources([PythonBundle(Files(files), (3, 11))]), "app.handler")
    assert found is not None
    assert [problem.kind for problem in found.problems] == ["except"]


HELPERS = {
    "a function": ("def fail(e): logger.error(e)", "fail(e)"),
    "what a function returns": ("def fail(e):\n    logger.exception('x')\n    return 500", "return fail(e)"),
    "through another": ("def inner(e): logger.error(e)\ndef fail(e): return inner(e)", "return fail(e)"),
    "a method": ("class Api:\n    def fail(self, e): logger.error(e)\napi = Api()", "return api.fail(e)"),
    "a class": ("class Failure:\n    def __init__(self, e): logger.error(e)", "return Failure(e)"),
    "one that raises": ("class Failed(Exception): pass\ndef fail(e): raise Failed(e)", "fail(e)"),
    "one that prints": ("def fail(e): print(e)", "fail(e)"),
    "a context manager": ("@contextmanager\ndef fail():\n    logger.error('x')\n    yield", "with fail():\n    pass"),
}


@pytest.mark.parametrize(("before", "body"), HELPERS.values(), ids=list(HELPERS))
def test_a_function_that_is_called_logs(before: str, body: str) -> None:
    assert caught(body, before=before) == []


def test_a_function_of_another_module_logs() -> None:
    helper = "import logging\ndef fail(e):\n    logging.error(e)\n"
    assert caught("return fail(e)", before="from helper import fail", helper=helper) == []
    assert caught("return helper.fail(e)", before="import helper", helper=helper) == []
    assert caught("return fail(e)", before="from helper import fail", helper="def fail(e): return 500") == ["except"]


NO_HELP = {
    "a function that does not log": ("def fail(e): return {'statusCode': 500}", "return fail(e)"),
    "a method of that name elsewhere": ("def fail(e): return 1\ndef other(): logger.error('x')", "return fail(e)"),
    "a circle": ("def fail(e): return back(e)\ndef back(e): return fail(e)", "return fail(e)"),
}


@pytest.mark.parametrize(("before", "body"), NO_HELP.values(), ids=list(NO_HELP))
def test_a_function_that_is_called_does_not_log(before: str, body: str) -> None:
    assert caught(body, before=before) == ["except"]


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("errors.append(str(e))", "logger.error(errors)"),
        ("errors.append({'id': 1, 'error': str(e)})", "if errors:\n    raise RuntimeError(errors)"),
        ("problem = e", "if problem:\n    raise problem"),
        ("problem = str(e)\nerrors += [problem]", "summary = {'errors': errors}\nlogger.info(summary)"),
        ("results = {}\nresults['x'] = e", "logger.info('%s', results)"),
        ("errors.extend([e])", "return report(errors)"),
        ("self.errors.append(e)", "logger.info(self.errors)"),
    ],
)
def test_an_exception_that_is_kept_and_logged_later(body: str, after: str) -> None:
    assert caught(body, after=after, before="def report(e): logger.info(e)") == []


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("errors.append(str(e))", "return errors"),
        ("errors.append(event['id'])", "logger.error(errors)"),
        ("problem = True", "logger.error(problem)"),
        ("pass", "try:\n    save()\nexcept OSError as e:\n    logger.error(e)"),
    ],
)
def test_an_exception_that_is_lost(body: str, after: str) -> None:
    assert caught(body, after=after) == ["except"]


@pytest.mark.parametrize(
    ("returned", "handled", "found"),
    [
        ("return None, str(e)", "result, error = save()\n    if error:\n        logger.error(error)", []),
        ("return {'error': str(e)}", "result = save()\n    logger.info(result)", []),
        ("return {'error': str(e)}", "logger.info(save())", []),
        ("return e", "if (error := save()):\n        raise error", []),
        ("return {'error': str(e)}", "logger.info('x')\n    return save()", ["except"]),
        ("return {'error': 'failed'}", "result = save()\n    logger.info(result)", ["except"]),
        ("return None, str(e)", "result, error = outer()\n    logger.error(error)", []),
        ("return None, str(e)", "result, error = outer()\n    logger.error('x')", ["except"]),
    ],
)
def test_an_exception_that_is_returned(returned: str, handled: str, found: list[str]) -> None:
    code = f"""
import boto3, logging
logger = logging.getLogger()
def save():
    try:
        boto3.client("s3").list_buckets()
    except Exception as e:
        {returned}
def outer():
    found = save()
    return found
def handler(event, context):
    logger.info("start")
    {handled}
"""
    assert kinds(code) == found


def test_an_exception_that_another_method_logs() -> None:
    code = """
        class Job:
            def run(self):
                try: self.table.put()
                except Exception as e: self.failures.append(e)
            def end(self): log.info("failed: %s", self.failures)
        def handler(event, context):
            job = Job()
            job.run()
            job.end()
    """
    assert kinds(code) == []
    assert kinds(code.replace("self.failures)", "self.size)")) == ["except"]


@pytest.mark.parametrize(
    ("below", "tried", "found"),
    [
        ("logger.error(x)\n        raise", "tags.write()", []),
        ("logger.error(x)\n        raise", "done = write()", []),
        ("raise", "Tags().write()", ["except"]),
        ("logger.error(x)\n        return 1", "write()", ["except"]),
        ("logger.error(x)\n        raise", "write()\n        other()", ["except"]),
        ("logger.error(x)\n        raise", "write.other()", ["except"]),
    ],
)
def test_an_error_that_is_logged_below(below: str, tried: str, found: list[str]) -> None:
    clause = f"try: client.write()\n    except Exception as x:\n        {below}"
    method = clause.replace("\n", "\n    ")
    code = f"""
def write():
    {clause}
class Tags:
    def write(self):
        {method}
tags = Tags()
def handler(event, context):
    print(event)
    try:
        {tried}
    except Exception:
        pass
"""
    assert kinds(code) == found


PRINTED_ERRORS = [
    "print(e)",
    "print(f'failed: {e}')",
    "print('failed', str(e)); return {'statusCode': 500}",
    "print(e)\nraise",
    "print(traceback.format_exc())",
    "traceback.print_exc()",
    "sys.stderr.write(str(e))",
    "message = str(e)\nprint(message)\nreturn {'error': message}",
    "pprint.pprint(e)",
]


@pytest.mark.parametrize("body", PRINTED_ERRORS)
def test_printed(body: str) -> None:
    assert caught(body) == ["print"]
    assert caught(f"{body.partition('raise')[0]}\nlogger.exception('failed')") == []


def test_the_message_of_a_print() -> None:
    [problem] = known(
        "def handler(e, c):\n    print(e)\n    try:\n        save()\n    except Exception as x:\n        print(x)"
    ).problems
    assert problem.says == "`except Exception` prints its error: without a level, no filter and no alarm finds it"
    assert problem.remedy == 'Write logger.exception("what failed") in place of the print.'
    assert problem.is_minor
    assert problem.site.line == 5


@pytest.mark.parametrize("body", ["print('x')\nraise", "print(event)\nlogger.exception('x')"])
def test_a_print_that_is_no_error(body: str) -> None:
    assert caught(body) == []


def test_a_function_called_print_of_the_authors() -> None:
    assert caught("print(e)", before="def print(x): logger.error(x)") == []


@pytest.mark.parametrize(
    ("decorator", "body", "found"),
    [
        ("app.exception_handler(Exception)", "return Response(500, str(ex))", ["except"]),
        ("app.exception_handler(ClientError)", "logger.exception('failed')\n    return Response(500)", []),
        ("app.exception_handler(ValueError)", "return Response(400)", ["except"]),
        ("app.exception_handler(ValueError)", "return Response(200)", []),
        ("app.errorhandler(Exception)", "logger.error(ex)\n    return 'failed'", []),
        ("app.not_found()", "return Response(404)", []),
        ("app.get('/x')", "return Response(500)", []),
    ],
)
def test_functions_that_are_registered_for_exceptions(decorator: str, body: str, found: list[str]) -> None:
    code = f"""
from aws_lambda_powertools import Logger
logger = Logger()
app = APIGatewayRestResolver()
@{decorator}
def failed(ex):
    {body}
@logger.inject_lambda_context(log_event=True)
def handler(event, context):
    return app.resolve(event, context)
"""
    assert kinds(code) == found


def test_many_clauses() -> None:
    clause = "    try: save()\n    except Exception as e: errors.append(e)\n"
    code = f"def handler(e, c):\n    print(e)\n    errors = []\n{clause * 2_000}"
    assert len(known(code).problems) == 100


def test_ten_thousand_functions() -> None:
    body = "    try:\n        x.save()\n    except Exception as e:\n        return e\n"
    code = "".join(f"def f{number}(x):\n    f{number + 1}(x)\n{body}" for number in range(10_000))
    found = known(f"{code}\ndef f10000(x): pass\ndef handler(e, c):\n    print(e)\n    f0(e)")
    assert len(found.problems) == 10_000
