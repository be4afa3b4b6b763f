"""The command ``cdk-guardrails``: its commands by name, each imported when it runs, and how every run ends.

Exit codes: 0 clean, 1 findings, 2 usage, settings or input, 3 a rule crashed. Nothing here starts Node.js.
"""

from __future__ import annotations

import functools
import importlib
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cdk_guardrails._version import __version__
from cdk_guardrails.commands.endings import INTERRUPTED, Exit
from cdk_guardrails.commands.terminal import PROGRAM, open_streams, plain, print_text, say
from cdk_guardrails.errors import GuardrailsError
from cdk_guardrails.masking import mask_text

COMMANDS: Final[Mapping[str, str]] = {
    "check": "Judge templates or a cloud assembly.",
    "fix": "Apply the fixes to plain templates.",
    "synth": "Run the app of cdk.json with Guardrails attached.",
    "lint": "Judge the app's own Python.",
    "report": "Show the report of the last synth in any format.",
    "baseline": "Write the known findings to a file.",
    "rules": "List the rules.",
    "explain": "Show the page of a rule.",
    "init": "Set up a repository.",
}
"""Every command with its line in the help: a function of this name in the module of this name in ``commands/``."""

_EPILOG: Final = "Exit codes: 0 clean, or all fixed; 1 findings; 2 usage, settings or input; 3 a rule crashed."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code. ``argv`` is without the program's name; None: the process's own."""
    open_streams()
    return _guarded(functools.partial(_run, argv))


def _run(argv: Sequence[str] | None) -> int:
    try:
        _program().main(args=argv, prog_name=PROGRAM)
    except SystemExit as stop:  # Typer ends so, always
        return stop.code if isinstance(stop.code, int) else Exit.USAGE
    return Exit.CLEAN


class _Commands(TyperGroup):
    """The commands by name. Help and completion know their lines without importing them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, line in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=line)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is to run, with its own parameters."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, command(name or ""), rest


def command(name: str) -> Any:
    """The command of this name, imported now, with its parameters."""
    module = importlib.import_module(f"cdk_guardrails.commands.{name}")
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, epilog=_EPILOG, no_args_is_help=False)(_ending(getattr(module, name)))
    return get_command(app)


def _program() -> Any:
    app = typer.Typer(cls=_Commands, rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})
    app.callback(epilog=_EPILOG)(_options)
    return get_command(app)


def _version(wanted: bool) -> None:
    if wanted:
        print_text(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Finds and fixes what is wrong with a CDK app."""


def _ending(function: Callable[..., int]) -> Callable[..., None]:
    """``function`` as Typer wants it: its return value becomes the exit code."""

    @functools.wraps(function)
    def ended(**arguments: Any) -> None:
        raise typer.Exit(_guarded(functools.partial(function, **arguments)))

    return ended


def _place_of(error: OSError) -> str:
    """What an error that names no file is about: somebody may have removed the folder that we were started in."""
    try:
        return str(error.filename or (os.getcwd() and "an output"))
    except OSError:
        return "the current folder"


def _guarded(run: Callable[[], int]) -> int:
    """Every way for a command to end is an exit code, without a traceback for what is the user's own."""
    try:
        return int(run())
    except GuardrailsError as error:
        say(f"error: {plain(mask_text(str(error)))}")  # which may quote a template or the settings
    except OSError as error:
        say(plain(f"error: {_place_of(error)}: {error.strerror or error}"))
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except (typer.Exit, typer.BadParameter):  # said by Typer
        raise
    except Exception as error:  # ours; not its message, which may quote a secret
        say("".join(traceback.format_tb(error.__traceback__)))
        say(f"error: a fault of ours, not of your code: {type(error).__name__}. Please report the lines above.")
        return Exit.CRASH
    return Exit.USAGE
