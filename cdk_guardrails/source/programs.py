"""Programs of others that are run on the app's files: where they are, how they are started, what they said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

from cdk_guardrails.errors import SourceError

PROGRAMS: Final = ("pyrefly", "ruff")
"""What the extra ``[lint]`` brings. Each is a program, a distribution and a module of this name."""

TIME_LIMIT: Final = 120.0
"""Seconds. Both need about one on an app of 50 files, most of it for reading the CDK."""

_ENDED_WELL: Final = (0, 1)
"""Exit codes: 1 says that there is something to report."""

_USAGE: Final = 2


class ProgramError(SourceError):
    """A program is not installed (``missing``), did not do what it was started for, or not all of it (``partly``)."""

    def __init__(self, name: str, text: str, *, missing: bool = False, partly: bool = False) -> None:
        super().__init__(f"{name} {text}")
        self.name = name
        self.missing = missing
        self.partly = partly


def command(name: str) -> list[str]:
    """How a program is called, [] when it is not there.

    The one of the environment that runs us goes before one that merely stands on PATH: it has the versions we know.
    """
    if found := shutil.which(name, path=str(Path(sys.executable).parent)):
        return [found]
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        found = shutil.which(name)
        return [found] if found else []
    return [sys.executable, "-m", name]


def missing_programs() -> Iterator[str]:
    """Those that are not there."""
    return (name for name in PROGRAMS if not command(name))


class Run:
    """A program at work in a folder of its own, where it finds no settings of the app's.

    ``listed`` are arguments of which there may be more than a command line can have; `settings` are files that it
    needs there. What it writes goes to files: a pipe that nobody reads yet would stop it. Raises ProgramError.
    """

    def __init__(
        self, name: str, arguments: Sequence[str], listed: Sequence[str], settings: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.name = name
        called = command(name)
        if not called:
            raise ProgramError(name, "is not installed", missing=True)
        try:
            self.folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="cdk-guardrails-")))
        except OSError as error:
            raise ProgramError(name, f"cannot be started: {_reason(error)}") from None
        try:
            self._process = self._started([*called, *arguments], listed, settings)
        except (OSError, ValueError) as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise ProgramError(name, f"cannot be started: {_reason(error)}") from None
        self._until = time.monotonic() + TIME_LIMIT
        self._end = weakref.finalize(self, _end, self._process, self.folder)

    def _started(
        self, called: Sequence[str], listed: Sequence[str], settings: Sequence[tuple[str, str]]
    ) -> subprocess.Popen[bytes]:
        for name, text in settings:
            (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / "arguments").write_bytes(b"".join(os.fsencode(argument) + b"\n" for argument in listed))
        with open(self.folder / "output", "wb") as output, open(self.folder / "errors", "wb") as errors:
            return subprocess.Popen(  # noqa: S603 - found by `command`
                [*called, "@arguments"],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    def output(self) -> str:
        """What it wrote when it has ended. To be asked once. Raises ProgramError."""
        try:
            code = self._process.wait(max(0.0, self._until - time.monotonic()))
            if code not in _ENDED_WELL:
                raise ProgramError(self.name, f"failed with exit code {code}{self._usage_error(code)}")
            return (self.folder / "output").read_text(encoding="utf-8")
        except subprocess.TimeoutExpired:
            raise ProgramError(self.name, f"did not end within {TIME_LIMIT:.0f} s") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ProgramError(self.name, f"left no output: {_reason(error)}") from None
        finally:
            self._end()

    def _usage_error(self, code: int) -> str:
        """What it says of the way in which it was called; of a crash nothing, which might quote the app's code."""
        if code != _USAGE:
            return ""
        lines = (self.folder / "errors").read_text(encoding="utf-8", errors="replace").splitlines()
        said = (line.strip()[:200] for line in lines)
        return next((f": {line}" for line in said if line not in ("", f"{self.name} failed")), "")


def _environment() -> dict[str, str]:
    """Ours, without what sets these programs up."""
    prefixes = tuple(f"{name.upper()}_" for name in PROGRAMS)
    return {key: value for key, value in os.environ.items() if not key.upper().startswith(prefixes)}


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__
