"""removal-policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cdk_guardrails.resource_types import info
from cdk_guardrails.rules.base import Concern, Example, Finding, FixSafety, Option, Rule, SameAs, Severity
from cdk_guardrails.settings import RuleSettings
from cdk_guardrails.template import Edit, Resource, Template

KEEPS: Final = ("RetainExceptOnCreate", "Retain", "Snapshot")
"""The deletion policies under which the data outlives the resource."""

DELETES_FIRST: Final = {
    "Custom::S3AutoDeleteObjects": "every object of the bucket",
    "Custom::ECRAutoDeleteImages": "every image of the repository",
}
"""The CDK's custom resources that empty what they belong to when they are deleted, and what they delete."""

DATA_ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::DocDB::DBInstance": ("DBClusterIdentifier",),
    "AWS::Neptune::DBInstance": ("DBClusterIdentifier",),
    "AWS::RDS::DBInstance": ("DBClusterIdentifier", "SourceDBClusterIdentifier", "SourceDBInstanceIdentifier"),
}
"""Types that hold no data of their own when one of these is set: the cluster, or what they replicate, holds it."""

SNAPSHOT_BY_DEFAULT: Final = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
"""The exceptions from Delete as CloudFormation's default, instances of a cluster aside."""


class RemovalPolicy(Rule):
    """Stateful resources keep their data in prod, and a failed deployment leaves nothing behind.

    In staging and prod, a resource that holds data must survive its stack: DeletionPolicy RetainExceptOnCreate, Retain
    or Snapshot, and UpdateReplacePolicy Retain or Snapshot. The fix sets *prod_policy* where the data would be deleted,
    by the author's RemovalPolicy.DESTROY or by CloudFormation's default, and leaves an author's Retain or Snapshot as
    it is. RetainExceptOnCreate is Retain, except that a failed create is cleaned up. The CDK's auto-delete custom
    resources are treated alike: once retained, they no longer empty the bucket or the repository.

    In dev an author's Delete stays; a plain Retain, which orphans the resource when its creation fails, becomes
    RetainExceptOnCreate. With *dev_policy* Delete, everything in dev is deleted with its stack: setting that option is
    what asks for this unsafe fix.

    Left alone: resources that hold no data of their own (an instance of a database cluster, a read replica, a Memcached
    cluster) and policies behind an intrinsic function. Which types hold data comes from cfn-lint's list.
    """

    id = "removal-policy"
    why = "A stack that is deleted, or a property that forces a replacement, takes the data with it, unasked."
    resource_types = ("*",)
    concern = Concern.REMOVAL_POLICIES
    ripples = False
    fix_safety = FixSafety.SAFE
    fix_note = (
        "Changes an attribute of the stack, not the resource. What is retained stays, and is billed, after the stack is"
        " deleted; one with a fixed name must then be imported or removed before the stack can be made again."
    )
    answers = ("A2.2", "D2.3")
    same_as = SameAs(
        aws=(
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html",
        ),
    )
    options = (
        Option(
            "prod_policy",
            "RetainExceptOnCreate",
            "DeletionPolicy in staging and prod. Snapshot applies to the types that support it; the others get"
            " RetainExceptOnCreate.",
            choices=KEEPS,
        ),
        Option(
            "dev_policy",
            None,
            "Delete: in dev, stateful resources are deleted with their stack. Not set: as the author wrote.",
            choices=("Delete",),
        ),
    )
    bad = Example("""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
""")
    good = Example("""\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
""")

    def check(self, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Finding]:
        if resource.data.get("UpdateReplacePolicy") == "RetainExceptOnCreate":
            yield self.finding(
                resource,
                "UpdateReplacePolicy is RetainExceptOnCreate, which only DeletionPolicy takes: the deployment fails",
                attribute="UpdateReplacePolicy",
                remedy="resource.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN",
                detail="UpdateReplacePolicy",
            )
        if wanted := _wanted(resource, settings):
            yield self.finding(
                resource,
                _message(resource, wanted),
                attribute=next(iter(wanted)),
                remedy=_remedy(wanted),
                severity=Severity.WARNING if settings.profile == "dev" else Severity.ERROR,
            )

    def fix(self, finding: Finding, resource: Resource, template: Template, settings: RuleSettings) -> Iterator[Edit]:
        if finding.detail:
            yield resource.set_attribute("UpdateReplacePolicy", "Retain")
            return
        for attribute, policy in _wanted(resource, settings).items():
            yield resource.set_attribute(attribute, policy)


def _wanted(resource: Resource, settings: RuleSettings) -> dict[str, str]:
    """The policies that must change, by attribute; what only the deployment knows stays."""
    if not _holds_data(resource):
        return {}
    return _in_dev(resource, settings) if settings.profile == "dev" else _in_prod(resource, settings)


def _in_prod(resource: Resource, settings: RuleSettings) -> dict[str, str]:
    deletion, replace = resource.data.get("DeletionPolicy"), resource.data.get("UpdateReplacePolicy")
    policy, type_info = settings["prod_policy"], info(resource.type)
    snapshot = policy == "Snapshot" and type_info is not None and type_info.snapshot
    wanted = {}
    if deletion == "Delete" or (deletion is None and resource.type not in SNAPSHOT_BY_DEFAULT):
        wanted["DeletionPolicy"] = policy if snapshot or policy != "Snapshot" else "RetainExceptOnCreate"
    if replace in (None, "Delete"):
        wanted["UpdateReplacePolicy"] = "Snapshot" if snapshot else "Retain"
    return wanted


def _in_dev(resource: Resource, settings: RuleSettings) -> dict[str, str]:
    deletion, replace = resource.data.get("DeletionPolicy"), resource.data.get("UpdateReplacePolicy")
    if settings["dev_policy"] != "Delete":
        return {"DeletionPolicy": "RetainExceptOnCreate"} if deletion == "Retain" else {}
    wanted = {}
    if deletion in KEEPS or (deletion is None and resource.type in SNAPSHOT_BY_DEFAULT):
        wanted["DeletionPolicy"] = "Delete"
    if replace in KEEPS:
        wanted["UpdateReplacePolicy"] = "Delete"
    return wanted


def _holds_data(resource: Resource) -> bool:
    if resource.type in DELETES_FIRST:
        return True
    type_info = info(resource.type)
    if type_info is None or not type_info.stateful:
        return False
    elsewhere = any(resource.get(name) is not None for name in DATA_ELSEWHERE.get(resource.type, ()))
    memcached = resource.type == "AWS::ElastiCache::CacheCluster" and resource.get("Engine") == "memcached"
    return not elsewhere and not memcached


def _message(resource: Resource, wanted: dict[str, str]) -> str:
    written = ", ".join(f"{attribute} is {resource.data.get(attribute) or 'not set'}" for attribute in wanted)
    if "Delete" in wanted.values():
        return f"dev_policy is Delete, but the resource outlives its stack: {written}"
    if resource.data.get("DeletionPolicy") == "Retain" and "DeletionPolicy" in wanted:
        return f"a failed creation leaves the resource behind, in the way of the next deployment: {written}"
    events = {"DeletionPolicy": "deleting the stack", "UpdateReplacePolicy": "replacing the resource"}
    causes = " or ".join(events[attribute] for attribute in wanted)
    return f"{causes} deletes {DELETES_FIRST.get(resource.type, 'its data')}: {written}"


def _remedy(wanted: dict[str, str]) -> str:
    policies = {"RetainExceptOnCreate": "RETAIN_ON_UPDATE_OR_DELETE", "Retain": "RETAIN", "Delete": "DESTROY"}
    policy = policies.get(next(iter(wanted.values())), "SNAPSHOT")
    return f"resource.apply_removal_policy(cdk.RemovalPolicy.{policy})"
