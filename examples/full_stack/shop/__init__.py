"""The stacks of the shop."""

from __future__ import annotations

import aws_cdk as cdk

from shop.api import ApiStack
from shop.audit import AuditStack
from shop.network import NetworkStack

__all__ = ["make_stacks"]


def make_stacks(app: cdk.App) -> None:
    """Network, audit and the shop itself, which runs in that network."""
    network = NetworkStack(app, "Network")
    AuditStack(app, "Audit")
    ApiStack(app, "Shop", vpc=network.vpc)
