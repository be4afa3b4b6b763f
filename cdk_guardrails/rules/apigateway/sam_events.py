"""The API events of SAM functions: each makes a method of an API, and says with the API who may call it.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.apigateway.methods import Operation, is_limited, truth
from cdk_guardrails.rules.apigateway.stages import SAM_API, SAM_HTTP_API
from cdk_guardrails.rules.policies import Answer, some
from cdk_guardrails.template import UNKNOWN, Resource, Template, is_intrinsic, known
from cdk_guardrails.template.edits import value_at

FUNCTION: Final = "AWS::Serverless::Function"


class _Kind(NamedTuple):
    """What an event of a type calls its API, the API's type, and its section of Globals."""

    reference: str
    api_type: str
    section: str


KINDS: Final = {
    "Api": _Kind("RestApiId", SAM_API, "Api"),
    "HttpApi": _Kind("ApiId", SAM_HTTP_API, "HttpApi"),
}


def operations_of_events(function: Resource, template: Template, *kinds: str) -> Iterator[Operation]:
    """The methods that a function's events of the given kinds (``Api``, ``HttpApi``) make.

    Left out are those that are unknown, and those of an API that is private or has a resource policy.
    """
    events = function.get("Events")
    for name, event in events.items() if isinstance(events, dict) else ():
        if isinstance(event, dict) and event.get("Type") in kinds:
            properties = event.get("Properties")
            if isinstance(properties, dict | None) and not is_intrinsic(properties):
                yield from _operation(properties or {}, KINDS[event["Type"]], template, ("Events", name, "Properties"))


def _operation(
    event: Mapping[str, Any], kind: _Kind, template: Template, path: tuple[str | int, ...]
) -> Iterator[Operation]:
    default = ("ANY", "$default") if kind.section == "HttpApi" else ("", "")
    verb, route = (event.get(name) or default[index] for index, name in enumerate(("Method", "Path")))
    api = template.resource_of(event.get(kind.reference))
    elsewhere = event.get(kind.reference) is not None and (api is None or api.type != kind.api_type)
    if elsewhere or not (verb and route and isinstance(verb, str) and isinstance(route, str)):
        return
    if api is not None and (is_limited(api) is not False or any(map(api.raw, ("DefinitionBody", "DefinitionUri")))):
        return
    own, shared = known(event.get("Auth")), _shared_auth(api, kind, template)
    if own is UNKNOWN or shared is None or (isinstance(own, dict) and own.get("ResourcePolicy")):
        return
    own = own if isinstance(own, dict) else {}
    yield Operation(verb.upper().replace("*", "ANY"), route, path, event, _authorizer(own, shared), _key(own, shared))


def _shared_auth(api: Resource | None, kind: _Kind, template: Template) -> Mapping[str, Any] | None:
    """The Auth of an API, over that of Globals; None when one of them is unknown or has a resource policy."""
    found = known(value_at(template.data, ("Globals", kind.section, "Auth"))), api.get("Auth") if api else None
    if any(not isinstance(auth, dict | None) or (auth and auth.get("ResourcePolicy")) for auth in found):
        return None
    return {**(found[0] or {}), **(found[1] or {})}


def _authorizer(own: Mapping[str, Any], shared: Mapping[str, Any]) -> Answer:
    chosen = known(own.get("Authorizer")) or known(shared.get("DefaultAuthorizer"))
    return None if chosen is UNKNOWN else chosen not in (None, "", "NONE")


def _key(own: Mapping[str, Any], shared: Mapping[str, Any]) -> Answer:
    said = [auth.get("ApiKeyRequired") for auth in (own, shared)]
    return truth(known(said[0])) if said[0] is not None else some([truth(known(said[1]))])
