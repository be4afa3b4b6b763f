"""What the rules about queues and topics share: whose policy is whose, and how plain HTTP is denied in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.rules import resource_policies, tls
from cdk_guardrails.rules.policies import (
    Answer,
    appended,
    as_list,
    denies_plain_http,
    every,
    rendered,
    some,
    statements,
)
from cdk_guardrails.rules.resource_policies import Policies
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.rules.tls import Gap
from cdk_guardrails.template import Edit, Resource, Template, references, target

CONNECTOR: Final = "AWS::Serverless::Connector"
FUNCTION: Final = "AWS::Serverless::Function"


@dataclass(frozen=True)
class Service:
    """How a messaging service writes resource policies.

    ``policies`` are the types of policies and the property with the URLs or ARNs that each is for; the first is what a
    rule adds. ``name`` is the property with the physical name, ``arn`` a reference's attribute that gives the ARN.
    ``denied`` is the action that nobody may do without TLS, ``principal`` the CDK's way to say everyone, ``statements``
    the number that a policy may hold.
    """

    noun: str
    policies: dict[str, str]
    name: str
    arn: str
    denied: str
    principal: Any
    statements: int

    def arn_of(self, holder: Resource) -> dict[str, Any]:
        """The ARN of a queue or topic, as the CDK writes it."""
        return holder.get_att(self.arn) if self.arn else holder.ref()


SQS: Final = Service(
    noun="queue",
    policies={"AWS::SQS::QueuePolicy": "Queues", "AWS::SQS::QueueInlinePolicy": "Queue"},
    name="QueueName",
    arn="Arn",
    denied="sqs:*",
    principal={"AWS": "*"},
    statements=20,
)
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html"""

SNS: Final = Service(
    noun="topic",
    policies={"AWS::SNS::TopicPolicy": "Topics", "AWS::SNS::TopicInlinePolicy": "TopicArn"},
    name="TopicName",
    arn="",
    denied="sns:Publish",
    principal="*",
    statements=100,
)
"""SNS refuses ``sns:*`` in a topic's policy: "Policy statement action out of service scope".
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html#sns-policy-quotas"""


def policies_of(holder: Resource, template: Template, service: Service) -> Policies:
    """The policies of a queue or topic. It has one: the policy that is made last replaces those before.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
    """

    def is_for(value: Any, holder: Resource, template: Template) -> Answer:
        # By name alone, account and region may differ.
        return True if target(value) == holder.logical_id else None if is_named(value, holder) else False

    def is_named(text: Any, holder: Resource) -> bool:
        return stands_for(text, holder, service) is not False

    return resource_policies.policies_of(holder, template, service.policies, service.name, is_for, is_named)


def stands_for(value: Any, holder: Resource, service: Service) -> Answer:
    """Whether ``value`` is the URL or the ARN of a queue or topic."""
    template = holder.template
    if (named := target(value)) == holder.logical_id:
        return True
    if named in template.resources:
        return False
    if (text := rendered(value)) is None:
        refers = any(reference.logical_id == holder.logical_id for reference in references(value))
        return None if refers or holder.get(service.name) is not None else False
    names = {rendered(holder.raw(service.name)), f"${{{holder.logical_id}.{service.name}}}"}
    if any(text.endswith((f":{name}", f"/{name}")) for name in names if name):
        return True
    return _may_have_name(text, holder, service)


def _may_have_name(text: str, holder: Resource, service: Service) -> Answer:
    """Whether a text that ends in no known name may yet be this resource's; a generated name is known to no text."""
    if holder.get(service.name) is None or text.startswith("${!"):  # the latter is of another stack
        return False
    given = rendered(holder.raw(service.name))
    is_variable = given is None or "${" in given or "}" in re.split("[:/]", text)[-1]
    return None if is_variable else False


def denies_without_tls(policy: Resource, holder: Resource, service: Service) -> Answer:
    """Whether ``policy`` denies everyone the service's action on ``holder`` in each request without TLS."""
    return some(
        every([denies_plain_http(statement, service.denied), _reaches(statement, holder, service)])
        for statement in statements(policy.raw("PolicyDocument"))
    )


def _reaches(statement: Any, holder: Resource, service: Service) -> Answer:
    """Whether a statement is about ``holder``; without a Resource, it is about whatever the policy is for."""
    if not isinstance(statement, dict):
        return None
    if "NotResource" in statement:
        return False
    resources = as_list(statement.get("Resource"))
    return some(covers(resource, holder, service) for resource in resources) if resources else True


def covers(resource: Any, holder: Resource, service: Service) -> Answer:
    """Whether an item of a Resource element is, or includes, ``holder``."""
    text = rendered(resource)
    if text is not None and "*" in text:
        return True if text == "*" else None
    return stands_for(resource, holder, service)


def gaps(holder: Resource, template: Template, service: Service) -> Iterator[Gap]:
    """What lets plain HTTP through to ``holder``."""

    def lacks(policy: Resource) -> str:
        return "does not deny plain HTTP" if denies_without_tls(policy, holder, service) is False else ""

    made = _made_by_sam(holder, template)
    obstacle = f"SAM makes a policy of this {service.noun} for {made}" if made else ""
    for gap in tls.gaps(policies_of(holder, template, service), lacks, service.noun, to_adding=obstacle):
        yield gap._replace(obstacle=fullness(gap.policy, service)) if gap.policy else gap


def fullness(policy: Resource, service: Service) -> str:
    """Why a policy takes no other statement ("" when it does)."""
    if len(statements(policy.raw("PolicyDocument"))) < service.statements:
        return ""
    return f"it has {service.statements} statements or more, and the policy of a {service.noun} may have no more"


def _made_by_sam(holder: Resource, template: Template) -> str:
    """The resource for which SAM writes a policy of ``holder``: a connector, or a function that subscribes a queue.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html
    """
    if holder.logical_id in (connected := template.cached("resources that SAM connects", _connected, CONNECTOR)):
        return connected[holder.logical_id]
    for function in template.referring(holder, FUNCTION):
        for reference in template.references_from(function.logical_id):
            if reference.logical_id == holder.logical_id and "SqsSubscription" in reference.path:
                return function.logical_id
    return ""


def _connected(template: Template) -> dict[str, str]:
    """The destinations of SAM's connectors, which name them by logical id, and what connects them."""
    found: dict[str, str] = {}
    for id_, resource in template.resources.items():
        for properties in _connectors(resource):
            ends = as_list(properties.get("Destination")) if isinstance(properties, dict) else []
            found |= {str(end["Id"]): id_ for end in ends if isinstance(end, dict) and "Id" in end}
    return found


def _connectors(resource: Resource) -> list[Any]:
    """The properties of a connector, and of those that stand inside of other resources."""
    embedded = resource.data.get("Connectors")
    inside = embedded.values() if isinstance(embedded, dict) else ()
    own = [resource.properties] if resource.type == CONNECTOR else []
    return [*own, *(item.get("Properties") for item in inside if isinstance(item, dict))]


def fixes(gaps: Iterator[Gap], holder: Resource, service: Service, default: list[dict[str, Any]]) -> Iterator[Edit]:
    """Completes each policy of ``holder``, or adds one which keeps what the ``default`` policy allows."""
    template = holder.template
    for gap in gaps:
        statement = tls.denial(service.denied, service.arn_of(holder), service.principal)
        if gap.obstacle:
            continue
        if gap.policy is not None:
            yield appended(gap.policy, "PolicyDocument", _with_sid(statement, gap.policy, service))
            continue
        type_, property_ = next(iter(service.policies.items()))
        document = {"Version": "2012-10-17", "Statement": [*default, _with_sid(statement, None, service)]}
        properties = {property_: [holder.ref()], "PolicyDocument": document}
        id_ = added_id(template, holder.logical_id, "Policy")
        yield template.add(id_, type_, properties, Condition=holder.condition)


def _with_sid(statement: dict[str, Any], policy: Resource | None, service: Service) -> dict[str, Any]:
    """The statement, with an id for SNS: "Every policy statement must have a unique ID"."""
    if service is not SNS:
        return statement
    return {"Sid": free_sid(policy, TLS_ONLY) if policy else TLS_ONLY, **statement}


TLS_ONLY: Final = "AllowPublishThroughSSLOnly"
"""The CDK's and AWS's own, which says the opposite of what it does, but is what people look for."""


def free_sid(policy: Resource, wanted: str) -> str:
    """``wanted``, or with a number behind it when a statement of ``policy`` has that id."""
    taken = [item.get("Sid") for item in statements(policy.raw("PolicyDocument")) if isinstance(item, dict)]
    candidates = (f"{wanted}{number if number > 1 else ''}" for number in range(1, len(taken) + 2))
    return next(candidate for candidate in candidates if candidate not in taken)
