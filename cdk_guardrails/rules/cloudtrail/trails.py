"""What the rules about trails share: a trail's ARN, and whether a statement lets CloudTrail act for that trail."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from typing import Any, Final

from cdk_guardrails.rules.policies import Answer, allows, as_list, every, rendered, some
from cdk_guardrails.rules.resource_policies import is_service
from cdk_guardrails.template import UNKNOWN, Resource, is_intrinsic, is_no_value, is_unknown, references

TRAIL: Final = "AWS::CloudTrail::Trail"

PRINCIPALS: Final = ("cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com.cn", "cloudtrail.${AWS::URLSuffix}")

_MATCHING: Final = ("stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike", "bool")
"""Condition operators that no request meets which lacks the key:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""


def trail_arn(trail: Resource) -> dict[str, str]:
    """The trail's ARN without a reference to it, for policies of what the trail itself needs.

    The name is a wildcard when CloudFormation generates it, or takes it from another resource, which may need the
    policy.
    """
    name, parameters = _name(trail), trail.template.parameters
    by_resource = any(reference.logical_id not in parameters for reference in references(trail.raw("TrailName")))
    if not name or by_resource or "${!" in name:
        name = "*"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:cloudtrail:${{AWS::Region}}:${{AWS::AccountId}}:trail/{name}"}


def _name(trail: Resource) -> str | None:
    """The trail's name as rendered text; None when it is generated or not known."""
    return None if trail.get("TrailName") in (None, "") else rendered(trail.raw("TrailName"))


def lets_cloudtrail(
    found: Iterable[Any], trail: Resource, action: str, on: Callable[[Any], Answer], lacking: str
) -> Answer:
    """Whether one of these statements lets CloudTrail do ``action`` for ``trail`` on a resource that is ``on``.

    ``lacking`` is how the condition keys begin that no request for ``action`` has: a statement that asks for one
    allows nothing.
    """
    return some(_lets(statement, trail, action, on, lacking) for statement in found)


def _lets(statement: Any, trail: Resource, action: str, on: Callable[[Any], Answer], lacking: str) -> Answer:
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return None if is_unknown(statement) else False
    plain = {key: value for key, value in statement.items() if key != "Condition"}
    if "NotResource" in plain:
        plain["Resource"] = UNKNOWN
    met = _is_met(statement.get("Condition"), trail, lacking)
    return every([allows(plain, action, on), is_service(statement, PRINCIPALS), met])


def _is_met(condition: Any, trail: Resource, lacking: str) -> Answer:
    """Whether CloudTrail's requests for ``trail`` meet a Condition."""
    if condition is None or is_no_value(condition):
        return True
    if not isinstance(condition, dict) or is_intrinsic(condition):
        return None
    answers: list[Answer] = []
    for operator, keys in condition.items():
        if not isinstance(keys, dict) or is_intrinsic(keys) or str(operator).lower() not in _MATCHING:
            answers.append(None)
            continue
        answers += [_holds(str(operator).lower(), str(key).lower(), keys[key], trail, lacking) for key in keys]
    return every(answers)


def _holds(operator: str, key: str, value: Any, trail: Resource, lacking: str) -> Answer:
    if lacking and key.startswith(lacking):
        return False
    texts = [rendered(item) for item in as_list(value)]
    if key == "aws:sourcearn":
        return some(_is_arn(text, operator, trail) for text in texts)
    expected = {"s3:x-amz-acl": "bucket-owner-full-control", "aws:securetransport": "true"}.get(key)
    return True if expected in texts else None


def _is_arn(text: str | None, operator: str, trail: Resource) -> Answer:
    """Whether a pattern is the trail's ARN. StringEquals takes a wildcard for what it is: no ARN has one."""
    if text is None:
        return None
    if "*" in text and operator == "stringequals":
        return False
    name, (_, is_trail, pattern) = _name(trail), text.rpartition(":trail/")
    if text == "*" or (is_trail and pattern in ("*", name)):
        return True
    if not is_trail or not name or "${" in name or "${" in pattern:
        return None
    return fnmatch.fnmatchcase(name, pattern)
