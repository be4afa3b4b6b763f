"""Usage plans: which of them serve a stage, and what they lack.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk_guardrails.rules.policies import Answer, every, rendered
from cdk_guardrails.rules.shared import added_id
from cdk_guardrails.template import UNKNOWN, Edit, Resource, Template, is_intrinsic

PLAN: Final = "AWS::ApiGateway::UsagePlan"
PLAN_KEY: Final = "AWS::ApiGateway::UsagePlanKey"
API_KEY: Final = "AWS::ApiGateway::ApiKey"


def serving(stage: Resource, template: Template) -> list[Resource] | None:
    """The usage plans that serve a stage; None when one may, here or in another stack of the app."""
    found, unknown = [], False
    for other in template.app.templates:
        for plan in other.of_type(PLAN):
            answer = _serves(plan, stage, template) if other is template else _may_serve(plan, other)
            found += [plan] if answer else []
            unknown = unknown or answer is None
    return found if found or not unknown else None


def lacks(plan: Resource, template: Template) -> list[str]:
    """What a usage plan is without: a key, a quota. A key in another stack of the app counts when it may be its own."""
    has_key = any(template.referring(plan, PLAN_KEY)) or any(
        other.resource_of(key.raw("UsagePlanId")) is None
        for other in template.app.templates
        if other is not template
        for key in other.of_type(PLAN_KEY)
    )
    missing = [] if has_key else ["key"]
    return missing if plan.get("Quota.Limit") is not None else [*missing, "quota"]


def _serves(plan: Resource, stage: Resource, template: Template) -> Answer:
    listed = plan.get("ApiStages")
    if listed is UNKNOWN or not isinstance(listed, list):
        return None if listed is UNKNOWN else False
    answers = [_is_stage(entry, stage, template) for entry in listed]
    return True if True in answers else None if None in answers else False


def _is_stage(entry: Any, stage: Resource, template: Template) -> Answer:
    if not isinstance(entry, dict) or is_intrinsic(entry):
        return None
    if template.resource_of(entry.get("Stage")) is stage:
        return True
    apis = _same(entry.get("ApiId"), stage.raw("RestApiId"), template)
    return every([apis, _same(entry.get("Stage"), stage.raw("StageName"), template)])


def _same(one: Any, other: Any, template: Template) -> Answer:
    """Whether two values are the same: surely, when they are written alike; surely not, when both are known."""
    if (text := rendered(one)) is not None and text == rendered(other):
        return True
    literal = isinstance(one, str) and isinstance(other, str)
    resources = template.resource_of(one) is not None and (isinstance(other, str) or template.resource_of(other))
    return False if literal or resources else None


def _may_serve(plan: Resource, other: Template) -> Answer:
    """Whether a plan of another stack names a stage that is not its own stack's."""
    listed = plan.get("ApiStages")
    entries = listed if isinstance(listed, list) else [] if listed is None else [UNKNOWN]
    foreign = [item for item in entries if not isinstance(item, dict) or other.resource_of(item.get("ApiId")) is None]
    return None if foreign else False


def add_plan(stage: Resource, template: Template, limits: Mapping[str, Any]) -> Iterator[Edit]:
    """A usage plan for ``stage``, with a key of its own. ``limits`` are its Quota and Throttle."""
    id_ = added_id(template, stage.logical_id, "UsagePlan")
    stages = [{"ApiId": stage.raw("RestApiId"), "Stage": stage.ref()}]
    yield template.add(id_, PLAN, {"ApiStages": stages, **limits}, Condition=stage.condition)
    yield from add_key(id_, stage, template)


def add_key(plan: str, owner: Resource, template: Template) -> Iterator[Edit]:
    """An API key, with a value that API Gateway makes up, in the plan of that logical id."""
    key = added_id(template, owner.logical_id, "ApiKey")
    yield template.add(key, API_KEY, {"Enabled": True}, Condition=owner.condition)
    properties = {"KeyId": {"Ref": key}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": plan}}
    id_ = added_id(template, owner.logical_id, "UsagePlanKey")
    yield template.add(id_, PLAN_KEY, properties, Condition=owner.condition)
