"""What the rules about databases share: the types, and which of them take their settings from elsewhere."""

from __future__ import annotations

from typing import Any, Final

from cdk_guardrails.template import Resource

INSTANCE: Final = "AWS::RDS::DBInstance"
CLUSTER: Final = "AWS::RDS::DBCluster"
GLOBAL_CLUSTER: Final = "AWS::RDS::GlobalCluster"
DOCDB_CLUSTER: Final = "AWS::DocDB::DBCluster"
NEPTUNE_CLUSTER: Final = "AWS::Neptune::DBCluster"
NEPTUNE_INSTANCE: Final = "AWS::Neptune::DBInstance"


def gives(database: Resource, *properties: str) -> bool:
    """Whether one of ``properties`` is set, or may be."""
    return any(database.get(name) is not None for name in properties)


def is_aurora(database: Resource) -> bool:
    """Whether the engine is Aurora, whose instances leave storage and backups to their cluster."""
    engine: Any = database.get("Engine")
    return isinstance(engine, str) and engine.lower().startswith("aurora")
