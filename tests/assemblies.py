"""Cloud assemblies as the CDK writes them, made by hand: small, and without Node.js."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {}}


def write(folder: Path, stacks: Mapping[str, Mapping[str, Any]], **stages: str) -> Path:
    """An assembly in ``folder``. A stack, by its name, has ``resources``; perhaps ``path``, ``environment``,
    ``metadata`` (by construct path). ``stages``: folders of assemblies inside, by artifact name."""
    folder.mkdir(parents=True, exist_ok=True)
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    for name, stack in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": stack["resources"]}))
        (folder / f"{name}.metadata.json").write_text(json.dumps(stack.get("metadata", {})))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": stack.get("environment", "aws://unknown-account/unknown-region"),
            "properties": {"templateFile": f"{name}.template.json"},
            "additionalMetadataFile": f"{name}.metadata.json",
            "displayName": stack.get("path", name),
        }
    for name, inner in stages.items():
        artifacts[name] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": inner}}
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    (folder / "cdk.out").write_text('{"version":"55.0.0"}')
    return folder


def made(logical_id: str, *frames: str) -> list[dict[str, Any]]:
    """The metadata of a construct: its logical id, and the trace of what made it."""
    return [{"type": "aws:cdk:logicalId", "data": logical_id}, {"type": "aws:cdk:creationStack", "data": list(frames)}]


def at(path: str, resource: Mapping[str, Any] = BUCKET) -> dict[str, Any]:
    """``resource`` with its construct path in Metadata, as the CDK CLI asks for it."""
    return {**resource, "Metadata": {**resource.get("Metadata", {}), "aws:cdk:path": path}}
