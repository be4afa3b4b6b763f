"""How much more the policies of a role can hold: IAM refuses a policy that is too long, and the deployment with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cdk_guardrails.rules.policies import parsed
from cdk_guardrails.template import Resource, is_intrinsic

INLINE: Final = 10_240
"""Characters, white space aside, of all inline policies of a role together:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length"""

MANAGED: Final = 6_144
"""The same of one managed policy."""

ARN: Final = 150
"""What an attribute of a resource is taken to be long, as the CDK does when it splits policies."""

PSEUDO: Final = 20
"""The same for ``AWS::Partition`` and the like."""


def has_room(
    policy: Resource | None, statement: Mapping[str, Any], role: Resource, attached: Sequence[Resource]
) -> bool:
    """Whether ``statement`` fits into ``policy``, or into another inline one of ``role`` (None).

    ``attached`` are the policies of the template that name the role.
    """
    if policy is not None and policy.type == "AWS::IAM::ManagedPolicy":
        return _length(parsed(policy.raw("PolicyDocument"))) + _length(statement) <= MANAGED
    inline = [item for item in attached if item.type != "AWS::IAM::ManagedPolicy"]
    there = _length(role.raw("Policies")) + sum(_length(parsed(item.raw("PolicyDocument"))) for item in inline)
    return there + _length(statement) <= INLINE


def _length(value: Any) -> int:
    """About how long the JSON of ``value`` will be, without white space; rather too long than too short."""
    if is_intrinsic(value):
        return _length_of_intrinsic(*next(iter(value.items())))
    if isinstance(value, Mapping):
        return 2 + sum(len(str(key)) + 4 + _length(item) for key, item in value.items())
    if isinstance(value, list):
        return 2 + sum(1 + _length(item) for item in value)
    return 0 if value is None else len(str(value)) + 2


def _length_of_intrinsic(function: str, argument: Any) -> int:
    if function == "Ref" and str(argument).startswith("AWS::"):
        return PSEUDO
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        return sum(_length(part) + len(str(argument[0])) for part in argument[1])
    if function == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        return len(str(text)) + PSEUDO
    return ARN
