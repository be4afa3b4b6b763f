"""lambda-dlq."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.functions import (
    FUNCTIONS,
    SAM_FUNCTION,
    events,
    permissions,
    referring,
    setting,
    used_at,
)
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template


class _Service(NamedTuple):
    """A service that invokes functions asynchronously.

    ``principal`` is how its service principal starts; ``type`` and ``path`` are the resource and the property that name
    the function; ``events`` are the types of SAM's events.
    """

    name: str
    principal: str = ""
    type: str = ""
    path: str = ""
    events: tuple[str, ...] = ()


SERVICES: Final = (
    _Service("AWS Config", "config"),
    _Service("CloudWatch Alarms", "lambda.alarms.cloudwatch", "AWS::CloudWatch::Alarm", "AlarmActions.*"),
    _Service("CloudWatch Logs", "logs", "AWS::Logs::SubscriptionFilter", "DestinationArn", ("CloudWatchLogs",)),
    _Service("CodeCommit", "codecommit"),
    _Service(
        "EventBridge",
        "events",
        "AWS::Events::Rule",
        "Targets.*.Arn",
        ("CloudWatchEvent", "EventBridgeRule", "Schedule"),
    ),
    _Service("EventBridge Scheduler", "", "AWS::Scheduler::Schedule", "Target.Arn", ("ScheduleV2",)),
    _Service("IoT", "iot", "AWS::IoT::TopicRule", "TopicRulePayload.Actions.*.Lambda.FunctionArn", ("IoTRule",)),
    _Service("S3", "s3", "AWS::S3::Bucket", "NotificationConfiguration.LambdaConfigurations.*.Function", ("S3",)),
    _Service("SNS", "sns", "AWS::SNS::Subscription", "Endpoint", ("SNS",)),
)
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html. Not listed: CloudFormation and CodePipeline,
which wait for the function's answer themselves, and SES, whose receipt rules may invoke either way."""

EVENT_CONFIG: Final = "AWS::Lambda::EventInvokeConfig"


class DeadLetterQueue(Rule):
    """What an asynchronously invoked function fails on is kept.

    Checks functions that EventBridge, Scheduler, SNS, S3, CloudWatch, IoT, Config or CodeCommit invoke, by what names
    them as a target or permits the service to invoke them: they need a dead-letter queue, or an OnFailure destination
    in an EventInvokeConfig of the function, a version or an alias. A dead-letter queue of the rule or of the
    subscription does not count, since it only gets what Lambda did not take. Functions that the CDK adds are not
    judged.
    """

    id = "lambda-dlq"
    why = "Lambda tries an event again twice, and then drops it: nobody can look at it, or process it later."
    resource_types = FUNCTIONS
    concern = Concern.DATA_PROTECTION
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html",
        ),
        cdk_nag=(
            "HIPAA.Security-LambdaDLQ",
            "NIST.800.53.R5-LambdaDLQ",
            "Serverless-LambdaAsyncFailureDestination",
            "Serverless-LambdaDLQ",
        ),
        checkov=("CKV_AWS_116",),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
  Orders:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: arn:aws:sns:us-east-1:111122223333:orders
      Protocol: lambda
      Endpoint: !GetAtt Handler.Arn
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      DeadLetterConfig: {TargetArn: !GetAtt Failed.Arn}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
  Failed:
    Type: AWS::SQS::Queue
  Orders:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: arn:aws:sns:us-east-1:111122223333:orders
      Protocol: lambda
      Endpoint: !GetAtt Handler.Arn
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding when a service invokes the function asynchronously and nothing keeps what fails."""
        services = [] if is_cdk_own(resource) else _callers(resource, template)
        if services and not _keeps_failures(resource, template):
            by = services[0] if len(services) == 1 else f"{', '.join(services[:-1])} and {services[-1]}"
            yield self.finding(
                resource,
                f"{by} invoke{'s' if len(services) == 1 else ''} it asynchronously, and an event that it fails on is "
                "lost: it has no dead-letter queue and no OnFailure destination",
                _PATHS[resource.type],
                remedy="lambda_.Function(..., dead_letter_queue_enabled=True)",
            )


_PATHS: Final = {FUNCTIONS[0]: "DeadLetterConfig.TargetArn", SAM_FUNCTION: "DeadLetterQueue.TargetArn"}
_PLACES: Final = {service.type: service.path for service in SERVICES if service.type}
_PRINCIPAL: Final = re.compile(r"(lambda\.alarms\.cloudwatch|[a-z0-9]+)\..*(amazonaws\.com|\$\{AWS::URLSuffix\})")


def _callers(function: Resource, template: Template) -> list[str]:
    """The names of the services that invoke ``function`` asynchronously."""
    types = {user.type for user in used_at(function, template, _PLACES)}
    matches = [_PRINCIPAL.match(principal) for principal, _ in permissions(function, template)]
    principals = {match[1] for match in matches if match}
    kinds = {event.type for event in events(function) if not event.properties.get("SqsSubscription")}
    return [
        service.name
        for service in SERVICES
        if service.type in types or service.principal in principals or kinds.intersection(service.events)
    ]


def _keeps_failures(function: Resource, template: Template) -> bool:
    """Whether something gets the events that ``function`` fails on, or may get them for all that is known."""
    if setting(function, _PATHS[function.type]) not in (None, ""):
        return True
    if function.type == SAM_FUNCTION and setting(function, "EventInvokeConfig.DestinationConfig.OnFailure") is not None:
        return True
    configs = referring(function, template, EVENT_CONFIG)
    return any(config.get("DestinationConfig.OnFailure.Destination") not in (None, "") for config in configs)
