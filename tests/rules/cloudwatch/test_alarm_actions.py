"""alarm-actions."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import RuleOverride, Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "alarm-actions"
ARN = "arn:aws:sns:us-east-1:111122223333:alarms"
MESSAGE = "the alarm has no action, so nobody hears of it"
NO_VALUE = {"Ref": "AWS::NoValue"}
ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


def alarm(kind: str = ALARM, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


@pytest.mark.parametrize("kind", [ALARM, COMPOSITE])
@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"AlarmActions": []},
        {"AlarmActions": [NO_VALUE]},
        {"AlarmActions": NO_VALUE},
        {"AlarmActions": [""]},
        {"OKActions": [ARN], "InsufficientDataActions": [ARN]},
        {"ActionsEnabled": True},
    ],
)
def test_no_action(kind: str, properties: dict[str, Any]) -> None:
    findings = assert_flags(template(A=alarm(kind, **properties)), RULE, path="AlarmActions", message=MESSAGE)
    assert [finding.id for finding in findings] == [RULE]


@pytest.mark.parametrize("kind", [ALARM, COMPOSITE])
@pytest.mark.parametrize(
    "properties",
    [
        {"AlarmActions": [ARN]},
        {"AlarmActions": [{"Ref": "Topic"}], "ActionsEnabled": True},
        {"AlarmActions": [{"Fn::If": ["IsProd", ARN, NO_VALUE]}]},
        {"AlarmActions": {"Fn::If": ["IsProd", [ARN], NO_VALUE]}},
        {"AlarmActions": {"Ref": "Actions"}, "ActionsEnabled": {"Ref": "IsEnabled"}},
        {"AlarmActions": [NO_VALUE, {"Fn::ImportValue": "topic"}]},
        {"AlarmActions": [{"Fn::Sub": "arn:aws:automate:${AWS::Region}:ec2:recover"}]},
    ],
)
def test_an_action_that_is_there_or_may_be(kind: str, properties: dict[str, Any]) -> None:
    assert_clean(template(A=alarm(kind, **properties)), RULE)


@pytest.mark.parametrize("disabled", [False, "false"])
def test_switched_off_is_flagged_and_not_fixed(disabled: Any) -> None:
    data = template(A=alarm(AlarmActions=[ARN], ActionsEnabled=disabled))
    message = "the alarm's actions are switched off, so nobody hears of it"
    assert_flags(data, f"{RULE}[disabled]", path="ActionsEnabled", message=message)
    with pytest.raises(AssertionError, match="not satisfied with its own fix"):
        assert_fixed(data, data, RULE, options={"alarm_topic_arn": ARN})


@pytest.mark.parametrize(
    "user",
    [
        alarm(COMPOSITE, AlarmRule={"Fn::Sub": "ALARM(${A.Arn})"}, AlarmActions=[ARN]),
        alarm("AWS::CodeDeploy::DeploymentGroup", AlarmConfiguration={"Alarms": [{"Name": {"Ref": "A"}}]}),
        alarm("AWS::Serverless::Function", DeploymentPreference={"Alarms": [{"Ref": "A"}]}),
        alarm("AWS::Route53::HealthCheck", HealthCheckConfig={"AlarmIdentifier": {"Name": {"Ref": "A"}}}),
    ],
)
def test_asked_for_its_state(user: dict[str, Any]) -> None:
    assert_clean(template(A=alarm(), User=user), RULE)


FOREIGN = {"Path": "Shop/A/Resource", "LogicalId": "A", "Attribute": "Arn"}


@pytest.mark.parametrize(
    ("type_", "value", "asked"),
    [
        (COMPOSITE, {"Fn::ForeignRef": FOREIGN}, True),
        (COMPOSITE, {"Fn::ImportValue": "Shop:A"}, True),
        ("AWS::CodeDeploy::DeploymentGroup", {"Fn::ForeignRef": FOREIGN}, True),
        (COMPOSITE, {"Fn::ForeignRef": FOREIGN | {"LogicalId": "B"}}, False),
        (COMPOSITE, {"Fn::ForeignRef": FOREIGN | {"Path": "Twin/A/Resource"}}, False),
        (COMPOSITE, {"Fn::ImportValue": "Shop:B"}, False),
        (COMPOSITE, {"Ref": "A"}, False),
        ("AWS::CloudWatch::Dashboard", {"Fn::ForeignRef": FOREIGN}, False),
    ],
)
def test_asked_for_its_state_by_another_stack(type_: str, value: Any, asked: bool) -> None:
    shop = template(A=alarm())
    shop["Outputs"] = {"A": {"Value": {"Fn::GetAtt": ["A", "Arn"]}, "Export": {"Name": "Shop:A"}}}
    rule = {"Fn::Join": ["", ["ALARM(", value, ")"]]}
    monitoring = template(User=alarm(type_, AlarmRule=rule, AlarmActions=[ARN]))
    assert judged(shop, monitoring) == ([] if asked else [MESSAGE])


def judged(shop: dict[str, Any], monitoring: dict[str, Any], region: str = "", arn: str | None = None) -> list[str]:
    """What is left of two stacks after the fix."""
    app = App()
    Template(
        shop, name="Shop", app=app, origins={id_: Origin(f"Shop/{id_}/Resource") for id_ in ("A", "T")}, region=region
    )
    Template(monitoring, name="Monitoring", app=app)
    settings = Settings(rules={RULE: RuleOverride(options={"alarm_topic_arn": arn})} if arn else {})
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=True)
    assert not outcome.crashes
    return [finding.message for finding in outcome.findings]


@pytest.mark.parametrize(
    ("region", "arn", "left"),
    [
        ("eu-west-1", ARN, [f"{MESSAGE}; not fixed, since {ARN} is in us-east-1 and this stack in eu-west-1"]),
        ("us-east-1", ARN, []),
        ("", ARN, []),
        ("eu-west-1", ARN.replace("us-east-1", "${AWS::Region}"), []),
    ],
)
def test_a_given_topic_of_another_region_would_be_refused(region: str, arn: str, left: list[str]) -> None:
    assert judged(template(A=alarm()), template(), region, arn) == left


def test_a_topic_that_alarms_of_another_stack_name() -> None:
    sealed = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns"}}
    named = {"Fn::ForeignRef": {"Path": "Shop/T/Resource", "LogicalId": "T", "Attribute": "TopicArn"}}
    says = "alarms cannot publish to this topic: the key alias/aws/sns does not admit CloudWatch"
    assert judged(template(T=sealed), template(A=alarm(AlarmActions=[named]))) == [says]
    other = {"Fn::ForeignRef": {**named["Fn::ForeignRef"], "LogicalId": "U"}}
    assert judged(template(T=sealed), template(A=alarm(AlarmActions=[other]))) == []


def test_a_dashboard_is_no_action() -> None:
    dashboard = alarm("AWS::CloudWatch::Dashboard", DashboardBody={"Fn::Sub": "${A.Arn}"})
    assert_flags(template(A=alarm(), User=dashboard), RULE, message=MESSAGE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"AlarmActions": [ARN]}),
        ({"AlarmActions": []}, {"AlarmActions": [ARN]}),
        ({"AlarmActions": NO_VALUE}, {"AlarmActions": [ARN]}),
        ({"AlarmActions": [NO_VALUE]}, {"AlarmActions": [NO_VALUE, ARN]}),
        ({"OKActions": ["b"]}, {"OKActions": ["b"], "AlarmActions": [ARN]}),
    ],
)
@pytest.mark.parametrize("kind", [ALARM, COMPOSITE])
def test_the_fix_adds_the_given_topic(kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    there = {"B": alarm(AlarmActions=["arn:aws:sns:us-east-1:111122223333:others"])}
    old, new = template(A=alarm(kind, **before), **there), template(A=alarm(kind, **after), **there)
    assert_fixed(old, new, RULE, options={"alarm_topic_arn": ARN})


def test_the_given_topic_may_have_variables() -> None:
    arn = "arn:aws:sns:${AWS::Region}:111122223333:alarms"
    after = template(GuardrailsA=alarm(AlarmActions=[{"Fn::Sub": arn}]))
    assert_fixed(template(GuardrailsA=alarm()), after, RULE, options={"alarm_topic_arn": arn})


SOURCE = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


def topic(id_: str = "GuardrailsAlarmTopic") -> dict[str, Any]:
    arn = {"Ref": id_}
    publish = {
        "Sid": "AllowAlarmsToPublish",
        "Effect": "Allow",
        "Principal": CLOUDWATCH,
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": SOURCE,
    }
    tls_only = {
        "Sid": "AllowPublishThroughSSLOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [publish, tls_only]}
    return {
        id_: {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Fn::GetAtt": ["GuardrailsKey", "Arn"]}}},
        f"{id_}Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [arn], "PolicyDocument": document}},
    }


def outputs(id_: str = "GuardrailsAlarmTopic") -> dict[str, Any]:
    says = "ARN of the topic that alarms of this stack are published to: subscribe whoever is on call"
    return {f"{id_}Arn": {"Description": says, "Value": {"Ref": id_}}}


ADMIN = {
    "Sid": "AccountAdministersKey",
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
    "Action": "kms:*",
    "Resource": "*",
}
ALARMS_USE = {
    "Sid": "CloudWatchAlarmsUseKey",
    "Effect": "Allow",
    "Principal": CLOUDWATCH,
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": SOURCE,
}


def key(*statements: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    description = "Encrypts what has no other key in this stack: log groups, variables of functions, topics"
    return {
        "Type": "AWS::KMS::Key",
        **attributes,
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": description,
            "EnableKeyRotation": True,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": [ADMIN, *statements]},
        },
    }


def published(id_: str = "GuardrailsAlarmTopic", **attributes: Any) -> dict[str, Any]:
    return {**alarm(AlarmActions=[{"Ref": id_}]), **attributes}


def test_one_topic_for_the_alarms_that_rules_added() -> None:
    before = template(GuardrailsA=alarm(), GuardrailsB={**alarm(), "Condition": "IsProd"})
    resources = template(
        GuardrailsA=published(),
        GuardrailsB=published(Condition="IsProd"),
        GuardrailsKey=key(ALARMS_USE),
        **topic(),
    )
    assert_fixed(before, {**resources, "Outputs": outputs()}, RULE)


def test_the_topic_and_the_key_of_an_earlier_run() -> None:
    there = {"GuardrailsA": published(), "GuardrailsKey": key(ALARMS_USE), **topic()}
    before = {**template(**there, GuardrailsB=alarm()), "Outputs": outputs()}
    after = {**template(**there, GuardrailsB=published()), "Outputs": outputs()}
    assert_fixed(before, after, RULE)


def test_the_stacks_key_admits_alarms_under_any_condition() -> None:
    before = template(GuardrailsKey=key(Condition="IsProd"), GuardrailsA={**alarm(), "Condition": "IsProd"})
    after = template(GuardrailsKey=key(ALARMS_USE), GuardrailsA=published(Condition="IsProd"), **topic())
    assert_fixed(before, {**after, "Outputs": outputs()}, RULE)


def test_the_logical_ids_may_be_taken() -> None:
    queue = {"Type": "AWS::SQS::Queue"}
    id_ = "GuardrailsAlarmTopic2"
    before = template(GuardrailsAlarmTopic=queue, GuardrailsA=alarm())
    resources = template(
        GuardrailsAlarmTopic=queue, GuardrailsA=published(id_), GuardrailsKey=key(ALARMS_USE), **topic(id_)
    )
    assert_fixed(before, {**resources, "Outputs": outputs(id_)}, RULE)


def test_no_output_too_many() -> None:
    full = {f"Output{number}": {"Value": "x"} for number in range(200)}
    before = {**template(GuardrailsA=alarm()), "Outputs": full}
    after = {**template(GuardrailsA=published(), GuardrailsKey=key(ALARMS_USE), **topic()), "Outputs": full}
    assert_fixed(before, after, RULE)


def test_an_authors_alarm_is_flagged_only() -> None:
    data = template(Failing=alarm())
    with pytest.raises(AssertionError, match="not satisfied with its own fix"):
        assert_fixed(data, data, RULE)


def test_in_every_environment() -> None:
    assert_flags(template(A=alarm()), RULE, environment="dev", message=MESSAGE)
