"""Regions, accounts and ARNs that are written out in a CDK app, where they should come from the deployment."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from cdk_guardrails.rules.across.hardcoded_region import HOME, REGION
from cdk_guardrails.rules.environments import is_deployed_to, words
from cdk_guardrails.source.imported import imported
from cdk_guardrails.source.literals import Literal, keys, keys_of_values, name_of

_ARN: Final = re.compile(r"\barn:[^:\s]+:[\w.-]*:(?P<region>[^:\s]*)(?::(?P<account>[^:\s]*)(?::(?P<rest>\S*))?)?")
_ACCOUNT: Final = re.compile(r"\d{12}")
_IN_URL: Final = re.compile(r"amazonaws\.com(?:\.cn)?/(\d{12})/")
_SAYS_ACCOUNT: Final = re.compile(r"(?i)account|owner(?!s$)|principal|^aws$")
_SAYS_REGION: Final = re.compile(r"(?i)region")
_SAYS_BOTH: Final = re.compile(r"(?i)^env$|_env$|^env_|envs$|^environments$")

_ENVIRONMENTS: Final = frozenset({"Environment", "EnvironmentConfig"})
_ENVIRONMENTS_BY_NAME: Final = frozenset({"envs", "environments", "stages"})
_PRINCIPALS: Final = frozenset({"AccountPrincipal"})
_SPEAKS: Final = frozenset(
    {"alarm_description", "comment", "description", "help", "label", "markdown", "message", "title", "usage"}
)
_TELLS: Final = frozenset({"print", "info", "debug", "warning", "warn", "error", "exception", "echo", "secho"})
"""Keywords and functions whose texts are for people."""

_MANY: Final = re.compile(r"(?i)regions$|region_(?:list|set|map)$|^replica|^aws:requestedregion$")
_CHOOSES: Final = re.compile(r"(?i)replica|edge|Certificate$|CrossRegion|cross_region")
"""Keywords, and functions, by which an app chooses a Region that is not its own."""


_ASK_HOME: Final = frozenset({"AwsSdkCall", "Metric"})
"""What may have to ask in us-east-1, where the parameters and metrics of global services are."""

_EXACT: Final = frozenset({"account", "region"})


class Value(NamedTuple):
    """What is written out: ``kind`` is region, account or arn, ``what`` names it in a sentence."""

    kind: str
    what: str


def value_of(literal: Literal) -> Value | None:
    """The Region, account or ARN in a literal; None where it has none, or belongs where it stands."""
    found = _found(literal)
    return None if found is None or _belongs(literal) else found


def _found(literal: Literal) -> Value | None:
    text = literal.text
    if len(text) < len("us-east-1") or literal.name in _SPEAKS:
        return None
    for arn in _ARN.finditer(text):
        if said := _in_arn(arn):
            return Value("arn", f"an ARN with {said}")
    if "arn:" in text or re.search(r"\s", text):
        return None
    if _ACCOUNT.fullmatch(text):
        return Value("account", f"the account {text}") if _names_account(literal) else None
    account = _IN_URL.search(text)
    return _region(text) or (Value("account", f"the account {account[1]}") if account else None)


def _in_arn(arn: re.Match[str]) -> str:
    """What of an ARN depends on where the app is deployed, and is written out."""
    region = REGION.fullmatch(arn["region"])
    account, rest = arn["account"] or "", arn["rest"] or ""
    if not _ACCOUNT.fullmatch(account) or rest.startswith("layer:"):
        account = ""
    if region and region[0] == HOME and not account and "global/" in rest:
        return ""
    parts = (f"the Region {region[0]}" if region else "", f"the account {account}" if account else "")
    return " and ".join(part for part in parts if part)


def _region(text: str) -> Value | None:
    match = REGION.search(text) if "amazonaws" in text else REGION.fullmatch(text)
    if match is None:
        return None
    return Value("region", f"the {'availability zone' if match['zone'] else 'Region'} {match[0]}")


def _names_account(literal: Literal) -> bool:
    called = next((node for node in literal.above if isinstance(node, ast.Call)), None)
    is_principal = called is not None and name_of(called.func) in _PRINCIPALS and literal.node in called.args
    return is_principal or bool(_SAYS_ACCOUNT.search(literal.name))


def _belongs(literal: Literal) -> bool:
    """Whether such a value is right here: it says where to deploy to, is a default, or one choice of several."""
    if _is_used_right(literal) or _is_for_one(literal):
        return True
    return any(_is_right(node, below, literal) for node, below in _steps(literal))


def _steps(literal: Literal) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each node above a literal with the one right below it, up to the statement."""
    below: ast.AST = literal.node
    for node in literal.above:
        yield node, below
        if isinstance(node, ast.stmt):
            return
        below = node


def _is_right(node: ast.AST, below: ast.AST, literal: Literal) -> bool:
    if isinstance(node, ast.Compare | ast.IfExp | ast.BoolOp | ast.Subscript | ast.arguments | ast.pattern):
        return True
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return len(node.elts) > 1 and _is_region(literal)
    if isinstance(node, ast.keyword):
        return _says_where(node.arg or "", literal)
    if isinstance(node, ast.Dict):
        values = keys_of_values(literal.module)
        return below not in values or _is_environment(node, literal) or _says_where(values[below], literal)
    if isinstance(node, ast.Call):
        return _is_environment(node, literal) or _is_right_in_call(node, below, literal)
    return _is_right_in_statement(node, literal)


def _is_right_in_statement(node: ast.AST, literal: Literal) -> bool:
    if isinstance(node, ast.Raise | ast.Assert | ast.Match):
        return True
    if isinstance(node, ast.AnnAssign) and len(literal.above) > literal.above.index(node) + 1:
        return isinstance(literal.above[literal.above.index(node) + 1], ast.ClassDef)  # a field's default
    target = name_of(node.targets[0]) if isinstance(node, ast.Assign) else ""
    return target.lower() in _ENVIRONMENTS_BY_NAME or any(map(is_deployed_to, words(target)))


def _says_where(name: str, literal: Literal) -> bool:
    """Whether a keyword or key says that a Region or account below it is one to deploy to, or to replicate to."""
    is_where = _SAYS_BOTH.search(name) is not None or any(map(is_deployed_to, words(name)))
    return is_where or (_is_region(literal) and _MANY.search(name) is not None)


def _is_for_one(literal: Literal) -> bool:
    """Whether it stands in a branch of a choice between environments: ``if stage == "prod": ...``."""
    tests = [node.test for node in literal.above if isinstance(node, ast.If)]
    matches = (node for node in literal.above if isinstance(node, ast.Match))
    patterns = [case.pattern for match in matches for case in match.cases]
    texts = (name_of(part) for test in (*tests, *patterns) for part in ast.walk(test) if isinstance(part, ast.Constant))
    return any(is_deployed_to(word) for text in texts for word in words(text))


def _is_region(literal: Literal) -> bool:
    match = REGION.fullmatch(literal.text)
    return match is not None and not match["zone"]


def _is_environment(node: ast.Call | ast.Dict, literal: Literal) -> bool:
    """Whether it models where to deploy to: an Environment, or what has a Region and an account side by side."""
    if isinstance(node, ast.Call) and name_of(node.func) in _ENVIRONMENTS:
        return True
    return literal.module.project.cached(("environment", node), lambda: _has_both(node, keys(literal.module, node)))


def _has_both(node: ast.Call | ast.Dict, names: Collection[str]) -> bool:
    if isinstance(node, ast.Dict) and _EXACT.issuperset(names):
        return True
    return any(map(_SAYS_REGION.search, names)) and any(map(_SAYS_ACCOUNT.search, names))


def _is_right_in_call(call: ast.Call, below: ast.AST, literal: Literal) -> bool:
    function = name_of(call.func)
    if function in _TELLS or function in ("get", "getenv", "setdefault", "pop"):
        return True
    if isinstance(below, ast.keyword) and below.arg == "default":
        return True
    if literal.text == HOME and function in _ASK_HOME:
        return True
    if _is_region(literal) and _CHOOSES.search(function):
        return True
    return _is_app_s_own(call, below, literal) or (below in call.args[1:2] and function[:1].isupper())


def _is_app_s_own(call: ast.Call, below: ast.AST, literal: Literal) -> bool:
    """Whether the app tells a class of its own the Region or account by that name, as at the top of an app."""
    if not isinstance(below, ast.keyword) or not re.search(f"{_SAYS_REGION.pattern}|account", below.arg or ""):
        return False
    full = imported(literal.module).dotted(call.func)
    return name_of(call.func)[:1].isupper() and not full.startswith(("aws_cdk.", "constructs."))


def _is_used_right(literal: Literal) -> bool:
    """Whether it is the value of a variable of which every use is right."""
    assigned = literal.above[0] if literal.above else None
    if not isinstance(assigned, ast.Assign | ast.AnnAssign):
        return False
    name = assigned.targets[0] if isinstance(assigned, ast.Assign) else assigned.target
    uses = _uses(literal, name.id) if isinstance(name, ast.Name) else []
    return bool(uses) and all(
        any(_is_right(node, below, literal) for node, below in _steps(Literal(literal.module, use, literal.text)))
        for use in uses
    )


def _uses(literal: Literal, name: str) -> list[ast.expr]:
    def find() -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in literal.module.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append(node)
        return found

    return literal.module.project.cached(("uses of names", literal.module), find).get(name, [])
