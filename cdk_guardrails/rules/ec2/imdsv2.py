"""ec2-imdsv2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs, not_fixed
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template
from cdk_guardrails.template.edits import value_at

INSTANCE: Final = "AWS::EC2::Instance"
LAUNCH_TEMPLATE: Final = "AWS::EC2::LaunchTemplate"
LAUNCH_CONFIGURATION: Final = "AWS::AutoScaling::LaunchConfiguration"

OPTIONS: Final = {
    LAUNCH_TEMPLATE: "LaunchTemplateData.MetadataOptions",
    INSTANCE: "MetadataOptions",
    LAUNCH_CONFIGURATION: "MetadataOptions",
}

REMEDIES: Final = {
    LAUNCH_TEMPLATE: "ec2.LaunchTemplate(..., require_imdsv2=True)",
    INSTANCE: "ec2.Instance(..., http_tokens=ec2.HttpTokens.REQUIRED)",
    LAUNCH_CONFIGURATION: "autoscaling.AutoScalingGroup(..., require_imdsv2=True)",
}


REPLACED: Final = {
    INSTANCE: ("LaunchTemplate", "Version"),
    "AWS::EC2::EC2Fleet": ("LaunchTemplateConfigs", "*", "LaunchTemplateSpecification", "Version"),
    "AWS::Batch::ComputeEnvironment": ("ComputeResources", "LaunchTemplate", "Version"),
}
"""What CloudFormation replaces, or may replace, when it takes another version of its launch template, and where it says
which one: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html"""


class InstanceMetadata(Rule):
    """Instances give their metadata, and their role's credentials, to requests with a token only (IMDSv2).

    Checks that HttpTokens is required in launch templates, launch configurations and instances; an instance that has a
    launch template takes it from there, and one whose metadata endpoint is off needs none. The fix requires tokens.
    Flagged only are a launch configuration, which can only be replaced, and a launch template whose latest version an
    instance, a fleet or a Batch compute environment takes, since a new version would replace that.
    """

    id = "ec2-imdsv2"
    why = (
        "Without tokens, whoever makes software on the instance fetch a URL (SSRF, an open proxy) reads the "
        "credentials of its role."
    )
    resource_types = tuple(OPTIONS)
    concern = Concern.PUBLIC_ACCESS
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place: an instance at once, a launch template with a new version, which new instances take; an "
        "Auto Scaling group or EKS node group that follows the latest version exchanges its instances in the way that "
        "its own update policy says. Software that fetches metadata without a token (AWS SDKs from before late 2019) "
        "must be updated first: the CloudWatch metric MetadataNoToken shows whether there is any. Containers in bridge "
        "networks also need an HttpPutResponseHopLimit of 2."
    )
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html",),
        cdk_nag=(
            "HIPAA.Security-EC2IMDSv2Enabled",
            "NIST.800.53.R4-EC2IMDSv2Enabled",
            "NIST.800.53.R5-EC2IMDSv2Enabled",
        ),
        checkov=("CKV_AWS_79",),
        security_hub=("EC2.8", "EC2.170", "AutoScaling.3"),
    )
    bad = Example("""\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: t4g.small
  Instance:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-0123456789abcdef0
      InstanceType: t4g.small
      MetadataOptions:
        HttpTokens: optional
""")
    good = Example("""\
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: t4g.small
        MetadataOptions:
          HttpTokens: required
  Instance:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: ami-0123456789abcdef0
      LaunchTemplate:
        LaunchTemplateId: !Ref Template
        Version: !GetAtt Template.LatestVersionNumber
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        path = OPTIONS[resource.type]
        tokens, endpoint = resource.get(f"{path}.HttpTokens"), resource.get(f"{path}.HttpEndpoint")
        if tokens is UNKNOWN or tokens == "required" or endpoint is UNKNOWN or endpoint == "disabled":
            return
        if resource.type == INSTANCE and tokens is None and resource.get("LaunchTemplate") is not None:
            return
        says = f"instance metadata is given out without a token: HttpTokens is {tokens or 'not set'}"
        why_not = _obstacle(resource)
        says += not_fixed(why_not)
        yield self.finding(resource, says, f"{path}.HttpTokens", remedy=REMEDIES[resource.type])

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if not _obstacle(resource):
            yield resource.set(f"{OPTIONS[resource.type]}.HttpTokens", "required")


def _obstacle(resource: Resource) -> str:
    """What a change would replace; "" when it updates in place."""
    if resource.type == LAUNCH_CONFIGURATION:
        return "a launch configuration can only be replaced"
    replaced = next(_replaced(resource), None) if resource.type == LAUNCH_TEMPLATE else None
    return f"a new version of it would replace {replaced.logical_id}, which takes the latest" if replaced else ""


def _replaced(launch_template: Resource) -> Iterator[Resource]:
    """What takes the latest version of the launch template, in any stack of the app, and cannot take another."""
    id_ = launch_template.logical_id
    for user_id, reference in launch_template.template.references_to(id_):
        user = launch_template.template.resources[user_id]
        if reference.attribute == "LatestVersionNumber" and user.type in REPLACED:
            yield user
    for template in launch_template.template.app.templates:
        for user in template.of_type(*REPLACED) if template is not launch_template.template else ():
            if any(refers_across(version, launch_template) for version in _versions(user)):
                yield user


def _versions(user: Resource) -> Iterator[object]:
    """What stands where ``user`` says which version of a launch template it takes."""
    first, *rest = REPLACED[user.type]
    items = user.items(first) if "*" in rest else [user.raw(first)]
    yield from (value_at(item, tuple(part for part in rest if part != "*")) for item in items)
