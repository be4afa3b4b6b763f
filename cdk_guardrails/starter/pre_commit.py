"""The pre-commit hook that lints the app's own Python (https://pre-commit.com/#repository-local-hooks)."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import EditError, GuardrailsError, TemplateError
from cdk_guardrails.starter.app_file import CdkApp
from cdk_guardrails.starter.files import Change, Part, read_if_there
from cdk_guardrails.template.edits import Edit
from cdk_guardrails.template.loader import Source, dump
from cdk_guardrails.template.nodes import Node, read_yaml
from cdk_guardrails.template.plain import to_plain

FILE: Final = ".pre-commit-config.yaml"
NAME: Final = "pre-commit hook"
HOOK_ID: Final = "cdk-guardrails-lint"

_EMPTY: Final = "# Run once after cloning: pre-commit install\nrepos: []\n"


def pre_commit_part(app: CdkApp) -> Part:
    """The hook, behind those that the repository has.

    Raises GuardrailsError when the file is not YAML, or not one that pre-commit would take.
    """
    path = app.root / FILE
    before = read_if_there(path)
    text = before if before and before.strip("\ufeff \t\r\n") else _EMPTY
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = _source(path, text.removeprefix("\ufeff"))
    if "cdk-guardrails" in json.dumps(source.data):
        return Part(NAME, why_not=f"{path} has one, it stays as it is")
    return Part(NAME, Change(path, before, mark + _with_hook(path, source, app)))


def hook(app: CdkApp) -> dict[str, Any]:
    """The entry below ``repos``.

    The program is that of the active environment: one of pre-commit's own would lack what the app imports. All files
    are judged together, since what is true of one depends on the others.
    """
    entry: dict[str, Any] = {
        "id": HOOK_ID,
        "name": "cdk-guardrails lint",
        "entry": "cdk-guardrails lint .",
        "language": "system",
        "types": ["python"],
        "pass_filenames": False,
    }
    if app.folder != ".":
        entry["entry"] = f"sh -c {shlex.quote(f'cd {shlex.quote(app.folder)} && cdk-guardrails lint .')}"
        entry["files"] = f"^{re.escape(app.folder)}/"
    return {"repo": "local", "hooks": [entry]}


def _source(path: Path, text: str) -> Source:
    root = read_yaml(text, str(path)) or Node("mapping", 0, 0)
    data = to_plain(root, str(path), text)
    if not isinstance(data, dict) or not isinstance(data.get("repos"), list):
        raise GuardrailsError(f"{path}: expected a mapping with a list 'repos', as pre-commit does")
    return Source(str(path), text, "yaml", data, root)


def _with_hook(path: Path, source: Source, app: CdkApp) -> str:
    try:
        return dump(source, [Edit("append", ("repos",), hook(app))])
    except (EditError, TemplateError):
        text = json.dumps(hook(app))
        raise GuardrailsError(f"{path}: the hook cannot be added to this layout; add to 'repos': {text}") from None
