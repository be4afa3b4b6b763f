"""lambda-dlq."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-dlq"
ARN = {"Fn::GetAtt": ["Handler", "Arn"]}
QUEUE = {"Fn::GetAtt": ["Failed", "Arn"]}
SAM = "AWS::Serverless::Function"
LOST = (
    "it asynchronously, and an event that it fails on is lost: it has no dead-letter queue and no OnFailure destination"
)


def template(
    properties: dict[str, Any] | None = None, type_: str = "AWS::Lambda::Function", /, **resources: Any
) -> Any:
    return {"Resources": {"Handler": {"Type": type_, "Properties": {"Timeout": 10, **(properties or {})}}, **resources}}


def resource(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def permission(principal: Any, function: Any = None) -> dict[str, Any]:
    return resource("AWS::Lambda::Permission", FunctionName=function or ARN, Principal=principal)


def config(function: Any = None, **destinations: Any) -> dict[str, Any]:
    given = {"FunctionName": function or {"Ref": "Handler"}, "Qualifier": "$LATEST", "DestinationConfig": destinations}
    return resource("AWS::Lambda::EventInvokeConfig", **given)


RULE_TARGET = resource("AWS::Events::Rule", Targets=[{"Id": "0", "Arn": "x"}, {"Id": "1", "Arn": ARN}])
ALIAS = resource("AWS::Lambda::Alias", FunctionName={"Ref": "Handler"}, Name="live")


@pytest.mark.parametrize(
    ("service", "source"),
    [
        ("AWS Config", permission("config.amazonaws.com")),
        ("CloudWatch Alarms", permission("lambda.alarms.cloudwatch.amazonaws.com")),
        ("CloudWatch Alarms", resource("AWS::CloudWatch::Alarm", AlarmActions=[ARN])),
        ("CloudWatch Logs", permission("logs.eu-west-1.amazonaws.com")),
        ("CloudWatch Logs", permission({"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"})),
        ("CloudWatch Logs", resource("AWS::Logs::SubscriptionFilter", DestinationArn=ARN)),
        ("CodeCommit", permission("codecommit.amazonaws.com")),
        ("EventBridge", permission("events.amazonaws.com")),
        ("EventBridge", RULE_TARGET),
        ("EventBridge Scheduler", resource("AWS::Scheduler::Schedule", Target={"Arn": ARN})),
        (
            "IoT",
            resource("AWS::IoT::TopicRule", TopicRulePayload={"Actions": [{"Lambda": {"FunctionArn": ARN}}]}),
        ),
        ("S3", permission("s3.amazonaws.com")),
        (
            "S3",
            resource("AWS::S3::Bucket", NotificationConfiguration={"LambdaConfigurations": [{"Function": ARN}]}),
        ),
        ("SNS", permission("sns.amazonaws.com")),
        ("SNS", resource("AWS::SNS::Subscription", Protocol="lambda", Endpoint=ARN)),
    ],
)
def test_who_invokes_asynchronously(service: str, source: dict[str, Any]) -> None:
    message = f"{service} invokes {LOST}"
    [finding] = assert_flags(template(Source=source), RULE, path="DeadLetterConfig.TargetArn", message=message)
    assert finding.remedy == "lambda_.Function(..., dead_letter_queue_enabled=True)"


def test_each_service_is_named_once() -> None:
    sources = {"Rule": RULE_TARGET, "A": permission("events.amazonaws.com"), "B": permission("sns.amazonaws.com")}
    assert_flags(template(**sources), RULE, message=f"EventBridge and SNS invoke {LOST}")


@pytest.mark.parametrize(
    "source",
    [
        permission("apigateway.amazonaws.com"),
        permission("cognito-idp.amazonaws.com"),
        permission("elasticloadbalancing.amazonaws.com"),
        permission("111122223333"),
        permission("arn:aws:iam::111122223333:role/events.amazonaws.com"),
        permission({"Ref": "Principal"}),
        permission(None),
        permission("events.amazonaws.com", {"Ref": "Other"}),
        permission("events.amazonaws.com", {"Ref": "FunctionName"}),
        permission("events.amazonaws.com", "another-function"),
        resource("AWS::Events::Rule", EventPattern={"detail": {"functionArn": [ARN]}}, Targets=[{"Arn": "x"}]),
        resource("AWS::Events::Rule", Targets=[{"Arn": "x", "Input": {"Fn::Sub": "${Handler.Arn}"}}]),
        resource("AWS::Lambda::EventSourceMapping", FunctionName=ARN, EventSourceArn=QUEUE),
        resource("AWS::S3::Bucket", Tags=[{"Key": "user", "Value": ARN}]),
        resource("AWS::CloudFormation::CustomResource", ServiceToken=ARN),
        resource("AWS::Lambda::Url", TargetFunctionArn=ARN),
    ],
)
def test_who_does_not(source: dict[str, Any]) -> None:
    assert_clean(template(Source=source, Other=resource("AWS::SQS::Queue")), RULE)


def test_a_function_that_nobody_invokes() -> None:
    assert_clean(template(), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"DeadLetterConfig": {"TargetArn": QUEUE}},
        {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:111122223333:failed"}},
        {"DeadLetterConfig": {"Fn::If": ["IsProd", {"TargetArn": QUEUE}, {"Ref": "AWS::NoValue"}]}},
    ],
)
def test_a_dead_letter_queue(properties: dict[str, Any]) -> None:
    assert_clean(template(properties, Rule=RULE_TARGET), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"DeadLetterConfig": {}},
        {"DeadLetterConfig": {"TargetArn": ""}},
        {"DeadLetterConfig": {"Ref": "AWS::NoValue"}},
        {"DeadLetterQueue": {"Type": "SQS", "TargetArn": QUEUE}},  # SAM's property
    ],
)
def test_no_dead_letter_queue(properties: dict[str, Any]) -> None:
    assert_flags(template(properties, Rule=RULE_TARGET), RULE)


def test_an_on_failure_destination() -> None:
    assert_clean(template(Rule=RULE_TARGET, Config=config(OnFailure={"Destination": QUEUE})), RULE)


def test_an_on_failure_destination_of_an_alias() -> None:
    function = {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": "Live"}]}]}
    data = template(Rule=RULE_TARGET, Live=ALIAS, Config=config(function, OnFailure={"Destination": QUEUE}))
    assert_clean(data, RULE)


@pytest.mark.parametrize(
    "config_",
    [
        config(OnSuccess={"Destination": QUEUE}),
        config(OnFailure={"Destination": {"Ref": "AWS::NoValue"}}),
        config({"Ref": "Other"}, OnFailure={"Destination": QUEUE}),
    ],
)
def test_other_destinations(config_: dict[str, Any]) -> None:
    assert_flags(template(Rule=RULE_TARGET, Config=config_, Other=resource("AWS::Lambda::Function")), RULE)


def test_the_dead_letter_queue_of_the_rule_gets_other_events() -> None:
    rule = resource("AWS::Events::Rule", Targets=[{"Id": "1", "Arn": ARN, "DeadLetterConfig": {"Arn": QUEUE}}])
    assert_flags(template(Rule=rule), RULE)


def test_an_alias_is_invoked() -> None:
    rule = resource("AWS::Events::Rule", Targets=[{"Id": "1", "Arn": {"Ref": "Live"}}])
    assert_flags(template(Rule=rule, Live=ALIAS), RULE)
    assert_flags(template(Permission=permission("s3.amazonaws.com", {"Ref": "Live"}), Live=ALIAS), RULE)


def test_a_function_that_is_permitted_by_name() -> None:
    named = template({"FunctionName": "shop"}, Permission=permission("s3.amazonaws.com", "shop"))
    assert_flags(named, RULE)


@pytest.mark.parametrize(
    ("event", "service"),
    [
        ({"Type": "S3", "Properties": {"Bucket": {"Ref": "Bucket"}}}, "S3"),
        ({"Type": "SNS", "Properties": {"Topic": {"Ref": "Topic"}}}, "SNS"),
        ({"Type": "Schedule"}, "EventBridge"),
        ({"Type": "ScheduleV2"}, "EventBridge Scheduler"),
        ({"Type": "EventBridgeRule"}, "EventBridge"),
        ({"Type": "CloudWatchLogs"}, "CloudWatch Logs"),
        ({"Type": "IoTRule"}, "IoT"),
    ],
)
def test_sam_events(event: dict[str, Any], service: str) -> None:
    data = template({"Events": {"E": event}}, SAM)
    assert_flags(data, RULE, path="DeadLetterQueue.TargetArn", message=f"{service} invokes {LOST}")


@pytest.mark.parametrize(
    "event",
    [
        {"Type": "Api"},
        {"Type": "SQS"},
        {"Type": "Kinesis"},
        {"Type": "SNS", "Properties": {"Topic": "t", "SqsSubscription": True}},
        {"Type": {"Ref": "Type"}},
        "S3",
    ],
)
def test_sam_events_that_are_not_asynchronous(event: Any) -> None:
    assert_clean(template({"Events": {"E": event}}, SAM), RULE)


@pytest.mark.parametrize(
    "properties",
    [
        {"DeadLetterQueue": {"Type": "SQS", "TargetArn": QUEUE}},
        {"EventInvokeConfig": {"DestinationConfig": {"OnFailure": {"Type": "SQS"}}}},
    ],
)
def test_what_sam_functions_have(properties: dict[str, Any]) -> None:
    events = {"Events": {"E": {"Type": "Schedule"}}}
    assert_clean(template({**properties, **events}, SAM), RULE)
    assert_clean(template(events, SAM) | {"Globals": {"Function": properties}}, RULE)


def test_the_cdks_own_functions() -> None:
    own = "AWSb4cf1abd4e4f4bc699441af7ccd9ec371511E620"
    rule = resource("AWS::Events::Rule", Targets=[{"Id": "0", "Arn": {"Fn::GetAtt": [own, "Arn"]}}])
    assert_clean({"Resources": {own: resource("AWS::Lambda::Function"), "Rule": rule}}, RULE)
