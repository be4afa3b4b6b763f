"""The CDK's own singleton functions: nobody but the CDK can change what they may do, or what waits for what."""

from __future__ import annotations

from typing import Final

from cdk_guardrails.template import Resource

SINGLETONS: Final = (
    "AWS679f53fac002430cb0da5b7982bd2287",  # AwsCustomResource
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
)
"""How the logical ids of these functions, their roles and the roles' policies start: a name and a fixed UUID."""


def is_cdk_own(resource: Resource) -> bool:
    """Whether a resource belongs to one of the CDK's singleton functions."""
    return resource.logical_id.startswith(SINGLETONS)
