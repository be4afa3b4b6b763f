"""naming."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.environments import Placed, family, is_deployed_to, placed_at_edge, words
from cdk_guardrails.rules.names import PhysicalName, literal_names, physical_name
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Resource, Template


class Naming(Rule):
    """Physical names carry the environment, in one way for the whole app.

    With the setting *names*, a pattern such as ``{env}-*``, checks every physical name that an author gave. In the
    pattern ``prod`` stands for ``production`` and ``prd`` too, ``-`` for any separator, and upper case for lower; of a
    name with slashes a part is enough: ``/shop/prod/url`` follows ``{env}-*``. What a Ref in a name may become counts
    as fitting.

    Without a pattern, a warning where the app does not keep to its own way: some literal names carry an environment and
    this one, which only a new resource could change, does not; or some carry it in front and some behind; or, in one
    stack, this one carries another environment than the one that is deployed, which others carry. Domains, names that
    the CDK makes and names that a service asks for (``/aws/lambda/...``) are left alone. Nothing is renamed.
    """

    id = "naming"
    why = "Nobody can tell from a name without its environment whether it is safe to delete what has it."
    resource_types = ("*", TEMPLATE)
    concern = Concern.MAINTAINABILITY
    answers = ("C1.2",)
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/cdk/v2/guide/best-practices.html",),
    )
    bad = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: prod-orders
  Payments:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: payments
""")
    good = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: prod-orders
  Payments:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: prod-payments
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if not resource.logical_id:
            if settings.names is None and template is template.app.templates[0]:
                yield from self._styles(resource, template)
        elif (name := physical_name(resource)) is not None and name.is_free:
            if settings.names is not None:
                yield from self._against(settings.names, name, resource, settings.environment)
            elif _stands_out(name, template, settings.environment):
                message = f"the name '{name.text}' lacks the environment, which other names of the app carry"
                remedy = f"Put {settings.environment} into the name, or leave the name out."
                yield self.finding(resource, message, name.location, remedy=remedy, severity=Severity.WARNING)
            elif other := _strays_to(name, template, settings.environment):
                message = (
                    f"the name '{name.text}' carries {other}, where others of the stack carry {settings.environment}"
                )
                remedy = f"Put {settings.environment} into the name, or leave the name out."
                yield self.finding(resource, message, name.location, remedy=remedy, severity=Severity.WARNING)

    def _against(self, pattern: str, name: PhysicalName, resource: Resource, environment: str) -> Iterator[Finding]:
        if not name.follows(pattern, environment):
            wanted = pattern.replace("{env}", environment)
            message = f"the name '{name.shown}' does not follow the pattern '{wanted}'"
            yield self.finding(resource, message, name.location, remedy=f"Name it '{wanted}', or leave the name out.")

    def _styles(self, whole: Resource, template: Template) -> Iterator[Finding]:
        names = [name.text for other in template.app.templates for name in literal_names(other) if "/" not in name.text]
        in_front = [name for name in names if _is_environment(name, 0)]
        behind = [name for name in names if _is_environment(name, -1)]
        if in_front and behind:
            message = (
                f"names carry the environment in two ways: in front ({_some(in_front)}) and behind ({_some(behind)})"
            )
            remedy = "Decide for one, and say so: Guardrails(names='{env}-*')."
            yield self.finding(whole, message, remedy=remedy, detail="styles", severity=Severity.WARNING)


def _stands_out(name: PhysicalName, template: Template, environment: str) -> bool:
    """Whether a name lacks the environment although others of the app carry it."""
    if not (name.blocks and name.is_literal) or name.carries(environment):
        return False
    return any(_carried(other, environment) for other in template.app.templates)


def _strays_to(name: PhysicalName, template: Template, environment: str) -> str:
    """The environment in front of or behind a literal name when the stack's others say that it is another one's.

    A stack that has the same resource for each of several environments is not held to one.
    """
    placed = placed_at_edge(name.text) if name.is_literal else None
    if placed is None or placed.environment == (own := family(environment)) or not own:
        return ""
    siblings = template.cached("naming: environments at the edges of names", _placed_names)
    rests = {sibling.rest for sibling in siblings if sibling.environment == own}
    return placed.environment if rests and placed.rest not in rests else ""


def _placed_names(template: Template) -> list[Placed]:
    return [placed for name in literal_names(template) if (placed := placed_at_edge(name.text))]


def _carried(template: Template, environment: str) -> bool:
    """Whether a literal name of the template carries an environment; asked once until the next edit."""
    return template.cached(
        f"naming: {environment}", lambda asked: any(name.carries(environment) for name in literal_names(asked))
    )


def _is_environment(name: str, index: int) -> bool:
    found = words(name)
    return len(found) > 1 and is_deployed_to(found[index]) and not is_deployed_to(found[-1 - index])


def _some(names: list[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
