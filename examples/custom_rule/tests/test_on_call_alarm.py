"""acme-on-call-alarm: what holds for every rule in one line, then what is this rule's own."""

import pytest
from acme_guardrails.on_call_alarm import OnCallAlarm

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags, check_rule

RULE = OnCallAlarm()


def alarm(**properties):
    return {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}


def on_call(topic="acme-on-call"):
    return {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:" + topic}


def test_it_is_a_good_rule():
    check_rule(RULE)


def test_an_alarm_that_nobody_hears():
    assert_flags(alarm(), RULE, path="AlarmActions", message="the alarm does not call acme-on-call")
    assert_fixed(alarm(), alarm(AlarmActions=[on_call()]), RULE)


def test_other_actions_stay():
    chat = "arn:aws:sns:eu-west-1:111122223333:team-chat"
    assert_fixed(alarm(AlarmActions=[chat]), alarm(AlarmActions=[chat, on_call()]), RULE)


@pytest.mark.parametrize(
    "actions",
    [
        ["arn:aws:sns:eu-west-1:111122223333:acme-on-call"],
        [{"Ref": "OnCallTopicArn"}],
        {"Fn::If": ["IsProd", [], []]},
    ],
    ids=["by its ARN", "by a parameter", "by a condition"],
)
def test_what_is_right_or_unknown_is_left_alone(actions):
    assert_clean(alarm(AlarmActions=actions), RULE)


def test_a_name_that_only_ends_alike():
    assert_flags(alarm(AlarmActions=["arn:aws:sns:eu-west-1:111122223333:not-acme-on-call"]), RULE)


def test_options():
    assert_fixed(alarm(), alarm(AlarmActions=[on_call("night")]), RULE, options={"topic": "night"})
    assert_clean(alarm(AlarmName="trend"), RULE, options={"silent": ["trend"]})
    assert_flags(alarm(AlarmName="trends"), RULE, options={"silent": ["trend"]})


def test_it_is_off_in_dev():
    assert_clean(alarm(), RULE, environment="dev")
