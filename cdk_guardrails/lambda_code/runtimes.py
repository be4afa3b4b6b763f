"""What a Python function can import besides its bundle: the standard library, what the runtime ships, known layers.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable
from typing import Final

SDK: Final = frozenset({"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"})
"""The AWS SDK and its dependencies, which every Python runtime ships, in versions that AWS changes at any time:
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-dependencies"""

CLIENT: Final = frozenset({"awslambdaric", "bootstrap", "runtime_client", "simplejson", "snapshot_restore_py"})
"""The runtime's own client and what it depends on (the metadata of awslambdaric), on the same search path:
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html"""

PIP: Final = frozenset({"pip"})
SETUPTOOLS: Final = frozenset({"_distutils_hack", "pkg_resources", "setuptools"})
"""What Python's installer puts beside them, setuptools up to Python 3.11:
https://docs.python.org/3/whatsnew/3.12.html#ensurepip"""

DOCUTILS: Final = frozenset({"docutils"})
"""A dependency of botocore up to 1.15, which runtimes of that time still have."""

INLINE: Final = frozenset({"cfnresponse"})
"""What CloudFormation gives to inline code:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html"""

_POWERTOOLS: Final = frozenset(
    {
        *("_cffi_backend", "annotated_types", "async_timeout", "attr", "attrs", "aws_encryption_sdk"),
        *("aws_lambda_powertools", "aws_xray_sdk", "cffi", "cryptography", "fastjsonschema", "jsonpath_ng"),
        *("ply", "pycparser", "pydantic", "pydantic_core", "redis", "typing_extensions", "typing_inspection"),
        *("wrapt",),
    }
)
_PANDAS: Final = frozenset(
    {
        *("aenum", "aiohappyeyeballs", "aiohttp", "aiosignal", "asn1crypto", "async_timeout", "attr", "attrs"),
        *("awswrangler", "bs4", "certifi", "charset_normalizer", "et_xmlfile", "frozenlist", "gremlin_python"),
        *("idna", "isodate", "jsonpath_ng", "lxml", "multidict", "nest_asyncio", "numpy", "openpyxl"),
        *("opensearchpy", "packaging", "pandas", "pg8000", "ply", "propcache", "pyarrow", "pymysql", "pytz"),
        *("redshift_connector", "requests", "requests_aws4auth", "scramp", "soupsieve", "typing_extensions"),
        *("tzdata", "yarl"),
    }
)

_NONE: Final = frozenset[str]()

LAYERS: Final = (
    # https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/
    (re.compile(r"AWSLambdaPowertoolsPythonV[23].*|/aws/service/powertools/python/.*"), _POWERTOOLS),
    # https://aws-sdk-pandas.readthedocs.io/en/stable/layers.html
    (re.compile(r"(AWSSDKPandas|AWSDataWrangler)-Python3.*"), _PANDAS),
    # https://aws.amazon.com/blogs/aws/new-for-aws-lambda-use-any-programming-language-and-share-common-components/
    (re.compile(r"AWSLambda-Python3\d+-SciPy1x"), frozenset({"numpy", "scipy"})),
    # Extensions, which are programs of their own:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
    # https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions-versions.html
    (re.compile(r"LambdaInsightsExtension.*"), _NONE),
    (re.compile(r"AWS-Parameters-and-Secrets-Lambda-Extension.*"), _NONE),
    (re.compile(r"AWS-AppConfig-Extension.*"), _NONE),
    (re.compile(r"LambdaAdapterLayer.*"), _NONE),  # https://github.com/awslabs/aws-lambda-web-adapter
)
"""Public layers, by the name in their ARN or of their SSM parameter, with the modules that they bring."""


def version_of(runtime: str) -> tuple[int, int] | None:
    """The version of Python in ``python3.13``; None for what is no Python 3."""
    match = re.fullmatch(r"python(3)\.(\d+)", runtime)
    return (3, int(match[2])) if match else None


@functools.cache
def standard_library(version: tuple[int, int]) -> frozenset[str] | None:
    """The top-level modules of a version's standard library; None for a version that is not known."""
    from stdlib_list import short_versions, stdlib_list

    name = f"{version[0]}.{version[1]}"
    if name not in short_versions:
        return None
    public = {module.partition(".")[0] for module in stdlib_list(name)}
    # The lists of old versions leave out what is private: that is taken from the running Python.
    private = {module for module in sys.stdlib_module_names if module.startswith("_")}
    return frozenset(public | private | {"nt", "pyexpat"})


@functools.cache
def left_standard_library(module: str, version: tuple[int, int]) -> bool:
    """Whether a module was in the standard library of an older version than this one."""
    older = (standard_library((3, minor)) for minor in range(6, version[1]))
    return any(module in modules for modules in older if modules)


def shipped(version: tuple[int, int]) -> frozenset[str]:
    """The top-level modules that a runtime of this version has besides the standard library."""
    found = SDK | CLIENT | PIP
    if version < (3, 12):
        found |= SETUPTOOLS
    return found | DOCUTILS if version < (3, 9) else found


def modules_of_layer(arn: str) -> frozenset[str] | None:
    """The modules that a public layer brings, by its ARN or SSM parameter; None for any other layer."""
    name = arn.rpartition(":layer:")[2] if ":layer:" in arn else arn.removeprefix("{{resolve:ssm:")
    name = name.partition(":")[0].removesuffix("}}")
    return next((modules for pattern, modules in LAYERS if pattern.fullmatch(name)), None)


def layer_roots(version: tuple[int, int]) -> Iterable[str]:
    """The folders of a layer that are on the search path, the first one first.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html#packaging-layers-paths
    """
    return (f"python/lib/python{version[0]}.{version[1]}/site-packages/", "python/")
