"""Where functions log to, and who reads it there."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.lambda_.functions import SAM_FUNCTION, events
from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.template import Resource, Template, is_no_value
from cdk_guardrails.template.edits import value_at

LOG_GROUP: Final = "AWS::Logs::LogGroup"

DECLARED: Final = (LOG_GROUP, "Custom::LogRetention")
"""Types that stand for a log group; with the second the CDK manages the group that Lambda makes."""

METRIC_FILTER: Final = "AWS::Logs::MetricFilter"


class Reader(NamedTuple):
    """A filter on a log group: its logical id, whether it forwards the events, and its pattern as written."""

    logical_id: str
    forwards: bool
    pattern: Any


def named_group(function: Resource) -> Any:
    """The log group that a function names, as written; None when it logs to the one that Lambda makes."""
    value = function.raw("LoggingConfig.LogGroup")
    if value is None and function.type == SAM_FUNCTION:
        value = value_at(function.template.data, ("Globals", "Function", "LoggingConfig", "LogGroup"))
    return None if is_no_value(value) or value == "" else value


def default_names(function: Resource) -> set[str]:
    """The name of the log group that Lambda makes for a function, in the ways that a template may write it."""
    names = {f"${{{function.logical_id}}}", rendered(function.raw("FunctionName"))}
    return {f"/aws/lambda/{name}" for name in names if name}


def declared_groups(function: Resource, template: Template) -> list[Resource]:
    """What stands in the app for the log group that Lambda would make for a function."""
    names = default_names(function)
    found = [group for name in names for group in _groups(template).get(name, ())]
    for name in names:
        for other in template.app.templates if "${" not in name else ():
            found += _groups(other).get(name, ()) if other is not template else ()
    return found


def may_be_declared(function: Resource, template: Template) -> bool:
    """Whether that group may stand there by a name which cannot be compared: neither it nor the function's is known."""
    name = function.raw("FunctionName")
    return name is not None and rendered(name) is None and None in _groups(template)


def readers(function: Resource, template: Template) -> list[Reader]:
    """The metric and subscription filters of the template on the log group of a function."""
    named = named_group(function)
    group = template.resource_of(named)
    groups = declared_groups(function, template) if named is None else [group] if group is not None else []
    texts = default_names(function) if named is None else {rendered(named)}
    for item in groups:
        texts |= {f"${{{item.logical_id}}}", f"${{{item.logical_id}.LogGroupName}}", rendered(item.raw("LogGroupName"))}
    by_group = template.cached("readers by log group", _readers_by_group)
    return [reader for text in sorted(text for text in texts if text) for reader in by_group.get(text, ())]


def _groups(template: Template) -> dict[str | None, list[Resource]]:
    return template.cached("log groups by name", _groups_by_name)


def _groups_by_name(template: Template) -> dict[str | None, list[Resource]]:
    """By name as rendered; None: those whose name cannot be."""
    found: dict[str | None, list[Resource]] = defaultdict(list)
    for group in template.of_type(*DECLARED):
        if (name := group.raw("LogGroupName")) is not None:
            found[rendered(name)].append(group)
    return dict(found)


def _readers_by_group(template: Template) -> dict[str, list[Reader]]:
    found: dict[str, list[Reader]] = defaultdict(list)
    for item in template.of_type(METRIC_FILTER, "AWS::Logs::SubscriptionFilter"):
        name = rendered(item.raw("LogGroupName")) or ""
        found[name].append(Reader(item.logical_id, item.type != METRIC_FILTER, item.raw("FilterPattern")))
    for function in template.of_type(SAM_FUNCTION):
        for event in events(function):
            if event.type == "CloudWatchLogs":
                name = rendered(event.properties.get("LogGroupName")) or ""
                found[name].append(Reader(function.logical_id, True, event.properties.get("FilterPattern")))
    return dict(found)
