"""A bundle: the files that are deployed as a function's code or as a layer. Read in place, within bounds."""

from __future__ import annotations

import os
import stat
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

MAX_BYTES: Final = 64 * 1024 * 1024
"""What is read of one bundle, unzipped. Lambda takes up to 250 MB, most of it libraries that nothing imports.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_FILE_BYTES: Final = 1024 * 1024
"""What is read of one file: a module over this size is made by a program, and parsing it takes gigabytes."""

MAX_FILES: Final = 100_000
"""Files that one bundle is listed with."""

MAX_SECONDS: Final = 5.0
"""How long one bundle is worked on, listing, reading and parsing together."""


class UnreadError(Exception):
    """Code that cannot be read, with the reason as a phrase for the report. Rules take it for unknown."""


class Bundle:
    """The files of one asset, by their paths in the bundle, and the author's folder that they come from ("").

    Raises UnreadError when they cannot be listed.
    """

    def __init__(self, name: str, source: str = "") -> None:
        self.name = name
        self.source = source
        self.files: Mapping[str, int] = {}
        """Sizes in bytes by path, ``orders/app.py``. What is no plain file or leads out of the bundle is left out."""
        self.links: dict[str, str] = {}
        """Folders whose files are listed by another name, since one of the two is a link to the other: that name."""
        self._cache: dict[object, Any] = {}
        self._left_bytes = MAX_BYTES
        self._left_seconds = MAX_SECONDS

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """The content of a file. Raises UnreadError for one over ``limit``, or when too much has been read already."""
        size = self.files[path]
        if size > limit:
            raise UnreadError(f"{path} is too large to be read ({size:,} bytes, the limit is {limit:,})")
        if size > self._left_bytes:
            raise UnreadError(f"more than {MAX_BYTES // 1024**2} MB would have to be read")
        with self.at_work():
            content = self._content(path)
        self._left_bytes -= len(content)
        return content

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Counts the time that is spent inside against the bundle's. Raises UnreadError when it is used up."""
        if self._left_seconds <= 0:
            raise UnreadError(f"reading it takes more than {MAX_SECONDS:g} s")
        start = time.monotonic()
        try:
            yield
        finally:
            self._left_seconds -= time.monotonic() - start

    def shown(self, path: str) -> str:
        """``path`` as the author knows it: in the folder that the bundle was made from, else as it is."""
        if self.source:
            own = Path(self.source) / path
            if own.is_file() or os.path.isfile(self.source):  # a file: the author's own zip, and what is in it
                return os.path.relpath(own) if own.is_relative_to(Path.cwd()) else str(own)
        return path

    def cached(self, key: object, make: Callable[[], _T]) -> _T:
        """What ``make`` finds out about the files, asked once."""
        if key not in self._cache:
            self._cache[key] = make()
        value: _T = self._cache[key]
        return value

    def _content(self, path: str) -> bytes:
        raise NotImplementedError


class TextBundle(Bundle):
    """Inline code: one file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name)
        self._text = text.encode("utf-8", "replace")
        self.files = {path: len(self._text)}

    def _content(self, path: str) -> bytes:
        return self._text

    def shown(self, path: str) -> str:
        """Inline code is in no file of the author's that we know of."""
        return ""


class FolderBundle(Bundle):
    """A folder of the cloud assembly. Symbolic links are followed as long as they stay in it."""

    def __init__(self, folder: Path, source: str = "") -> None:
        super().__init__(folder.name, source)
        self._folder = folder.resolve()
        with self.at_work():
            self.files = dict(self._listed())

    def _listed(self) -> Iterator[tuple[str, int]]:
        pending, seen, count = [self._folder], {self._folder: ""}, 0
        while pending:
            folder = pending.pop()
            for entry in sorted(_entries(folder), key=lambda entry: entry.name):
                count += 1
                if count > MAX_FILES:
                    raise UnreadError(f"it has more than {MAX_FILES:,} files")
                try:
                    real = Path(entry.path).resolve() if entry.is_symlink() else Path(entry.path)
                    if not real.is_relative_to(self._folder):
                        continue
                    status = real.stat()
                except (OSError, RuntimeError):  # a link that leads nowhere or in a circle
                    continue
                path = Path(entry.path).relative_to(self._folder).as_posix()
                if stat.S_ISREG(status.st_mode):
                    yield path, status.st_size
                elif stat.S_ISDIR(status.st_mode) and real in seen:
                    self.links[path] = seen[real]
                elif stat.S_ISDIR(status.st_mode):
                    seen[real] = path
                    pending.append(Path(entry.path))

    def _content(self, path: str) -> bytes:
        try:
            with open(self._folder / path, "rb") as file:
                return file.read(self.files[path])
        except OSError as error:
            raise UnreadError(f"{path} cannot be read: {error.strerror or type(error).__name__}") from None


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise UnreadError(f"{folder.name} cannot be listed: {error.strerror or type(error).__name__}") from None


class ZipBundle(Bundle):
    """A zip file, read where it lies. Entries with a path that leads out of it are left out, encrypted ones too."""

    def __init__(self, file: Path, source: str = "") -> None:
        super().__init__(file.name, source)
        with self.at_work():
            try:
                self._zip = zipfile.ZipFile(file)
            except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
                raise UnreadError(f"{file.name} is no zip file that can be read: {error}") from None
            entries = self._zip.infolist()
            if len(entries) > MAX_FILES:
                raise UnreadError(f"it has more than {MAX_FILES:,} files")
            self.files = {entry.filename: entry.file_size for entry in entries if _is_plain(entry)}

    def _content(self, path: str) -> bytes:
        try:
            with self._zip.open(path) as file:
                return file.read(self.files[path])  # an entry may unpack to more than it says
        except Exception as error:  # zipfile, zlib, lzma and bz2 each have errors of their own for broken data
            raise UnreadError(f"{path} cannot be unzipped: {type(error).__name__}") from None


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    leads_out = path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return not (entry.is_dir() or leads_out or is_link or entry.flag_bits & 0x1)
