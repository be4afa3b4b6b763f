"""lambda-handler-logging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.lambda_code.logging_facts import Problem
from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.lambda_.code import at_line
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS
from cdk_guardrails.rules.lambda_.handlers import Shared, problems_of
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

MAX_SHOWN: Final = 5
"""Problems of one kind that one function tells of one by one; the last of them names the lines of the others."""

MAX_PLACES: Final = 10


class HandlerLogging(Rule):
    """Handlers log what came of an invocation, and every error that they catch.

    Reads the handler and what it calls in the author's own modules, in its bundle and its layers, as text. Libraries
    are not judged, nor is code that cannot be read, nor what runs at import. There are three kinds of findings:

    `result`: outside of every `except`, nothing is logged, or nothing but errors. Any other log call counts, a `print`
    and `@logger.inject_lambda_context(log_event=True)` too; metrics and traces are no logs. It is a
    warning for a handler that only computes its answer, and nothing for one that does nothing at all.

    `except`: an error is caught, and neither logged with the exception (`logger.exception(...)`, `exc_info`, the
    exception or its traceback among the arguments) nor raised again, there or in a function that is called there, or
    that the exception is returned or kept for. `suppress(...)` and functions that a decorator registers as handlers of
    exceptions are judged the same way. Where the type of the exception says what went wrong, any log will do.
    Exceptions that are often one of the answers (`KeyError`, `ValueError`, `client.exceptions.NoSuchKey`, the author's
    own; any where a value is read out of another one, with a default) need none, unless the answer is an error: a
    status from 400 on other than 404, or a key `error`. Imports that may fail, and files that cannot be removed, need
    none either.

    `print`, a warning: an error that is caught is printed, not logged.

    In Node.js, `catch`, `.catch(...)`, the second function of `.then(...)` and `if (err)` in a callback are judged; an
    error may also go on by `reject(...)` or `callback(error)`. What console writes is a log. Code that a bundler or
    minifier has written is not judged.

    Functions that share code share its problems: the first of them tells of them.
    """

    id = "lambda-handler-logging"
    why = "When an error is caught and not logged, a function that fails looks like one that works."
    resource_types = FUNCTIONS
    concern = Concern.LOGGING
    answers = ("A5.2",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html",
            "https://docs.aws.amazon.com/wellarchitected/latest/serverless-applications-lens/opex-logging.html",
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
          import boto3

          def handler(event, context):
              try:
                  return boto3.client("s3").get_object(Bucket="orders", Key=event["key"])["ContentLength"]
              except Exception:
                  return None
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
          import logging
          import boto3

          logger = logging.getLogger()

          def handler(event, context):
              try:
                  size = boto3.client("s3").get_object(Bucket="orders", Key=event["key"])["ContentLength"]
              except Exception:
                  logger.exception("cannot read the order", extra={"key": event["key"]})
                  raise
              logger.info("order read", extra={"key": event["key"], "size": size})
              return size
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each place in the code; for many of one kind, some that name the others."""
        kinds: dict[str, list[Shared]] = {}
        for shared in problems_of(resource):
            kinds.setdefault(shared.problem.kind, []).append(shared)
        for found in kinds.values():
            for number, shared in enumerate(found[:MAX_SHOWN], 1):
                left = found[MAX_SHOWN:] if number == MAX_SHOWN else []
                yield self._finding(resource, shared, [other.problem for other in left])

    def _finding(self, resource: Resource, shared: Shared, left: list[Problem]) -> Finding:
        problem, site = shared.problem, shared.problem.site
        says = f"{site}: {problem.says}{_sharing(shared.others)}{_others(left)}"
        severity = Severity.WARNING if problem.is_minor else None
        finding = self.finding(resource, says, "Handler", remedy=problem.remedy, detail=problem.kind, severity=severity)
        return at_line(finding, site.bundle, site.path, site.line)


def _sharing(others: int) -> str:
    if not others:
        return ""
    return f"; {others} other function{'s share' if others > 1 else ' shares'} this code"


def _others(left: list[Problem]) -> str:
    if not left:
        return ""
    places = [str(problem.site) for problem in left[:MAX_PLACES]]
    more = f" and {len(left) - MAX_PLACES} more" if len(left) > MAX_PLACES else ""
    return f"; the same at {', '.join(places)}{more}"
