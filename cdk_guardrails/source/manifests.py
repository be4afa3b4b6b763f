"""The .jsii manifests of installed packages: where they are and what stands in them. No package is imported."""

from __future__ import annotations

import json
import os
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, Final, NamedTuple, TypeAlias

from cdk_guardrails.errors import SourceError

OWN: Final = "cdk_guardrails."
"""What cdk_guardrails itself brings is used by nobody else."""

SUFFIX: Final = ".jsii.tgz"

MAX_BYTES: Final = 512 * 1024 * 1024
"""The manifest of aws-cdk-lib has 86 MB."""

Keep: TypeAlias = Callable[[dict[str, Any]], Any]

_REDIRECT: Final = "jsii/file-redirect"
_BROKEN: Final = (tarfile.TarError, OSError, EOFError, zlib.error, RecursionError)
_MALFORMED: Final = (ValueError, KeyError, TypeError, AttributeError)


class Manifest(NamedTuple):
    """A package's archive. ``module`` is the Python package; size and time tell whether it is still the same file."""

    file: str
    module: str
    package: str
    version: str
    size: int
    mtime_ns: int

    def read(self, keep: Keep = dict) -> dict[str, Any]:
        """The manifest: ``targets``, ``submodules``, ``types`` by full name, each as ``keep`` makes it.

        Types are passed to ``keep`` while the text is read: all of aws-cdk-lib at once would take 600 MB of memory.
        Raises SourceError when the file is broken.
        """
        try:
            with tarfile.open(self.file, "r:gz") as archive:
                return _manifest(archive, lambda item: keep(item) if "assembly" in item and "fqn" in item else item)
        except (*_BROKEN, *_MALFORMED) as error:
            raise SourceError(f"{self.file}: the jsii manifest cannot be read: {type(error).__name__}") from None


def installed(search_path: Sequence[str] | None = None) -> list[Manifest]:
    """The manifests of the packages that are installed on ``search_path`` (``sys.path`` unless given), by module.

    Python imports a package from the first folder that has it, so that one counts.
    """
    found: dict[str, Manifest] = {}
    for folder in sys.path if search_path is None else search_path:
        for manifest in _below(folder):
            if not manifest.module.startswith(OWN):
                found.setdefault(manifest.module, manifest)
    return [found[module] for module in sorted(found)]


def _below(folder: str) -> Iterator[Manifest]:
    """The manifests of ``package/_jsii`` and ``package/part/_jsii``, where packages are installed at all."""
    packages = _folders(folder)
    if not any(package.name.endswith((".dist-info", ".egg-info")) for package in packages):
        return
    for package in packages:
        if package.name.isidentifier():
            yield from _in(package.path, package.name)
            for part in _folders(package.path):
                yield from _in(part.path, f"{package.name}.{part.name}")


def _in(folder: str, module: str) -> Iterator[Manifest]:
    """The manifest of one package; of two versions that an upgrade left there, the one written last."""
    archives = os.path.join(folder, "_jsii")
    try:
        names = [name for name in os.listdir(archives) if name.endswith(SUFFIX)]
        found = [_described(os.path.join(archives, name), module) for name in names]
    except OSError:  # most folders have no such folder; a package may be on its way out
        return
    if found:
        yield max(found, key=lambda manifest: manifest.mtime_ns)


def _folders(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder or os.curdir) as entries:
            return [entry for entry in entries if entry.is_dir()]
    except OSError:  # not there, a zip file, or closed to us
        return []


def _described(file: str, module: str) -> Manifest:
    package, _, version = os.path.basename(file).removesuffix(SUFFIX).rpartition("@")
    stat = os.stat(file)
    return Manifest(file, module, package, version, stat.st_size, stat.st_mtime_ns)


def _manifest(archive: tarfile.TarFile, hook: Keep) -> dict[str, Any]:
    """Reads the archive from its start until the manifest, which stands among the first files."""
    wanted, compressed = "package/.jsii", False
    while True:
        member = archive.next()
        if member is None:
            raise KeyError(wanted)
        if member.name != wanted:
            continue
        content = json.loads(_text(archive.extractfile(member), compressed), object_hook=hook)
        if content.get("schema") != _REDIRECT:
            return dict(content)
        wanted, compressed = f"package/{content['filename']}", content.get("compression") == "gzip"


def _text(stream: IO[bytes] | None, compressed: bool) -> str:
    """The text of a file; it is cut off (and so no JSON) when it is far too large."""
    data = stream.read(MAX_BYTES) if stream else b""
    return (zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, MAX_BYTES) if compressed else data).decode()
