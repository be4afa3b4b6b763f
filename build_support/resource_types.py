"""Writes cdk_guardrails/resource_types.json from the resource schemas and lists of cfn-lint, at build time only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cfnlint
from cfnlint.helpers import valid_snapshot_types

_DATA = Path(cfnlint.__file__).parent / "data"
_SCHEMAS = _DATA / "schemas"

# The schemas of the Region in which every service starts, then SAM's, then whatever exists only elsewhere.
_FIRST = ("us-east-1.json", "sam.json")

# cfn-lint's list counts a nested stack; its data is in the resources of its template, which have policies of their own.
_NOT_STATEFUL = {"AWS::CloudFormation::Stack"}

# Types that hold data which nothing can rebuild, and that cfn-lint's list does not have (yet).
_ALSO_STATEFUL = {
    "AWS::AmazonMQ::Broker",
    "AWS::Backup::LogicallyAirGappedBackupVault",
    "AWS::Cassandra::Keyspace",
    "AWS::Cassandra::Table",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CodeArtifact::Repository",
    "AWS::CodeCommit::Repository",
    "AWS::DSQL::Cluster",
    "AWS::DocDBElastic::Cluster",
    "AWS::ECR::Repository",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::FSx::Volume",
    "AWS::KMS::ReplicaKey",
    "AWS::Lightsail::Bucket",
    "AWS::Lightsail::Database",
    "AWS::Lightsail::Disk",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::MemoryDB::Cluster",
    "AWS::NeptuneGraph::Graph",
    "AWS::OpenSearchServerless::Collection",
    "AWS::RedshiftServerless::Namespace",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Tables::Table",
    "AWS::S3Tables::TableBucket",
    "AWS::S3Vectors::VectorBucket",
    "AWS::Serverless::SimpleTable",
    "AWS::Timestream::Database",
    "AWS::Timestream::InfluxDBInstance",
    "AWS::Timestream::Table",
}

# Where the schema does not tell: some names count within a role, a scalable target or a state machine only.
_NAME_PROPERTY = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": "",
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::IAM::Policy": "",
    "AWS::IAM::UserPolicy": "",
    "AWS::StepFunctions::StateMachineAlias": "",
}


def write(path: str | Path) -> None:
    """Writes the JSON to ``path``: the same bytes for the same cfn-lint. Fields at their default are left out."""
    text = json.dumps(dict(sorted(_entries())), sort_keys=True, separators=(",", ":"))
    Path(path).write_text(text + "\n", encoding="utf-8")


def _entries() -> Iterator[tuple[str, dict[str, Any]]]:
    listed = json.loads((_DATA / "AdditionalSpecs" / "StatefulResources.json").read_text(encoding="utf-8"))
    stateful = {*listed["ResourceTypes"], *_ALSO_STATEFUL} - _NOT_STATEFUL
    for type_, schema in _schemas():
        entry: dict[str, Any] = _tagging(schema)
        if create_only := schema.get("createOnlyProperties"):
            entry["create_only"] = sorted(map(_dotted, create_only))
        if name := _NAME_PROPERTY.get(type_, _name_property(type_, schema)):
            entry["name_property"] = name
        if type_ in stateful:
            entry["stateful"] = True
        if type_ in valid_snapshot_types:
            entry["snapshot"] = True
        yield type_, entry


def _schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource type once, with its schema."""
    regions = sorted(file.name for file in (_SCHEMAS / "providers").glob("*.json"))
    seen: set[str] = set()
    for name in dict.fromkeys((*_FIRST, *regions)):
        provider = json.loads((_SCHEMAS / "providers" / name).read_text(encoding="utf-8"))
        for type_, digest in provider.items():
            if type_ not in seen:
                seen.add(type_)
                yield type_, json.loads((_SCHEMAS / "resources" / f"{digest}.json").read_text(encoding="utf-8"))


def _name_property(type_: str, schema: dict[str, Any]) -> str:
    """The property that gives the resource its physical name; "" for none, or a name that counts within a parent."""
    segment = type_.rpartition("::")[2].casefold()
    read_only = {*schema.get("readOnlyProperties", ())}
    create_only = {*schema.get("createOnlyProperties", ())}
    candidates: list[str] = [name for name in schema.get("properties", {}) if _names(name, segment)]
    for name in sorted(candidates, key=lambda name: (not name.endswith("Name"), name == "Name", name)):
        pointer = f"/properties/{name}"
        others = {*schema.get("primaryIdentifier", ())} - {pointer} - read_only
        others |= {f"/properties/{item}" for item in schema.get("required", ())} & create_only - {pointer}
        if pointer not in read_only and not any(map(_is_parent, others)):
            return name
    return ""


def _names(name: str, segment: str) -> bool:
    """``QueueName`` names a Queue, and ``TableName`` a GlobalTable; ``FunctionName`` is no name of a Version."""
    folded = name.casefold()
    stem = folded.removesuffix("name").removesuffix("identifier")
    return folded == "name" or (stem not in ("", folded) and segment.endswith(stem))


def _is_parent(pointer: str) -> bool:
    folded = pointer.casefold()
    return folded.endswith(("name", "identifier", "id", "arn")) and not folded.endswith("rolearn")


def _tagging(schema: dict[str, Any]) -> dict[str, Any]:
    """``tag_property``, ``tag_shape`` and, where changing tags would replace the resource, ``tags_replace``."""
    tagging = schema.get("tagging")
    if not isinstance(tagging, dict):  # schemas from before `tagging`: a property Tags, unless `taggable` is false
        tagging = {"taggable": schema.get("taggable", True), "tagUpdatable": True}
    name = tagging.get("tagProperty", "/properties/Tags").removeprefix("/properties/")
    shape = _shape(schema, schema.get("properties", {}).get(name))
    if not tagging.get("taggable", True) or not shape:
        return {}
    fixed = {*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())}
    replaces = f"/properties/{name}" in fixed or not tagging.get("tagUpdatable", True)
    return {"tag_property": name, "tag_shape": shape} | ({"tags_replace": True} if replaces else {})


def _shape(schema: dict[str, Any], definition: Any) -> str:
    """How the definition of a tag property writes tags: list, map, autoscaling, or "" for no shape that we know."""
    definition = _resolved(schema, definition)
    if definition.get("type") == "array":
        items = _resolved(schema, definition.get("items"))
        properties = [set(item.get("properties", ())) for item in (items, *items.get("oneOf", ()))]
        if {"Key", "Value", "PropagateAtLaunch"} in properties:
            return "autoscaling"
        return "list" if {"Key", "Value"} in properties else ""
    is_map = "object" in _types(definition) or "patternProperties" in definition
    return "map" if is_map and not definition.get("properties") else ""


def _types(definition: dict[str, Any]) -> list[str]:
    types = definition.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _resolved(schema: dict[str, Any], definition: Any) -> dict[str, Any]:
    """The definition behind ``$ref``."""
    while isinstance(definition, dict) and "$ref" in definition:
        parts = definition["$ref"].removeprefix("#/").split("/")
        definition = schema
        for part in parts:
            definition = definition[part]
    return definition if isinstance(definition, dict) else {}


def _dotted(pointer: str) -> str:
    """``/properties/Budget/BudgetName`` as a property path, ``Budget.BudgetName``; ``*`` stands for any list item."""
    return pointer.removeprefix("/properties/").replace("/", ".")


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "cdk_guardrails" / "resource_types.json")
