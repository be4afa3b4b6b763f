"""resource_types: the table is made from cfn-lint's data, the same each time, and says what is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support import resource_types as build
from cdk_guardrails import resource_types
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.resource_types import TypeInfo, info


def known(type_name: str) -> TypeInfo:
    found = info(type_name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("type_name", "tag_property", "tag_shape"),
    [
        ("AWS::S3::Bucket", "Tags", "list"),
        ("AWS::IAM::Role", "Tags", "list"),
        ("AWS::CloudFormation::Stack", "Tags", "list"),
        ("AWS::AppStream::AppBlock", "Tags", "list"),  # items are one of two shapes
        ("AWS::EFS::FileSystem", "FileSystemTags", "list"),
        ("AWS::Route53::HostedZone", "HostedZoneTags", "list"),
        ("AWS::Cognito::IdentityPool", "IdentityPoolTags", "list"),
        ("AWS::CodeBuild::Project", "Tags", "list"),  # its schema says nothing of tagging
        ("AWS::Cognito::UserPool", "UserPoolTags", "map"),
        ("AWS::Backup::BackupVault", "BackupVaultTags", "map"),
        ("AWS::SSM::Parameter", "Tags", "map"),
        ("AWS::ApiGatewayV2::Api", "Tags", "map"),
        ("AWS::Glue::Job", "Tags", "map"),  # Json
        ("AWS::PCS::Cluster", "Tags", "map"),  # patternProperties, no type
        ("AWS::Serverless::Function", "Tags", "map"),
        ("AWS::AutoScaling::AutoScalingGroup", "Tags", "autoscaling"),
    ],
)
def test_where_and_how_tags_are_written(type_name: str, tag_property: str, tag_shape: str) -> None:
    assert (known(type_name).tag_property, known(type_name).tag_shape) == (tag_property, tag_shape)


@pytest.mark.parametrize(
    "type_name",
    [
        "AWS::CDK::Metadata",
        "AWS::S3::BucketPolicy",
        "AWS::IAM::Policy",
        "AWS::EC2::LaunchTemplate",  # TagSpecifications are of what it launches
        "AWS::EC2::CapacityReservation",  # its tags are below TagSpecifications
        "AWS::Glue::CustomEntityType",  # has Tags, and says that it is not taggable
        "AWS::Forecast::Dataset",  # the same, in the older way
        "AWS::CloudFront::AnycastIpList",  # {"Items": [...]}
    ],
)
def test_what_cannot_be_tagged(type_name: str) -> None:
    found = info(type_name)
    assert found is None or not found.tag_property


@pytest.mark.parametrize(
    "type_name", ["AWS::Batch::ComputeEnvironment", "AWS::EC2::KeyPair", "AWS::Evidently::Segment"]
)
def test_tags_that_only_change_with_the_resource(type_name: str) -> None:
    assert known(type_name).tags_replace


def test_tags_that_change_in_place() -> None:
    assert not known("AWS::S3::Bucket").tags_replace
    assert not known("AWS::CodeBuild::Project").tags_replace


def test_create_only_properties_are_property_paths() -> None:
    assert known("AWS::S3::Bucket").create_only == ("BucketName", "BucketNamePrefix", "BucketNamespace")
    assert "Budget.BudgetName" in known("AWS::Budgets::Budget").create_only
    assert known("AWS::Serverless::Function").create_only == ()


@pytest.mark.parametrize(
    ("type_name", "name_property", "create_only"),
    [
        ("AWS::S3::Bucket", "BucketName", True),
        ("AWS::DynamoDB::GlobalTable", "TableName", True),  # the type's last word
        ("AWS::SQS::Queue", "QueueName", True),  # its primary identifier is the URL
        ("AWS::SSM::Parameter", "Name", True),
        ("AWS::EKS::Cluster", "Name", True),  # a required role is no parent
        ("AWS::RDS::DBInstance", "DBInstanceIdentifier", True),
        ("AWS::DMS::InstanceProfile", "InstanceProfileName", False),  # it has an identifier, too
        ("AWS::ElastiCache::ReplicationGroup", "ReplicationGroupId", True),  # on our list
        ("AWS::Cognito::UserPool", "UserPoolName", False),
        ("AWS::Serverless::Function", "FunctionName", False),
        ("AWS::ApiGateway::Stage", "", False),  # a name within an API
        ("AWS::Lambda::Alias", "", False),  # within a function, by its required properties
        ("AWS::Lambda::Version", "", False),  # FunctionName is another resource's
        ("AWS::EKS::Nodegroup", "", False),
        ("AWS::IAM::Policy", "", False),  # on our list
        ("AWS::CloudFormation::Stack", "", False),
    ],
)
def test_what_names_a_resource(type_name: str, name_property: str, create_only: bool) -> None:
    found = known(type_name)
    assert (found.name_property, found.name_property in found.create_only) == (name_property, create_only)


def test_the_names_on_our_list_belong_to_types_that_exist() -> None:
    assert [name for name in build._NAME_PROPERTY if info(name) is None] == []


@pytest.mark.parametrize(
    ("type_name", "stateful", "snapshot"),
    [
        ("AWS::DynamoDB::Table", True, False),
        ("AWS::S3::Bucket", True, False),
        ("AWS::Logs::LogGroup", True, False),
        ("AWS::RDS::DBCluster", True, True),
        ("AWS::EC2::Volume", True, True),
        ("AWS::ECR::Repository", True, False),  # not on cfn-lint's list
        ("AWS::CloudFormation::Stack", False, False),  # on cfn-lint's list
        ("AWS::Lambda::Function", False, False),
    ],
)
def test_what_holds_data(type_name: str, stateful: bool, snapshot: bool) -> None:
    assert (known(type_name).stateful, known(type_name).snapshot) == (stateful, snapshot)


@pytest.mark.parametrize("type_name", ["Custom::S3AutoDeleteObjects", "AWS::S3::Buckets", "", "Template"])
def test_types_that_the_schemas_do_not_have(type_name: str) -> None:
    assert info(type_name) is None


def test_types_of_other_regions_are_there_too() -> None:
    assert info("AWS::DeviceFarm::Project") is not None


def test_more_stateful_types_exist() -> None:
    """A type that AWS renames or drops must not stay on our list."""
    gone = [name for name in build._ALSO_STATEFUL if info(name) is None]
    assert not gone


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    build.write(first)
    build.write(str(second))
    assert first.read_bytes() == second.read_bytes()
    data = json.loads(first.read_text())
    assert list(data) == sorted(data)
    assert first.read_text() == json.dumps(data, separators=(",", ":")) + "\n"


def test_a_missing_table_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resource_types, "_DATA", tmp_path / "resource_types.json")
    resource_types._entries.cache_clear()
    info.cache_clear()
    try:
        with pytest.raises(GuardrailsError, match=r"^resource_types\.json is missing: .* `pip install -e \.`$"):
            info("AWS::S3::Bucket")
    finally:
        monkeypatch.undo()
        resource_types._entries.cache_clear()
        info.cache_clear()
    assert info("AWS::S3::Bucket") is not None
