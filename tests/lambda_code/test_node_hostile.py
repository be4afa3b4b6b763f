"""JavaScript that is broken, huge, minified or none at all."""

from __future__ import annotations

import contextlib
import sys

import pytest

from cdk_guardrails.lambda_code.bundle import UnreadError
from cdk_guardrails.lambda_code.node.imports import NodeImports
from cdk_guardrails.lambda_code.node.parsing import MAX_SCRIPT_BYTES, is_bundled
from tests.lambda_code.node_functions import HANDLER, Files, Function, logs, missing, needs

BROKEN = {
    "a mistake": "\nexports.handler = async () => { let x = ; require('axios') };",
    "Python": "import os\n\ndef handler(event, context):\n    return {'statusCode': 200, 'x': [i for i in event]}\n",
    "TypeScript": "interface Order { id: string }\nexport const handler = async (e: Order): Promise<void> => {};",
    "HTML": "<!doctype html><html><body class='a'>it's</body></html>",
    "half of it": HANDLER + "function f() { if (x) { ",
    "not UTF-8": b"exports.handler = \xff\xfe\xfa async",
}


@pytest.mark.parametrize("code", BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_javascript_is_unknown(code: str | bytes) -> None:
    found = needs({"index.js": code})
    assert (found.missing, found.faults) == ((), ())
    [reason] = found.unread
    assert reason.startswith("index.js:")
    assert reason.endswith(" is no JavaScript that the parser knows")


def test_the_line_is_named() -> None:
    assert needs({"index.js": "const a = 1;\n\nconst b = ;\n"}).unread == (
        "index.js:3 is no JavaScript that the parser knows",
    )


@pytest.mark.parametrize(
    "text", ["exports.handler = '\\u00e9'", "exports.handler = 'caf\N{LATIN SMALL LETTER E WITH ACUTE}'"]
)
def test_text_that_is_not_ascii(text: str) -> None:
    assert needs({"index.js": text}).unread == ()


@pytest.mark.parametrize("content", [b"\0" * 1000, b"exports.handler\0= 1;", b"\x80" * 300_000])
def test_what_is_no_text(content: bytes) -> None:
    assert needs({"index.js": content}).unread == ("it is not text",)


def test_a_file_that_is_too_large() -> None:
    bundle = Files({"index.js": HANDLER})
    bundle.files = {"index.js": 20 * 1024 * 1024}
    found = NodeImports(Function(bundle)).needs("index.handler")
    says = f"index.js is too large to be read (20,971,520 bytes, the limit is {MAX_SCRIPT_BYTES:,})"
    assert (found.missing, found.faults, found.unread) == ((), (), (says,))
    assert bundle.reads == []


def test_a_bundle_of_some_megabytes_is_read() -> None:
    code = "function f(a) { return a.b(1); }\n" * 60_000 + "const axios = require('axios');\n" + HANDLER
    assert missing({"index.js": code}) == ["axios"]
    assert is_bundled(("x" * 6_000).encode())


def test_a_library_that_cannot_be_read_says_nothing() -> None:
    files = {"index.js": f"require('a'); require('b');{HANDLER}", "node_modules/a/index.js": "\0"}
    assert missing({**files, "node_modules/b/index.js": "let x = ; require('axios')"}) == []


@pytest.mark.parametrize(
    "code",
    [
        "[" * 50_000 + "]" * 50_000,
        "(" * 50_000 + "1" + ")" * 50_000,
        "function f(){" * 20_000 + "}" * 20_000,
        "a(" * 20_000 + ")" * 20_000,
        "x=>" * 20_000 + "1",
        "try{" * 5_000 + "}catch(e){}" * 5_000,
        "if(a)" * 20_000 + "b()",
        "a." * 20_000 + "b()",
        "a".join(["()"] * 3),
    ],
)
def test_what_is_nested_deeply_is_read(code: str) -> None:
    limit = sys.getrecursionlimit()
    needs({"index.js": f"{code};\nexports.handler = async () => {{ f({code}) }}"})
    with contextlib.suppress(UnreadError):
        logs(f"exports.handler = async () => {{ {code} }}")
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize(
    "code",
    [
        "var __commonJS = 1;\nexports.handler = async () => { await f() };",
        "exports.handler = async () => { await f() };" + "a();" * 3_000,
        "exports.handler = async () => { await f() };\n" + ("const value = compute(1, 2, 3);" * 20 + "\n") * 20,
    ],
)
def test_how_bundled_code_logs_is_not_known(code: str) -> None:
    with pytest.raises(UnreadError, match=r"index\.js is not as its author wrote it"):
        logs(code)


@pytest.mark.parametrize(
    "code",
    [
        "function f() {\n" * 3_000 + "}\n" * 3_000,
        "a" + ".then(f)\n" * 3_000,
        "try {\n" * 1_000 + "} catch (e) {\n f() }\n" * 1_000,
        "try { f() } catch (e) {\n" * 1_000 + "}\n" * 1_000,
        "if (err) {\n" * 1_000 + "}\n" * 1_000,
        "const a = () => {\n" * 1_000 + "}\n" * 1_000,
    ],
)
def test_code_in_many_levels_takes_no_more_than_seconds(code: str) -> None:
    with contextlib.suppress(UnreadError):
        logs(f"exports.handler = async () => {{\n {code} \n}};")


def test_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    found = needs({"index.js": HANDLER})
    assert found.unread == ("JavaScript is read by tree-sitter and tree-sitter-javascript, which are not installed",)


def test_json_that_is_no_package() -> None:
    for text in ("[" * 100_000, '{"exports": ' * 5_000, '{"main": 1}', '{"exports": [[[]]]}', '{"exports": {"x": 1}}'):
        files = {"index.js": f"require('a');{HANDLER}", "node_modules/a/package.json": text}
        assert missing(files) == []
