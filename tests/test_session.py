"""The session without the CDK: messages of the bridge in, edits and findings out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails.rules.base import Concern, Severity
from cdk_guardrails.session import Coverage, Session
from cdk_guardrails.settings import Settings

BUCKET = {"Type": "AWS::S3::Bucket"}


def session(**settings: Any) -> tuple[Session, Coverage]:
    made = Session()
    concerns = frozenset({Concern.DATA_PROTECTION})
    coverage = Coverage("", Settings(environment="prod", **settings), concerns)
    made.cover(coverage)
    return made, coverage


def message(elements: dict[str, Any], **resources: Any) -> dict[str, Any]:
    stack = {"path": "Stack", "data": {"Resources": resources}, "elements": elements}
    return {"stacks": [stack], "suppressions": [], "unresolved": []}


def element(path: str, *, treat: bool = True) -> dict[str, Any]:
    return {"path": path, "source": "", "treat": treat}


def test_what_was_visited_is_fixed() -> None:
    made, coverage = session()
    [edit] = made.fix(coverage, message({"Mine": element("Stack/Mine")}, Mine=dict(BUCKET)))
    path = ("Resources", "Mine", "Properties", "VersioningConfiguration", "Status")
    assert edit == {"stack": 0, "op": "set", "path": path, "value": "Enabled"}


def test_context_and_what_has_no_construct_are_left_alone() -> None:
    made, coverage = session()
    elements = {"Context": element("Stack/Context", treat=False)}
    assert made.fix(coverage, message(elements, Context=dict(BUCKET), Bare=dict(BUCKET))) == []


def test_what_has_no_construct_is_judged_as_part_of_its_stack(tmp_path: Path) -> None:
    made, _ = session()
    file = tmp_path / "Stack.template.json"
    file.write_text(json.dumps({"Resources": {"Bare": BUCKET}}))
    described = {
        "suppressions": [],
        "templates": {str(file): {"path": "Stack", "elements": {"Other": {"path": "Stack/Other", "source": ""}}}},
    }
    findings = made.check(described).findings
    assert [(f.rule, f.logical_id) for f in findings if f.rule == "s3-versioning"] == [("s3-versioning", "Bare")]


def test_all_that_was_judged_is_listed(tmp_path: Path) -> None:
    made, _ = session()
    file = tmp_path / "Stack.template.json"
    file.write_text(json.dumps({"Resources": {"Mine": BUCKET, "Clean": {"Type": "AWS::X::Y"}}}))
    stack = {"path": "Stack", "elements": {"Mine": element("Stack/Mine"), "Clean": element("Stack/Clean")}}
    listed = made.check({"suppressions": [], "templates": {str(file): stack}}).resources
    assert [(judged.construct_path, judged.resource_type) for judged in listed] == [
        ("Stack/Mine", "AWS::S3::Bucket"),
        ("Stack/Clean", "AWS::X::Y"),
    ]


def test_a_template_that_was_not_written_is_an_error(tmp_path: Path) -> None:
    made, _ = session()
    stack = {"path": "Stack", "elements": {"Other": element("Stack/Other")}}
    described = {"suppressions": [], "templates": {str(tmp_path / "gone.json"): stack}}
    assert [f.rule for f in made.check(described).findings if f.severity is Severity.ERROR][:1] == ["stage-uncovered"]


def test_judgements_are_counted_and_a_run_without_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Session()
    coverage = Coverage("", Settings(environment="prod"), frozenset(Concern))
    made.cover(coverage)
    file = tmp_path / "Stack.template.json"
    file.write_text(json.dumps({"Resources": {"Mine": BUCKET}}))
    described = {
        "suppressions": [],
        "templates": {str(file): {"path": "Stack", "elements": {"Mine": element("Stack/Mine")}}},
    }
    elements = {"Mine": element("Stack/Mine")}
    made.fix(coverage, message(elements, Mine=dict(BUCKET)))
    judged = made.check(described)
    assert judged.rules_run > 0
    assert judged.settled
    monkeypatch.setattr("cdk_guardrails.engine.MAX_PASSES", 1)
    made.fix(coverage, message(elements, Mine=dict(BUCKET)))
    judged = made.check(described)
    assert not judged.settled
    assert "the fixes of this scope go on for ever: one undoes what another does" in {
        f.message for f in judged.findings
    }
