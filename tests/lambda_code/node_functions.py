"""Node.js functions in memory, for tests: what they need, and how they log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdk_guardrails.lambda_code.bundle import Bundle
from cdk_guardrails.lambda_code.logging_facts import HandlerLogs
from cdk_guardrails.lambda_code.needs import Needs
from cdk_guardrails.lambda_code.node.imports import NodeImports
from cdk_guardrails.lambda_code.node.logs import logs_of

HANDLER = "exports.handler = async () => 1;"


class Files(Bundle):
    """Files as they are given, with how often each was read."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        super().__init__("files")
        self._contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.files = {path: len(content) for path, content in self._contents.items()}
        self.reads: list[str] = []

    def _content(self, path: str) -> bytes:
        self.reads.append(path)
        return self._contents[path]


@dataclass(frozen=True)
class Function:
    """A function as the readers get it."""

    bundle: Bundle
    layers: tuple[Bundle, ...] = ()
    unknown_layers: tuple[str, ...] = ()
    runtime: str = "nodejs22.x"
    handler: str = "index.handler"
    search_path: str | None = ""
    is_inline: bool = False


def needs(
    files: Mapping[str, str | bytes] | str,
    handler: str = "index.handler",
    runtime: str = "nodejs22.x",
    *,
    layers: tuple[Mapping[str, str], ...] = (),
    unknown: tuple[str, ...] = (),
    search_path: str | None = "",
    is_inline: bool = False,
) -> Needs:
    """What a function needs; of a text, that is index.js, with a handler added."""
    given = {"index.js": f"{files}\n{HANDLER}"} if isinstance(files, str) else files
    bundles = tuple(Files(layer) for layer in layers)
    function = Function(Files(given), bundles, unknown, runtime, handler, search_path, is_inline)
    return NodeImports(function).needs(handler)


def missing(files: Mapping[str, str | bytes] | str, runtime: str = "nodejs22.x", **more: object) -> list[str]:
    """The names of what is missing, when nothing else is wrong."""
    found = needs(files, runtime=runtime, **more)  # type: ignore[arg-type]
    assert (found.faults, found.unread) == ((), ())
    return [item.module for item in found.missing]


def logs(code: str, files: Mapping[str, str] | None = None, **more: object) -> HandlerLogs | None:
    """How index.js, with other files, logs."""
    function = Function(Files({"index.js": code, **(files or {})}), **more)  # type: ignore[arg-type]
    return logs_of(NodeImports(function), function.handler)


def kinds(code: str, files: Mapping[str, str] | None = None) -> list[str]:
    """The kinds of problems, in their order."""
    found = logs(code, files)
    assert found is not None
    return [problem.kind for problem in found.problems]


def caught(code: str, files: Mapping[str, str] | None = None) -> list[str]:
    """What is said of the errors that a handler catches."""
    found = logs(code, files)
    assert found is not None
    return [problem.says for problem in found.problems if problem.kind != "result"]
