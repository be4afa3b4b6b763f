"""ec2-imdsv2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template

INSTANCE: Final = "AWS::EC2::Instance"
LAUNCH_CONFIGURATION: Final = "AWS::AutoScaling::LaunchConfiguration"

OPTIONS: Final = {
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData.MetadataOptions",
    INSTANCE: "MetadataOptions",
    LAUNCH_CONFIGURATION: "MetadataOptions",
}

REMEDIES: Final = {
    "AWS::EC2::LaunchTemplate": "ec2.LaunchTemplate(..., require_imdsv2=True)",
    INSTANCE: "ec2.Instance(..., http_tokens=ec2.HttpTokens.REQUIRED)",
    LAUNCH_CONFIGURATION: "autoscaling.AutoScalingGroup(..., require_imdsv2=True)",
}


class InstanceMetadata(Rule):
    """Instances give their metadata, and their role's credentials, to requests with a token only (IMDSv2).

    Checks that HttpTokens is required in launch templates, launch configurations and instances; an instance that has a
    launch template takes it from there, and one whose metadata endpoint is off needs none. The fix requires tokens. A
    launch configuration cannot be changed, only replaced, and is flagged only.
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
        "Updates in place: an instance at once, a launch template with a new version, which new instances take. "
        "Software that fetches metadata without a token (AWS SDKs from before late 2019) must be updated first: the "
        "CloudWatch metric MetadataNoToken shows whether there is any. Containers in bridge networks also need an "
        "HttpPutResponseHopLimit of 2."
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
        if resource.type == LAUNCH_CONFIGURATION:
            says += "; not fixed, since a launch configuration can only be replaced"
        yield self.finding(resource, says, f"{path}.HttpTokens", remedy=REMEDIES[resource.type])

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type != LAUNCH_CONFIGURATION:
            yield resource.set(f"{OPTIONS[resource.type]}.HttpTokens", "required")
