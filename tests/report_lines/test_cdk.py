"""The four reports as real apps: what is said of them as they were written, and what Guardrails make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_guardrails import Guardrails, suppress
from cdk_guardrails.settings import Mode
from cdk_guardrails.template import Template
from tests.hosts.conftest import STABILIZED, Synth, since_262, synth
from tests.report_lines import cdk_cases, cdk_cases_c_d
from tests.report_lines.cdk_apps import REPORTS
from tests.report_lines.cdk_cases import RULES, Case
from tests.report_lines.lines import TAGS, at
from tests.rules.test_all_rules import cfn_lint_errors
from tools.report_lines import REPORT_LINES

pytestmark = since_262

CASES = (*cdk_cases.CASES, *cdk_cases_c_d.CASES)

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@dataclass
class Twice:
    """An app as it was written, only checked, and the same with Guardrails that fix."""

    naive: Synth
    guarded: Synth


class Apps:
    """The four apps, each synthesized when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._code = folder / "code"
        self._code.mkdir()
        (self._code / "index.py").write_text("def handler(event, context):\n    return {'statusCode': 200}\n")
        self._done: dict[str, Twice] = {}

    def of(self, report: str) -> Twice:
        if report not in self._done:
            self._done[report] = Twice(self._synth(report, "check"), self._synth(report, "fix"))
        return self._done[report]

    def _synth(self, report: str, mode: Mode) -> Synth:
        app = self.new(report, f"{report}-{mode}")
        cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=TAGS, rules=RULES[report], mode=mode, quiet=True))
        return synth(app)

    def new(self, report: str, name: str) -> cdk.App:
        app = cdk.App(outdir=str(self._folder / name), context={STABILIZED: True})
        REPORTS[report](app, self._code)
        return app


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDK_VALIDATION", "false")
        yield Apps(tmp_path_factory.mktemp("reports"))


@each_case
def test_it_is_found(case: Case, apps: Apps) -> None:
    assert case.line in REPORT_LINES
    assert case.finds in apps.of(case.line[0]).naive.findings


@each_case
def test_it_is_fixed_or_flagged(case: Case, apps: Apps) -> None:
    guarded = apps.of(case.line[0]).guarded
    assert (case.finds in guarded.findings) == (not case.then)
    template = without_hashes(guarded.template(case.stack))
    for path, value in case.then.items():
        section = "Outputs" if path.partition(".")[0] in template["Outputs"] else "Resources"
        assert at(f"{section}.{path}", Template(template)) == value, path


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_goes_wrong(report: str, apps: Apps) -> None:
    guarded = apps.of(report).guarded.report
    assert guarded["settled"]
    assert guarded["crashes"] == []
    assert guarded["failed_fixes"] == []


@pytest.mark.parametrize("stack", ["A", "B", "CDev", "CProd", "D"])
def test_cfn_lint_finds_no_new_error(stack: str, apps: Apps) -> None:
    both = apps.of(stack[0])
    assert not cfn_lint_errors(both.guarded.template(stack)) - cfn_lint_errors(both.naive.template(stack))


def test_what_is_only_checked_stays_as_it_was_written(apps: Apps) -> None:
    app = apps.new("D", "D-plain")
    assert synth(app).template("D") == apps.of("D").naive.template("D")


def test_no_environment_is_said(apps: Apps) -> None:
    """C2.1: without an environment nothing can differ between dev and prod."""
    app = apps.new("D", "D-unset")
    cdk.Aspects.of(app).add(Guardrails(tags=TAGS, quiet=True))
    assert "environment-unset" in {finding["rule"] for finding in synth(app).report["findings"]}


def test_the_workload_of_a_table_is_acknowledged(apps: Apps) -> None:
    """B4.3: who knows the workload says so, and is not asked again."""
    app = apps.new("B", "B-acknowledged")
    [stack] = app.node.children
    suppress(stack.node.find_child("Orders"), "dynamodb-billing", reason="Orders come in bursts, at sales")
    cdk.Aspects.of(app).add(Guardrails(environment="prod", tags=TAGS, quiet=True))
    assert "dynamodb-billing @ B/Orders/Resource" not in synth(app).findings


def without_hashes(template: dict[str, Any]) -> dict[str, Any]:
    """The template with logical ids as people read them: without the eight digits that the CDK adds."""
    text = json.dumps(template)
    for logical_id in sorted(template["Resources"], key=len, reverse=True):
        text = text.replace(logical_id, re.sub("[0-9A-F]{8}", "", logical_id))
    return dict(json.loads(text))
