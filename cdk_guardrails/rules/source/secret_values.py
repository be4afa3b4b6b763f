"""Secrets that are written out in Python: by the name that a text stands under, by where it is passed, by its form."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.masking import mask_text
from cdk_guardrails.rules.across.secrets import says_secret, secrets
from cdk_guardrails.source.literals import UNKNOWN, Literal, keys, name_of, speaking_name

_PLAIN: Final = frozenset({"unsafe_plain_text", "plain_text", "from_unsafe_plaintext", "from_unsafe_plain_text"})
"""Functions of the CDK that make a secret of a text."""

_KEYS: Final = frozenset({"ApiKey", "CfnApiKey", "add_api_key"})
"""Calls of the CDK whose ``value`` is a secret."""

_DOES: Final = re.compile(
    r"(?i)(?:change|check|confirm|forgot|forgotten|get|hash|reset|set|update|validate|verify)(?:_|(?=[A-Z]))"
)
"""How the names of actions start: ``reset_password`` is the handler of one."""

_NOT_MEANT: Final = re.compile(
    r"(?i)(?:change|replace|fill)[-_ ]?(?:me|this|it|in)|(?:your|my|the|some|any|enter|insert|put|add)[-_ ].*"
    r"|to-?do\b.*|tbd|dummy|example|sample|placeholder|redacted|masked|fake|mock|unknown|empty|n/?a"
    r"|.*example.*|s|str|string|text|varchar|secure_?string|bool|optional|required|hidden|(.)\1{2,}|\W*"
)
"""Placeholders, and the words that schemas and forms have under such names."""

_URL: Final = "a URL with a password"
_USER: Final = re.compile(r"://(?P<user>[^\s/:@]*):(?P<password>[^\s/@]+)@(?P<host>[^\s/:?]*)")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal"})  # noqa: S104
_WORD: Final = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z]+)*")


def secret_of(literal: Literal, *, in_cdk: bool) -> tuple[str, str] | None:
    """The name of a secret and what its form says it is ("" for nothing); None when ``literal`` is no secret."""
    called = next((node for node in literal.above if not isinstance(node, ast.keyword | ast.Starred)), None)
    function = name_of(called.func) if isinstance(called, ast.Call) else ""
    if in_cdk and function in _PLAIN and literal.is_whole and _is_meant(literal.text) and _is_password(literal.text):
        return "SecretValue", ""
    name = "api_key" if function in _KEYS and literal.name == "value" else speaking_name(literal)
    if isinstance(literal.above[0], ast.List | ast.Tuple | ast.Set):
        name = name.removesuffix("s")
    if not literal.is_whole or _DOES.match(name) or not _is_meant(literal.text) or _is_prose(literal):
        name = ""  # what has a secret's form is one under any name
    return next(_found(literal, name, called), None)


def _found(literal: Literal, name: str, called: ast.AST | None) -> Iterator[tuple[str, str]]:
    for secret in secrets({name: literal.text.replace(UNKNOWN, "{}")}):
        if secret.form != _URL or _is_real(literal.text):
            yield mask_text(secret.name), secret.form
    if isinstance(called, ast.Call) and name_of(called.func) == "CfnParameter" and literal.name == "default":
        hidden = keys(literal.module, called).get("no_echo")
        if isinstance(hidden, ast.Constant) and hidden.value is True and _is_password(literal.text):
            yield "a parameter with no_echo", ""


def _is_meant(text: str) -> bool:
    """Whether a text under a secret's name can be one: no placeholder, no name of a secret."""
    return not _NOT_MEANT.fullmatch(text) and not (_WORD.fullmatch(text) and says_secret(text))


def _is_real(text: str) -> bool:
    """Whether a URL's password is one: no placeholder, and not of a database on the developer's own machine."""
    users = list(_USER.finditer(text))
    return not users or any(
        match["host"] not in _LOCAL and _is_meant(match["password"]) and match["password"] != match["user"]
        for match in users
    )


def _is_password(text: str) -> bool:
    """Whether a text is a secret where nothing but a secret can stand."""
    return bool(secrets({"password": text}))


def _is_prose(literal: Literal) -> bool:
    """Whether it speaks of a secret: ``"Enter your password"``."""
    return literal.text.count(" ") > 1 or "\n" in literal.text
