"""How an app is started: the command and the context of cdk.json, and the environment, as the CDK CLI makes them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.input_files import read_bytes
from cdk_guardrails.settings.files import TABLE

CDK_JSON: Final = "cdk.json"
ENVIRONMENT_LIMIT: Final = 32_760 if sys.platform == "win32" else 131_072
"""Bytes of environment variables and their names; the context beyond that goes to a file."""

BUNDLING: Final = "aws:cdk:bundling-stacks"

_OTHER_LANGUAGES: Final = {
    **dict.fromkeys(("bun", "deno", "node", "npx", "ts-node", "tsx"), "JavaScript or TypeScript"),
    **dict.fromkeys(("gradle", "gradlew", "java", "mvn", "mvnw"), "Java"),
    "dotnet": ".NET",
    "go": "Go",
}
_OFF_SWITCHES: Final = {
    "pathMetadata": "aws:cdk:enable-path-metadata",
    "assetMetadata": "aws:cdk:enable-asset-metadata",
    "versionReporting": "aws:cdk:version-reporting",
}
"""Keys of cdk.json that are on unless it says false, and what the CLI makes of them in the context."""


class AppCommandError(GuardrailsError):
    """There is no app to run, or none that can be tried."""


@dataclass(frozen=True)
class AppCommand:
    """``command``: a line for the shell, as in cdk.json, or words. ``build``: a line to run before, or ""."""

    folder: Path
    command: str | tuple[str, ...]
    context: Mapping[str, Any]
    build: str = ""

    @property
    def shown(self) -> str:
        """The command as one would type it."""
        return self.command if isinstance(self.command, str) else shlex.join(self.command)

    @property
    def bundles(self) -> bool:
        """Whether assets may be built in containers."""
        return bool(self.context[BUNDLING])


def read(folder: Path, command: Sequence[str] = (), context: Sequence[str] = ()) -> AppCommand:
    """The app of the cdk.json in ``folder``, with ``command`` in place of its own; ``context``: ``key=value`` each.

    Raises AppCommandError when there is none, when it is no Python app, or when cdk.json is not right.
    """
    project, user = _json(folder / CDK_JSON), _json(Path.home() / ".cdk.json")
    app = tuple(command) or project.get("app") or user.get("app")
    if not app:
        raise AppCommandError(_no_app(folder))
    if isinstance(app, list):
        app = " ".join(map(str, app))  # what the CLI gives to the shell
    if not isinstance(app, str | tuple):
        raise AppCommandError(f"{folder / CDK_JSON}: app: expected a command, not {app!r}")
    made = AppCommand(folder, app, _context(folder, project, user, context), str(project.get("build") or ""))
    _refuse_others(made)
    return made


def environment(app: AppCommand, outdir: Path, scratch: Path) -> dict[str, str]:
    """The variables that the CLI sets. CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION stay as they are.

    ``scratch``: a folder for context that is too much for a variable. Raises OSError.
    """
    made = {**os.environ, "CDK_OUTDIR": str(outdir)}
    made.pop("CDK_CONTEXT_JSON", None)
    used = sum(len(os.fsencode(name)) + len(os.fsencode(value)) for name, value in made.items())
    small, rest = split(app.context, ENVIRONMENT_LIMIT - used - len("CDK_CONTEXT_JSON"))
    made["CDK_CONTEXT_JSON"] = json.dumps(small)
    if rest:
        file = scratch / "context-overflow.json"
        file.write_text(json.dumps(rest), encoding="utf-8")
        made["CONTEXT_OVERFLOW_LOCATION_ENV"] = str(file)
    return made


def split(context: Mapping[str, Any], space: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What fits into ``space`` bytes of JSON, our own settings first, and the rest."""
    small: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    used = len("{}")
    for key in sorted(context, key=lambda key: key != TABLE):
        size = len(json.dumps({key: context[key]}))
        fits = used + size <= space
        used += size if fits else 0
        (small if fits else rest)[key] = context[key]
    return small, rest


def _context(folder: Path, project: Mapping[str, Any], user: Mapping[str, Any], given: Sequence[str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise AppCommandError(f"--context {pair}: expected KEY=VALUE")
        said[key] = value
    sources = [user.get("context"), _json(folder / "cdk.context.json"), project.get("context"), said]
    context = {key: value for source in sources if isinstance(source, dict) for key, value in source.items()}
    context |= {key: True for name, key in _OFF_SWITCHES.items() if project.get(name, True)}
    if not project.get("versionReporting", True):
        context["aws:cdk:disable-version-reporting"] = True
    if not project.get("staging", True):
        context["aws:cdk:disable-asset-staging"] = True
    has_docker = shutil.which(os.environ.get("CDK_DOCKER", "docker")) is not None
    context[BUNDLING] = project.get("bundlingStacks", ["**"]) if has_docker else []
    return context


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        data = json.loads(read_bytes(file).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AppCommandError(f"{file}: expected JSON: {error}") from None
    if not isinstance(data, dict):
        raise AppCommandError(f"{file}: expected a JSON object")
    return data


def _no_app(folder: Path) -> str:
    advice = "or give the app's command: cdk-guardrails synth -- python3 app.py"
    if (folder / CDK_JSON).is_file():
        return f"{folder / CDK_JSON} has no 'app': add it, {advice}"
    near = [*(parent / CDK_JSON for parent in folder.parents[:3]), *sorted(folder.glob(f"*/{CDK_JSON}"))]
    found = next((f" One is in {file.parent}." for file in near if file.is_file()), "")
    return f"there is no {CDK_JSON} in {folder}.{found} Run this in the folder of the app, {advice}"


def _refuse_others(app: AppCommand) -> None:
    """Says at once what would else be known after a synthesis."""
    if isinstance(app.command, str) and (app.folder / app.command).is_dir():
        text = f"the app is a folder, a cloud assembly: `cdk-guardrails check {app.command}` judges it"
        raise AppCommandError(text)
    words = [word for word in _words(app.command) if not re.match(r"\w+=", word)]
    programs = [re.sub(r"\.(exe|cmd|bat)$", "", re.split(r"[/\\]", word)[-1]) for word in words[:3]] or [""]
    if "cdk" in programs or "aws-cdk" in programs:
        raise AppCommandError(f"`{app.shown}`: give the app's own command, such as python3 app.py, not the CDK CLI's")
    if programs[0] in _OTHER_LANGUAGES or programs[0].endswith((".js", ".ts")):
        language = _OTHER_LANGUAGES.get(programs[0], _OTHER_LANGUAGES["node"])
        text = f"`{app.shown}`: this app is in {language}; only Python apps can be tried so."
        raise AppCommandError(f"{text} `cdk-guardrails check cdk.out` judges what it synthesizes")


def _words(command: str | tuple[str, ...]) -> Sequence[str]:
    if not isinstance(command, str):
        return command
    try:
        return shlex.split(command)
    except ValueError:  # a line that only its shell understands
        return command.split()
