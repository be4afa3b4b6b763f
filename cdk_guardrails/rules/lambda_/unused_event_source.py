"""lambda-unused-event-source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, SAM_FUNCTION, events, functions_in, is_false, name_in
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template, known, references

MAPPING: Final = "AWS::Lambda::EventSourceMapping"

POLLED: Final = ("DocumentDB", "DynamoDB", "Kinesis", "MQ", "MSK", "SQS", "SelfManagedKafka")
"""The types of SAM events that become event source mappings:
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html"""


class UnusedEventSource(Rule):
    """Event source mappings are enabled, and feed a function of the app.

    Checks for mappings (also in the Events of SAM functions) that are switched off, and for those whose function is
    written out, by name or ARN, when no function in any stack of the app has that name. A function that is referred to
    through a parameter, an import or another stack is not judged.
    """

    id = "lambda-unused-event-source"
    why = "A mapping that moves nothing looks like a data flow, and may fail the deployment for no use."
    resource_types = (MAPPING, SAM_FUNCTION)
    concern = Concern.MAINTAINABILITY
    severity = Severity.WARNING
    answers = ("A1.1",)
    same_as = SameAs(aws=("https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html",))
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
  Jobs:
    Type: AWS::SQS::Queue
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      Enabled: false
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: !Ref Handler
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: handler.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
  Jobs:
    Type: AWS::SQS::Queue
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: !Ref Handler
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding with the detail ``disabled`` (on SAM: the event's name) or ``function``."""
        if resource.type == SAM_FUNCTION:
            yield from self._of_sam(resource)
            return
        if is_false(resource.get("Enabled")):
            yield self.finding(resource, _DISABLED, "Enabled", remedy=_REMEDY, detail="disabled")
        name = _unknown_function(resource.raw("FunctionName"), template)
        if name:
            says = f"it feeds the function '{name}', and no function of the app is named so"
            yield self.finding(resource, says, "FunctionName", remedy=_REMEDY, detail="function")

    def _of_sam(self, function: Resource) -> Iterator[Finding]:
        for event in events(function):
            if event.type in POLLED and is_false(known(event.properties.get("Enabled"))):
                says = f"the event source {event.name} is switched off: {_DISABLED}"
                yield self.finding(function, says, (*event.path, "Enabled"), remedy=_REMEDY, detail=event.name)


_DISABLED: Final = "Enabled is false, so that it never invokes the function"
_REMEDY: Final = "Remove the event source, or enable it and let it feed a function of this app."


def _unknown_function(value: Any, template: Template) -> str:
    """The name of the function that ``value`` writes out, when no function of the app can have it; else ""."""
    name = name_in(value)
    if not name or "$" in name or references(value):
        return ""
    for other in template.app.templates:
        if functions_in(value, other) or any(f.get("FunctionName") is UNKNOWN for f in other.of_type(*FUNCTIONS)):
            return ""
    return name
