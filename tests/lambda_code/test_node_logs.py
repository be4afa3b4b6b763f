"""How Node.js handlers log: what came of their invocations, and which lines carry an id."""

from __future__ import annotations

import pytest

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.logging_facts import OWN_FORMAT, POWERTOOLS, PRINTED, RUNTIME
from tests.lambda_code.node_functions import kinds, logs

NO_RESULT = {
    "nothing": "exports.handler = async (event) => db.get(event)",
    "a function": "exports.handler = async function (event) { await db.put(event); return 1 }",
    "esm": "export const handler = async (event) => { await db.put(event) }",
    "by name": "async function main(event) { await db.put(event) }\nmodule.exports = { handler: main }",
    "another function": "exports.handler = async (e) => { await db.get(e) }\nfunction other() { console.log(1) }",
    "only in a catch": "exports.handler = async () => { try { await f() } catch (e) { console.log(e); throw e } }",
    "only in .catch": "exports.handler = () => f().catch((e) => { console.log(e); throw e })",
    "only in a callback's error": "exports.handler = (e, c, cb) => f((err) => { if (err) console.log(err); cb(err) })",
    "an error only": "exports.handler = async (e) => { if (!e) { console.error('none') } await f() }",
    "at import": "console.log('cold start')\nexports.handler = async () => { await f() }",
    "no logger": "exports.handler = async () => { await catalog.info(dialog.error(Math.log(2))) }",
    "a logger is made": "exports.handler = async () => { const log = createLogger(); log.setLevel('info'); await f() }",
    "metrics": "exports.handler = async () => { metrics.addMetric('x', 1); tracer.putMetadata('x', 1); await f() }",
    "middy": "exports.handler = middy(async () => { await f() }).use(injectLambdaContext(logger)).use(cors())",
    "tracer": "exports.handler = tracer.captureLambdaHandler(async () => { await f() })",
    "streams": "exports.handler = awslambda.streamifyResponse(async (event, stream) => { await stream.end() })",
    "a helper in a catch": (
        "const note = (e) => console.log(e)\n"
        "exports.handler = async () => { try { await f() } catch (e) { note(e); throw e } }"
    ),
}


@pytest.mark.parametrize("code", NO_RESULT.values(), ids=list(NO_RESULT))
def test_no_result_is_logged(code: str) -> None:
    assert kinds(code)[0] == "result"


RESULT = {
    "console": "exports.handler = async () => { await f(); console.log('done') }",
    "at another level": "exports.handler = async () => { await f(); console.warn('done') }",
    "in a callback": "exports.handler = (event, context, cb) => f((data) => { console.info(data); cb(null, data) })",
    "in then": "exports.handler = () => f().then(console.log)",
    "in the else of an error": "exports.handler = (x, c, cb) => f((e, d) => { if (e) cb(e); else console.log(d) })",
    "pino": "const log = require('pino')()\nexports.handler = async () => { log.info('done') }",
    "pino by another name": "const out = require('pino')()\nexports.handler = async () => { out.info('done') }",
    "winston": "const w = winston.createLogger({})\nexports.handler = async () => { w.log('info', 'done') }",
    "Powertools": "const l = new Logger()\nexport const handler = async () => { l.info('done') }",
    "child": "exports.handler = async () => { logger.child({ a: 1 }).info('done') }",
    "this.logger": "class A { run() { this.logger.debug('x') } }\nconst a = new A()\nexports.handler = () => a.run()",
    "req.log": "app.get('/', (req) => { req.log.info('x') })\nexports.handler = serverless(app)\nconst app = express()",
    "the event": "exports.handler = middy(g).use(injectLambdaContext(log, { logEvent: true }))\nasync function g() {}",
    "a stream": "exports.handler = async () => { process.stdout.write('done') }",
    "debug": "const d = require('debug')('x')\nexports.handler = async () => { d('done') }",
    "a function of its own": "const save = () => { console.log(1) }\nexports.handler = async () => { await save() }",
    "a method": "const o = { save() { console.log(1) } }\nexports.handler = async () => o.save()",
    "a class": "class Orders { async save() { console.log(1) } }\nexports.handler = async () => new Orders().save()",
    "two calls away": (
        "const a = () => b()\nfunction b() { console.log(1) }\nexports.handler = async () => { await a() }"
    ),
    "handed over": "const work = async (r) => { console.log(r) }\nexports.handler = async (e) => e.Records.map(work)",
    "wrapped": "const wrap = (g) => (e) => { console.log(e); return g(e) }\nexports.handler = wrap(async () => f())",
    "bound": "class A { async run() { console.log(1) } }\nconst a = new A()\nexports.handler = a.run.bind(a)",
    "a named function that cannot be read": "exports.handler = async () => { logResult(await f()) }",
    "nothing is done": "exports.handler = async () => {}",
    "only throws": "exports.handler = async () => { throw new Error('not yet') }",
    "somebody's wrapper": "exports.handler = withTelemetry(async () => { await f() })",
    "what is required at runtime": "exports.handler = async (e) => require(`./${e.name}`).run(e)",
}


@pytest.mark.parametrize("code", RESULT.values(), ids=list(RESULT))
def test_a_result_is_logged_or_may_be(code: str) -> None:
    assert kinds(code) == []


def test_the_message() -> None:
    found = logs("\nexports.handler = async (event) => {\n  await db.get(event)\n}")
    assert found is not None
    [problem] = found.problems
    assert (problem.site.path, problem.site.line, problem.is_minor) == ("index.js", 2, False)
    assert problem.says == (
        "the handler `handler` logs nothing: what came of an invocation, and that it went well, is not to be seen"
    )
    assert problem.remedy == 'Log what came of each invocation: console.info("order stored", { orderId }).'
    errors = logs("exports.handler = async (e) => { if (!e) console.error(1); await f() }")
    assert errors is not None
    assert errors.problems[0].says.startswith("the handler `handler` logs nothing but errors: ")


@pytest.mark.parametrize(
    ("code", "is_minor"),
    [
        ("exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) })", True),
        ("const path = require('node:path')\nexports.handler = (e, c, cb) => cb(null, path.join(e.a, e.b))", True),
        ("const { S3 } = require('@aws-sdk/client-s3')\nexports.handler = (e) => new S3().send(e)", False),
        ("exports.handler = async () => { await f() }", False),
    ],
)
def test_a_handler_that_only_computes(code: str, is_minor: bool) -> None:
    found = logs(code)
    assert found is not None
    assert [problem.is_minor for problem in found.problems] == [is_minor]


OTHER_FILES = [
    (
        "const { save } = require('./db')\nexports.handler = async () => save()",
        "exports.save = () => { console.log(1) }",
    ),
    (
        "const db = require('./db')\nexports.handler = async () => db.save()",
        "module.exports = { save() { console.log(1) } }",
    ),
    (
        "import { save as store } from './db'\nexport const handler = async () => store()",
        "export function save() { console.log(1) }",
    ),
    (
        "import * as db from './db.js'\nexport const handler = async () => db.save()",
        "export const save = () => console.log(1)",
    ),
    (
        "import main from './db'\nexport const handler = async () => main()",
        "export default async () => { console.log(1) }",
    ),
    (
        "const main = require('./db')\nexports.handler = async () => main()",
        "module.exports = async () => { console.log(1) }",
    ),
    (
        "const { save: store } = require('./db')\nexports.handler = async () => store()",
        "exports.save = () => { console.log(1) }",
    ),
    ("import { out } from './db'\nexport const handler = async () => { out.info(1) }", "export const out = pino()"),
]


@pytest.mark.parametrize(("code", "db"), OTHER_FILES)
def test_other_files_of_the_author(code: str, db: str) -> None:
    assert kinds(code, {"db.js": db}) == []
    silent = db.replace("console.log(1)", "f()").replace("pino()", "{ info() { f() } }")
    if "out.info" not in code:
        assert kinds(code, {"db.js": silent}) == ["result"]


def test_libraries_do_not_count() -> None:
    code = "const { save } = require('db')\nexports.handler = async () => { await save() }"
    assert kinds(code, {"node_modules/db/index.js": "exports.save = () => { console.log(1) }"}) == ["result"]


@pytest.mark.parametrize("handler", ["other.handler", "index.none", "index.orders.create", "index"])
def test_a_handler_that_is_not_found(handler: str) -> None:
    assert logs("exports.handler = async () => { await f() }", handler=handler) is None


@pytest.mark.parametrize(
    "code",
    [
        "module.exports = require('./db')",
        "exports.handler = undefined",
        "exports.handler = 1",
        "exports.handler = lib.create()",
        "export { handler } from './db'",
        "export * from './db'",
    ],
)
def test_a_handler_that_is_elsewhere(code: str) -> None:
    assert logs(code, {"db.js": "exports.handler = async () => { await f() }"}) is None


def test_a_file_that_cannot_be_read() -> None:
    with pytest.raises(UnreadError):
        logs("const db = require('./db')\nexports.handler = async () => db.get()", {"db.js": "let x = ;"})


IDS = [
    ("console.log('x')", {RUNTIME}, True),
    ("console.error('x'); out.info('y')", {RUNTIME, OWN_FORMAT}, True),
    ("out.info('x')", {OWN_FORMAT}, False),
    ("out.info({ requestId: context.awsRequestId }, 'x')", {OWN_FORMAT}, True),
    ("out.child({ correlation_id: id }).info('x')", {OWN_FORMAT}, True),
    ("out.info({ 'x-amzn-trace-id': id })", {OWN_FORMAT}, True),
    ("context.logger.info('x')", {OWN_FORMAT}, True),
    ("stepContext.logger.info('x')", {OWN_FORMAT}, True),
    ("process.stdout.write('x')", {PRINTED}, False),
    ("process.stdout.write(JSON.stringify({ requestId }))", {PRINTED}, True),
    ("console.table(rows)", {PRINTED}, False),
    ("compute()", set(), False),
]


@pytest.mark.parametrize(("statement", "formats", "has_id"), IDS)
def test_ids(statement: str, formats: set[str], has_id: bool) -> None:
    found = logs(f"const out = require('pino')()\nexports.handler = async (event, context) => {{ {statement} }}")
    assert found is not None
    assert (set(found.formats), found.has_id) == (formats, has_id)


@pytest.mark.parametrize(
    ("start", "has_id"),
    [("", False), ("logger.addContext(context)", True), ("logger.appendKeys({ requestId: 1 })", True)],
)
def test_powertools(start: str, has_id: bool) -> None:
    head = "import { Logger } from '@aws-lambda-powertools/logger'\nconst logger = new Logger()\n"
    found = logs(f"{head}export const handler = async (event, context) => {{ {start}; logger.info('x') }}")
    assert found is not None
    assert (set(found.formats), found.has_id) == ({POWERTOOLS}, has_id)
