"""The host for what lies on disk: template files, folders of them, cloud assemblies, and stdin."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from cdk_guardrails import assembly
from cdk_guardrails.baseline import Baselines
from cdk_guardrails.engine import Outcome
from cdk_guardrails.errors import TemplateError
from cdk_guardrails.judging import judge as judge_app
from cdk_guardrails.locating import locate
from cdk_guardrails.own_findings import about_suppressions
from cdk_guardrails.rules.base import Finding, Rule
from cdk_guardrails.rules.registry import all_rules
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import App
from cdk_guardrails.template.loader import Source, load, loads

STDIN: Final = "-"
"""The path, and the template's name, that stands for stdin."""

MAX_BYTES: Final = 10_000_000
"""A template file that is larger is refused: CloudFormation takes 1 MB.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

_SUFFIXES: Final = (".json", ".template", ".yaml", ".yml")
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


@dataclass
class Templates:
    """What was read: one App of all templates, and what hosts know beside them.

    ``sources``: the texts of plain templates by the templates' names, for edits. ``assemblies``: the folders that were
    read as such. ``suppressions``: those of constructs. ``problems``: what could not be judged.
    """

    app: App = field(default_factory=App)
    sources: dict[str, Source] = field(default_factory=dict)
    assemblies: list[Path] = field(default_factory=list)
    suppressions: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)


def read(paths: Iterable[str | os.PathLike[str]], stdin: BinaryIO | None = None) -> Templates:
    """Reads templates: files, folders with all below them, cloud assemblies, and ``-`` for ``stdin``.

    A file is read once, however often it is named. Raises TemplateError or AssemblyError, which name the file and what
    was expected.
    """
    found = Templates()
    seen: set[Path] = set()
    for path in map(Path, paths):
        for place in _places(path):
            # Not resolve(), which raises RuntimeError for links in a circle.
            real = place if str(place) == STDIN else Path(os.path.realpath(place))
            if real not in seen:
                seen.add(real)
                _add(found, place, stdin)
    return found


def judge(
    templates: Templates, settings: Settings, *, rules: Sequence[Rule] | None = None, fix: bool = False
) -> Outcome:
    """What the rules, all by default, say of ``templates``; with ``fix``, fixes are applied to ``templates.app``."""
    asked = list(all_rules().values()) if rules is None else rules
    outcome, suppressions = judge_app(templates.app, asked, settings, templates.suppressions, fix=fix)
    judged = frozenset(rule.id for rule in asked)
    baselines = Baselines()
    baselines.hold(outcome, settings)
    outcome.findings += [*templates.problems, *about_suppressions(suppressions, judged)]
    locate(outcome, templates.app)
    outcome.findings = list(dict.fromkeys(outcome.findings))
    if templates.assemblies and rules is None and not settings.lint_source:  # else what is not found need not be gone
        outcome.notes += baselines.notes(outcome.findings)
    return outcome


def _places(path: Path) -> Iterator[Path]:
    """The files and assemblies that ``path`` stands for. Raises TemplateError when there is none."""
    if str(path) == STDIN or not path.is_dir() or assembly.is_assembly(path):
        yield path
        return
    found = list(_below(path))
    if not found:
        raise TemplateError(
            f"{path}: expected a template, a folder with templates ({', '.join(_SUFFIXES)}) or a cloud assembly"
            f" (a folder with {assembly.MANIFEST}); it holds none"
        )
    yield from found


def _below(folder: Path) -> Iterator[Path]:
    """The templates and assemblies below ``folder``, in order; what else is JSON or YAML is passed over."""
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        here = Path(place)
        kept = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        assemblies = [name for name in kept if assembly.is_assembly(here / name)]
        folders[:] = [name for name in kept if name not in assemblies]
        yield from (here / name for name in assemblies)
        yield from (here / name for name in sorted(files) if _may_be_template(here / name))


def _unreadable(error: OSError) -> None:
    raise TemplateError(f"{error.filename}: cannot be read: {error.strerror}")


def _may_be_template(file: Path) -> bool:
    """Whether a file that nobody named is to be read: a template that is damaged must not pass for another file."""
    if file.suffix.lower() not in _SUFFIXES or not file.is_file():
        return False
    try:
        text = file.read_bytes() if file.stat().st_size <= MAX_BYTES else b"Resources AWS::"
    except OSError as error:
        raise TemplateError(f"{file}: cannot be read: {error.strerror}") from None
    return b"Resources" in text and b"AWS::" in text


def _add(found: Templates, place: Path, stdin: BinaryIO | None) -> None:
    if place.is_dir():
        _add_assembly(found, place)
        return
    source = _from_stdin(stdin) if str(place) == STDIN else _from_file(place)
    _check_new(found, source.name)
    found.sources[source.name] = source
    template = source.template(found.app)
    template.file = "" if source.name == STDIN else source.name


def _add_assembly(found: Templates, folder: Path) -> None:
    described = assembly.describe(folder)
    for stack in described["templates"].values():
        _check_new(found, stack["path"])
    if not described["templates"]:
        raise TemplateError(f"{folder}: expected a cloud assembly with a stack, its {assembly.MANIFEST} names none")
    found.assemblies.append(folder)
    found.problems += assembly.read_templates(described, found.app)
    found.suppressions += described["suppressions"]


def _check_new(found: Templates, name: str) -> None:
    if any(template.name == name for template in found.app.templates):
        raise TemplateError(f"{name}: two templates have this name: check them one after the other")


def _from_file(file: Path) -> Source:
    with contextlib.suppress(OSError):  # `load` says what is wrong with it
        _check_size(str(file), file.stat().st_size)
    return load(file)


def _from_stdin(stdin: BinaryIO | None) -> Source:
    data = stdin.read(MAX_BYTES + 1) if stdin else b""
    _check_size(STDIN, len(data))
    try:
        return loads(data.decode("utf-8"), STDIN)
    except UnicodeDecodeError as error:
        raise TemplateError(f"{STDIN}: expected UTF-8 text, byte {error.start + 1} is something else") from None


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        over = f"this is larger than {MAX_BYTES // 1_000_000} MB"
        raise TemplateError(f"{name}: expected a CloudFormation template, which has at most 1 MB; {over}")
