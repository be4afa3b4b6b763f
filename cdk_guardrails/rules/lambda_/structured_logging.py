"""lambda-structured-logging."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, not_fixed
from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.rules.lambda_ import powertools
from cdk_guardrails.rules.lambda_.edge import runs_at_edge
from cdk_guardrails.rules.lambda_.functions import FUNCTIONS, setting
from cdk_guardrails.rules.lambda_.log_groups import readers
from cdk_guardrails.rules.lambda_.powertools import LEVEL_VARIABLES, runtime_of, variables_of
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, known

OLDEST: Final = {"dotnet": 8, "java": 8, "nodejs": 16, "python": 8}
"""The first versions (of Python the minor ones) whose application logs Lambda can put into JSON:
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html"""

LEVELS: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

SYNONYMS: Final = {"WARNING": "WARN", "CRITICAL": "FATAL"}

FORMAT: Final = "LoggingConfig.LogFormat"


class StructuredLogging(Rule):
    """Functions log JSON, with levels set, and name their service to Powertools.

    Checks that LogFormat is JSON where the runtime can put application logs into JSON. The fix sets it, and the levels
    for application and system logs that are not set. Flagged only are a function whose author chose Text, one whose log
    group is read by a subscription filter or by a metric filter that does not parse JSON, and one whose variables ask
    for a more detailed level than *application_level*, which Lambda would drop.

    A function with Powertools (a layer of that name, or a POWERTOOLS_ variable) should have POWERTOOLS_SERVICE_NAME and
    a log level; with *powertools_layer*, functions of that layer's language get it, and the variables too. Lambda@Edge
    functions and the CDK's own functions are not judged.
    """

    id = "lambda-structured-logging"
    why = "Lines of free text cannot be searched by request, level or field, nor counted without fragile patterns."
    resource_types = FUNCTIONS
    concern = Concern.LOGGING
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Updates in place. Log events become JSON objects, somewhat larger than text; what is JSON already stays as it "
        "is. In Python, the application level is the root logger's, too. Tools outside of the app that parse the text "
        "of the logs must learn JSON first, or be spared with LogFormat Text."
    )
    options = (
        Option(
            "application_level",
            "INFO",
            "Application logs of this level and above are kept; INFO is also Lambda's default: "
            "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html.",
            choices=LEVELS,
        ),
        Option(
            "system_level",
            "INFO",
            "Lambda's own logs of this level and above are kept. WARN drops the START and REPORT lines: "
            "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html.",
            choices=("DEBUG", "INFO", "WARN"),
        ),
        *powertools.OPTIONS,
    )
    answers = ("C4.3", "A5.2")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html",
            "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html",
            "https://docs.aws.amazon.com/powertools/python/latest/core/logger/",
        ),
    )
    bad = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      Environment:
        Variables: {POWERTOOLS_METRICS_NAMESPACE: shop}
""")
    good = Example("""\
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "def handler(event, context): pass"}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/handler
      LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: WARN}
      Environment:
        Variables: {POWERTOOLS_SERVICE_NAME: shop, LOG_LEVEL: WARN}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding about the format, and one with the detail ``powertools`` about what is missing of that."""
        if is_cdk_own(resource) or runs_at_edge(resource, template):
            return
        if _is_text(resource):
            why_not = _obstacle(resource, template, settings)
            says = f"it logs text, not JSON{not_fixed(why_not)}"
            yield self.finding(resource, says, FORMAT, remedy=_REMEDY)
        layer, variables = powertools.missing(resource, settings)
        if layer or variables:
            named = [*(["the layer"] if layer else []), *variables]
            path = "Environment.Variables" if variables else "Layers"
            says = f"Powertools lacks {' and '.join(named)}"
            yield self.finding(resource, says, path, remedy=powertools.REMEDY, detail="powertools")

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if finding.detail:
            yield from powertools.edits(resource, settings)
        elif not _obstacle(resource, template, settings):
            yield resource.set(FORMAT, "JSON")
            for name in ("Application", "System"):
                if setting(resource, f"LoggingConfig.{name}LogLevel") is None:
                    yield resource.set(f"LoggingConfig.{name}LogLevel", settings[f"{name.lower()}_level"])


_REMEDY: Final = (
    "lambda_.Function(..., logging_format=lambda_.LoggingFormat.JSON, "
    "application_log_level_v2=lambda_.ApplicationLogLevel.INFO, system_log_level_v2=lambda_.SystemLogLevel.INFO)"
)


def _is_text(function: Resource) -> bool:
    """Whether the format is not JSON though the runtime can do it."""
    runtime = runtime_of(function)
    format_ = setting(function, FORMAT)
    return (
        runtime is not None
        and OLDEST.get(runtime.family, runtime.version + 1) <= runtime.version
        and runtime.name != "java8"
        and format_ is not UNKNOWN
        and format_ != "JSON"
    )


def _obstacle(function: Resource, template: Template, settings: RuleSettings) -> str:
    """Why JSON could break something, or lose logs; "" if it cannot."""
    if setting(function, FORMAT) is not None:
        return "its author chose that"
    for reader in readers(function, template):
        pattern = known(reader.pattern)
        if reader.forwards or not (isinstance(pattern, str) and (not pattern or pattern.lstrip().startswith("{"))):
            return f"{reader.logical_id} may parse the text"
    variables = variables_of(function)
    names = [name for name in LEVEL_VARIABLES if variables and variables.get(name) is not None]
    if names and setting(function, "LoggingConfig.ApplicationLogLevel") is None:
        level = known(variables[names[0]]) if variables else None
        if _is_more_detailed(level, settings["application_level"]):
            said = "asks for a level that is not known" if level is UNKNOWN else f"is {level}"
            return f"{names[0]} {said}, and Lambda would drop what is below {settings['application_level']}"
    return ""


def _is_more_detailed(level: Any, than: str) -> bool:
    """Whether ``level`` is, or may be, more detailed; what is no level at all says nothing."""
    if level is UNKNOWN:
        return True
    name = SYNONYMS.get(str(level).upper(), str(level).upper())
    return name in LEVELS and LEVELS.index(name) < LEVELS.index(than)
