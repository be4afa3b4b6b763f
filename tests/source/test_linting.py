"""Running the source rules: findings, suppressions in comments, crashes, what could not be read."""

from __future__ import annotations

import ast
import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import linting
from cdk_guardrails.engine import Outcome
from cdk_guardrails.linting import lint
from cdk_guardrails.own_findings import OWN_IDS
from cdk_guardrails.rules import registry
from cdk_guardrails.rules.base import Concern, Example, Finding, Option, SameAs, Severity, SourceRule
from cdk_guardrails.settings import RuleSettings, Settings
from cdk_guardrails.source.project import Module, Project, python_files

TODAY = datetime.date(2026, 11, 1)


class _Named(SourceRule):
    """Names are long.

    Checks that.
    """

    id = "source-named"
    why = "So."
    concern = Concern.MAINTAINABILITY
    options = (Option("shortest", 3, "Letters that a name has at least.", minimum=1),)
    same_as = SameAs()
    bad = Example("a = 1\n")
    good = Example("abc = 1\n")

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        for node in module.nodes:
            if isinstance(node, ast.Name) and len(node.id) < settings["shortest"]:
                yield self.finding(module, node, f"{node.id} is short", remedy="Spell it out.", detail=node.id)


class _Crashing(_Named):
    """Says too much when it crashes.

    It does.
    """

    id = "source-crashing"
    concern = Concern.IDENTITY

    def check(self, module: Module, settings: RuleSettings) -> Iterator[Finding]:
        texts = [node.value for node in module.nodes if isinstance(node, ast.Constant)]
        if texts:
            raise KeyError(f"no {texts[0]}")
        yield from ()


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """These rules and no others."""
    monkeypatch.chdir(tmp_path)
    rules = {rule.id: rule for rule in (_Crashing(), _Named())}
    known = {**registry.all_rules(), **rules}
    monkeypatch.setattr(linting, "source_rules", lambda: rules)
    monkeypatch.setattr(registry, "every_rule", lambda: known)
    monkeypatch.setattr(registry, "source_rules", lambda: rules)


def run(text: str | dict[str, str], *, concerns: Any = frozenset(Concern), **given: Any) -> Outcome:
    for name, content in ({"app.py": text} if isinstance(text, str) else text).items():
        Path(name).write_text(content)
    settings = Settings.load({"environment": "prod", "today": TODAY, **given})
    return lint(Project(python_files([Path(".")])), settings, concerns)


def said(outcome: Outcome) -> list[str]:
    return [f"{finding.origin.source} {finding.severity.value} {finding.id}" for finding in outcome.findings]


class TestFindings:
    def test_with_line_and_column(self) -> None:
        outcome = run({"app.py": "abc = b\n", "ä.py": "'ä'; long = c\n"}, rules={"source-crashing": "off"})
        assert said(outcome) == ["app.py:1:7 error source-named[b]", "ä.py:1:13 error source-named[c]"]
        [finding, _] = outcome.findings
        assert (finding.rule, finding.message, finding.remedy) == ("source-named", "b is short", "Spell it out.")
        assert finding.origin.place == ("app.py", 1, 7)
        assert outcome.rules_run == 2

    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            ({"source-named": "warning"}, ["app.py:1:1 warning source-named[ab]"]),
            ({"source-named": "off"}, []),
            ({"source-named": {"shortest": 2}}, []),
            ({"source-named": {"shortest": 2, "severity": "warning"}}, []),
        ],
    )
    def test_settings_hold(self, rules: dict[str, Any], expected: list[str]) -> None:
        assert said(run("ab = c1\n".replace("c1", "abc"), rules=rules)) == expected

    def test_concerns_choose_rules(self) -> None:
        assert said(run("a = ''\n", concerns={Concern.TAGGING})) == []
        assert said(run("a = ''\n", concerns={Concern.MAINTAINABILITY})) == ["app.py:1:1 error source-named[a]"]

    def test_rules_can_be_named(self) -> None:
        Path("app.py").write_text("a = ''\n")
        outcome = lint(Project([Path("app.py")]), Settings(today=TODAY), rules=[_Named()])
        assert said(outcome) == ["app.py:1:1 error source-named[a]"]

    def test_an_empty_project(self) -> None:
        assert lint(Project([]), Settings()).findings == []

    def test_the_deepest_tree_can_be_walked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def check(self: SourceRule, module: Module, settings: RuleSettings) -> Iterator[Finding]:
            ast.NodeVisitor().visit(module.tree)
            yield from ()

        monkeypatch.setattr(_Named, "check", check)
        before = sys.getrecursionlimit()
        outcome = run("abc = " + " + ".join(["abc"] * 900), rules={"source-crashing": "off"})
        assert (outcome.findings, outcome.crashes) == ([], [])
        assert sys.getrecursionlimit() == before


class TestUnread:
    def test_an_error_at_its_line(self) -> None:
        outcome = run({"app.py": "a = b\n", "bad.py": "x = 1\ny = (\n"}, rules={"source-crashing": "off"})
        assert said(outcome)[0] == "bad.py:2:1 error source-unread"
        assert outcome.findings[0].message.startswith("this file was not linted: not valid Python")
        assert len(outcome.findings) == 3


class TestCrashes:
    def test_a_crash_is_an_error_of_its_own(self) -> None:
        outcome = run({"app.py": "a = 'TempPass123!'\n", "fine.py": "b = c\n"})
        crashes = [finding for finding in outcome.findings if finding.rule == "rule-crashed"]
        assert [(item.id, item.origin.source) for item in crashes] == [("rule-crashed[source-crashing]", "app.py:1:1")]
        assert len([finding for finding in outcome.findings if finding.rule == "source-named"]) == 3
        assert [crash.finding for crash in outcome.crashes] == crashes

    @pytest.mark.parametrize("secret", ["TempPass123!", "pa'ss\\n1234", "äöü-secret"])
    def test_it_quotes_nothing_of_the_code(self, secret: str) -> None:
        [crash] = run(f"abc = {secret!r}\n").crashes
        assert crash.finding.message == (
            "the rule source-crashing crashed on this file: KeyError: 'no (masked)'"
            if "'" not in secret
            else crash.finding.message
        )
        assert secret not in crash.finding.message + crash.traceback
        assert repr(secret)[1:-1] not in crash.finding.message + crash.traceback
        assert "Traceback" in crash.traceback


class TestSuppressions:
    OFF = {"rules": {"source-crashing": "off"}}  # noqa: RUF012

    @pytest.mark.parametrize(
        "text",
        [
            "a = abc  # guardrails: ignore[source-named] as in the paper\n",
            "a = abc  # guardrails: ignore[source-named[a]] as in the paper\n",
            "# guardrails: ignore[source-named, until=2026-11-01] as in the paper\na = abc\n",
            "abc(\n    a,\n    abc,\n)  # guardrails: ignore[source-named] as in the paper\n",
        ],
    )
    def test_it_holds(self, text: str) -> None:
        outcome = run(text, **self.OFF)
        assert said(outcome) == []
        [(finding, by)] = outcome.suppressed
        assert (finding.id, by.reason) == ("source-named[a]", "as in the paper")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            # without a reason
            ("a = 1  # guardrails: ignore[source-named]\n", "app.py:1 error invalid-suppression[source-named]"),
            ("a = 1  # guardrails: ignore\n", "app.py:1 error invalid-suppression"),
            # unknown
            ("a = 1  # guardrails: ignore[source-name] so\n", "app.py:1 error invalid-suppression[source-name]"),
            # not a date
            (
                "a = 1  # guardrails: ignore[source-named, until=soon] so\n",
                "app.py:1 error invalid-suppression[source-named]",
            ),
            # expired
            (
                "\n\n# guardrails: ignore[source-named, until=2026-10-31] so\na = 1\n",
                "app.py:3 error expired-suppression[source-named]",
            ),
            # another detail
            (
                "a = 1  # guardrails: ignore[source-named[b]] so\n",
                "app.py:1 warning unused-suppression[source-named[b]]",
            ),
            # another line
            (
                "b1b = 1  # guardrails: ignore[source-named] so\na = 1\n",
                "app.py:1 warning unused-suppression[source-named]",
            ),
        ],
    )
    def test_one_that_does_not_hold_is_said(self, text: str, expected: str) -> None:
        outcome = run(text, **self.OFF)
        assert expected in said(outcome)
        assert any(finding.id == "source-named[a]" for finding in outcome.findings)
        assert len(outcome.findings) == 2

    def test_an_unknown_id_offers_the_nearest(self) -> None:
        outcome = run("abc = 1  # guardrails: ignore[source-name] so\n", **self.OFF)
        assert "Did you mean 'source-named'?" in outcome.findings[0].message

    def test_of_another_file_it_is_useless(self) -> None:
        outcome = run({"a.py": "a = 1\n", "b.py": "abc = 1  # guardrails: ignore[source-named] so\n"}, **self.OFF)
        assert said(outcome) == ["a.py:1:1 error source-named[a]", "b.py:1 warning unused-suppression[source-named]"]

    def test_of_a_rule_that_did_not_run_nothing_is_said(self) -> None:
        text = "abc = 1  # guardrails: ignore[source-crashing, s3-versioning] so\n"
        assert said(run(text, **self.OFF)) == []

    def test_what_may_not_be_suppressed(self) -> None:
        outcome = run("a = 1  # guardrails: ignore[source-named] so\n", unsuppressable=["source-named"], **self.OFF)
        assert said(outcome) == ["app.py:1:1 error source-named[a]", "app.py:1 error invalid-suppression[source-named]"]

    def test_an_audit_run_ignores_them(self) -> None:
        outcome = run("a = 1  # guardrails: ignore[source-named] so\n", ignore_suppressions=True, **self.OFF)
        assert said(outcome) == ["app.py:1:1 error source-named[a]"]

    def test_those_of_the_host(self) -> None:
        Path("app.py").write_text("a = 1\n")
        entry = {"id": "source-named", "reason": "so", "path": "", "form": "suppress"}
        settings = Settings(today=TODAY)
        outcome = lint(Project([Path("app.py")]), settings, rules=[_Named()], suppressed=[entry])
        assert (outcome.findings, len(outcome.suppressed)) == ([], 1)


def test_every_own_id_has_a_severity() -> None:
    assert OWN_IDS["source-unread"] is Severity.ERROR
