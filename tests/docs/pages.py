"""A page of the docs as a reader works through it: its files are written, its commands and programs run, in order."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from markdown_it import MarkdownIt

from cdk_guardrails.settings import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT: Final = Path(__file__).resolve().parent.parent.parent
NOT_RUN: Final = frozenset({"", "diff", "mermaid", "text"})
"""What is shown, and is neither a file nor to be run: listings, pictures."""

LEFT_ALONE: Final = ("pip", "git", "npx", "make")
"""Programs that the docs speak of and the tests do not run: they need a network or a remote, or run these tests."""

FILES: Final = {"toml": "guardrails.toml", "json": "shown.json", "yaml": "shown.yaml"}
"""What a block of a language is when it has no title."""

STOPS: Final = re.compile(r"<!-- exit (\d+) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block: what is in it, what it is, the file that it is, the exit code that a reader will see."""

    language: str
    title: str
    text: str
    exit: int
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    stops = 0
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block" and (stop := STOPS.search(token.content)):
            stops = int(stop[1])
        if token.type == "fence":
            language, _, rest = token.info.strip().partition(" ")
            title = re.search(r'title="([^"]+)"', rest)
            line = token.map[0] + 1 if token.map else 0
            yield Block(language, title[1] if title else "", token.content, stops, line)
            stops = 0


def work_through(page: Path, folder: Path, paths: Mapping[str, str]) -> None:
    """Does what the page says, in ``folder``. Raises AssertionError that names the line of what does not work."""
    (folder / "cdk.json").write_text('{"app": "python shop.py"}')
    for block in blocks(page):
        if block.language in NOT_RUN:
            continue
        problem = _done(block, folder, {**_environment(), **paths})
        assert not problem, f"{page.name}:{block.line}: {problem}"


def _done(block: Block, folder: Path, environment: Mapping[str, str]) -> str:
    """What is wrong with a block, "" when it does what it should."""
    if block.title or block.language in FILES:
        file = folder / (block.title or FILES[block.language])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        return _checked(file)
    if block.language == "python":
        (folder / "pasted.py").write_text(_complete(block.text), encoding="utf-8")
        return _ran([sys.executable, "pasted.py"], folder, environment, block.exit)
    if block.language == "shell":
        commands = block.text.splitlines()
        wanted = [0] * (len(commands) - 1) + [block.exit]
        for command, code in zip(commands, wanted, strict=True):
            if problem := _ran(shlex.split(command), folder, environment, code):
                return problem
        return ""
    return f"no test knows how to run a block of {block.language}"


def _checked(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        data: Any = tomllib.loads(text)
        if file.name == "guardrails.toml" or "cdk-guardrails" in data.get("tool", {}):
            Settings.load({}, None, file.parent)
    elif file.suffix in (".yaml", ".yml"):
        try:
            data = yaml.load(text, _Loader)
        except yaml.YAMLError as error:
            return f"{file.name}: {error}"
    elif file.suffix == ".json":
        data = json.loads(text)
    elif file.suffix == ".py":
        data = compile(text, str(file), "exec")
    else:
        return f"no test knows what is in {file.name}"
    return "" if data else "it is empty"


class _Loader(yaml.SafeLoader):
    """Takes CloudFormation's short tags as they stand."""


_Loader.add_multi_constructor("!", lambda *_: None)


def _complete(code: str) -> str:
    """A line that speaks of the reader's app, with an app around it."""
    if "import " in code:
        return code
    return f"import aws_cdk as cdk\nfrom cdk_guardrails import Guardrails\napp = cdk.App()\n{code}"


def _ran(command: list[str], folder: Path, environment: Mapping[str, str], code: int) -> str:
    if command[0] in LEFT_ALONE:
        return ""
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        return f"{command[0]} is not there"
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr)[-3000:]
    return "" if done.returncode == code else f"{shlex.join(command)} ended with {done.returncode}, not {code}:\n{said}"


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return {**kept, "PYTHONPATH": str(ROOT), "CDK_VALIDATION": "false", "NO_COLOR": "1"}
