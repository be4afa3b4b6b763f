"""Python handlers in memory, for tests, and how they log."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from cdk_guardrails.lambda_code.bundle import Bundle
from cdk_guardrails.lambda_code.logging_facts import HandlerLogs
from cdk_guardrails.lambda_code.logs import logs_of
from cdk_guardrails.lambda_code.python import PythonBundle
from cdk_guardrails.lambda_code.reached import Sources


class Files(Bundle):
    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        super().__init__("files")
        self._texts = {path: _encoded(text) for path, text in files.items()}
        self.files = {path: len(text) for path, text in self._texts.items()}

    def _content(self, path: str) -> bytes:
        return self._texts[path]


def _encoded(text: str | bytes) -> bytes:
    return textwrap.dedent(text).encode() if isinstance(text, str) else text


def logs(
    code: str, modules: Mapping[str, str] | None = None, *, handler: str = "app.handler", unknown: bool = False
) -> HandlerLogs | None:
    named = (modules or {}).items()
    files = {"app.py": code, **{f"{name.replace('__', '/')}.py": text for name, text in named}}
    return logs_of(Sources([PythonBundle(Files(files), (3, 10))], unknown), handler)


def known(code: str, **modules: str) -> HandlerLogs:
    found = logs(code, modules)
    assert found is not None
    return found


def kinds(code: str, **modules: str) -> list[str]:
    return [problem.kind for problem in known(code, **modules).problems]
