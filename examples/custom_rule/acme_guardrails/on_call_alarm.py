"""acme-on-call-alarm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template


class OnCallAlarm(Rule):
    """Alarms wake the people on call.

    Checks that the AlarmActions of every CloudWatch alarm have the topic of the people on call, which exists in every
    account and region. The fix adds it beside the actions that are there. Alarms that are only looked at on a
    dashboard can be named in the settings.
    """

    id = "acme-on-call-alarm"
    why = "An alarm that nobody hears is found after the customers have called."
    resource_types = ("AWS::CloudWatch::Alarm",)
    concern = Concern.ALARMS
    fix_safety = FixSafety.SAFE
    fix_note = "Updates in place. The next time that the alarm goes off, somebody is called."
    profiles = ("staging", "prod")
    options = (
        Option("topic", "acme-on-call", "The name of the SNS topic that calls the people on call."),
        Option("silent", (), "The names of alarms that need to call nobody."),
    )
    same_as = SameAs(
        aws=("https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",),
        security_hub=("CloudWatch.15",),
    )
    bad = Example("""\
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmActions:
        - arn:aws:sns:eu-west-1:111122223333:team-chat
""")
    good = Example("""\
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmActions:
        - arn:aws:sns:eu-west-1:111122223333:team-chat
        - Fn::Sub: arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:acme-on-call
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.get("AlarmName") in settings["silent"] or resource.get("AlarmActions") is UNKNOWN:
            return
        actions = resource.items("AlarmActions")
        if not any(_may_be(action, settings["topic"]) for action in actions):
            yield self.finding(
                resource,
                f"the alarm does not call {settings['topic']}",
                "AlarmActions",
                remedy="alarm.add_alarm_action(cloudwatch_actions.SnsAction(on_call_topic))",
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        arn = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:" + settings["topic"]
        yield resource.append("AlarmActions", {"Fn::Sub": arn})


def _may_be(action: Any, topic: str) -> bool:
    """Whether an action is the topic, or may be: what only the deployment knows is never wrong."""
    if isinstance(action, dict) and isinstance(action.get("Fn::Sub"), str):
        action = action["Fn::Sub"]
    return not isinstance(action, str) or action.endswith(f":{topic}")
