"""deploy-order."""

from __future__ import annotations

from collections.abc import Iterator

from cdk_guardrails.rules.across.waiting import WAITS, Wait
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, Severity
from cdk_guardrails.rules.shared import comes_after
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template


class DeployOrder(Rule):
    """Resources are made after what they need, though they do not refer to it.

    CloudFormation orders resources by their references and makes the others at the same time. Checks for what it cannot
    see: an API's deployment needs its methods (or routes), a stage with logs the account settings, a trail the policies
    of its bucket, topic and role, a bucket that notifies the permissions of its destinations, an event source mapping
    and a function the policies of the function's role. The fix adds DependsOn, unless the order is given already, at
    any distance, and never so that a cycle comes of it.

    Where a cycle rules the right order out and the deployment is sure to fail without it, a warning says so. A
    resource that exists under another Condition is not waited for: DependsOn must not name what may not be there.
    """

    id = "deploy-order"
    why = "A stack that deploys only when the timing is right fails on the day it is needed elsewhere."
    resource_types = tuple(WAITS)
    concern = Concern.DEPLOY_ORDER
    fix_safety = FixSafety.SAFE
    fix_note = "Adds DependsOn, which says in which order resources are made; no resource changes."
    answers = ("B2.3", "D1.2")
    order = 90  # after the rules that add accounts, policies and permissions
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html",
        ),
    )
    bad = Example("""\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: shop
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: AWS_IAM
      Integration:
        Type: MOCK
  Deployment:
    Type: AWS::ApiGateway::Deployment
    Properties:
      RestApiId: !Ref Api
""")
    good = Example("""\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: shop
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: AWS_IAM
      Integration:
        Type: MOCK
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties:
      RestApiId: !Ref Api
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        for wait in WAITS[resource.type]:
            missing = _missing(resource, template, wait)
            if possible := _acyclic(resource, template, missing, wait):
                yield self._unordered(resource, wait, possible)
            elif missing and not wait.optional:
                yield self._cycle(resource, wait, missing)

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        for wait in WAITS[resource.type]:
            if finding.detail == wait.name:
                for other in _acyclic(resource, template, _missing(resource, template, wait), wait):
                    yield resource.depend_on(other.logical_id)

    def _unordered(self, resource: Resource, wait: Wait, missing: list[Resource]) -> Finding:
        return self.finding(
            resource,
            f"nothing makes it wait for {_named(missing)}: made first, {wait.otherwise}",
            attribute="DependsOn",
            remedy="resource.node.add_dependency(...)",
            detail=wait.name,
        )

    def _cycle(self, resource: Resource, wait: Wait, missing: list[Resource]) -> Finding:
        one = len(missing) == 1
        return self.finding(
            resource,
            f"it must wait for {_named(missing)}, which {'waits' if one else 'wait'} for it: {wait.otherwise}",
            attribute="DependsOn",
            remedy="Name it there by a fixed name or by account, not by reference.",
            detail=f"{wait.name}-cycle",
            severity=Severity.WARNING,
        )


def _missing(resource: Resource, template: Template, wait: Wait) -> list[Resource]:
    """What ``resource`` should wait for and does not, those aside that may not exist when it does."""
    found = {item.logical_id: item for item in wait.find(resource, template) if item.logical_id != resource.logical_id}
    missing = [item for item in found.values() if not comes_after(template, resource.logical_id, item.logical_id)]
    if wait.any_of and len(missing) < len(found):
        return []
    return [item for item in missing if item.condition in (None, resource.condition)]


def _acyclic(resource: Resource, template: Template, missing: list[Resource], wait: Wait) -> list[Resource]:
    """Those of ``missing`` that do not wait for ``resource`` themselves; the first of them where one is enough."""
    possible = [item for item in missing if not comes_after(template, item.logical_id, resource.logical_id)]
    return possible[:1] if wait.any_of else possible


def _named(resources: list[Resource]) -> str:
    names = ", ".join(item.logical_id for item in resources[:5])
    return names + (f" and {len(resources) - 5} more" if len(resources) > 5 else "")
