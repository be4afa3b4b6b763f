"""hardcoded-name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.names import physical_name
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

REMEDIES: Final[Mapping[str, str]] = {
    "CDKReplicationRole": "Set the feature flag @aws-cdk/aws-s3:setUniqueReplicationRoleName in cdk.json.",
}
"""By a name that the CDK fixes, not the author."""

_LEAVE_OUT: Final = "Leave the name out, so that CloudFormation makes a unique one, or put the environment into it."


class HardcodedName(Rule):
    """No physical name is in the way of a replacement or of a second copy of the stack.

    Checks for literal names that only a new resource could change. While it has such a name, CloudFormation cannot
    replace the resource, since the new one must exist before the old one goes, and the stack cannot be deployed twice
    in an account and Region (a bucket's name not even in another account).

    Left alone: names that carry the environment or follow the setting *names* (a convention was chosen, see `naming`),
    names with the stack's name or an intrinsic function in them, domains, names that the CDK makes or a service asks
    for, and names that count within a parent only, such as an API's stages.
    """

    id = "hardcoded-name"
    why = "A resource with a fixed name can neither be replaced nor exist twice, and one day it must."
    resource_types = ("*",)
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("A6.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
            "https://docs.aws.amazon.com/cdk/v2/guide/best-practices.html",
        ),
    )
    bad = Example("""\
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: image-uploads
""")
    good = Example("""\
Resources:
  Data:
    Type: AWS::S3::Bucket
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        name = physical_name(resource)
        if name is None or not (name.blocks and name.is_literal and name.is_free):
            return
        if name.carries(settings.environment) or name.has(template.name):
            return
        if settings.names and name.follows(settings.names, settings.environment):
            return
        where = "anywhere" if resource.type == "AWS::S3::Bucket" else "in an account and Region"
        yield self.finding(
            resource,
            f"the name '{name.text}' is fixed: the resource cannot be replaced, nor the stack deployed twice {where}",
            name.location,
            remedy=REMEDIES.get(name.text, _LEAVE_OUT),
        )
