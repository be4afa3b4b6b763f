"""s3-tls-only."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from cdk_guardrails import engine
from cdk_guardrails.rules.registry import rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template
from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "s3-tls-only"
ARN = {"Fn::GetAtt": ["Bucket", "Arn"]}
OBJECTS = {"Fn::Join": ["", [ARN, "/*"]]}
ADDED = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": [ARN, OBJECTS],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
READ = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:*", "Resource": ARN}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}


def with_policy(statement: Any, name: Any = None, **properties: Any) -> dict[str, Any]:
    template = bucket(**properties)
    template["Resources"]["Policy"] = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": name or {"Ref": "Bucket"}, "PolicyDocument": {"Statement": statement}},
    }
    return template


def added_policy(statement: dict[str, Any] = ADDED) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}}


def deny(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (ADDED | changes).items() if value is not None}


def flagged_only(template: dict[str, Any], message: str) -> None:
    """A finding with this message, and a fix that leaves the template alone."""
    assert_flags(template, RULE, message=message)
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)


def test_a_bucket_without_a_policy_gets_one() -> None:
    before = "Resources: {Bucket: {Type: AWS::S3::Bucket}}"
    found = assert_flags(before, RULE, path="Properties", message="no policy denies plain HTTP")
    assert [finding.remedy for finding in found] == ["s3.Bucket(..., enforce_ssl=True)"]
    after = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}, "GuardrailsBucketPolicy": added_policy()}}
    assert_fixed(before, after, RULE)


def test_the_added_policy_has_the_buckets_condition_and_a_free_id() -> None:
    before = bucket()
    before["Resources"]["Bucket"]["Condition"] = "IsProd"
    before["Resources"]["GuardrailsBucketPolicy"] = {"Type": "AWS::SNS::Topic"}
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsBucketPolicy2"] = added_policy() | {"Condition": "IsProd"}
    assert_fixed(before, after, RULE)


def test_two_buckets_get_a_policy_each() -> None:
    buckets = {"A": {"Type": "AWS::S3::Bucket"}, "B": {"Type": "AWS::S3::Bucket"}}
    text = json.dumps(added_policy())
    added = {}
    for id_ in buckets:
        own = text.replace('{"Ref": "Bucket"}', f'{{"Ref": "{id_}"}}').replace('["Bucket", "Arn"]', f'["{id_}", "Arn"]')
        added[f"Guardrails{id_}Policy"] = json.loads(own)
    assert_fixed({"Resources": buckets}, {"Resources": buckets | added}, RULE)


@pytest.mark.parametrize(
    "name", [{"Ref": "Bucket"}, {"Fn::Sub": "${Bucket}"}, {"Fn::GetAtt": ["Bucket", "BucketName"]}]
)
def test_the_statement_is_appended_to_the_buckets_policy(name: Any) -> None:
    before = with_policy([READ], name)
    assert_flags(before, RULE, message="the policy Policy does not deny plain HTTP")
    assert_fixed(before, with_policy([READ, ADDED], name), RULE)


def test_one_statement_that_is_no_list() -> None:
    assert_fixed(with_policy(READ), with_policy([READ, ADDED]), RULE)


def test_a_policy_without_statements() -> None:
    before = with_policy([])
    del before["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]
    assert_fixed(before, with_policy([ADDED]), RULE)


def test_a_policy_as_json_text() -> None:
    before = with_policy([])
    before["Resources"]["Policy"]["Properties"]["PolicyDocument"] = json.dumps({"Statement": READ})
    assert_fixed(before, with_policy([READ, ADDED]), RULE)
    before["Resources"]["Policy"]["Properties"]["PolicyDocument"] = json.dumps({"Statement": deny(Resource="*")})
    assert_clean(before, RULE)
    before["Resources"]["Policy"]["Properties"]["PolicyDocument"] = "no JSON"
    assert_clean(before, RULE)


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("reports", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", "reports"]),
        ({"Ref": "Name"}, ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Name"}]),
        ({"Fn::Sub": "${Env}-reports"}, ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Fn::Sub": "${Env}-reports"}]),
    ],
)
def test_a_policy_by_equal_name_gets_no_new_reference(name: Any, arn: list[Any]) -> None:
    statement = ADDED | {"Resource": [{"Fn::Join": ["", arn]}, {"Fn::Join": ["", [*arn, "/*"]]}]}
    before = with_policy([READ | {"Resource": "*"}], name, BucketName=name)
    assert_fixed(before, with_policy([READ | {"Resource": "*"}, statement], name, BucketName=name), RULE)


def test_each_policy_of_the_bucket_is_completed() -> None:
    before, after = with_policy([ADDED]), with_policy([ADDED])
    for template, statements in ((before, [READ]), (after, [READ, ADDED])):
        template["Resources"]["Second"] = copy.deepcopy(template["Resources"]["Policy"])
        template["Resources"]["Second"]["Properties"]["PolicyDocument"]["Statement"] = statements
    assert_flags(before, RULE, message="the policy Second does not deny plain HTTP")
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("resource", "only"),
    [
        (OBJECTS, "objects"),
        ({"Fn::Sub": "${Bucket.Arn}/*"}, "objects"),
        ([ARN], "bucket"),
        ({"Fn::Sub": "arn:aws:s3:::${Bucket}"}, "bucket"),
    ],
)
def test_a_part_of_the_bucket_is_not_enough(resource: Any, only: str) -> None:
    before = with_policy([deny(Resource=resource)])
    assert_flags(before, RULE, message=f"the policy Policy denies plain HTTP for the {only} only")
    assert_fixed(before, with_policy([deny(Resource=resource), ADDED]), RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Sid": "Tls", "Principal": "*"},
        {"Principal": {"AWS": ["*"]}},
        {"Principal": {"*": "*"}},
        {"Action": "*"},
        {"Action": ["S3:*"]},
        {"Action": ["s3:GetObject", "s3:*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": False}}},
        {"Condition": {"Bool": {"AWS:securetransport": "False"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}},
        {"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}},
        {"Condition": None},
        {"Resource": "*"},
        {"Resource": ["arn:aws:s3:::*"]},
        {"Resource": {"Fn::Sub": "${Bucket.Arn}*"}},
        {"Resource": [{"Fn::Sub": "arn:aws:s3:::${Bucket}"}, {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}]},
        {"Resource": [ARN, {"Fn::Sub": ["${Arn}/*", {"Arn": ARN}]}]},
        {"Resource": [{"Fn::GetAtt": "Bucket.Arn"}, {"Fn::Join": ["/", [ARN, "*"]]}]},
        {
            "Resource": [
                {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}]]},
                {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}, "/*"]]},
            ]
        },
    ],
)
def test_equivalent_statements(changes: dict[str, Any]) -> None:
    assert_clean(with_policy([READ, deny(**changes)]), RULE)
    assert_clean(with_policy(deny(**changes)), RULE)


def test_two_statements_together() -> None:
    assert_clean(with_policy([deny(Resource=ARN), READ, deny(Resource=OBJECTS)]), RULE)


@pytest.mark.parametrize(
    "arn", ["arn:aws:s3:::reports", "arn:aws-cn:s3:::reports", {"Fn::Sub": "arn:aws:s3:::reports"}]
)
def test_arns_by_literal_name(arn: Any) -> None:
    objects = {"Fn::Join": ["", [arn, "/*"]]}
    assert_clean(with_policy([deny(Resource=[arn, objects])], "reports", BucketName="reports"), RULE)


def test_arns_by_the_same_intrinsic() -> None:
    name = {"Fn::Join": ["-", [{"Ref": "Env"}, "reports"]]}
    arns = [{"Fn::Sub": "arn:${AWS::Partition}:s3:::${Env}-reports"}, {"Fn::Sub": "arn:aws:s3:::${Env}-reports/*"}]
    assert_clean(with_policy([deny(Resource=arns)], {"Fn::Sub": "${Env}-reports"}, BucketName=name), RULE)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Effect": "Allow", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Principal": {"Service": "*"}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Action": "s3:GetObject"},
        {"Action": ["s3:Get*", "s3:Put*"]},
        {"Action": None, "NotAction": "s3:GetObject"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringLike": {"aws:PrincipalArn": "*"}}},
        {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        {"Resource": None, "NotResource": ARN},
        {"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]},
        {"Resource": [{"Fn::GetAtt": ["Other", "Arn"]}, {"Fn::Sub": "${Other.Arn}/*"}]},
        {"Resource": {"Fn::Sub": "${Bucket.Arn}/public/*"}},
        {"Resource": [{"Fn::ImportValue": "Arn"}, {"Fn::ImportValue": "Objects"}]},
    ],
)
def test_statements_that_do_not_do(changes: dict[str, Any]) -> None:
    before = with_policy([deny(**changes)])
    assert_flags(before, RULE, message="the policy Policy does not deny plain HTTP")
    assert_fixed(before, with_policy([deny(**changes), ADDED]), RULE)


@pytest.mark.parametrize(
    "statement",
    [
        {"Ref": "Statements"},
        [READ, {"Fn::If": ["IsProd", ADDED, {"Ref": "AWS::NoValue"}]}],
        deny(Effect={"Ref": "Effect"}),
        deny(Principal={"Ref": "Principal"}),
        deny(Action={"Ref": "Action"}),
        deny(Action=["s3:Get*", {"Ref": "Action"}]),
        deny(Condition={"Ref": "Condition"}),
        deny(Condition={"Bool": {"aws:SecureTransport": {"Ref": "Flag"}}}),
        deny(Condition={"Bool": {"Fn::If": ["IsProd", {"aws:SecureTransport": "false"}, {"Ref": "AWS::NoValue"}]}}),
        deny(Resource={"Fn::If": ["IsProd", [ARN, OBJECTS], ARN]}),
        deny(Resource=[ARN, {"Fn::Select": [0, {"Ref": "Arns"}]}]),
    ],
)
def test_unknown_statements(statement: Any) -> None:
    assert_clean(with_policy(statement), RULE)


def test_an_unknown_document() -> None:
    template = with_policy([])
    for document in ({"Ref": "Document"}, {"Fn::If": ["IsProd", {}, {}]}, {"Fn::Transform": {"Name": "AWS::Include"}}):
        template["Resources"]["Policy"]["Properties"]["PolicyDocument"] = document
        assert_clean(template, RULE)


def test_an_unknown_statement_beside_a_known_denial() -> None:
    assert_clean(with_policy([{"Fn::If": ["IsProd", READ, {"Ref": "AWS::NoValue"}]}, ADDED]), RULE)


@pytest.mark.parametrize("name", ["reports", {"Ref": "Other"}, {"Ref": "Name"}, {"Fn::ImportValue": "Name"}, "", 7])
def test_a_policy_of_another_bucket_is_not_the_buckets(name: Any) -> None:
    """A generated name is known to no literal and no parameter."""
    before = with_policy([ADDED], "x")
    before["Resources"]["Policy"]["Properties"]["Bucket"] = name
    before["Resources"]["Other"] = {"Type": "AWS::SNS::Topic"}
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsBucketPolicy"] = added_policy()
    assert_fixed(before, after, RULE)


def test_a_literal_name_and_another() -> None:
    before = with_policy([READ], "reports", BucketName="logs")
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsBucketPolicy"] = added_policy()
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    ("name", "bucket_name"),
    [
        ({"Ref": "Name"}, "reports"),
        ("reports", {"Ref": "Name"}),
        ({"Ref": "NameA"}, {"Ref": "NameB"}),
        ({"Fn::Sub": "${Env}-reports"}, {"Fn::Sub": "${Stage}-reports"}),
        ({"Fn::If": ["IsProd", {"Ref": "Bucket"}, "reports"]}, None),
    ],
)
def test_a_policy_that_may_be_the_buckets(name: Any, bucket_name: Any) -> None:
    properties = {"BucketName": bucket_name} if bucket_name else {}
    message = "no policy denies plain HTTP; not fixed, since Policy may be the policy of this bucket"
    flagged_only(with_policy([READ], name, **properties), message)
    assert_clean(with_policy([ADDED], name, **properties), RULE)
    assert_clean(with_policy({"Ref": "Statements"}, name, **properties), RULE)


def findings_in(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """What is left of two templates of an app after the fix, and no policy has been added to the first."""
    app = App()
    origins = {"Bucket": Origin("App/Data/Bucket/Resource")}
    Template(first, name="first", app=app, origins=origins)
    Template(second, name="second", app=app)
    before = copy.deepcopy(first)
    settings = Settings()
    outcome = engine.run(app, [rule_of(RULE)], settings, Suppressions(settings.today), fix=True)
    assert not outcome.crashes
    assert first == before
    return [finding.message for finding in outcome.findings]


FOREIGN = {"Path": "App/Data/Bucket/Resource", "LogicalId": "Bucket", "Attribute": "Ref"}


@pytest.mark.parametrize("name", ["reports", {"Fn::ForeignRef": FOREIGN}, {"Fn::ImportValue": "Data:Bucket"}])
def test_a_policy_in_another_template(name: Any) -> None:
    data = bucket(BucketName="reports")
    data["Outputs"] = {"Export": {"Value": {"Ref": "Bucket"}, "Export": {"Name": "Data:Bucket"}}}
    other = with_policy([READ], name)
    del other["Resources"]["Bucket"]
    message = "no policy denies plain HTTP; not fixed, since Policy may be the policy of this bucket"
    assert findings_in(data, other) == [message]
    other["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"] = [ADDED]
    assert findings_in(data, other) == []


@pytest.mark.parametrize(
    "name",
    [
        "logs",
        {"Ref": "Bucket"},
        {"Ref": "Name"},
        {"Fn::ForeignRef": FOREIGN | {"LogicalId": "Other"}},
        {"Fn::ForeignRef": FOREIGN | {"Path": "App/Twin/Bucket/Resource"}},
        {"Fn::ImportValue": "Data:Other"},
    ],
)
def test_policies_in_another_template_of_other_buckets(name: Any) -> None:
    other = with_policy([READ, ADDED], name)
    del other["Resources"]["Bucket"]
    with pytest.raises(AssertionError):
        findings_in(bucket(BucketName="reports"), other)  # it was fixed


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::EC2::FlowLog", {"LogDestination": ARN}),
        ("AWS::Logs::DeliveryDestination", {"DestinationResourceArn": ARN}),
        ("AWS::Route53Resolver::ResolverQueryLoggingConfig", {"DestinationArn": ARN}),
        ("AWS::WAFv2::LoggingConfiguration", {"LogDestinationConfigs": [ARN]}),
    ],
)
def test_a_bucket_whose_policy_a_service_writes(type_: str, properties: dict[str, Any]) -> None:
    template = bucket()
    template["Resources"]["Logs"] = {"Type": type_, "Properties": properties}
    why = "not fixed, since the service behind Logs writes the policy of this bucket"
    flagged_only(template, f"no policy denies plain HTTP; {why}")
    # What the service has added to the deployed policy would go with the next change of the template's.
    template["Resources"] |= with_policy([READ])["Resources"]
    flagged_only(template, f"the policy Policy does not deny plain HTTP; {why}")
    delivery = READ | {"Principal": {"Service": "delivery.logs.amazonaws.com"}}
    before, after = with_policy([delivery]), with_policy([delivery, ADDED])
    before["Resources"]["Logs"] = after["Resources"]["Logs"] = template["Resources"]["Logs"]
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(("condition", "waits"), [(None, True), ("IsProd", True), ("IsEu", False)])
def test_notifications_wait_for_the_added_policy(condition: str | None, waits: bool) -> None:
    """S3 refuses changes of a bucket's policy and of its notifications at the same time."""
    before = bucket()
    before["Conditions"] = {"IsProd": {"Fn::Equals": ["a", "a"]}, "IsEu": {"Fn::Equals": ["b", "b"]}}
    before["Resources"]["Notified"] = {
        "Type": "Custom::S3BucketNotifications",
        "Properties": {"BucketName": {"Ref": "Bucket"}, "NotificationConfiguration": {}},
    }
    after = copy.deepcopy(before)
    after["Resources"]["GuardrailsBucketPolicy"] = added_policy()
    if condition:
        for data in (before, after):
            data["Resources"]["Notified"]["Condition"] = "IsProd"
            data["Resources"]["Bucket"]["Condition"] = condition
        after["Resources"]["GuardrailsBucketPolicy"]["Condition"] = condition
    if waits:
        after["Resources"]["Notified"]["DependsOn"] = ["GuardrailsBucketPolicy"]
    assert_fixed(before, after, RULE)


@pytest.mark.parametrize(
    "website", [{"IndexDocument": "index.html"}, {"RedirectAllRequestsTo": {"HostName": "a.example"}}]
)
def test_a_website_endpoint_speaks_http_only(website: dict[str, Any]) -> None:
    why = "not fixed, since its website endpoint speaks HTTP only"
    flagged_only(bucket(WebsiteConfiguration=website), f"no policy denies plain HTTP; {why}")
    public = with_policy([READ | {"Principal": "*"}], WebsiteConfiguration=website)
    flagged_only(public, f"the policy Policy does not deny plain HTTP; {why}")
    found = assert_flags(public, RULE)
    assert [finding.remedy for finding in found] == ["Serve it through CloudFront with origin access control."]


def test_a_website_that_cloudfront_reads_past_its_endpoint() -> None:
    reader = READ | {"Principal": {"Service": "cloudfront.amazonaws.com"}}
    website = {"IndexDocument": "index.html"}
    before = with_policy([reader], WebsiteConfiguration=website)
    assert_fixed(before, with_policy([reader, ADDED], WebsiteConfiguration=website), RULE)


def test_what_the_cdk_renders_is_clean() -> None:
    """Bucket(enforce_ssl=True, minimum_tls_version=1.2, auto_delete_objects=True)."""
    tls_version = deny(Condition={"NumericLessThan": {"s3:TlsVersion": 1.2}})
    deleting = {
        "Action": ["s3:PutBucketPolicy", "s3:GetBucket*", "s3:List*", "s3:DeleteObject*"],
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": ["Provider", "Arn"]}},
        "Resource": [ARN, OBJECTS],
    }
    assert_clean(with_policy([ADDED, tls_version, deleting]), RULE)


def test_a_statement_that_cannot_be_appended_to_is_left_to_a_person() -> None:
    before = with_policy("text")
    assert_flags(before, RULE)
    with pytest.raises(AssertionError, match="the fix of s3-tls-only failed on Bucket: cannot append"):
        assert_fixed(before, before, RULE)
