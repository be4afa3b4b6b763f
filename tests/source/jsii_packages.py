"""Makes installed packages with a jsii manifest, for tests of what is read from them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST: dict[str, Any] = {
    "schema": "jsii/0.10.0",
    "name": "shop-lib",
    "version": "1.2.3",
    "targets": {"python": {"distName": "shop-lib", "module": "shop_lib"}},
    "submodules": {
        "shop-lib.orders": {"targets": {"python": {"module": "shop_lib.orders"}}},
        "shop-lib.lambda": {},
    },
    "types": {
        "shop-lib.orders.OrderProps": {
            "assembly": "shop-lib",
            "fqn": "shop-lib.orders.OrderProps",
            "kind": "interface",
            "datatype": True,
            "properties": [
                {"name": "orderName", "type": {"primitive": "string"}},
                {
                    "name": "oldName",
                    "type": {"primitive": "string"},
                    "optional": True,
                    "docs": {"deprecated": "use `orderName` instead", "summary": "Long text that is not kept."},
                },
            ],
        },
        "shop-lib.orders.Order": {
            "assembly": "shop-lib",
            "fqn": "shop-lib.orders.Order",
            "kind": "class",
            "docs": {"remarks": "Long text that is not kept."},
            "initializer": {
                "parameters": [
                    {"name": "scope", "type": {"fqn": "constructs.Construct"}},
                    {"name": "orderName", "type": {"primitive": "string"}},
                    {"name": "props", "type": {"fqn": "shop-lib.orders.OrderProps"}, "optional": True},
                ]
            },
            "methods": [
                {"name": "toJson", "returns": {"type": {"primitive": "json"}}},
                {"name": "toJSON", "docs": {"deprecated": "use toJson"}},
                {"name": "from", "static": True, "returns": {"type": {"fqn": "shop-lib.orders.Order"}}},
                {
                    "name": "addTags",
                    "protected": True,
                    "parameters": [{"name": "tags", "type": {"primitive": "string"}, "variadic": True}],
                },
            ],
            "properties": [
                {"name": "sizeInGiB", "type": {"primitive": "number"}},
                {"name": "defaultARN", "static": True, "const": True, "type": {"primitive": "string"}},
                {"name": "items", "type": {"collection": {"kind": "map", "elementtype": {"primitive": "any"}}}},
            ],
        },
        "shop-lib.orders.Order.Line": {
            "assembly": "shop-lib",
            "fqn": "shop-lib.orders.Order.Line",
            "kind": "class",
            "base": "shop-lib.orders.Order",
        },
        "shop-lib.Color": {
            "assembly": "shop-lib",
            "fqn": "shop-lib.Color",
            "kind": "enum",
            "docs": {"stability": "deprecated"},
            "members": [{"name": "RED"}, {"name": "None", "docs": {"deprecated": "no color"}}],
        },
        "shop-lib.lambda.Handler": {"assembly": "shop-lib", "fqn": "shop-lib.lambda.Handler", "kind": "class"},
    },
}


def install(
    site: Path,
    manifest: Mapping[str, Any] | bytes = MANIFEST,
    *,
    module: str = "shop_lib",
    file: str = "shop-lib@1.2.3.jsii.tgz",
    redirect: bool = False,
) -> Path:
    """Puts a package with this manifest into the folder ``site``; gives its archive."""
    (site / "shop_lib-1.2.3.dist-info").mkdir(parents=True, exist_ok=True)
    folder = site.joinpath(*module.split("."), "_jsii")
    folder.mkdir(parents=True, exist_ok=True)
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    files = {"package/package.json": b"{}", "package/.jsii": text}
    if redirect:
        pointer = {"schema": "jsii/file-redirect", "compression": "gzip", "filename": ".jsii.gz"}
        files |= {"package/.jsii": json.dumps(pointer).encode(), "package/.jsii.gz": gzip.compress(text)}
    with tarfile.open(folder / file, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return folder / file
