"""The CDK's own functions: nobody but the CDK can change what they may do, how they run, or what waits for what."""

from __future__ import annotations

import re
from typing import Final

from cdk_guardrails.template import Resource

SINGLETONS: Final = (
    "AWS679f53fac002430cb0da5b7982bd2287",  # AwsCustomResource
    "AWSb4cf1abd4e4f4bc699441af7ccd9ec37",  # targets.AwsApi
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "CrossRegionAwsSdk8a0c93f3dbef4b71ac137aaf2048ce7e",  # tasks.CallAwsServiceCrossRegion
    "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "SingletonLambda224e77f9a32e4b4dac32983477abba16",  # ses.DropSpamReceiptRule
    "SingletonLambda8693BB64968944B69AAFB0CC9EB8757C",  # tasks.EmrContainersStartJobRun
)
"""How the logical ids of these functions, their roles and the roles' policies start: a name and a fixed UUID."""

PROVIDERS: Final = tuple(
    f"{name}CustomResourceProvider"
    for name in (
        "AWSCDKCfnUtilsProvider",
        "AWSCDKTriggerCustomResourceProvider",
        "CustomAWSCDKOpenIdConnectProvider",
        "CustomCrossAccountZoneDelegation",
        "CustomCrossRegionExportReader",
        "CustomCrossRegionExportWriter",
        "CustomCrossRegionStringParameterReader",
        "CustomDeleteExistingRecordSet",
        "CustomECRAutoDeleteImages",
        "CustomS3AutoDeleteObjects",
        "CustomSyntheticsAutoDeleteUnderlyingResources",
        "CustomVpcRestrictDefaultSG",
    )
)
"""The same for the functions behind the CDK's custom resources; an app may have a CustomResourceProvider of its own."""

PARTS: Final = re.compile(
    r"framework(onEvent|isComplete|onTimeout)"  # custom_resources.Provider, around the user's handlers
    r"|CDKPipelinesAutoApprove|CertificateRequestorFunction|DrainECSHook"
    r"|^Eval(ServiceRole)?[0-9a-f]{32}"  # tasks.EvaluateExpression: one function for all, or the role of one for each
)
"""What stands in the logical ids of functions that the CDK makes once for each construct of the user's."""

EVALUATES: Final = "EvalServiceRolef4f556a4ef7a49cd8036c5b0567376fd"
"""The role of those functions of EvaluateExpression that have the user's id in theirs."""

NESTED: Final = "@aws-cdk--"
"""The construct ids of nested stacks that the CDK makes for itself start so: ``@aws-cdk--aws-eks.KubectlProvider``."""


def is_cdk_own(resource: Resource) -> bool:
    """Whether a resource is or belongs to one of the CDK's own functions."""
    id_ = resource.logical_id
    if id_.startswith((*SINGLETONS, *PROVIDERS)) or PARTS.search(id_) or EVALUATES in str(resource.raw("Role")):
        return True
    return NESTED in resource.template.name or NESTED in resource.origin.construct_path


def handles_custom_resources(function: Resource) -> bool:
    """Whether a function is behind a ServiceToken, or belongs to the CDK's provider framework."""
    handler = function.get("Handler")
    if isinstance(handler, str) and handler.startswith("framework."):
        return True
    referring = function.template.references_to(function.logical_id)
    return any(reference.path == ("Properties", "ServiceToken") for _, reference in referring)
