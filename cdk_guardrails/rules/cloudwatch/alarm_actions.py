"""alarm-actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.across.outputs import MAX_OUTPUTS
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, not_fixed
from cdk_guardrails.rules.cloudwatch.publishing import ALARMS_USE_KEY, COMPOSITE, obstacles, publishing
from cdk_guardrails.rules.messaging import SNS, TLS_ONLY
from cdk_guardrails.rules.shared import (
    KEY_COST,
    arn_of_settings,
    find_added,
    is_referred_to_elsewhere,
    out_of_region,
    stack_key,
)
from cdk_guardrails.rules.tls import denial
from cdk_guardrails.rules.watching import ALARM
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, is_no_value, unique_id

TOPIC: Final = "AWS::SNS::Topic"
TOPIC_ID: Final = "GuardrailsAlarmTopic"

ACT_UPON_ALARMS: Final = (
    COMPOSITE,
    "AWS::AppConfig::Environment",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::ECS::Service",
    "AWS::Events::Rule",
    "AWS::FIS::ExperimentTemplate",
    "AWS::Route53::HealthCheck",
    "AWS::SageMaker::Endpoint",
    "AWS::Serverless::Function",
)
"""Types that ask for the state of the alarms that they name: what combines them, rolls back or stops on them, or
forwards them."""


class AlarmActions(Rule):
    """Alarms tell somebody.

    Checks that an alarm has an action for the state ALARM and that its actions are enabled. An alarm that another
    resource of the app asks for its state, such as a composite alarm or a deployment, needs none. Of a topic that
    alarms of the app name, checks that its policy and its key surely do not shut them out: a policy replaces the
    default one, which admits alarms, and the key alias/aws/sns admits none.

    With *alarm_topic_arn*, the fix adds that topic to each alarm without an action, unless the stack is known to be in
    another region, where it would be refused. Without it, alarms that Guardrails added get a topic of the stack, which
    it adds as well: encrypted, for alarms of this account and over TLS only, with its ARN as an output, so that people
    can subscribe. An alarm of the author is then flagged only, and so is, always, one whose actions are switched off.
    To the policies of a topic and of its key, the fix appends what admits alarms of this account.
    """

    id = "alarm-actions"
    why = "An alarm without an action changes color in a console that nobody has open."
    resource_types = (ALARM, COMPOSITE, TOPIC)
    concern = Concern.ALARMS
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Nobody hears of the added topic's alarms until somebody subscribes: the output "
        f"{TOPIC_ID}Arn has its ARN. A topic given in alarm_topic_arn must admit cloudwatch.amazonaws.com and, when it "
        f"is encrypted, its key must do so, too. The added topic is free until it delivers, but for its key. {KEY_COST}"
    )
    order = 60  # after the rules that add alarms
    options = (
        Option(
            "alarm_topic_arn",
            None,
            "ARN of the SNS topic for alarms without an action, in the stack's region; it may have variables such as "
            "${AWS::Region}: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html.",
        ),
    )
    answers = ("B1.1",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
            "https://docs.aws.amazon.com/config/latest/developerguide/cloudwatch-alarm-action-check.html",
        ),
        cdk_nag=(
            "HIPAA.Security-CloudWatchAlarmAction",
            "NIST.800.53.R4-CloudWatchAlarmAction",
            "NIST.800.53.R5-CloudWatchAlarmAction",
        ),
        checkov=("CKV_AWS_319",),
        security_hub=("CloudWatch.15", "CloudWatch.17"),
    )
    bad = Example(
        """\
Resources:
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: Shop
      MetricName: LostOrders
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
""",
        options={"alarm_topic_arn": "arn:aws:sns:us-east-1:111122223333:alarms"},
    )
    good = Example("""\
Resources:
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmActions: [arn:aws:sns:us-east-1:111122223333:alarms]
      Namespace: Shop
      MetricName: LostOrders
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding about missing actions, and one with the detail ``disabled`` about ActionsEnabled.

        For a topic: a finding with the detail ``key`` or ``policy ...`` about each that keeps alarms from publishing.
        """
        if resource.type == TOPIC:
            for item in obstacles(resource, template):
                yield self.finding(resource, item.says, item.path, remedy=item.remedy, detail=item.detail)
            return
        missing, disabled = not _has_action(resource), str(resource.get("ActionsEnabled")).lower() == "false"
        if not (missing or disabled) or _is_asked(resource, template):
            return
        if missing:
            elsewhere = out_of_region(settings["alarm_topic_arn"], template)
            but = not_fixed(elsewhere)
            yield self.finding(
                resource,
                f"the alarm has no action, so nobody hears of it{but}",
                "AlarmActions",
                remedy="alarm.add_alarm_action(cw_actions.SnsAction(topic))",
            )
        if disabled:
            yield self.finding(
                resource,
                "the alarm's actions are switched off, so nobody hears of it",
                "ActionsEnabled",
                remedy="cloudwatch.Alarm(..., actions_enabled=True)",
                detail="disabled",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if resource.type == TOPIC:
            found = (item.edit for item in obstacles(resource, template) if item.detail == finding.detail)
            yield from (edit for edit in found if edit)
            return
        given = settings["alarm_topic_arn"]
        if finding.detail or not (given or resource.logical_id.startswith("Guardrails")):
            return
        if out_of_region(given, template):
            return
        topic: Any = arn_of_settings(given) if given else None
        if not given:
            id_, edits = _topic(template)
            yield from edits
            topic = {"Ref": id_}
        if isinstance(resource.raw("AlarmActions"), list):
            yield resource.append("AlarmActions", topic)
        else:
            yield resource.set("AlarmActions", [topic])


def _is_asked(alarm: Resource, template: Template) -> bool:
    """Whether something of the app acts upon the state of an alarm."""
    here = next(template.referring(alarm, *ACT_UPON_ALARMS), None) is not None
    return here or is_referred_to_elsewhere(alarm, *ACT_UPON_ALARMS)


def _has_action(alarm: Resource) -> bool:
    actions = alarm.raw("AlarmActions")
    if isinstance(actions, list):
        return any(action and not is_no_value(action) for action in actions)
    return bool(actions) and not is_no_value(actions)


def _topic(template: Template) -> tuple[str, list[Edit]]:
    """The logical id of the stack's topic for alarms, and the edits that make it there.

    It has no Condition, since it is for all alarms of the stack, and an output cannot lose its own later.
    """
    if topic := find_added(template, TOPIC_ID, TOPIC):
        return topic.logical_id, []
    key, edits = stack_key(template, template.whole, [ALARMS_USE_KEY])
    id_ = unique_id(template, TOPIC_ID)
    arn = {"Ref": id_}
    tls_only = {"Sid": TLS_ONLY, **denial(SNS.denied, arn, SNS.principal)}
    policy = {"Topics": [arn], "PolicyDocument": {"Version": "2012-10-17", "Statement": [publishing(arn), tls_only]}}
    edits.append(template.add(id_, TOPIC, {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}}))
    edits.append(template.add(unique_id(template, f"{id_}Policy"), "AWS::SNS::TopicPolicy", policy))
    says = "ARN of the topic that alarms of this stack are published to: subscribe whoever is on call"
    if len(template.outputs) < MAX_OUTPUTS:
        edits.append(template.add_output(unique_id(template, f"{id_}Arn"), arn, says))
    return id_, edits
