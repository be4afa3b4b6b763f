"""What SARIF offers as fixes, applied by the letter of SARIF, is what `fix` writes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cdk_guardrails import checking, fixing, replacing
from cdk_guardrails.cli import main
from cdk_guardrails.replacing import replacements
from cdk_guardrails.report.model import Report
from cdk_guardrails.report.sarif import document
from cdk_guardrails.rules.base import Finding, FixSafety, Rule
from cdk_guardrails.rules.registry import all_rules, rule_of
from cdk_guardrails.settings import Settings
from cdk_guardrails.template import Edit
from cdk_guardrails.template.loader import dump, loads
from cdk_guardrails.testing.rules import example_settings
from tests.assemblies import BUCKET, at, write

SAFE = [rule for rule in all_rules().values() if rule.fix_safety is FixSafety.SAFE]
SETTINGS = Settings(environment="prod", mode="check")
VERSIONING = rule_of("s3-versioning")
YAML = """\
# ours
Resources:
  Logs:
    Type: AWS::S3::Bucket  # kept
    Properties:
      BucketName: näme-😀

  Last:
    Type: AWS::SNS::Topic
"""
SCHEMA = Path(__file__).parent / "report" / "sarif-schema-2.1.0.json"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@cache
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))


def results(
    path: str, settings: Settings = SETTINGS, rules: list[Rule] | None = None, *, first: bool = False
) -> list[dict[str, Any]]:
    """The results of a valid SARIF document about the template at ``path``; ``first``: of the first fix."""
    asked = rules or list(all_rules().values())
    templates = checking.read([path])
    outcome = checking.judge(templates, settings, rules=asked)
    offered = replacements(templates, outcome, settings, asked)
    if first:
        outcome.findings = list(offered)[:1]
    data = json.loads(json.dumps(document(Report.build([outcome], settings, replacements=offered))))
    validator().validate(data)
    assert outcome.notes == []
    return list(data["runs"][0]["results"])


def applied(fix: dict[str, Any], path: str) -> str:
    """The text of ``path`` with a SARIF fix: lines end in ``\\r\\n`` or ``\\n``, columns count code points."""
    [change] = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == path
    whole = Path(path).read_bytes().decode()
    text = whole.removeprefix("\ufeff")
    starts = [0, *(match.end() for match in re.finditer(r"\r?\n", text))]
    parts, position = [whole[: len(whole) - len(text)]], 0
    for item in change["replacements"]:
        region = item["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        assert 0 <= position <= start <= end <= len(text)
        parts += [text[position:start], item["insertedContent"]["text"]]
        position = end
    return "".join(parts) + text[position:]


def write_bytes(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(text.encode())


def all_applied(path: str, settings: Settings, rules: list[Rule]) -> str:
    """The text after one fix, and what is then offered, and so on until nothing is."""
    for _ in range(20):
        offered = [result["fixes"] for result in results(path, settings, rules, first=True)]
        if not offered:
            return Path(path).read_bytes().decode()
        [[fix]] = offered
        write_bytes(path, applied(fix, path))
    raise AssertionError("there is no end to it")


def in_format(text: str, suffix: str) -> str:
    return text if suffix == "yaml" else json.dumps(loads(text).data, indent=2)


class TestEveryRule:
    @pytest.mark.parametrize("suffix", ["json", "yaml"])
    @pytest.mark.parametrize("rule", SAFE, ids=lambda rule: rule.id)
    def test_one_after_the_other_they_are_what_fix_writes(self, rule: Rule, suffix: str) -> None:
        path = f"template.{suffix}"
        write_bytes(path, in_format(rule.bad.template, suffix))
        for name, text in rule.bad.files.items():
            write_bytes(name, text)
        settings = example_settings(rule, rule.bad)
        [wanted] = fixing.fix([path], settings, [rule]).texts
        assert wanted.changed
        assert "fixes" in results(path, settings, [rule])[0]
        assert all_applied(path, settings, [rule]) == wanted.after

    @pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.id)
    def test_only_safe_ones_are_offered(self, rule: Rule) -> None:
        write_bytes("t.yaml", rule.bad.template)
        fixes = [result for result in results("t.yaml", example_settings(rule, rule.bad)) if "fixes" in result]
        assert {result["ruleId"] for result in fixes} <= {safe.id for safe in SAFE}


class TestText:
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_line_endings_marks_and_wide_characters(self, newline: str, mark: str) -> None:
        write_bytes("t.yaml", mark + YAML.replace("\n", newline))
        [result] = results("t.yaml", rules=[VERSIONING])
        [fix] = result["fixes"]
        assert applied(fix, "t.yaml") == mark + YAML.replace("😀\n", f"😀\n{VERSIONED}").replace("\n", newline)

    def test_one_result(self) -> None:
        write_bytes("in/t.yaml", YAML)
        [result] = results("in/t.yaml", rules=[VERSIONING])
        inserted = {"text": "\n" + VERSIONED.rstrip("\n")}
        at_end = {"startLine": 6, "startColumn": 25, "endLine": 6, "endColumn": 25}
        assert result["fixes"] == [
            {
                "description": {"text": f"What cdk-guardrails fix writes for s3-versioning: {VERSIONING.title}"},
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": "in/t.yaml", "uriBaseId": "%SRCROOT%"},
                        "replacements": [{"deletedRegion": at_end, "insertedContent": inserted}],
                    }
                ],
            }
        ]

    def test_each_finding_has_its_own(self) -> None:
        """One bucket's fix leaves the other as it is, and another rule's out."""
        write_bytes("t.json", json.dumps({"Resources": {"A": BUCKET, "B": BUCKET}}))
        texts = [applied(result["fixes"][0], "t.json") for result in results("t.json", rules=[VERSIONING])]
        versioned = {**BUCKET, "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}}
        assert [json.loads(text)["Resources"] for text in texts] == [
            {"A": versioned, "B": BUCKET},
            {"A": BUCKET, "B": versioned},
        ]


VERSIONED = "      VersioningConfiguration:\n        Status: Enabled\n"


class TestWhatIsNotOffered:
    def offered(self, path: str, settings: Settings = SETTINGS) -> Iterator[bool]:
        return ("fixes" in result for result in results(path, settings, [VERSIONING]))

    def test_a_fix_that_is_switched_off(self) -> None:
        write_bytes("t.yaml", YAML)
        Path("guardrails.toml").write_text('environment = "prod"\nrules = { s3-versioning = { fix = false } }')
        assert list(self.offered("t.yaml", Settings.load(directory=Path.cwd()))) == [False]

    def test_in_an_assembly(self) -> None:
        write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A")}}})
        assert list(self.offered("cdk.out")) == [False]

    def test_what_cannot_be_applied(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A path through a text; more resources than the template may hold."""
        write_bytes("t.yaml", YAML)
        templates = checking.read(["t.yaml"])
        [template] = templates.app.templates
        outcome = checking.judge(templates, SETTINGS, rules=[VERSIONING])
        impossible = Edit("set", ("Resources", "Logs", "Type", "X"), 1)
        full = [Edit("set", ("Resources", f"New{number}"), {"Type": "x"}) for number in range(500)]
        for changes in ([impossible], full):
            monkeypatch.setattr(type(VERSIONING), "fix", lambda *_, given=changes: iter(given))
            assert replacements(templates, outcome, SETTINGS, [VERSIONING]) == {}
        assert len(template.resources) == 2
        assert outcome.notes == []

    def test_a_finding_whose_fix_changes_nothing_costs_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write_bytes("t.yaml", YAML)
        templates = checking.read(["t.yaml"])
        outcome = checking.judge(templates, SETTINGS, rules=[VERSIONING])
        monkeypatch.setattr(type(VERSIONING), "fix", lambda *_: iter(()))
        monkeypatch.setattr(replacing, "MAX_TEXT", 0)
        assert replacements(templates, outcome, SETTINGS, [VERSIONING]) == {}
        assert outcome.notes == []

    def test_a_fix_that_crashes_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object) -> None:
            raise KeyError("PASSWORD=hunter2hunter2")

        write_bytes("t.yaml", YAML)
        templates = checking.read(["t.yaml"])
        outcome = checking.judge(templates, SETTINGS, rules=[VERSIONING])
        monkeypatch.setattr(type(VERSIONING), "fix", crash)
        assert replacements(templates, outcome, SETTINGS, [VERSIONING]) == {}
        assert outcome.notes == [
            "the fix of s3-versioning crashed, so the report does not offer it: KeyError: 'PASSWORD=(masked)'"
        ]

    @pytest.mark.parametrize(("name", "is_offered"), [("Note", True), ("Credential", False)])
    def test_what_would_write_out_a_secret(self, name: str, is_offered: bool) -> None:
        """An anchor's mapping that is changed at one of its places is written out in full."""
        text = (
            "Resources:\n"
            "  A: &bucket\n    Type: AWS::S3::Bucket\n"
            f"    Properties:\n      Tags: [{{Key: {name}, Value: correct-horse}}]\n"
            "  B: *bucket\n"
        )
        write_bytes("t.yaml", text)
        found = results("t.yaml", rules=[VERSIONING])
        assert ["fixes" in result for result in found] == [is_offered, is_offered]
        assert ["correct-horse" in json.dumps(result) for result in found] == [is_offered, is_offered]

    def test_more_than_there_is_time_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write_bytes("t.json", json.dumps({"Resources": dict.fromkeys("ABC", BUCKET)}))
        templates = checking.read(["t.json"])
        outcome = checking.judge(templates, SETTINGS, rules=[VERSIONING])
        last = outcome.findings.pop()._replace(severity=rule_of("s3-versioning").severity)
        warned = [finding._replace(severity=type(finding.severity)("warning")) for finding in outcome.findings]
        outcome.findings = [*warned, last]
        monkeypatch.setattr(replacing, "MAX_TEXT", 2 * len(templates.sources["t.json"].text))
        found = replacements(templates, outcome, SETTINGS, [VERSIONING])
        assert list(found) == [last, warned[0]], "errors first"
        assert outcome.notes == ["the templates are too long for all fixes to stand in the report; left out: 1"]

    def test_yaml_counts_four_times(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write_bytes("t.yaml", YAML)
        templates = checking.read(["t.yaml"])
        outcome = checking.judge(templates, SETTINGS, rules=[VERSIONING])
        monkeypatch.setattr(replacing, "MAX_TEXT", 4 * len(YAML) - 1)
        assert replacements(templates, outcome, SETTINGS, [VERSIONING]) == {}
        assert outcome.notes.pop().endswith("left out: 1")


class TestCommand:
    def test_only_sarif_pays_for_it(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        asked: list[Finding] = []

        def edits(_: replacing._Offers, finding: Finding) -> list[Edit]:
            asked.append(finding)
            return []

        monkeypatch.setattr(replacing._Offers, "edits", edits)
        write_bytes("t.yaml", YAML)
        for format_ in ("table", "json", "junit", "markdown", "github", "html"):
            main(["check", "t.yaml", "-e", "prod", "--select", "s3-versioning", "-f", format_])
        assert asked == []
        main(["check", "t.yaml", "-e", "prod", "--select", "s3-versioning", "-f", "sarif"])
        assert [finding.rule for finding in asked] == ["s3-versioning"]

    def test_sarif(self, capsys: pytest.CaptureFixture[str]) -> None:
        write_bytes("t.yaml", YAML)
        assert main(["check", "t.yaml", "-e", "prod", "--select", "s3-versioning", "-f", "sarif"]) == 1
        [result] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        source = loads(YAML, "t.yaml")
        edits = fixing.fix(["t.yaml"], SETTINGS, [VERSIONING]).outcome.edits("t.yaml")
        assert applied(result["fixes"][0], "t.yaml") == dump(source, edits)

    def test_stdin_is_no_file(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(YAML.encode())))
        main(["check", "-", "-e", "prod", "--select", "s3-versioning", "-f", "sarif"])
        [result] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        assert "fixes" not in result
