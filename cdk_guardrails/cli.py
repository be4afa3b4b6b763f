"""The command ``cdk-guardrails``. Exit codes: 0 clean, 1 findings, 2 usage or settings, 3 a rule crashed.

``lint`` judges the app's own Python. Findings go to stdout, all else to stderr. Nothing here starts Node.js.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cdk_guardrails._version import __version__
from cdk_guardrails.errors import GuardrailsError, SettingsError, nearest

if TYPE_CHECKING:
    from cdk_guardrails.engine import Outcome
    from cdk_guardrails.rules.base import Finding, SourceRule
    from cdk_guardrails.settings import Settings

FORMATS: Final = ("text", "json")
THRESHOLDS: Final = {"error": ("error",), "warning": ("error", "warning"), "never": ()}
"""What ``--fail-on`` means: the severities that exit with 1."""

INTERRUPTED: Final = 130
"""What a shell gives for Ctrl-C."""


class Exit(IntEnum):
    """The exit codes."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    CRASH = 3


@dataclass(frozen=True)
class LintOptions:
    """What ``lint`` was asked for. ``select``: the rules to ask, all when empty; ``ignore``: those to leave out."""

    paths: tuple[str, ...]
    format: str = "text"
    environment: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code. ``argv`` is without the program's name; None: the process's own."""
    try:
        options = _parsed(argv)
    except SystemExit as stop:  # argparse has said why, or given its help
        return stop.code if isinstance(stop.code, int) else Exit.USAGE
    return _guarded(options)


def _guarded(options: LintOptions) -> int:
    """Every way for a command to end is an exit code, without a traceback for what is the user's own."""
    try:
        return lint_command(options)
    except GuardrailsError as error:
        _say(f"error: {error}")
    except OSError as error:
        _say(f"error: {error.filename or 'an output'}: {error.strerror or error}")
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except Exception as error:  # ours; not its message, which may quote a secret
        _say("".join(traceback.format_tb(error.__traceback__)))
        _say(f"error: a fault of ours, not of your code: {type(error).__name__}. Please report the lines above.")
        return Exit.CRASH
    return Exit.USAGE


def lint_command(options: LintOptions) -> int:
    """Judges the Python files in ``options.paths``; prints what is wrong; returns the exit code.

    Raises GuardrailsError for a path that is not there, an unknown rule, or settings that are not right.
    """
    from cdk_guardrails.linting import lint
    from cdk_guardrails.rules.registry import source_rules
    from cdk_guardrails.source.project import Project, python_files

    rules = _chosen(source_rules(), options)
    settings = _switched_on(load_settings(options.environment, Path.cwd()), options.select)
    files = list(python_files([Path(path) for path in options.paths]))
    outcome = lint(Project(files), settings, rules=rules)
    findings = _in_order(outcome.findings)
    _print(to_json(findings) if options.format == "json" else to_text(findings))
    for finding in findings:
        if not finding.origin.source:
            _say(f"{finding.severity.value}: {_plain(finding.message)} {finding.remedy}".rstrip())
    for crash in outcome.crashes:
        _say(crash.traceback)
    _say(summary(findings, outcome, len(files)))
    return _exit_code(findings, outcome, options.fail_on)


def load_settings(environment: str | None, directory: Path) -> Settings:
    """The settings as an app in ``directory`` has them, from cdk.json's context and the settings file.

    Raises SettingsError.
    """
    from cdk_guardrails.settings import Settings

    return Settings.load({"environment": environment}, _context(directory / "cdk.json"), directory)


def _context(file: Path) -> Any:
    if not file.is_file():
        return None
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise SettingsError(f"{file}: expected JSON: {error}") from None
    context = data.get("context") if isinstance(data, Mapping) else None
    return context.get("cdk-guardrails") if isinstance(context, Mapping) else None


def _chosen(rules: Mapping[str, SourceRule], options: LintOptions) -> list[SourceRule]:
    for option, ids in (("--select", options.select), ("--ignore", options.ignore)):
        for id_ in ids:
            if id_ not in rules:
                raise SettingsError(f"{option}: there is no source rule '{id_}'.{nearest(id_, rules)}")
    wanted = options.select or tuple(rules)
    return [rule for id_, rule in rules.items() if id_ in wanted and id_ not in options.ignore]


def _switched_on(settings: Settings, ids: Iterable[str]) -> Settings:
    """A rule that is asked for by name runs, whatever the settings or the profile say of it."""
    from cdk_guardrails.settings import RuleOverride

    said = dict(settings.rules)
    for id_ in ids:
        override = said.get(id_, RuleOverride())
        said[id_] = replace(override, severity=None) if override.severity == "off" else override
    return replace(settings, rules=said)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, by place; those that have none first."""
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.origin.place, finding.id, finding.message))


def to_json(findings: Iterable[Finding]) -> str:
    """The findings for programs. In ASCII, so that it is the same on every terminal."""
    return json.dumps({"findings": [_row(finding) for finding in findings if finding.origin.source]}, indent=2) + "\n"


def _row(finding: Finding) -> dict[str, Any]:
    path, line, column = finding.origin.place
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": path,
        "line": line,
        "column": max(column, 1),
        "suggestion": finding.remedy,
    }


def to_text(findings: Iterable[Finding]) -> str:
    """The findings for people: ``path:line:column: severity rule: message``, and below it what to do."""
    return "".join(_lines(finding) for finding in findings if finding.origin.source)


def _lines(finding: Finding) -> str:
    path, line, column = finding.origin.place
    said = f"{finding.severity.value} {finding.id}: {finding.message}"
    advice = f"    {_plain(finding.remedy)}\n" if finding.remedy else ""
    return f"{_plain(path)}:{line}:{max(column, 1)}: {_plain(said)}\n{advice}"


def _plain(text: str) -> str:
    """``text`` in one line, and nothing that a terminal takes for a command: names of files may hold anything."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def summary(findings: Sequence[Finding], outcome: Outcome, files: int) -> str:
    """One line: how many files, and how many findings of each kind."""
    counts = {f"{kind}s": sum(finding.severity.value == kind for finding in findings) for kind in ("error", "warning")}
    counts |= {"suppressed": len(outcome.suppressed)}
    counts |= {"rules crashed": len(outcome.crashes)} if outcome.crashes else {}
    return f"files {files}, {', '.join(f'{name} {number}' for name, number in counts.items())}"


def _exit_code(findings: Iterable[Finding], outcome: Outcome, fail_on: str) -> int:
    if outcome.crashes:
        return Exit.CRASH
    severities = THRESHOLDS[fail_on]
    return Exit.FINDINGS if any(finding.severity.value in severities for finding in findings) else Exit.CLEAN


def _print(text: str) -> None:
    """Writes to stdout what its encoding can say. A reader that has gone away (``| head``) has read enough."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # So that the interpreter does not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    sys.stderr.write(f"cdk-guardrails: {text}\n")


def _parsed(argv: Sequence[str] | None) -> LintOptions:
    parser = argparse.ArgumentParser(
        prog="cdk-guardrails", description="Finds what is wrong with a CDK app.", epilog=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    lint = commands.add_parser("lint", help="judge the app's own Python", allow_abbrev=False)
    lint.add_argument("paths", nargs="+", metavar="PATH", help="a Python file, or a folder with all below it")
    lint.add_argument("--format", choices=FORMATS, default="text", help="how to print findings (default: text)")
    lint.add_argument("--environment", help="the environment, as for Guardrails (default: the strictest)")
    lint.add_argument("--select", type=_ids, action="extend", default=[], metavar="IDS", help="only these rules")
    lint.add_argument("--ignore", type=_ids, action="extend", default=[], metavar="IDS", help="all rules but these")
    lint.add_argument(
        "--fail-on", choices=tuple(THRESHOLDS), default="error", help="the least severity that exits with 1"
    )
    given = vars(parser.parse_args(argv))
    del given["command"]
    lists_frozen: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
    return LintOptions(**lists_frozen)


def _ids(text: str) -> list[str]:
    return [id_.strip() for id_ in text.split(",") if id_.strip()]
