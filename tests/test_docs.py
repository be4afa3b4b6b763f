"""What the docs say is so: generated pages are up to date and say everything about a rule, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cdk_guardrails.docs_pages import SERVICES, page, table
from cdk_guardrails.rules import registry
from cdk_guardrails.rules.base import FixSafety, RuleInfo, SourceRule
from tools import rule_indexes, write_docs
from tools.report_lines import REPORT_LINES, REPORTS

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = {
    "What it does": lambda rule: True,
    "Why is this bad?": lambda rule: True,
    "Example": lambda rule: True,
    "Use instead": lambda rule: True,
    "Fix safety": lambda rule: True,
    "Options": lambda rule: bool(rule.options),
    "Suppress it": lambda rule: isinstance(rule, SourceRule),
    "References": lambda rule: True,
}
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]

RULES = registry.every_rule()
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


def test_generated_pages_are_up_to_date() -> None:
    assert [str(path.relative_to(ROOT)) for path in write_docs.stale()] == [], "run `make docs`"


@every_rule
def test_a_page_has_the_headings_in_order(rule: RuleInfo) -> None:
    headings = re.findall(r"^## (.*)$", page(rule), re.MULTILINE)
    assert headings == [heading for heading, is_there in HEADINGS.items() if is_there(rule)]


@every_rule
def test_a_page_says_everything_about_its_rule(rule: RuleInfo) -> None:
    text = page(rule)
    assert text.startswith(f"# {rule.id}\n\n{rule.title}.\n".replace("``", "`"))
    said = [option.name for option in rule.options]
    said += [*rule.same_as.aws, *rule.same_as.cdk_nag, *rule.same_as.checkov, *rule.same_as.security_hub]
    assert [word for word in said if word not in text] == []
    assert "It says:" in text
    assert ("```diff" in text) == (rule.fix_safety is not FixSafety.NONE)


@pytest.mark.parametrize("rule", registry.source_rules().values(), ids=list(registry.source_rules()))
def test_a_page_about_python_shows_python(rule: SourceRule) -> None:
    text = page(rule)
    assert "```python\n" + rule.bad.template.rstrip() + "\n```" in text
    assert "```yaml" not in text
    assert "| Judges | the app's Python: `cdk-guardrails lint PATH`" in text
    assert f"# guardrails: ignore[{rule.id}] why this is right here" in text
    assert re.search(rf"^- (error|warning) `{rule.id}(\[[^\]]+\])?` at `app.py:\d+:\d+`: ", text, re.MULTILINE)


def test_pages_render_the_same_twice() -> None:
    rules = list(RULES.values())
    assert [page(rule) for rule in rules] == [page(rule) for rule in rules]
    assert table(rules, "") in table(reversed(rules), "")
    assert rule_indexes.pages(rules) == rule_indexes.pages(reversed(rules))


@every_rule
def test_every_list_has_the_rule(rule: RuleInfo) -> None:
    pages = rule_indexes.pages(RULES.values())
    assert [
        name for name, text in pages.items() if f"]({rule.id}.md)" not in text and name != "by-report-line.md"
    ] == []
    for line in rule.answers:
        assert re.search(rf"^\| {line} \|.*\[{rule.id}\]", pages["by-report-line.md"], re.MULTILINE), line
    ids = {*rule.same_as.cdk_nag, *rule.same_as.checkov, *rule.same_as.security_hub}
    for id_ in ids:
        assert re.search(rf"^\| `{re.escape(id_)}` \|.*\[{rule.id}\]", pages["same-as.md"], re.MULTILINE), id_
    assert type(rule).__module__.split(".")[2] in SERVICES


def test_every_line_of_the_reports_is_answered() -> None:
    answered = {line for rule in RULES.values() for line in rule.answers}
    assert answered == set(REPORT_LINES)
    assert {line[0] for line in REPORT_LINES} == set(REPORTS)


def test_a_page_that_differs_or_is_left_over_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "README.md").write_text("<!-- rules -->\n<!-- /rules -->\n")
    monkeypatch.setattr(write_docs, "ROOT", tmp_path)
    assert write_docs.main([]) == 0
    assert write_docs.main(["--check"]) == 0
    (tmp_path / "docs" / "rules" / "gone.md").write_text("an old rule")
    (tmp_path / "docs" / "rules" / "s3-versioning.md").write_text("changed by hand")
    assert [path.name for path in write_docs.stale()] == ["s3-versioning.md", "gone.md"]
    assert write_docs.main(["--check"]) == 1
    assert write_docs.main([]) == 0
    assert write_docs.stale() == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_license_and_the_changelog_are_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
