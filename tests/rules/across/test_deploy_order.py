"""deploy-order."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags, load

API = """\
Resources:
  Api: {Type: AWS::ApiGateway::RestApi}
  Other: {Type: AWS::ApiGateway::RestApi}
  Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api}}
  Post: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Sub "${Api}"}}
  OtherGet: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Other}}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
"""

STAGE = """\
Resources:
  Api: {Type: AWS::ApiGateway::RestApi}
  Account: {Type: AWS::ApiGateway::Account, DependsOn: Api}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, MethodSettings: [{HttpMethod: "*", ResourcePath: "/*", LoggingLevel: INFO}]}
"""

TRAIL = """\
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Bucket}}
  Topic: {Type: AWS::SNS::Topic}
  TopicPolicy: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref Topic]}}
  Role: {Type: AWS::IAM::Role}
  RolePolicy: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Role]}}
  OtherPolicy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: other}}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: !Ref Bucket
      SnsTopicName: !GetAtt Topic.TopicName
      CloudWatchLogsRoleArn: !GetAtt Role.Arn
"""

BUCKET = """\
Resources:
  Function: {Type: AWS::Lambda::Function}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !GetAtt Function.Arn, Principal: s3.amazonaws.com, SourceArn: "arn:aws:s3:::orders"}
  ApiPermission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !GetAtt Function.Arn, Principal: apigateway.amazonaws.com}
  Queue: {Type: AWS::SQS::Queue}
  QueuePolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Queue]}}
  Topic: {Type: AWS::SNS::Topic}
  TopicPolicy: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref Topic]}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: orders
      NotificationConfiguration:
        LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt Function.Arn}]
        QueueConfigurations: [{Event: "s3:ObjectRemoved:*", Queue: !GetAtt Queue.Arn}]
        TopicConfigurations: [{Event: "s3:ObjectRestore:*", Topic: !Ref Topic}]
"""

CONSUMER = """\
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Role: {Type: AWS::IAM::Role}
  Policy: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Role], PolicyDocument: !GetAtt Queue.Arn}}
  Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [!Ref Role]}}
  Inline: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Ref Role}}
  Other: {Type: AWS::IAM::Policy, Properties: {Roles: [other], PolicyDocument: !GetAtt Role.Arn}}
  Function: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
"""


def waiting(text: str, **depends_on: Any) -> dict[str, Any]:
    """The template with DependsOn on the named resources."""
    template = load(text)
    for name, waits_for in depends_on.items():
        template["Resources"][name]["DependsOn"] = waits_for
    return template


def changed(text: str, *path: str, value: Any) -> dict[str, Any]:
    """The template with another value at a path below Resources."""
    template = load(text)
    node = template["Resources"]
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    return template


@pytest.mark.parametrize(
    ("text", "id_", "message", "after"),
    [
        (
            API,
            "deploy-order[methods]",
            "nothing makes it wait for Get, Post: made first, the deployment lacks them, or fails",
            {"Deployment": ["Get", "Post"]},
        ),
        (
            STAGE,
            "deploy-order[account]",
            "nothing makes it wait for Account: made first, API Gateway has no role for its logs and fails",
            {"Stage": ["Account"]},
        ),
        (
            TRAIL,
            "deploy-order[policies]",
            (
                "nothing makes it wait for Policy, TopicPolicy, RolePolicy:"
                " made first, CloudTrail finds that it may not write and fails"
            ),
            {"Trail": ["Policy", "TopicPolicy", "RolePolicy"]},
        ),
        (
            BUCKET,
            "deploy-order[destinations]",
            (
                "nothing makes it wait for Permission, QueuePolicy, TopicPolicy:"
                " made first, S3 cannot validate the destinations and fails"
            ),
            {"Bucket": ["Permission", "QueuePolicy", "TopicPolicy"]},
        ),
        (
            CONSUMER,
            "deploy-order[policies]",
            (
                "nothing makes it wait for Policy, Managed, Inline:"
                " made first, it may run, or join its VPC, without its permissions"
            ),
            {"Function": ["Policy", "Managed", "Inline"]},  # and the mapping waits for the function
        ),
    ],
    ids=["methods", "account", "trail", "destinations", "role"],
)
def test_order_that_cloudformation_cannot_see(text: str, id_: str, message: str, after: dict[str, list[str]]) -> None:
    for finding in assert_flags(text, id_, path="DependsOn", message=message):
        assert finding.severity is Severity.ERROR
    assert_fixed(text, waiting(text, **after), "deploy-order")


@pytest.mark.parametrize(
    "template",
    [
        waiting(API, Deployment=["Get", "Post"]),
        waiting(API, Get="Post", Deployment="Get"),  # at a distance
        changed(API, "Deployment", "Properties", value={"RestApiId": {"Ref": "ApiIdParameter"}}),
        changed(API, "Deployment", "Properties", value={}),
        waiting(STAGE, Stage="Account"),
        changed(STAGE, "Stage", "Properties", "MethodSettings", value=[{"LoggingLevel": "OFF"}]),
        changed(STAGE, "Stage", "Properties", "MethodSettings", value={"Ref": "Settings"}),
        changed(STAGE, "Account", value={"Type": "AWS::SNS::Topic"}),
        waiting(TRAIL, Trail=["Policy", "TopicPolicy", "RolePolicy"]),
        changed(TRAIL, "Trail", "Properties", value={"S3BucketName": "bucket"}),
        changed(BUCKET, "Bucket", "Properties", value={}),
        changed(CONSUMER, "Function", "Properties", value={"Role": "arn:aws:iam::111122223333:role/worker"}),
        changed(CONSUMER, "Function", "Properties", value={"Role": {"Ref": "RoleParameter"}}),
    ],
)
def test_order_that_is_given_or_not_needed(template: dict[str, Any]) -> None:
    assert_clean(template, "deploy-order")


def test_a_dependency_is_appended_to_what_is_there() -> None:
    assert_fixed(waiting(API, Deployment="Api"), waiting(API, Deployment=["Api", "Get", "Post"]), "deploy-order")
    assert_fixed(waiting(API, Deployment=["Get"]), waiting(API, Deployment=["Get", "Post"]), "deploy-order")


def test_one_account_is_enough() -> None:
    """Each of the CDK's RestApis brings an account of its own, and only its own stage waits for it."""
    two = changed(STAGE, "Second", value={"Type": "AWS::ApiGateway::Account"})
    after = changed(STAGE, "Second", value={"Type": "AWS::ApiGateway::Account"})
    after["Resources"]["Stage"]["DependsOn"] = ["Account"]
    assert_fixed(two, after, "deploy-order")
    after["Resources"]["Stage"]["DependsOn"] = ["Second"]
    assert_clean(after, "deploy-order")


@pytest.mark.parametrize(
    "settings",
    [{"AccessLogSetting": {"Format": "$context.requestId"}}, {"AccessLogSetting": {"Ref": "Setting"}}],
)
def test_access_logs_need_the_account_too(settings: dict[str, Any]) -> None:
    before = changed(STAGE, "Stage", "Properties", value=settings)
    after = changed(STAGE, "Stage", "Properties", value=settings)
    after["Resources"]["Stage"]["DependsOn"] = ["Account"]
    assert_fixed(before, after, "deploy-order")


def test_a_deployment_that_makes_a_logging_stage() -> None:
    template = load(STAGE)
    del template["Resources"]["Stage"]
    description = {"StageDescription": {"LoggingLevel": "ERROR"}}
    template["Resources"]["Deployment"] = {"Type": "AWS::ApiGateway::Deployment", "Properties": description}
    assert_flags(template, "deploy-order[account]")


def test_routes() -> None:
    template = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGatewayV2::Api"},
            "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}}},
            "Deployment": {"Type": "AWS::ApiGatewayV2::Deployment", "Properties": {"ApiId": {"Ref": "Api"}}},
        }
    }
    message = "nothing makes it wait for Route: made first, the deployment lacks them, or fails"
    assert_flags(template, "deploy-order[routes]", message=message)


def test_the_cdk_custom_resource_for_notifications() -> None:
    template = load(BUCKET)
    bucket = template["Resources"]["Bucket"]
    functions = [{"Events": ["s3:ObjectCreated:*"], "LambdaFunctionArn": {"Fn::GetAtt": ["Function", "Arn"]}}]
    properties = {
        "BucketName": {"Ref": "Bucket"},
        "NotificationConfiguration": {"LambdaFunctionConfigurations": functions},
    }
    bucket["Properties"] = {}
    template["Resources"]["Permission"]["Properties"]["SourceArn"] = {"Fn::GetAtt": ["Bucket", "Arn"]}  # no cycle here
    template["Resources"]["Notifications"] = {"Type": "Custom::S3BucketNotifications", "Properties": properties}
    message = "nothing makes it wait for Permission: made first, S3 cannot validate the destinations and fails"
    (finding,) = assert_flags(template, "deploy-order[destinations]", message=message)
    assert finding.logical_id == "Notifications"
    template["Resources"]["Notifications"]["DependsOn"] = ["Permission"]
    assert_clean(template, "deploy-order")


def test_a_cycle_that_fails_is_a_warning() -> None:
    source = {"Fn::GetAtt": ["Bucket", "Arn"]}
    before = changed(BUCKET, "Permission", "Properties", "SourceArn", value=source)
    before["Resources"]["Bucket"]["DependsOn"] = ["QueuePolicy", "TopicPolicy"]
    message = "it must wait for Permission, which waits for it: S3 cannot validate the destinations and fails"
    (finding,) = assert_flags(before, "deploy-order[destinations-cycle]", path="DependsOn", message=message)
    assert finding.severity is Severity.WARNING
    with pytest.raises(AssertionError, match="is not satisfied"):
        assert_fixed(before, before, "deploy-order")


def test_what_can_be_ordered_is_ordered_beside_a_cycle() -> None:
    source = {"Fn::GetAtt": ["Bucket", "Arn"]}
    before = changed(BUCKET, "Permission", "Properties", "SourceArn", value=source)
    after = changed(BUCKET, "Permission", "Properties", "SourceArn", value=source)
    after["Resources"]["Bucket"]["DependsOn"] = ["QueuePolicy", "TopicPolicy"]
    with pytest.raises(AssertionError, match=r"own fix:\n[^:]*deploy-order\[destinations-cycle\]"):
        assert_fixed(before, after, "deploy-order")


def test_a_policy_about_its_own_function_is_no_finding() -> None:
    """A function that may invoke itself: the policy refers to it, and it runs all the same. The mapping still waits."""
    document = {"Statement": [{"Resource": {"Fn::GetAtt": ["Function", "Arn"]}}]}
    template = changed(CONSUMER, "Policy", "Properties", "PolicyDocument", value=document)
    for name in ("Managed", "Inline"):
        del template["Resources"][name]
    (finding,) = assert_flags(template, "deploy-order[policies]")
    assert finding.logical_id == "Mapping"
    template["Resources"]["Mapping"]["DependsOn"] = ["Policy"]
    assert_clean(template, "deploy-order")


def test_edges_of_one_run_make_no_cycle() -> None:
    """Each edge alone would do; the two together would be a cycle."""
    template = load("""\
Resources:
  A: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt RoleA.Arn}}
  B: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt RoleB.Arn}}
  RoleA: {Type: AWS::IAM::Role}
  RoleB: {Type: AWS::IAM::Role}
  PolicyA: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref RoleA], PolicyDocument: !GetAtt B.Arn}}
  PolicyB: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref RoleB], PolicyDocument: !GetAtt A.Arn}}
""")
    after = {"Resources": {**template["Resources"], "A": {**template["Resources"]["A"], "DependsOn": ["PolicyA"]}}}
    assert_fixed(template, after, "deploy-order")


def test_a_mapping_of_an_alias() -> None:
    template = changed(CONSUMER, "Mapping", "Properties", "FunctionName", value={"Ref": "Alias"})
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}}}
    template["Resources"]["Alias"] = alias
    found = assert_flags(template, "deploy-order[policies]")
    assert [finding.logical_id for finding in found] == ["Function", "Mapping"]


@pytest.mark.parametrize(
    ("policy", "function", "found"),
    [(None, "Prod", True), ("Prod", "Prod", True), ("Prod", None, False), ("Prod", "Other", False)],
)
def test_what_may_not_exist_is_not_waited_for(policy: str | None, function: str | None, found: bool) -> None:
    template = load(CONSUMER)
    for name in ("Managed", "Inline", "Mapping"):
        del template["Resources"][name]
    for name, condition in (("Policy", policy), ("Function", function)):
        if condition:
            template["Resources"][name]["Condition"] = condition
    if found:
        assert_flags(template, "deploy-order[policies]")
    else:
        assert_clean(template, "deploy-order")


def test_the_cdk_own_functions_are_left_alone() -> None:
    """AwsCustomResource: each custom resource waits for its own policy of the one singleton function."""
    name = "AWS679f53fac002430cb0da5b7982bd2287"
    template = load(CONSUMER)["Resources"]
    function = {f"{name}2D164C4C": template["Function"], "Role": template["Role"], "Policy": template["Policy"]}
    assert_clean({"Resources": function}, "deploy-order")
