"""required-tags."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.resource_types import TypeInfo
from cdk_guardrails.rules.across.tagging import MAX_TAGS, add_tags, tag_keys, taggable
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Edit, Resource, Template

ASK_ENVIRONMENT: Final = "Guardrails(environment=...)"


class RequiredTags(Rule):
    """Every taggable resource carries the required tags.

    Checks that each resource that can be tagged has the keys of *keys* and every tag of the settings. The fix adds what
    is missing; a tag that the author wrote is kept, whatever its value. Each replica of a global table has tags of its
    own. Environment is the name of the environment that was given, unless the tags say otherwise. A required key that
    nobody gives a value for is one error per template, not per resource.

    Left alone: types whose tags only change by replacing the resource (a warning), tags behind an intrinsic function,
    and a key that is there in another case (a warning per template: IAM would take both for the same key and fail).
    """

    id = "required-tags"
    why = "Costs, owners and access are looked up by tags: an untagged resource belongs to nobody."
    resource_types = ("*", TEMPLATE)
    concern = Concern.TAGGING
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = "Tags are added in place, without interruption."
    order = 10  # it touches everything: rules after it need not look again
    answers = ("A6.2", "B6.1")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/config/latest/developerguide/required-tags.html",
            "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
        ),
    )
    options = (
        Option("keys", ("Environment", "Owner", "Project", "Department"), "Tag keys that every resource must have."),
    )
    bad = Example("""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      Tags:
        - Key: Owner
          Value: orders-team
  Parameter:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: on
""")
    good = Example("""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      Tags:
        - {Key: Environment, Value: prod}
        - {Key: Owner, Value: orders-team}
        - {Key: Project, Value: shop}
        - {Key: Department, Value: sales}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if not resource.logical_id:
            yield from self._without_value(resource, template, settings)
            yield from self._in_another_case(resource, template, settings)
        elif type_info := taggable(resource):
            if missing := _missing(resource, type_info, settings):
                yield self._lacks(resource, type_info, missing)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        type_info = taggable(resource)
        if finding.detail or type_info is None or type_info.tags_replace:
            return
        values = _values(settings)
        room = MAX_TAGS - len(tag_keys(resource, type_info) or ())
        missing = _missing(resource, type_info, settings)[:room]
        if missing:
            yield from add_tags(resource, type_info, {key: values[key] for key in missing})

    def _lacks(self, resource: Resource, type_info: TypeInfo, missing: list[str]) -> Finding:
        keys = ", ".join(missing)
        message = f"it has no tag {keys}" if len(missing) == 1 else f"it has no tags {keys}"
        remedy, severity = f'cdk.Tags.of(resource).add("{missing[0]}", ...)', Severity.ERROR
        if type_info.tags_replace:
            message += ", and the tags of this type only change by replacing the resource"
            remedy, severity = f"Before the first deployment: {remedy}", Severity.WARNING
        return self.finding(resource, message, type_info.tag_property, remedy=remedy, severity=severity)

    def _without_value(self, whole: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """A finding per required key that resources of the template lack and that the settings give no value for."""
        values = _values(settings)
        for key in settings["keys"]:
            if key not in values and (bare := [r.logical_id for r in template.resources.values() if _lacking(r, key)]):
                yield self.finding(
                    whole,
                    f"the tag {key} has no value: {_some(bare)} cannot get it",
                    remedy="Guardrails(environment=...)"
                    if key == "Environment"
                    else f'Guardrails(tags={{"{key}": ...}})',
                    detail=key,
                )

    def _in_another_case(self, whole: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """A warning per spelling of a wanted key that differs from it in case only."""
        found: dict[tuple[str, str], list[str]] = {}
        for resource in template.resources.values():
            for pair in _variants(resource, settings):
                found.setdefault(pair, []).append(resource.logical_id)
        for (key, variant), ids in found.items():
            yield self.finding(
                whole,
                f"the tag '{variant}' differs from '{key}' in case only: a search for '{key}' misses {_some(ids)}",
                remedy=f"Write the key as '{key}'.",
                detail=variant,
                severity=Severity.WARNING,
            )


def _values(settings: RuleSettings) -> dict[str, str]:
    """The tags to apply: the required ones first, in their order and spelling, then the others of the settings."""
    environment = settings.environment if settings.environment_known else ""
    return _ordered(settings["keys"], tuple(settings.tags.items()), environment)


@functools.lru_cache(maxsize=64)
def _ordered(keys: tuple[str, ...], tags: tuple[tuple[str, str], ...], environment: str) -> dict[str, str]:
    spelling = {key.casefold(): key for key in keys}
    given = {spelling.get(key.casefold(), key): value for key, value in tags}
    if environment and "Environment" in keys:
        given.setdefault("Environment", environment)
    return {key: given[key] for key in dict.fromkeys((*keys, *given)) if key in given}


def _missing(resource: Resource, type_info: TypeInfo, settings: RuleSettings) -> list[str]:
    """The keys of the tags to apply that a resource has in no case."""
    present = tag_keys(resource, type_info)
    if present is None:
        return []
    folded = {key.casefold() for key in present}
    return [key for key in _values(settings) if key.casefold() not in folded]


def _variants(resource: Resource, settings: RuleSettings) -> Iterator[tuple[str, str]]:
    """The wanted keys that a resource has in another case only, with what it has."""
    type_info = taggable(resource)
    present = (tag_keys(resource, type_info) if type_info else None) or []
    if not present:
        return
    by_folded = {key.casefold(): key for key in present}
    for key in dict.fromkeys((*settings["keys"], *_values(settings))):
        if key not in present and (variant := by_folded.get(key.casefold())):
            yield key, variant


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _lacking(resource: Resource, key: str) -> bool:
    type_info = taggable(resource)
    if type_info is None or type_info.tags_replace:
        return False
    present = tag_keys(resource, type_info)
    return present is not None and key.casefold() not in {item.casefold() for item in present}
