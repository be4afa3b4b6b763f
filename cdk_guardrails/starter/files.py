"""Files that are to be written, and how existing ones are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.input_files import read_bytes


@dataclass(frozen=True)
class Change:
    """A file and its new text. ``before`` is what it holds now, None when it is not there."""

    path: Path
    before: str | None
    after: str

    def read(self) -> str | None:
        """What the file holds at this moment."""
        return read_if_there(self.path)


@dataclass(frozen=True)
class Part:
    """One thing that a repository should have: the change that brings it, or why there is none."""

    name: str
    change: Change | None = None
    why_not: str = ""


def read_if_there(path: Path) -> str | None:
    """The text, line ends as they are; None without the file. Raises GuardrailsError for one that is not readable."""
    try:
        return read_bytes(path).decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise GuardrailsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise GuardrailsError(f"{path}: expected UTF-8 text, byte {error.start + 1} is something else") from None


def newline_of(text: str) -> str:
    """How the lines of ``text`` end."""
    return "\r\n" if "\r\n" in text else "\n"


def appended(text: str, more: str) -> str:
    """``text`` with the lines ``more`` behind it, after an empty line, in its line ends."""
    newline = newline_of(text)
    ended = text if not text or text.endswith("\n") else text + newline
    blank = newline if ended.strip("\ufeff\r\n") else ""
    return ended + blank + more.replace("\n", newline)
