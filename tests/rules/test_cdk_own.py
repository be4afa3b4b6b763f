"""cdk_own: which functions are the CDK's. The ids are those that aws-cdk-lib 2.275 writes."""

from __future__ import annotations

import pytest

from cdk_guardrails.rules.cdk_own import is_cdk_own
from cdk_guardrails.template import Origin, Template


def is_own(id_: str, path: str = "", stack: str = "Shop") -> bool:
    data = {"Resources": {id_: {"Type": "AWS::Lambda::Function"}}}
    return is_cdk_own(Template(data, name=stack, origins={id_: Origin(path)}).resources[id_])


@pytest.mark.parametrize(
    "id_",
    [
        "AWS679f53fac002430cb0da5b7982bd22872D164C4C",
        "AWSCDKCfnUtilsProviderCustomResourceProviderHandlerCF82AA57",
        "AWSCDKTriggerCustomResourceProviderCustomResourceProviderHandler97BECD91",
        "AWSb4cf1abd4e4f4bc699441af7ccd9ec371511E620",
        "BucketNotificationsHandler050a0587b7544547bf325f094a3db8347ECC3691",
        "BucketNotificationsHandler050a0587b7544547bf325f094a3db834RoleDefaultPolicy2CF63D36",
        "CustomAWSCDKOpenIdConnectProviderCustomResourceProviderHandlerF2C543E0",
        "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C512MiB6723FB92",
        "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
        "CustomS3AutoDeleteObjectsCustomResourceProviderRole3B1BD092",
        "CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E",
        "Eval41256dc5445742738ed917bc818694e54EB1134F",
        "EvalServiceRolef4f556a4ef7a49cd8036c5b0567376fd10E01C41",
        "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A",
        "ProvframeworkonEvent4D295293",
        "ProvframeworkisCompleteB252445A",
        "ProvframeworkonTimeout272F4010",
    ],
)
def test_the_cdks(id_: str) -> None:
    assert is_own(id_)


def test_a_function_of_evaluate_expression() -> None:
    role = {"Fn::GetAtt": ["EvalServiceRolef4f556a4ef7a49cd8036c5b0567376fd10E01C41", "Arn"]}
    data = {"EvEvalFunctionADA86F5D": {"Type": "AWS::Lambda::Function", "Properties": {"Role": role}}}
    assert is_cdk_own(Template({"Resources": data}).resources["EvEvalFunctionADA86F5D"])


def test_what_is_in_a_nested_stack_of_the_cdks() -> None:
    id_ = "OnEventHandler42BEBAE0"
    assert is_own(id_, stack="Shop/@aws-cdk--aws-dynamodb.ReplicaProvider")
    assert is_own(id_, path="Shop/@aws-cdk--aws-dynamodb.ReplicaProvider/OnEventHandler/Resource")


@pytest.mark.parametrize(
    ("id_", "path"),
    [
        ("Handler886CB40B", "Shop/Handler/Resource"),
        ("OnEvent74718524", "Shop/OnEvent/Resource"),
        ("OnEventHandler42BEBAE0", "Shop/Provider/OnEventHandler/Resource"),
        ("CustomMyThingCustomResourceProviderHandler9D90184F", "Shop/Custom::MyThingCustomResourceProvider/Handler"),
        ("LogRetention", "Shop/LogRetention"),
        ("AWSHandler", "Shop/AWSHandler"),
        ("EvalFunctionADA86F5D", "Shop/EvalFunction/Resource"),
        ("EvaluateF4F556A4", "Shop/Evaluate/Resource"),
    ],
)
def test_the_users(id_: str, path: str) -> None:
    assert not is_own(id_, path)
