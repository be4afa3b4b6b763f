"""What the rules share that deny plain HTTP in the policy of a bucket, queue or topic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cdk_guardrails.rules.base import not_fixed
from cdk_guardrails.rules.policies import statements
from cdk_guardrails.rules.resource_policies import Policies
from cdk_guardrails.template import Resource, is_unknown


class Gap(NamedTuple):
    """What lets plain HTTP through: a policy (None: there is none), and why it cannot be fixed ("" when it can)."""

    policy: Resource | None
    lacks: str
    obstacle: str = ""

    @property
    def says(self) -> str:
        """The finding's message."""
        return f"{self.lacks}{not_fixed(self.obstacle)}"


def gaps(
    policies: Policies, lacks: Callable[[Resource], str], noun: str, *, obstacle: str = "", to_adding: str = ""
) -> Iterator[Gap]:
    """The gaps of a resource with these policies, of which ``lacks`` says what they do not deny ("" when nothing).

    ``noun`` is what the resource is. ``obstacle`` keeps every gap from being fixed, ``to_adding`` a policy from being
    added. Each policy that is surely its own must deny plain HTTP, since nobody knows which one is made last.
    """
    for policy in policies.own:
        if lack := lacks(policy):
            yield Gap(policy, f"the policy {policy.logical_id} {lack}", obstacle)
    if policies.own:
        return
    if not policies.perhaps:
        yield Gap(None, "no policy denies plain HTTP", obstacle or to_adding)
    elif not any(map(_mentions_tls, policies.perhaps)):
        names = ", ".join(policy.logical_id for policy in policies.perhaps)
        yield Gap(None, "no policy denies plain HTTP", obstacle or f"{names} may be the policy of this {noun}")


def _mentions_tls(policy: Resource) -> bool:
    """Whether a policy, whosever it is, says something about TLS or what only the deployment knows."""
    found = statements(policy.raw("PolicyDocument"))
    return any(map(is_unknown, found)) or "securetransport" in json.dumps(found, default=str).lower()


def denial(action: str, resource: Any, principal: Any) -> dict[str, Any]:
    """The statement that denies ``action`` to everyone in a request without TLS."""
    return {
        "Effect": "Deny",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
