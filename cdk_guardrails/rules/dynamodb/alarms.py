"""dynamodb-alarms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from cdk_guardrails.rules.alarms import PRICE, RECOMMENDED, Alarm, AlarmRule, Operand, Wanted
from cdk_guardrails.rules.base import Example, Option, SameAs
from cdk_guardrails.rules.dynamodb.tables import GLOBAL_TABLE, SIMPLE_TABLE, TABLE, is_provisioned
from cdk_guardrails.rules.watching import Source, named_by
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

OPERATIONS: Final = (
    "GetItem",
    "BatchGetItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactWriteItems",
)
"""What applications call. DynamoDB has system errors by table and operation only:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html"""

MAX_METRICS: Final = 10
"""Metrics that an alarm's expression may take.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

FIVE_MINUTES: Final = 300
"""Seconds between two values of ProvisionedReadCapacityUnits and ProvisionedWriteCapacityUnits."""


class DynamodbAlarms(AlarmRule):
    """Alarms tell when tables throttle, fail, or run out of provisioned capacity.

    Checks that an alarm of the app watches ReadThrottleEvents, WriteThrottleEvents and SystemErrors of a table and,
    when its capacity is provisioned, ConsumedReadCapacityUnits and ConsumedWriteCapacityUnits. The fix adds those that
    are missing. Capacity is compared with what is provisioned at the time, in an expression, so that the alarm stays
    right when the table scales. Alarms on an index do not count for its table. For a global table, the alarms are
    about the replica in the stack's region.
    """

    id = "dynamodb-alarms"
    why = "A table that throttles or fails makes requests slow first, and lost later; only its metrics tell why."
    resource_types = (TABLE, GLOBAL_TABLE, SIMPLE_TABLE)
    fix_note = (
        f"Adds alarms; no table changes. {PRICE}, so that a table costs 1.20 USD, of which system errors are 1.00, "
        "and 1.60 USD when its capacity is provisioned."
    )
    options = (
        Option(
            "throttle_events",
            1,
            "Throttled reads (or writes) in each of five minutes in a row that fire the alarm: "
            f"{RECOMMENDED}#DynamoDB.",
            minimum=1,
        ),
        Option(
            "system_errors",
            1,
            "System errors in two of three times five minutes that fire the alarm; clients retry single ones: "
            f"{RECOMMENDED}#DynamoDB.",
            minimum=1,
        ),
        Option(
            "capacity_percent",
            80,
            "Percentage of the provisioned capacity that must not be consumed over ten minutes: "
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Monitoring-metrics-creating-cloudwatch-alarms.html.",
            minimum=1,
            maximum=100,
        ),
        Option(
            "operations",
            OPERATIONS,
            "Operations whose system errors are watched, the first ten at most, none for no such alarm; each costs "
            "0.10 USD a month: "
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html.",
        ),
    )
    answers = ("B5.1", "C5.1")
    same_as = SameAs(
        aws=(
            RECOMMENDED,
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Monitoring-metrics-creating-cloudwatch-alarms.html",
        ),
    )
    bad = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}
""")
    good = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  ReadsThrottled:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/DynamoDB
      MetricName: ReadThrottleEvents
      Dimensions: [{Name: TableName, Value: !Ref Orders}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 5
      Threshold: 10
      ComparisonOperator: GreaterThanThreshold
  WritesThrottled:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/DynamoDB
      MetricName: WriteThrottleEvents
      Dimensions: [{Name: TableName, Value: !Ref Orders}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 5
      Threshold: 10
      ComparisonOperator: GreaterThanThreshold
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      EvaluationPeriods: 3
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      Metrics:
        - {Id: failing, Expression: gets + puts}
        - Id: gets
          ReturnData: false
          MetricStat:
            Period: 60
            Stat: Sum
            Metric:
              Namespace: AWS/DynamoDB
              MetricName: SystemErrors
              Dimensions: [{Name: TableName, Value: !Ref Orders}, {Name: Operation, Value: GetItem}]
        - Id: puts
          ReturnData: false
          MetricStat:
            Period: 60
            Stat: Sum
            Metric:
              Namespace: AWS/DynamoDB
              MetricName: SystemErrors
              Dimensions: [{Name: TableName, Value: !Ref Orders}, {Name: Operation, Value: PutItem}]
""")

    def wanted(self, resource: Resource, template: Template, settings: RuleSettings) -> Wanted | None:
        by_name = named_by("TableName", resource, "TableName")
        source = Source("AWS/DynamoDB", (by_name,), (resource,), parts=("Operation",))
        capacity = map(_capacity, ("Read", "Write"), [settings["capacity_percent"]] * 2)
        return source, [*_failures(settings), *(capacity if is_provisioned(resource) else ())]


def _failures(settings: RuleSettings) -> Iterator[Alarm]:
    for kind in ("Read", "Write"):
        yield Alarm(
            f"{kind}ThrottleEvents",
            f"{kind.lower()}s are throttled for five minutes",
            settings["throttle_events"],
            _metric(f"{kind}ThrottleEvents"),
            reaching=True,
        )
    if operations := list(dict.fromkeys(settings["operations"]))[:MAX_METRICS]:
        yield _system_errors(settings["system_errors"], operations)


def _system_errors(threshold: int, operations: Sequence[str]) -> Alarm:
    """Most operations have no errors, hence no data: FILL makes them 0.

    It makes the newest value 0 as well while that is not there yet, so that not every value can be asked to be over.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    return Alarm(
        "SystemErrors",
        "DynamoDB fails to answer requests",
        threshold,
        "table.metric_system_errors_for_operations(operations=[...])",
        seconds=FIVE_MINUTES,
        periods=3,
        datapoints=2,
        reaching=True,
        expression="SUM(FILL(METRICS(), 0))",
        operands=tuple(Operand(name.lower(), "SystemErrors", dimensions={"Operation": name}) for name in operations),
    )


def _capacity(kind: str, percent: int) -> Alarm:
    consumed = f"Consumed{kind}CapacityUnits"
    return Alarm(
        consumed,
        f"{kind.lower()}s consume {percent} % of the provisioned capacity, or more",
        percent,
        f"table.metric_consumed_{kind.lower()}_capacity_units()",
        seconds=FIVE_MINUTES,
        periods=2,
        reaching=True,
        expression="100 * (consumed / PERIOD(consumed)) / provisioned",
        operands=(
            Operand("consumed", consumed),
            Operand("provisioned", f"Provisioned{kind}CapacityUnits", "Average"),
        ),
    )


def _metric(name: str) -> Any:
    return f'cloudwatch.Metric(..., namespace="AWS/DynamoDB", metric_name="{name}")'
