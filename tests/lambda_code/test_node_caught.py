"""Whether Node.js handlers log the errors that they catch."""

from __future__ import annotations

import pytest

from tests.lambda_code.node_functions import caught, logs

NEITHER = "neither logs the error nor throws it again"
VAGUE = "logs that something failed, but not the error"
ANSWERS = "answers with an error that it does not log"


def tried(body: str, clause: str = "catch (err)", work: str = "await db.put(event)") -> str:
    return f"exports.handler = async (event) => {{ try {{ {work}; console.log('ok') }} {clause} {{ {body} }} }}"


BAD = {
    "": NEITHER,
    "return { statusCode: 500, body: err.message }": NEITHER,
    "return err": NEITHER,
    "const message = err.message; return { statusCode: 500, message }": NEITHER,
    "failures.push({ itemIdentifier: record.messageId })": NEITHER,
    "metrics.addMetric('errors', 1)": NEITHER,
    "response = { statusCode: 500, body: err.message }": NEITHER,
    "JSON.stringify(err)": NEITHER,
    "callback(null, err)": NEITHER,
    "stream.write(err.message)": NEITHER,
    "console.log('it failed')": VAGUE,
    "console.error('it failed', event)": VAGUE,
    "logger.error('it failed')": VAGUE,
}


@pytest.mark.parametrize("body", BAD)
def test_an_error_that_is_lost(body: str) -> None:
    assert caught(tried(body)) == [f"`catch (err)` {BAD[body]}"]


def test_a_catch_without_a_name() -> None:
    assert caught(tried("", "catch")) == [f"`catch` {NEITHER}"]
    assert caught(tried("console.error('it failed')", "catch")) == [f"`catch` {VAGUE}"]
    assert caught(tried("throw new Error('it failed')", "catch")) == []


def test_the_place_and_the_remedy() -> None:
    found = logs("exports.handler = async () => {\n  console.log(1);\n  try {\n    await f();\n  } catch (e) {\n  }\n}")
    assert found is not None
    [problem] = found.problems
    assert (problem.kind, problem.site.path, problem.site.line) == ("except", "index.js", 5)
    assert problem.remedy == 'Write console.error("what failed", error) there, or throw the error again.'


GOOD = [
    "console.error(err)",
    "console.log('it failed', err)",
    "console.error(`it failed: ${err.message}`)",
    "console.error('it failed', { error: err })",
    "const message = err.message; const text = `x ${message}`; console.warn(text)",
    "logger.error('it failed', err)",
    "this.logger.warn({ err }, 'it failed')",
    "if (err.code === 'X') { return null } throw err",
    "throw new OrderError('it failed', { cause: err })",
    "reject(err)",
    "callback(err)",
    "callback('Unauthorized')",
    "return cb(new Error('x'))",
    "context.fail(err)",
    "next(err)",
    "Sentry.captureException(err)",
    "span.recordException(err)",
    "tracer.addErrorAsMetadata(err)",
    "subsegment.addError(err)",
    "reportError(err)",
    "handleError(err)",
    "note(err)",
    "fail(err)",
    "await sfn.send(new SendTaskFailureCommand({ error: err.name }))",
    "await stepfunctions.sendTaskFailure({}).promise()",
    "await response.send(event, context, response.FAILED, {})",
    "process.exit(1)",
    "response = err; console.log(response)",
]


@pytest.mark.parametrize("body", GOOD)
def test_an_error_that_is_told(body: str) -> None:
    own = "const note = (e) => { console.error(e) }\nfunction fail(e) { throw e }\nlet response\n"
    assert caught(own + tried(body)) == []


def test_a_function_that_keeps_it_to_itself_does_not_tell() -> None:
    own = "const answer = (e) => ({ statusCode: 500, body: e.message })\n"
    assert caught(own + tried("return answer(err)")) == [f"`catch (err)` {NEITHER}"]


EXPECTED = {
    "return null": "JSON.parse(event.body)",
    "body = {}": "body = JSON.parse(event.body).items.map(String)",
    "return false": "new URL(event.url)",
    "value = ''": "decodeURIComponent(event.key).split('/')",
    "": "fs.unlinkSync('/tmp/x')",
    "cache = null": "await redis.quit()",
    "return undefined": "require('./x')",
    "if (err.name === 'ResourceNotFoundException') return null": "await db.get(event)",
    "if (err.code !== 'ENOENT') return {}": "await fs.promises.readFile(event.path)",
}


@pytest.mark.parametrize("body", EXPECTED)
def test_what_may_well_fail(body: str) -> None:
    code = (
        f"exports.handler = async (event) => {{ console.log(1); try {{ {EXPECTED[body]} }} catch (err) {{ {body} }} }}"
    )
    assert caught(code) == []


@pytest.mark.parametrize("answer", ["{ statusCode: 400, body: 'no JSON' }", "{ error: 'no JSON' }"])
def test_an_answer_with_an_error(answer: str) -> None:
    code = f"exports.handler = (e) => {{ console.log(1); try {{ JSON.parse(e) }} catch (err) {{ return {answer} }} }}"
    assert caught(code) == [f"`catch (err)` {ANSWERS}"]
    assert caught(code.replace("400", "404").replace("error:", "found:")) == []


PROMISES = {
    "await f().catch(() => {})": [f"`.catch(...)` {NEITHER}"],
    "await f().catch(() => null)": [f"`.catch(...)` {NEITHER}"],
    "await f().then(g).catch(function (e) { return null })": [f"`.catch(...)` {NEITHER}"],
    "await f().then(g, (e) => { h() })": [f"`.then(...)` {NEITHER}"],
    "await f().catch((e) => { console.log('it failed') })": [f"`.catch(...)` {VAGUE}"],
    "await f().catch((e) => { console.error(e) })": [],
    "await f().catch(console.error)": [],
    "await f().catch(handle)": [],
    "await f().catch((e) => { throw e })": [],
    "await f().catch((e) => reject(e))": [],
    "await f().catch((e) => ({ error: e }))": [],
    "await f().catch(e => e)": [],
    "await f().then(g)": [],
    "await redis.quit().catch(() => {})": [],
    "const x = new Promise((resolve, reject) => f((err, d) => { if (err) { reject(err) } resolve(d) }))": [],
    "f((err, data) => { if (err) { return } g(data) })": [f"`if (err)` {NEITHER}"],
    "f(function (err, data) { if (err) { cb(null, 'no') } else { g(data) } })": [f"`if (err)` {NEITHER}"],
    "f((err, data) => { if (err) { console.log(err) } g(data) })": [],
    "f((err, data) => { if (err) return cb(err); g(data) })": [],
    "f((err, data) => { if (err !== null) { throw err } g(data) })": [],
    "f((err, data) => cb(err, data))": [],
    "f((data, err) => { if (err) { g() } })": [],
    "if (e) { g() }": [],
    "for (const error of errors) { if (error) { g() } }": [],
}


@pytest.mark.parametrize("statement", PROMISES)
def test_promises_and_callbacks(statement: str) -> None:
    assert caught(f"exports.handler = async (x, c, cb) => {{ console.log(1); {statement} }}") == PROMISES[statement]


CARRIED = [
    "async function get(e) { try { return await db.get(e) } catch (err) { return { error: err } } }",
    "async function get(e) { let last; try { await f() } catch (err) { last = err } if (last) throw last }",
    "async function get(e) { try { await f() } catch (err) { this.error = err } }",
    "async function get(e) { await Promise.all(e.map(async (x) => { try { f(x) } catch (err) { bad.push(err) } })) }",
]


@pytest.mark.parametrize("function", CARRIED)
def test_an_error_that_goes_to_a_caller(function: str) -> None:
    assert caught(f"{function}\nexports.handler = async (e) => {{ console.log(await get(e)) }}") == []


def test_an_error_that_is_kept_by_the_handler() -> None:
    code = "exports.handler = async (e) => {{ let x; try {{ await f() }} catch (err) {{ x = err }} {} }}"
    assert caught(code.format("console.log(x)")) == []
    assert caught(code.format("if (x) throw x")) == []
    assert caught(code.format("console.log(1); return x")) == [f"`catch (err)` {NEITHER}"]


def test_only_what_the_handler_calls_is_judged() -> None:
    lost = "async () => { try { await f() } catch (e) { } }"
    assert caught(f"const other = {lost}\nexports.handler = async () => {{ console.log(1) }}") == []
    assert caught(f"const get = {lost}\nexports.handler = async () => {{ console.log(await get()) }}") == [
        f"`catch (e)` {NEITHER}"
    ]
    assert caught(
        "const { get } = require('./db')\nexports.handler = async () => console.log(await get())",
        {"db.js": f"exports.get = {lost}"},
    ) == [f"`catch (e)` {NEITHER}"]


def test_routes_are_called_by_the_app() -> None:
    code = (
        "const app = express()\n"
        "app.get('/', async (req, res) => { try { await f() } catch (e) { res.status(500).end() } })\n"
        "exports.handler = serverless(app)"
    )
    assert caught(code) == [f"`catch (e)` {NEITHER}"]


def test_an_error_that_is_written() -> None:
    found = logs(tried("process.stderr.write(err.stack)"))
    assert found is not None
    [problem] = found.problems
    assert (problem.kind, problem.is_minor) == ("print", True)
    assert problem.says.startswith("`catch (err)` writes its error to the stream: ")
