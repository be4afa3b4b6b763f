"""Where the assets of a cloud assembly lie: what the ``*.assets.json`` beside a template says.

https://docs.aws.amazon.com/cdk/v2/guide/assets.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from cdk_guardrails.lambda_code.bundle import Bundle, FolderBundle, UnreadError, ZipBundle

_TREE: Final = "tree.json"
_PYTHON_ALPHA: Final = "aws-lambda-python-alpha."


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


def unbundled_beside(template_file: str) -> frozenset[str]:
    """The construct paths of functions and layers of aws-lambda-python-alpha, from the assembly's ``tree.json``.

    When a run of the CDK is not about their stack, it takes their folders as they are, with nothing installed.
    """
    folder = Path(template_file).parent
    while not (folder / _TREE).is_file() and (folder.parent / "manifest.json").is_file():
        folder = folder.parent  # the assembly of a Stage lies in the app's
    try:
        text = (folder / _TREE).read_text(encoding="utf-8")
        tree = json.loads(text).get("tree") if _PYTHON_ALPHA in text else None
    except (OSError, ValueError, AttributeError, RecursionError):
        return frozenset()
    return frozenset(_paths_of(tree, _PYTHON_ALPHA))


def _paths_of(tree: Any, package: str) -> Iterator[str]:
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            info, children = node.get("constructInfo"), node.get("children")
            if isinstance(info, dict) and package in str(info.get("fqn")):
                yield str(node.get("path"))
            pending += children.values() if isinstance(children, dict) else ()
