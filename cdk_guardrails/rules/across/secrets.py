"""Literals where a secret belongs, found by the name that they stand under and by their form."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.masking import MASKED, mask, mask_text
from cdk_guardrails.template import is_intrinsic, known
from cdk_guardrails.template.edits import Path


class Secret(NamedTuple):
    """Where a secret stands, the name that it stands under, and what its form says it is ("" for nothing)."""

    path: Path
    name: str
    form: str = ""


_PREFIXED: Final = (
    r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22,}|\bglpat-[\w-]{20,}|\bxox[abposr]-[\w-]{10,}"
    r"|hooks\.slack\.com/services/T\w+/B\w+/\w+|\b[sr]k_live_\w{16,}|\bsk-(?:(?:ant|proj)-[\w-]{20,}|\w{32,})"
    r"|\bAIza[\w-]{35}|\bSG\.[\w-]{22}\.[\w-]{43}|\bnpm_\w{36}|\bpypi-AgE[\w-]{50,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
)
_FORMS: Final = {
    "aws": ("an AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    "pem": ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "url": ("a URL with a password", r"://[^\s/:@\"'{}$<>]+:[^\s/@\"'{}$<>]+@"),
    "token": ("a token", _PREFIXED),
}
_FORM: Final = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, (_, pattern) in _FORMS.items()))
"""What is worth to be shown to the detectors of `mask_text`, which are not cheap."""

_BEGIN: Final = re.compile(
    r"://|AKIA|ASIA|ABIA|ACCA|-----BEGIN|gh[pousr]_|github_pat|glpat-|xox|hooks\.slack|k_live_|sk-|AIza|SG\.|npm_|pypi-|eyJ"
)
"""How all of these begin; ten times as fast, and few texts have one."""

_DOCUMENTED: Final = re.compile("EXAMPLE|example|user:pass(?:word)?@")

_NAMES: Final = ("Name", "Key", "ParameterKey", "OptionName", "HeaderName", "name", "key")
_VALUES: Final = frozenset({"Value", "ParameterValue", "HeaderValue", "value"})
_REFERRING_TYPES: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")
"""CodeBuild: with such a Type beside it, a Value is the name of a secret.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-codebuild-project-environmentvariable.html"""

_ASIDE: Final = frozenset({"Tags", "AssumeRolePolicyDocument", "PolicyDocument", "KeyPolicy", "Metadata"})
_NO_SECRETS: Final = re.compile(r"(?i)(?:creation|client|request|idempotency|next|continuation|eventsource)_?token")

_PASSWORD: Final = re.compile(r"(?i)pass(?:word|wd|phrase)|pwd")
_SURE: Final = re.compile(r"(?i)key|client_?secret|(?:auth|access|api|bearer|bot)_?token|app_?secret")

_FILLED_IN: Final = re.compile(r"[<$%].*|\{\{.*|\(.*\)|\*+|x+", re.DOTALL | re.IGNORECASE)
"""``<password>``, ``$PASSWORD``, ``$.password``, ``{{password}}``: something puts the value there later."""

_PATH: Final = re.compile(r"/[\w.-]+(?:/[\w.-]+)*|[a-z][\w+.-]*://\S*")
_WORDS: Final = re.compile(r"/?(?:[A-Za-z]+\d{0,4}|\d{1,4})(?:[-_/.:](?:[A-Za-z]+\d{0,4}|\d{1,4}))+")
"""``prod/orders/db-secret``: the name of a secret, or of something else."""

_KMS: Final = re.compile(r"(?i)(?:encryption|master|signing)_?key")
_KMS_ID: Final = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_IN_JSON: Final = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_IN_SCRIPT: Final = re.compile(
    r"(?m)^\s*(?:export\s+)?(\w*(?:PASSWORD|PASSWD|API_KEY|SECRET_KEY|ACCESS_KEY|TOKEN))="
    r"[\"']?([^\s\"'$`(){}<>;&|]{4,})"
)
SCRIPT: Final = "UserData"
JSON_TEXTS: Final = ("SecretString", "Create", "Update", "Delete")
"""Properties that hold JSON as text: a secret of Secrets Manager, and the SDK calls of the CDK's AwsCustomResource."""


def secrets(properties: Any, root: Path = ()) -> list[Secret]:
    """The secrets in a resource's properties, or in another part of a template."""
    found: list[Secret] = []
    if isinstance(properties, dict | list):
        _walk(properties, list(root), "", found)
    return found


def _walk(value: Any, path: list[str | int], name: str, found: list[Secret]) -> None:
    """Runs over every value of every resource: one path for the whole walk, copied only where a secret may stand."""
    if isinstance(value, str):
        if _tells(name) or _begins(value):
            found.extend(_in_text(value, tuple(path), name))
    elif isinstance(value, dict):
        if len(value) == 1 and is_intrinsic(value):
            _in_function(value, tuple(path), name, found)
        elif value:
            _in_mapping(value, path, found)
    elif isinstance(value, list):
        singular = name.removesuffix("s")
        for index, item in enumerate(value):
            path.append(index)
            _walk(item, path, singular, found)
            path.pop()
    elif isinstance(value, int) and not isinstance(value, bool) and _says_password(name):
        found.append(Secret(tuple(path), name))


def _in_mapping(mapping: dict[str, Any], path: list[str | int], found: list[Secret]) -> None:
    beside = _name_beside(mapping)
    if beside and mapping.get("Type") in _REFERRING_TYPES:
        return
    for key, item in mapping.items():
        if key not in _ASIDE:
            path.append(key)
            _walk(item, path, beside if beside and key in _VALUES else str(key), found)
            path.pop()


@functools.lru_cache(maxsize=4096)
def _tells(name: str) -> bool:
    """Whether a name is reason to look at the text under it."""
    return name == SCRIPT or name in JSON_TEXTS or _says_secret(name)


@functools.lru_cache(maxsize=8192)
def _begins(text: str) -> bool:
    """Whether a text may hold a secret by its form; asked once for each, since many come again and again."""
    return _BEGIN.search(text) is not None


def _name_beside(mapping: dict[str, Any]) -> str:
    """The name that a mapping with a value gives to it: ``{"Name": "DB_PASSWORD", "Value": ...}``."""
    if _VALUES.isdisjoint(mapping):
        return ""
    return next((mapping[key] for key in _NAMES if isinstance(mapping.get(key), str)), "")


def _in_function(value: dict[str, Any], path: Path, name: str, found: list[Secret]) -> None:
    """Of an intrinsic function, the text when all of it is literal, branches, and what goes by form."""
    function, argument = next(iter(value.items()))
    if function in ("Ref", "Fn::GetAtt"):
        return
    if function == "Fn::If" and isinstance(argument, list):
        for index, branch in enumerate(argument[1:], 1):
            _walk(branch, [*path, function, index], name, found)
    elif function in ("Fn::Sub", "Fn::Join", "Fn::Base64"):
        if isinstance(text := known(value), str):
            found.extend(_in_text(text, path, name))
            return
        for literal in _literals(argument):
            found.extend(_in_text(literal, path, name, whole=False))


def _literals(argument: Any) -> Iterator[str]:
    if isinstance(argument, str):
        yield argument
    elif isinstance(argument, list) or is_intrinsic(argument):
        for item in argument if isinstance(argument, list) else argument.values():
            yield from _literals(item)


def _in_text(text: str, path: Path, name: str, *, whole: bool = True) -> list[Secret]:
    """What one text holds, at most once by each name. ``whole``: it is all of the value, not a part of it."""
    if name == SCRIPT or (name in JSON_TEXTS and (not whole or text.lstrip().startswith("{"))):
        pairs = (_IN_SCRIPT if name == SCRIPT else _IN_JSON).findall(text)
        if found := dict.fromkeys(key for key, item in pairs if _is_secret(key, item)):
            return [Secret(path, key) for key in found]
        whole = False
    if _begins(text) and (forms := _forms(text)):
        return [Secret(path, name, form) for form in forms]
    return [Secret(path, name)] if whole and _is_secret(name, text) else []


def _forms(text: str) -> list[str]:
    """What a text holds by its form; the detectors are asked about what looks like it only."""
    found = [match for match in _FORM.finditer(text) if not _DOCUMENTED.search(match[0])]
    kinds = [match.lastgroup or "" for match in found if mask_text(match[0]) != match[0]]
    return [_FORMS[kind][0] for kind in dict.fromkeys(kinds)]


def _is_secret(name: str, text: str) -> bool:
    """Whether ``text`` is a secret under this name, rather than the name or the place of one."""
    if not _says_secret(name) or mask(text, (name,)) != MASKED or _FILLED_IN.fullmatch(text):
        return False
    if _says_password(name):
        return not _PATH.fullmatch(text)
    if _PATH.fullmatch(text) or _WORDS.fullmatch(text) or (_KMS.search(name) and _KMS_ID.fullmatch(text)):
        return False
    return bool(_SURE.search(name)) or (len(text) > 7 and any(map(str.isdigit, text)))


@functools.lru_cache(maxsize=4096)
def _says_secret(name: str) -> bool:
    return name == "SecretString" or (not _NO_SECRETS.search(name) and mask("probe", (name,)) == MASKED)


@functools.lru_cache(maxsize=4096)
def _says_password(name: str) -> bool:
    return _says_secret(name) and bool(_PASSWORD.search(name))


def is_secret_default(default: Any) -> bool:
    """Whether the default of a parameter that CloudFormation hides is a secret already."""
    return not isinstance(default, bool) and isinstance(default, str | int) and _is_secret("Password", str(default))


def says_secret(name: str) -> bool:
    """Whether a name says that what it names is a secret: ``DbPassword``, not ``DbPasswordLength``."""
    return _says_secret(name)
