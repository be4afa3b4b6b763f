"""What a resource must wait for though it does not refer to it: the facts behind deploy-order, by resource type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.template import Resource, Template, references, target

_ALIASES: Final = ("AWS::Lambda::Alias", "AWS::Lambda::Version")


@dataclass(frozen=True)
class Wait:
    """``find`` yields what to wait for, ``name`` is the finding's detail, ``otherwise`` what happens without.

    ``any_of``: one of them is enough. ``optional``: it may well be deployed in the wrong order, so that a cycle, which
    rules the right one out, is nothing to speak of.
    """

    name: str
    find: Callable[[Resource, Template], Iterator[Resource]]
    otherwise: str
    any_of: bool = False
    optional: bool = False


def _methods(deployment: Resource, template: Template) -> Iterator[Resource]:
    yield from _of_same(deployment, template, "AWS::ApiGateway::Method", "RestApiId")


def _routes(deployment: Resource, template: Template) -> Iterator[Resource]:
    yield from _of_same(deployment, template, "AWS::ApiGatewayV2::Route", "ApiId")


def _of_same(resource: Resource, template: Template, type_: str, name: str) -> Iterator[Resource]:
    """The resources of a type that have the same value, an intrinsic function or not, in the property ``name``."""
    value = resource.raw(name)
    for other in template.of_type(type_) if value else ():
        if other.raw(name) == value or (target(value) is not None and target(other.raw(name)) == target(value)):
            yield other


def _account(resource: Resource, template: Template) -> Iterator[Resource]:
    """The API Gateway account settings, for a stage (or a deployment that makes one) with logs."""
    prefix = "StageDescription." if resource.type == "AWS::ApiGateway::Deployment" else ""
    settings = [item for item in resource.items(f"{prefix}MethodSettings") if isinstance(item, dict)]
    levels = [resource.get(f"{prefix}LoggingLevel"), *(setting.get("LoggingLevel") for setting in settings)]
    if resource.get(f"{prefix}AccessLogSetting") is not None or any(level in ("INFO", "ERROR") for level in levels):
        yield from template.of_type("AWS::ApiGateway::Account")


def _trail_permissions(trail: Resource, template: Template) -> Iterator[Resource]:
    yield from _naming(template, [target(trail.raw("S3BucketName"))], "AWS::S3::BucketPolicy", "Bucket")
    yield from _naming(template, [target(trail.raw("SnsTopicName"))], "AWS::SNS::TopicPolicy", "Topics")
    yield from _role_policies(template, trail.raw("CloudWatchLogsRoleArn"))


def _destination_permissions(notifying: Resource, template: Template) -> Iterator[Resource]:
    """What admits S3 to the functions, queues and topics that a bucket (or the CDK's custom resource) notifies."""
    notified = [reference.logical_id for reference in references(notifying.raw("NotificationConfiguration"))]
    for permission in _naming(template, notified, "AWS::Lambda::Permission", "FunctionName"):
        if permission.get("Principal") == "s3.amazonaws.com":
            yield permission
    yield from _naming(template, notified, "AWS::SQS::QueuePolicy", "Queues")
    yield from _naming(template, notified, "AWS::SNS::TopicPolicy", "Topics")


def _own_policies(function: Resource, template: Template) -> Iterator[Resource]:
    if not is_cdk_own(function):  # the CDK has its custom resources wait, each for its own policy
        yield from _role_policies(template, function.raw("Role"))


def _consumer_policies(mapping: Resource, template: Template) -> Iterator[Resource]:
    consumer = template.resource_of(mapping.raw("FunctionName"))
    if consumer is not None and consumer.type in _ALIASES:
        consumer = template.resource_of(consumer.raw("FunctionName"))
    if consumer is not None:
        yield from _role_policies(template, consumer.raw("Role"))


def _role_policies(template: Template, role: Any) -> Iterator[Resource]:
    """The policies that name a role, each a resource of its own; what the role names comes before it anyway."""
    yield from _naming(template, [target(role)], "AWS::IAM::Policy", "Roles")
    yield from _naming(template, [target(role)], "AWS::IAM::ManagedPolicy", "Roles")
    yield from _naming(template, [target(role)], "AWS::IAM::RolePolicy", "RoleName")


def _naming(template: Template, named: Iterable[str | None], type_: str, name: str) -> Iterator[Resource]:
    """The resources of a type whose property ``name`` refers to one of ``named``."""
    for logical_id in named:
        for referrer, reference in template.references_to(logical_id or ""):
            resource = template.resources[referrer]
            if resource.type == type_ and reference.path[:2] == ("Properties", name):
                yield resource


_ROLE: Final = Wait("policies", _own_policies, "it may run, or join its VPC, without its permissions", optional=True)

_CONSUMER: Final = Wait("policies", _consumer_policies, "Lambda may not read the source yet and fails", optional=True)

_NOTIFYING: Final = Wait("destinations", _destination_permissions, "S3 cannot validate the destinations and fails")

_METHODS: Final = Wait("methods", _methods, "the deployment lacks them, or fails")

_ROUTES: Final = Wait("routes", _routes, "the deployment lacks them, or fails")

_LOGGING: Final = Wait("account", _account, "API Gateway has no role for its logs and fails", any_of=True)

_TRAIL: Final = Wait("policies", _trail_permissions, "CloudTrail finds that it may not write and fails")

WAITS: Final[dict[str, tuple[Wait, ...]]] = {
    "AWS::Lambda::Function": (_ROLE,),
    "AWS::Serverless::Function": (_ROLE,),
    "AWS::Lambda::EventSourceMapping": (_CONSUMER,),
    "AWS::S3::Bucket": (_NOTIFYING,),
    "Custom::S3BucketNotifications": (_NOTIFYING,),
    "AWS::ApiGateway::Deployment": (_METHODS, _LOGGING),
    "AWS::ApiGatewayV2::Deployment": (_ROUTES,),
    "AWS::ApiGateway::Stage": (_LOGGING,),
    "AWS::CloudTrail::Trail": (_TRAIL,),
}
"""By resource type, in the order in which they are looked at: functions before what waits for them."""
