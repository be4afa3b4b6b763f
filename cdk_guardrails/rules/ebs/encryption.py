"""ebs-encryption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template

VOLUME: Final = "AWS::EC2::Volume"

MAPPINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::EC2::Instance": ("BlockDeviceMappings",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "BlockDeviceMappings"),
    "AWS::AutoScaling::LaunchConfiguration": ("BlockDeviceMappings",),
}
"""Types that describe the volumes of instances, and where they do so."""

ORIGINS: Final = ("SnapshotId", "SourceVolumeId")
"""Properties of a volume that name what it is a copy of, and is encrypted like.
https://docs.aws.amazon.com/ebs/latest/userguide/encryption-parameters.html"""


class VolumeEncryption(Rule):
    """Volumes are encrypted.

    Checks that Encrypted is true on volumes, and on the volumes of instances, launch templates and launch
    configurations. A volume that copies a snapshot or another volume is encrypted as that is, so it may say nothing.
    So may, with a warning, the volume of an instance: its image may be encrypted. It is not fixed, since a volume is
    encrypted when it is made, or never. An account that encrypts new volumes by default is not known to the template:
    such an account can switch the rule off.
    """

    id = "ebs-encryption"
    why = "An unencrypted volume, and each snapshot of it, can be read by whoever gets hold of a copy."
    resource_types = (VOLUME, *MAPPINGS)
    concern = Concern.ENCRYPTION
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
            "https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",
        ),
        cdk_nag=("AwsSolutions-EC26",),
        checkov=("CKV_AWS_3", "CKV_AWS_8"),
        security_hub=("EC2.3",),
    )
    bad = Example("""\
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties:
      AvailabilityZone: us-east-1a
      Size: 100
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        BlockDeviceMappings:
          - DeviceName: /dev/xvda
            Ebs: {VolumeSize: 20}
""")
    good = Example("""\
Resources:
  Data:
    Type: AWS::EC2::Volume
    Properties:
      AvailabilityZone: us-east-1a
      Size: 100
      Encrypted: true
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        BlockDeviceMappings:
          - DeviceName: /dev/xvda
            Ebs: {VolumeSize: 20, Encrypted: true}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for a volume, or for each device of an instance with its name as the detail."""
        for device, path in _volumes(resource):
            encrypted: Any = resource.get((*path, "Encrypted"))
            if encrypted is UNKNOWN or str(encrypted).lower() == "true":
                continue
            if encrypted is None and any(resource.get((*path, origin)) is not None for origin in ORIGINS):
                continue
            unsure = encrypted is None and resource.type != VOLUME
            said = "not set" if encrypted is None else str(encrypted).lower()
            volume = f"volume {device}" if device else "volume"
            yield self.finding(
                resource,
                f"the {volume} {'is encrypted only if its image is' if unsure else 'is not encrypted'}: "
                f"Encrypted is {said}",
                (*path, "Encrypted"),
                remedy="ec2.BlockDeviceVolume.ebs(..., encrypted=True)"
                if device
                else "ec2.Volume(..., encrypted=True)",
                detail=device,
                severity=Severity.WARNING if unsure else None,
            )


def _volumes(resource: Resource) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Each volume that a resource describes: the device's name ("" for a volume of its own) and its path."""
    if resource.type == VOLUME:
        yield "", ()
        return
    path = MAPPINGS[resource.type]
    mappings: Any = resource.get(path)
    for number in range(len(mappings) if isinstance(mappings, list) else 0):
        if isinstance(resource.get((*path, number, "Ebs")), dict) and resource.get((*path, number, "NoDevice")) is None:
            name: Any = resource.get((*path, number, "DeviceName"))
            yield name if isinstance(name, str) and name else f"device {number + 1}", (*path, number, "Ebs")
