"""What the rules about missing alarms share: alarms as data, and the base class that looks for them and adds them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_guardrails.rules.base import Concern, Finding, FixSafety, Rule
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.rules.watching import ALARM, Source, is_watched
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

RECOMMENDED: Final = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html"
)
"""Where AWS recommends metrics, thresholds, periods and numbers of datapoints."""

PRICE: Final = "CloudWatch bills 0.10 USD a month for each metric that an alarm watches"
"""Standard resolution, us-east-1: https://aws.amazon.com/cloudwatch/pricing/"""


@dataclass(frozen=True)
class Operand:
    """A metric in an expression: its id there, its name, its statistic, and dimensions beyond those of the source."""

    id: str
    metric: str
    statistic: str = "Sum"
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Alarm:
    """An alarm on ``metric``, or on an ``expression`` of ``operands``, which fires ``when`` (half a sentence).

    It does so when in ``datapoints`` (0: all) of ``periods`` periods of ``seconds`` the statistic is over, or with
    ``reaching`` at, the threshold. ``remedy`` is how the CDK writes the metric.
    """

    metric: str
    when: str
    threshold: float
    remedy: str
    statistic: str = "Sum"
    seconds: int = 60
    periods: int = 5
    datapoints: int = 0
    reaching: bool = False
    expression: str = ""
    operands: tuple[Operand, ...] = ()

    def properties(self, source: Source) -> dict[str, Any]:
        """The properties of the resource."""
        watched = self._in_math(source) if self.expression else self._alone(source)
        number = {"DatapointsToAlarm": self.datapoints} if self.datapoints else {}
        return {
            "AlarmDescription": f"{self.when[0].upper()}{self.when[1:]}.",
            **watched,
            "EvaluationPeriods": self.periods,
            **number,
            "Threshold": self.threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold" if self.reaching else "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }

    def _alone(self, source: Source) -> dict[str, Any]:
        kind = "ExtendedStatistic" if self.statistic.startswith("p") else "Statistic"
        watched = {"Namespace": source.namespace, "MetricName": self.metric, "Dimensions": source.rendered()}
        return {**watched, kind: self.statistic, "Period": self.seconds}

    def _in_math(self, source: Source) -> dict[str, Any]:
        result = {"Id": "result", "Label": self.metric, "Expression": self.expression, "ReturnData": True}
        return {"Metrics": [result, *(self._query(operand, source) for operand in self.operands)]}

    def _query(self, operand: Operand, source: Source) -> dict[str, Any]:
        metric = {
            "Namespace": source.namespace,
            "MetricName": operand.metric,
            "Dimensions": source.rendered(operand.dimensions),
        }
        measured = {"Metric": metric, "Period": self.seconds, "Stat": operand.statistic}
        return {"Id": operand.id, "MetricStat": measured, "ReturnData": False}


Wanted = tuple[Source, list[Alarm]]
"""Whose metrics are to be watched, and the alarms that do so."""


class AlarmRule(Rule):
    """Base class of the rules that want alarms on the metrics of a resource.

    Yields a finding for each metric that no alarm of the app watches, with the metric as its detail. The fix adds the
    alarm, without a name, so that CloudFormation gives it one, and without actions, which are for `alarm-actions`.
    """

    concern = Concern.ALARMS
    ripples = False
    fix_safety = FixSafety.SAFE
    profiles = ("staging", "prod")
    order = 55  # where a template has little room left, other additions come first

    @abstractmethod
    def wanted(self, resource: Resource, template: Template, settings: RuleSettings) -> Wanted | None:
        """What is to be watched; None when the resource has no metrics of its own or their dimensions are unknown."""

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        """Yields a finding for each metric that no alarm watches."""
        source, alarms = self.wanted(resource, template, settings) or (None, [])
        for alarm in alarms:
            if source and not is_watched(alarm.metric, source):
                yield self.finding(
                    resource,
                    f"no alarm on {alarm.metric}: nobody is told when {alarm.when}",
                    remedy=f"cloudwatch.Alarm(..., metric={alarm.remedy})",
                    detail=alarm.metric,
                )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        """Adds the alarm that the finding is about."""
        source, alarms = self.wanted(resource, template, settings) or (None, [])
        for alarm in alarms:
            if source and alarm.metric == finding.detail:
                id_ = added_id(template, resource.logical_id, f"{alarm.metric}Alarm")
                yield template.add(id_, ALARM, alarm.properties(source), Condition=resource.condition)
