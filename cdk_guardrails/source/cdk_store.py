"""The index of a manifest, kept as a small database in the user's cache folder and opened within milliseconds.

SQLite, since one type is read without the others; shelve and dbm depend on what the machine has, a file of JSON or
pickle is read as a whole, and a pickle from a shared folder is code.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cdk_guardrails.errors import SourceError
from cdk_guardrails.source import python_names
from cdk_guardrails.source.cdk_types import CdkType, compact, expand
from cdk_guardrails.source.manifests import Manifest

if TYPE_CHECKING:
    import sqlite3

FORMAT: Final = 1
"""Counts up whenever what is kept, or how, changes: a database of another number is not opened."""

FOLDER: Final = "CDK_GUARDRAILS_CACHE_DIR"
"""The environment variable that names another cache folder than the user's."""

KEPT_DAYS: Final = 60
"""A database that nobody opened for so long is deleted when another one is built."""

_DAY: Final = 86400
_T = TypeVar("_T")

_SCHEMA: Final = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE modules (fqn TEXT PRIMARY KEY, python TEXT) WITHOUT ROWID;
CREATE TABLE types (module TEXT, name TEXT, fqn TEXT, kept BLOB, PRIMARY KEY (module, name)) WITHOUT ROWID;
"""


class Store:
    """The types of one package. ``assembly`` is its jsii name, ``modules`` are its Python modules by jsii name.

    Raises SourceError when the manifest has to be read and cannot be.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._database = _kept(manifest) or _built(manifest)

    @property
    def assembly(self) -> str:
        """The jsii name of the package: ``aws-cdk-lib``."""
        return self._database.assembly

    @property
    def modules(self) -> dict[str, str]:
        """The Python modules by jsii name: ``aws-cdk-lib.aws_s3`` is ``aws_cdk.aws_s3``."""
        return self._database.modules

    @property
    def deprecated(self) -> str | None:
        """What the package says of being deprecated as a whole, None when it is not."""
        return self._database.deprecated

    def type(self, module: str, name: str) -> CdkType | None:
        """The type of that name in that Python module."""
        return self._asked(lambda database: database.type(module, name))

    def names(self, module: str) -> list[str]:
        """The names of all types in a Python module, those within others too (``CfnBucket.CorsRuleProperty``)."""
        return self._asked(lambda database: database.names(module))

    def called(self, name: str) -> list[str]:
        """The jsii names of all types that Python calls ``name``, of whatever module."""
        return self._asked(lambda database: database.called(name))

    def member_names(self) -> list[tuple[str, list[str]]]:
        """All types, each with the jsii names of its own members. Reads everything: a quarter of a second."""
        return self._asked(lambda database: database.member_names())

    def _asked(self, ask: Callable[[_Database], _T]) -> _T:
        """An answer of the database; one that turns out to be broken is built again."""
        try:
            return ask(self._database)
        except _unusable():
            self._database = _built(self._manifest)
            return ask(self._database)


class _Database:
    """An open database. Raises ValueError for one that is not whole."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        facts = dict(connection.execute("SELECT name, value FROM facts"))
        if facts.get("complete") != FORMAT:
            raise ValueError("not complete")
        self.assembly: str = facts["assembly"]
        self.deprecated: str | None = facts["deprecated"]
        self._sample: bytes = facts["sample"]
        self.modules: dict[str, str] = dict(connection.execute("SELECT fqn, python FROM modules"))

    def type(self, module: str, name: str) -> CdkType | None:
        query = "SELECT fqn, kept FROM types WHERE module = ? AND name = ?"
        row = self._connection.execute(query, (module, name)).fetchone()
        return expand(row[0], module, name, _unpacked(row[1], self._sample)) if row else None

    def names(self, module: str) -> list[str]:
        return [row[0] for row in self._connection.execute("SELECT name FROM types WHERE module = ?", (module,))]

    def called(self, name: str) -> list[str]:
        """See `Store.called`."""
        return [row[0] for row in self._connection.execute("SELECT fqn FROM types WHERE name = ?", (name,))]

    def member_names(self) -> list[tuple[str, list[str]]]:
        """See `Store.member_names`."""
        rows = self._connection.execute("SELECT fqn, kept FROM types")
        types = ((fqn, _unpacked(packed, self._sample)) for fqn, packed in rows)
        return [(fqn, [member[0] for member in (kept[2:3] or [[]])[0]]) for fqn, kept in types]


def folder() -> Path:
    """Where databases are kept."""
    stated = os.environ.get(FOLDER)
    if stated:
        return Path(stated)
    import platformdirs

    return Path(platformdirs.user_cache_dir("cdk-guardrails", appauthor=False))


def file_name(manifest: Manifest) -> str:
    """The name of the database: another one for another version, another file or another format."""
    known = f"{manifest.module} {manifest.version} {manifest.size} {manifest.mtime_ns} {FORMAT}"
    digest = hashlib.sha256(known.encode()).hexdigest()[:16]
    return f"{manifest.package}-{manifest.version}-{digest}.sqlite"


def _sqlite_error() -> type[Exception]:
    """What is raised for a file that is no database, cut off, or may not be written."""
    import sqlite3

    return sqlite3.Error


def _unusable() -> tuple[type[Exception], ...]:
    """What is raised for a database, or a manifest, that does not hold what it is to hold."""
    return _sqlite_error(), ValueError, KeyError, TypeError, AttributeError, zlib.error


def _kept(manifest: Manifest) -> _Database | None:
    """The database in the cache folder, None when there is none that can be used."""
    with contextlib.suppress(OSError, *_unusable()):
        return _open(folder() / file_name(manifest))
    return None


def _open(file: Path) -> _Database:
    import sqlite3

    _check_size(file)
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        database = _Database(connection)
    except BaseException:
        connection.close()
        raise
    if time.time() - file.stat().st_mtime > _DAY:
        with contextlib.suppress(OSError):
            os.utime(file)  # in use
    return database


def _check_size(file: Path) -> None:
    """Raises ValueError for a file that is shorter or longer than its header says: SQLite would find rows missing."""
    with file.open("rb") as stream:
        header = stream.read(32)
    pages, page_bytes = int.from_bytes(header[28:32], "big"), int.from_bytes(header[16:18], "big")
    if file.stat().st_size != pages * (page_bytes if page_bytes > 1 else 65536):
        raise ValueError("cut off")


def _built(manifest: Manifest) -> _Database:
    """A database made from the manifest, in the cache folder if it can be, else in memory."""
    content = manifest.read(_as_json)
    file = folder() / file_name(manifest)
    try:
        with contextlib.suppress(OSError, _sqlite_error()):
            _keep(content, file)
        return _kept(manifest) or _in_memory(content)
    except _unusable() as error:
        raise SourceError(f"{manifest.file}: the jsii manifest is malformed: {type(error).__name__}") from None


def _keep(content: Mapping[str, Any], file: Path) -> None:
    """Builds a database next to ``file`` and puts it there in one step: whoever reads sees the old or the new one."""
    import sqlite3

    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{file.stem}-", suffix=".tmp", dir=file.parent)
    os.close(handle)
    try:
        with contextlib.closing(sqlite3.connect(name)) as connection:
            _fill(connection, content)
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)
    _forget(file.parent)


def _in_memory(content: Mapping[str, Any]) -> _Database:
    import sqlite3

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    _fill(connection, content)
    return _Database(connection)


def _fill(connection: sqlite3.Connection, content: Mapping[str, Any]) -> None:
    modules = python_names.modules(content)
    types: dict[str, bytes] = content.get("types") or {}
    named = [(*python_names.split_type(fqn, modules), fqn, text) for fqn, text in types.items()]
    sample = b"".join(text for *_, text in named[:: max(1, len(named) // 100)])[-32768:]
    docs = content.get("docs") or {}
    facts = {"assembly": content["name"], "deprecated": docs.get("deprecated"), "sample": sample, "complete": FORMAT}
    connection.executescript(_SCHEMA)
    connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
    connection.executemany("INSERT INTO modules VALUES (?, ?)", modules.items())
    rows = ((module, name, fqn, _packed(text, sample)) for module, name, fqn, text in named)
    connection.executemany("INSERT INTO types VALUES (?, ?, ?, ?)", rows)
    connection.commit()


def _as_json(type_: Mapping[str, Any]) -> bytes:
    return json.dumps(compact(type_), separators=(",", ":")).encode()


def _packed(text: bytes, sample: bytes) -> bytes:
    """Types are short and alike, so they are compressed against a sample of them: 3 MB in place of 15."""
    press = zlib.compressobj(zdict=sample) if sample else zlib.compressobj()
    return press.compress(text) + press.flush()


def _unpacked(packed: bytes, sample: bytes) -> list[Any]:
    press = zlib.decompressobj(zdict=sample) if sample else zlib.decompressobj()
    kept: list[Any] = json.loads(press.decompress(packed))
    return kept


def _forget(where: Path) -> None:
    """Deletes databases, and what a build that was cut off left, that nobody opened for long."""
    before = time.time() - KEPT_DAYS * _DAY
    with contextlib.suppress(OSError):
        for file in [*where.glob("*.sqlite"), *where.glob("*.tmp")]:
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
