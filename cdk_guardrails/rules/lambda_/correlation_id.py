"""lambda-correlation-id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.lambda_code.logging_facts import OWN_FORMAT, POWERTOOLS, RUNTIME, HandlerLogs
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.lambda_.code import at_line
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, setting
from cdk_guardrails.rules.lambda_.handlers import logs_of
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Resource, Template

FORMAT: Final = "LoggingConfig.LogFormat"

_TRACING: Final = {"AWS::Lambda::Function": "TracingConfig.Mode", "AWS::Serverless::Function": "Tracing"}

INJECT: Final = (
    "Log with the Logger of Powertools for AWS Lambda and decorate the handler with @logger.inject_lambda_context, "
    "which puts the request id into every line; inject_lambda_context(correlation_id_path=...) takes over the caller's."
)

INJECT_NODE: Final = (
    "Log with console, whose lines carry Lambda's request id, or with the Logger of Powertools for AWS Lambda and "
    "logger.addContext(context) at the start of the handler."
)

JSON: Final = "lambda_.Function(..., logging_format=lambda_.LoggingFormat.JSON)"


class CorrelationId(Rule):
    """Log lines carry an id that tells requests apart.

    Reads the code as lambda-handler-logging does. A function that logs should have a log call with an id in it (the
    request id of the context, a correlation, trace, message or execution id), or give one to all lines: with
    `inject_lambda_context` or `append_keys` of Powertools, `bind` of structlog or loguru, a filter, an adapter.

    Lambda adds its request id to what goes through Python's logging module: in JSON as the field `requestId`, which is
    enough; in text as one more word in the line, which has no name to search by, so that there is a finding, until the
    format is JSON (the fix of lambda-structured-logging sets it). It adds none to what is printed, nor to what other
    handlers than its own write. The Logger of Powertools adds the trace id when tracing is active, which is enough.

    In Node.js, what goes through console carries Lambda's request id in both formats, which is enough; other loggers
    are judged as above.

    Lambda@Edge functions are not judged, since they cannot log JSON, nor is code that cannot be read.
    """

    id = "lambda-correlation-id"
    why = "Lines of concurrent requests mix in one log group: without an id, no failure can be followed to its cause."
    resource_types = FUNCTIONS
    concern = Concern.LOGGING
    severity = Severity.WARNING
    answers = ("C4.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html",
            "https://docs.aws.amazon.com/powertools/python/latest/core/logger/",
        ),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      Code:
        ZipFile: |
          def handler(event, context):
              print("order stored")
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      Code:
        ZipFile: |
          from aws_lambda_powertools import Logger

          logger = Logger()

          @logger.inject_lambda_context
          def handler(event, context):
              logger.info("order stored")
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding, at the handler, when no line can be told from another request's."""
        logs = logs_of(resource)
        if logs is None or not logs.formats or logs.has_id or runs_at_edge(resource, template):
            return
        lacks, remedy = _lacking(logs, setting(resource, FORMAT), setting(resource, _TRACING[resource.type]))
        if str(setting(resource, "Runtime")).startswith("nodejs"):
            lacks, remedy = _OF_NODE.get(lacks, lacks), INJECT_NODE
        if lacks:
            finding = self.finding(resource, f"{logs.site}: {lacks}", "Handler", remedy=remedy)
            yield at_line(finding, *logs.site)


def _lacking(logs: HandlerLogs, format_: Any, tracing: Any) -> tuple[str, str]:
    """What is wrong, and what to do about it; nothing when what writes the lines adds an id, or may."""
    if POWERTOOLS in logs.formats:
        is_traced = tracing is UNKNOWN or tracing == "Active"
        return ("", "") if is_traced else (_WITHOUT_CONTEXT, INJECT)
    if RUNTIME in logs.formats:
        return ("", "") if format_ is UNKNOWN or format_ == "JSON" else (_TEXT, JSON)
    return (_OWN if OWN_FORMAT in logs.formats else _PRINTED), INJECT


_WITHOUT_CONTEXT: Final = "Powertools' Logger adds no request id to its lines without inject_lambda_context"
_TEXT: Final = "no log call carries a correlation id, and in text Lambda's own request id is no field to search by"
_OWN: Final = "no log call carries a correlation id, and Lambda adds none to lines that its own handler does not write"
_PRINTED: Final = "what is printed carries no correlation id, and Lambda adds none to it"

_OF_NODE: Final = {
    _WITHOUT_CONTEXT: "Powertools' Logger adds no request id to its lines without addContext or injectLambdaContext",
    _OWN: "no log call carries a correlation id, and Lambda adds none to lines that console does not write",
    _PRINTED: "no log call carries a correlation id, and Lambda adds none to what is written to a stream",
}
