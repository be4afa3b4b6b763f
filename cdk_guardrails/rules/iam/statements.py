"""The statements of the policies that a resource holds: identity policies and resource policies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cdk_guardrails.template import Resource, is_intrinsic, known

Path = tuple[str | int, ...]

IDENTITY_POLICIES: Final[dict[str, str]] = {
    "AWS::IAM::Policy": "PolicyDocument",
    "AWS::IAM::ManagedPolicy": "PolicyDocument",
    "AWS::IAM::RolePolicy": "PolicyDocument",
    "AWS::IAM::UserPolicy": "PolicyDocument",
    "AWS::IAM::GroupPolicy": "PolicyDocument",
    "AWS::IoT::Policy": "PolicyDocument",
    "AWS::SSO::PermissionSet": "InlinePolicy",
}
"""Where a type holds its one policy of what a principal may do."""

INLINE_POLICIES: Final = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
"""Types with a list Policies, each with a PolicyDocument."""

SAM_POLICIES: Final = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
"""Types whose Policies are names, SAM policy templates or policy documents, one or a list."""

RESOURCE_POLICIES: Final[dict[str, str]] = {
    "AWS::Backup::BackupVault": "AccessPolicy",
    "AWS::CodeArtifact::Domain": "PermissionsPolicyDocument",
    "AWS::CodeArtifact::Repository": "PermissionsPolicyDocument",
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::Elasticsearch::Domain": "AccessPolicies",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::KMS::ReplicaKey": "KeyPolicy",
    "AWS::Kinesis::ResourcePolicy": "ResourcePolicy",
    "AWS::OpenSearchService::Domain": "AccessPolicies",
    "AWS::S3::AccessPoint": "Policy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::S3Express::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}
"""Where a type holds the policy of who may do what with a resource."""

IDENTITY_TYPES: Final = (*IDENTITY_POLICIES, *INLINE_POLICIES, *SAM_POLICIES)

_TYPES: Final = (*IDENTITY_TYPES, *RESOURCE_POLICIES)


_WILDCARD: Final = re.compile("[*?]")


class Statement(NamedTuple):
    """One statement and its property path; ``actions`` are the texts under Action, with their paths.

    ``wildcards`` are those of them with a ``*`` or ``?``.
    """

    path: Path
    data: dict[str, Any]
    actions: list[tuple[Path, str]]
    wildcards: list[tuple[Path, str]]

    @property
    def allows(self) -> bool:
        """Whether it is sure to be an Allow."""
        return bool(self.data.get("Effect") == "Allow")

    def values(self, key: str) -> list[tuple[Path, str]]:
        """The texts under ``key`` (NotAction, Resource ...) with their paths; what is unknown is left out."""
        return _texts(self.path, self.data, key)


def statements(resource: Resource) -> list[Statement]:
    """The statements of a resource's policies, in order; those behind an intrinsic function are left out.

    Read once for all rules, until a policy changes.
    """
    known_ones: dict[str, list[Statement]] = resource.template.cached("iam: statements", lambda _: {}, *_TYPES)
    if resource.logical_id not in known_ones:
        known_ones[resource.logical_id] = list(_statements(resource))
    return known_ones[resource.logical_id]


def _statements(resource: Resource) -> Iterator[Statement]:
    for path, document in _documents(resource):
        if isinstance(document, dict) and not is_intrinsic(document):
            for index, item in _one_or_more(document.get("Statement")):
                if isinstance(item, dict) and not is_intrinsic(item):
                    at = (*path, "Statement", *index)
                    actions = _texts(at, item, "Action")
                    yield Statement(at, item, actions, [found for found in actions if _WILDCARD.search(found[1])])


def _texts(path: Path, data: dict[str, Any], key: str) -> list[tuple[Path, str]]:
    found = [((*path, key, *index), known(item)) for index, item in _one_or_more(data.get(key))]
    return [(at, text) for at, text in found if isinstance(text, str)]


def _documents(resource: Resource) -> Iterator[tuple[Path, Any]]:
    type_ = resource.type
    if name := IDENTITY_POLICIES.get(type_) or RESOURCE_POLICIES.get(type_):
        yield (name,), resource.raw(name)
    elif type_ in INLINE_POLICIES:
        for index, policy in enumerate(resource.items("Policies")):
            if isinstance(policy, dict):
                yield ("Policies", index, "PolicyDocument"), policy.get("PolicyDocument")
    elif type_ in SAM_POLICIES:
        for tail, policy in _one_or_more(resource.raw("Policies")):
            yield ("Policies", *tail), policy


def _one_or_more(value: Any) -> list[tuple[Path, Any]]:
    """A list's items, or the one item that stands in its place, each with what its path ends in."""
    return [((index,), item) for index, item in enumerate(value)] if isinstance(value, list) else [((), value)]
