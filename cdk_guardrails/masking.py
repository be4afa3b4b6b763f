"""Keeps secrets out of everything that is written: ledger, reports, messages.

A value is masked when the name it stands under says that it is a secret (``DB_PASSWORD``), or when it looks like one
(an AWS access key, a token with a known prefix, a URL with a password). Names and ids of secrets are not secrets:
ARNs, references and ``{{resolve:...}}`` stay readable, and nothing is masked for being random, as physical names are.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

MASKED: Final = "(masked)"
"""What is written in place of a secret."""

_SECRET_NAMES: Final = {
    "password", "passwd", "passphrase", "pass", "pwd", "secret", "secrets", "token", "tokens", "credential",
    "credentials", "creds", "apikey", "accesskey", "secretkey", "privatekey", "dsn", "pat",
}  # fmt: skip
_SECRET_PAIRS: Final = {
    "api key", "access key", "secret key", "private key", "signing key", "encryption key", "shared key",
    "account key", "master key", "license key", "auth key", "api keys", "access keys", "secret keys",
    "private keys", "connection string", "conn string", "connection str", "conn str", "database url", "webhook url",
}  # fmt: skip
_TAILS: Final = {
    "value", "string", "plaintext", "text", "base", "base64", "b64", "live", "test", "dev", "staging", "prod",
    "production", "old", "new", "current", "previous", "primary", "secondary", "default", "env", "var",
}  # fmt: skip
"""Words behind a secret's name that leave it one: ``PASSWORD_PROD``, ``SecretString``."""

_VERBS: Final = {
    "generate", "require", "requires", "required", "rotate", "enable", "disable", "use", "has", "allow", "max",
    "min",
}  # fmt: skip
"""Words in front that make it a setting: ``GenerateSecretString``, ``MaxTokens``."""

_MAY_BE_NUMBERS: Final = ("password", "passwd", "pwd", "passphrase")

_TRANSPARENT: Final = ("value", "values", "default", "stringvalue")
"""Keys that say nothing of themselves: the name before them, or beside them, does."""

_NAMING: Final = ("Name", "Key", "ParameterKey", "OptionName", "HeaderName", "name", "key")
_PLAIN_WORDS: Final = {
    "true", "false", "none", "null", "enabled", "disabled", "required", "optional", "yes", "no", "seconds",
    "minutes", "hours", "days",
}  # fmt: skip
_NOT_SECRET: Final = re.compile(r"arn:[\w-]+:|alias/|\{\{resolve:")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


def mask(value: Any, path: Sequence[str | int] = ()) -> Any:
    """``value``, which stands at the template path ``path``, with every secret in it replaced by `MASKED`."""
    return value if value is None or isinstance(value, bool) else _masked(value, _name_of(path))


@functools.lru_cache(maxsize=4096)
def mask_text(text: str) -> str:
    """``text`` with what looks like a secret replaced, for tracebacks and error messages."""
    for secret in sorted(_found(text), key=lambda secret: (-len(secret), secret)):
        text = text.replace(secret, MASKED)
    return text


def _masked(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return _masked_text(value, name)
    if isinstance(value, list | tuple):
        return [_masked(item, name) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and (function := str(next(iter(value)))).startswith(("Fn::", "Ref")):
            return {function: _masked_argument(function, value[function], name)}
        beside = next((value[key] for key in _NAMING if isinstance(value.get(key), str)), name)
        return {key: _masked(item, beside if _is_transparent(key) else str(key)) for key, item in value.items()}
    if isinstance(value, int | float) and not isinstance(value, bool) and name.lower().endswith(_MAY_BE_NUMBERS):
        return MASKED
    return value


def _masked_text(text: str, name: str) -> str:
    if _says_secret(name) and _has_content(text) and not _NOT_SECRET.match(text):
        return MASKED
    return mask_text(text)


def _has_content(text: str) -> bool:
    return text.lower() not in _PLAIN_WORDS and any(char.isalnum() for char in text)


def _masked_argument(function: str, argument: Any, name: str) -> Any:
    """An intrinsic function's argument: its literal parts may be secret, the names that it refers to are not."""
    if function in ("Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::FindInMap", "Fn::GetAZs"):
        return argument
    if _says_secret(name) and "{{resolve:" in repr(argument):
        name = ""
    if function == "Fn::Sub":
        text, *variables = argument if isinstance(argument, list) and argument else [argument]
        literal = isinstance(text, str) and bool(_VARIABLE.sub("", text))
        masked = _masked(text, name if literal else "")
        return [masked, *(_masked(item, "") for item in variables)] if variables else masked
    if function in ("Fn::Join", "Fn::If") and isinstance(argument, list) and argument:
        return [argument[0], *(_masked(item, name) for item in argument[1:])]
    return _masked(argument, name if function == "Fn::Base64" else "")


def _is_transparent(key: Any) -> bool:
    return str(key).lower() in _TRANSPARENT


def _name_of(path: Sequence[str | int]) -> str:
    """The last name of a path that says something."""
    names = [
        part for part in path if isinstance(part, str) and not part.startswith("Fn::") and not _is_transparent(part)
    ]
    return names[-1] if names else ""


@functools.lru_cache(maxsize=1024)
def _says_secret(name: str) -> bool:
    """Whether a name ends in the word for a secret: ``dbPassword``, ``API_KEY_2``, but not ``SecretArn``."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if words and words[0] in _VERBS:
        return False
    while words and (words[-1] in _TAILS or words[-1].isdigit()):
        if " ".join(words[-2:]) in _SECRET_PAIRS:
            return True
        words.pop()
    if not words:
        return False
    return words[-1] in _SECRET_NAMES or words[-1].endswith("password") or " ".join(words[-2:]) in _SECRET_PAIRS


_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_MORE_TOKENS = re.compile(
    r"\b(?:glpat-[\w-]{20,}|pypi-AgE[\w-]{50,}|sk-[\w-]{20,}|github_pat_\w{22,}|A[KS]IA[A-Z2-7]{16}\b|AIza[\w-]{35}"
    r"|(?<=AccountKey=)[\w/+]{40,}={0,2})"
)
"""What the library lacks: GitLab, PyPI, OpenAI, fine-grained GitHub, Google and Azure storage keys; and AWS keys, of
which one in thirty holds no digit, so that `_WORTH_A_LOOK` passes it over."""

_ASSIGNED = re.compile(
    r"""(?:(?i:password|passwd|pwd)|_SECRET|_TOKEN|API_KEY|ACCESS_KEY)["']?\s?[=:]\s?["']?([^\s"'`$(){}<>,;&]{4,})"""
)
"""``PASSWORD=...`` in a script or a connection string."""

_IN_URL = re.compile(r"://[^{}\s/:@]+:([^{}\s/@]+)@")

_SHORTEST_KEY: Final = 16
_WORTH_A_LOOK = re.compile(rf"(?=[\w+/-]{{0,99}}\d)[\w+/-]{{{_SHORTEST_KEY},}}")
_HARMLESS = re.compile(
    r"\b(?=\w*[a-z])[A-Za-z][A-Za-z0-9]*[0-9A-F]{8}(?:[0-9a-f]{32}|[A-Z][a-z]+)?\b|\bGuardrails[A-Za-z0-9]+\b|"
    r"\b[a-z]{2,15}(?:_[a-z]{2,15}){1,5}_v\d\b|"
    r"\{\{resolve:[^}]*(?:\}\}|$)|^[^{}\s]*\}\}|\$\{[^}]*\}|\$context\.[\w.]+|arn:[\w-]+:[\w-]+:[\w-]*:\d*:[\w/-]*"
)
"""Logical ids of the CDK (a deployment's ends in a hash of what it deploys, an output's in a word) and ours, parameters
of constructs, dynamic references (a function may hold only head or tail), variables, ARNs."""

_DETECTORS: Final = (
    "artifactory.ArtifactoryDetector", "aws.AWSKeyDetector", "discord.DiscordBotTokenDetector",
    "github_token.GitHubTokenDetector", "jwt.JwtTokenDetector", "mailchimp.MailchimpDetector", "npm.NpmDetector",
    "sendgrid.SendGridDetector", "slack.SlackDetector", "square_oauth.SquareOAuthDetector", "stripe.StripeDetector",
    "twilio.TwilioKeyDetector",
)  # fmt: skip
"""The library's detectors that go by form. Those that go by entropy, keywords or length would mask physical names."""


def _found(text: str) -> set[str]:
    """The secrets in ``text``, by their form."""
    text = _HARMLESS.sub(" ", text)
    found = {match[0] for pattern in (_PEM, _MORE_TOKENS) for match in pattern.finditer(text)}
    found.update(match[1] for pattern in (_ASSIGNED, _IN_URL) for match in pattern.finditer(text))
    if _WORTH_A_LOOK.search(text):
        try:
            found.update(secret for detector in _detectors() for secret in _by(detector, text))
        except ImportError:  # a checkout without its dependencies: better too much masked than a secret told
            found.update(match[0] for match in _WORTH_A_LOOK.finditer(text))
    return {secret for secret in found if secret.lower() not in _PLAIN_WORDS}


@functools.cache
def _detectors() -> tuple[Any, ...]:
    """Loaded at the first text that may hold a secret: the import costs 0.1 s."""
    names = (path.split(".") for path in _DETECTORS)
    return tuple(
        getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), class_)() for module, class_ in names
    )


def _by(detector: Any, text: str) -> Iterator[str]:
    """What one detector finds. Its own method gives the groups of its patterns, which may be a token's mere prefix."""
    is_valid = getattr(detector, "is_formally_valid", _is_random)
    for pattern in detector.denylist:
        for match in pattern.finditer(text):
            secret = next((group for group in match.groups() if group and len(group) >= _SHORTEST_KEY), match[0])
            if is_valid(secret):
                yield secret


def _is_random(secret: str) -> bool:
    """A path or a sentence of forty letters is no key."""
    return len(secret) < 40 or "/" not in secret or all(re.search(kind, secret) for kind in ("[a-z]", "[A-Z]", r"\d"))
