"""ebs-encryption."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "ebs-encryption"
VOLUME = "AWS::EC2::Volume"
INSTANCE = "AWS::EC2::Instance"
TEMPLATE = "AWS::EC2::LaunchTemplate"
CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
HOSTS = (INSTANCE, TEMPLATE, CONFIGURATION)


def volume(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Data": {"Type": VOLUME, "Properties": properties}}}


def host(type_: str, *mappings: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"BlockDeviceMappings": list(mappings)}
    if type_ == TEMPLATE:
        properties = {"LaunchTemplateData": properties}
    return {"Resources": {"Host": {"Type": type_, "Properties": properties}}}


def device(name: Any = "/dev/xvda", **ebs: Any) -> dict[str, Any]:
    return {"DeviceName": name, "Ebs": ebs}


@pytest.mark.parametrize(
    ("value", "said"), [(None, "not set"), ({"Ref": "AWS::NoValue"}, "not set"), (False, "false"), ("false", "false")]
)
def test_a_volume(value: Any, said: str) -> None:
    message = f"the volume is not encrypted: Encrypted is {said}"
    found = assert_flags(volume(Size=10, Encrypted=value), RULE, path="Encrypted", message=message)
    assert [(finding.id, finding.severity) for finding in found] == [(RULE, Severity.ERROR)]
    assert found[0].remedy == "ec2.Volume(..., encrypted=True)"


def test_a_key_alone_does_not_encrypt() -> None:
    assert_flags(volume(KmsKeyId="alias/data"), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"Encrypted": True},
        {"Encrypted": "true"},
        {"Encrypted": {"Ref": "Encrypted"}},
        {"Encrypted": {"Fn::If": ["IsProd", True, False]}},
        {"SnapshotId": "snap-0123456789abcdef0"},
        {"SnapshotId": {"Ref": "Snapshot"}},
        {"SourceVolumeId": {"Ref": "Other"}},
        {"Fn::Transform": {"Name": "AWS::Include"}},
    ],
)
def test_encrypted_or_unknown(properties: dict[str, Any]) -> None:
    """A copy is encrypted as its origin is."""
    assert_clean(volume(**properties), RULE)


def test_an_explicit_no_counts_for_copies_too() -> None:
    assert_flags(volume(SnapshotId="snap-0123456789abcdef0", Encrypted=False), RULE)


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        (INSTANCE, "BlockDeviceMappings[1].Ebs.Encrypted"),
        (TEMPLATE, "LaunchTemplateData.BlockDeviceMappings[1].Ebs.Encrypted"),
        (CONFIGURATION, "BlockDeviceMappings[1].Ebs.Encrypted"),
    ],
)
def test_volumes_of_instances(type_: str, path: str) -> None:
    template = host(
        type_, device(Encrypted=True), device("/dev/sdf", VolumeSize=10), device({"Ref": "D"}, Encrypted=False)
    )
    message = "the volume /dev/sdf is encrypted only if its image is: Encrypted is not set"
    found = assert_flags(template, RULE, path=path, message=message)
    assert [(finding.id, finding.severity) for finding in found] == [
        (f"{RULE}[/dev/sdf]", Severity.WARNING),
        (f"{RULE}[device 3]", Severity.ERROR),
    ]
    assert found[1].message == "the volume device 3 is not encrypted: Encrypted is false"
    assert found[1].remedy == "ec2.BlockDeviceVolume.ebs(..., encrypted=True)"


@pytest.mark.parametrize("type_", HOSTS)
@pytest.mark.parametrize(
    "mapping",
    [
        device(Encrypted=True),
        device(Encrypted={"Ref": "Encrypted"}),
        device(SnapshotId="snap-0123456789abcdef0"),
        {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
        {"DeviceName": "/dev/sdb", "NoDevice": {}},
        {"DeviceName": "/dev/sdb", "NoDevice": "", "Ebs": {}},
        {"DeviceName": "/dev/sdb", "Ebs": {"Ref": "Ebs"}},
        {"DeviceName": "/dev/sdb", "Ebs": {"Ref": "AWS::NoValue"}},
        {"Fn::If": ["IsProd", device(), {"Ref": "AWS::NoValue"}]},
        {"Ref": "AWS::NoValue"},
        "/dev/sdb",
    ],
)
def test_volumes_of_instances_that_are_encrypted_or_unknown(type_: str, mapping: Any) -> None:
    assert_clean(host(type_, mapping), RULE)


@pytest.mark.parametrize("type_", HOSTS)
def test_an_instance_that_says_nothing_has_the_volumes_of_its_image(type_: str) -> None:
    assert_clean({"Resources": {"Host": {"Type": type_}}}, RULE)
    assert_clean(host(type_), RULE)
