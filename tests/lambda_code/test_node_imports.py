"""What Node.js functions require, and where Node finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk_guardrails.lambda_code.bundle import FolderBundle, UnreadError
from cdk_guardrails.lambda_code.node.imports import NodeImports
from tests.lambda_code.node_functions import HANDLER, Files, Function, missing, needs

WANTS = ("which is neither in its bundle nor part of Node.js or its runtime",)


@pytest.mark.parametrize(
    "code",
    [
        "const axios = require('axios');",
        "const { get } = require(`axios`);",
        "import axios from 'axios';",
        "import 'axios';",
        "import * as axios from 'axios';",
        "export { get } from 'axios';",
        "export * from 'axios';",
        "const axios = await import('axios');",
        "const axios = require('axios/lib/core');",
        "module.require('axios')",
        "async function get() { const axios = require('axios'); }",
        "if (event.url) { require('axios') }",
        "try { require('axios') } finally { done() }",
        "import { createRequire } from 'module'; const require = createRequire(import.meta.url);\nrequire('axios')",
        "const x = event.kind === 'web' ? require('axios') : null;",
        "require(/* webpack */ 'axios')",
    ],
)
def test_a_package_that_is_not_there(code: str) -> None:
    found = needs(code)
    assert [(item.module, item.why) for item in found.missing] == [("axios", *WANTS)]
    assert found.missing[0].place.path == "index.js"


@pytest.mark.parametrize(
    "code",
    [
        "const fs = require('fs'); require('node:fs'); require('fs/promises'); require('stream/web')",
        "import 'node:sqlite'; import { test } from 'node:test';",
        "try { require('axios') } catch { }",
        "try { require('a') } catch (e) { require('b') }",
        "import('axios').catch(() => null)",
        "import('axios').then(use, ignore)",
        "const axios = process.env.LOCAL && require('axios');",
        "if (process.env.IS_LOCAL) require('dotenv').config();",
        "if (typeof window === 'undefined') { require('axios') }",
        "const f = globalThis.fetch || require('node-fetch');",
        "const f = globalThis.fetch ?? require('node-fetch');",
        "process.env.NODE_ENV === 'production' ? 0 : require('axios')",
        "require(name); import(name); require('./' + name); require(`./${name}`)",
        "require.resolve('axios')",
        "// require('axios')",
        "const text = \"require('axios')\";",
        "(function (require, module) { require('axios') })(x, y)",
        "const require = load(); require('axios');",
        "function require(name) {}; require('axios')",
        "other.require('axios')",
        "import x from 'https://esm.sh/axios'; import y from 'data:text/javascript,1'; import z from '#internal';",
        "require('/var/runtime/index.js'); require('/mnt/efs/models')",
        "import text from 'raw-loader!./x'",
        "require('')",
    ],
)
def test_what_may_fail_or_is_nobodys_to_know(code: str) -> None:
    assert missing(code) == []


@pytest.mark.parametrize(
    ("runtime", "wants", "lacks"),
    [
        ("nodejs24.x", ["@aws-sdk/client-s3", "@smithy/types", "@aws/durable-execution-sdk-js"], ["aws-sdk"]),
        ("nodejs22.x", ["@aws-sdk/client-s3", "@aws/durable-execution-sdk-js"], ["aws-sdk"]),
        ("nodejs18.x", ["@aws-sdk/lib-dynamodb"], ["aws-sdk", "@aws/durable-execution-sdk-js"]),
        ("nodejs16.x", ["aws-sdk", "aws-sdk/clients/s3"], ["@aws-sdk/client-s3", "@smithy/types"]),
        ("nodejs12.x", ["aws-sdk"], ["@aws-sdk/client-s3"]),
    ],
)
def test_what_the_runtime_ships(runtime: str, wants: list[str], lacks: list[str]) -> None:
    code = "\n".join(f"require('{name}');" for name in [*wants, *lacks])
    assert missing(code, runtime) == lacks


def test_the_sdk_of_the_other_version_is_named() -> None:
    [old] = needs("require('aws-sdk')").missing
    assert old.why == ("which is not in its bundle; of the AWS SDK, nodejs22.x ships version 3, @aws-sdk/client-...")
    assert old.remedy == "Use the AWS SDK that the runtime ships, or install aws-sdk into the bundle."
    [new] = needs("require('@aws-sdk/client-s3')", runtime="nodejs16.x").missing
    assert new.why == "which is not in its bundle; of the AWS SDK, nodejs16.x ships version 2, aws-sdk"


def test_cfn_response_is_there_for_inline_code() -> None:
    assert missing("require('cfn-response')", is_inline=True) == []
    assert missing("require('cfn-response')") == ["cfn-response"]


@pytest.mark.parametrize(
    "files",
    [
        {"node_modules/axios/index.js": ""},
        {"node_modules/axios/package.json": '{"main": "lib/a"}', "node_modules/axios/lib/a.js": ""},
        {"node_modules/axios/package.json": '{"main": "./lib"}', "node_modules/axios/lib/index.js": ""},
        {"node_modules/axios/package.json": '{"exports": "./a.mjs"}', "node_modules/axios/a.mjs": ""},
        {
            "node_modules/axios/package.json": '{"exports": {"import": {"node": "./a.js"}}}',
            "node_modules/axios/a.js": "",
        },
        {"node_modules/axios/package.json": "{broken"},
        {"node_modules/axios/package.json": "[]", "node_modules/axios/lib/x.js": ""},
        {"node_modules/axios.js": ""},
        {"axios.js": ""},  # NODE_PATH has /var/task
        {"axios/index.js": ""},
        {"package.json": '{"name": "axios"}'},
    ],
)
def test_a_package_that_is_there(files: dict[str, str]) -> None:
    assert missing({"index.js": f"require('axios');{HANDLER}", **files}) == []


def test_packages_are_found_upwards() -> None:
    files = {"src/orders/index.js": f"require('axios'); require('@org/db/query');{HANDLER}"}
    there = {
        "src/node_modules/axios/index.js": "",
        "node_modules/@org/db/package.json": '{"exports": {"./*": "./d/*.js"}}',
    }
    more = {"node_modules/@org/db/d/query.js": "require('pg')"}
    found = needs({**files, **there, **more}, "src/orders/index.handler")
    assert [item.module for item in found.missing] == ["pg"]
    beside = needs({**files, "src/other/node_modules/axios/index.js": ""}, "src/orders/index.handler")
    assert [item.module for item in beside.missing] == ["axios", "@org/db"]


@pytest.mark.parametrize("folder", ["nodejs/node_modules", "nodejs/node22/node_modules"])
def test_layers(folder: str) -> None:
    code = f"require('axios'); require('/opt/{folder}/axios'); import '@org/db';{HANDLER}"
    layers = ({f"{folder}/axios/index.js": ""}, {f"{folder}/@org/db/index.js": "require('pg')"})
    assert missing({"index.js": code}, layers=layers) == ["pg"]


def test_folders_of_a_layer_that_are_not_looked_at() -> None:
    layers = ({"node_modules/axios/index.js": "", "nodejs/node18/node_modules/pg/index.js": ""},)
    found = needs("require('axios'); require('pg'); require('/opt/none.js')", layers=layers)
    assert [item.module for item in found.missing] == ["axios", "pg", "/opt/none.js"]
    assert found.missing[0].why == "which is neither in its bundle or its layer nor part of Node.js or its runtime"


def test_an_unknown_layer_may_have_everything_but_own_files() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:tools:1"
    found = needs("require('axios'); require('./db'); require('/opt/nodejs/tools')", unknown=(arn,))
    assert [item.module for item in found.missing] == ["./db"]
    assert found.unread == (f"axios may be in {arn}", f"/opt/nodejs/tools may be in {arn}")


def test_a_layer_of_aws_without_packages() -> None:
    arn = "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:49"
    assert missing("require('axios')", unknown=(arn,)) == ["axios"]


def test_node_path() -> None:
    files = {"index.js": f"require('axios');{HANDLER}", "vendor/axios/index.js": ""}
    assert missing(files, search_path="/var/task/vendor") == []
    assert missing(files, search_path="./vendor:/opt/x") == []
    assert missing(files) == ["axios"]
    found = needs(files, search_path=None)
    assert (found.missing, found.unread) == ((), ("axios may be in folders that NODE_PATH names at deployment",))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("./db", "db.js"),
        ("./db", "db.json"),
        ("./db", "db.node"),
        ("./db", "db.cjs"),
        ("./db", "db.mjs"),
        ("./db", "db/index.js"),
        ("./db.js", "db.js"),
        ("./db/", "db/index.js"),
        ("./db.config", "db.config.js"),
        ("./db.js?x=1", "db.js"),
        ("./a/../db", "db.js"),
    ],
)
def test_own_files(name: str, file: str) -> None:
    assert missing({"index.js": f"require('{name}');{HANDLER}", file: ""}) == []


def test_own_files_that_are_not_there() -> None:
    found = needs({"index.js": f"require('./db');\nrequire('./lib');{HANDLER}", "lib/db.js": "require('../none.json')"})
    assert [(item.module, item.place.line, item.why) for item in found.missing] == [
        ("./db", 1, "but its bundle has no such file"),
        ("./lib", 2, "but its bundle has no such file"),
    ]
    assert {item.remedy for item in found.missing} == {"Put the file into the bundle, or correct the path."}


def test_the_folder_above() -> None:
    files = {"index.js": HANDLER, "lib/a.js": "require('..'); require('.'); require('../'); exports.handler = 1"}
    assert missing(files, handler="lib/a.handler") == ["."]


@pytest.mark.parametrize(("runtime", "is_there"), [("nodejs20.x", False), ("nodejs22.x", True), ("nodejs24.x", True)])
@pytest.mark.parametrize("name", ["./db", "./db.ts", "./db.js"])
def test_own_files_in_typescript(runtime: str, is_there: bool, name: str) -> None:
    files = {"index.js": f"require('{name}');{HANDLER}", "db.ts": "export const x: number = 1"}
    if name != "./db.ts":
        assert missing(files, runtime) == ([] if is_there else [name])
    if not is_there and name == "./db":
        [found] = needs(files, runtime=runtime).missing
        assert found.why == "but its bundle has no such file; db.ts is TypeScript, which nodejs20.x does not run"


def test_libraries_are_followed_and_only_what_they_need_in_any_case_counts() -> None:
    library = (
        "'use strict'\nconst a = require('a');\nfunction lazy() { require('b') }\ntry { require('c') } catch {}\n"
        "if (x) { require('d') }\nmodule.exports = () => require('e');\nclass F { f() { require('f') } }"
    )
    files = {"index.js": f"\nrequire('axios');{HANDLER}", "node_modules/axios/index.js": library}
    found = needs(files)
    assert [item.module for item in found.missing] == ["a", "d"]
    place = found.missing[0].place
    assert (place.path, place.line) == ("node_modules/axios/index.js", 2)
    assert place.via is not None
    assert (place.via.path, place.via.line) == ("index.js", 2)


def test_packages_that_a_library_calls_optional() -> None:
    package = '{"name": "db", "optionalDependencies": {"a": "1"}, "peerDependenciesMeta": {"b": {"optional": true}}}'
    files = {
        "index.js": f"require('db');{HANDLER}",
        "node_modules/db/package.json": package,
        "node_modules/db/index.js": "require('a'); require('b'); require('c'); require('./lib/x')",
        "node_modules/db/lib/x.js": "require('a')",
    }
    assert missing(files) == ["c"]


def test_nothing_is_said_of_libraries_in_a_store_of_links() -> None:
    files = {
        "index.js": f"require('db'); require('pg');{HANDLER}",
        "node_modules/db/index.js": "require('a')",
        "node_modules/.pnpm/db@1/node_modules/x.js": "",
    }
    assert missing(files) == ["pg"]


def test_links_to_folders(tmp_path: Path) -> None:
    (tmp_path / "packages/shared/lib").mkdir(parents=True)
    (tmp_path / "packages/shared/index.js").write_text("require('./lib/a'); require('none')")
    (tmp_path / "packages/shared/lib/a.js").write_text("")
    (tmp_path / "node_modules/@org").mkdir(parents=True)
    (tmp_path / "node_modules/@org/shared").symlink_to("../../packages/shared")
    (tmp_path / "index.js").write_text(f"require('@org/shared'); require('@org/shared/lib/a');{HANDLER}")
    found = NodeImports(Function(FolderBundle(tmp_path))).needs("index.handler")
    assert [item.module for item in found.missing] == ["none"]


BUNDLED = """
var __commonJS = (cb, mod) => function __require() { return mod };
var require_pool = __commonJS({ "node_modules/pg/lib/pool.js"(exports2, module2) { var n = require("pg-native"); } });
var import_axios = require("axios");
module.exports = __toCommonJS(index_exports);
"""


def test_of_a_bundle_only_what_stands_outside_of_functions_counts() -> None:
    assert missing({"index.js": BUNDLED}) == ["axios"]


def test_circles_end() -> None:
    files = {
        "index.js": f"require('./a');{HANDLER}",
        "a.js": "require('./b')",
        "b.js": "require('./a'); require('./index')",
    }
    assert missing(files) == []


def test_each_file_is_read_once_for_all_functions() -> None:
    bundle = Files(
        {"a.js": f"require('./c');{HANDLER}", "b.js": f"require('./c');{HANDLER}", "c.js": "require('axios')"}
    )
    for handler in ("a.handler", "b.handler"):
        found = NodeImports(Function(bundle)).needs(handler)
        assert [item.module for item in found.missing] == ["axios"]
    assert sorted(bundle.reads) == ["a.js", "b.js", "c.js"]


def test_a_runtime_that_is_not_known() -> None:
    with pytest.raises(UnreadError, match="the modules of nodejs are not known"):
        NodeImports(Function(Files({}), runtime="nodejs"))
