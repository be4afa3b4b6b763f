"""What the reports say of code: an app's own Python and the code of its functions, in the report's own situation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cdk_guardrails import engine
from cdk_guardrails.linting import lint
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.rules.registry import all_rules, every_rule
from cdk_guardrails.settings import Settings
from cdk_guardrails.source.project import Project, python_files
from cdk_guardrails.suppressions import Suppressions
from cdk_guardrails.template import App, Origin, Template

Files = Mapping[str, str]


@dataclass(frozen=True)
class CodeLine:
    """A line of a report in one situation.

    ``fails`` are files, of the app's own source or of the folders of its functions (``orders/app.py``; what lies below
    ``layer/`` is a layer that all of them have). ``finds`` are the findings, ``rule-id[detail] @ file:line``;
    ``near_misses`` look like it but are right: no finding of the same rules. ``shows`` stands in what is said.
    """

    line: str
    kind: Literal["source", "functions"]
    fails: Files
    finds: tuple[str, ...]
    near_misses: tuple[Files, ...]
    issue: str = ""
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The line as tests are named by it: ``A1.1-dict``."""
        return f"{self.line}-{self.issue}" if self.issue else self.line

    @property
    def rule_ids(self) -> frozenset[str]:
        """The ids of the rules that find it."""
        return frozenset(found.partition(" ")[0].partition("[")[0] for found in self.finds)

    def findings(self, files: Files, folder: Path) -> list[Finding]:
        """What the rules of this line say of ``files``, written to ``folder``."""
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        settings = Settings.load({"environment": "prod", "rules": dict(self.rules)})
        found = _linted(folder, settings) if self.kind == "source" else _checked(folder, settings)
        return [finding for finding in found if finding.rule in self.rule_ids]


def shown(finding: Finding) -> str:
    """A finding as `CodeLine.finds` has it."""
    file, _, line = finding.origin.source.partition(":")
    return f"{finding.id} @ {file}:{line.partition(':')[0]}" if line else f"{finding.id} @"


def _linted(folder: Path, settings: Settings) -> list[Finding]:
    """What the source rules say of the files in ``folder``. It is the current folder."""
    outcome = lint(Project(python_files([folder])), settings)
    assert outcome.crashes == []
    return outcome.findings


def _checked(folder: Path, settings: Settings) -> list[Finding]:
    """What the rules say of an app whose functions are made from the folders in ``folder``."""
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != "layer")
    layer = {"Layer": _resource("AWS::Lambda::LayerVersion", Content="layer")} if (folder / "layer").is_dir() else {}
    functions = {name.title(): _function(name, bool(layer)) for name in names}
    assembly = folder / "cdk.out"
    assembly.mkdir()
    assets = {name: _asset(name) for name in [*names, "layer"]}
    (assembly / "Stack.assets.json").write_text(json.dumps({"files": assets}))
    file = assembly / "Stack.template.json"
    app = App(asset_sources={name: str(folder / name) for name in [*names, "layer"]})
    origins = {id_: Origin(f"Stack/{id_}") for id_ in functions}
    Template({"Resources": {**layer, **functions}}, name="Stack", origins=origins, app=app, file=str(file))
    outcome = engine.run(app, list(all_rules().values()), settings, Suppressions(settings.today), fix=False)
    assert outcome.crashes == []
    return outcome.findings


def _function(name: str, has_layer: bool) -> dict[str, Any]:
    more = {"Layers": [{"Ref": "Layer"}]} if has_layer else {}
    return _resource("AWS::Lambda::Function", Code=name, Handler="app.handler", Runtime="python3.13", **more)


def _resource(type_: str, **properties: Any) -> dict[str, Any]:
    made = {
        key: {"S3Bucket": "assets", "S3Key": f"{value}.zip"} if key in ("Code", "Content") else value
        for key, value in properties.items()
    }
    return {"Type": type_, "Properties": made}


def _asset(name: str) -> dict[str, Any]:
    destinations = {"here": {"bucketName": "assets", "objectKey": f"{name}.zip"}}
    return {"source": {"path": f"../{name}", "packaging": "zip"}, "destinations": destinations}


def rules_that_answer(line: str) -> Iterator[str]:
    """The ids of all rules that say that they answer a line."""
    return (id_ for id_, rule in every_rule().items() if line in rule.answers)
