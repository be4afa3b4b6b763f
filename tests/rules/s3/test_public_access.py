"""s3-public-access."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_guardrails.testing import assert_clean, assert_fixed, assert_flags

RULE = "s3-public-access"
ALL = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
REMEDY = "Serve it through CloudFront with origin access control, or suppress the rule with the reason."


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}


def with_policy(template: dict[str, Any], statement: Any, name: Any = None) -> dict[str, Any]:
    template["Resources"]["Policy"] = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": name or {"Ref": "Bucket"}, "PolicyDocument": {"Statement": statement}},
    }
    return template


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}


def test_a_bucket_without_properties() -> None:
    before = "Resources: {Bucket: {Type: AWS::S3::Bucket}}"
    found = assert_flags(
        before,
        RULE,
        path="PublicAccessBlockConfiguration",
        message="BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets are not true",
    )
    assert [finding.remedy for finding in found] == [
        "s3.Bucket(..., block_public_access=s3.BlockPublicAccess.BLOCK_ALL)"
    ]
    assert_fixed(before, bucket(PublicAccessBlockConfiguration=ALL), RULE)


def test_only_what_is_missing_or_false_is_set() -> None:
    given = {"BlockPublicAcls": "true", "IgnorePublicAcls": False, "RestrictPublicBuckets": {"Ref": "Restrict"}}
    before = bucket(PublicAccessBlockConfiguration=given, BucketName="logs")
    assert_flags(before, RULE, message="BlockPublicPolicy, IgnorePublicAcls are not true")
    fixed = given | {"IgnorePublicAcls": True, "BlockPublicPolicy": True}
    assert_fixed(before, bucket(PublicAccessBlockConfiguration=fixed, BucketName="logs"), RULE)


def test_one_flag() -> None:
    before = bucket(PublicAccessBlockConfiguration=ALL | {"BlockPublicPolicy": "false"})
    assert_flags(before, RULE, message="BlockPublicPolicy is not true")
    assert_fixed(before, bucket(PublicAccessBlockConfiguration=ALL), RULE)


def test_no_value_is_absent() -> None:
    before = bucket(PublicAccessBlockConfiguration={"Ref": "AWS::NoValue"})
    assert_fixed(before, bucket(PublicAccessBlockConfiguration=ALL), RULE)


@pytest.mark.parametrize(
    "configuration",
    [
        ALL,
        dict.fromkeys(ALL, "true"),
        dict.fromkeys(ALL, "True"),
        {"Ref": "Configuration"},
        {"Fn::If": ["IsProd", ALL, {"Ref": "AWS::NoValue"}]},
        ALL | {"BlockPublicAcls": {"Fn::If": ["IsProd", True, False]}},
        ALL | {"BlockPublicAcls": "{{resolve:ssm:/block}}"},
    ],
)
def test_true_and_unknown_flags(configuration: Any) -> None:
    assert_clean(bucket(PublicAccessBlockConfiguration=configuration), RULE)


def test_properties_behind_an_intrinsic() -> None:
    assert_clean({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"Fn::Transform": {}}}}}, RULE)


def test_other_types() -> None:
    assert_clean({"Resources": {"Bucket": {"Type": "AWS::S3Express::DirectoryBucket"}}}, RULE)


WEBSITE = {"IndexDocument": "index.html"}
DISTRIBUTION = "AWS::CloudFront::Distribution"


def flagged_only(template: dict[str, Any], why: str) -> None:
    """A finding that names why it is not fixed, and a fix that leaves the template alone."""
    message = (
        "BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets are not true; not fixed, since "
    )
    found = assert_flags(template, RULE, message=message + why)
    assert [finding.remedy for finding in found] == [REMEDY]
    with pytest.raises(AssertionError, match="is not satisfied with its own fix"):
        assert_fixed(template, template, RULE)


@pytest.mark.parametrize("acl", ["PublicRead", "PublicReadWrite", "AuthenticatedRead"])
def test_a_public_acl(acl: str) -> None:
    flagged_only(bucket(AccessControl=acl), f"its AccessControl is {acl}")


def test_an_unknown_acl() -> None:
    flagged_only(bucket(AccessControl={"Ref": "Acl"}), "its AccessControl may be public")


@pytest.mark.parametrize("acl", ["Private", "LogDeliveryWrite", "BucketOwnerFullControl"])
def test_an_acl_that_is_not_public(acl: str) -> None:
    after = bucket(AccessControl=acl, PublicAccessBlockConfiguration=ALL)
    assert_fixed(bucket(AccessControl=acl), after, RULE)


@pytest.mark.parametrize(
    "statement",
    [
        allow("*"),
        [allow("*")],
        [{"Effect": "Deny", "Principal": "*"}, allow({"AWS": "*"})],
        allow({"AWS": ["arn:aws:iam::111122223333:root", "*"]}),
        allow({"*": "*"}),
        allow("*", Condition={"StringLike": {"aws:Referer": "https://example.com/*"}}),
        allow("*", Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        allow("*", Condition={"Ref": "Condition"}),
        allow({"Ref": "Principal"}),
        {
            "Effect": "Allow",
            "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "s3:*",
            "Resource": "*",
        },
        {"Fn::If": ["IsPublic", allow("*"), {"Ref": "AWS::NoValue"}]},
        [{"Fn::If": ["IsPublic", [allow("*")], {"Ref": "AWS::NoValue"}]}],
    ],
)
def test_a_policy_that_admits_everyone(statement: Any) -> None:
    flagged_only(with_policy(bucket(), statement), "the policy Policy admits everyone")


def test_a_policy_that_admits_everyone_and_may_be_the_buckets() -> None:
    named = bucket(BucketName={"Ref": "Name"})
    flagged_only(with_policy(named, allow("*"), {"Ref": "OtherName"}), "the policy Policy admits everyone")


def test_a_policy_as_json_text() -> None:
    template = with_policy(bucket(), [])
    text = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}'
    template["Resources"]["Policy"]["Properties"]["PolicyDocument"] = text
    flagged_only(template, "the policy Policy admits everyone")


@pytest.mark.parametrize(
    "statement",
    [
        allow({"AWS": "arn:aws:iam::111122223333:root"}),
        allow({"Service": "cloudfront.amazonaws.com"}),
        allow({"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}),
        allow({"AWS": {"Ref": "AWS::AccountId"}}),
        allow({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${Account}:root"}}),
        allow({"AWS": {"Fn::ImportValue": "RoleArn"}}),
        allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
        allow("*", Condition={"IpAddress": {"AWS:SourceIp": "203.0.113.0/24"}}),
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        "text",
        7,
    ],
)
def test_a_policy_that_does_not_admit_everyone(statement: Any) -> None:
    after = with_policy(bucket(PublicAccessBlockConfiguration=ALL), statement)
    assert_fixed(with_policy(bucket(), statement), after, RULE)


def test_a_public_policy_of_another_bucket() -> None:
    template = with_policy(bucket(), allow("*"), {"Ref": "Site"})
    template["Resources"]["Site"] = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": {}}}
    found = assert_flags(template, RULE)
    assert [(finding.logical_id, "not fixed" in finding.message) for finding in found] == [
        ("Bucket", False),
        ("Site", True),
    ]


def test_a_website() -> None:
    flagged_only(bucket(WebsiteConfiguration=WEBSITE), "it serves a website")
    flagged_only(bucket(WebsiteConfiguration={"Ref": "Website"}), "it serves a website")


def test_a_website_whose_endpoint_a_distribution_reads() -> None:
    template = bucket(WebsiteConfiguration=WEBSITE)
    origin = {"DomainName": {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": ["Bucket", "WebsiteURL"]}]}]}}
    template["Resources"]["Cdn"] = {"Type": DISTRIBUTION, "Properties": {"DistributionConfig": {"Origins": [origin]}}}
    flagged_only(template, "it serves a website")


@pytest.mark.parametrize("attribute", ["RegionalDomainName", "DomainName", "DualStackDomainName"])
def test_a_website_that_a_distribution_reads_past_the_endpoint(attribute: str) -> None:
    def template(**properties: Any) -> dict[str, Any]:
        made = bucket(WebsiteConfiguration=WEBSITE, **properties)
        config = {"Origins": [{"DomainName": {"Fn::GetAtt": ["Bucket", attribute]}}]}
        made["Resources"]["Cdn"] = {"Type": DISTRIBUTION, "Properties": {"DistributionConfig": config}}
        return made

    assert_fixed(template(), template(PublicAccessBlockConfiguration=ALL), RULE)


def test_a_website_whose_policy_admits_cloudfront() -> None:
    reader = allow({"CanonicalUser": {"Fn::GetAtt": ["Oai", "S3CanonicalUserId"]}})
    before = with_policy(bucket(WebsiteConfiguration=WEBSITE), reader)
    assert_fixed(
        before, with_policy(bucket(WebsiteConfiguration=WEBSITE, PublicAccessBlockConfiguration=ALL), reader), RULE
    )


def test_a_bucket_that_only_redirects_serves_nothing() -> None:
    redirect = {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}}
    after = bucket(WebsiteConfiguration=redirect, PublicAccessBlockConfiguration=ALL)
    assert_fixed(bucket(WebsiteConfiguration=redirect), after, RULE)


def test_a_conditional_bucket_keeps_its_condition() -> None:
    before = bucket()
    before["Resources"]["Bucket"]["Condition"] = "IsProd"
    after = bucket(PublicAccessBlockConfiguration=ALL)
    after["Resources"]["Bucket"]["Condition"] = "IsProd"
    assert_fixed(before, after, RULE)
