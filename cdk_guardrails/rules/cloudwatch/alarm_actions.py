"""alarm-actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.across.outputs import MAX_OUTPUTS
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.rules.messaging import SNS
from cdk_guardrails.rules.shared import KEY_COST, find_added, stack_key
from cdk_guardrails.rules.tls import denial
from cdk_guardrails.rules.watching import ALARM
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template, is_no_value, unique_id

COMPOSITE: Final = "AWS::CloudWatch::CompositeAlarm"
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

OF_THIS_ACCOUNT: Final = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}

ALARMS_USE_KEY: Final = {
    "Sid": "CloudWatchAlarmsUseKey",
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": OF_THIS_ACCOUNT,
}
"""Without it, alarms cannot publish to an encrypted topic:
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"""


class AlarmActions(Rule):
    """Alarms tell somebody.

    Checks that an alarm has an action for the state ALARM and that its actions are enabled. An alarm that another
    resource of the template asks for its state, such as a composite alarm or a deployment, needs none.

    With *alarm_topic_arn*, the fix adds that topic to each alarm without an action. Without it, alarms that Guardrails
    added get a topic of the stack, which it adds as well: encrypted, for alarms of this account and over TLS only, with
    its ARN as an output, so that people can subscribe. An alarm of the author is then flagged only, and so is, always,
    one whose actions are switched off.
    """

    id = "alarm-actions"
    why = "An alarm without an action changes color in a console that nobody has open."
    resource_types = (ALARM, COMPOSITE)
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
        """Yields a finding about missing actions, and one with the detail ``disabled`` about ActionsEnabled."""
        if next(template.referring(resource, *ACT_UPON_ALARMS), None) is not None:
            return
        if not _has_action(resource):
            yield self.finding(
                resource,
                "the alarm has no action, so nobody hears of it",
                "AlarmActions",
                remedy="alarm.add_alarm_action(cw_actions.SnsAction(topic))",
            )
        if str(resource.get("ActionsEnabled")).lower() == "false":
            yield self.finding(
                resource,
                "the alarm's actions are switched off, so nobody hears of it",
                "ActionsEnabled",
                remedy="cloudwatch.Alarm(..., actions_enabled=True)",
                detail="disabled",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        given = settings["alarm_topic_arn"]
        if finding.detail or not (given or resource.logical_id.startswith("Guardrails")):
            return
        topic: Any = {"Fn::Sub": given} if given and "${" in given else given
        if not given:
            id_, edits = _topic(template)
            yield from edits
            topic = {"Ref": id_}
        if isinstance(resource.raw("AlarmActions"), list):
            yield resource.append("AlarmActions", topic)
        else:
            yield resource.set("AlarmActions", [topic])


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
    publish = {
        "Sid": "AllowAlarmsToPublish",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": OF_THIS_ACCOUNT,
    }
    tls_only = {"Sid": "AllowPublishThroughSSLOnly", **denial(SNS.denied, arn, SNS.principal)}
    policy = {"Topics": [arn], "PolicyDocument": {"Version": "2012-10-17", "Statement": [publish, tls_only]}}
    edits.append(template.add(id_, TOPIC, {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}}))
    edits.append(template.add(unique_id(template, f"{id_}Policy"), "AWS::SNS::TopicPolicy", policy))
    says = "ARN of the topic that alarms of this stack are published to: subscribe whoever is on call"
    if len(template.outputs) < MAX_OUTPUTS:
        edits.append(template.add_output(unique_id(template, f"{id_}Arn"), arn, says))
    return id_, edits
