"""dynamodb-billing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdk_guardrails.rules.base import Concern, Example, Finding, Rule, SameAs, Severity
from cdk_guardrails.rules.dynamodb.tables import GLOBAL_TABLE, SIMPLE_TABLE, TABLE, is_provisioned
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Resource, Template

SUITS: Final = {
    False: "PAY_PER_REQUEST suits traffic that is new, rare or comes in bursts; when it is steady, provisioned "
    "capacity that scales costs less",
    True: "PROVISIONED suits steady traffic that somebody has measured; when it is new, rare or comes in bursts, "
    "on-demand capacity costs less and is not throttled for want of a plan",
}
"""By whether capacity is provisioned.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html"""


class Billing(Rule):
    """The billing mode of tables is chosen for their workload.

    Yields one warning for each table whose BillingMode is known, whichever it is (PROVISIONED when it is not set), that
    says which workload it suits: no template shows what the traffic is like. Suppress it for the table, with the
    workload as the reason; that is the acknowledgement, and the place where the next reader finds it. A BillingMode
    that is a parameter, or is otherwise known at deployment only, has been thought about.
    """

    id = "dynamodb-billing"
    why = "The billing mode that does not fit the traffic costs several times as much, or throttles requests."
    resource_types = (TABLE, GLOBAL_TABLE, SIMPLE_TABLE)
    concern = Concern.CAPACITY
    severity = Severity.WARNING
    profiles = ("staging", "prod")
    answers = ("B4.3",)
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html",
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CostOptimization_TableCapacityMode.html",
        ),
    )
    bad = Example("""\
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
""")
    good = Example("""\
Parameters:
  OrdersBillingMode:
    Type: String
    AllowedValues: [PAY_PER_REQUEST, PROVISIONED]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: !Ref OrdersBillingMode
      ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        provisioned = is_provisioned(resource)
        if provisioned is not None:
            yield self.finding(
                resource,
                f"{SUITS[provisioned]}: nobody has said which of the two this is",
                "ProvisionedThroughput" if resource.type == SIMPLE_TABLE else "BillingMode",
                remedy="Keep the mode and suppress this for the table with its workload as the reason, or change it.",
            )
