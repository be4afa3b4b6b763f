"""Findings about an assembly without traces: in the template's file, at the line of the resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_guardrails import checking
from cdk_guardrails.cli import main
from cdk_guardrails.engine import Crash, Outcome
from cdk_guardrails.locating import locate
from cdk_guardrails.rules.base import Finding
from cdk_guardrails.suppressions import Suppression
from cdk_guardrails.template import App, Origin, Template
from tests.assemblies import BUCKET, at, made, write

SELECT = ("--select", "s3-versioning", "-e", "prod")
TEMPLATE = str(Path("cdk.out", "Shop.template.json"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def assembly(**metadata: Any) -> None:
    """One with the buckets Shop/A and Shop/B, at lines 3 and 7 of its template."""
    write(Path("cdk.out"), {"Shop": {"resources": {"A": at("Shop/A"), "B": at("Shop/B")}, "metadata": metadata}})
    text = json.dumps({"Resources": {"A": at("Shop/A"), "B": at("Shop/B")}}, indent=1)
    Path(TEMPLATE).write_text(text)


def lines_of(*ids: str) -> list[int]:
    lines = Path(TEMPLATE).read_text().splitlines()
    return [lines.index(f'  "{id_}": {{') + 1 for id_ in ids]


def printed(format_: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["check", "cdk.out", *SELECT, "-f", format_]) == 1
    return capsys.readouterr().out


class TestFormats:
    def test_sarif(self, capsys: pytest.CaptureFixture[str]) -> None:
        assembly()
        results = json.loads(printed("sarif", capsys))["runs"][0]["results"]
        assert [result["locations"][0]["physicalLocation"] for result in results] == [
            {
                "artifactLocation": {"uri": "cdk.out/Shop.template.json", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": line},
            }
            for line in lines_of("A", "B")
        ]
        assert [result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for result in results] == [
            "Shop/A",
            "Shop/B",
        ]

    def test_github(self, capsys: pytest.CaptureFixture[str]) -> None:
        assembly()
        begins = [line.partition(",title")[0] for line in printed("github", capsys).splitlines()]
        assert begins == [f"::error file=cdk.out/Shop.template.json,line={line}" for line in lines_of("A", "B")]

    def test_the_author_s_line_is_better(self, capsys: pytest.CaptureFixture[str]) -> None:
        assembly(**{"/Shop/A": made("A", "__init__ (app.py:15)")})
        begins = [line.partition(",title")[0] for line in printed("github", capsys).splitlines()]
        assert begins == [
            "::error file=app.py,line=15",
            f"::error file=cdk.out/Shop.template.json,line={lines_of('B')[0]}",
        ]

    def test_a_baseline_knows_it_with_and_without_traces(self, capsys: pytest.CaptureFixture[str]) -> None:
        assembly(**{f"/Shop/{id_}": made(id_, "__init__ (app.py:15)") for id_ in "AB"})
        assert main(["check", "cdk.out", *SELECT, "-f", "json", "-o", "report.json"]) == 1
        assert main(["baseline", "report.json", "--baseline", "known.json"]) == 0
        assembly()
        assert main(["check", "cdk.out", *SELECT, "--baseline", "known.json"]) == 0


def finding(logical_id: str = "A", template: str = "Shop", source: str = "") -> Finding:
    return Finding("x", "y", logical_id, template=template, origin=Origin("Shop/A", source))


def located(found: Finding, file: str = TEMPLATE) -> str:
    app = App()
    Template({"Resources": {"A": BUCKET}}, name="Shop", app=app, file=file)
    outcome = Outcome(findings=[found])
    locate(outcome, app)
    [after] = outcome.findings
    assert after._replace(origin=found.origin) == found
    assert after.origin.construct_path == found.origin.construct_path
    return after.origin.source


class TestFindings:
    def test_every_list(self) -> None:
        assembly()
        app = checking.read(["cdk.out"]).app
        held = Suppression("x", "why")
        outcome = Outcome([], [finding()], [(finding(), held)], [Crash(finding(), "trace")], [(finding(), "error")])
        locate(outcome, app)
        there = finding(source=f"{TEMPLATE}:{lines_of('A')[0]}")
        assert outcome == Outcome([], [there], [(there, held)], [Crash(there, "trace")], [(there, "error")])

    def test_the_template_as_a_whole(self) -> None:
        assembly()
        assert located(finding("")) == f"{TEMPLATE}:1"

    def test_after_a_byte_order_mark(self) -> None:
        assembly()
        Path(TEMPLATE).write_text("\ufeff" + Path(TEMPLATE).read_text(), "utf-8")
        assert located(finding()) == f"{TEMPLATE}:{lines_of('A')[0]}"

    def test_what_is_not_in_a_file_stays(self) -> None:
        assembly()
        assert located(finding("Added")) == ""
        assert located(finding(template="Other")) == ""
        assert located(finding(), file="") == ""
        assert located(finding(source="app.py:3")) == "app.py:3"

    @pytest.mark.parametrize("content", [None, b"", b"\xff", b"[]", b'{"Resources": {"A"', b'{"a":' * 100_000])
    def test_a_file_that_has_changed_meanwhile(self, content: bytes | None) -> None:
        Path("cdk.out").mkdir()
        if content is not None:
            Path(TEMPLATE).write_bytes(content)
        assert located(finding()) == ""
