"""ec2-imdsv2."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "ec2-imdsv2"
LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"
INSTANCE = "AWS::EC2::Instance"
CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
REQUIRED = {"HttpTokens": "required"}
NOT_SET = "instance metadata is given out without a token: HttpTokens is not set"


def template(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


def launch_template(**data: Any) -> dict[str, Any]:
    return template(LAUNCH_TEMPLATE, LaunchTemplateData=data)


def test_a_launch_template() -> None:
    before = launch_template(InstanceType="t4g.small", MetadataOptions={"HttpPutResponseHopLimit": 2})
    path = "LaunchTemplateData.MetadataOptions.HttpTokens"
    found = assert_flags(before, RULE, path=path, message=NOT_SET)
    assert [finding.remedy for finding in found] == ["ec2.LaunchTemplate(..., require_imdsv2=True)"]
    options = {"HttpPutResponseHopLimit": 2, **REQUIRED}
    assert_fixed(before, launch_template(InstanceType="t4g.small", MetadataOptions=options), RULE)
    assert_fixed(launch_template(), launch_template(MetadataOptions=REQUIRED), RULE)


def test_an_instance() -> None:
    before = template(INSTANCE, ImageId="ami-1", MetadataOptions={"HttpTokens": "optional"})
    message = "instance metadata is given out without a token: HttpTokens is optional"
    assert_flags(before, RULE, path="MetadataOptions.HttpTokens", message=message)
    assert_fixed(before, template(INSTANCE, ImageId="ami-1", MetadataOptions=REQUIRED), RULE)
    assert_fixed(template(INSTANCE), template(INSTANCE, MetadataOptions=REQUIRED), RULE)


def test_an_instance_overrules_its_launch_template() -> None:
    from_template = {"LaunchTemplateId": "lt-1", "Version": "1"}
    assert_clean(template(INSTANCE, LaunchTemplate=from_template), RULE)
    before = template(INSTANCE, LaunchTemplate=from_template, MetadataOptions={"HttpTokens": "optional"})
    assert_fixed(before, template(INSTANCE, LaunchTemplate=from_template, MetadataOptions=REQUIRED), RULE)


def test_a_launch_configuration_cannot_be_changed() -> None:
    before = template(CONFIGURATION, ImageId="ami-1")
    message = f"{NOT_SET}; not fixed, since a launch configuration can only be replaced"
    assert_flags(before, RULE, path="MetadataOptions.HttpTokens", message=message)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(before, before, RULE)
    assert_clean(template(CONFIGURATION, MetadataOptions=REQUIRED), RULE)


@pytest.mark.parametrize(
    "options",
    [
        REQUIRED,
        {"HttpEndpoint": "disabled"},
        {"HttpTokens": {"Ref": "Tokens"}},
        {"HttpEndpoint": {"Ref": "Endpoint"}},
        {"HttpTokens": {"Fn::If": ["Prod", "required", "optional"]}},
        {"Ref": "Options"},
        {"Fn::If": ["Prod", REQUIRED, {"Ref": "AWS::NoValue"}]},
    ],
)
@pytest.mark.parametrize("type_", [INSTANCE, CONFIGURATION])
def test_required_off_or_unknown(type_: str, options: Any) -> None:
    assert_clean(template(type_, MetadataOptions=options), RULE)
    assert_clean(launch_template(MetadataOptions=options), RULE)


def test_unknown_data() -> None:
    assert_clean(template(LAUNCH_TEMPLATE, LaunchTemplateData={"Ref": "Data"}), RULE)
    assert_clean(template(INSTANCE, LaunchTemplate={"Ref": "Template"}), RULE)


@pytest.mark.parametrize("options", [None, {}, {"Ref": "AWS::NoValue"}, {"HttpEndpoint": "enabled"}])
def test_absent_options(options: Any) -> None:
    assert_flags(template(INSTANCE, MetadataOptions=options), RULE, message=NOT_SET)


LATEST = {"Fn::GetAtt": ["It", "LatestVersionNumber"]}
OF_IT = {"LaunchTemplateId": {"Ref": "It"}, "Version": LATEST}


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (INSTANCE, {"LaunchTemplate": OF_IT}),
        ("AWS::EC2::EC2Fleet", {"LaunchTemplateConfigs": [{"LaunchTemplateSpecification": OF_IT}]}),
        ("AWS::Batch::ComputeEnvironment", {"ComputeResources": {"LaunchTemplate": OF_IT}}),
    ],
)
def test_a_new_version_would_replace_what_takes_the_latest(type_: str, properties: dict[str, Any]) -> None:
    before = launch_template()
    before["Resources"]["User"] = {"Type": type_, "Properties": properties}
    message = f"{NOT_SET}; not fixed, since a new version of it would replace User, which takes the latest"
    assert_flags(before, RULE, message=message)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(before, before, RULE)


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (INSTANCE, {"LaunchTemplate": OF_IT | {"Version": "1"}}),
        (INSTANCE, {"LaunchTemplate": OF_IT | {"Version": {"Fn::GetAtt": ["It", "DefaultVersionNumber"]}}}),
        ("AWS::AutoScaling::AutoScalingGroup", {"LaunchTemplate": OF_IT}),
        ("AWS::EKS::Nodegroup", {"LaunchTemplate": OF_IT}),
    ],
)
def test_who_does_not_take_the_latest_or_is_not_replaced(type_: str, properties: dict[str, Any]) -> None:
    user = {"User": {"Type": type_, "Properties": properties}}
    before, after = launch_template(), launch_template(MetadataOptions=REQUIRED)
    assert_fixed({"Resources": before["Resources"] | user}, {"Resources": after["Resources"] | user}, RULE)


@pytest.mark.parametrize(("attribute", "fixed"), [("LatestVersionNumber", 0), ("", 1)])
def test_an_instance_of_another_stack(attribute: str, fixed: int) -> None:
    path = "App/Templates/It"
    foreign = {"Fn::ForeignRef": {"Path": path, "LogicalId": "It", "Attribute": "LatestVersionNumber"}}
    version = foreign if attribute else "3"
    app = App()
    templates = Template(launch_template(), name="App/Templates", app=app, origins={"It": Origin(path)})
    Template(template(INSTANCE, LaunchTemplate={"Version": version}), name="App/Instances", app=app)
    settings = Settings(environment="prod")
    engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=True)
    assert len(templates.resources["It"].properties["LaunchTemplateData"]) == fixed
