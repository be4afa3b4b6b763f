"""Reads files that others name or made: never waits on a pipe, never fills the memory, offers the nearest name."""

from __future__ import annotations

import difflib
import errno
import os
import stat
from typing import Final

MOST: Final = 250_000_000
"""Bytes of the largest file that is read, where nothing else is said: reports of large apps have some ten million."""


def read_bytes(path: str | os.PathLike[str], most: int = MOST) -> bytes:
    """The content of a regular file of at most ``most`` bytes.

    Raises OSError that says why not in ``strerror``: a pipe or a device would be waited on for ever, or has no end; a
    file that is not there may have been meant to be another one.
    """
    name = os.fspath(path)
    try:
        mode = os.stat(name).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise OSError(errno.EINVAL, "expected a file, this is a pipe or a device", name)
        with open(name, "rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError as error:
        hint = nearest_file(name)
        raise FileNotFoundError(error.errno, f"{error.strerror}{hint and f'.{hint}'}", name) from None
    except ValueError as error:  # a NUL, which no name can hold
        raise FileNotFoundError(errno.ENOENT, f"no file has such a name: {error}", name) from None
    if len(data) > most:
        raise OSError(errno.EFBIG, f"larger than {most // 1_000_000} MB", name)
    return data


def nearest_file(path: str | os.PathLike[str]) -> str:
    """A hint for a file that is not there: `` Did you mean 'x'?``, or nothing when its folder has no similar name."""
    folder, name = os.path.split(os.fspath(path))
    try:
        names = [found for found in os.listdir(folder or ".") if os.path.exists(os.path.join(folder, found))]
    except (OSError, ValueError):
        return ""
    close = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.75)
    return f" Did you mean '{os.path.join(folder, close[0])}'?" if close else ""
