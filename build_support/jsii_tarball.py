"""The jsii assembly of the bridge as npm would pack it, byte for byte the same at every build.

npm's layout: every member under ``package/``; the kernel reads ``package.json`` and ``.jsii`` from there and loads the
module that ``main`` names. Both get the Python package's version, so that it is written in one place only.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Final

NAME: Final = "cdk-guardrails"
MTIME: Final = 499162500
"""1985-10-26 08:15 UTC, the date that npm gives all members. Zero makes some unpackers complain."""

_VERSIONED: Final = ("package.json", ".jsii")


def filename(version: str) -> str:
    """The tarball's name, as jsii packages name theirs."""
    return f"{NAME}@{version}.jsii.tgz"


def write(source: Path, folder: Path, version: str) -> Path:
    """Packs ``source`` into ``folder`` and removes tarballs of other versions there; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / filename(version)
    for stale in folder.glob(f"{NAME}@*.jsii.tgz"):
        stale.unlink()
    target.write_bytes(pack(source, version))
    return target


def pack(source: Path, version: str) -> bytes:
    """The gzipped tarball of the files below ``source``. Raises FileNotFoundError without package.json or .jsii."""
    members = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    for name in _VERSIONED:
        if name not in members:
            raise FileNotFoundError(f"{source / name}: the jsii assembly needs this file")
        members[name] = _with_version(members[name], version)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(members):
            archive.addfile(_member(name, len(members[name])), io.BytesIO(members[name]))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(raw.getvalue())
    return packed.getvalue()


def _with_version(text: bytes, version: str) -> bytes:
    data = json.loads(text)
    data["version"] = version
    return (json.dumps(data, indent=2) + "\n").encode()


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Size and fixed rights only: owner, group and time of this machine stay out."""
    info = tarfile.TarInfo(f"package/{name}")
    info.size, info.mtime, info.mode = size, MTIME, 0o644
    return info
