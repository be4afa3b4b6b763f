"""Text that is safe to show on a terminal: names in templates and of files may hold anything."""

from __future__ import annotations


def plain(text: str) -> str:
    """``text`` in one line, with nothing in it that a terminal takes for a command: such characters are escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
