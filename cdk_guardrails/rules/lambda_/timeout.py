"""lambda-timeout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Option, Rule, SameAs, Severity
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, SAM_FUNCTION, events, function_of, number, setting
from cdk_guardrails.rules.lambda_.waiting_apis import HTTP, REST, WEBSOCKET, waits
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template, known

QUEUE: Final = "AWS::SQS::Queue"
MAPPING: Final = "AWS::Lambda::EventSourceMapping"

PAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"

DEFAULT_TIMEOUT: Final = 3
"""Seconds. https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"""

LONGEST: Final = 900
"""Seconds. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

DEFAULT_VISIBILITY: Final = 30
"""Seconds.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html"""

VISIBILITY_FACTOR: Final = 6
"""How many times the function's timeout a message is to stay invisible, the batching window aside, so that Lambda can
try again when it is throttled: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""

API_NAMES: Final = {REST: "REST API", HTTP: "HTTP API", WEBSOCKET: "WebSocket API"}


class Timeout(Rule):
    """The timeout of functions is chosen, and fits what calls them.

    Checks that Timeout is set, and within *min_seconds* and *max_seconds*: a warning. An error where it cannot work:
    over the 29 s that a REST or WebSocket API waits (30 s for an HTTP API, or what the integration says), unless the
    integration invokes the function asynchronously; and when a queue's VisibilityTimeout is under 6 times the timeout
    of the function that it feeds, plus the batching window. Functions that the CDK adds are not judged, nor Lambda@Edge
    functions, which CloudFront limits to 5 or 30 s.
    """

    id = "lambda-timeout"
    why = "Too short, a function is cut off at work; too long, callers get errors, and stuck invocations are paid for."
    resource_types = (*FUNCTIONS, QUEUE)
    concern = Concern.CAPACITY
    answers = ("A4.1", "D4.3")
    options = (
        Option("min_seconds", 3, f"Seconds that a timeout is to have at least. {PAGE}", minimum=1, maximum=LONGEST),
        Option(
            "max_seconds",
            60,
            f"Seconds that a timeout is to have at most; Lambda takes {LONGEST}. {PAGE}",
            minimum=1,
            maximum=LONGEST,
        ),
    )
    same_as = SameAs(
        aws=(
            PAGE,
            "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
        ),
        cdk_nag=("Serverless-LambdaDefaultTimeout",),
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
      Timeout: 20
  Jobs:
    Type: AWS::SQS::Queue
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
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
      Timeout: 20
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 120
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: !Ref Handler
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields findings ``rest-api``, ``http-api``, ``websocket-api`` or one without a detail; ``visibility``."""
        if resource.type == QUEUE:
            yield from self._visibility(resource, template)
        elif not is_cdk_own(resource) and not runs_at_edge(resource, template):
            too_long = list(self._behind_apis(resource, template))
            yield from too_long or self._range(resource, settings)

    def _range(self, function: Resource, settings: RuleSettings) -> Iterator[Finding]:
        given = setting(function, "Timeout")
        seconds = number(given, DEFAULT_TIMEOUT)
        least, most = settings["min_seconds"], settings["max_seconds"]
        if seconds is None or (given is not None and least <= seconds <= most):
            return
        says = f"Timeout is not set, so it is {seconds} s" if given is None else f"Timeout is {seconds} s"
        yield self.finding(
            function,
            f"{says}; choose what the work takes at worst, from {least} to {most} s",
            "Timeout",
            remedy=_remedy(min(max(15, least), most)),
            severity=Severity.WARNING,
        )

    def _behind_apis(self, function: Resource, template: Template) -> Iterator[Finding]:
        seconds = number(setting(function, "Timeout"), DEFAULT_TIMEOUT)
        for wait in waits(function, template) if seconds is not None else ():
            limit = wait.milliseconds / 1000
            if seconds is not None and seconds > limit:
                name = API_NAMES[wait.kind]
                yield self.finding(
                    function,
                    f"Timeout is {seconds} s, but its {name} answers with an error after {limit:g} s ({wait.by})",
                    "Timeout",
                    remedy=_remedy(max(int(limit), 1)),
                    detail=name.lower().replace(" ", "-"),
                )

    def _visibility(self, queue: Resource, template: Template) -> Iterator[Finding]:
        given = queue.get("VisibilityTimeout")
        visible = number(given, DEFAULT_VISIBILITY)
        needs = [(VISIBILITY_FACTOR * seconds + window, seconds, window, id_) for id_, seconds, window in _fed(queue)]
        needed, seconds, window, id_ = max(needs, default=(0, 0, 0, ""))
        if visible is None or visible >= needed:
            return
        says = f"VisibilityTimeout is {'not set, so it is ' if given is None else ''}{visible} s"
        refused = ", and Lambda refuses one under the timeout" if visible < seconds else ""
        plus = f" and its batching window of {window} s" if window else ""
        wanted = f"{VISIBILITY_FACTOR} times its timeout of {seconds} s{plus} is {needed} s"
        yield self.finding(
            queue,
            f"{says}{refused}; it feeds {id_}, and {wanted}",
            "VisibilityTimeout",
            remedy=f"sqs.Queue(..., visibility_timeout=cdk.Duration.seconds({needed}))",
            detail="visibility",
        )


def _remedy(seconds: int) -> str:
    return f"lambda_.Function(..., timeout=cdk.Duration.seconds({seconds}))"


def _fed(queue: Resource) -> Iterator[tuple[str, int, int]]:
    """The functions that ``queue`` feeds: logical id, timeout and batching window, where they are known."""
    template = queue.template
    for user in template.referring(queue, MAPPING, SAM_FUNCTION):
        if user.type == MAPPING:
            fed = function_of(user.raw("FunctionName"), template)
            windows = [user.get("MaximumBatchingWindowInSeconds")] if _is(user.raw("EventSourceArn"), queue) else []
        else:
            fed = user
            polled = [event.properties for event in events(user) if event.type == "SQS"]
            windows = [known(p.get("MaximumBatchingWindowInSeconds")) for p in polled if _is(p.get("Queue"), queue)]
        seconds = number(setting(fed, "Timeout"), DEFAULT_TIMEOUT) if fed is not None else None
        if fed is not None and seconds is not None and not is_cdk_own(fed):
            yield from ((fed.logical_id, seconds, number(window) or 0) for window in windows)


def _is(value: object, queue: Resource) -> bool:
    return queue.template.resource_of(value) is queue
