"""Put in front of PYTHONPATH by ``cdk-guardrails synth``: attaches Guardrails when this process imports aws_cdk.

Every Python that the app's command starts runs it, poetry's own and one without cdk_guardrails among them. So it needs
the standard library and Python 3.7 only, and does nothing before aws_cdk is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
INSTRUCTIONS = os.environ.get("CDK_GUARDRAILS_TRIAL", "")
"""The file that says what to attach; the notes for the process that waits go beside it."""

CHANGES = {
    "aws_cdk": "change_app",
    "cdk_guardrails.checks": "change_checks",
    "cdk_guardrails.aspects": "change_guardrails",
}
"""What is done to a module when it has been loaded: a method of `inside.Attachment`."""


def note(event: str, **facts: Any) -> None:
    """Tells the process that waits what happened here."""
    said = {"event": event, "executable": sys.executable, "python": list(sys.version_info[:2])}
    said.update(facts)
    with open(os.path.join(os.path.dirname(INSTRUCTIONS), "notes.jsonl"), "a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")


class Finder:
    """Finds nothing itself: what the others find for a module in `CHANGES` is changed after it was loaded."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self.attachment: Any = None

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The module's own spec, whose loader tells us when it is done; None for all other modules."""
        if name not in CHANGES or name in self.busy:
            return None
        self.busy.add(name)
        try:
            spec = importlib.util.find_spec(name)
            if name == "aws_cdk":
                _look_around(spec)
        finally:
            self.busy.discard(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            self.change_later(spec.loader, name)
        return spec

    def change_later(self, loader: Any, name: str) -> None:
        """Has the module changed as soon as its code has run."""
        execute = loader.exec_module

        def execute_and_change(module: Any) -> None:
            execute(module)
            self.change(name, module)

        loader.exec_module = execute_and_change

    def change(self, name: str, module: Any) -> None:
        """Lets `inside` do it, which the cdk_guardrails of this Python has."""
        if self.attachment is None:
            try:
                inside: Any = importlib.import_module("cdk_guardrails.attach.inside")
            except ImportError as error:
                note("outdated", error=str(error))
                sys.exit(2)
            with open(INSTRUCTIONS, encoding="utf-8") as file:
                self.attachment = inside.Attachment(json.load(file), note)
        getattr(self.attachment, CHANGES[name])(module)


def _look_around(cdk: Any) -> None:
    """Ends the process, before the CDK costs seconds, when this Python lacks cdk_guardrails."""
    if cdk is None:
        note("no-cdk")
    elif importlib.util.find_spec("cdk_guardrails") is None:
        note("no-guardrails")
        sys.exit(2)
    else:
        note("cdk")


def _run_their_own() -> None:
    """The environment's own sitecustomize, which ours hides."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != HERE]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        importlib.import_module("sitecustomize")
    except ModuleNotFoundError as error:
        if error.name != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


if INSTRUCTIONS:
    sys.meta_path.insert(0, Finder())
_run_their_own()
