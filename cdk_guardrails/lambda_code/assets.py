"""Where the assets of a cloud assembly lie: what the ``*.assets.json`` beside a template says.

https://docs.aws.amazon.com/cdk/v2/guide/assets.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from cdk_guardrails.lambda_code.bundle import Bundle, FolderBundle, UnreadError, ZipBundle


class Asset(NamedTuple):
    """A file asset: its hash (the id that the CDK gives it) and where it lies."""

    hash: str
    path: Path


def assets_beside(template_file: str) -> dict[str, Asset]:
    """The file assets that the stacks of this template's folder publish, by their keys in S3.

    A nested stack's assets are in the manifest of the stack that it is nested in, so all of the folder are read.
    """
    found: dict[str, Asset] = {}
    folder = Path(template_file).parent
    for manifest in sorted(folder.glob("*.assets.json")):
        for hash_, asset in _files(manifest).items():
            source = asset.get("source") if isinstance(asset, dict) else None
            path = source.get("path") if isinstance(source, dict) else None
            if isinstance(path, str):
                place = Asset(hash_, folder / path)
                found |= dict.fromkeys(_keys(asset), place)
    return found


def bundle_at(path: Path, source: str = "") -> Bundle:
    """The bundle that lies at ``path``, a folder or a zip file. Raises UnreadError."""
    if path.is_dir():
        return FolderBundle(path, source)
    if path.is_file():
        return ZipBundle(path, source)
    raise UnreadError(f"{path.name} is not there")


def _files(manifest: Path) -> dict[str, Any]:
    try:
        files = json.loads(manifest.read_text(encoding="utf-8")).get("files")
    except (OSError, ValueError, AttributeError):  # not one of CDK's, or damaged: its assets count as not there
        return {}
    return files if isinstance(files, dict) else {}


def _keys(asset: dict[str, Any]) -> list[str]:
    destinations = asset.get("destinations")
    places = destinations.values() if isinstance(destinations, dict) else ()
    return [
        place["objectKey"] for place in places if isinstance(place, dict) and isinstance(place.get("objectKey"), str)
    ]
