"""The CDK app that is set up: its folder, the program that cdk.json runs, and the lines that attach Guardrails."""

from __future__ import annotations

import ast
import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.plain_text import plain
from cdk_guardrails.starter.files import read_if_there

LIBRARY: Final = "cdk_guardrails"


@dataclass(frozen=True)
class CdkApp:
    """``directory`` holds cdk.json, ``root`` is the repository's; ``command`` runs the app, ``output`` is its cdk.out.

    ``file`` is the Python file that the command runs, None when the command does not name one that is there.
    """

    root: Path
    directory: Path
    command: str
    output: str
    file: Path | None

    @property
    def folder(self) -> str:
        """The app's folder seen from the repository's root, with slashes; ``.`` for the root itself."""
        return self.directory.relative_to(self.root).as_posix()

    @property
    def shown_file(self) -> str:
        """The file seen from the app's folder, for people."""
        return plain(self.file.relative_to(self.directory).as_posix()) if self.file else ""


def read_app(directory: Path, root: Path) -> CdkApp:
    """The app that ``directory``'s cdk.json describes. Raises GuardrailsError when there is none, or it is broken."""
    here = Path(os.path.realpath(directory))
    text = read_if_there(here / "cdk.json")
    if text is None:
        raise GuardrailsError(f"{directory}: expected a folder with cdk.json, the one of a CDK app.{_hint(here)}")
    data = _json(here / "cdk.json", text)
    command = data.get("app", "")
    command = shlex.join(map(str, command)) if isinstance(command, list) else str(command)
    output = data.get("output") or "cdk.out"
    return CdkApp(root, here, command, str(output), _file(here, command))


def _hint(directory: Path) -> str:
    found = [*directory.glob("*/cdk.json"), *directory.glob("*/*/cdk.json")]
    folders = sorted(file.parent.relative_to(directory).as_posix() for file in found if "node_modules" not in str(file))
    return f" There is one in {', '.join(folders[:3])}." if folders else ""


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise GuardrailsError(f"{path}: expected JSON: {error}") from None
    if not isinstance(data, dict):
        raise GuardrailsError(f"{path}: expected a JSON object, as the CDK does")
    return data


def _file(directory: Path, command: str) -> Path | None:
    """``app.py`` of ``python3 app.py``, ``shop/__main__.py`` of ``python -m shop``."""
    try:
        words = shlex.split(command, posix=True)
    except ValueError:
        return None
    for before, word in zip(["", *words], words, strict=False):
        module = word.replace(".", "/") if before == "-m" else ""
        names = [f"{module}.py", f"{module}/__main__.py"] if module else [word] if word.endswith(".py") else []
        for name in names:
            file = Path(os.path.realpath(directory / name))
            if file.is_file() and file.is_relative_to(directory):
                return file
    return None


def advice(app: CdkApp) -> Iterator[str]:
    """What is left to do by hand, a step each."""
    requirements = app.directory / "requirements.txt"
    needs = read_if_there(requirements)
    if needs is not None and "cdk-guardrails" not in needs.replace("_", "-"):
        yield "Add to requirements.txt:\n\n    cdk-guardrails\n"
    yield from _lines_to_add(app)
    yield "Run `cdk synth`, then `cdk-guardrails baseline` for what is to be fixed later."


def _lines_to_add(app: CdkApp) -> Iterator[str]:
    if app.file is None:
        said = f"runs `{plain(app.command)}`" if app.command else "names no app"
        yield _step(f"cdk.json {said}. Add to the Python file that makes the App", "app", "cdk")
        return
    try:
        tree = ast.parse(read_if_there(app.file) or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield _step(f"{app.shown_file} is not Python that can be read here. Add to it", "app", "cdk")
        return
    read = _Read(tree)
    if LIBRARY not in read.imported:
        yield _step(f"Add to {app.shown_file}", read.app, read.alias, read.synth)


def _step(where: str, app: str, alias: str, synth: int = 0) -> str:
    """What to add for the App in the variable ``app``, which line ``synth`` synthesizes, 0 for one that is not known.

    ``alias`` is what the file calls aws_cdk, "" for nothing. The import switches on the CDK's stack traces, so that
    constructs made before it have no file and line.
    """
    imports = [*([] if alias else ["from aws_cdk import Aspects"]), "from cdk_guardrails import Guardrails"]
    attach = f"Aspects.of({app}).add(Guardrails())"
    place = f"above `{app}.synth()`, which is line {synth} now" if synth else "before the App is synthesized"
    first = f"{where}, with the imports at the top, so that findings name your lines:{_block(*imports)}"
    return f"{first}\nand {place}:{_block(f'{alias}.{attach}' if alias else attach)}"


def _block(*lines: str) -> str:
    return "\n\n" + "".join(f"    {line}\n" for line in lines)


class _Read:
    """What the app's file says of itself: what it imports, the variable of its App, the line that synthesizes."""

    def __init__(self, tree: ast.Module) -> None:
        self.app, self.alias, self.synth = "app", "", 0
        self.imported: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._modules(node)
            elif isinstance(node, ast.ImportFrom):
                self.imported.add((node.module or "").partition(".")[0])
            elif isinstance(node, ast.Assign) and _called(node.value) == "App":
                self._variable(node.targets[0])
        self.synth = min((_synth_lines(tree, self.app)), default=0)

    def _modules(self, node: ast.Import) -> None:
        for name in node.names:
            self.imported.add(name.name.partition(".")[0])
            if name.name == "aws_cdk":
                self.alias = name.asname or name.name

    def _variable(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name | ast.Attribute):
            self.app = ast.unparse(target)


def _called(node: ast.AST) -> str:
    """The last part of the name that is called: ``App`` of ``cdk.App()``."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def _synth_lines(tree: ast.Module, app: str) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "synth" and ast.unparse(node.func) == f"{app}.synth":
            yield node.lineno
