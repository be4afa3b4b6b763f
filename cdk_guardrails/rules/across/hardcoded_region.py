"""hardcoded-region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.across.literals import Literal, literals
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import TEMPLATE, Resource, Template

REGION: Final = re.compile(
    r"(?:(?<![\w-])|(?<=\bs3-))"
    r"(?P<region>(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(?:-[a-z]+)?-(?:north|south|east|west|central)(?:east|west)?-\d)"
    r"(?P<zone>[a-z])?(?![\w-])"
)
"""A Region, perhaps with the letter of an availability zone, that is no part of a longer name. By its form and not from
a list, so that a new Region is known: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
"""

HOME: Final = "us-east-1"
"""Where the companions of global services must be: certificates of CloudFront, web ACLs, Route 53's query logs.
https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html"""

_USE_HOME: Final = (
    *("AWS::CloudFront::", "AWS::Route53::", "AWS::CUR::", "AWS::Shield::", "AWS::WAFv2::"),
    *("AWS::ApiGateway::DomainName", "AWS::AppSync::DomainName", "AWS::Cognito::UserPoolDomain"),
)

REPLICA: Final = "Custom::DynamoDBReplica"
"""What the CDK makes of each of a dynamodb.Table's replication_regions."""


class HardcodedRegion(Rule):
    """No Region is written out.

    Checks properties and outputs for Regions and availability zones in ARNs, host names and values of their own. A
    literal that is the Region of the stack, or of another stack of the app, is how the CDK renders it and is left
    alone. An error when the stack has no Region of its own and could be deployed anywhere; a warning when it has one,
    since the other one may be meant.

    Left alone, too: us-east-1 where a global service needs it (a certificate of CloudFront), lists of Regions that say
    where to replicate, policies about these, ``aws:RequestedRegion``, parts of longer names (``assets-us-east-1``),
    names, tags, descriptions, code and user data, and values that the settings give.
    """

    id = "hardcoded-region"
    why = "The stack fails, or talks to the wrong Region without a word, as soon as it is deployed in another one."
    resource_types = ("*", TEMPLATE)
    concern = Concern.MAINTAINABILITY
    answers = ("A6.1", "C1.3")
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html",),
    )
    bad = Example("""\
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/orders
      Code: {ZipFile: "def handler(event, context): ..."}
      Environment:
        Variables:
          QUEUE: !Sub https://sqs.us-east-1.amazonaws.com/${AWS::AccountId}/orders
""")
    good = Example("""\
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/orders
      Code: {ZipFile: "def handler(event, context): ..."}
      Environment:
        Variables:
          QUEUE: !Sub https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/orders
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        known = {other.region for other in template.app.templates} if template.region else set()
        seen: set[str] = set()
        for literal in literals(resource, template):
            if literal.text in settings.texts or _chooses_regions(literal, resource):
                continue
            for match in REGION.finditer(literal.text):
                region = match["region"]
                if region not in known | seen and not _is_meant(region, literal, resource):
                    seen.add(region)
                    yield self._written_out(match, literal, resource, template)

    def _written_out(self, match: re.Match[str], literal: Literal, resource: Resource, template: Template) -> Finding:
        what = f"the availability zone {match[0]}" if match["zone"] else f"the Region {match[0]}"
        but = f"and the stack is in {template.region}" if template.region else "so the stack works in no other Region"
        remedy = "cdk.Fn.select(0, cdk.Fn.get_azs())" if match["zone"] else "cdk.Aws.REGION"
        severity = Severity.WARNING if template.region else Severity.ERROR
        return self.finding(
            resource,
            f"{what} is written out, {but}",
            literal.path,
            remedy=remedy,
            detail=match["region"],
            severity=severity,
        )


def _chooses_regions(literal: Literal, resource: Resource) -> bool:
    """Whether the text is of a list that says where to replicate or deploy: ``Replicas.0.Region``, ``Regions.1``."""
    if resource.type == REPLICA:
        return True
    names = [part for part in literal.path if isinstance(part, str)]
    return names[-1:] in (["Region"], ["Regions"]) and len(names) < len(literal.path)


def _is_meant(region: str, literal: Literal, resource: Resource) -> bool:
    """Whether it can be no other Region: a global service's own, or, in a policy, one that holds replicas."""
    if region == HOME and (resource.type.startswith(_USE_HOME) or ":global/" in literal.text):
        return True
    templates = resource.template.app.templates if "PolicyDocument" in literal.path else ()
    return any(region in template.cached("hardcoded-region: chosen", _chosen) for template in templates)


def _chosen(template: Template) -> set[str]:
    """The Regions in which the template's resources have replicas."""
    return {
        match["region"]
        for resource in template.resources.values()
        for literal in literals(resource, template)
        if _chooses_regions(literal, resource)
        for match in REGION.finditer(literal.text)
    }
