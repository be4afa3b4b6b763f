"""lambda-timeout."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.rules.base import Severity
from cdk_guardrails.testing import assert_clean, assert_flags

RULE = "lambda-timeout"
SAM = "AWS::Serverless::Function"
ARN = {"Fn::GetAtt": ["Handler", "Arn"]}


def uri(function: Any) -> dict[str, Any]:
    """The URI of an integration, as the CDK writes it."""
    start = ["arn:", {"Ref": "AWS::Partition"}, ":apigateway:eu-west-1:lambda:path/2015-03-31/functions/"]
    return {"Fn::Join": ["", [*start, function, "/invocations"]]}


def template(timeout: Any = None, type_: str = "AWS::Lambda::Function", /, **resources: Any) -> dict[str, Any]:
    properties = {"Handler": "index.handler"} | ({} if timeout is None else {"Timeout": timeout})
    return {"Resources": {"Handler": {"Type": type_, "Properties": properties}, **resources}}


def method(**integration: Any) -> dict[str, Any]:
    given = {"Type": "AWS_PROXY", "Uri": uri(ARN), **integration}
    return {"Type": "AWS::ApiGateway::Method", "Properties": {"HttpMethod": "GET", "Integration": given}}


def route(api: Any = None, **properties: Any) -> dict[str, Any]:
    given = {"ApiId": api or {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": ARN, **properties}
    return {"Type": "AWS::ApiGatewayV2::Integration", "Properties": given}


def api(protocol: Any) -> dict[str, Any]:
    return {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": protocol}}


def permission(path: str = "/*/GET/pets", **properties: Any) -> dict[str, Any]:
    source = {"Fn::Sub": f"arn:${{AWS::Partition}}:execute-api:eu-west-1:111122223333:${{Api}}{path}"}
    given = {"FunctionName": ARN, "Principal": "apigateway.amazonaws.com", "SourceArn": source, **properties}
    return {"Type": "AWS::Lambda::Permission", "Properties": given}


def queue(visibility: Any = None) -> dict[str, Any]:
    properties = {} if visibility is None else {"VisibilityTimeout": visibility}
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def mapping(function: Any = None, source: Any = None, **properties: Any) -> dict[str, Any]:
    given = {
        "EventSourceArn": source or {"Fn::GetAtt": ["Jobs", "Arn"]},
        "FunctionName": function or {"Ref": "Handler"},
        **properties,
    }
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": given}


def test_nobody_chose() -> None:
    message = "Timeout is not set, so it is 3 s; choose what the work takes at worst, from 3 to 60 s"
    [finding] = assert_flags(template(), RULE, path="Timeout", message=message)
    assert (finding.id, finding.severity) == (RULE, Severity.WARNING)
    assert finding.remedy == "lambda_.Function(..., timeout=cdk.Duration.seconds(15))"


@pytest.mark.parametrize("timeout", [1, 2, 61, "900"])
def test_outside_the_range(timeout: Any) -> None:
    message = f"Timeout is {timeout} s; choose what the work takes at worst, from 3 to 60 s"
    [finding] = assert_flags(template(timeout), RULE, path="Timeout", message=message)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("timeout", [3, 15, 60, "30", {"Ref": "Seconds"}, {"Fn::If": ["A", 900, 1]}, [], True, "long"])
def test_within_the_range_or_unknown(timeout: Any) -> None:
    assert_clean(template(timeout), RULE)
    assert_clean(template(timeout, SAM), RULE)


def test_the_range_is_an_option() -> None:
    assert_clean(template(900), RULE, options={"max_seconds": 900})
    assert_flags(template(4), RULE, options={"min_seconds": 5})


def test_globals_are_inherited_by_sam_functions() -> None:
    inherits = {"Globals": {"Function": {"Timeout": 20}}}
    assert_clean(template(None, SAM) | inherits, RULE)
    assert_flags(template(None) | inherits, RULE)


@pytest.mark.parametrize(
    "id_",
    [
        "CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E",
        "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C512MiB6723FB92",
        "ProvframeworkisCompleteB252445A",
    ],
)
def test_the_cdks_own_functions(id_: str) -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 900}}
    assert_clean({"Resources": {id_: function}}, RULE)


# Behind an API


@pytest.mark.parametrize("timeout", [30, 45, 900])
def test_behind_a_rest_api(timeout: int) -> None:
    message = f"Timeout is {timeout} s, but its REST API answers with an error after 29 s (Get)"
    [finding] = assert_flags(template(timeout, Get=method()), f"{RULE}[rest-api]", path="Timeout", message=message)
    assert finding.severity is Severity.ERROR
    assert finding.remedy == "lambda_.Function(..., timeout=cdk.Duration.seconds(29))"
    findings = assert_flags(template(timeout, Get=method()), RULE)
    assert len(findings) == 1, "the range says nothing more"


def test_an_api_waits_long_enough() -> None:
    assert_clean(template(29, Get=method()), RULE)
    assert_clean(template(30, Route=route(), Api=api("HTTP")), RULE)


def test_an_unset_timeout_behind_an_api() -> None:
    [finding] = assert_flags(template(None, Get=method()), RULE)
    assert finding.id == RULE


def test_the_integration_says_how_long_it_waits() -> None:
    message = "Timeout is 20 s, but its REST API answers with an error after 9.5 s (Get)"
    assert_flags(template(20, Get=method(TimeoutInMillis=9500)), f"{RULE}[rest-api]", message=message)
    assert_clean(template(50, Get=method(TimeoutInMillis=50_000)), RULE)  # a raised quota


def test_the_shortest_wait_counts() -> None:
    both = template(40, A=method(TimeoutInMillis=50_000), B=method(), C=method(TimeoutInMillis=30_000))
    message = "Timeout is 40 s, but its REST API answers with an error after 29 s (B)"
    assert_flags(both, RULE, message=message)


def test_through_an_alias() -> None:
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Handler"}, "Name": "live"}}
    data = template(40, Live=alias, Get=method(Uri=uri({"Ref": "Live"})))
    assert_flags(data, f"{RULE}[rest-api]")


@pytest.mark.parametrize(
    "integration",
    [
        {"TimeoutInMillis": {"Ref": "Milliseconds"}},
        {"RequestParameters": {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}},
        {
            "RequestParameters": {
                "integration.request.header.X-Amz-Invocation-Type": "method.request.header.InvocationType"
            }
        },
        {"RequestParameters": {"Ref": "Parameters"}},
        {"ResponseTransferMode": "STREAM"},
        {"Uri": "https://example.com/"},
        {"Uri": uri({"Ref": "Parameter"})},
        {"Uri": uri({"Fn::GetAtt": ["Other", "Arn"]})},
        {"Uri": None, "Credentials": ARN},
    ],
)
def test_methods_that_do_not_wait_for_it(integration: dict[str, Any]) -> None:
    other = {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 10}}
    assert_clean(template(40, Other=other, Get=method(**integration)), RULE)


def test_other_request_parameters() -> None:
    parameters = {
        "integration.request.header.X-Amz-Invocation-Type": "'RequestResponse'",
        "integration.request.path.id": "method.request.path.id",
    }
    assert_flags(template(40, Get=method(RequestParameters=parameters)), f"{RULE}[rest-api]")


def test_behind_an_http_api() -> None:
    message = "Timeout is 31 s, but its HTTP API answers with an error after 30 s (Route)"
    assert_flags(template(31, Route=route(), Api=api("HTTP")), f"{RULE}[http-api]", path="Timeout", message=message)
    assert_flags(template(31, Route=route("abc123")), f"{RULE}[http-api]", message=message)


def test_behind_a_websocket_api() -> None:
    data = template(30, Route=route(), Api=api("WEBSOCKET"))
    message = "Timeout is 30 s, but its WebSocket API answers with an error after 29 s (Route)"
    assert_flags(data, f"{RULE}[websocket-api]", message=message)


def test_an_api_of_an_unknown_kind() -> None:
    assert_clean(template(50, Route=route(), Api=api({"Ref": "Protocol"})), RULE)


def test_behind_two_kinds_of_api() -> None:
    found = assert_flags(template(50, Get=method(), Route=route(), Api=api("HTTP")), RULE)
    assert [finding.id for finding in found] == [f"{RULE}[http-api]", f"{RULE}[rest-api]"]


@pytest.mark.parametrize(
    ("api_", "detail"),
    [
        ({"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"paths": {}}}}, "rest-api"),
        ({"Type": "AWS::Serverless::Api"}, "rest-api"),
        (api("HTTP"), "http-api"),
        (api("WEBSOCKET"), "websocket-api"),
    ],
)
def test_only_a_permission_tells(api_: dict[str, Any], detail: str) -> None:
    assert_flags(template(40, Api=api_, Permission=permission()), f"{RULE}[{detail}]")


@pytest.mark.parametrize(
    ("api_", "permission_"),
    [
        ({"Type": "AWS::ApiGateway::RestApi"}, permission("/authorizers/${Authorizer}")),
        ({"Type": "AWS::ApiGateway::RestApi"}, permission(SourceArn=None)),
        ({"Type": "AWS::ApiGateway::RestApi"}, permission(Principal="events.amazonaws.com")),
        ({"Type": "AWS::ApiGateway::RestApi"}, permission(FunctionName={"Ref": "Other"})),
        ({"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"timeoutInMillis": 60000}}}, permission()),
        ({"Type": "AWS::Events::Rule"}, permission()),
    ],
)
def test_permissions_that_tell_nothing(api_: dict[str, Any], permission_: dict[str, Any]) -> None:
    assert_clean(template(40, Api=api_, Permission=permission_), RULE)


def test_a_permission_beside_an_integration_that_does_not_wait() -> None:
    event = method(RequestParameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"})
    assert_clean(template(40, Api={"Type": "AWS::ApiGateway::RestApi"}, Get=event, Permission=permission()), RULE)


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ({"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}, "rest-api"),
        ({"Type": "HttpApi"}, "http-api"),
        ({"Type": "HttpApi", "Properties": {"TimeoutInMillis": 10_000}}, "http-api"),
        ({"Type": "SQS"}, None),
    ],
)
def test_sam_events(event: dict[str, Any], detail: str | None) -> None:
    data = template(40, SAM)
    data["Resources"]["Handler"]["Properties"]["Events"] = {"Call": event}
    if detail:
        assert_flags(data, f"{RULE}[{detail}]", path="Timeout")
    else:
        assert_clean(data, RULE)


# Behind a queue


def test_a_queue_by_default() -> None:
    data = template(15, Jobs=queue(), Feed=mapping())
    message = "VisibilityTimeout is not set, so it is 30 s; it feeds Handler, and 6 times its timeout of 15 s is 90 s"
    [finding] = assert_flags(data, f"{RULE}[visibility]", path="VisibilityTimeout", message=message)
    assert (finding.logical_id, finding.severity) == ("Jobs", Severity.ERROR)
    assert finding.remedy == "sqs.Queue(..., visibility_timeout=cdk.Duration.seconds(90))"


def test_less_than_the_timeout_is_refused() -> None:
    data = template(60, Jobs=queue(30), Feed=mapping())
    message = (
        "VisibilityTimeout is 30 s, and Lambda refuses one under the timeout; "
        "it feeds Handler, and 6 times its timeout of 60 s is 360 s"
    )
    assert_flags(data, f"{RULE}[visibility]", message=message)


def test_the_batching_window_comes_on_top() -> None:
    data = template(10, Jobs=queue(60), Feed=mapping(MaximumBatchingWindowInSeconds=5))
    message = (
        "VisibilityTimeout is 60 s; "
        "it feeds Handler, and 6 times its timeout of 10 s and its batching window of 5 s is 65 s"
    )
    assert_flags(data, f"{RULE}[visibility]", message=message)
    assert_clean(template(10, Jobs=queue(65), Feed=mapping(MaximumBatchingWindowInSeconds=5)), RULE)


@pytest.mark.parametrize(
    "resources",
    [
        {"Jobs": queue(60), "Feed": mapping()},
        {"Jobs": queue("60"), "Feed": mapping()},
        {"Jobs": queue({"Ref": "Seconds"}), "Feed": mapping()},
        {"Jobs": queue(), "Feed": mapping("arn:aws:lambda:eu-west-1:111122223333:function:other")},
        {"Jobs": queue(), "Feed": mapping({"Ref": "FunctionName"})},
        {"Jobs": queue(), "Feed": mapping(source="arn:aws:sqs:eu-west-1:111122223333:jobs")},
        {"Jobs": queue(), "Feed": mapping(source={"Fn::GetAtt": ["Other", "Arn"]}), "Other": queue(60)},
        {"Jobs": queue(), "Feed": mapping(source={"Ref": "Queue"}, DestinationConfig={"Ref": "Jobs"})},
        {"Jobs": queue()},
    ],
)
def test_queues_that_wait_long_enough_or_feed_nothing_known(resources: dict[str, Any]) -> None:
    assert_clean(template(10, **resources), RULE)


def test_an_unknown_timeout_of_the_function() -> None:
    assert_clean(template({"Ref": "Seconds"}, Jobs=queue(), Feed=mapping()), RULE)


def test_an_unset_timeout_is_short() -> None:
    [finding] = assert_flags(template(None, Jobs=queue(), Feed=mapping()), RULE)
    assert finding.path[-1] == "Timeout"
    assert_flags(template(None, Jobs=queue(17), Feed=mapping()), f"{RULE}[visibility]")


def test_the_longest_need_counts() -> None:
    slow = {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 50}}
    data = template(10, Jobs=queue(60), Feed=mapping(), Slow=slow, SlowFeed=mapping({"Ref": "Slow"}))
    message = "VisibilityTimeout is 60 s; it feeds Slow, and 6 times its timeout of 50 s is 300 s"
    assert_flags(data, RULE, message=message)


def test_an_alias_is_fed() -> None:
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Handler"}, "Name": "live"}}
    name = {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": "Live"}]}]}  # what the CDK writes
    feed = mapping({"Fn::Join": ["", [name, ":live"]]})
    assert_flags(template(10, Live=alias, Jobs=queue(), Feed=feed), f"{RULE}[visibility]")


@pytest.mark.parametrize(("queue_", "found"), [({"Fn::GetAtt": ["Jobs", "Arn"]}, True), ("arn:aws:sqs:x:1:y", False)])
def test_a_sam_event(queue_: Any, found: bool) -> None:
    data = template(10, SAM, Jobs=queue())
    data["Resources"]["Handler"]["Properties"]["Events"] = {"Feed": {"Type": "SQS", "Properties": {"Queue": queue_}}}
    if found:
        assert_flags(data, f"{RULE}[visibility]", path="VisibilityTimeout")
    else:
        assert_clean(data, RULE)


def test_lambda_at_edge_has_limits_of_its_own() -> None:
    services = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    data = template(Role=role)
    data["Resources"]["Handler"]["Properties"]["Role"] = {"Fn::GetAtt": ["Role", "Arn"]}
    assert_clean(data, RULE)
    trust["Statement"][0]["Principal"] = {"Service": services[0]}
    assert_flags(data, RULE)
