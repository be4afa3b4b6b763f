"""Which buckets S3 delivers server access logs to."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from cdk_guardrails.rules.policies import as_list, has_effect, possible_statements
from cdk_guardrails.rules.s3.buckets import BUCKET, POLICY, is_for, is_named
from cdk_guardrails.rules.shared import refers_across
from cdk_guardrails.template import Resource, Template, is_no_value

DELIVERS: Final = "logging.s3.amazonaws.com"
"""The principal that delivers server access logs.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"""


class _Destinations(NamedTuple):
    """Where the buckets of a template send their logs: these of its own buckets, and what these values name."""

    own: set[str]
    loose: list[Any]


def receives_access_logs(bucket: Resource, template: Template) -> bool:
    """Whether S3 delivers server access logs to ``bucket``, or may do so.

    A bucket of the app names it, it keeps its own, or its canned ACL or a policy lets S3 write them.
    """
    named = _destinations(template)
    if bucket.logical_id in named.own or bucket.get("AccessControl") == "LogDeliveryWrite":
        return True
    if any(is_for(value, bucket, template) is not False for value in named.loose):
        return True
    others = (other for other in template.app.templates if other is not template)
    if any(_is_across(value, bucket) for other in others for value in _destinations(other).loose):
        return True
    return any(map(_admits_delivery, template.referring(bucket, POLICY)))


def _destinations(template: Template) -> _Destinations:
    return template.cached("destinations of server access logs", _find_destinations, BUCKET)


def _find_destinations(template: Template) -> _Destinations:
    own: set[str] = set()
    loose: dict[str, Any] = {}
    for bucket in template.of_type(BUCKET):
        value = bucket.raw("LoggingConfiguration.DestinationBucketName")
        if value is None or is_no_value(value):
            # "By default, logs are stored in the bucket where the LoggingConfiguration property is defined."
            if bucket.get("LoggingConfiguration.LogFilePrefix") is not None:
                own.add(bucket.logical_id)
        elif named := template.resource_of(value):
            own.add(named.logical_id)
        else:
            loose[json.dumps(value, sort_keys=True, default=str)] = value
    return _Destinations(own, list(loose.values()))


def _is_across(value: Any, bucket: Resource) -> bool:
    return is_named(value, bucket) if isinstance(value, str) else refers_across(value, bucket)


def _admits_delivery(policy: Resource) -> bool:
    statements = possible_statements(policy.raw("PolicyDocument"))
    principals = [item.get("Principal") for item in statements if has_effect(item, "Allow") is not False]
    return any(DELIVERS in as_list(item.get("Service")) for item in principals if isinstance(item, dict))
