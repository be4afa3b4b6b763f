"""Which file a Node.js function's Handler names, and what that exports."""

from __future__ import annotations

import pytest

from tests.lambda_code.node_functions import HANDLER, needs


def faults(code: str, handler: str = "index.handler", file: str = "index.js", runtime: str = "nodejs22.x") -> list[str]:
    found = needs({file: code}, handler, runtime)
    assert found.missing == ()
    return [fault.message for fault in found.faults]


@pytest.mark.parametrize(
    ("handler", "file"),
    [
        ("index.handler", "index.js"),
        ("index.handler", "index.mjs"),
        ("index.handler", "index.cjs"),
        ("./index.handler", "index.js"),
        ("/var/task/index.handler", "index.js"),
        ("src/orders/index.handler", "src/orders/index.js"),
        ("src.v2/index.handler", "src.v2/index.js"),
        ("index.handler", "index"),
        ("orders.handler", "orders/index.js"),
        ("orders.handler", "node_modules/orders/index.js"),
        ("src/index.handler", "index.js"),  # found by its name, since NODE_PATH has /var/task
    ],
)
def test_the_file_of_a_handler(handler: str, file: str) -> None:
    assert faults(HANDLER, handler, file) == []


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        ("app.handler", "but there is no app.js, app.mjs or app.cjs in its bundle"),
        ("src/app.handler", "but there is no src/app.js, src/app.mjs or src/app.cjs in its bundle"),
        ("handler", "which does not name a file and an export of it"),
        ("src/handler", "which does not name a file and an export of it"),
        ("../index.handler", "which does not name a file and an export of it"),
        ("index.", "which does not name a file and an export of it"),
        ("index.js.handler", "but index.js does not export js; it exports handler"),
    ],
)
def test_a_handler_that_is_not_there(handler: str, says: str) -> None:
    assert faults(HANDLER, handler) == [f"Handler is {handler}, {says}"]


def test_a_handler_in_a_layer() -> None:
    layer = {"nodejs/node_modules/wrapper/index.js": "exports.handler = 1", "nodejs/own.js": "exports.main = 1"}
    for handler in ("wrapper.handler", "/opt/nodejs/node_modules/wrapper/index.handler", "/opt/nodejs/own.main"):
        assert needs({"a.js": ""}, handler, layers=(layer,)).faults == ()
    assert needs({"a.js": ""}, "wrapper.handler", unknown=("arn",)).unread == ("wrapper may be in arn",)
    assert needs({"a.js": ""}, "wrapper.handler", search_path=None).faults == ()


@pytest.mark.parametrize(("runtime", "runs"), [("nodejs20.x", False), ("nodejs22.x", False), ("nodejs24.x", True)])
@pytest.mark.parametrize("suffix", [".ts", ".mts", ".cts"])
def test_typescript(runtime: str, runs: bool, suffix: str) -> None:
    says = (
        "Handler is index.handler, but there is no index.js, index.mjs or index.cjs in its bundle; "
        f"index{suffix} is TypeScript, which {runtime} does not run"
    )
    code = "export const handler = async (event: any): Promise<void> => {}"
    assert faults(code, file=f"index{suffix}", runtime=runtime) == ([] if runs else [says])


EXPORTED = [
    "exports.handler = f",
    "exports['handler'] = f",
    "module.exports.handler = f",
    "module.exports = { handler }",
    "module.exports = { handler: f, other }",
    "module.exports = { 'handler': f }",
    "module.exports = { async handler(event) {} }",
    "module.exports = exports = { handler: f }",
    "exports = module.exports = { handler: f }",
    "exports.main = exports.handler = f",
    "export const handler = f",
    "export let x, handler = f",
    "export const { handler } = f()",
    "export const { x: handler } = f()",
    "export const [handler] = f()",
    "export function handler() {}",
    "export async function handler() {}",
    "export class handler {}",
    "export { handler }",
    "export { f as handler }",
    "export { f as 'handler' }",
    "export { f as handler } from './f.js'",
    "export * as handler from './f.js'",
    "Object.defineProperty(exports, 'handler', { get })",
    "exports.handler = void 0;\nconst handler = async () => {};\nexports.handler = handler;",
    "exports.handler = middy(f).use(x())",
    "if (x) { exports.handler = f }",
    "0 && (module.exports = { handler });\nmodule.exports = __toCommonJS(x);",
]

UNKNOWN = [
    "module.exports = f",
    "module.exports = require('fs')",
    "module.exports = { ...f }",
    "module.exports = { [name]: f }",
    "module.exports = new Orders()",
    "module.exports = __toCommonJS(index_exports)",
    "exports[name] = f",
    "Object.assign(exports, { f })",
    "Object.assign(module.exports, { f })",
    "Object.defineProperty(exports, name, f)",
    "__exportStar(x, exports)",
    "f(module)",
    "const out = exports; out.handler = f",
    "const all = { exports }",
    "(function (exports) { exports.x = f })(this)",
    "this.handler = f",
    "export * from 'fs'",
    "export default { handler: f }",
    "export default f",
    "export default new App()",
    "exports.x = f; exports.y = ;",
]

LACKING = {
    "": "",
    "const handler = async () => {}": "",
    "exports.main = f": "; it exports main",
    "exports.Handler = f": "; it exports Handler",
    "module.exports = { main: f }": "; it exports main",
    "module.exports = async (event) => {}": "",
    "module.exports = class {}": "",
    "module.exports = {}": "",
    "export const main = f": "; it exports main",
    "export { handler as main }": "; it exports main",
    "export default async function (event) {}": "; it exports default",
    "export default async (event) => {}": "; it exports default",
    "exports.__esModule = true; exports.lambdaHandler = f": "; it exports lambdaHandler",
    "Object.defineProperty(exports, '__esModule', { value: true })": "",
    "if (require.main === module) { handler() }": "",
    "typeof module !== 'undefined' && run()": "",
    "// exports.handler = f": "",
    "const text = 'exports.handler'": "",
    "function Order() { this.handler = 1 }": "",
    "other.exports.handler = f": "",
}


@pytest.mark.parametrize("code", [*EXPORTED, *UNKNOWN])
def test_what_exports_a_handler_or_may_do_so(code: str) -> None:
    files = {"index.js": code, "f.js": ""}
    assert [fault.message for fault in needs(files).faults] == []


@pytest.mark.parametrize("code", LACKING)
def test_no_such_export(code: str) -> None:
    says = f"Handler is index.handler, but index.js does not export handler{LACKING[code]}"
    assert faults(code) == [says]


def test_handlers_in_objects_and_the_default() -> None:
    assert faults("exports.orders = { create: f }", "index.orders.create") == []
    assert faults("export default async () => {}", "index.default") == []
    assert faults("exports.default = f", "index.default") == []


def test_a_bundle_of_esbuild() -> None:
    code = (
        "var index_exports = {};\n__export(index_exports, { main: () => main });\n"
        "module.exports = __toCommonJS(index_exports);\nvar main = async () => {};\n"
        "// Annotate the CommonJS export names for ESM import in node:\n0 && (module.exports = {\n  main\n});\n"
    )
    assert faults(code, "index.main") == []
    assert faults(code) == ["Handler is index.handler, but index.js does not export handler; it exports main"]
