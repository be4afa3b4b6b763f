"""Where functions log to, and who reads it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.lambda_.functions import SAM_FUNCTION, events
from cdk_guardrails.rules.policies import rendered
from cdk_guardrails.rules.roles import attached, role_of
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import Reference, Resource, Template, is_intrinsic, is_no_value
from cdk_guardrails.template.edits import value_at

LOG_GROUP: Final = "AWS::Logs::LogGroup"

DECLARED: Final = (LOG_GROUP, "Custom::LogRetention")
"""Types that stand for a log group; with the second the CDK manages the group that Lambda makes."""

METRIC_FILTER: Final = "AWS::Logs::MetricFilter"

DEFAULT: Final = "/aws/lambda/"
"""How the name of a log group begins that Lambda makes; the function's name follows."""


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
    return {f"{DEFAULT}{name}" for name in names if name}


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
    """The metric and subscription filters of the app on the log group of a function."""
    named = named_group(function)
    groups = declared_groups(function, template) if named is None else list(_meant(named, template))
    names = default_names(function) if named is None else {rendered(named)}
    names |= {rendered(item.raw("LogGroupName")) for item in groups}
    meant = [function, *groups] if named is None else groups
    found = list(_reading(template, names, groups))
    for other in template.app.templates:
        if other is not template:
            found += _reading(other, {name for name in names if name and "${" not in name}, groups)
            found += _linked(other, meant)
    return found


def _meant(value: Any, template: Template) -> Iterator[Resource]:
    """The log group of the app that ``value`` refers to."""
    group = template.resource_of(value)
    if group is not None:
        yield group
    elif is_intrinsic(value):
        others = [other for other in template.app.templates if other is not template]
        yield from (item for other in others for item in other.of_type(LOG_GROUP) if refers_across(value, item))


def _reading(template: Template, names: set[str | None], groups: list[Resource]) -> Iterator[Reader]:
    """The filters of a template on a log group of one of the names, or on one of those of ``groups`` that it has."""
    local = [group.logical_id for group in groups if group.template is template]
    texts = {*names, *(f"${{{id_}}}" for id_ in local), *(f"${{{id_}.LogGroupName}}" for id_ in local)}
    by_group = template.cached("readers by log group", _readers_by_group)
    return (reader for text in sorted(filter(None, texts)) for reader in by_group.get(text, ()))


def _linked(other: Template, meant: list[Resource]) -> Iterator[Reader]:
    """The filters of another template on a log group that it names with a reference to what is ``meant``."""
    for reader, links in other.cached("readers of other stacks' log groups", _readers_across):
        if any(refers_across(link, resource) for link in links for resource in meant):
            yield reader


def mentions(function: Resource, template: Template) -> list[str]:
    """The logical ids of what has the name of the group that Lambda makes for ``function``: dashboards, queries ...

    The policies of the function's own role aside: they let it log there.
    """
    role = role_of(function, template)
    own = {function.logical_id, *([role.logical_id, *(p.logical_id for p in attached(role, template))] if role else ())}
    found = template.references_to(function.logical_id)
    return [id_ for id_, reference in found if id_ not in own and _is_name(template.resources[id_], reference)]


def _is_name(user: Resource, reference: Reference) -> bool:
    """Whether a reference to a function stands behind ``/aws/lambda/``, in a Fn::Join or a Fn::Sub."""
    *parents, last = reference.path
    if reference.path[-3:-1] == ("Fn::Join", 1) and isinstance(last, int) and last > 0:
        before = value_at(user.data, (*parents, last - 1))
        return isinstance(before, str) and before.endswith(DEFAULT)
    sub = value_at(user.data, (*reference.path, "Fn::Sub"))
    text = sub[0] if isinstance(sub, list) and sub else sub
    return isinstance(text, str) and f"{DEFAULT}${{{reference.logical_id}}}" in text


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
    for name, reader in _all_readers(template):
        found[rendered(name) or ""].append(reader)
    return dict(found)


def _readers_across(template: Template) -> list[tuple[Reader, list[Any]]]:
    """The filters on log groups that the template does not name alone, each with the intrinsics in that name."""
    linked = [(reader, list(_intrinsics(name))) for name, reader in _all_readers(template)]
    return [(reader, links) for reader, links in linked if links]


def _intrinsics(value: Any) -> Iterator[Any]:
    if is_intrinsic(value):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _intrinsics(item)


def _all_readers(template: Template) -> Iterator[tuple[Any, Reader]]:
    """The filters of a template, each with the name of its log group as written."""
    for item in template.of_type(METRIC_FILTER, "AWS::Logs::SubscriptionFilter"):
        reader = Reader(item.logical_id, item.type != METRIC_FILTER, item.raw("FilterPattern"))
        yield item.raw("LogGroupName"), reader
    for function in template.of_type(SAM_FUNCTION):
        for event in events(function):
            if event.type == "CloudWatchLogs":
                reader = Reader(function.logical_id, True, event.properties.get("FilterPattern"))
                yield event.properties.get("LogGroupName"), reader
