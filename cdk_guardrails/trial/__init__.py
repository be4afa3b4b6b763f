"""Runs an app with Guardrails attached and no change to its source, in a process of its own; says what came of it."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.report.json_format import REPORT_FILE, from_json
from cdk_guardrails.report.model import Report, Summary
from cdk_guardrails.trial import app_command
from cdk_guardrails.trial.app_command import AppCommand
from cdk_guardrails.trial.comparing import AT_RISK, Comparison, compare, without_noise

_STARTUP: Final = Path(__file__).parent.with_name("attach") / "startup"
_INSTALL: Final = {
    "uv": "uv add --dev cdk-guardrails",
    "poetry": "poetry add --group dev cdk-guardrails",
    "pipenv": "pipenv install --dev cdk-guardrails",
    "pdm": "pdm add --dev cdk-guardrails",
}
"""How to install into the environment that a launcher starts the app in."""

_STDERR: Final = 2

Note = Mapping[str, Any]


class TrialError(GuardrailsError):
    """The app did not come to an end that could be judged; or the output folder is not free."""


@dataclass(frozen=True)
class Ran:
    """One run of an app. ``code``: its exit code; ``notes``: what happened inside; ``outdir``: the cloud assembly."""

    app: AppCommand
    code: int
    notes: Sequence[Note]
    outdir: Path

    @property
    def failure(self) -> str:
        """What to say when the app itself failed, "" when it did not."""
        if not self.code and not self.noted("failed"):
            return ""
        text = f"`{self.app.shown}` ended with exit code {self.code}" if self.code else f"`{self.app.shown}` failed"
        unset = [name for name in ("CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION") if name not in os.environ]
        hint = f" {' and '.join(unset)} are not set; the CDK CLI takes them from your AWS profile." if unset else ""
        return f"{text}; its own words are above.{hint}"

    def noted(self, event: str) -> Note | None:
        """The first note of this kind."""
        return next((note for note in self.notes if note["event"] == event), None)

    @property
    def missing_lookups(self) -> int:
        """Values of the account that cdk.context.json does not hold, so that CDK used dummies. Raises OSError."""
        manifests = [json.loads(file.read_text(encoding="utf-8")) for file in _files(self.outdir, "manifest.json")]
        return sum(len(manifest.get("missing") or ()) for manifest in manifests if isinstance(manifest, dict))

    def report(self) -> Report:
        """What Guardrails fixed and found, in all Apps that the process made. Raises ReportError, OSError."""
        files = _files(self.outdir, REPORT_FILE)
        return merged([from_json(file.read_text(encoding="utf-8"), str(file)) for file in files])


def run(app: AppCommand, outdir: Path, arguments: Mapping[str, Any] | None) -> Ran:
    """Runs ``app`` with ``Guardrails(**arguments)``; None: without. Its output goes to stderr, its assembly to outdir.

    Raises TrialError when there is nothing to judge, saying why; OSError when the command cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="cdk-guardrails-") as name:
        scratch = Path(name)
        instructions = {"arguments": arguments or {}, "attach": arguments is not None, "outdir": str(outdir)}
        (scratch / "instructions.json").write_text(json.dumps(instructions), encoding="utf-8")
        environment = app_command.environment(app, outdir, scratch)
        path = [str(_STARTUP), *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(path)
        environment["CDK_GUARDRAILS_TRIAL"] = str(scratch / "instructions.json")
        code = _started(app, app.build, environment) if app.build else 0
        code = code or _started(app, app.command, environment)
        ran = Ran(app, code, _read_notes(scratch / "notes.jsonl"), outdir)
    _refuse_nothing(ran, REPORT_FILE if arguments is not None else "manifest.json")
    return ran


def compared(without: Ran, ran: Ran) -> Comparison:
    """What differs. When something is to go, the app is run once more without, to leave out what differs by itself.

    Raises as `run` and `compare`.
    """
    comparison = compare(without.outdir, ran.outdir)
    if not any(comparison.count(kind) for kind in AT_RISK):
        return comparison
    with folder_for(None) as folder:
        again = run(without.app, folder, None)
        return without_noise(comparison, compare(without.outdir, again.outdir))


def merged(reports: Sequence[Report]) -> Report:
    """One report of several, of which there is at least one: lists one after the other, counts added."""
    first = reports[0]
    lists = ("fixes", "findings", "suppressed", "crashes", "failed_fixes", "uncovered", "resources")
    counts = (field.name for field in dataclasses.fields(Summary))
    together: dict[str, Any] = {
        **{name: tuple(entry for report in reports for entry in getattr(report, name)) for name in lists},
        "settled": all(report.settled for report in reports),
        "summary": Summary(**{name: sum(getattr(report.summary, name) for report in reports) for name in counts}),
    }
    return dataclasses.replace(first, **together)


@contextmanager
def folder_for(output: Path | None) -> Iterator[Path]:
    """Where assemblies go: ``output``, or a folder that is removed afterwards, so that no cdk.out is overwritten.

    Raises TrialError when ``output`` holds something already.
    """
    if output is None:
        with tempfile.TemporaryDirectory(prefix="cdk-guardrails-") as name:
            yield Path(name).resolve()
        return
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise TrialError(f"{output}: expected a new or an empty folder, so that nothing is overwritten")
    yield output.resolve()


def _started(app: AppCommand, command: str | tuple[str, ...], environment: Mapping[str, str]) -> int:
    in_shell = isinstance(command, str)  # a line of cdk.json, which the CDK CLI runs so, too
    if not isinstance(command, str):
        command = (shutil.which(command[0], path=environment.get("PATH")) or command[0], *command[1:])
    done = subprocess.run(  # noqa: S603
        command, shell=in_shell, cwd=app.folder, env=environment, stdout=_STDERR, check=False
    )
    return done.returncode


def _read_notes(file: Path) -> list[Note]:
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _files(outdir: Path, name: str) -> list[Path]:
    """The files of this name in an assembly and those below it, without what is in assets."""
    found = sorted(outdir.rglob(name))
    return [file for file in found if not any(part.startswith("asset.") for part in file.relative_to(outdir).parts)]


def _refuse_nothing(ran: Ran, wanted: str) -> None:
    """Raises TrialError that says why when the run wrote no ``wanted``, or was ended by us."""
    for event, said in _SAID.items():
        if note := ran.noted(event):
            raise TrialError(said(ran, note))
    if _files(ran.outdir, wanted):
        return
    if ran.failure:
        if note := ran.noted("no-cdk"):
            raise TrialError(_no_cdk(ran, note))
        raise TrialError(ran.failure)
    if not ran.noted("cdk"):
        text = f"`{ran.app.shown}`: no Python in it imported aws_cdk, so there was nothing to attach Guardrails to."
        raise TrialError(f"{text} Only Python apps can be tried so, and not with `python -I`, `-E` or `-S`")
    raise TrialError(f"`{ran.app.shown}` synthesized no App with a stack in it")


def _no_guardrails(ran: Ran, note: Note) -> str:
    if tuple(note["python"]) < (3, 10):
        version = ".".join(map(str, note["python"]))
        return f"the app runs in {note['executable']}, which is Python {version}; cdk-guardrails needs 3.10 or later"
    return f"the app runs in {note['executable']}, which has no cdk-guardrails: install it there, {_install(ran, note)}"


def _outdated(ran: Ran, note: Note) -> str:
    text = f"the cdk-guardrails of {note['executable']} cannot be attached ({note['error']}): update it there"
    return f"{text}, {_install(ran, note)}"


def _no_cdk(ran: Ran, note: Note) -> str:
    text = f"the app was run by {note['executable']}, which has no aws_cdk: activate the app's environment first"
    return f"{text}, or name its Python: cdk-guardrails synth -- .venv/bin/python app.py"


def _refused(ran: Ran, note: Note) -> str:
    return str(note["error"])


_SAID: Final[Mapping[str, Callable[[Ran, Note], str]]] = {
    "no-guardrails": _no_guardrails,
    "outdated": _outdated,
    "refused": _refused,
}
"""What ended a run from inside, and what to say of it."""


def _install(ran: Ran, note: Note) -> str:
    program = ran.app.shown.split()[0].rpartition("/")[2]
    return f"`{_INSTALL.get(program) or shlex.join([note['executable'], '-m', 'pip', 'install', 'cdk-guardrails'])}`"
