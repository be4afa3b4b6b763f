"""stack-modularity."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import MAX_RESOURCES, TEMPLATE, Resource, Template

NEAR_LIMIT: Final = 450
"""Resources from which a template is too near the 500 that CloudFormation deploys."""

_OWN_RESOURCE: Final = ("/Resource", "/Default")
"""How the path of the resource ends that a construct of the CDK stands for."""


class _Unit(NamedTuple):
    """A construct that an author made: the scope it stands in, and the line it was made on ("" when unknown)."""

    scope: str
    source: str


class StackModularity(Rule):
    """A stack is made of constructs, not of one long list of resources.

    Checks how many resources stand directly in one scope, by the construct paths in the template. What a construct of
    the CDK makes (a function's role, an API's methods) counts as that construct; what is in constructs of your own
    counts for those. Where no scope is too full, checks how many lines of one source file make resources. What
    Guardrails add does not count.

    An error from 450 resources in a template, whoever made them: CloudFormation deploys 500 at most. Without construct
    paths this is all that is checked.
    """

    id = "stack-modularity"
    why = "A list of resources cannot be reused, tested or understood in parts, and at 500 it cannot be deployed."
    resource_types = (TEMPLATE,)
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("C2.2",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
            "https://docs.aws.amazon.com/cdk/v2/guide/best-practices.html",
        ),
    )
    options = (
        Option(
            "max_resources", 50, "Number of resources that may stand in one scope, or in one source file.", minimum=1
        ),
    )
    bad = Example(
        """\
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Metadata: {"aws:cdk:path": Shop/Orders/Resource}
  Payments:
    Type: AWS::SQS::Queue
    Metadata: {"aws:cdk:path": Shop/Payments/Resource}
  Refunds:
    Type: AWS::SQS::Queue
    Metadata: {"aws:cdk:path": Shop/Refunds/Resource}
""",
        options={"max_resources": 2},
    )
    good = Example(
        """\
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Metadata: {"aws:cdk:path": Shop/Orders/Resource}
  Payments:
    Type: AWS::SQS::Queue
    Metadata: {"aws:cdk:path": Shop/Money/Payments/Resource}
  Refunds:
    Type: AWS::SQS::Queue
    Metadata: {"aws:cdk:path": Shop/Money/Refunds/Resource}
""",
        options={"max_resources": 2},
    )

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        number, most = len(template.resources), settings["max_resources"]
        if number >= NEAR_LIMIT:
            text = f"{number} of the {MAX_RESOURCES} resources that a template may hold: soon it cannot be deployed"
            remedy = "Split the stack in two, data apart from what uses it."
            yield self.finding(resource, text, remedy=remedy, detail="limit", severity=Severity.ERROR)
        units = _units(template)
        counts = Counter(unit.scope for unit in units)
        full = {f"stand directly in {scope}": number for scope, number in counts.items() if number > most}
        for where, number in (full or _full_files(units, most)).items():
            text = f"{number} resources {where}, over {most}"
            remedy = "Move what belongs together into a construct or stack of its own."
            yield self.finding(resource, text, remedy=remedy, detail=where.rpartition(" ")[2])


def _full_files(units: list[_Unit], most: int) -> dict[str, int]:
    """Files with more places that make resources than ``most``; a loop, or a construct used twice, is one place."""
    places: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        if unit.source:
            places[unit.source.rpartition(":")[0]].add(unit.source)
    return {f"are made in {file}": len(lines) for file, lines in places.items() if len(lines) > most}


def _units(template: Template) -> list[_Unit]:
    """The constructs with resources that an author made, each once."""
    origins = [resource.origin for resource in template.resources.values() if _counts(resource)]
    owners = {
        origin.construct_path.rpartition("/")[0] for origin in origins if origin.construct_path.endswith(_OWN_RESOURCE)
    }
    found: dict[str, _Unit] = {}
    for origin in origins:
        if origin.construct_path:
            unit = _owner(origin.construct_path, owners, template.name)
            source = "" if origin.source.startswith(f"{template.name}:") else origin.source
            found.setdefault(unit, _Unit(unit.rpartition("/")[0], source))
    return list(found.values())


def _counts(resource: Resource) -> bool:
    return not resource.logical_id.startswith("Guardrails") and resource.type != "AWS::CDK::Metadata"


def _owner(path: str, owners: set[str], stack: str) -> str:
    """The outermost construct of the CDK that the resource at ``path`` is part of, or the resource itself."""
    end = path.find("/", len(stack) + 1 if path.startswith(f"{stack}/") else 0)
    while end != -1:
        if path[:end] in owners and path[:end] != stack and "/" in path[:end]:
            return path[:end]
        end = path.find("/", end + 1)
    return path
