"""JUnit XML, read as CI servers read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import junitparser
import pytest

from cdk_guardrails.engine import Judged
from cdk_guardrails.report.escaping import plain
from cdk_guardrails.report.junit import render
from cdk_guardrails.report.model import Report
from tests.report.made import HOSTILE, NOWHERE, crash, entry, held, hostile, many, place, report


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(made: Report) -> list[ET.Element]:
    """The tests, after the counts have been held against them."""
    root = ET.fromstring(render(made).encode("utf-8"))
    suites = root.findall("testsuite")
    for element in (root, *suites):
        tests = list(element.iter("testcase"))
        counted = {name: sum(bool(test.findall(tag)) for test in tests) for name, tag in TAGS.items()}
        assert {name: int(element.get(name, "-1")) for name in TAGS} == counted
        assert element.get("tests") == str(len(tests))
    names = [(test.get("classname"), test.get("name")) for test in root.iter("testcase")]
    assert len(set(names)) == len(names)
    return list(root.iter("testcase"))


TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def test_an_error_has_failed() -> None:
    assert render(report(entry())) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="cdk-guardrails" tests="1" failures="1" errors="0" skipped="0" time="0">\n'
        '  <testsuite name="App" tests="1" failures="1" errors="0" skipped="0" time="0">\n'
        '    <testcase classname="App" name="s3-versioning: App/Logs Properties.VersioningConfiguration"'
        ' file="app.py" line="7" time="0">\n'
        '      <failure message="versioning is not enabled" type="s3-versioning">at app.py:7\n'
        "do s3.Bucket(..., versioned=True)\n"
        'or suppress(construct, "s3-versioning", reason="...")</failure>\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_warning_has_passed_and_is_told() -> None:
    [test] = read(report(entry(severity="warning", remedy="", acknowledge="")))
    assert [(child.tag, child.text) for child in test] == [
        ("system-out", "warning: versioning is not enabled\nat app.py:7")
    ]


def test_what_is_suppressed_was_skipped() -> None:
    first, second = read(report(suppressed=[held(), held(until="", construct_path="App/Other")]))
    assert [child.get("message") for test in (first, second) for child in test.findall("skipped")] == [
        "suppressed: scratch (until 2027-01-31)",
        "suppressed: scratch",
    ]


def test_a_crash_is_an_error_of_the_test() -> None:
    first, second = read(report(entry(), crashes=[crash(traceback="Traceback\n\tx\x1b\nKeyError")]))
    assert [child.tag for child in first] == ["failure"]
    [error] = second
    assert (error.tag, error.get("type")) == ("error", "rule-crashed")
    assert error.get("message") == "the rule x crashed on this resource"
    assert error.text == "Traceback\n        x\\x1b\nKeyError"


def test_what_is_clean_has_passed() -> None:
    resources = tuple(Judged("App", f"App/{id_}", id_, "AWS::S3::Bucket") for id_ in ("Clean", "Held", "Logs"))
    made = report(entry(), suppressed=[held(construct_path="App/Held", logical_id="Held")])
    tests = read(replace(made, resources=resources))
    passed = [test for test in tests if not list(test)]
    assert [test.get("name") for test in passed] == ["clean: App/Clean (AWS::S3::Bucket)"]
    assert len(tests) == 3


def test_there_is_always_a_test() -> None:
    [test] = read(report())
    assert (test.get("classname"), test.get("name"), list(test)) == ("cdk-guardrails", "no findings", [])


def test_a_suite_is_a_stack_a_template_or_a_file_of_code() -> None:
    code = place(**{**vars(NOWHERE), "source": "lib/app.py:3:1"})
    made = report(entry(), entry(template="a/t.yaml"), entry(place=code), entry(place=NOWHERE))
    root = ET.fromstring(render(made))
    assert [suite.get("name") for suite in root] == ["App", "a/t.yaml", "lib/app.py", "the app"]
    assert [test.get("classname") for test in root.iter("testcase")] == ["App", "a/t_yaml", "lib/app_py", "the app"]
    assert [test.get("file") for test in root.iter("testcase")] == ["app.py", "app.py", "lib/app.py", "cdk.json"]


def test_names_are_unique_since_gitlab_drops_the_second() -> None:
    tests = read(report(entry(message="a"), entry(message="b"), entry(message="c")))
    head = "s3-versioning: App/Logs Properties.VersioningConfiguration"
    assert [test.get("name") for test in tests] == [head, f"{head} (2)", f"{head} (3)"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    made = hostile(text)
    first, *_ = read(made)
    [failure] = first
    assert failure.get("message") == plain(text)
    assert all(line.isprintable() for line in render(made).split("\n"))


def test_a_library_reads_the_same(folder: Path) -> None:
    (folder / "report.xml").write_text(render(report(entry(), crashes=[crash()], suppressed=[held()])), "utf-8")
    [suite] = list(junitparser.JUnitXml.fromfile(str(folder / "report.xml")))
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (3, 1, 1, 1)
    results = [type(result) for case in suite for result in case.result]
    assert results == [junitparser.Failure, junitparser.Error, junitparser.Skipped]


def test_many() -> None:
    tests = read(many(5000))
    assert len(tests) == 5000
