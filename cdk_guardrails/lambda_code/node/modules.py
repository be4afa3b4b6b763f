"""The JavaScript of one bundle: its files and folders, and what is known of each file, read once."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cdk_guardrails.lambda_code.bundle import Bundle, UnreadError
from cdk_guardrails.lambda_code.node.exports import Exports
from cdk_guardrails.lambda_code.node.parsing import MAX_SCRIPT_BYTES, Script, parse
from cdk_guardrails.lambda_code.node.requires import Wanted, requires_of

_MAX_LINKS: Final = 8
"""Links that are followed from one path."""


@dataclass(frozen=True, eq=False)
class NodeModule:
    """What is known of a file. From the line ``broken_at`` on, if that is not 0, it is no JavaScript.

    Of the author's own there are its exports; and ``script``, the tree, unless a bundler wrote it: trees take 12 times
    the room of the text.
    """

    requires: tuple[Wanted, ...] = ()
    exports: Exports | None = None
    script: Script | None = None
    broken_at: int = 0


class NodeBundle:
    """A bundle of a Node.js function or layer."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._read: dict[str, NodeModule | UnreadError] = {}

    def file(self, path: str) -> str | None:
        """The path by which a file is listed; None when there is none at ``path``."""
        path = self._listed(path)
        return path if path in self.bundle.files else None

    def has_folder(self, path: str) -> bool:
        """Whether there is a folder at ``path``."""
        return not path or self._listed(path) in self.folders

    def _listed(self, path: str) -> str:
        """``path`` without the links in it."""
        links = self.bundle.links
        for _ in range(_MAX_LINKS if links else 0):
            link = next((at for at in _upwards(path) if at in links), None)
            if link is None:
                break
            path = f"{links[link]}{path[len(link) :]}".lstrip("/")
        return path

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that has a file in or below it."""
        found: set[str] = set()
        for path in self.bundle.files:
            for at in _upwards(posixpath.dirname(path)):
                if at in found:
                    break
                found.add(at)
        return frozenset(found)

    @cached_property
    def has_store(self) -> bool:
        """Whether pnpm has installed the packages: in a store with links, which a zip file may have no more."""
        return any("node_modules/.pnpm/" in path for path in self.bundle.files)

    def module(self, path: str) -> NodeModule:
        """What is known of the file at ``path``. Raises UnreadError."""
        if path not in self._read:
            self._read[path] = self._tried(path)
        read = self._read[path]
        if isinstance(read, UnreadError):
            raise read
        return read

    def _tried(self, path: str) -> NodeModule | UnreadError:
        try:
            source = self.bundle.read(path, MAX_SCRIPT_BYTES)
            with self.bundle.at_work():
                return _library(source) if is_library(path) else _own(source)
        except UnreadError as error:
            return error


def _upwards(path: str) -> Iterator[str]:
    """``path`` and the folders that it is in."""
    while path:
        yield path
        path = posixpath.dirname(path)


def is_library(path: str) -> bool:
    """Whether a file is of a package that was installed, not the author's."""
    return "node_modules/" in path


def _library(source: bytes) -> NodeModule:
    """Of a package, what it needs in any case is all that is asked."""
    if b"require" not in source and b"import" not in source and b"export" not in source:
        return NodeModule()
    script = parse(source)
    return NodeModule(() if script.is_broken else requires_of(script, whole=False), broken_at=script.broken_at)


def _own(source: bytes) -> NodeModule:
    script = parse(source)
    is_bundled = script.is_bundled
    requires = () if script.is_broken else requires_of(script, whole=not is_bundled)
    return NodeModule(requires, Exports(script), None if is_bundled else script, script.broken_at)
