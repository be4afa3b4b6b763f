"""SARIF 2.1.0: by the published schema, and by what GitHub's code scanning asks for beyond it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cdk_guardrails.report import sarif
from cdk_guardrails.report.escaping import plain
from cdk_guardrails.report.fingerprint import fingerprint
from cdk_guardrails.report.model import Replacement, Report
from cdk_guardrails.report.sarif import document, render, without_links
from cdk_guardrails.report.sarif_rules import LONGEST, descriptor
from cdk_guardrails.rules.base import RuleInfo
from cdk_guardrails.rules.registry import every_rule
from tests.report.made import HOSTILE, NOWHERE, crash, entry, failed, held, hostile, many, place, report, uncovered

SCHEMA = Path(__file__).parent / "sarif-schema-2.1.0.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


@cache
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))


def run_of(made: Report, **given: Any) -> dict[str, Any]:
    """The run of a valid document."""
    data = json.loads(json.dumps(document(made, **given)))
    validator().validate(data)
    [run] = data["runs"]
    keeps_to_github(run)
    return dict(run)


def keeps_to_github(run: dict[str, Any]) -> None:
    """What code scanning documents as required, or as its limits."""
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) <= 25_000
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
        assert ("security" in rule["properties"]["tags"]) == ("security-severity" in rule["properties"])
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        [location] = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1


def test_one_result() -> None:
    [result] = run_of(report(entry()))["results"]
    assert result == {
        "ruleId": "s3-versioning",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "error",
        "message": {
            "text": "versioning is not enabled\nAt App/Logs, Properties.VersioningConfiguration.\n"
            "Do: s3.Bucket(..., versioned=True)"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "app.py", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 7},
                },
                "logicalLocations": [{"fullyQualifiedName": "App/Logs", "name": "Logs", "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"cdkGuardrails/v1": fingerprint(entry())},
        "properties": {
            "id": "s3-versioning",
            "fix": "safe",
            "acknowledge": 'suppress(construct, "s3-versioning", reason="...")',
            "property": "Resources.Logs.Properties.VersioningConfiguration",
        },
    }


def test_the_tool_and_its_rules() -> None:
    made = report(entry(rule="iam-wildcard-action[s3:*]"), entry(), entry(rule="iam-wildcard-action[sqs:*]"))
    run = run_of(made)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("cdk-guardrails", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["iam-wildcard-action", "s3-versioning"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]
    assert run["properties"] == {"environment": "prod", "profile": "prod", "mode": "fix"}
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert run["originalUriBaseIds"] == {"%SRCROOT%": {"description": {"text": "The root of the repository."}}}


@pytest.mark.parametrize("rule", every_rule().values(), ids=lambda rule: rule.id)
def test_every_rule_is_described(rule: RuleInfo) -> None:
    made = descriptor(entry(rule=rule.id), rule)
    run = {"tool": {"driver": {"name": "x", "rules": [made]}}, "results": []}
    validator().validate({"version": "2.1.0", "runs": [run]})
    keeps_to_github(run)
    assert made["help"]["markdown"].startswith(f"**{made['shortDescription']['text']}.**")
    assert made["defaultConfiguration"]["level"] == rule.severity.value
    assert "``" not in json.dumps(made)
    assert rule.why.split()[0] in made["help"]["text"]
    if rule.same_as.aws:
        assert made["helpUri"] == rule.same_as.aws[0]


def test_what_the_registry_does_not_know() -> None:
    [rule] = run_of(report(entry(rule="unused-suppression[x]", title="", severity="warning")))["tool"]["driver"][
        "rules"
    ]
    assert rule["shortDescription"] == {"text": "cdk-guardrails says: unused suppression"}
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert len(descriptor(entry(rule="x", title="y" * 5000), None)["shortDescription"]["text"]) == LONGEST


def test_security_is_what_code_scanning_ranks() -> None:
    rules = every_rule()
    known = {id_: descriptor(entry(rule=id_), rules[id_])["properties"] for id_ in ("s3-tls-only", "s3-versioning")}
    assert known["s3-tls-only"]["tags"] == ["cdk-guardrails", "encryption", "security"]
    assert known["s3-tls-only"]["security-severity"] == "7.5"
    assert "security" not in known["s3-versioning"]["tags"]


class TestPlaces:
    def test_a_column(self) -> None:
        [result] = run_of(report(entry(source="lib/app.py:3:5")))["results"]
        assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 5}

    def test_names_of_files_are_encoded(self) -> None:
        [result] = run_of(report(entry(source="my app/a%b#c:d.py:3")))["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "my%20app/a%25b%23c%3Ad.py"

    def test_a_file_outside_the_repository(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "repo" / ".git").mkdir(parents=True)
        monkeypatch.chdir(folder / "repo")
        outside = folder / "lib" / "a b.py"
        [result] = run_of(report(entry(source=f"{outside}:3")))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": outside.as_uri()}

    def test_the_app_as_a_whole(self) -> None:
        [result] = run_of(report(entry(place=NOWHERE)))["results"]
        assert result["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "cdk.json", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1},
                }
            }
        ]

    def test_two_at_one_place_are_told_apart(self) -> None:
        code = {"place": place(**{**vars(NOWHERE), "source": "app.py:1"})}
        first, second, third = run_of(report(entry(**code), entry(**code), entry(**code)))["results"]
        mark = fingerprint(entry(**code))
        assert [result["partialFingerprints"]["cdkGuardrails/v1"] for result in (first, second, third)] == [
            mark,
            f"{mark}:2",
            f"{mark}:3",
        ]


class TestFixes:
    def test_without_one(self) -> None:
        [result] = run_of(report(entry()))["results"]
        assert "fixes" not in result

    def test_all_of_it_or_nothing(self) -> None:
        made = entry(
            rule="x[a](b)",
            title="Ti\x1btle",
            replacements=(
                Replacement("a b.yaml", 1, 2, 3, 4, "new\n\x1b\u202e"),
                Replacement("c.json", 5, 1, 5, 1, ""),
                Replacement("a b.yaml", 7, 1, 7, 9, "x"),
            ),
        )
        [result] = run_of(report(made))["results"]
        [fix] = result["fixes"]
        assert fix["description"] == {
            "text": without_links(plain("What cdk-guardrails fix writes for x[a](b): Ti\x1btle"))
        }
        assert [change["artifactLocation"]["uri"] for change in fix["artifactChanges"]] == ["a%20b.yaml", "c.json"]
        first, second = fix["artifactChanges"][0]["replacements"]
        assert first == {
            "deletedRegion": {"startLine": 1, "startColumn": 2, "endLine": 3, "endColumn": 4},
            "insertedContent": {"text": "new\n\x1b\u202e"},
        }, "exactly the text, which JSON escapes"
        assert second["insertedContent"] == {"text": "x"}
        assert render(report(made)).isascii()


class TestSuppressed:
    def test_why_and_until_when(self) -> None:
        [result] = run_of(report(suppressed=[held()]))["results"]
        assert result["suppressions"] == [
            {
                "kind": "inSource",
                "status": "accepted",
                "justification": "scratch",
                "properties": {"until": "2027-01-31", "covers": "App/Logs"},
            }
        ]

    def test_by_a_baseline(self) -> None:
        made = report(suppressed=[held(where="baseline guardrails-baseline.json", until="")])
        [result] = run_of(made)["results"]
        assert result["suppressions"][0]["kind"] == "external"
        assert result["suppressions"][0]["properties"] == {"covers": "baseline guardrails-baseline.json"}

    def test_not_for_code_scanning_which_would_show_open_alerts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = report(entry(), suppressed=[held(rule="s3-tls-only")])
        assert len(json.loads(render(made))["runs"][0]["results"]) == 2
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        [run] = json.loads(render(made))["runs"]
        assert [result["ruleId"] for result in run["results"]] == ["s3-versioning"]
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["s3-versioning"]


class TestTheRunItself:
    def test_a_crash(self) -> None:
        run = run_of(report(crashes=[crash()]))
        assert run["invocations"] == [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": "the rule x crashed on this resource"},
                        "associatedRule": {"id": "rule-crashed", "index": 0},
                        "exception": {"message": "the rule x crashed on this resource"},
                        "properties": {"traceback": "Traceback\n  line\nKeyError"},
                    }
                ],
            }
        ]
        assert [result["ruleId"] for result in run["results"]] == ["rule-crashed"]

    def test_what_was_not_judged_or_not_fixed(self) -> None:
        made = report(entry(), uncovered=[uncovered()], failed_fixes=[failed()], settled=False)
        [invocation] = run_of(made)["invocations"]
        assert invocation["executionSuccessful"] is False
        assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
            "not judged: this Stage was not judged",
            "not fixed: s3-versioning: cannot set",
            "the fixes go on for ever: one undoes what another does",
        ]


def test_no_more_results_than_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    found = [entry(severity="warning", source=f"a.py:{n}", construct_path=f"A{n}") for n in range(3)]
    run = run_of(report(*found, entry(), suppressed=[held()]))
    assert [result["level"] for result in run["results"]] == ["error", "warning", "warning"]
    assert "suppressions" not in run["results"][-1]
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note == {
        "level": "warning",
        "message": {"text": "results left out, over the 3 that code scanning takes: 2"},
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("iam-wildcard-action[s3:*] (all)", "iam-wildcard-action[s3:*] (all)"),
        ("[a](javascript:1)", r"\[a\](javascript:1)"),
        (r"\[a](1)", r"\\\[a\](1)"),
    ],
)
def test_text_is_no_link(text: str, shown: str) -> None:
    assert without_links(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    run = run_of(hostile(text))
    assert run["results"][0]["message"]["text"].split("\n")[0] == without_links(plain(text))
    assert "](" not in run["results"][0]["message"]["text"].replace(r"\](", "")
    for string in strings(run):
        assert all(line.isprintable() for line in string.split("\n"))
    assert render(hostile(text)).isascii()


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [string for item in items for string in strings(item)]


def test_nothing_found() -> None:
    run = run_of(report())
    assert run["results"] == run["tool"]["driver"]["rules"] == []


def test_many() -> None:
    assert len(run_of(many(5000))["results"]) == 5000


def test_the_same_bytes_whatever_the_hash_seed(root: Path, tmp_path: Path) -> None:
    code = (
        "from cdk_guardrails.report.output import render; from tests.report.made import hostile;"
        "print([hash(render(hostile('x'), name).encode()) and render(hostile('x'), name)"
        " for name in ('table', 'sarif', 'junit', 'markdown', 'github')])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(seen) == 1
