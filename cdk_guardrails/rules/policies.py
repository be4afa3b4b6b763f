"""Policy documents in three values: whether a statement is surely so (True), surely not (False), or unknown (None)."""

from __future__ import annotations

import fnmatch
import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cdk_guardrails.template import (
    UNKNOWN,
    Edit,
    Resource,
    is_intrinsic,
    is_no_value,
    is_unknown,
    known,
    references,
)
from cdk_guardrails.template.intrinsics import FOREIGN_REF

Answer = bool | None

Reach = Callable[[Any], Answer]
"""Says of an item of a Resource element whether it covers the resource in question."""


def every(answers: Iterable[Answer]) -> Answer:
    """True when all are, False when one is not, else None."""
    return _decided(answers, by=False)


def some(answers: Iterable[Answer]) -> Answer:
    """True when one is, False when none is, else None."""
    return _decided(answers, by=True)


def _decided(answers: Iterable[Answer], *, by: bool) -> Answer:
    """``by`` as soon as one answer is that; without one the opposite, unless an answer is unknown."""
    unknown = False
    for answer in answers:
        if answer is by:
            return by
        unknown = unknown or answer is None
    return None if unknown else not by


def as_list(value: Any) -> list[Any]:
    """The items of an element that may be one value or a list of them, without AWS::NoValue."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [item for item in items if not is_no_value(item)]


def parsed(document: Any) -> Any:
    """A policy document as a mapping, also when it is written as JSON text; UNKNOWN behind an intrinsic."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return UNKNOWN
    return UNKNOWN if is_unknown(document) else document


def statements(document: Any) -> list[Any]:
    """The statements of a policy document as written, intrinsics included; one UNKNOWN when all of it is unknown."""
    document = parsed(document)
    if document is UNKNOWN:
        return [UNKNOWN]
    return as_list(document.get("Statement")) if isinstance(document, dict) else []


def possible_statements(document: Any) -> Iterator[dict[str, Any]]:
    """Every mapping that may become a statement: the plain ones and those in the branches of Fn::If."""
    pending = statements(document)
    while pending:
        item = pending.pop(0)
        if isinstance(item, dict) and isinstance(branches := item.get("Fn::If"), list):
            pending += [statement for branch in branches[1:] for statement in as_list(branch)]
        elif isinstance(item, dict) and not is_intrinsic(item):
            yield item


def has_effect(statement: dict[str, Any], effect: str) -> Answer:
    """Whether the statement is an ``Allow`` (or a ``Deny``)."""
    found = known(statement.get("Effect"))
    return None if found is UNKNOWN else bool(found == effect)


def is_everyone(principal: Any) -> Answer:
    """Whether a Principal is everyone: ``*`` or ``{"AWS": "*"}``. An attribute of a resource or a text with one is not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if is_intrinsic(principal):
        text = rendered(principal)
        return None if text is None or re.fullmatch(r"\$\{(?!AWS::)[^.!}]*\}", text) else text == "*"
    if isinstance(principal, dict):
        return some(is_everyone(item) for key in ("AWS", "*") for item in as_list(principal.get(key)))
    return bool(principal == "*")


def is_action(patterns: Any, action: str) -> Answer:
    """Whether an Action element covers ``action``; upper and lower case are the same, ``*`` and ``?`` match."""
    found = [known(pattern) for pattern in as_list(patterns)]
    return some(None if item is UNKNOWN else _matches(item, action) for item in found)


def _matches(pattern: Any, action: str) -> bool:
    return isinstance(pattern, str) and _fits(pattern, action)


@functools.lru_cache(maxsize=4096)
def _fits(pattern: str, action: str) -> bool:
    return fnmatch.fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def is_all(resource: Any) -> Answer:
    """Whether an item of a Resource element is ``*``."""
    text = rendered(resource)
    return None if text is None else text == "*"


def is_all_or(wanted: Any) -> Reach:
    """The `Reach` to one resource: an item is ``*``, or written like ``wanted``."""
    texts = ("*", rendered(wanted))
    return lambda resource: None if (text := rendered(resource)) is None else text in texts


def allows(statement: Any, action: str, reach: Reach = is_all) -> Answer:
    """Whether a statement allows ``action`` on every resource, or on what ``reach`` is about, whatever the context."""
    if not isinstance(statement, dict):
        return None if statement is UNKNOWN else False
    if is_intrinsic(statement):
        return None
    if (spoken := _speaks_of(statement, "Allow", action)) is False:
        return False
    reached = some(reach(resource) for resource in as_list(statement.get("Resource")))
    unconditional = None if as_list(statement.get("Condition")) else True
    return every([spoken, reached, unconditional])


def denies(statement: Any, action: str) -> Answer:
    """Whether a statement denies ``action`` on some resource or under some condition."""
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return None if statement is UNKNOWN or is_intrinsic(statement) else False
    return _speaks_of(statement, "Deny", action)


def _speaks_of(statement: dict[str, Any], effect: str, action: str) -> Answer:
    if (effective := has_effect(statement, effect)) is False:
        return False
    if (others := statement.get("NotAction")) is not None:
        excluded = is_action(others, action)
        return every([effective, None if excluded is None else not excluded])
    return every([effective, is_action(statement.get("Action"), action)])


def denies_plain_http(statement: Any, all_actions: str) -> Answer:
    """Whether a statement denies everyone ``all_actions`` (``s3:*``) in each request without TLS.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
    """
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return None if is_unknown(statement) else False
    return every(
        [
            has_effect(statement, "Deny"),
            is_everyone(statement.get("Principal")),
            is_action(statement.get("Action"), all_actions),
            _is_plain_http(statement.get("Condition")),
        ]
    )


def _is_plain_http(condition: Any) -> Answer:
    """Whether every request without TLS meets a Condition: none, or Bool aws:SecureTransport false and nothing else."""
    if condition is None or is_no_value(condition):
        return True
    operator, keys = _only_item(condition)
    key, value = _only_item(keys)
    if is_unknown(condition) or is_unknown(keys):
        return None
    if str(operator).lower() not in ("bool", "boolifexists") or str(key).lower() != "aws:securetransport":
        return False
    values = [known(item) for item in as_list(value)]
    return None if UNKNOWN in values else [str(item).lower() for item in values] == ["false"]


def _only_item(mapping: Any) -> tuple[Any, Any]:
    return next(iter(mapping.items())) if isinstance(mapping, dict) and len(mapping) == 1 else (None, None)


def appended(policy: Resource, path: str, statement: dict[str, Any]) -> Edit:
    """``statement`` at the end of the document at ``path``, be it mapping or text, with one statement or a list."""
    raw = policy.raw(path)
    document = parsed(raw)
    existing = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(raw, str) and isinstance(document, dict):
        return policy.set(path, {**document, "Statement": [*as_list(existing), statement]})
    if isinstance(existing, dict) and not is_intrinsic(existing):
        return policy.set(f"{path}.Statement", [existing, statement])
    return policy.append(f"{path}.Statement", statement)


def rendered(value: Any) -> str | None:
    """A value as the text of a Fn::Sub: ``{"Ref": "A"}`` is ``${A}``, joins are joined; None when it cannot be.

    Two values that render to the same text are the same value.
    """
    if isinstance(value, str):
        return value
    if not is_intrinsic(value):
        return None
    function, argument = next(iter(value.items()))
    if function in ("Ref", "Fn::GetAtt"):
        return _rendered_reference(value, argument)
    if function == "Fn::Sub":
        return _rendered_sub(argument)
    if function == "Fn::Join":
        return _rendered_join(argument)
    # What another stack knows: nothing of this template renders so.
    return f"${{!{json.dumps(value, sort_keys=True)}}}" if function in (FOREIGN_REF, "Fn::ImportValue") else None


def _rendered_reference(value: Any, argument: Any) -> str | None:
    if isinstance(argument, str) and "Ref" in value:
        return f"${{{argument}}}"
    found = references(value)
    return f"${{{found[0].logical_id}.{found[0].attribute}}}" if len(found) == 1 else None


def _rendered_sub(argument: Any) -> str | None:
    text, local = (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(local, dict):
        return None
    for name, value in local.items():
        replacement = rendered(value)
        if replacement is None:
            return None
        text = text.replace(f"${{{name}}}", replacement)
    return text


def _rendered_join(argument: Any) -> str | None:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        return None
    parts = [rendered(part) for part in as_list(argument[1])]
    if not isinstance(argument[1], list) or None in parts:
        return None
    return argument[0].join(part for part in parts if part is not None)
