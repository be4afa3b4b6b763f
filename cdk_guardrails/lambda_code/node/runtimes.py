"""What a Node.js function can require besides its bundle: Node's own modules, the AWS SDK."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = (
    "_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex"
    " _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable _tls_common _tls_wrap assert"
    " assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns"
    " dns/promises domain events fs fs/promises http http2 https inspector inspector/promises module net os path"
    " path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl stream"
    " stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty url"
    " util util/types v8 vm wasi worker_threads zlib"
)
_BUILT_IN: Final = frozenset(_NAMES.split())
"""Node's own modules: https://nodejs.org/api/modules.html#built-in-modules. Every runtime that can still be deployed
has them. Newer ones, such as node:test and node:sqlite, have no name without ``node:``."""

SDK: Final = ("@aws-sdk/", "@smithy/")
"""Packages of the AWS SDK for JavaScript v3, which runtimes from nodejs18.x on ship:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
The CDK leaves both out of what it bundles for them:
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html#externals"""

OLD_SDK: Final = "aws-sdk"
"""The AWS SDK for JavaScript v2, which runtimes up to nodejs16.x ship:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html"""

_FIRST_WITH_V3: Final = 18

DURABLE: Final = "@aws/durable-execution-sdk-js"
"""What runtimes from nodejs22.x on ship besides, for durable functions:
https://docs.aws.amazon.com/lambda/latest/dg/durable-supported-runtimes.html"""

_FIRST_WITH_DURABLE: Final = 22

INLINE: Final = "cfn-response"
"""What CloudFormation gives to inline code:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html"""

FIRST_WITH_TYPESCRIPT: Final = 24
"""The runtime that loads a handler from a .ts file, if there is no .js, .mjs or .cjs of that name.
https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js"""


def major_of(runtime: str) -> int | None:
    """The version of Node in ``nodejs22.x``; None for what is none of the kind."""
    match = re.fullmatch(r"nodejs(\d+)\.\w+", runtime)
    return int(match[1]) if match else None


def is_built_in(name: str) -> bool:
    """Whether ``name`` is one of Node's own modules; ``punycode/`` is the package of that name."""
    return name.startswith("node:") or name in _BUILT_IN


def is_shipped(package: str, major: int) -> bool:
    """Whether a runtime has ``package``."""
    if package == DURABLE:
        return major >= _FIRST_WITH_DURABLE
    return package.startswith(SDK) if major >= _FIRST_WITH_V3 else package == OLD_SDK
